//! `swamp datastore setup filesystem`.

use std::fs;

use serde_json::json;

use crate::datastore::{self, DIRECTORIES};
use crate::errors::{Failure, Result};
use crate::files;
use crate::repository::Repository;
use crate::session::Session;

/// Moves the datastore of a repository that has no data yet to a directory of its own.
pub fn run(path: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let Repository { dir, mut marker } = session.repository()?;
    let path = datastore::located(&dir, path);
    let source = datastore::local_dir(&dir);
    let mut moved = Vec::new();
    for name in datastore::shared(DIRECTORIES) {
        let from = source.join(name);
        if !files::files_below(&from)?.is_empty() {
            return Err(Failure::not_implemented(
                "setting up a datastore where there is data",
            ));
        }
        files::ensure_dir(&path.join(name))?;
        if from.is_dir() {
            moved.push(name);
        }
    }
    if let Some(name) = datastore::extra(&session.faults) {
        files::ensure_dir(&path.join(name))?;
    }
    marker.set_filesystem_datastore(&path.to_string_lossy(), &DIRECTORIES);
    marker.write(&dir)?;
    // The configuration changes before the source goes: a crash in between leaves a copy too many,
    // not one too few.
    for name in &moved {
        let old = source.join(name);
        fs::remove_dir_all(&old).map_err(|error| Failure::io(&old, &error))?;
    }
    let mut result = json!({
        "type": "filesystem", "path": path, "filesCopied": 0, "filesPulled": 0, "bytesCopied": 0,
        "directoriesMigrated": moved, "errors": [],
    });
    if !moved.is_empty() {
        result["sourcePath"] = json!(source);
        result["destinationPath"] = json!(path);
    }
    result["warnings"] = json!([]);
    session.output.json(&result)
}
