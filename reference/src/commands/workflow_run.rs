//! `swamp workflow run`.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use crate::args::{GivenToRun, ReportsOfRun};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::model::definition;
use crate::model::inputs::{self, Given};
use crate::nudge;
use crate::quirks::Quirk;
use crate::remote::run::Changes;
use crate::render::data_box;
use crate::report::{self, Place, artifact, method_summary, rendered, stored, workflow as reports};
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::clock::Times;
use crate::workflow::evaluated;
use crate::workflow::execution;
use crate::workflow::recorded;
use crate::workflow::step::Run;
use crate::workflow::{Narrator, Outcome, Status, Workflow};

/// Who runs workflows without being logged in.
const NOBODY: &str = "ghost";

/// Runs a workflow, job by job and step by step.
pub fn run(
    name: &str,
    given: &GivenToRun,
    wanted: &ReportsOfRun,
    quiet: bool,
    session: &mut Session,
) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    inputs::check_timeout(given.timeout.as_deref())?;
    let inputs = inputs::of(given, &session.cwd)?;
    let last_evaluated = given.last_evaluated;
    let given = Given {
        inputs,
        tags: inputs::tags(&given.tag)?,
    };
    let workflow = Workflow::find(&repository.dir, name)?.ok_or_else(|| {
        Failure::coded(
            "workflow_not_found",
            format!(
                "Workflow not found: {name}.\nCreate it with 'swamp workflow create {name}', or run 'swamp doctor \
                 workflows --json' to check for broken workflow files"
            ),
        )
    })?;
    let stored = evaluated::dir_of_runs(&repository, session)?;
    let given = Given {
        inputs: workflow.inputs(given.inputs),
        ..given
    };
    let workflow = if last_evaluated {
        Workflow::evaluated(&last_stored(&repository, stored, session)?, name)?.ok_or_else(
            || Failure::not_implemented("--last-evaluated of a workflow that never ran"),
        )?
    } else {
        evaluated::write(&stored, &workflow)?;
        workflow.asking(&given.inputs)?
    };
    let id = uuid::Uuid::new_v4().to_string();
    let log_path = recorded::log_path(&repository, &workflow, &id);
    let outcome = Outcome {
        id,
        times: Times::default(),
        given,
        jobs: execution::untouched(&workflow),
        log_file: files::relative(&repository.dir, &log_path),
        initiated_by: NOBODY.to_owned(),
        pid: std::process::id(),
        suspended: false,
        reports: Vec::new(),
        artifacts: Vec::new(),
    };
    go_on(&workflow, outcome, &repository, wanted, quiet, session)
}

/// Where the workflow that was evaluated last is: by the quirk, where runs store it.
fn last_stored(repository: &Repository, of_runs: PathBuf, session: &Session) -> Result<PathBuf> {
    if session.quirks.on(Quirk::LastEvaluatedIsNotTheLast) {
        return Ok(of_runs);
    }
    Ok(evaluated::dir(&session.datastore(repository)?))
}

/// Runs a workflow from where a run of it stands, with the reports that are wanted; whether quietly.
pub fn go_on(
    workflow: &Workflow,
    outcome: Outcome,
    repository: &Repository,
    wanted: &ReportsOfRun,
    quiet: bool,
    session: &mut Session,
) -> Result<()> {
    let narrator = Narrator::new(workflow.jobs.iter().map(|job| job.name.as_str()));
    let log_path = recorded::log_path(repository, workflow, &outcome.id);
    files::ensure_dir(log_path.parent().unwrap_or(Path::new(".")))?;
    let log = OpenOptions::new().create(true).append(true).open(&log_path);
    let log = log.map_err(|error| Failure::io(&log_path, &error))?;
    let datastore = seam(session.datastore(repository)?, session);
    let (id, log_file) = (outcome.id.clone(), outcome.log_file.clone());
    let given = outcome.given.clone();
    let run = Run {
        repository,
        datastore: &datastore,
        workflow,
        id: &id,
        given: &given,
        initiated_by: NOBODY,
        log,
        log_file: &log_file,
        narrator: &narrator,
        quiet,
        record: None,
        reports: report::is_wanted(method_summary::NAME, wanted).then(Vec::new),
    };
    let mut outcome = execution::all(run, outcome, session)?;
    let of_all = reports::NAMES.iter();
    if of_all
        .filter(|name| report::is_wanted(name, wanted))
        .count()
        > 0
    {
        let place = (repository, &datastore);
        make_reports(workflow, &mut outcome, wanted, place, session)?;
    }
    let quirk = Quirk::WorkflowRecordStaysRunning;
    let path = recorded::store(workflow, &outcome, repository, &datastore, quirk, session)?;
    tell(workflow, &outcome, &path, &narrator, session)
}

/// Makes the reports of the whole run that are wanted; one of them is shown to people.
fn make_reports(
    workflow: &Workflow,
    outcome: &mut Outcome,
    wanted: &ReportsOfRun,
    (repository, datastore): (&Repository, &Datastore),
    session: &mut Session,
) -> Result<()> {
    let type_of = |model: &str| Ok(definition::require(&repository.dir, model)?.model_type());
    for made in reports::of(workflow, outcome, type_of)? {
        if !report::is_wanted(made.name, wanted) {
            continue;
        }
        let place = Place {
            repository,
            datastore,
            model_type: stored::OF_WORKFLOW,
            id: &workflow.id,
            changes: &Changes::default(),
        };
        let written = made.store(place, session)?;
        outcome.artifacts.extend(written.iter().map(artifact));
        outcome.reports.push(made);
    }
    Ok(())
}

/// The datastore that a run writes to.
fn seam(mut datastore: Datastore, session: &Session) -> Datastore {
    if session.faults.on(Fault::WorkflowDataUnnamespaced) {
        datastore.namespace = None;
    }
    datastore
}

fn tell(
    workflow: &Workflow,
    outcome: &Outcome,
    path: &Path,
    narrator: &Narrator,
    session: &mut Session,
) -> Result<()> {
    if session.output.is_json() {
        if !outcome.reports.is_empty() {
            return Err(Failure::not_implemented("reports of workflow run --json"));
        }
        session.output.json(&outcome.printed(workflow, path))?;
    }
    let took = outcome.times.shown();
    if outcome.waiting().is_none() {
        session.output.progress("");
    }
    if let Some((_, step)) = outcome.waiting() {
        say_how_to_go_on(workflow, &step.name, narrator, session);
        return Ok(());
    }
    for made in &outcome.reports {
        if made.name == reports::ATTESTATION {
            narrator.announce(session, &format!("Report {}", made.name));
            let line = "─".repeat(60);
            let text = rendered::for_terminal(&made.markdown);
            let shown = format!("── Report: {} {line}\n{text}\n{line}\n", made.name);
            session.output.progress(&shown);
        }
    }
    if outcome.status() == Status::Failed {
        narrator.announce_now(
            session,
            &format!("Failed workflow {} in {took}", workflow.name),
        );
        session.output.progress("");
        let reason = outcome.failure().map(|(_, reason)| reason);
        narrator.announce(session, reason.unwrap_or("unknown error"));
        return Err(Failure::Reported);
    }
    let done = format!("Completed workflow {} succeeded in {took}", workflow.name);
    narrator.announce_now(session, &done);
    for line in data_box::sources(&outcome.given.inputs, &produced(outcome)) {
        session.output.progress(&format!("  {line}"));
    }
    if !nudge::is_logged_in(&session.env) {
        session.output.progress("");
        session.output.progress(nudge::TIP);
    }
    Ok(())
}

fn say_how_to_go_on(workflow: &Workflow, step: &str, narrator: &Narrator, session: &mut Session) {
    let name = &workflow.name;
    let what = format!("Suspended workflow {name} — awaiting approval on step {step}");
    narrator.announce_now(session, &what);
    session.output.progress("");
    for line in [
        format!("To approve:  swamp workflow approve {name} {step}"),
        format!("After approval:  swamp workflow resume {name}"),
    ] {
        narrator.announce(session, &line);
    }
}

/// The data of a run with the jobs that it comes from; logs and reports were shown already.
fn produced(outcome: &Outcome) -> Vec<(String, String)> {
    let mut produced = Vec::new();
    for job in &outcome.jobs {
        let left = job.steps.iter().filter_map(|step| step.left.as_ref());
        for artifact in left.flat_map(|(_, artifacts)| artifacts.as_array().into_iter().flatten()) {
            let name = artifact["name"].as_str().unwrap_or_default();
            if name != "log" && artifact["tags"]["type"] != "report" {
                produced.push((name.to_owned(), job.name.clone()));
            }
        }
    }
    produced
}
