//! What a reviewer has decided so far, kept in a file: a review that is interrupted goes on where it
//! was.
//!
//! A decision is about the edits of a cause in one text that waits for one golden. Where either is
//! another text by now, nothing is decided about it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::BadInput;
use crate::golden::waiting::WaitingGolden;
use crate::report::ledger;

/// A decision about a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It is intended.
    Accept,
    /// It is not.
    Reject,
}

/// All decisions about texts that wait, by the names of their goldens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decisions(BTreeMap<String, Decided>);

/// The decisions about one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Decided {
    /// The digest of the golden.
    was: Option<String>,
    /// The digest of the text.
    now: String,
    /// By what the edits have in `alike`.
    edits: BTreeMap<String, Decision>,
}

impl Decisions {
    /// Reads the file; there is none before the first decision.
    ///
    /// # Errors
    /// It is none of this suite's, or was cut off.
    pub fn read(file: &Path) -> Result<Self, BadInput> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let read = ledger::contents(file).and_then(|text| {
            let decisions = serde_json::from_str(&text);
            decisions.map_err(|e| e.to_string())
        });
        read.map_err(|found| {
            BadInput::new(
                format!(
                    "the decisions of an earlier review are in {}",
                    file.display()
                ),
                found,
                "remove that file: what was accepted or rejected stays so, and what waits is asked \
                 again",
            )
        })
    }

    /// Writes the file, whole and at once.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        if let Some(dir) = file.parent() {
            fs::create_dir_all(dir)?;
        }
        let json = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        ledger::replace(file, &json)
    }

    /// What is decided about the edits `alike` of that text.
    pub fn about(&self, waiting: &WaitingGolden, alike: &str) -> Option<Decision> {
        let decided = self.0.get(&waiting.name)?;
        let same = decided.was == waiting.was && decided.now == waiting.now;
        same.then(|| decided.edits.get(alike).copied()).flatten()
    }

    /// Takes a decision down.
    pub fn decide(&mut self, waiting: &WaitingGolden, alike: &str, decision: Decision) {
        let nothing_yet = || Decided {
            was: waiting.was.clone(),
            now: waiting.now.clone(),
            edits: BTreeMap::new(),
        };
        let decided = self.0.entry(waiting.name.clone());
        let decided = decided.or_insert_with(nothing_yet);
        if decided.was != waiting.was || decided.now != waiting.now {
            // What was decided was about another text.
            *decided = nothing_yet();
        }
        decided.edits.insert(alike.to_owned(), decision);
    }

    /// Forgets what was decided about texts that wait no more.
    pub fn retain(&mut self, waits: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| waits(name));
    }
}
