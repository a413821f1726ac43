//! `swamp workflow run`.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use crate::cel::Expression;
use crate::cli::{self, flag, text};
use crate::config::text::Quotes;
use crate::config::yaml;
use crate::datastore;
use crate::errors::{Failure, Result};
use crate::expressions::template;
use crate::files;
use crate::nudge;
use crate::render::data_box;
use crate::session::{Repository, Session};
use crate::time;
use crate::workflow::clock::{Clock, Times};
use crate::workflow::definition::{Job, Step};
use crate::workflow::outcome::{JobOutcome, StepOutcome};
use crate::workflow::step::Run;
use crate::workflow::{Narrator, Outcome, Status, Workflow};

/// Who runs workflows without being logged in.
const NOBODY: &str = "ghost";

/// The options of real swamp that no scenario uses.
const UNKNOWN: &[&str] = &[
    "last-evaluated",
    "input",
    "input-file",
    "stdin",
    "tag",
    "report",
    "report-label",
    "fail-on",
    "junit",
    "out",
    "timeout",
    "server",
    "token",
];

/// Runs a workflow, job by job and step by step.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "workflow run", UNKNOWN)?;
    let repository = session.repository_with_catalog()?;
    let name = text(matches, "workflow_id_or_name").unwrap_or_default();
    let workflow = Workflow::find(&repository.dir, &name)?;
    workflow.check()?;
    if !flag(matches, "skip-reports") {
        return Err(Failure::not_implemented(
            "reports: add --skip-reports; workflow run",
        ));
    }
    check_expressions(&workflow)?;
    store_evaluated(&workflow, &repository)?;
    let narrator = Narrator::new(workflow.jobs.iter().map(|job| job.name.as_str()));
    let outcome = execute(
        &workflow,
        &repository,
        &narrator,
        flag(matches, "quiet"),
        session,
    )?;
    let path = record(&workflow, &outcome, &repository, session)?;
    report(&workflow, &outcome, &path, &narrator, session)
}

/// Refuses a workflow with an expression that is none, wherever it stands.
fn check_expressions(workflow: &Workflow) -> Result<()> {
    let entries = Value::Object(workflow.entries.clone());
    for raw in template::expressions(&entries) {
        Expression::parse(template::source(raw)).map_err(|error| {
            let message = format!("Workflow execution failed: Invalid expression: {error}");
            Failure::coded("workflow_execution_failed", message)
        })?;
    }
    Ok(())
}

/// The expressions of steps wait until the step begins, so what is stored is the workflow itself.
fn store_evaluated(workflow: &Workflow, repository: &Repository) -> Result<()> {
    let dir = datastore::local_dir(&repository.dir).join("workflows-evaluated");
    files::ensure_dir(&dir)?;
    let path = dir.join(format!("workflow-{}.yaml", workflow.name));
    files::write_atomically(&path, &yaml::write(&workflow.entries, Quotes::Single))
}

fn execute(
    workflow: &Workflow,
    repository: &Repository,
    narrator: &Narrator,
    quiet: bool,
    session: &mut Session,
) -> Result<Outcome> {
    let id = uuid::Uuid::new_v4().to_string();
    let log_path = log_path(repository, workflow, &id);
    files::ensure_dir(log_path.parent().unwrap_or(Path::new(".")))?;
    let log = File::create(&log_path).map_err(|error| Failure::io(&log_path, &error))?;
    let log_file = files::relative(&repository.dir, &log_path);
    let datastore = session.datastore(repository)?;

    let clock = Clock::start();
    narrator.announce_now(session, &format!("Starting workflow {}", workflow.name));
    session.output.progress("");
    let mut run = Run {
        repository,
        datastore: &datastore,
        workflow,
        id: &id,
        initiated_by: NOBODY,
        log,
        log_file: &log_file,
        narrator,
        quiet,
    };
    let mut jobs: Vec<JobOutcome> = Vec::new();
    for job in &workflow.jobs {
        let goes_on = jobs.iter().all(|job| job.status == Status::Succeeded);
        jobs.push(if goes_on {
            run_job(&mut run, job, session)?
        } else {
            narrator.say(session, &job.name, "skipped");
            skipped(job)
        });
    }
    Ok(Outcome {
        id,
        times: clock.stop(),
        jobs,
        log_file,
        initiated_by: NOBODY.to_owned(),
    })
}

fn log_path(repository: &Repository, workflow: &Workflow, id: &str) -> PathBuf {
    datastore::local_dir(&repository.dir)
        .join("workflow-runs")
        .join(&workflow.id)
        .join(format!("workflow-run-{id}.log"))
}

fn run_job(run: &mut Run, job: &Job, session: &mut Session) -> Result<JobOutcome> {
    let clock = Clock::start();
    let start = format!("start {}", time::clock());
    run.narrator.say(session, &job.name, &start);
    let mut steps: Vec<StepOutcome> = Vec::new();
    for step in &job.steps {
        let goes_on = steps.iter().all(|step| step.status == Status::Succeeded);
        steps.push(if goes_on {
            run_step(run, job, step, session)?
        } else {
            without_run(step, Status::Pending, Times::default())
        });
    }
    let failed = steps.iter().any(|step| step.status == Status::Failed);
    let times = clock.stop();
    let took = time::duration(times.duration.unwrap_or_default());
    let (status, what) = if failed {
        (Status::Failed, "failed".to_owned())
    } else {
        (Status::Succeeded, format!("completed in {took}"))
    };
    run.narrator.say_now(session, &job.name, &what);
    Ok(JobOutcome {
        name: job.name.clone(),
        status,
        times,
        steps,
    })
}

fn run_step(run: &mut Run, job: &Job, step: &Step, session: &mut Session) -> Result<StepOutcome> {
    let clock = Clock::start();
    let done = run.step(job, step, session)?;
    let times = clock.stop();
    let took = time::duration(times.duration.unwrap_or_default());
    let (status, word) = match done {
        Ok(_) => (Status::Succeeded, "done"),
        Err(_) => (Status::Failed, "failed"),
    };
    let what = format!("{word} {} in {took}", step.name);
    run.narrator.say_now(session, &job.name, &what);
    Ok(StepOutcome {
        error: done.as_ref().err().cloned(),
        left: done.ok(),
        ..without_run(step, status, times)
    })
}

fn without_run(step: &Step, status: Status, times: Times) -> StepOutcome {
    StepOutcome {
        name: step.name.clone(),
        status,
        times,
        error: None,
        left: None,
    }
}

fn skipped(job: &Job) -> JobOutcome {
    let times = Times {
        completed_at: Some(time::now()),
        ..Times::default()
    };
    let step = |step| without_run(step, Status::Skipped, times.clone());
    JobOutcome {
        name: job.name.clone(),
        status: Status::Skipped,
        steps: job.steps.iter().map(step).collect(),
        times: times.clone(),
    }
}

/// Stores the record in the datastore and enters the run in the index of the repository.
fn record(
    workflow: &Workflow,
    outcome: &Outcome,
    repository: &Repository,
    session: &Session,
) -> Result<PathBuf> {
    let shared = session.datastore(repository)?.own_root();
    let dir = shared.join("workflow-runs").join(&workflow.id);
    files::ensure_dir(&dir)?;
    let path = dir.join(format!("workflow-run-{}.yaml", outcome.id));
    let text = yaml::write(&outcome.record(workflow), Quotes::Single);
    files::write_atomically(&path, &text)?;

    let index = log_path(repository, workflow, &outcome.id).with_file_name(".runs-index.json");
    let known = files::read_if_there(&index)?;
    let known: Option<Value> = known.and_then(|text| serde_json::from_str(&text).ok());
    let mut entries = match known.as_ref().map(|index| &index["entries"]) {
        Some(Value::Object(entries)) => entries.clone(),
        _ => Map::new(),
    };
    entries.insert(outcome.id.clone(), outcome.index_entry(workflow));
    let text = json!({ "version": 2, "entries": entries }).to_string();
    files::write_atomically(&index, &text)?;
    Ok(path)
}

fn report(
    workflow: &Workflow,
    outcome: &Outcome,
    path: &Path,
    narrator: &Narrator,
    session: &mut Session,
) -> Result<()> {
    if session.output.is_json() {
        session.output.json(&outcome.printed(workflow, path))?;
    }
    let took = time::duration(outcome.times.duration.unwrap_or_default());
    session.output.progress("");
    if let Some((_, reason)) = outcome.failure() {
        narrator.announce_now(
            session,
            &format!("Failed workflow {} in {took}", workflow.name),
        );
        session.output.progress("");
        narrator.announce(session, reason);
        return Err(Failure::Reported);
    }
    let done = format!("Completed workflow {} succeeded in {took}", workflow.name);
    narrator.announce_now(session, &done);
    for line in data_box::sources(&produced(outcome)) {
        session.output.progress(&format!("  {line}"));
    }
    if !nudge::is_logged_in(&session.env) {
        session.output.progress("");
        session.output.progress(&nudge::TIP.replace('`', ""));
    }
    Ok(())
}

/// The data of a run with the jobs that it comes from; logs were shown already.
fn produced(outcome: &Outcome) -> Vec<(String, String)> {
    let mut produced = Vec::new();
    for job in &outcome.jobs {
        let left = job.steps.iter().filter_map(|step| step.left.as_ref());
        for artifact in left.flat_map(|(_, artifacts)| artifacts.as_array().into_iter().flatten()) {
            if artifact["tags"]["type"] == "resource" {
                let name = artifact["name"].as_str().unwrap_or_default();
                produced.push((name.to_owned(), job.name.clone()));
            }
        }
    }
    produced
}
