//! A run: its jobs and their steps, one after the other, until one fails.

use super::clock::Times;
use super::definition::{Job, Step};
use super::outcome::{JobOutcome, Status, StepOutcome};
use super::step::Run;
use crate::errors::Result;
use crate::session::Session;
use crate::time::{self, Start};

/// Runs all jobs of a workflow. Gives when, and how they went.
pub fn all(mut run: Run, session: &mut Session) -> Result<(Times, Vec<JobOutcome>)> {
    let workflow = run.workflow;
    let start = Start::now();
    let what = format!("Starting workflow {}", workflow.name);
    run.narrator.announce_now(session, &what);
    session.output.progress("");
    let mut jobs: Vec<JobOutcome> = workflow.jobs.iter().map(untouched).collect();
    for (at, job) in workflow.jobs.iter().enumerate() {
        if jobs.iter().any(|job| job.status == Status::Failed) {
            break;
        }
        run.note(Times::since(start), &jobs)?;
        jobs[at] = run_job(&mut run, job, session)?;
    }
    Ok((Times::until_now(start), jobs))
}

fn run_job(run: &mut Run, job: &Job, session: &mut Session) -> Result<JobOutcome> {
    let start = Start::now();
    let what = format!("start {}", time::clock());
    run.narrator.say(session, &job.name, &what);
    let mut outcome = untouched(job);
    outcome.status = Status::Succeeded;
    for (step, slot) in job.steps.iter().zip(&mut outcome.steps) {
        *slot = run_step(run, job, step, session)?;
        if slot.status == Status::Failed {
            outcome.status = Status::Failed;
            break;
        }
    }
    outcome.times = Times::until_now(start);
    let what = match outcome.status {
        Status::Failed => "failed".to_owned(),
        _ => format!("completed in {}", outcome.times.shown()),
    };
    run.narrator.say_now(session, &job.name, &what);
    Ok(outcome)
}

fn run_step(run: &mut Run, job: &Job, step: &Step, session: &mut Session) -> Result<StepOutcome> {
    let start = Start::now();
    let done = run.step(job, step, session)?;
    let times = Times::until_now(start);
    let (status, word) = match done {
        Ok(_) => (Status::Succeeded, "done"),
        Err(_) => (Status::Failed, "failed"),
    };
    let what = format!("{word} {} in {}", step.name, times.shown());
    run.narrator.say_now(session, &job.name, &what);
    Ok(StepOutcome {
        name: step.name.clone(),
        status,
        times,
        error: done.as_ref().err().cloned(),
        left: done.ok(),
    })
}

/// A job that has not begun.
fn untouched(job: &Job) -> JobOutcome {
    let step = |step: &Step| StepOutcome {
        name: step.name.clone(),
        status: Status::Pending,
        times: Times::default(),
        error: None,
        left: None,
    };
    JobOutcome {
        name: job.name.clone(),
        status: Status::Pending,
        steps: job.steps.iter().map(step).collect(),
        times: Times::default(),
    }
}
