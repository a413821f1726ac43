//! What was there before a command that counts what it finds: what it prints is held against that.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::datastore::{MOVED_BY_SETUP, held_but, is_catalog};
use crate::forms::marker::Marker;

/// Files, and their bytes.
pub(super) type Held = (u64, u64);

/// What a repo had before a command, as far as the command counts it; without the catalog, which
/// grows by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Before {
    /// In the directories that a setup moves.
    pub moved: Held,
    /// Whether they are in the local copy of a bucket.
    pub in_bucket: bool,
    /// In each directory that a migration may move.
    pub directories: BTreeMap<PathBuf, Held>,
    /// The bytes of the catalog, and of its log.
    pub catalog: (u64, u64),
}

impl Before {
    /// Looks, if the command with these arguments counts something.
    pub fn of(args: &[String], repo: &Path, home: &Path) -> Self {
        let mut before = Self::default();
        let words: Vec<&str> = args.iter().take(2).map(String::as_str).collect();
        match words.as_slice() {
            ["datastore", "setup"] => {
                let bucket = args
                    .iter()
                    .any(|arg| arg == "filesystem")
                    .then(|| copy_of_bucket(repo, home));
                let bucket = bucket.flatten();
                before.in_bucket = bucket.is_some();
                let place = bucket.unwrap_or_else(|| repo.join(".swamp"));
                for name in MOVED_BY_SETUP {
                    let (files, bytes) = held_but(&place.join(name), is_catalog);
                    before.moved.0 += files;
                    before.moved.1 += bytes;
                }
            }
            ["datastore", "namespace"] => before.directories = directories(repo, home),
            ["datastore", "compact"] => {
                let size = |end: &str| {
                    let path = repo.join(format!(".swamp/data/_catalog.db{end}"));
                    fs::metadata(path).map_or(0, |data| data.len())
                };
                before.catalog = (size(""), size("-wal"));
            }
            _ => {}
        }
        before
    }
}

/// The own share in the local copy of a repo's bucket, if its datastore is one.
fn copy_of_bucket(repo: &Path, home: &Path) -> Option<PathBuf> {
    let marker = Marker::read(repo).ok()?;
    let datastore = marker.datastore()?;
    let share = marker.datastore_of(repo, home);
    datastore
        .path
        .is_none()
        .then(|| share.join(marker.namespace().unwrap_or_default()))
}

/// The directories of the datastore, and those of its namespace.
fn directories(repo: &Path, home: &Path) -> BTreeMap<PathBuf, Held> {
    // Where there is no repo there is nothing to count.
    let Ok(marker) = Marker::read(repo) else {
        return BTreeMap::new();
    };
    let solo = marker.datastore_of(repo, home);
    let own = marker.namespace().map(|namespace| solo.join(namespace));
    let below = [Some(solo), own].into_iter().flatten();
    let entries = below.flat_map(|dir| fs::read_dir(dir).into_iter().flatten().flatten());
    let paths = entries.map(|entry| entry.path());
    paths
        .map(|path| {
            let held = held_but(&path, is_catalog);
            (path, held)
        })
        .collect()
}
