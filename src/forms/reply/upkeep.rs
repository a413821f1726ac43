//! The replies of the commands that sum up what was done, ask the doctors, and remove old records: their
//! types, and what their values must be.
#![allow(dead_code, reason = "each field is there to be required")]

use serde::Deserialize;
use serde_json::Value;

use super::values::{Id, Outcome, Time, present};
use super::{Fault, Said, ensure, same};

/// `summarise`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Summarise {
    since: Time,
    method_executions: Vec<OfModel>,
    workflows: Vec<OfWorkflow>,
    data: OfData,
}

/// The runs of a model's methods.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OfModel {
    model_name: String,
    r#type: String,
    succeeded: usize,
    failed: usize,
    total: usize,
    methods: Vec<OfMethod>,
}

/// The runs of a method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfMethod {
    method: String,
    succeeded: usize,
    failed: usize,
    total: usize,
    runs: Vec<MethodRun>,
    /// Where there are more.
    #[serde(default, deserialize_with = "present")]
    truncated: Option<bool>,
}

/// A run of a method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MethodRun {
    id: Id,
    definition_id: Id,
    started_at: Time,
    duration_ms: u64,
    status: Outcome,
    triggered_by: String,
}

/// The runs of a workflow.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OfWorkflow {
    workflow_name: String,
    succeeded: usize,
    failed: usize,
    total: usize,
    runs: Vec<WorkflowRun>,
    /// Where there are more.
    #[serde(default, deserialize_with = "present")]
    truncated: Option<bool>,
}

/// A run of a workflow.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WorkflowRun {
    id: Id,
    started_at: Time,
    completed_at: Time,
    status: Outcome,
    steps: Vec<StepRun>,
}

/// A step of a [`WorkflowRun`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StepRun {
    job_name: String,
    step_name: String,
    model_name: String,
    status: Outcome,
    duration_ms: u64,
}

/// How much data was written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OfData {
    total_items: usize,
    total_versions: usize,
    unique_models: usize,
    by_model_type: Vec<OfType>,
}

/// How much of it models of a type wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OfType {
    model_type: String,
    items: usize,
    versions: usize,
}

/// What is summed up is what the records of the own namespace say.
pub(super) fn summarise(said: &Said<'_>, reply: &Summarise) -> Result<(), Fault> {
    for model in &reply.method_executions {
        let counted: usize = model.methods.iter().map(|method| method.total).sum();
        same("the runs of a model", model.total, counted)?;
        for method in &model.methods {
            let all = method.truncated == Some(true) || method.runs.len() == method.total;
            ensure(all, "it does not tell of all runs of a method")?;
            for run in &method.runs {
                let record = said.record_of_run(&model.r#type, &method.method, &run.id)?;
                same("definitionId", &run.definition_id, &record.definition_id)?;
                same("startedAt", &run.started_at, &record.started_at)?;
                same("durationMs", run.duration_ms, record.duration_ms)?;
                same("status", run.status, record.status)?;
            }
        }
    }
    let records = said.records_of_workflows()?;
    for workflow in &reply.workflows {
        for run in &workflow.runs {
            let record = records.iter().find(|record| record.id == run.id);
            let record = record.ok_or("no record of the own namespace is of a run")?;
            same(
                "workflowName",
                &workflow.workflow_name,
                &record.workflow_name,
            )?;
            same("startedAt", &run.started_at, &record.started_at)?;
            same(
                "completedAt",
                Some(&run.completed_at),
                record.completed_at.as_ref(),
            )?;
            same("its steps", run.steps.len(), record.step_progress.total)?;
        }
    }
    let types = &reply.data.by_model_type;
    let items: usize = types.iter().map(|it| it.items).sum();
    same("totalItems", reply.data.total_items, items)?;
    let versions: usize = types.iter().map(|it| it.versions).sum();
    same("totalVersions", reply.data.total_versions, versions)
}

/// `doctor workflows`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DoctorWorkflows {
    overall_status: String,
    workflows: Vec<CheckedWorkflow>,
    total_passed: usize,
    total_failed: usize,
}

/// A workflow that was checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckedWorkflow {
    file: String,
    name: String,
    status: String,
}

pub(super) fn doctor_workflows(reply: &DoctorWorkflows) -> Result<(), Fault> {
    same("overallStatus", reply.overall_status.as_str(), "pass")?;
    let passed = reply.workflows.iter().filter(|it| it.status == "pass");
    same("totalPassed", reply.total_passed, passed.count())?;
    let checked = reply.total_passed + reply.total_failed;
    same("the workflows", checked, reply.workflows.len())
}

/// `doctor vaults`, and `doctor secrets`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DoctorModels {
    overall_status: String,
    scanned: usize,
    /// That of vaults tells it.
    #[serde(default, deserialize_with = "present")]
    has_vault: Option<bool>,
    findings: Vec<Value>,
    unresolved: Vec<Value>,
}

pub(super) fn doctor_models(reply: &DoctorModels) -> Result<(), Fault> {
    let status = ["fail", "pass"][usize::from(reply.findings.is_empty())];
    same("overallStatus", reply.overall_status.as_str(), status)
}

/// `run gc`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RunGc {
    workflow_runs_deleted: u64,
    workflow_run_bytes_reclaimed: u64,
    outputs_deleted: u64,
    output_bytes_reclaimed: u64,
    total_bytes_reclaimed: u64,
    dry_run: bool,
}

pub(super) fn run_gc(said: &Said<'_>, reply: &RunGc) -> Result<(), Fault> {
    same("dryRun", reply.dry_run, said.has("--dry-run"))?;
    for (count, bytes) in [
        (
            reply.workflow_runs_deleted,
            reply.workflow_run_bytes_reclaimed,
        ),
        (reply.outputs_deleted, reply.output_bytes_reclaimed),
    ] {
        same("whether there were bytes", bytes > 0, count > 0)?;
    }
    let bytes = reply.workflow_run_bytes_reclaimed + reply.output_bytes_reclaimed;
    same("totalBytesReclaimed", reply.total_bytes_reclaimed, bytes)
}
