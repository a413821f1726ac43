//! Where the record of a run goes: into the datastore, and its main points into an index that the
//! repository keeps for itself.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::definition::Workflow;
use super::outcome::Outcome;
use super::produced::RunRecord;
use crate::datastore::{self, Datastore};
use crate::errors::{Failure, Result};
use crate::files;
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::remote::structure::around_structure;
use crate::repository::Repository;
use crate::session::Session;

/// Stores how a run stands in the datastore, and enters it in the index of the repository. By the
/// `quirk`, what is stored in a bucket waits there for the next push.
pub fn store(
    workflow: &Workflow,
    outcome: &Outcome,
    repository: &Repository,
    datastore: &Datastore,
    quirk: Quirk,
    session: &mut Session,
) -> Result<PathBuf> {
    let path = outcome.store(workflow, datastore)?;
    let remote = Remote::of(repository, &session.env)?;
    if let Some(remote) = &remote
        && session.quirks.on(quirk)
    {
        // It is what the next push is about.
        remote.sync(session).mark_dirty(Some(&path))?;
    } else if remote.is_some() {
        around_structure(repository, datastore, session, |_, changes| {
            changes.mark(&path);
            Ok(())
        })?;
    }
    let mut entries = indexed(repository, workflow)?.unwrap_or_default();
    entries.insert(outcome.id.clone(), outcome.index_entry(workflow));
    write_index(repository, workflow, entries)?;
    Ok(path)
}

/// The records of a workflow that stand so. By the quirk they are looked up in the index, which is
/// made anew only where it has another number of runs than there are records.
pub fn of_status(
    status: &str,
    workflow: &Workflow,
    repository: &Repository,
    datastore: &Datastore,
    session: &Session,
) -> Result<Vec<RunRecord>> {
    let mut records = RunRecord::all(datastore, &workflow.id)?;
    if session.quirks.on(Quirk::ApprovalsGoByOldIndex) {
        let known = indexed(repository, workflow)?;
        let known = known.filter(|entries| entries.len() == records.len());
        let entries = match known {
            Some(entries) => entries,
            None if records.is_empty() => Map::new(),
            None => {
                let entry = |record: &RunRecord| {
                    let outcome = Outcome::of_record(&record.entries);
                    (outcome.id.clone(), outcome.index_entry(workflow))
                };
                let entries: Map<String, Value> = records.iter().map(entry).collect();
                write_index(repository, workflow, entries.clone())?;
                entries
            }
        };
        records.retain(|record| entries[record.text("id")]["status"] == status);
    }
    records.retain(|record| record.text("status") == status);
    Ok(records)
}

/// The run that waits for a person: the one of that id, or else the only one of that workflow.
pub fn suspended(
    wanted: &str,
    run: Option<&str>,
    repository: &Repository,
    datastore: &Datastore,
) -> Result<(Workflow, Outcome)> {
    let workflow = Workflow::find(&repository.dir, wanted)?
        .ok_or_else(|| Failure::refused(format!("Workflow not found: {wanted}")))?;
    let mut records = RunRecord::all(datastore, &workflow.id)?;
    if let Some(id) = run {
        records.retain(|record| record.text("id") == id);
        let record = records.first();
        let record =
            record.ok_or_else(|| Failure::refused(format!("Workflow run not found: {id}")))?;
        let status = record.text("status");
        if status != "suspended" {
            let why = format!("Run {id} is not suspended (status: {status})");
            return Err(Failure::refused(why));
        }
    }
    records.retain(|record| record.text("status") == "suspended");
    let name = &workflow.name;
    match records.as_slice() {
        [only] => {
            let outcome = Outcome::of_record(&only.entries);
            Ok((workflow, outcome))
        }
        [] => Err(Failure::refused(format!(
            "No suspended runs found for workflow \"{name}\""
        ))),
        several => {
            let ids: Vec<&str> = several.iter().map(|record| record.text("id")).collect();
            let ids = ids.join("\n  ");
            Err(Failure::refused(format!(
                "Multiple suspended runs found for workflow \"{name}\":\n  {ids}\nUse --run <run-id> \
                 to specify which run to target."
            )))
        }
    }
}

/// The log of a run.
pub fn log_path(repository: &Repository, workflow: &Workflow, id: &str) -> PathBuf {
    directory(repository, workflow).join(format!("workflow-run-{id}.log"))
}

fn directory(repository: &Repository, workflow: &Workflow) -> PathBuf {
    let local = datastore::local_dir(&repository.dir);
    local.join("workflow-runs").join(&workflow.id)
}

fn index_path(repository: &Repository, workflow: &Workflow) -> PathBuf {
    directory(repository, workflow).join(".runs-index.json")
}

/// The entries of the index; none where there is no index, or none that can be read.
fn indexed(repository: &Repository, workflow: &Workflow) -> Result<Option<Map<String, Value>>> {
    let known = files::read_if_there(&index_path(repository, workflow))?;
    let known: Option<Value> = known.and_then(|text| serde_json::from_str(&text).ok());
    Ok(match known.map(|mut index| index["entries"].take()) {
        Some(Value::Object(entries)) => Some(entries),
        _ => None,
    })
}

fn write_index(
    repository: &Repository,
    workflow: &Workflow,
    entries: Map<String, Value>,
) -> Result<()> {
    let path = index_path(repository, workflow);
    files::ensure_dir(path.parent().unwrap_or(Path::new(".")))?;
    let text = json!({ "version": 2, "entries": entries }).to_string();
    files::write_atomically(&path, &text)
}

/// Takes the index of a workflow's runs out of the repository. Their logs stay.
pub fn forget(repository: &Repository, workflow: &Workflow) -> Result<()> {
    files::remove_if_there(&index_path(repository, workflow))
}
