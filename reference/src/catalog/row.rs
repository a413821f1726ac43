//! One row: one version of named data.

use rusqlite::{Params, Result, params_from_iter, types::Value as Sql};
use serde_json::Value;

use crate::data::{Metadata, Stored};

/// The columns, in the order of the table.
pub const COLUMNS: &str = "namespace, type_normalized, model_id, data_name, id, version, is_latest, model_name, \
    spec_name, data_type, content_type, lifetime, owner_type, streaming, size, created_at, tags, owner_ref, \
    workflow_run_id, workflow_name, job_name, step_name, source";

/// One version of named data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of the columns and of the metadata"
)]
pub struct Row {
    /// The namespace that the data belongs to; empty in solo mode.
    pub namespace: String,
    pub model_type: String,
    pub model_id: String,
    pub name: String,
    pub id: String,
    pub version: u64,
    /// Whether it is the newest version of its name that its step (or nobody's step) has made.
    pub is_latest: bool,
    pub model_name: String,
    pub spec_name: String,
    pub data_type: String,
    pub content_type: String,
    pub lifetime: String,
    pub owner_type: String,
    pub streaming: bool,
    pub size: u64,
    pub created_at: String,
    /// The tags as compact JSON.
    pub tags: String,
    pub owner_ref: String,
    pub workflow_run_id: String,
    pub workflow_name: String,
    pub job_name: String,
    pub step_name: String,
    pub source: String,
}

impl Row {
    /// The row for a version of a model's data, taken for the newest one.
    pub fn new(namespace: &str, model_type: &str, model_id: &str, metadata: &Metadata) -> Self {
        let owner = metadata.owner_definition.clone();
        let text = Option::unwrap_or_default;
        Self {
            namespace: namespace.to_owned(),
            model_type: model_type.to_owned(),
            model_id: model_id.to_owned(),
            name: metadata.name.clone(),
            id: metadata.id.clone(),
            version: metadata.version,
            is_latest: true,
            model_name: metadata.tag("modelName").to_owned(),
            spec_name: metadata.tag("specName").to_owned(),
            data_type: metadata.tag("type").to_owned(),
            content_type: metadata.content_type.clone(),
            lifetime: metadata.lifetime.clone(),
            owner_type: owner.owner_type,
            streaming: metadata.streaming,
            size: metadata.size.unwrap_or_default(),
            created_at: metadata.created_at.clone(),
            tags: Value::Object(metadata.tags.clone()).to_string(),
            owner_ref: owner.owner_ref,
            workflow_run_id: text(owner.workflow_run_id),
            workflow_name: text(owner.workflow_name),
            job_name: text(owner.job_name),
            step_name: text(owner.step_name),
            source: text(owner.source),
        }
    }

    /// The row for what was found on the disk.
    pub fn of(namespace: &str, stored: &Stored) -> Self {
        Self::new(
            namespace,
            &stored.model_type,
            &stored.model_id,
            &stored.metadata,
        )
    }

    pub(super) fn params(&self) -> impl Params {
        let text = |text: &String| Sql::Text(text.clone());
        let int = |int: u64| Sql::Integer(int.cast_signed());
        params_from_iter([
            text(&self.namespace),
            text(&self.model_type),
            text(&self.model_id),
            text(&self.name),
            text(&self.id),
            int(self.version),
            int(self.is_latest.into()),
            text(&self.model_name),
            text(&self.spec_name),
            text(&self.data_type),
            text(&self.content_type),
            text(&self.lifetime),
            text(&self.owner_type),
            int(self.streaming.into()),
            int(self.size),
            text(&self.created_at),
            text(&self.tags),
            text(&self.owner_ref),
            text(&self.workflow_run_id),
            text(&self.workflow_name),
            text(&self.job_name),
            text(&self.step_name),
            text(&self.source),
        ])
    }

    /// Reads a row of a query for all [`COLUMNS`].
    pub(super) fn read(row: &rusqlite::Row) -> Result<Self> {
        let int = |index: usize| row.get::<_, i64>(index).map(i64::cast_unsigned);
        Ok(Self {
            namespace: row.get(0)?,
            model_type: row.get(1)?,
            model_id: row.get(2)?,
            name: row.get(3)?,
            id: row.get(4)?,
            version: int(5)?,
            is_latest: int(6)? == 1,
            model_name: row.get(7)?,
            spec_name: row.get(8)?,
            data_type: row.get(9)?,
            content_type: row.get(10)?,
            lifetime: row.get(11)?,
            owner_type: row.get(12)?,
            streaming: int(13)? == 1,
            size: int(14)?,
            created_at: row.get(15)?,
            tags: row.get(16)?,
            owner_ref: row.get(17)?,
            workflow_run_id: row.get(18)?,
            workflow_name: row.get(19)?,
            job_name: row.get(20)?,
            step_name: row.get(21)?,
            source: row.get(22)?,
        })
    }
}
