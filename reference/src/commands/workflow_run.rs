//! `swamp workflow run`.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::args::GivenToRun;
use crate::config::text::Quotes;
use crate::config::yaml;
use crate::datastore::{self, Datastore};
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::model::inputs::{self, Given};
use crate::nudge;
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::remote::structure::around_structure;
use crate::render::data_box;
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::execution;
use crate::workflow::step::Run;
use crate::workflow::{Narrator, Outcome, Status, Workflow};

/// Who runs workflows without being logged in.
const NOBODY: &str = "ghost";

/// Runs a workflow, job by job and step by step.
pub fn run(name: &str, given: &GivenToRun, quiet: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    inputs::check_timeout(given.timeout.as_deref())?;
    let inputs = inputs::parse(given.input_file.as_deref(), &given.input, &session.cwd)?;
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
    let evaluated = evaluated_dir(&repository, session)?;
    let workflow = if last_evaluated {
        Workflow::evaluated(&evaluated, name)?.ok_or_else(|| {
            Failure::not_implemented("--last-evaluated of a workflow that never ran")
        })?
    } else {
        store_evaluated(&workflow, &evaluated)?;
        workflow
    };
    let narrator = Narrator::new(workflow.jobs.iter().map(|job| job.name.as_str()));
    let outcome = execute(&workflow, given, &repository, &narrator, quiet, session)?;
    let path = record(&workflow, &outcome, &repository, session)?;
    report(&workflow, &outcome, &path, &narrator, session)
}

/// Where evaluated workflows are.
fn evaluated_dir(repository: &Repository, session: &Session) -> Result<PathBuf> {
    let local = session.quirks.on(Quirk::WorkflowOutputsStayLocal);
    let root = if local {
        datastore::local_dir(&repository.dir)
    } else {
        session.datastore(repository)?.own_root()
    };
    Ok(root.join("workflows-evaluated"))
}

/// The expressions of steps wait until the step begins, so what is stored is the workflow itself.
fn store_evaluated(workflow: &Workflow, dir: &Path) -> Result<()> {
    files::ensure_dir(dir)?;
    let path = dir.join(format!("workflow-{}.yaml", workflow.name));
    files::write_atomically(&path, &yaml::write(&workflow.entries, Quotes::Single))
}

fn execute(
    workflow: &Workflow,
    given: Given,
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
    let datastore = seam(session.datastore(repository)?, session);
    let run = Run {
        repository,
        datastore: &datastore,
        workflow,
        id: &id,
        given: &given,
        initiated_by: NOBODY,
        log,
        log_file: &log_file,
        narrator,
        quiet,
        record: None,
    };
    let (times, jobs) = execution::all(run, session)?;
    Ok(Outcome {
        id,
        times,
        given,
        jobs,
        log_file,
        initiated_by: NOBODY.to_owned(),
    })
}

/// The datastore that a run writes to.
fn seam(mut datastore: Datastore, session: &Session) -> Datastore {
    if session.faults.on(Fault::WorkflowDataUnnamespaced) {
        datastore.namespace = None;
    }
    datastore
}

fn log_path(repository: &Repository, workflow: &Workflow, id: &str) -> PathBuf {
    datastore::local_dir(&repository.dir)
        .join("workflow-runs")
        .join(&workflow.id)
        .join(format!("workflow-run-{id}.log"))
}

/// Stores the record in the datastore and enters the run in the index of the repository.
fn record(
    workflow: &Workflow,
    outcome: &Outcome,
    repository: &Repository,
    session: &mut Session,
) -> Result<PathBuf> {
    let datastore = seam(session.datastore(repository)?, session);
    let path = outcome.store(workflow, &datastore)?;
    let remote = Remote::of(repository, &session.env)?;
    if let Some(remote) = &remote
        && session.quirks.on(Quirk::WorkflowRecordStaysRunning)
    {
        // It is what the next push is about.
        remote.sync(session).mark_dirty(Some(&path))?;
    } else if remote.is_some() {
        around_structure(repository, &datastore, session, |_, changes| {
            changes.mark(&path);
            Ok(())
        })?;
    }

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
    let took = outcome.times.shown();
    session.output.progress("");
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
    for line in data_box::sources(&produced(outcome)) {
        session.output.progress(&format!("  {line}"));
    }
    if !nudge::is_logged_in(&session.env) {
        session.output.progress("");
        session.output.progress(nudge::TIP);
    }
    Ok(())
}

/// The data of a run with the jobs that it comes from; logs were shown already.
fn produced(outcome: &Outcome) -> Vec<(String, String)> {
    let mut produced = Vec::new();
    for job in &outcome.jobs {
        let left = job.steps.iter().filter_map(|step| step.left.as_ref());
        for artifact in left.flat_map(|(_, artifacts)| artifacts.as_array().into_iter().flatten()) {
            let name = artifact["name"].as_str().unwrap_or_default();
            if name != "log" {
                produced.push((name.to_owned(), job.name.clone()));
            }
        }
    }
    produced
}
