//! The ledger of a run: one line of JSON for each trial, for the table, for JUnit, for CI. It
//! stands in its place when the run is over, and whole: see [`crate::report::recorder`] for how it grows.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::BadInput;
use crate::kind::Kind;
use crate::report::{differences, html, markdown};
use crate::scenario::Scenario;
use crate::scenario::deviation::{Severity, Verdict};
use crate::settings::default_ledger;

/// More than the ledger of any run has.
const MOST_BYTES: u64 = 256 << 20;

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
    /// It was to run, and the run ended before it had.
    NotRun,
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
    /// Whether what failed is among the edits, so that it is told by its cause.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_among_edits: bool,
    /// The differences and all that failed, as the run told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// What to do about a drift or a failure whose change is intended, a line each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The surfaces that drifted.
    #[serde(default)]
    pub drifted: Vec<String>,
    /// Where its surfaces differ from their goldens, and what else of it is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// The deviations from the plan that it met.
    #[serde(default)]
    pub deviations: Vec<MetDeviation>,
    /// What it called of swamp's commands, each way to call one once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// How many swamp commands it ran.
    pub commands: usize,
    /// How long those took, in milliseconds.
    pub command_ms: u64,
    /// When the trial began, in milliseconds since the run did.
    pub start_ms: u64,
    /// How long the trial took, in milliseconds.
    pub wall_ms: u64,
    /// The file and the line that the scenario begins in, of a trial that is red.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(String, u32)>,
    /// Where its sandbox was kept. It stays the last, where the last screen looks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
}

/// A line that went, one that came, or one that came for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The surface; `fault` where there is none.
    pub surface: String,
    /// Edits next to each other are in one place; places are counted in each surface.
    pub place: usize,
    /// The line that went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub went: Option<String>,
    /// The line that came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<String>,
    /// The same in two edits that are alike: a digest of both lines without the names of the trial.
    pub alike: String,
    /// Under what it stands: the command, or the checkpoint with the part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
}

/// A way in which a trial called a command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Call {
    /// The command, such as `data list`.
    pub command: String,
    /// Which of the command's own options were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Whether it was in a repo that was in a namespace.
    pub namespaced: bool,
    /// What became of what it said.
    pub seen: Seen,
}

/// What became of what a command said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// Nothing but that it set the scene: it ran before the first checkpoint, or was killed.
    Scene,
    /// The scenario asserted what it has to.
    Asserted,
    /// It stands in the golden.
    Shown,
}

/// A known deviation that a trial met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetDeviation {
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
            is_among_edits: false,
            report: None,
            next: None,
            drifted: Vec::new(),
            edits: Vec::new(),
            deviations: Vec::new(),
            calls: Vec::new(),
            commands: 0,
            command_ms: 0,
            start_ms: 0,
            wall_ms: 0,
            sandbox: None,
            place: None,
        }
    }

    /// Whether the trial ended as it must not.
    pub fn is_red(&self) -> bool {
        matches!(
            self.status,
            Status::Failed | Status::Drifted | Status::NotRun
        )
    }

    /// Why the trial was skipped, if it was.
    pub fn skipped(&self) -> Option<&str> {
        let reason = self.reason.as_deref();
        reason.filter(|_| self.status == Status::Skipped)
    }

    /// Keeps what the run told about the trial, as far as anybody reads it.
    pub fn set_report(&mut self, text: &str) {
        let mut end = text.len().min(MOST_OF_A_REPORT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let more = match text.len() - end {
            0 => String::new(),
            more => format!("\n… and {more} bytes more: its file in differences/ has all of it\n"),
        };
        self.report = Some(format!("{}{more}", &text[..end]));
    }
}

/// How many bytes of a trial's report the ledger keeps.
const MOST_OF_A_REPORT: usize = 64 << 10;

impl From<&Verdict> for MetDeviation {
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
    contents(path)
        .map_err(&bad)?
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|e| bad(format!("{e}: {line}"))))
        .collect()
}

/// Whether the file at `place` is a ledger, or empty: nothing of anybody else's.
fn is_ledger(place: &Path) -> bool {
    contents(place).is_ok_and(|text| {
        let first = text.lines().next();
        // One of an older version counts too.
        first.is_none_or(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            line["trial"].is_string() && line["scenario"].is_u64()
        })
    })
}

/// Whether the JUnit report at `path` is one of this suite: another program's is none of ours.
fn is_own_junit(path: &Path) -> bool {
    contents(path).is_ok_and(|xml| xml.contains("<testsuites name=\"swamp-uat\""))
}

/// Checks that the JUnit report of a run can stand beside its ledger.
///
/// # Errors
/// Another program's stands there.
pub fn check_junit(place: &Path) -> Result<(), BadInput> {
    check_beside("the JUnit report", &junit_beside(place), is_own_junit)
}

/// Checks that `what`, a file of a run, can stand there.
///
/// # Errors
/// A file stands there that is none of this suite's.
pub(crate) fn check_beside(
    what: &str,
    file: &Path,
    is_own: impl Fn(&Path) -> bool,
) -> Result<(), BadInput> {
    if !file.exists() || is_own(file) {
        return Ok(());
    }
    Err(BadInput::new(
        format!("{what} is to stand in {}", file.display()),
        "what stands there is none of swamp-uat's, and would be lost",
        "set SWAMP_UAT_LEDGER to a file in another directory, or move that report away",
    ))
}

/// What stands in a file of a run. Nothing is read that has no end, or blocks.
pub(crate) fn contents(path: &Path) -> Result<String, String> {
    let kind = fs::metadata(path).map_err(|e| e.to_string())?;
    if !kind.is_file() {
        return Err(NO_FILE.to_owned());
    }
    let file = fs::File::open(path).map_err(|e| e.to_string())?;
    let mut text = String::new();
    file.take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|e| e.to_string())?;
    Ok(text)
}

const NO_FILE: &str = "it is no regular file";

/// Checks that a ledger can stand at `place`, and makes the directory of the default place. Where it really stands is
/// given back: links are followed.
///
/// # Errors
/// Something else stands there, or it cannot be written.
pub fn check_place(place: &Path) -> Result<PathBuf, BadInput> {
    let unwritable = |found: String| {
        BadInput::new(
            format!("the ledger {} cannot be written", place.display()),
            found,
            "set SWAMP_UAT_LEDGER to a file in a directory that you can write to",
        )
    };
    let failed = |e: std::io::Error| unwritable(e.to_string());
    if place.file_name().is_none() {
        return Err(unwritable(NO_FILE.to_owned()));
    }
    if let Some(parent) = place.parent() {
        if place == default_ledger() {
            fs::create_dir_all(parent).map_err(failed)?;
        } else if !parent.exists() {
            // Its name may be misspelt, and nobody would look for the ledger there.
            return Err(unwritable(format!("there is no {}", parent.display())));
        }
    }
    let place = match fs::canonicalize(place) {
        Ok(real) if leads_to_a_process(place) => {
            return Err(unwritable(format!("it leads to {}", real.display())));
        }
        Ok(real) if !real.is_file() => return Err(unwritable(NO_FILE.to_owned())),
        Ok(real) => real,
        // Either nothing stands there, or a link that leads nowhere.
        Err(_) if place.is_symlink() => {
            return Err(unwritable("it is a link that leads nowhere".to_owned()));
        }
        Err(_) => place.to_owned(),
    };
    if place.exists() {
        if !is_ledger(&place) {
            return Err(BadInput::new(
                format!("the ledger is to stand in {}", place.display()),
                "what stands there is no ledger of swamp-uat, and would be lost",
                "set SWAMP_UAT_LEDGER to another file, or move that one away",
            ));
        }
        fs::OpenOptions::new()
            .append(true)
            .open(&place)
            .map_err(failed)?;
    }
    let trial = beside(&place, &format!("{}.try", std::process::id()));
    fs::write(&trial, b"\n").map_err(failed)?;
    fs::remove_file(&trial).map_err(failed)?;
    Ok(place)
}

/// Whether `place` is a name for what a process has open, such as `/dev/stdout`: a file put in
/// its place would take that name away.
fn leads_to_a_process(place: &Path) -> bool {
    let in_proc = |path: &Path| path.starts_with("/proc");
    let parent = place.parent().and_then(|dir| fs::canonicalize(dir).ok());
    parent.is_some_and(|dir| in_proc(&dir)) || fs::read_link(place).is_ok_and(|to| in_proc(&to))
}

/// A hidden file beside `place` that belongs to it.
pub(crate) fn beside(place: &Path, end: &str) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.{end}"))
}

/// Puts the ledger of a run in its place, whole and at once.
///
/// # Errors
/// It could not be written.
pub fn put_in_place(place: &Path, entries: &[Entry]) -> std::io::Result<()> {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&serde_json::to_string(entry).map_err(std::io::Error::other)?);
        text.push('\n');
    }
    replace(place, text.as_bytes())
}

/// Replaces the file at `place` whole and at once.
///
/// # Errors
/// It could not be written.
pub fn replace(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = beside(place, &format!("{}.new", std::process::id()));
    let written = fs::File::create(&new)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| match fs::rename(&new, place) {
            // The place may be a mount of its own, which only takes new contents.
            Err(_) if place.is_file() => {
                fs::write(place, bytes).and_then(|()| fs::remove_file(&new))
            }
            done => done,
        });
    if written.is_err() {
        // Best effort: the error that matters is the first.
        let _ = fs::remove_file(&new);
    }
    written
}

/// The JUnit report that belongs to the ledger at `place`.
pub fn junit_beside(place: &Path) -> PathBuf {
    place.with_file_name("junit.xml")
}

/// The report for people that belongs to the ledger at `place`.
pub fn report_beside(place: &Path) -> PathBuf {
    place.with_file_name("report.md")
}

/// The page for a browser that belongs to the ledger at `place`.
pub fn page_beside(place: &Path) -> PathBuf {
    place.with_file_name("report.html")
}

/// Removes what the last run left at `place`, so that nobody takes it for what this run says.
///
/// # Errors
/// It cannot be removed.
pub fn forget_last(place: &Path) -> std::io::Result<()> {
    type IsOwn = fn(&Path) -> bool;
    let files: [(PathBuf, IsOwn); 4] = [
        (junit_beside(place), is_own_junit),
        (report_beside(place), markdown::is_own),
        (page_beside(place), html::is_own),
        (place.to_owned(), is_ledger),
    ];
    differences::forget(place)?;
    for (file, is_own) in files {
        if file.is_file() && is_own(&file) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

/// As [`forget_last`], for a run that could not even read its settings.
pub fn forget_last_of_this_machine() {
    let named = std::env::var_os("SWAMP_UAT_LEDGER").filter(|name| !name.is_empty());
    let place = named.map_or_else(default_ledger, PathBuf::from);
    if place.is_absolute() && !leads_to_a_process(&place) {
        // Best effort: the run says already why it cannot begin.
        let _ = forget_last(&place);
    }
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
        report: None,
        next: None,
        drifted: Vec::new(),
        edits: Vec::new(),
        deviations: Vec::new(),
        calls: Vec::new(),
        commands: 3,
        command_ms: 40,
        start_ms: 10,
        wall_ms: 50,
        is_among_edits: false,
        sandbox: None,
        place: None,
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
