//! The records of runs.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Done;
use super::forms::{above, ensure, named};
use crate::reply::values::{Digest, Id, Outcome, Time, present};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Run {
    #[serde(rename = "id")]
    _id: Id,
    definition_id: Id,
    method_name: String,
    status: Outcome,
    started_at: Time,
    retry_count: u64,
    provenance: Provenance,
    artifacts: Artifacts,
    completed_at: Time,
    duration_ms: u64,
    log_file: String,
    pid: u32,
    #[serde(default, deserialize_with = "present")]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Provenance {
    #[serde(rename = "definitionHash")]
    _definition_hash: Digest,
    #[serde(rename = "modelVersion")]
    _model_version: String,
    triggered_by: String,
    #[serde(default, deserialize_with = "present", rename = "initiatedBy")]
    _initiated_by: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "workflowId")]
    _workflow_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "workflowRunId")]
    _workflow_run_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "stepName")]
    _step_name: Option<String>,
    /// Of a model in TypeScript.
    #[serde(default, deserialize_with = "present", rename = "bundleFingerprint")]
    _bundle_fingerprint: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Artifacts {
    data_artifacts: Vec<Artifact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Artifact {
    #[serde(rename = "dataId")]
    _data_id: Id,
    name: String,
    version: u64,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
}

pub(super) fn run(path: &Path, it: &Run, done: &Done<'_>) -> Result<(), String> {
    ensure(
        above(path, 1) == it.method_name,
        "it is about another method than its directory",
    )?;
    let file = above(path, 0);
    ensure(
        file.starts_with(&it.definition_id.0),
        "it is about another model than its name",
    )?;
    outcome(it.status, done)?;
    ensure(
        (it.status == Outcome::Failed) == it.error.is_some(),
        "an error goes with a failure",
    )?;
    times(&it.started_at, &it.completed_at, done)?;
    let took = it.completed_at.0.duration_since(it.started_at.0);
    let told = SignedDuration::from_millis(it.duration_ms.try_into().unwrap_or(i64::MAX));
    // Both are read off at about the same moments, from clocks of two kinds.
    let close = (told.saturating_sub(took)).abs() <= SignedDuration::from_millis(250);
    let why =
        format!("its duration is {told:?}, and {took:?} lie between its beginning and its end");
    ensure(close, &why)?;
    ensure(it.pid > 0, "no process has the id 0")?;
    ensure(it.retry_count == 0, "it was tried again")?;
    ensure(
        it.log_file.starts_with(".swamp/"),
        "its log is no file of the repo",
    )?;
    let by = it.provenance.triggered_by.as_str();
    ensure(
        ["manual", "workflow"].contains(&by),
        "nobody knows who began it",
    )?;
    let named = |artifact: &Artifact| !artifact.name.is_empty() && artifact.version > 0;
    ensure(
        it.artifacts.data_artifacts.iter().all(named),
        "it wrote data without a name",
    )?;
    let printed = it.artifacts.data_artifacts.iter().any(|artifact| {
        let place = format!(
            "data/{SHELL}/{}/log/{}/raw",
            it.definition_id.0, artifact.version
        );
        let datastore = path.ancestors().nth(5).unwrap_or(path);
        artifact.name == "log" && holds_something(&datastore.join(place))
    });
    let shell = format!("{}/{}", above(path, 3), above(path, 2)) == SHELL;
    ensure(
        !(shell && printed && is_empty(&it.log_file, done)),
        "its log is empty, and what it ran printed something",
    )
}

/// The type of models that run a command of the shell. What it prints is logged.
const SHELL: &str = "command/shell";

/// Whether there is something in the file at `path`.
fn holds_something(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.len() > 0)
}

/// Whether the log of a run of this repo is there, and empty. Logs of others are elsewhere.
fn is_empty(log: &str, done: &Done<'_>) -> bool {
    let mut commands = done.commands.iter();
    commands.any(|(repo, ..)| {
        let path = done.root.join(repo).join(log);
        fs::metadata(path).is_ok_and(|data| data.len() == 0)
    })
}

/// A run is one of this trial, and ended after it began.
fn times(started: &Time, completed: &Time, done: &Done<'_>) -> Result<(), String> {
    // The clock of files is coarser than that of the processor.
    let slack = SignedDuration::from_secs(2);
    ensure(started.0 <= completed.0, "it ended before it began")?;
    let now = jiff::Timestamp::now();
    ensure(
        done.since - slack <= started.0 && completed.0 <= now + slack,
        &format!(
            "it is of {:.3} to {:.3}, and the trial of {:.3} to {now:.3}",
            started.0, completed.0, done.since
        ),
    )
}

/// A run succeeded, unless the command that made its record failed.
pub(super) fn outcome(status: Outcome, done: &Done<'_>) -> Result<(), String> {
    let why = "its status is not \"succeeded\", and the command succeeded";
    ensure(status == Outcome::Succeeded || !done.all_succeeded(), why)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WorkflowRun {
    id: Id,
    workflow_id: Id,
    workflow_name: String,
    status: Outcome,
    started_at: Time,
    completed_at: Time,
    jobs: Vec<Part>,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
    pid: u32,
    log_file: String,
    initiated_by: String,
    trigger_source: String,
    step_progress: StepProgress,
    /// Where it failed.
    #[serde(default, deserialize_with = "present")]
    failed_step: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    failure_reason: Option<String>,
}

/// A job of a workflow's run, or a step of a job. The goldens show what else is in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    /// One that was skipped has no times.
    #[serde(default, deserialize_with = "present")]
    started_at: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    completed_at: Option<Time>,
    #[serde(default)]
    steps: Vec<Part>,
    #[serde(default)]
    output: Value,
}

impl Part {
    /// Whether it ran while `from` to `to` lasted.
    fn within(&self, from: &Time, to: &Time) -> Result<(), String> {
        let (started, completed) = match (&self.started_at, &self.completed_at) {
            (None, None) => return Ok(()),
            (started, completed) => (started.as_ref(), completed.as_ref()),
        };
        let (started, completed) = (started.unwrap_or(from), completed.unwrap_or(to));
        ensure(
            from.0 <= started.0 && started.0 <= completed.0 && completed.0 <= to.0,
            "a part of it has times outside of the whole",
        )?;
        self.steps
            .iter()
            .try_for_each(|step| step.within(started, completed))
    }

    /// Whether what a step of it ran printed something.
    fn printed(&self) -> bool {
        let size = self.output.pointer("/files/log/log/size");
        size.and_then(Value::as_u64).is_some_and(|size| size > 0)
            || self.steps.iter().any(Self::printed)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepProgress {
    completed: u64,
    total: u64,
}

pub(super) fn workflow_run(path: &Path, it: &WorkflowRun, done: &Done<'_>) -> Result<(), String> {
    named(path, &format!("workflow-run-{}.yaml", it.id.0))?;
    ensure(
        above(path, 1) == it.workflow_id.0,
        "it is about another workflow than its directory",
    )?;
    outcome(it.status, done)?;
    let failed = it.status == Outcome::Failed;
    let told = [it.failed_step.is_some(), it.failure_reason.is_some()];
    ensure(
        told == [failed; 2],
        "a failed step and a reason go with a failure",
    )?;
    times(&it.started_at, &it.completed_at, done)?;
    let mut jobs = it.jobs.iter();
    jobs.try_for_each(|job| job.within(&it.started_at, &it.completed_at))?;
    ensure(it.pid > 0, "no process has the id 0")?;
    ensure(
        !(it.jobs.iter().any(Part::printed) && is_empty(&it.log_file, done)),
        "its log is empty, and what it ran printed something",
    )?;
    ensure(
        !it.jobs.is_empty() && !it.workflow_name.is_empty(),
        "it has no job",
    )?;
    ensure(
        it.log_file.starts_with(".swamp/"),
        "its log is no file of the repo",
    )?;
    ensure(
        it.initiated_by == "ghost" && it.trigger_source == "manual",
        "somebody else began it",
    )?;
    ensure(
        it.step_progress.completed <= it.step_progress.total,
        "it did more than it had to do",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Runs {
    version: u64,
    entries: std::collections::BTreeMap<String, RunsEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RunsEntry {
    status: Outcome,
    #[serde(rename = "workflowId")]
    _workflow_id: Id,
    #[serde(rename = "workflowName")]
    _workflow_name: String,
    started_at: Time,
    completed_at: Time,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
    #[serde(rename = "inputs")]
    _inputs: Map<String, Value>,
    #[serde(rename = "triggerSource")]
    _trigger_source: String,
    step_progress: StepProgress,
    #[serde(default, deserialize_with = "present")]
    failed_step: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    failure_reason: Option<String>,
}

pub(super) fn runs(it: &Runs, done: &Done<'_>) -> Result<(), String> {
    ensure(it.version == 2, "it is of another version")?;
    it.entries.iter().try_for_each(|(id, entry)| {
        Id::try_from(id.clone())?;
        times(&entry.started_at, &entry.completed_at, done)?;
        let progress = &entry.step_progress;
        let failed = entry.status == Outcome::Failed;
        let told = [entry.failed_step.is_some(), entry.failure_reason.is_some()];
        ensure(
            told == [failed; 2],
            "a failed step and a reason go with a failure",
        )?;
        ensure(
            progress.completed <= progress.total,
            "a run did more than it had to do",
        )
    })
}
