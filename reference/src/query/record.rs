//! A row and its content, in the form in which expressions see it and commands print it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::catalog::Row;

/// The type of contents that have fields.
pub const JSON: &str = "application/json";

/// One version of named data.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What the catalog says.
    pub row: Row,
    /// The content where it is JSON and was asked for; else an empty object.
    pub attributes: Value,
    /// The content where it is JSON; else an empty text.
    pub text: Value,
}

impl Record {
    /// The record of a row with what was read of its content.
    pub fn new(row: Row, content: Option<&[u8]>) -> Self {
        let mut record = Self {
            row,
            attributes: Value::Object(Map::new()),
            text: "".into(),
        };
        if let Some(bytes) = content
            && record.is_json()
            && let Ok(value) = serde_json::from_slice::<Value>(bytes)
        {
            record.text = value.clone();
            record.attributes = value;
        }
        record
    }

    /// Whether its content is JSON.
    pub fn is_json(&self) -> bool {
        self.row.content_type == JSON
    }

    /// The value of a field, `namespace` under the name `ns`; none for what is no field.
    pub fn field(&self, name: &str) -> Option<Value> {
        let row = &self.row;
        Some(match name {
            "id" => json!(row.id),
            "name" => json!(row.name),
            "version" => json!(row.version),
            "isLatest" => json!(row.is_latest),
            "createdAt" => json!(row.created_at),
            "ns" | "namespace" => json!(row.namespace),
            "attributes" => self.attributes.clone(),
            "tags" => self.tags(),
            "modelName" => json!(row.model_name),
            "modelId" => json!(row.model_id),
            "modelType" => json!(row.model_type),
            "specName" => json!(row.spec_name),
            "dataType" => json!(row.data_type),
            "contentType" => json!(row.content_type),
            "lifetime" => json!(row.lifetime),
            "ownerType" => json!(row.owner_type),
            "streaming" => json!(row.streaming),
            "size" => json!(row.size),
            "content" => self.text.clone(),
            "ownerRef" => json!(row.owner_ref),
            "workflowRunId" => json!(row.workflow_run_id),
            "workflowName" => json!(row.workflow_name),
            "jobName" => json!(row.job_name),
            "stepName" => json!(row.step_name),
            "source" => json!(row.source),
            _ => return None,
        })
    }

    fn tags(&self) -> Value {
        serde_json::from_str(&self.row.tags).unwrap_or_else(|_| json!({}))
    }

    /// The record as `data.*` functions give it to expressions.
    pub fn to_value(&self) -> Value {
        const ORDER: [&str; 25] = [
            "id",
            "name",
            "version",
            "isLatest",
            "createdAt",
            "namespace",
            "attributes",
            "tags",
            "modelName",
            "modelId",
            "modelType",
            "specName",
            "dataType",
            "contentType",
            "lifetime",
            "ownerType",
            "streaming",
            "size",
            "content",
            "ownerRef",
            "workflowRunId",
            "workflowName",
            "jobName",
            "stepName",
            "source",
        ];
        let mut entries = Map::new();
        for name in ORDER {
            let value = match name {
                "content" => Some(self.text.clone()),
                name => self.field(name),
            };
            entries.insert(name.to_owned(), value.unwrap_or_default());
        }
        Value::Object(entries)
    }
}

impl Serialize for Record {
    /// As `data query --json` prints it: the content of JSON last, of a text never.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value::Object(mut entries) = self.to_value() else {
            return serializer.serialize_none();
        };
        let attributes = entries.shift_remove("attributes").unwrap_or_default();
        entries.shift_remove("content");
        let content = if self.is_json() {
            attributes
        } else {
            "".into()
        };
        entries.insert("content".to_owned(), content);
        entries.serialize(serializer)
    }
}
