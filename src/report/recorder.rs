//! A run while it goes on. What it has planned, and how each trial ended so far, grows in a hidden
//! file of its own beside the ledger, so that two runs disturb each other in nothing, and a run
//! whose process dies can still be told from one that is whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::error::BadInput;
use crate::machine::leftovers::Mode;
use crate::report::ledger::{self, Entry, Status};

/// A line of the file that a run grows in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// The trials that are to run, as if none of them had.
    Planned(Vec<Entry>),
    /// How a trial ended.
    Trial(Box<Entry>),
    /// What is wrong with the run or the suite, and with no trial.
    Complaint(String),
    /// A process that swamp left behind, and no trial can be held to.
    LeftBehind(String),
    /// What is to be known about the run, and is no fault.
    Note(String),
    /// Whether the list of scenarios and goldens was checked.
    Checked(bool),
}

/// The exit code of a run in which something drifted or failed, as test binaries have it.
pub const EXIT_RED: u8 = 101;

/// What is known of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The trials that were to run; none where nobody knows.
    pub planned: Vec<Entry>,
    /// How the trials ended.
    pub entries: Vec<Entry>,
    /// What is wrong with the run or the suite, and with no trial.
    pub complaints: Vec<String>,
    /// The processes that swamp left behind, and no trial can be held to.
    pub left_behind: Vec<String>,
    /// What is to be known about the run, and is no fault.
    pub notes: Vec<String>,
    /// Whether the list of scenarios and goldens was checked.
    pub checked: bool,
}

impl Run {
    /// Reads what a run wrote to its own file. The last line may be cut off: then the process
    /// that wrote it died.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(file: &Path) -> Result<Self, String> {
        let mut run = Self::default();
        let text = ledger::contents(file)?;
        for line in text.split_inclusive('\n') {
            match serde_json::from_str(line) {
                Ok(line) => run.take(line),
                Err(_) if !line.ends_with('\n') => {}
                Err(e) => return Err(format!("{e}: {line}")),
            }
        }
        Ok(run)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Planned(planned) => self.planned = planned,
            Line::Complaint(text) => self.complaints.push(text),
            Line::LeftBehind(process) => self.left_behind.push(process),
            Line::Note(text) => self.notes.push(text),
            Line::Checked(checked) => self.checked = checked,
            Line::Trial(entry) => {
                // nextest may try one several times: the last counts.
                self.entries.retain(|e| e.trial != entry.trial);
                self.entries.push(*entry);
            }
        }
    }

    /// The trials that were to run and did not end.
    pub fn missing(&self) -> Vec<&Entry> {
        let ended: std::collections::HashSet<&str> =
            self.entries.iter().map(|e| e.trial.as_str()).collect();
        let missing = |e: &&Entry| !ended.contains(e.trial.as_str());
        self.planned.iter().filter(missing).collect()
    }

    /// Gives each trial that did not end a line that says so; how many there are.
    pub fn complete(&mut self, why: &str) -> usize {
        let missing: Vec<Entry> = self
            .missing()
            .into_iter()
            .map(|entry| Entry {
                status: Status::NotRun,
                reason: Some(why.to_owned()),
                ..entry.clone()
            })
            .collect();
        let count = missing.len();
        self.entries.extend(missing);
        count
    }

    /// Whether all that was to run did, and as its goldens say.
    pub fn is_green(&self) -> bool {
        self.complaints.is_empty()
            && self.left_behind.is_empty()
            && !self.entries.iter().any(Entry::is_red)
    }

    /// Whether no trial ran to its end.
    pub fn did_nothing(&self) -> bool {
        let idle = |e: &Entry| matches!(e.status, Status::Skipped | Status::NotRun);
        self.entries.iter().all(idle)
    }
}

/// The run of this process.
#[derive(Debug)]
pub struct Recorder {
    place: PathBuf,
    file: PathBuf,
    /// Whether somebody follows the run in its file, and removes that.
    followed: bool,
    /// Whether nextest runs each trial in a process of its own.
    shared: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    open: File,
    run: Run,
    /// Whether the ledger stands in its place: then nothing is added any more.
    over: bool,
}

/// How old the file of a run must be to be taken for one whose process is gone.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

impl Recorder {
    /// Begins a run whose ledger will stand at `place`, and removes the last run's. The run grows
    /// in `followed`, where somebody gave one.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn begin(place: &Path, followed: Option<&Path>) -> Result<Self, BadInput> {
        let place = ledger::check_place(place)?;
        let file = followed.map_or_else(|| file_for(&place, &unique()), Path::to_owned);
        let open = File::create(&file).map_err(|e| unwritable(&file, &e))?;
        forget(&place)?;
        Ok(Self::new(place, file, open, followed.is_some(), false))
    }

    /// As [`Recorder::begin`], for one of the processes of a run of nextest: its `id` is the run.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn begin_shared(place: &Path, id: &str) -> Result<Self, BadInput> {
        let place = ledger::check_place(place)?;
        let file = file_for(&place, &shared(id, nix::unistd::getppid().as_raw()));
        let failed = |e: std::io::Error| unwritable(&file, &e);
        let open = File::options()
            .create(true)
            .append(true)
            .open(&file)
            .map_err(failed)?;
        open.lock().map_err(failed)?;
        if open.metadata().map_err(failed)?.len() == 0 {
            forget(&place)?;
            // Now it is not the first any more.
            (&open)
                .write_all(&line(&Line::Checked(false)).map_err(failed)?)
                .map_err(failed)?;
        }
        open.unlock().map_err(failed)?;
        Ok(Self::new(place, file, open, false, true))
    }

    fn new(place: PathBuf, file: PathBuf, open: File, followed: bool, shared: bool) -> Self {
        let state = State {
            open,
            run: Run::default(),
            over: false,
        };
        Self {
            place,
            file,
            followed,
            shared,
            state: Mutex::new(state),
        }
    }

    /// Takes down which trials are to run, and whether the list of scenarios is checked.
    pub fn plan(&self, planned: Vec<Entry>, checked: bool) {
        // A process of nextest knows of its own trial alone.
        if !self.shared {
            self.write(Line::Planned(planned));
            self.write(Line::Checked(checked));
        }
    }

    /// Takes down how a trial ended.
    pub fn add(&self, entry: &Entry) {
        self.write(Line::Trial(Box::new(entry.clone())));
    }

    /// Takes down what is wrong with the run or the suite, and with no trial.
    pub fn complain(&self, text: &str) {
        self.write(Line::Complaint(text.to_owned()));
    }

    /// Takes down a process that swamp left behind, and no trial can be held to.
    pub fn left_behind(&self, process: &str) {
        self.write(Line::LeftBehind(process.to_owned()));
    }

    /// Takes down what is to be known about the run, and is no fault.
    pub fn note(&self, text: &str) {
        self.write(Line::Note(text.to_owned()));
    }

    fn write(&self, what: Line) {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        if state.over {
            return;
        }
        let written = line(&what).and_then(|bytes| {
            if !self.shared {
                return state.open.write_all(&bytes);
            }
            state.open.lock()?;
            let written = (&state.open).write_all(&bytes).and_then(|()| {
                let run = Run::read(&self.file).map_err(std::io::Error::other)?;
                ledger::put_in_place(&self.place, &run.entries)
            });
            state.open.unlock().and(written)
        });
        if let Err(e) = written {
            let lost = format!("{}: {e}", self.file.display());
            state
                .run
                .complaints
                .push(format!("the ledger lost a line: {lost}"));
        }
        state.run.take(what);
    }

    /// Ends a run that was refused before any trial: it has no ledger.
    pub fn refuse(&self) {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        state.over = true;
        if !self.shared {
            // Best effort: the next run but one removes it.
            let _ = fs::remove_file(&self.file);
        }
    }

    /// Ends the run: the ledger stands in its place, whole. What has not ended by now did not run,
    /// and `why`. Whoever comes second is given the run as it was.
    pub fn finish(&self, why: &str) -> Run {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        if state.over {
            return state.run.clone();
        }
        state.over = true;
        state.run.complete(why);
        if self.shared {
            return state.run.clone();
        }
        if let Err(e) = ledger::put_in_place(&self.place, &state.run.entries) {
            let place = self.place.display();
            state
                .run
                .complaints
                .push(format!("the ledger {place} could not be written: {e}"));
        }
        if self.followed {
            // Whoever follows reads all of it there. What cannot be written shows as missing.
            let lines = state
                .run
                .entries
                .iter()
                .cloned()
                .map(Box::new)
                .map(Line::Trial);
            let complaints = state.run.complaints.iter().cloned().map(Line::Complaint);
            let left = state.run.left_behind.iter().cloned();
            let notes = state.run.notes.iter().cloned().map(Line::Note);
            let start = [
                Line::Planned(state.run.planned.clone()),
                Line::Checked(state.run.checked),
            ];
            let all: Result<Vec<Vec<u8>>, _> = start
                .into_iter()
                .chain(lines)
                .chain(complaints)
                .chain(left.map(Line::LeftBehind))
                .chain(notes)
                .map(|l| line(&l))
                .collect();
            if let Err(e) = all.and_then(|all| ledger::replace(&self.file, &all.concat())) {
                let lost = format!("{}: {e}", self.file.display());
                state.run.complaints.push(lost);
            }
        } else {
            // Best effort: a later run removes it.
            let _ = fs::remove_file(&self.file);
        }
        state.run.clone()
    }
}

/// Why a trial of a run that the user ended did not run.
pub const BROKEN_OFF: &str = "the run was broken off";

/// The run of this process, for whoever has to end it early.
static OF_THIS_PROCESS: OnceLock<Arc<Recorder>> = OnceLock::new();

/// From now on [`break_off`] ends that run.
pub fn is_of_this_process(run: &Arc<Recorder>) {
    // A process has one run: a second would not be the one that is broken off.
    let _ = OF_THIS_PROCESS.set(Arc::clone(run));
}

/// Ends the run of this process, if it has begun, before its end.
pub fn break_off() {
    if let Some(run) = OF_THIS_PROCESS.get() {
        run.finish(BROKEN_OFF);
    }
}

/// A file for a run to grow in, beside the ledger at `place`.
pub fn file_for(place: &Path, id: &str) -> PathBuf {
    ledger::beside(place, &format!("{id}.run"))
}

/// A name that no other run has.
pub fn unique() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanos = now.map_or(0, |now| now.as_nanos());
    format!("{}-{nanos}", std::process::id())
}

/// The name of a run of nextest, which is the process `nextest`: as those of [`unique`], so that
/// it is known when that process is gone.
fn shared(id: &str, nextest: i32) -> String {
    let number = u64::from_str_radix(&crate::digest::short(id), 16).unwrap_or_default();
    format!("{nextest}-{number}")
}

fn line(what: &Line) -> std::io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(what).map_err(std::io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn unwritable(file: &Path, e: &std::io::Error) -> BadInput {
    BadInput::new(
        format!("the ledger of this run grows in {}", file.display()),
        e.to_string(),
        "set SWAMP_UAT_LEDGER to a file in a directory that you can write to",
    )
}

/// Removes the last run's ledger, and what runs left whose processes are gone.
fn forget(place: &Path) -> Result<(), BadInput> {
    ledger::forget_last(place).map_err(|e| unwritable(place, &e))?;
    sweep(place, Mode::Remove);
    Ok(())
}

/// Removes the files beside the ledger at `place` that runs grew in which are no more; which these
/// are.
pub fn sweep(place: &Path, mode: Mode) -> Vec<PathBuf> {
    let Some(dir) = place.parent() else {
        return Vec::new();
    };
    let start = ledger::beside(place, "");
    let start = start.file_name().unwrap_or_default().to_string_lossy();
    let mut removed = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(id) = name
            .strip_prefix(&*start)
            .and_then(|rest| rest.strip_suffix(".run"))
        else {
            continue;
        };
        let age = entry.metadata().and_then(|data| data.modified());
        let old = age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > OLD));
        // Best effort: the next run tries again.
        let goes = old || process_is_gone(id);
        if goes && (mode == Mode::Look || fs::remove_file(entry.path()).is_ok()) {
            removed.push(entry.path());
        }
    }
    removed
}

/// Whether the process is gone that a run has in its name `id`; see [`unique`] and [`shared`].
fn process_is_gone(id: &str) -> bool {
    let parts = id.split_once('-');
    let process = parts.and_then(|(pid, nanos)| {
        nanos.parse::<u128>().ok()?;
        pid.parse::<i32>().ok().filter(|pid| *pid > 0)
    });
    process.is_some_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH))
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
