//! `swamp workflow delete`.

use std::fs;

use serde_json::json;

use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::quote;
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::remote::run::Changes;
use crate::remote::structure::around_structure;
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::produced::RunRecord;
use crate::workflow::{Workflow, evaluated, recorded};

const CATEGORY: &str = "workflow delete";

/// Removes a workflow, with the records of its runs and what was evaluated of it.
pub fn run(name: &str, confirmed: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    around_structure(&repository, &datastore, session, |session, changes| {
        delete(&repository, &datastore, name, confirmed, changes, session)
    })
}

fn delete(
    repository: &Repository,
    datastore: &Datastore,
    name: &str,
    confirmed: bool,
    changes: &Changes,
    session: &mut Session,
) -> Result<()> {
    let workflow = Workflow::require(&repository.dir, name)?;
    if !confirmed && !session.output.is_json() {
        session.ask()?;
    }
    let runs = RunRecord::all(datastore, &workflow.id)?.len();
    for share in reach::shares(datastore, Fault::WorkflowDeleteCrossesNamespace, session)? {
        let dir = share.own_root().join("workflow-runs").join(&workflow.id);
        if !session.quirks.on(Quirk::WorkflowDeleteStaysInBucket) {
            changes.mark(&dir);
        }
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(|error| Failure::io(&dir, &error))?;
        }
        evaluated::remove(&evaluated::dir(&share), &workflow)?;
    }
    recorded::forget(repository, &workflow)?;
    let path = &workflow.path;
    fs::remove_file(path).map_err(|error| Failure::io(path, &error))?;
    if session.output.is_json() {
        return session.output.json(&json!({
            "deleted": { "id": workflow.id, "name": workflow.name, "workflowPath": path },
            "runsDeleted": runs,
        }));
    }
    let message = format!("Deleted workflow: {}", quote(&workflow.name));
    session.output.info(CATEGORY, &message);
    session
        .output
        .info(CATEGORY, &format!("Runs deleted: {runs}"));
    Ok(())
}
