//! The replies of the doctors but that of datastores, and of the command that removes old records: their
//! types, and what their values must be.
#![allow(dead_code, reason = "each field is there to be required")]

use serde::Deserialize;
use serde_json::Value;

use super::values::present;
use super::{Fault, Said, same};

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
