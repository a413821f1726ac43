//! What runs leave behind, and how it is known whether somebody still uses it.
//!
//! Every process that makes sandboxes keeps a file beside them, which names what it has made, and
//! holds a lock on that file. The system drops the lock when the process is gone, on whatever way,
//! and everybody who sees the file sees the lock: in another container too, where the ids of
//! processes say nothing.

use crate::machine::temp_dir;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::machine::strays;

mod run;

pub(crate) use run::forget;
pub use run::run_is_over;
pub(crate) use run::{note, runs};

/// What every file and directory of a run begins with, in the directory for temporary files.
const PREFIX: &str = "swamp-uat-";

/// What the directory of an emulator begins with.
const EMULATOR: &str = "swamp-uat-emulator-";

/// Each run by itself removes what is older than this.
pub const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// How old a directory is, at least, that no run names: one makes it, then names it.
const SETTLED: Duration = Duration::from_secs(60);

/// A directory of this process, which goes when this is dropped.
#[derive(Debug)]
pub struct Dir(Option<TempDir>);

impl Dir {
    /// A new one in `base`.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn new(base: &Path, prefix: &str) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix(prefix).tempdir_in(base)?;
        mark(dir.path())?;
        note(base, &file_name(dir.path()))?;
        Ok(Self(Some(dir)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.as_ref().map_or(Path::new(""), TempDir::path)
    }

    /// Leaves it where it is. It counts as in use until the run is over.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.0.take().map(TempDir::keep).unwrap_or_default()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if let Some(dir) = self.0.take() {
            let path = dir.path().to_owned();
            drop(dir);
            forget(&path);
        }
    }
}

/// What is in a directory that the suite has made, in `notes/`: its name alone could be somebody
/// else's choice.
const MARK: &str = "notes/.swamp-uat";

fn mark(dir: &Path) -> io::Result<()> {
    fs::create_dir(dir.join("notes"))?;
    fs::write(dir.join(MARK), "")
}

/// A new directory for an emulator of this process, which its guard removes.
///
/// # Errors
/// It cannot be made.
pub(crate) fn emulator_dir() -> Result<PathBuf, String> {
    let base = temp_dir::base();
    let dir = Dir::new(&base, EMULATOR).map_err(|e| format!("{}: {e}", base.display()))?;
    Ok(dir.keep())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The user's own files in `base` whose names begin with `prefix`.
fn entries(base: &Path, prefix: &str) -> Vec<PathBuf> {
    let own = nix::unistd::geteuid().as_raw();
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .filter(|entry| entry.metadata().is_ok_and(|m| m.uid() == own))
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// Whether what is found goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It goes.
    Remove,
    /// It is told as if it had gone, and stays.
    Look,
}

/// Files and directories, and how many bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amount {
    /// Each of them.
    pub each: Vec<Left>,
    /// The bytes that they take, or took.
    pub bytes: u64,
}

/// A file or a directory that a run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Where it lies, or lay.
    pub path: PathBuf,
    /// The bytes that it takes, or took.
    pub bytes: u64,
    /// How long ago something was made in it last, where that can be told.
    pub age: Option<Duration>,
    /// The trial that it is the sandbox of, where that is known.
    pub trial: Option<String>,
}

/// What [`sweep`] did, or would do.
#[derive(Debug, Default)]
pub struct Swept {
    /// Sandboxes and other directories of runs that did not come to their end.
    pub abandoned: Amount,
    /// Sandboxes that were kept: of trials that failed or drifted, or because the user wished it.
    pub kept: Amount,
    /// What runs that go on use: it was not touched.
    pub in_use: usize,
    /// What was too young to be removed.
    pub young: usize,
    /// The processes that were still running in abandoned sandboxes, which are killed.
    pub killed: Vec<String>,
    /// What could not be removed, and why.
    pub failed: Vec<String>,
}

impl Swept {
    /// Whether nothing was removed, and nothing failed.
    pub fn did_nothing(&self) -> bool {
        self.abandoned.each.is_empty() && self.kept.each.is_empty() && self.failed.is_empty()
    }
}

/// Removes what earlier runs of this user left in the directories for temporary files, if it is
/// older than `age`. What a run that goes on uses is not touched.
pub fn sweep(age: Duration, mode: Mode) -> Swept {
    sweep_telling(age, mode, &mut |_, _| {})
}

/// As [`sweep`]; `tell` hears before each of them how many are done, and how many there are.
pub fn sweep_telling(age: Duration, mode: Mode, tell: &mut dyn FnMut(usize, usize)) -> Swept {
    let mut swept = Swept::default();
    for base in bases() {
        sweep_in(&base, age, mode, &mut swept, tell);
    }
    swept
}

/// The directories that the sandboxes of such runs may lie in, each once. Without `TMPDIR` there are
/// two: which of them a run takes depends on the room that there is.
fn bases() -> BTreeSet<PathBuf> {
    let mut all = vec![temp_dir::base()];
    if std::env::var_os("TMPDIR").is_none_or(|dir| dir.is_empty()) {
        all.extend([temp_dir::MEMORY.into(), std::env::temp_dir()]);
    }
    all.iter()
        .filter_map(|dir| dir.canonicalize().ok())
        .collect()
}

fn sweep_in(
    base: &Path,
    age: Duration,
    mode: Mode,
    swept: &mut Swept,
    tell: &mut dyn FnMut(usize, usize),
) {
    let (live, dead) = runs(base);
    let mut named_by_dead = BTreeSet::new();
    for (_, file) in &dead {
        let lines = io::read_to_string(&**file).unwrap_or_default();
        named_by_dead.extend(lines.lines().map(str::to_owned));
    }
    let mut going = Vec::new();
    for path in entries(base, PREFIX) {
        let name = file_name(&path);
        if !named_by_dead.contains(&name) && !path.join(MARK).is_file() {
            continue;
        }
        let kept = path.join("notes/repro.sh").exists();
        let settled = kept || named_by_dead.contains(&name) || is_older(&path, SETTLED);
        if live.contains(&name) {
            swept.in_use += 1;
        } else if !settled || !is_older(&path, age) {
            swept.young += 1;
        } else {
            going.push((path, kept));
        }
    }
    let all = going.len();
    if all > 0 {
        // To look for processes takes a while, too.
        tell(0, all);
    }
    if going.iter().any(|(_, kept)| !kept) {
        let abandoned = going.iter().filter(|(_, kept)| !kept);
        let tops: Vec<&Path> = abandoned.map(|(path, _)| path.as_path()).collect();
        swept.killed.extend(strays::at_home_in(&tops, mode));
    }
    for (done, (path, kept)) in going.into_iter().enumerate() {
        tell(done, all);
        let left = Left {
            bytes: size(&path),
            age: age_of(&path),
            trial: trial_of(&path),
            path: path.clone(),
        };
        let removed = match mode {
            Mode::Remove => remove(&path),
            Mode::Look => Ok(()),
        };
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                swept.failed.push(format!("{}: {e}", path.display()));
            }
            _ => {
                let sum = if kept {
                    &mut swept.kept
                } else {
                    &mut swept.abandoned
                };
                sum.bytes += left.bytes;
                sum.each.push(left);
            }
        }
    }
    if mode == Mode::Look {
        return;
    }
    for (path, _file) in dead {
        let left = named_by_dead.iter().any(|name| base.join(name).exists());
        if !left || is_older(&path, OLD) {
            // Best effort: without a lock on it, it counts for nothing.
            let _ = fs::remove_file(path);
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => fs::remove_file(path),
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
            // A scenario takes permissions away.
            make_writable(path);
            fs::remove_dir_all(path)
        }
        other => other,
    }
}

/// Gives the user all permissions on every directory below `path`.
fn make_writable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    // Directories come before what is in them, so that each can be entered in its turn.
    for entry in walkdir::WalkDir::new(path).into_iter() {
        let path = match &entry {
            Ok(entry) if entry.file_type().is_dir() => entry.path(),
            Err(e) => match e.path() {
                Some(path) => path,
                None => continue,
            },
            Ok(_) => continue,
        };
        // What cannot be changed is told by the removal.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
    }
}

/// The trial that `path` is the sandbox of, if it was kept: the script that replays it says so.
fn trial_of(path: &Path) -> Option<String> {
    let script = crate::read::text(&path.join("notes/repro.sh")).ok()?;
    replayed_by(&script).map(str::to_owned)
}

/// What the line of a script begins with that names the trial which it replays.
pub(crate) const REPLAYS: &str = "# Replays the commands of ";

/// The trial that a script replays.
pub(crate) fn replayed_by(script: &str) -> Option<&str> {
    let mut lines = script.lines();
    let named = lines.find_map(|line| line.strip_prefix(REPLAYS))?;
    named.split(' ').next()
}

/// Whether nothing was made in `path` for that long.
fn is_older(path: &Path, age: Duration) -> bool {
    age_of(path).is_some_and(|since| since >= age)
}

/// How long ago something was made in `path` last.
fn age_of(path: &Path) -> Option<Duration> {
    let inner = ["w", "notes"].map(|name| path.join(name));
    let touched = [path.to_owned()].into_iter().chain(inner);
    let last = touched
        .filter_map(|path| fs::symlink_metadata(path).ok()?.modified().ok())
        .max();
    // A time in the future is young.
    last.map(|last| SystemTime::now().duration_since(last).unwrap_or_default())
}

fn size(path: &Path) -> u64 {
    walkdir::WalkDir::new(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.blocks() * 512)
        .sum()
}

#[cfg(test)]
mod tests;
