//! Data that lies outside of the namespace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::datastore::{DIRECTORIES, Datastore};
use crate::errors::{Failure, Result};
use crate::files;
use crate::quirks::{Quirk, Quirks};

/// The directories at the root of the datastore that hold files.
pub fn directories(datastore: &Datastore) -> Result<Vec<&'static str>> {
    let mut found = Vec::new();
    for name in DIRECTORIES {
        if !files::files_below(&datastore.path.join(name))?.is_empty() {
            found.push(name);
        }
    }
    Ok(found)
}

/// What a clean-up has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The directories that are gone.
    pub directories: Vec<&'static str>,
    /// How many files were in them.
    pub files: usize,
}

/// Removes directories whose files are all in the namespace too, byte for byte. `on_check` hears of
/// each directory before it is looked at. One that has other files ends it.
pub fn clean(
    datastore: &Datastore,
    namespace: &str,
    names: &[&'static str],
    quirks: &Quirks,
    mut on_check: impl FnMut(&str),
) -> Result<Cleaned> {
    if !quirks.on(Quirk::RepairStopsHalfway) {
        for name in names {
            check(datastore, namespace, name)?;
        }
    }
    let mut cleaned = Cleaned::default();
    for name in names {
        on_check(name);
        let found = check(datastore, namespace, name)?;
        for path in &found {
            fs::remove_file(path).map_err(|error| Failure::io(path, &error))?;
        }
        remove_empty(&datastore.path.join(name));
        cleaned.files += found.len();
        cleaned.directories.push(name);
    }
    Ok(cleaned)
}

/// Whether all files of a directory are in the namespace too; gives them.
pub fn check(datastore: &Datastore, namespace: &str, name: &str) -> Result<Vec<PathBuf>> {
    let root = datastore.path.join(name);
    let found = files::files_below(&root)?;
    let same = |path: &PathBuf| {
        let below = path.strip_prefix(&root).unwrap_or(path);
        let other = datastore.path.join(namespace).join(name).join(below);
        fs::read(path).is_ok_and(|bytes| fs::read(other).is_ok_and(|others| bytes == others))
    };
    if found.iter().all(same) {
        return Ok(found);
    }
    Err(Failure::refused(format!(
        "Root-level \"{name}/\" contains files that differ from \"{namespace}/{name}/\". Run 'swamp datastore namespace \
         migrate --confirm' to resolve manually."
    )))
}

/// Removes a directory and those in it; what holds files stays.
fn remove_empty(dir: &Path) {
    for name in files::subdirectories(dir).unwrap_or_default() {
        remove_empty(&dir.join(name));
    }
    let _ = fs::remove_dir(dir);
}
