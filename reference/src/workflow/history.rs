//! The runs of a repository's workflows, and what is said of each.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::definition::Workflow;
use super::produced::RunRecord;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};

/// All runs, the newest first.
pub fn all(repo: &Path, datastore: &Datastore) -> Result<Vec<RunRecord>> {
    let mut found = Vec::new();
    for workflow in Workflow::all(repo)? {
        found.extend(RunRecord::all(datastore, &workflow.id)?);
    }
    found.sort_by(|a, b| b.text("startedAt").cmp(a.text("startedAt")));
    Ok(found)
}

/// The run of that id, or the newest one of that workflow. `never` says what there is none of.
pub fn of_run_or_workflow(
    repo: &Path,
    datastore: &Datastore,
    wanted: &str,
    never: &str,
) -> Result<RunRecord> {
    let mut runs = all(repo, datastore)?.into_iter();
    if let Some(run) = runs.find(|run| run.text("id") == wanted) {
        return Ok(run);
    }
    let workflow = Workflow::find(repo, wanted)?;
    let workflow = workflow
        .ok_or_else(|| Failure::refused(format!("No workflow run or workflow found: {wanted}")))?;
    let newest = RunRecord::all(datastore, &workflow.id)?.into_iter().next();
    newest.ok_or_else(|| Failure::refused(format!("{never}: {}", workflow.name)))
}

/// What a search says of a run.
pub fn row(run: &RunRecord) -> Map<String, Value> {
    let entries = &run.entries;
    let mut row = Map::new();
    for (name, entry) in [
        ("runId", "id"),
        ("workflowId", "workflowId"),
        ("workflowName", "workflowName"),
        ("status", "status"),
        ("startedAt", "startedAt"),
        ("completedAt", "completedAt"),
        ("duration", ""),
        ("tags", "tags"),
        ("inputs", "inputs"),
        ("triggerSource", "triggerSource"),
        ("failedStep", "failedStep"),
        ("failureReason", "failureReason"),
        ("stepProgress", "stepProgress"),
    ] {
        let value = match name {
            "duration" => duration(entries),
            _ => entries[entry].clone(),
        };
        let is_empty = value.as_object().is_some_and(Map::is_empty);
        if !value.is_null() && !is_empty {
            row.insert(name.to_owned(), value);
        }
    }
    row
}

/// A run with its jobs and steps.
pub fn whole(run: &RunRecord) -> Value {
    let steps = |job: &Value| -> Vec<Value> {
        let step = |step: &Value| {
            let fields = [
                ("name", step["stepName"].clone()),
                ("status", step["status"].clone()),
                ("error", step["error"].clone()),
                ("duration", duration(step)),
                ("dataArtifacts", step["dataArtifacts"].clone()),
            ];
            present(fields)
        };
        job["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .map(step)
            .collect()
    };
    let job = |job: &Value| {
        present([
            ("name", job["jobName"].clone()),
            ("status", job["status"].clone()),
            ("steps", steps(job).into()),
            ("duration", duration(job)),
        ])
    };
    let jobs: Vec<Value> = run.entries["jobs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(job)
        .collect();
    present([
        ("id", run.entries["id"].clone()),
        ("workflowId", run.entries["workflowId"].clone()),
        ("workflowName", run.entries["workflowName"].clone()),
        ("status", run.entries["status"].clone()),
        ("jobs", jobs.into()),
        ("duration", duration(&run.entries)),
        ("path", json!(run.path)),
        ("initiatedBy", run.entries["initiatedBy"].clone()),
    ])
}

/// The same for people.
pub fn for_people(whole: &Value) -> String {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let line = |entry: &Value, indent: &str| {
        let mark = if entry["status"] == "succeeded" {
            '✓'
        } else {
            '✗'
        };
        format!(
            "{indent}{mark} {} ({}ms)",
            text(entry, "name"),
            entry["duration"]
        )
    };
    let title = format!(
        "Workflow: {} (Run ID: {})",
        text(whole, "workflowName"),
        text(whole, "id")
    );
    let mut lines = vec![title];
    for job in whole["jobs"].as_array().into_iter().flatten() {
        lines.push(line(job, "  "));
        lines.extend(
            job["steps"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|step| line(step, "    ")),
        );
    }
    let status = text(whole, "status").to_uppercase();
    lines.push(format!("Result: {status} ({}ms)", whole["duration"]));
    lines.push(format!("Saved to: {}", text(whole, "path")));
    lines.join("\n")
}

/// The fields that have a value.
fn present<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let there = fields.into_iter().filter(|(_, value)| !value.is_null());
    there
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The milliseconds between the two times of an entry.
fn duration(entry: &Value) -> Value {
    let time = |name: &str| entry[name].as_str()?.parse::<Timestamp>().ok();
    match (time("startedAt"), time("completedAt")) {
        (Some(start), Some(end)) => (end.as_millisecond() - start.as_millisecond()).into(),
        _ => Value::Null,
    }
}
