//! What a migration would do, and why it cannot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Request, merge, renumber};
use crate::datastore::{self, DIRECTORIES, Datastore};
use crate::errors::{Failure, Result};
use crate::faults::{Fault, Faults};
use crate::quirks::{Quirk, Quirks};

/// Files that no user has written: a directory with nothing else in it is as good as empty.
const INFRASTRUCTURE: [&str; 3] = ["_catalog.db", "_catalog.db-journal", "_catalog.db-wal"];

/// The directories that are merged on the way back, whatever is there.
const MERGED_ON_REVERSE: [&str; 4] = [
    "bundles",
    "vault-bundles",
    "driver-bundles",
    "report-bundles",
];

/// One directory to be moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Move {
    /// Its name.
    pub subdir: String,
    /// Where it is.
    pub source: PathBuf,
    /// Where it goes.
    pub destination: PathBuf,
    /// How many files are in it.
    pub file_count: usize,
    /// Their sizes together.
    pub total_bytes: u64,
    /// Names of data whose versions are there twice, and get new numbers.
    #[serde(skip)]
    pub renumbered: Vec<PathBuf>,
    /// Files that are there twice with the same content.
    #[serde(skip)]
    pub duplicates: Vec<PathBuf>,
    /// Whether the catalog stays where it is.
    #[serde(skip)]
    pub keeps_catalog: bool,
}

/// All directories to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The namespace.
    pub namespace: String,
    /// The root of the datastore.
    pub root: PathBuf,
    /// What is to be done.
    pub request: Request,
    /// The directories, in swamp's order.
    pub moves: Vec<Move>,
    /// Those that are not there.
    pub skipped: Vec<&'static str>,
}

impl Plan {
    /// Looks at the datastore of the repository at `repo`. Nothing is changed; a conflict is a
    /// refusal.
    pub fn make(
        repo: &Path,
        datastore: &Datastore,
        namespace: &str,
        request: Request,
        quirks: &Quirks,
        faults: &Faults,
    ) -> Result<Self> {
        let in_repo = datastore.path == datastore::local_dir(repo);
        let keeps_local = in_repo && !quirks.on(Quirk::MigrateMovesVault);
        let inside = datastore.path.join(namespace);
        let (mut moves, mut skipped) = (Vec::new(), Vec::new());
        let mut conflicts = Vec::new();
        for subdir in DIRECTORIES {
            let (mut source, mut destination) = (datastore.path.join(subdir), inside.join(subdir));
            if request.reverse {
                std::mem::swap(&mut source, &mut destination);
            }
            if !source.is_dir() || (keeps_local && !datastore::is_shared(subdir)) {
                skipped.push(subdir);
                continue;
            }
            let mut planned = Move {
                subdir: subdir.to_owned(),
                keeps_catalog: keeps_local && subdir == "data",
                file_count: 0,
                total_bytes: 0,
                renumbered: Vec::new(),
                duplicates: Vec::new(),
                source,
                destination,
            };
            if !request.reverse {
                conflicts.extend(planned.compare(quirks)?);
            } else if !faults.on(Fault::ReverseOverwrites) {
                planned.check_free()?;
            }
            planned.measure(quirks)?;
            moves.push(planned);
        }
        refuse(&conflicts)?;
        Ok(Self {
            namespace: namespace.to_owned(),
            root: datastore.path.clone(),
            request,
            moves,
            skipped,
        })
    }

    /// How many files are moved.
    pub fn total_files(&self) -> usize {
        self.moves.iter().map(|planned| planned.file_count).sum()
    }

    /// Their sizes together.
    pub fn total_bytes(&self) -> u64 {
        self.moves.iter().map(|planned| planned.total_bytes).sum()
    }
}

fn refuse(conflicts: &[String]) -> Result<()> {
    if conflicts.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "Cannot migrate: {} file(s) already exist at the destination and would be lost during merge. Remove or rename \
         the conflicting files first:\n{}",
        conflicts.len(),
        conflicts.join("\n")
    )))
}

impl Move {
    /// Finds the files that are there twice. The result are the lines for those that differ.
    fn compare(&mut self, quirks: &Quirks) -> Result<Vec<String>> {
        if !self.destination.is_dir() {
            return Ok(Vec::new());
        }
        let mut found = merge::collisions(&self.source, &self.destination).map_err(merge::crash)?;
        found.retain(|path| !(self.keeps_catalog && is_catalog(path)));
        let differs = |path: &PathBuf| {
            !merge::identical(&self.source.join(path), &self.destination.join(path))
        };
        let mut differing: Vec<_> = found.iter().filter(|path| differs(path)).cloned().collect();
        if self.subdir == "data" && !quirks.on(Quirk::SameModelCollides) {
            let names = renumber::names(&differing);
            found.retain(|path| !renumber::is_in(path, &names));
            differing.retain(|path| !renumber::is_in(path, &names));
            self.renumbered = names;
        }
        if differing.is_empty() {
            self.duplicates = found;
            return Ok(Vec::new());
        }
        let lines = differing
            .iter()
            .map(|path| format!("  {}/{}", self.subdir, path.display()));
        Ok(lines.collect())
    }

    /// On the way back, nothing may be in the place.
    fn check_free(&self) -> Result<()> {
        if MERGED_ON_REVERSE.contains(&self.subdir.as_str()) || !self.destination.is_dir() {
            return Ok(());
        }
        let there = merge::entries(&self.destination).map_err(merge::crash)?;
        let is_data = |entry: &fs::DirEntry| {
            let path = entry.path();
            !(is_infrastructure(&path) || (self.keeps_catalog && is_catalog(&path)))
        };
        if there.iter().any(is_data) {
            return Err(Failure::refused(format!(
                "Cannot reverse-migrate: \"{}\" already exists at \"{}\". Remove or rename it first.",
                self.subdir,
                self.destination.display()
            )));
        }
        Ok(())
    }

    fn measure(&mut self, quirks: &Quirks) -> Result<()> {
        let unreadable = |error: io::Error| {
            if quirks.on(Quirk::CrashOnUnreadableDirectory) {
                merge::crash(error)
            } else {
                Failure::refused(error.to_string())
            }
        };
        let mut found = merge::files_below(&self.source).map_err(unreadable)?;
        found.retain(|path| !(self.keeps_catalog && is_catalog(path)));
        self.file_count = found.len();
        // What a link leads to counts, where there is something.
        let size = |path: &PathBuf| fs::metadata(path).map_or(0, |found| found.len());
        self.total_bytes = found.iter().map(size).sum();
        Ok(())
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_infrastructure(path: &Path) -> bool {
    INFRASTRUCTURE.contains(&name_of(path).as_str())
}

/// A file of the catalog, one that swamp forgets among its infrastructure too.
pub fn is_catalog(path: &Path) -> bool {
    name_of(path).starts_with("_catalog.db")
}
