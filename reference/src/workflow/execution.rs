//! A run: which jobs and steps are their turn, and what becomes of them.

use super::clock::{Clock, Times};
use super::condition::Dependency;
use super::definition::{Job, Step};
use super::graph;
use super::outcome::{JobOutcome, Status, StepOutcome};
use super::step::Run;
use crate::errors::Result;
use crate::session::Session;
use crate::time;

/// A run that goes on.
pub struct Execution<'a> {
    run: Run<'a>,
    /// What has become of the jobs so far.
    jobs: Vec<JobOutcome>,
    announced: bool,
}

impl<'a> Execution<'a> {
    /// A run that is to begin.
    pub fn new(run: Run<'a>) -> Self {
        let jobs = run.workflow.jobs.iter().map(untouched).collect();
        Self {
            run,
            jobs,
            announced: false,
        }
    }

    /// Runs all jobs. Gives when, how they went, and why the run ended before them, if it did.
    pub fn all(
        mut self,
        session: &mut Session,
    ) -> Result<(Times, Vec<JobOutcome>, Option<String>)> {
        let workflow = self.run.workflow;
        let clock = Clock::start();
        let levels = match graph::levels(&workflow.nodes()) {
            Ok(levels) => levels,
            Err(error) => return Ok((clock.stop(), self.jobs, Some(error))),
        };
        for at in levels.into_iter().flatten() {
            let job = &workflow.jobs[at];
            let status = |name: &str| status(&self.jobs, name, |job| (&job.name, job.status));
            if !is_met(&job.depends_on, status) {
                self.run.narrator.say(session, &job.name, "skipped");
                self.jobs[at] = skipped(job);
                continue;
            }
            self.announce(session);
            match graph::levels(&job.nodes()) {
                Ok(levels) => self.jobs[at] = self.job(job, levels, session)?,
                Err(error) => {
                    let times = Times::default();
                    self.jobs[at].status = Status::Failed;
                    self.jobs[at].times = times;
                    return Ok((clock.stop(), self.jobs, Some(error)));
                }
            }
        }
        Ok((clock.stop(), self.jobs, None))
    }

    fn announce(&mut self, session: &mut Session) {
        if !self.announced {
            self.announced = true;
            let what = format!("Starting workflow {}", self.run.workflow.name);
            self.run.narrator.announce_now(session, &what);
            session.output.progress("");
        }
    }

    fn job(
        &mut self,
        job: &Job,
        levels: Vec<Vec<usize>>,
        session: &mut Session,
    ) -> Result<JobOutcome> {
        let clock = Clock::start();
        let start = format!("start {}", time::clock());
        self.run.narrator.say(session, &job.name, &start);
        let pending = |step| without_run(step, Status::Pending, Times::default());
        let mut steps: Vec<_> = job.steps.iter().map(pending).collect();
        let failed = |steps: &[StepOutcome]| {
            let mut steps = steps.iter();
            steps.any(|step| step.status == Status::Failed && !step.allowed_failure)
        };
        for level in levels {
            if failed(&steps) {
                break;
            }
            for at in level {
                let step = &job.steps[at];
                let status = |name: &str| status(&steps, name, |step| (&step.name, step.status));
                steps[at] = if is_met(&step.depends_on, status) {
                    self.step(job, step, session)?
                } else {
                    self.run
                        .narrator
                        .say(session, &job.name, "skipped (dependency)");
                    without_run(step, Status::Skipped, now())
                };
            }
        }
        let times = clock.stop();
        let took = time::duration(times.duration.unwrap_or_default());
        let (status, what) = if failed(&steps) {
            (Status::Failed, "failed".to_owned())
        } else {
            (Status::Succeeded, format!("completed in {took}"))
        };
        self.run.narrator.say_now(session, &job.name, &what);
        Ok(JobOutcome {
            name: job.name.clone(),
            status,
            times,
            steps,
        })
    }

    fn step(&mut self, job: &Job, step: &Step, session: &mut Session) -> Result<StepOutcome> {
        let clock = Clock::start();
        let done = self.run.step(job, step, session)?;
        let times = clock.stop();
        let took = time::duration(times.duration.unwrap_or_default());
        let (status, word) = match done {
            Ok(_) => (Status::Succeeded, "done"),
            Err(_) => (Status::Failed, "failed"),
        };
        let what = format!("{word} {} in {took}", step.name);
        self.run.narrator.say_now(session, &job.name, &what);
        Ok(StepOutcome {
            error: done.as_ref().err().cloned(),
            allowed_failure: done.is_err() && step.allow_failure,
            left: done.ok(),
            ..without_run(step, status, times)
        })
    }
}

fn is_met(dependencies: &[Dependency], status: impl Fn(&str) -> Option<Status>) -> bool {
    let mut dependencies = dependencies.iter();
    dependencies.all(|dependency| dependency.condition.is_met(status(&dependency.on)))
}

/// How the item of this name stands.
fn status<T>(
    items: &[T],
    name: &str,
    describe: impl Fn(&T) -> (&String, Status),
) -> Option<Status> {
    let mut described = items.iter().map(describe);
    described
        .find(|(other, _)| *other == name)
        .map(|(_, status)| status)
}

fn now() -> Times {
    Times {
        completed_at: Some(time::now()),
        ..Times::default()
    }
}

fn without_run(step: &Step, status: Status, times: Times) -> StepOutcome {
    StepOutcome {
        name: step.name.clone(),
        status,
        times,
        error: None,
        allowed_failure: false,
        left: None,
    }
}

fn all_steps(job: &Job, status: Status, times: &Times) -> JobOutcome {
    let step = |step| without_run(step, status, times.clone());
    JobOutcome {
        name: job.name.clone(),
        status,
        steps: job.steps.iter().map(step).collect(),
        times: times.clone(),
    }
}

fn untouched(job: &Job) -> JobOutcome {
    all_steps(job, Status::Pending, &Times::default())
}

fn skipped(job: &Job) -> JobOutcome {
    all_steps(job, Status::Skipped, &now())
}
