//! The replies of the commands about models, and about the runs of their methods: their types, and
//! what their values must be.
#![allow(dead_code, reason = "each field is there to be required")]

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::{Id, Outcome, Time, present};
use super::{Fault, Said, ensure, same};
use crate::forms::exact;
use crate::forms::record::{Artifacts, Provenance, Run, RunError};

/// A method as its type describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Method {
    name: String,
    description: String,
    /// A schema.
    arguments: Map<String, Value>,
}

/// `model create`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelCreate {
    id: Id,
    r#type: String,
    name: String,
    path: String,
    version: String,
    methods: Vec<Method>,
}

/// The definition is where it says, and of that id.
pub(super) fn create(
    said: &Said<'_>,
    kind: &str,
    name: &str,
    reply: &ModelCreate,
) -> Result<(), Fault> {
    same("type", reply.r#type.as_str(), kind)?;
    same("name", reply.name.as_str(), name)?;
    ensure(!reply.methods.is_empty(), "it has no method")?;
    let path = said.repo().join("models").join(kind);
    let path = path.join(format!("{name}.yaml"));
    said.same_path("path", &reply.path, &path)?;
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let made = exact::yaml(&text)?;
    same("id", Some(reply.id.0.as_str()), made["id"].as_str())?;
    let version = made["typeVersion"].as_str();
    same("version", Some(reply.version.as_str()), version)
}

/// `model get`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ModelGet {
    id: Id,
    name: String,
    r#type: String,
    version: u64,
    tags: Map<String, Value>,
    global_arguments: Map<String, Value>,
    type_version: String,
    methods: Vec<Method>,
}

pub(super) fn get(model: &str, reply: &ModelGet) -> Result<(), Fault> {
    let named = [reply.name.as_str(), reply.id.0.as_str()].contains(&model);
    ensure(named, "it is about another model")?;
    ensure(!reply.methods.is_empty(), "it has no method")
}

/// `model search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelSearch {
    query: String,
    results: Vec<FoundModel>,
}

/// A model that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundModel {
    id: Id,
    name: String,
    r#type: String,
}

pub(super) fn search(reply: &ModelSearch) -> Result<(), Fault> {
    let query = reply.query.to_lowercase();
    let has = |model: &FoundModel| {
        let texts = [&model.name, &model.r#type, &model.id.0];
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&query))
    };
    ensure(
        reply.results.iter().all(has),
        "a model has not got what it was asked for",
    )
}

/// `model delete`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ModelDelete {
    deleted: Deleted,
    resource_deleted: bool,
    outputs_deleted: u64,
    evaluated_input_deleted: bool,
    data_deleted: bool,
    expired_data_auto_collected: u64,
}

/// The model that is gone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Deleted {
    id: Id,
    name: String,
    r#type: String,
    input_path: String,
}

/// Nothing of the model is left where this repo has it.
pub(super) fn delete(said: &Said<'_>, model: &str, reply: &ModelDelete) -> Result<(), Fault> {
    let gone = &reply.deleted;
    same("name", gone.name.as_str(), model)?;
    ensure(
        !Path::new(&gone.input_path).exists(),
        "its definition is still there",
    )?;
    let data = said
        .own_data()?
        .join("data")
        .join(&gone.r#type)
        .join(&gone.id.0);
    let left = fs::read_dir(&data).into_iter().flatten().count();
    same("the data that is left", left, 0)
}

/// `model output get`, and `model method history get`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct OutputGet {
    id: Id,
    definition_id: Id,
    #[serde(default, deserialize_with = "present")]
    model_name: Option<String>,
    r#type: String,
    method_name: String,
    status: Outcome,
    started_at: Time,
    completed_at: Time,
    duration_ms: u64,
    retry_count: u64,
    provenance: Provenance,
    artifacts: Artifacts,
    #[serde(default, deserialize_with = "present")]
    error: Option<RunError>,
}

pub(super) fn output(said: &Said<'_>, reply: &OutputGet) -> Result<(), Fault> {
    let record = said.record_of_run(&reply.r#type, &reply.method_name, &reply.id)?;
    same("definitionId", &reply.definition_id, &record.definition_id)?;
    same("status", reply.status, record.status)?;
    same("startedAt", &reply.started_at, &record.started_at)?;
    same("completedAt", &reply.completed_at, &record.completed_at)?;
    same("durationMs", reply.duration_ms, record.duration_ms)?;
    let (told, noted) = (&reply.artifacts, &record.artifacts);
    same("artifacts", &told.data_artifacts, &noted.data_artifacts)
}

/// `model output search`, and `model method history search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputSearch {
    query: String,
    results: Vec<FoundRun>,
}

/// A run that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FoundRun {
    id: Id,
    definition_id: Id,
    #[serde(default, deserialize_with = "present")]
    model_name: Option<String>,
    r#type: String,
    method_name: String,
    status: Outcome,
    started_at: Time,
    duration_ms: u64,
}

pub(super) fn output_search(said: &Said<'_>, reply: &OutputSearch) -> Result<(), Fault> {
    let mut later = None;
    for run in &reply.results {
        let record = said.record_of_run(&run.r#type, &run.method_name, &run.id)?;
        same("definitionId", &run.definition_id, &record.definition_id)?;
        same("status", run.status, record.status)?;
        same("startedAt", &run.started_at, &record.started_at)?;
        same("durationMs", run.duration_ms, record.duration_ms)?;
        let sorted = later.is_none_or(|later| run.started_at.0 <= later);
        ensure(sorted, "the newest run does not come first")?;
        later = Some(run.started_at.0);
    }
    Ok(())
}

/// `model output data`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct OutputData {
    output_id: Id,
    method_name: String,
    data_id: Id,
    data_name: String,
    version: u64,
    content_type: String,
    field: Option<String>,
    data: Value,
}

pub(super) fn output_data(said: &Said<'_>, run: &str, reply: &OutputData) -> Result<(), Fault> {
    same("outputId", reply.output_id.0.as_str(), run)?;
    same("field", reply.field.as_deref(), said.value_of("--field"))?;
    let name = said.value_of("--name").unwrap_or(&reply.data_name);
    same("dataName", reply.data_name.as_str(), name)
}

/// `model method history logs`: with what it is of, where there are no lines.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Logs {
    Lines(LogLines),
    Nothing(NoLog),
}

/// The lines of a log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LogLines {
    path: String,
    lines: Vec<String>,
    line_count: usize,
}

/// A run without a log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NoLog {
    output_id: Id,
    method_name: String,
    path: String,
    lines: Vec<String>,
    line_count: usize,
}

pub(super) fn logs(said: &Said<'_>, reply: &Logs) -> Result<(), Fault> {
    let (path, lines, count) = match reply {
        Logs::Lines(log) => (&log.path, &log.lines, log.line_count),
        Logs::Nothing(log) => (&log.path, &log.lines, log.line_count),
    };
    same("lineCount", count, lines.len())?;
    // A log lies on the machine that wrote it.
    said.shows_log(
        &fs::read_to_string(said.repo().join(path)).unwrap_or_default(),
        lines,
    )
}

impl Said<'_> {
    /// The lines of a log, or as many of the last ones as were asked for.
    pub(super) fn shows_log(&self, text: &str, lines: &[String]) -> Result<(), Fault> {
        let mut there: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        if let Some(tail) = self.value_of("--tail").and_then(|tail| tail.parse().ok()) {
            there = there.split_off(there.len().saturating_sub(tail));
        }
        ensure(there == lines, "the log has other lines")
    }

    /// The record of a run of a method, by its id.
    pub(super) fn record_of_run(&self, kind: &str, method: &str, id: &Id) -> Result<Run, Fault> {
        let dir = self.own_data()?.join("outputs").join(kind).join(method);
        let files = fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        for file in files
            .flatten()
            .filter(|file| file.path().extension().is_some_and(|e| e == "yaml"))
        {
            let text = fs::read_to_string(file.path()).map_err(|e| e.to_string())?;
            let record: Run = exact::from_yaml(&text)?;
            if record.id == *id {
                return Ok(record);
            }
        }
        Err(format!(
            "no record below {} is of the run {}",
            dir.display(),
            id.0
        ))
    }
}
