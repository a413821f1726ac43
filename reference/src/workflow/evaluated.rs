//! Workflows as they were evaluated: where they are stored, and how.

use std::path::{Path, PathBuf};

use super::definition::Workflow;
use crate::datastore::{self, Datastore};
use crate::errors::Result;
use crate::files;
use crate::quirks::Quirk;
use crate::repository::Repository;
use crate::session::Session;

const DIRECTORY: &str = "workflows-evaluated";

/// Where a datastore has them.
pub fn dir(datastore: &Datastore) -> PathBuf {
    datastore.own_root().join(DIRECTORY)
}

/// Where runs store them.
pub fn dir_of_runs(repository: &Repository, session: &Session) -> Result<PathBuf> {
    if session.quirks.on(Quirk::WorkflowOutputsStayLocal) {
        return Ok(datastore::local_dir(&repository.dir).join(DIRECTORY));
    }
    Ok(dir(&session.datastore(repository)?))
}

/// Stores one, and gives its place. The expressions of steps wait until the step begins, so what is
/// stored is the workflow itself.
pub fn write(dir: &Path, workflow: &Workflow) -> Result<PathBuf> {
    files::ensure_dir(dir)?;
    let path = Workflow::place(dir, &workflow.name);
    files::write_atomically(&path, &workflow.to_yaml())?;
    Ok(path)
}

/// Removes it.
pub fn remove(dir: &Path, workflow: &Workflow) -> Result<()> {
    files::remove_if_there(&Workflow::place(dir, &workflow.name))
}
