//! `swamp workflow approve` and `swamp workflow reject`.

use serde_json::{Map, Value, json};

use crate::args::Decide;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::quirks::Quirk;
use crate::repository::Repository;
use crate::session::Session;
use crate::time;
use crate::workflow::clock::Times;
use crate::workflow::outcome::StepOutcome;
use crate::workflow::{Outcome, Status, Workflow, recorded};

/// Decides about a step that waits for a person.
pub fn run(args: &Decide, approved: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let found = find(args, &repository, &datastore);
    let (workflow, mut outcome) = match found {
        Err(Failure::Refused(message)) if session.quirks.on(Quirk::RefusedDecisionCrashes) => {
            return Err(Failure::broken(message));
        }
        other => other?,
    };
    let decision = decide(args, approved, &mut outcome, session);
    let place = match session.faults.on(Fault::DecisionUnnamespaced) {
        true => datastore.seen_from(None),
        false => datastore,
    };
    let quirk = Quirk::DecisionStaysLocal;
    recorded::store(&workflow, &outcome, &repository, &place, quirk, session)?;
    report(args, approved, &workflow, &outcome, &decision, session)
}

/// The run whose step waits.
fn find(
    args: &Decide,
    repository: &Repository,
    datastore: &Datastore,
) -> Result<(Workflow, Outcome)> {
    let run = args.run.as_deref();
    let found = recorded::suspended(&args.workflow, run, repository, datastore)?;
    let waits = |(_, step): (_, &StepOutcome)| step.name == args.step;
    if !found.1.waiting().is_some_and(waits) {
        let step = &args.step;
        return Err(Failure::refused(format!(
            "Step \"{step}\" is not awaiting approval in the suspended run"
        )));
    }
    Ok(found)
}

/// Writes the decision down in the run, and gives it.
fn decide(args: &Decide, approved: bool, outcome: &mut Outcome, session: &Session) -> Value {
    let mut decision = Map::new();
    decision.insert("approved".to_owned(), approved.into());
    if let Some(reason) = &args.reason {
        decision.insert("reason".to_owned(), reason.as_str().into());
    }
    let user = ["USER", "USERNAME"].iter();
    let user = user.filter_map(|name| session.env.get(name)).next();
    let user = user.unwrap_or_else(|| "unknown".to_owned());
    decision.insert("decidedBy".to_owned(), user.into());
    decision.insert("decidedAt".to_owned(), time::now().into());
    let decision = Value::Object(decision);
    let ended = |times: &Times| -> Times {
        let start = times.start();
        Times::until_now(start)
    };
    for job in &mut outcome.jobs {
        let Some(step) = job.steps.iter_mut().find(|step| step.name == args.step) else {
            continue;
        };
        step.decision = Some(decision.clone());
        step.times = ended(&step.times);
        if approved {
            step.status = Status::Succeeded;
            continue;
        }
        step.status = Status::Failed;
        let reason = args.reason.clone();
        step.error = Some(reason.unwrap_or_else(|| "Rejected".to_owned()));
        job.status = Status::Failed;
        job.times = ended(&job.times);
        outcome.times = ended(&outcome.times);
        outcome.suspended = false;
    }
    decision
}

fn report(
    args: &Decide,
    approved: bool,
    workflow: &Workflow,
    outcome: &Outcome,
    decision: &Value,
    session: &mut Session,
) -> Result<()> {
    let (name, step) = (&workflow.name, &args.step);
    if session.output.is_json() {
        let mut said = json!({
            "runId": outcome.id, "workflowName": name, "stepName": step, "approved": approved,
            "decidedBy": decision["decidedBy"], "reason": decision["reason"],
        });
        if !approved {
            said["runStatus"] = outcome.status().name().into();
        }
        // It is the only result that stands in one line.
        session.output.text(&said.to_string());
        return Ok(());
    }
    let (category, word) = match approved {
        true => ("workflow approve", "Approved"),
        false => ("workflow reject", "Rejected"),
    };
    let what = format!("{word} step \"{step}\" in workflow \"{name}\"");
    session.output.info(category, &what);
    let next = match approved {
        true => format!("After approval: swamp workflow resume \"{name}\""),
        false => "Workflow run marked as failed.".to_owned(),
    };
    session.output.info(category, &next);
    Ok(())
}
