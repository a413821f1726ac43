//! What a trial handed in for a review, kept with its edits: so a review can go by cause, and number
//! the causes as the report of the run does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::golden::waiting::WaitingGolden;
use crate::report::ledger::{self, Entry};

/// A trial of which a text waits for a review, or did until lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedTrial {
    /// Its line in the ledger, as far as a review needs it.
    pub entry: Entry,
    /// The surfaces that were handed in.
    pub surfaces: Vec<RecordedSurface>,
}

/// A surface that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedSurface {
    /// Its name.
    pub surface: String,
    /// The golden that it was handed in as.
    pub golden: String,
    /// The golden for all backends: where the same waits there, it does not wait here.
    pub for_all: String,
    /// The digest of the golden that it was compared with; none where there was none.
    pub was: Option<String>,
    /// The digest of its text.
    pub now: String,
}

impl RecordedSurface {
    /// Whether this is what waits there.
    pub fn is(&self, waiting: &WaitingGolden) -> bool {
        let named = [&self.golden, &self.for_all].contains(&&waiting.name);
        // One that waits to be a new golden beside the one for all was compared with that one, which
        // may have been accepted meanwhile.
        let compared = waiting.was.is_none() || waiting.was == self.was;
        named && compared && waiting.now == self.now
    }
}

impl RecordedTrial {
    pub fn new(entry: &Entry, surfaces: Vec<RecordedSurface>) -> Self {
        let mut entry = entry.clone();
        entry.calls = Vec::new();
        entry.deviations = Vec::new();
        entry.report = None;
        entry.next = None;
        Self { entry, surfaces }
    }

    /// Keeps it in `dir`, whole and at once.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let json = serde_json::to_vec(self).map_err(io::Error::other)?;
        ledger::replace(&file(dir, &self.entry.trial), &json)
    }
}

/// Where the review of the run lies whose ledger stands at `place`.
pub(crate) fn review_beside(place: &Path) -> PathBuf {
    place.with_file_name("review")
}

/// Where the recorded trials of that run lie.
pub(crate) fn trials_beside(place: &Path) -> PathBuf {
    review_beside(place).join("trials")
}

/// Those that are kept in `dir`, in the order of their names. What was cut off, or is of another
/// version of the suite, is none: what waits of it counts as unknown.
pub(crate) fn all(dir: &Path) -> Vec<RecordedTrial> {
    let kept = files(dir).into_iter().filter_map(|path| read(&path));
    kept.collect()
}

/// Removes those of which nothing waits any more, before a run: the causes of the next review are
/// then numbered without them.
pub(crate) fn forget_reviewed(dir: &Path, waiting: impl FnOnce() -> Vec<WaitingGolden>) {
    // What another process hands in after this line is none of ours.
    let kept = files(dir);
    let waiting = waiting();
    for path in kept {
        let waits = read(&path).is_some_and(|trial| {
            let mut surfaces = trial.surfaces.iter();
            surfaces.any(|surface| waiting.iter().any(|it| surface.is(it)))
        });
        if !waits {
            // Best effort: another process may do the same, and it only counts as one cause more.
            let _ = fs::remove_file(path);
        }
    }
}

fn read(path: &Path) -> Option<RecordedTrial> {
    serde_json::from_str(&ledger::contents(path).ok()?).ok()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort();
    paths
}

fn file(dir: &Path, trial: &str) -> PathBuf {
    dir.join(format!("{}.json", trial.replace("::", ".")))
}
