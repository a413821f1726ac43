//! `swamp datastore setup filesystem`.

use std::path::Path;

use serde_json::json;

use super::taking_along::Taken;
use crate::args::SetupFilesystem;
use crate::datastore::{self, DIRECTORIES};
use crate::errors::Result;
use crate::files;
use crate::namespace::manifest::Manifest;
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::repository::Repository;
use crate::session::Session;
use crate::time;

/// What is said of a setup that can be tried again.
pub const RETRY: &str =
    "Re-run the same command to retry. Local data is preserved and the retry is safe.";

/// Makes a directory the repository's datastore, and takes along what the repository has.
pub fn run(args: &SetupFilesystem, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let repository = session.repository()?;
    let path = datastore::located(&repository.dir, &args.path);
    let remote = Remote::of(&repository, &session.env)?;
    if remote.is_some() && session.quirks.on(Quirk::DataStaysInBucket) {
        return out_of_bucket(repository, &path, session);
    }
    let Repository { dir, mut marker } = repository;
    let forgets = remote.is_none() && session.quirks.on(Quirk::SetupForgetsNamespace);
    let local = || datastore::local_dir(&dir);
    let source = remote.map_or_else(local, |remote| remote.cache);
    let named: Vec<&str> = match &args.directories {
        Some(names) => names.split(',').collect(),
        None => DIRECTORIES.to_vec(),
    };
    for name in datastore::shared(named.iter().copied()) {
        files::ensure_dir(&path.join(name))?;
    }
    if let Some(name) = datastore::extra(&session.faults) {
        files::ensure_dir(&path.join(name))?;
    }
    let namespace = marker.namespace().filter(|_| !forgets).map(str::to_owned);
    let mut taken = Taken::default();
    let mut moved = datastore::shared(DIRECTORIES);
    let all = session.quirks.on(Quirk::SetupMovesUnnamed);
    moved.retain(|name| all || named.contains(name));
    if !args.skip_migration {
        for name in &moved {
            taken.take(&source, name, &path.join(name))?;
            if let Some(namespace) = &namespace {
                let name = format!("{namespace}/{name}");
                taken.take(&source, &name, &path.join(&name))?;
            }
        }
    }
    let mut errors = Vec::new();
    if !args.skip_migration && session.quirks.on(Quirk::SetupCountsFilesOfOthers) {
        let [here, there] = [count(&source, &moved)?, count(&path, &moved)?];
        if here != there {
            errors.push(format!(
                "Migration verification: source has {here} files, destination has {there}"
            ));
        }
    }
    let mut result = json!({
        "type": "filesystem", "path": path, "filesCopied": taken.files, "filesPulled": 0,
        "bytesCopied": taken.bytes, "directoriesMigrated": taken.directories, "errors": errors,
    });
    if errors.is_empty() {
        marker.set_filesystem_datastore(&path.to_string_lossy(), &named);
        if let (Some(namespace), Some(repo_id)) = (namespace, marker.repo_id()) {
            let claim = Manifest {
                namespace: namespace.clone(),
                repo_id: Some(repo_id.to_owned()),
                registered_at: Some(time::now()),
            };
            claim.write(&path)?;
            marker.set_namespace(&namespace, &path);
        }
        marker.write(&dir)?;
        // The configuration changes before the source goes: a crash in between leaves a copy too
        // many, not one too few.
        taken.leave(&source);
    } else {
        result["retryHint"] = RETRY.into();
    }
    if !taken.directories.is_empty() {
        result["sourcePath"] = json!(source);
        result["destinationPath"] = json!(path);
    }
    result["warnings"] = json!([]);
    session.output.json(&result)
}

/// How many files there are in these directories of `root`.
fn count(root: &Path, names: &[&str]) -> Result<usize> {
    let mut count = 0;
    for name in names {
        count += files::files_below(&root.join(name))?.len();
    }
    Ok(count)
}

/// Moves the datastore of a repository out of a bucket, and leaves there what it has.
fn out_of_bucket(repository: Repository, path: &Path, session: &mut Session) -> Result<()> {
    let Repository { dir, mut marker } = repository;
    for name in datastore::shared(DIRECTORIES) {
        files::ensure_dir(&path.join(name))?;
    }
    if let Some(name) = datastore::extra(&session.faults) {
        files::ensure_dir(&path.join(name))?;
    }
    marker.set_filesystem_datastore(&path.to_string_lossy(), &DIRECTORIES);
    marker.write(&dir)?;
    session.output.json(&json!({
        "type": "filesystem", "path": path, "filesCopied": 0, "filesPulled": 0, "bytesCopied": 0,
        "directoriesMigrated": [], "errors": [], "warnings": [],
    }))
}
