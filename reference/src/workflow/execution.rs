//! A run: its jobs and their steps, one after the other, until one fails, or a person has to decide.

use super::clock::Times;
use super::definition::{Approval, Job, Method, Step, Task, Workflow};
use super::outcome::{JobOutcome, Outcome, Status, StepOutcome};
use super::step::Run;
use crate::errors::Result;
use crate::session::Session;
use crate::time::{self, Start};

/// The jobs of a workflow, none of which has begun.
pub fn untouched(workflow: &Workflow) -> Vec<JobOutcome> {
    let step = |step: &Step| StepOutcome {
        name: step.name.clone(),
        status: Status::Pending,
        times: Times::default(),
        error: None,
        left: None,
        decision: None,
        prompt: None,
    };
    let job = |job: &Job| JobOutcome {
        name: job.name.clone(),
        status: Status::Pending,
        steps: job.steps.iter().map(step).collect(),
        times: Times::default(),
    };
    workflow.jobs.iter().map(job).collect()
}

/// Runs all jobs of a workflow from where the run stands. Gives how they went.
pub fn all(mut run: Run, mut outcome: Outcome, session: &mut Session) -> Result<Outcome> {
    let workflow = run.workflow;
    let start = outcome.times.start();
    outcome.times = Times::since(start);
    outcome.suspended = false;
    let what = format!("Starting workflow {}", workflow.name);
    run.narrator.announce_now(session, &what);
    session.output.progress("");
    for (at, job) in workflow.jobs.iter().enumerate() {
        if outcome.jobs.iter().any(|job| job.status == Status::Failed) {
            break;
        }
        if outcome.jobs[at].status == Status::Succeeded {
            continue;
        }
        run.note(&outcome)?;
        run_job(&mut run, job, &mut outcome.jobs[at], session)?;
        if outcome.waiting().is_some() {
            outcome.suspended = true;
            return Ok(outcome);
        }
    }
    outcome.times = Times::until_now(start);
    outcome.reports = run.reports.unwrap_or_default();
    Ok(outcome)
}

fn run_job(
    run: &mut Run,
    job: &Job,
    outcome: &mut JobOutcome,
    session: &mut Session,
) -> Result<()> {
    let (began, start) = (outcome.times.start(), Start::now());
    let what = format!("start {}", time::clock());
    run.narrator.say(session, &job.name, &what);
    outcome.status = Status::Succeeded;
    for (step, slot) in job.steps.iter().zip(&mut outcome.steps) {
        if slot.status == Status::Succeeded {
            continue;
        }
        match &step.task {
            Task::Method(method) => run_step(run, job, (step, method), slot, session)?,
            Task::Approval(approval) => {
                ask(run, job, step, approval, session);
                slot.status = Status::WaitingApproval;
                slot.times = Times::since(Start::now());
                slot.prompt = Some(approval.prompt.clone());
                outcome.status = Status::Running;
                outcome.times = Times::since(began);
                return Ok(());
            }
        }
        if slot.status == Status::Failed {
            outcome.status = Status::Failed;
            break;
        }
    }
    outcome.times = Times::until_now(began);
    let what = match outcome.status {
        Status::Failed => "failed".to_owned(),
        _ => format!("completed in {}", Times::until_now(start).shown()),
    };
    run.narrator.say_now(session, &job.name, &what);
    Ok(())
}

fn run_step(
    run: &mut Run,
    job: &Job,
    (step, method): (&Step, &Method),
    slot: &mut StepOutcome,
    session: &mut Session,
) -> Result<()> {
    let start = Start::now();
    let done = run.step(job, (step, method), session)?;
    slot.times = Times::until_now(start);
    let (status, word) = match done {
        Ok(_) => (Status::Succeeded, "done"),
        Err(_) => (Status::Failed, "failed"),
    };
    let what = format!("{word} {} in {}", step.name, slot.times.shown());
    run.narrator.say_now(session, &job.name, &what);
    slot.status = status;
    slot.error = done.as_ref().err().cloned();
    slot.left = done.ok();
    Ok(())
}

/// Tells people that a step waits for them.
fn ask(run: &Run, job: &Job, step: &Step, approval: &Approval, session: &mut Session) {
    let (workflow, name) = (&run.workflow.name, &step.name);
    let question = format!("waiting approval required: \"{}\"", approval.prompt);
    run.narrator.say(session, &job.name, &question);
    session.output.progress("");
    for (what, word) in [("To approve:  ", "approve"), ("To reject:   ", "reject")] {
        let line = format!("{what}swamp workflow {word} {workflow} {name}");
        run.narrator.say(session, &job.name, &line);
    }
    session.output.progress("");
}
