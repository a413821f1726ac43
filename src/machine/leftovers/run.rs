//! The file of a run: what it names is in use for as long as it is locked.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use nix::fcntl::{Flock, FlockArg};

use super::{entries, file_name};

/// What the file of a run begins with.
const RUN: &str = "swamp-uat-run-";

/// The file of this process.
pub(super) struct Run {
    pub path: PathBuf,
    pub file: Flock<File>,
    /// What it made and has not removed.
    live: BTreeSet<String>,
}

static THIS: Mutex<Option<Run>> = Mutex::new(None);

fn this() -> MutexGuard<'static, Option<Run>> {
    THIS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Notes that this process uses `name`.
pub(crate) fn note(base: &Path, name: &str) -> io::Result<()> {
    let mut this = this();
    let run = match this.take() {
        Some(run) => this.insert(run),
        None => this.insert(begin(base)?),
    };
    writeln!(run.file, "{name}")?;
    run.live.insert(name.to_owned());
    Ok(())
}

/// Notes that `path` is gone, or is left to nobody. With the last one the file goes, too.
pub(crate) fn forget(path: &Path) {
    let mut this = this();
    if let Some(run) = this.as_mut() {
        run.live.remove(&file_name(path));
        if run.live.is_empty() {
            end(this.take());
        }
    }
}

/// Ends the run: what it made and has not removed is left to [`super::sweep`].
pub fn run_is_over() {
    end(this().take());
}

pub(super) fn end(run: Option<Run>) {
    if let Some(run) = run {
        // Best effort: without a lock on it, it counts for nothing.
        let _ = fs::remove_file(&run.path);
    }
}

pub(super) fn begin(base: &Path) -> io::Result<Run> {
    loop {
        let file = tempfile::Builder::new().prefix(RUN).tempfile_in(base)?;
        let (file, path) = file.keep()?;
        let file = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, e)| e)?;
        // Somebody who sweeps may have taken it for a dead one before it was locked.
        if fs::metadata(&path)
            .is_ok_and(|there| file.metadata().is_ok_and(|m| m.ino() == there.ino()))
        {
            return Ok(Run {
                path,
                file,
                live: BTreeSet::new(),
            });
        }
    }
}

/// The files of runs in `base`: what those that go on have made, and the files of those that are
/// gone, locked against others who sweep.
pub(crate) fn runs(base: &Path) -> (BTreeSet<String>, Vec<(PathBuf, Flock<File>)>) {
    let (mut live, mut dead) = (BTreeSet::new(), Vec::new());
    for path in entries(base, RUN) {
        let Ok(file) = File::open(&path) else {
            continue;
        };
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => dead.push((path, file)),
            Err((file, _)) => {
                let lines = io::read_to_string(file).unwrap_or_default();
                live.extend(lines.lines().map(str::to_owned));
            }
        }
    }
    (live, dead)
}
