//! The reports that lie in a datastore.

use std::fs;

use serde_json::{Map, Value, json};

use crate::data::{Metadata, Stored, walk_versions};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::model::definition;
use crate::repository::Repository;
use crate::workflow::Workflow;

/// The type of what is a workflow's.
pub const OF_WORKFLOW: &str = "workflow";

/// All versions of the texts of reports, the youngest first.
pub fn all(share: &Datastore) -> Result<Vec<Stored>> {
    let mut found = walk_versions(&share.data().0)?;
    found.retain(|it| is_report(&it.metadata));
    found.sort_by(|a, b| b.metadata.created_at.cmp(&a.metadata.created_at));
    Ok(found)
}

fn is_report(data: &Metadata) -> bool {
    data.tag("type") == "report" && data.content_type == "text/markdown"
}

/// What is said of it: which it is, and what it is of.
pub fn told(it: &Stored, repository: &Repository) -> Result<Map<String, Value>> {
    let of_workflow = it.model_type == OF_WORKFLOW;
    let name = if of_workflow {
        let workflows = Workflow::all(&repository.dir)?.into_iter();
        let mut named = workflows.filter(|workflow| workflow.id == it.model_id);
        named.next().map(|workflow| workflow.name)
    } else {
        let found = definition::find(&repository.dir, &it.model_id)?;
        found.map(|model| model.name().to_owned())
    };
    let name = name.ok_or_else(|| Failure::not_implemented("a report of what is gone"))?;
    let mut told = Map::new();
    for (key, value) in [
        ("reportName", json!(it.metadata.tag("reportName"))),
        ("reportScope", json!(it.metadata.tag("reportScope"))),
        ("modelId", json!(it.model_id)),
        ("modelName", json!(name)),
        ("modelType", json!(it.model_type)),
        ("version", json!(it.version)),
        ("createdAt", json!(it.metadata.created_at)),
    ] {
        told.insert(key.to_owned(), value);
    }
    if of_workflow {
        told.insert("workflowName".to_owned(), name.into());
    }
    told.insert("dataName".to_owned(), it.name.clone().into());
    Ok(told)
}

/// Its text, and the same for programs.
pub fn contents(it: &Stored, share: &Datastore) -> Result<(String, Value)> {
    let model = share.data().model(&it.model_type, &it.model_id);
    let read = |name: &str| {
        let path = model.content_path(name, it.version);
        fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))
    };
    let json = read(&format!("{}-json", it.name))?;
    let json = serde_json::from_str(&json).map_err(|error| Failure::syntax(error.to_string()))?;
    Ok((read(&it.name)?, json))
}
