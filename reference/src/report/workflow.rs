//! The reports of a workflow's run: how its steps went, and that they did so.

use serde_json::{Value, json};

use super::Made;
use crate::errors::{Failure, Result};
use crate::workflow::definition::Task;
use crate::workflow::{Outcome, Status, Workflow};

/// The name of the report that people are shown.
pub const ATTESTATION: &str = "@swamp/verification-attestation";
/// The name of the other one.
const SUMMARY: &str = "@swamp/workflow-summary";
/// The names of both.
pub const NAMES: [&str; 2] = [SUMMARY, ATTESTATION];

/// A step that was done.
struct Done {
    job: String,
    step: String,
    model: String,
    model_type: String,
    method: String,
    names: Vec<String>,
}

/// Both reports of a run that succeeded. `type_of` gives the type of a model.
pub fn of(
    workflow: &Workflow,
    outcome: &Outcome,
    type_of: impl Fn(&str) -> Result<String>,
) -> Result<[Made; 2]> {
    let mut steps = Vec::new();
    for (job, went) in workflow.jobs.iter().zip(&outcome.jobs) {
        for (step, left) in job.steps.iter().zip(&went.steps) {
            let Task::Method(call) = &step.task else {
                return Err(Failure::not_implemented("reports of a run that waited"));
            };
            if left.status != Status::Succeeded {
                return Err(Failure::not_implemented("reports of a run that failed"));
            }
            let output = left.left.as_ref().map(|(output, _)| output.clone());
            let output = output.unwrap_or_default();
            let wrote = output["dataHandles"].as_array().into_iter().flatten();
            let names = wrote.filter_map(|data| data["name"].as_str());
            steps.push(Done {
                job: job.name.clone(),
                step: step.name.clone(),
                model: call.model().to_owned(),
                model_type: type_of(call.model())?,
                method: call.method_name.clone(),
                names: names.map(str::to_owned).collect(),
            });
        }
    }
    Ok([
        summary(workflow, outcome, &steps),
        attestation(workflow, outcome, &steps),
    ])
}

/// The steps, job by job.
fn by_job(steps: &[Done]) -> impl Iterator<Item = (&str, &[Done])> {
    let jobs = steps.chunk_by(|a, b| a.job == b.job);
    jobs.map(|steps| (steps[0].job.as_str(), steps))
}

fn summary(workflow: &Workflow, outcome: &Outcome, steps: &[Done]) -> Made {
    let count = steps.len();
    let mut blocks = vec![
        format!("# {}: succeeded", workflow.name),
        format!("{count} succeeded · 0 failed · 0 skipped"),
    ];
    for (job, steps) in by_job(steps) {
        blocks.push(format!("## Job: {job} (succeeded)"));
        let mut lines = vec![
            "| Step | Model | Status |".to_owned(),
            "| ---- | ----- | ------ |".to_owned(),
        ];
        lines.extend(
            steps
                .iter()
                .map(|it| format!("| {} | {} → {} | succeeded |", it.step, it.model, it.method)),
        );
        blocks.push(lines.join("\n"));
    }
    let told: Value = steps
        .iter()
        .map(|it| {
            let commands = it.names.iter();
            let commands = commands.map(|name| format!("swamp data get {} {name}", it.model));
            json!({
                "jobName": it.job, "stepName": it.step, "modelName": it.model,
                "modelType": it.model_type, "methodName": it.method, "status": "succeeded",
                "retrievalCommands": commands.collect::<Vec<_>>(),
            })
        })
        .collect();
    let json = json!({
        "status": "succeeded", "workflowId": workflow.id, "workflowRunId": outcome.id,
        "workflowName": workflow.name, "totalSteps": count, "succeeded": count, "failed": 0, "skipped": 0,
        "failures": [], "steps": told,
    });
    Made {
        name: SUMMARY,
        scope: "workflow",
        markdown: blocks.join("\n\n"),
        json,
    }
}

fn attestation(workflow: &Workflow, outcome: &Outcome, steps: &[Done]) -> Made {
    let count = steps.len();
    let mut blocks = vec![
        "# Verification Attestation".to_owned(),
        format!(
            "**Commit:** `unknown`  \n**Branch:** `unknown`  \n**Status:** succeeded  \n\
             **Steps:** {count} passed · 0 failed · 0 skipped"
        ),
    ];
    for (job, steps) in by_job(steps) {
        let mut lines = vec![format!("✓ **{job}**")];
        lines.extend(
            steps
                .iter()
                .map(|it| format!("  ✓ {}  —  {}  (succeeded)", it.step, it.model_type)),
        );
        blocks.push(lines.join("\n"));
    }
    blocks.push(format!("**Gate:** {count}/{count} passed, 0 skipped"));
    let told: Value = steps
        .iter()
        .map(|it| {
            json!({
                "job": it.job, "step": it.step, "model": it.model_type, "method": it.method,
                "status": "succeeded",
            })
        })
        .collect();
    let json = json!({
        "version": "1", "type": "verification-attestation", "workflowRunId": outcome.id,
        "workflowId": workflow.id, "workflowName": workflow.name,
        "subject": { "commit": "unknown", "branch": "unknown" }, "steps": told,
        "gate": {
            "allPassed": true, "stepsCompleted": count, "stepsTotal": count, "stepsSkipped": 0,
            "stepsFailed": 0,
        },
    });
    Made {
        name: ATTESTATION,
        scope: "workflow",
        markdown: blocks.join("\n\n"),
        json,
    }
}
