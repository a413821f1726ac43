//! What a trial showed, kept so that it can be compared with what it shows on another swamp.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::report::causes;
use crate::report::ledger::{self, Entry};
use crate::secret;

/// A trial as it was played on one swamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedTrial {
    /// Its line in the ledger; of its edits those alone that are no matter of a golden.
    pub entry: Entry,
    /// The names that the scenario gave to its datastores, repos, models and workflows.
    pub names: BTreeSet<String>,
    /// What each surface showed, redacted.
    pub surfaces: Vec<(String, String)>,
    /// Whether an assertion ended it before its last step.
    pub ended_early: bool,
    /// In how many repos commands ran; of twins, which are held against each other, in one.
    pub repos: usize,
    /// How many commands the older of two swamps played, where two play it.
    pub by_older: usize,
}

impl PlayedTrial {
    /// As it is kept: without secrets, and without what it says of a golden.
    pub(crate) fn new(
        entry: &Entry,
        names: &BTreeSet<&str>,
        surfaces: impl Iterator<Item = (String, String)>,
        ended_early: bool,
    ) -> Self {
        let mut entry = entry.clone();
        entry.edits.retain(|edit| edit.surface == causes::FAULT);
        entry.drifted = Vec::new();
        entry.report = None;
        entry.sandbox = None;
        let hidden =
            |(surface, text): (String, String)| (surface, secret::hide(&text).into_owned());
        Self {
            entry,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            surfaces: surfaces.map(hidden).collect(),
            ended_early,
            repos: 0,
            by_older: 0,
        }
    }

    /// Keeps it in `dir`, whole and at once.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        let json = serde_json::to_vec(self).map_err(io::Error::other)?;
        ledger::replace(&file(dir, &self.entry.trial), &json)
    }

    /// The trial of that name as it is kept in `dir`; none if it was not played, or was cut off.
    pub fn kept(dir: &Path, trial: &str) -> Option<Self> {
        let json = ledger::contents(&file(dir, trial)).ok()?;
        serde_json::from_str(&json).ok()
    }
}

fn file(dir: &Path, trial: &str) -> PathBuf {
    dir.join(format!("{}.json", trial.replace("::", ".")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ledger::{Edit, Status, sample};

    #[test]
    fn what_is_kept_comes_back_without_what_it_says_of_a_golden() {
        let dir = tempfile::tempdir().unwrap();
        let edit = |surface: &str| Edit {
            surface: surface.into(),
            place: 0,
            went: None,
            came: Some("x".into()),
            alike: "0".into(),
            head: None,
        };
        let mut entry = sample("a::s01_b::s3", Status::Drifted);
        entry.edits = vec![edit("cli"), edit(causes::FAULT)];
        entry.sandbox = Some("/tmp/x".into());
        let names = BTreeSet::from(["infra"]);
        let surfaces = [("cli".to_owned(), "$ swamp\n".to_owned())];
        let played = PlayedTrial::new(&entry, &names, surfaces.into_iter(), false);
        assert_eq!(played.entry.edits, [edit(causes::FAULT)]);
        assert_eq!(played.entry.sandbox, None);
        assert_eq!(PlayedTrial::kept(dir.path(), "a::s01_b::s3"), None);
        played.keep(dir.path()).unwrap();
        assert_eq!(PlayedTrial::kept(dir.path(), "a::s01_b::s3"), Some(played));
        std::fs::write(dir.path().join("a.s01_b.s3.json"), "{\"entry\":").unwrap();
        assert_eq!(PlayedTrial::kept(dir.path(), "a::s01_b::s3"), None);
    }
}
