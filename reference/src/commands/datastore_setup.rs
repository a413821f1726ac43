//! `swamp datastore setup filesystem`.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::datastore::{self, DIRECTORIES};
use crate::errors::{Failure, Result};
use crate::files;
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::repository::Repository;
use crate::session::Session;

/// Moves the datastore of a repository that has no data yet to a directory of its own.
pub fn run(path: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let Repository { dir, marker } = session.repository()?;
    let path = datastore::located(&dir, path);
    let source = datastore::local_dir(&dir);
    let repository = Repository { dir, marker };
    if let Some(remote) = Remote::of(&repository, &session.env)? {
        return out_of_bucket(repository, &remote, &path, session);
    }
    let Repository { dir, mut marker } = repository;
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

/// Moves the datastore of a repository out of a bucket. By the quirk its data stays there.
fn out_of_bucket(
    repository: Repository,
    remote: &Remote,
    path: &Path,
    session: &mut Session,
) -> Result<()> {
    let Repository { dir, mut marker } = repository;
    let (mut copied, mut bytes) = (0, 0);
    for name in datastore::shared(DIRECTORIES) {
        files::ensure_dir(&path.join(name))?;
        if session.quirks.on(Quirk::DataStaysInBucket) {
            continue;
        }
        let namespace = remote.namespace.as_deref().unwrap_or_default();
        let from = remote.cache.join(namespace);
        for file in files::files_below(&from.join(name))? {
            let to = path.join(file.strip_prefix(&from).unwrap_or(&file));
            files::ensure_dir(to.parent().unwrap_or(path))?;
            bytes += fs::copy(&file, &to).map_err(|error| Failure::io(&file, &error))?;
            copied += 1;
        }
    }
    if let Some(name) = datastore::extra(&session.faults) {
        files::ensure_dir(&path.join(name))?;
    }
    marker.set_filesystem_datastore(&path.to_string_lossy(), &DIRECTORIES);
    marker.write(&dir)?;
    session.output.json(&json!({
        "type": "filesystem", "path": path, "filesCopied": copied, "filesPulled": 0, "bytesCopied": bytes,
        "directoriesMigrated": [], "errors": [], "warnings": [],
    }))
}
