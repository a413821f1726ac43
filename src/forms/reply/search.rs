//! The replies of the commands that search data and the runs of workflows: their types, and what
//! their values must be.
#![allow(dead_code, reason = "each field is there to be required")]

use std::fs;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::{Id, Outcome, Time, present};
use super::{Fault, Said, ensure, same};
use crate::forms::metadata::Metadata;
use crate::forms::record::{StepProgress, Trigger};

/// `data search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataSearch {
    query: String,
    filters: Map<String, Value>,
    results: Vec<Hit>,
    total: usize,
    limited: bool,
}

/// A piece of data that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Hit {
    id: Id,
    name: String,
    version: u64,
    content_type: String,
    r#type: String,
    lifetime: String,
    owner_type: String,
    owner_ref: String,
    model_id: Id,
    model_name: String,
    model_type: String,
    streaming: bool,
    size: u64,
    created_at: Time,
    tags: Map<String, Value>,
    #[serde(default, deserialize_with = "present")]
    workflow_tag: Option<String>,
    #[serde(default, deserialize_with = "present")]
    job_tag: Option<String>,
    #[serde(default, deserialize_with = "present")]
    step_tag: Option<String>,
}

/// What was found lies in the own namespace as it is told, the youngest first.
pub(super) fn data(said: &Said<'_>, reply: &DataSearch) -> Result<(), Fault> {
    let shown = reply.results.len();
    same("limited", reply.limited, reply.total > shown)?;
    ensure(reply.total >= shown, "there are more than it counts")?;
    let mut older = None;
    for hit in &reply.results {
        let model = (hit.model_type.as_str(), &hit.model_id);
        let place = said.version_of(said.own_namespace()?, model, &hit.name, hit.version)?;
        let there = Metadata::read(&place)?.ok_or("what it found is not there")?;
        same("id", &hit.id, &there.id)?;
        same("contentType", &hit.content_type, &there.content_type)?;
        same("lifetime", &hit.lifetime, &there.lifetime)?;
        same("streaming", hit.streaming, there.streaming)?;
        same("size", hit.size, there.size)?;
        same("createdAt", &hit.created_at, &there.created_at)?;
        same("tags", &hit.tags, &there.tags)?;
        same("type", Some(hit.r#type.as_str()), there.tag("type"))?;
        for (field, is, tag) in [
            ("workflowTag", &hit.workflow_tag, "workflow"),
            ("jobTag", &hit.job_tag, "job"),
            ("stepTag", &hit.step_tag, "step"),
        ] {
            same(field, is.as_deref(), there.tag(tag))?;
        }
        let sorted = older.is_none_or(|older| hit.created_at.0 <= older);
        ensure(sorted, "the youngest does not come first")?;
        older = Some(hit.created_at.0);
    }
    Ok(())
}

/// `workflow run search`, and `workflow history search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunSearch {
    query: String,
    results: Vec<FoundRun>,
}

/// A run of a workflow that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FoundRun {
    run_id: Id,
    workflow_id: Id,
    workflow_name: String,
    status: Outcome,
    started_at: Time,
    #[serde(default, deserialize_with = "present")]
    completed_at: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    duration: Option<u64>,
    /// Both are absent where it was given none.
    #[serde(default, deserialize_with = "present")]
    tags: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    inputs: Option<Map<String, Value>>,
    trigger_source: Trigger,
    #[serde(default, deserialize_with = "present")]
    failed_step: Option<String>,
    #[serde(default, deserialize_with = "present")]
    failure_reason: Option<String>,
    step_progress: StepProgress,
}

/// What is told of each run is what its record says.
pub(super) fn runs(said: &Said<'_>, reply: &RunSearch) -> Result<(), Fault> {
    for run in &reply.results {
        let record = said.record_of_workflow(&run.workflow_id, &run.run_id)?;
        same("workflowName", &run.workflow_name, &record.workflow_name)?;
        same("status", run.status, record.status)?;
        let tags = Some(record.tags).filter(|tags| !tags.is_empty());
        same("tags", &run.tags, &tags)?;
        same("inputs", &run.inputs, &record.inputs)?;
        same("startedAt", &run.started_at, &record.started_at)?;
        same("completedAt", &run.completed_at, &record.completed_at)?;
        let completed = run.completed_at.as_ref();
        let took = completed.map(|end| end.0.duration_since(run.started_at.0).as_millis());
        same("duration", run.duration.map(i128::from), took)?;
        same("failedStep", &run.failed_step, &record.failed_step)?;
        same("stepProgress", run.step_progress, record.step_progress)?;
    }
    Ok(())
}

/// `workflow history logs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Logs {
    path: String,
    lines: Vec<String>,
    line_count: usize,
}

pub(super) fn logs(said: &Said<'_>, reply: &Logs) -> Result<(), Fault> {
    same("lineCount", reply.line_count, reply.lines.len())?;
    let path = said.repo().join(&reply.path);
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    said.shows_log(&text, &reply.lines)
}
