//! `swamp workflow search`.

use serde_json::{Map, Value, json};

use crate::errors::Result;
use crate::session::Session;
use crate::workflow::Workflow;

/// Finds the workflows whose name, id or description has the text in it. The result is JSON in both
/// modes.
pub fn run(query: String, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let wanted = query.to_lowercase();
    let mut found: Vec<Map<String, Value>> = Vec::new();
    for workflow in Workflow::all(&repository.dir)? {
        let about = workflow.entries.get("description").and_then(Value::as_str);
        let texts = [Some(workflow.name.as_str()), Some(&workflow.id), about];
        let mut texts = texts.into_iter().flatten();
        if !texts.any(|text| text.to_lowercase().contains(&wanted)) {
            continue;
        }
        let row = json!({
            "id": workflow.id, "name": workflow.name, "description": about,
            "jobCount": workflow.jobs.len(), "hasInputs": workflow.entries.contains_key("inputs"),
            "trigger": workflow.entries.get("trigger"),
        });
        let row = row.as_object().cloned().unwrap_or_default().into_iter();
        found.push(row.filter(|(_, value)| !value.is_null()).collect());
    }
    session
        .output
        .json(&json!({ "query": query, "results": found }))
}
