//! The replies of the commands that decide about runs that wait for a person: their types, and what
//! their values must be.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::{Id, Outcome, Time, present};
use super::{Fault, Said, same};
use crate::forms::record::{Decision, Step, WorkflowRun};

/// `workflow approvals`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approvals {
    approvals: Vec<Waiting>,
}

/// A step that waits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Waiting {
    workflow_name: String,
    run_id: Id,
    step_name: String,
    suspended_at: Time,
    prompt: String,
    inputs: Map<String, Value>,
}

/// What waits does so by its record, in the own namespace.
pub(super) fn approvals(said: &Said<'_>, reply: &Approvals) -> Result<(), Fault> {
    for it in &reply.approvals {
        let record = said.record_of_run_of_workflow(&it.run_id)?;
        same("workflowName", &it.workflow_name, &record.workflow_name)?;
        same("the status of the run", record.status, Outcome::Suspended)?;
        let step = step_of(&record, &it.step_name)?;
        same("its status", step.status, Outcome::WaitingApproval)?;
        same(
            "suspendedAt",
            Some(&it.suspended_at),
            step.started_at.as_ref(),
        )?;
        same("prompt", Some(&it.prompt), step.approval_prompt.as_ref())?;
        let inputs = record.inputs.clone().unwrap_or_default();
        same("inputs", &it.inputs, &inputs)?;
    }
    Ok(())
}

/// `workflow approve`, and `workflow reject`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Decided {
    run_id: Id,
    workflow_name: String,
    step_name: String,
    approved: bool,
    decided_by: String,
    reason: Option<String>,
    #[serde(default, deserialize_with = "present")]
    run_status: Option<Outcome>,
}

/// What was decided stands in the record of the run.
pub(super) fn decided(
    said: &Said<'_>,
    (workflow, step): (&str, &str),
    approved: bool,
    reply: &Decided,
) -> Result<(), Fault> {
    same("workflowName", reply.workflow_name.as_str(), workflow)?;
    same("stepName", reply.step_name.as_str(), step)?;
    same("approved", reply.approved, approved)?;
    same("reason", reply.reason.as_deref(), said.value_of("--reason"))?;
    let run = said.value_of("--run").unwrap_or(&reply.run_id.0);
    same("runId", reply.run_id.0.as_str(), run)?;
    let record = said.record_of_run_of_workflow(&reply.run_id)?;
    let rejected = (!approved).then_some(record.status);
    same("runStatus", reply.run_status, rejected)?;
    let noted = step_of(&record, step)?.approval_decision.as_ref();
    let noted = noted.ok_or("its record has no decision")?;
    let told = |it: &Decision| (it.approved, it.decided_by.clone(), it.reason.clone());
    let is = (
        reply.approved,
        reply.decided_by.clone(),
        reply.reason.clone(),
    );
    same("the decision", is, told(noted))?;
    said.is_of_the_command("decidedAt", noted.decided_at.0)
}

/// A step of a run.
fn step_of<'a>(record: &'a WorkflowRun, name: &str) -> Result<&'a Step, Fault> {
    let mut steps = record.jobs.iter().flat_map(|job| &job.steps);
    let found = steps.find(|step| step.step_name == name);
    found.ok_or_else(|| format!("its record has no step {name}"))
}

impl Said<'_> {
    /// The record of a run, of whatever workflow of the own namespace.
    fn record_of_run_of_workflow(&self, run: &Id) -> Result<WorkflowRun, Fault> {
        let records = self.records_of_workflows()?;
        let mut records = records.into_iter();
        let found = records.find(|record| record.id == *run);
        found.ok_or_else(|| format!("no record of the own namespace is of the run {}", run.0))
    }
}
