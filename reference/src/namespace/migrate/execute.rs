//! Carrying out a plan.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::merge::{self, Existing};
use super::plan::{Move, Plan, is_catalog};
use super::renumber;
use crate::errors::Failure;
use crate::faults::{Fault, Faults};
use crate::files;

/// Files that stayed behind because their places were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// The directory.
    pub subdir: String,
    /// Where they are.
    pub source: PathBuf,
    /// Where they should go.
    pub destination: PathBuf,
    /// Their paths in the directory.
    pub skipped_paths: Vec<String>,
}

/// Is told what has been done, as it is done.
pub trait Watcher {
    /// So many duplicates were removed from a directory.
    fn removed_duplicates(&mut self, planned: &Move);
    /// Files stayed behind.
    fn left(&mut self, left: Left);
    /// A directory has been moved.
    fn moved(&mut self, planned: &Move);
}

/// A migration that did not come to its end.
#[derive(Debug)]
pub struct Interrupted {
    /// The directories that have been moved.
    pub succeeded: Vec<String>,
    /// The one that could not be; none where it failed before the first.
    pub failed: Option<String>,
    /// Why.
    pub failure: Failure,
}

/// Moves all directories of the plan, one after the other. Whatever happens, every file is at its
/// old place or at its new one, and the same plan can be made again.
pub fn execute(
    plan: &Plan,
    faults: &Faults,
    watcher: &mut impl Watcher,
) -> Result<Vec<String>, Interrupted> {
    let mut succeeded: Vec<String> = Vec::new();
    for planned in &plan.moves {
        prepare(planned, watcher).map_err(|failure| Interrupted {
            succeeded: Vec::new(),
            failed: None,
            failure,
        })?;
    }
    if faults.on(Fault::MigrateDropsFile) && !plan.request.reverse {
        drop_a_file(plan);
    }
    let existing = if plan.request.reverse && faults.on(Fault::ReverseOverwrites) {
        Existing::Overwrite
    } else {
        Existing::Keep
    };
    for planned in &plan.moves {
        match carry(planned, existing) {
            Ok(kept) if kept.is_empty() => {}
            Ok(kept) => watcher.left(Left::new(planned, &kept)),
            Err(reason) => {
                let message = format!("Failed to migrate \"{}\": {reason}", planned.subdir);
                return Err(Interrupted {
                    succeeded,
                    failed: Some(planned.subdir.clone()),
                    failure: Failure::refused(message),
                });
            }
        }
        succeeded.push(planned.subdir.clone());
        watcher.moved(planned);
    }
    Ok(succeeded)
}

fn prepare(planned: &Move, watcher: &mut impl Watcher) -> Result<(), Failure> {
    for path in &planned.duplicates {
        let path = planned.source.join(path);
        fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
    }
    if !planned.duplicates.is_empty() {
        watcher.removed_duplicates(planned);
    }
    renumber::make_room(&planned.source, &planned.destination, &planned.renumbered)
}

fn carry(planned: &Move, existing: Existing) -> Result<Vec<PathBuf>, String> {
    let parent = planned.destination.parent().unwrap_or(Path::new("/"));
    files::ensure_dir(parent).map_err(|failure| failure.to_string())?;
    let carried = if planned.keeps_catalog {
        carry_without_catalog(planned)
    } else if planned.destination.is_dir() {
        merge::merge_into(&planned.source, &planned.destination, existing)
    } else {
        merge::rename(&planned.source, &planned.destination).map(|()| Vec::new())
    };
    carried.map_err(|error| error.to_string())
}

/// Entry by entry, as the catalog and the directory that it is in stay.
fn carry_without_catalog(planned: &Move) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(&planned.destination)?;
    let mut kept = Vec::new();
    for entry in merge::entries(&planned.source)? {
        let name = PathBuf::from(entry.file_name());
        if is_catalog(&name) {
            continue;
        }
        let to = planned.destination.join(&name);
        if to.is_dir() && entry.file_type()?.is_dir() {
            let left = merge::merge_into(&entry.path(), &to, Existing::Keep)?;
            kept.extend(left.into_iter().map(|path| name.join(path)));
        } else if to.exists() {
            kept.push(name);
        } else {
            merge::rename(&entry.path(), &to)?;
        }
    }
    merge::remove_empty(&planned.source);
    Ok(kept)
}

/// The regression: one file of the data does not arrive.
fn drop_a_file(plan: &Plan) {
    let data = plan.moves.iter().find(|planned| planned.subdir == "data");
    let mut found = data
        .and_then(|planned| files::files_below(&planned.source).ok())
        .unwrap_or_default();
    found.retain(|path| !is_catalog(path));
    found.sort();
    if let Some(path) = found.first() {
        let _ = fs::remove_file(path);
    }
}

impl Left {
    fn new(planned: &Move, kept: &[PathBuf]) -> Self {
        Self {
            subdir: planned.subdir.clone(),
            source: planned.source.clone(),
            destination: planned.destination.clone(),
            skipped_paths: kept.iter().map(|path| path.display().to_string()).collect(),
        }
    }
}
