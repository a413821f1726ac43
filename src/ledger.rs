//! The ledger of a run: one line of JSON for each trial, for the table, for JUnit, for CI.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use crate::backend::Kind;
use crate::deviation::{Severity, Verdict};
use crate::error::BadInput;
use crate::scenario::Scenario;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All as the goldens and the plan say.
    Passed,
    /// As the goldens say, and otherwise than planned, as is known.
    KnownDeviation,
    /// A surface differs from its golden.
    Drifted,
    /// An assertion failed, a command hung, or the harness found its own work wanting.
    Failed,
    /// It could not run here.
    Skipped,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The trial's name.
    pub trial: String,
    /// The scenario's id in the plan.
    pub scenario: u32,
    /// The phase's letter.
    pub phase: String,
    /// The backend's name.
    pub backend: String,
    /// How it ended.
    pub status: Status,
    /// Why it was skipped, or what failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The surfaces that drifted.
    #[serde(default)]
    pub drifted: Vec<String>,
    /// The deviations from the plan that it met.
    #[serde(default)]
    pub deviations: Vec<Met>,
    /// How many swamp commands it ran.
    pub commands: usize,
    /// How long those took, in milliseconds.
    pub command_ms: u64,
    /// When the trial began, in milliseconds since the run did.
    pub start_ms: u64,
    /// How long the trial took, in milliseconds.
    pub wall_ms: u64,
    /// Where its sandbox was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
}

/// A known deviation that a trial met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// The deviation's name.
    pub id: String,
    /// What is planned.
    pub plan: String,
    /// What happens.
    pub today: String,
    /// How much it hurts.
    pub severity: Severity,
}

impl Entry {
    /// The line of a trial that has done nothing yet.
    pub fn new(scenario: &Scenario, kind: Kind, status: Status) -> Self {
        Self {
            trial: scenario.trial_name(kind),
            scenario: scenario.id(),
            phase: scenario.phase.letter().to_owned(),
            backend: kind.name().to_owned(),
            status,
            reason: None,
            drifted: Vec::new(),
            deviations: Vec::new(),
            commands: 0,
            command_ms: 0,
            start_ms: 0,
            wall_ms: 0,
            sandbox: None,
        }
    }
}

impl From<&Verdict> for Met {
    fn from(verdict: &Verdict) -> Self {
        let deviation = verdict.deviation;
        Self {
            id: deviation.id.to_owned(),
            plan: deviation.plan.to_owned(),
            today: deviation.today.to_owned(),
            severity: deviation.severity,
        }
    }
}

/// The ledger of this process, open for appending.
#[derive(Debug)]
pub struct Ledger {
    file: Mutex<File>,
    known_deviations: AtomicUsize,
}

impl Ledger {
    /// Opens the ledger at `path`, empty unless it is to be `continued`: nextest runs every
    /// trial in a process of its own.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: &Path, continued: bool) -> Result<Self, BadInput> {
        let unwritable = |e: std::io::Error| {
            BadInput::new(
                format!("the ledger {} cannot be written", path.display()),
                e.to_string(),
                "set SWAMP_UAT_LEDGER to a file that you can write",
            )
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(unwritable)?;
        }
        OpenOptions::new()
            .create(true)
            .write(true)
            .append(continued)
            .truncate(!continued)
            .open(path)
            .map(|file| Self {
                file: Mutex::new(file),
                known_deviations: AtomicUsize::new(0),
            })
            .map_err(unwritable)
    }

    /// How many known deviations the lines of this process have.
    pub fn known_deviations(&self) -> usize {
        self.known_deviations.load(Ordering::Relaxed)
    }

    /// Adds a line.
    pub fn add(&self, entry: &Entry) {
        self.known_deviations
            .fetch_add(entry.deviations.len(), Ordering::Relaxed);
        let mut file = self
            .file
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let line = serde_json::to_string(entry).map_err(std::io::Error::other);
        if let Err(e) = line.and_then(|line| file.write_all(format!("{line}\n").as_bytes())) {
            eprintln!("swamp-uat: the ledger lost {}: {e}", entry.trial);
        }
    }
}

/// The lines of the ledger at `path`.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> Result<Vec<Entry>, BadInput> {
    let bad = |found: String| {
        BadInput::new(
            format!("the ledger {} cannot be read", path.display()),
            found,
            "run `cargo uat` again; it writes a new one",
        )
    };
    fs::read_to_string(path)
        .map_err(|e| bad(e.to_string()))?
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|e| bad(format!("{e}: {line}"))))
        .collect()
}

#[cfg(test)]
pub(crate) fn sample(trial: &str, status: Status) -> Entry {
    Entry {
        trial: trial.into(),
        scenario: 1,
        phase: "B".into(),
        backend: "filesystem".into(),
        status,
        reason: None,
        drifted: Vec::new(),
        deviations: Vec::new(),
        commands: 3,
        command_ms: 40,
        start_ms: 10,
        wall_ms: 50,
        sandbox: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_read_again_and_a_new_run_starts_empty() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/ledger.json");
        let one = sample("a", Status::Passed);
        let mut two = sample("b", Status::Skipped);
        two.reason = Some("no\nreason".into());
        Ledger::open(&path, false).unwrap().add(&one);
        Ledger::open(&path, true).unwrap().add(&two);
        assert_eq!(read(&path).unwrap(), [one, two.clone()]);
        Ledger::open(&path, false).unwrap().add(&two);
        assert_eq!(read(&path).unwrap(), [two]);
    }

    #[test]
    fn a_broken_ledger_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.json");
        assert!(read(&path).unwrap_err().to_string().contains("ledger.json"));
        fs::write(&path, "{\n").unwrap();
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("cannot be read")
        );
        assert!(Ledger::open(dir.path(), false).is_err());
    }
}
