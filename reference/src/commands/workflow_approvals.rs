//! `swamp workflow approvals`.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::session::Session;
use crate::workflow::{Outcome, Workflow, recorded};

/// The category of its log lines.
const CATEGORY: &str = "workflow approvals";

/// Shows what waits for a person, the newest run first.
pub fn run(session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let mut found: Vec<Value> = Vec::new();
    for workflow in Workflow::all(&repository.dir)? {
        let status = "suspended";
        for record in recorded::of_status(status, &workflow, &repository, &datastore, session)? {
            let outcome = Outcome::of_record(&record.entries);
            let waiting = outcome.waiting();
            found.extend(waiting.map(|(_, step)| {
                json!({
                    "workflowName": workflow.name, "runId": outcome.id, "stepName": step.name,
                    "suspendedAt": step.times.started_at, "prompt": step.prompt, "inputs": outcome.given.inputs,
                })
            }));
        }
    }
    if session.output.is_json() {
        return session.output.json(&json!({ "approvals": found }));
    }
    if found.is_empty() {
        session
            .output
            .info(CATEGORY, "No workflows awaiting approval");
    }
    for it in &found {
        let (workflow, step) = (&it["workflowName"], &it["stepName"]);
        for line in [
            format!("{workflow} / {step} — {}", it["prompt"]),
            format!("  swamp workflow approve {workflow} {step}"),
            format!("  swamp workflow reject  {workflow} {step}"),
            format!("  After approval: swamp workflow resume {workflow}"),
        ] {
            session.output.info(CATEGORY, &line);
        }
    }
    Ok(())
}
