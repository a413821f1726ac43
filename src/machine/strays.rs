//! Processes that a swamp left behind. Those of its process group end with it; one that made a
//! session of its own (`setsid`, as daemons do) would outlive the run unseen. On Linux such a
//! process is handed to this one when its parent ends, and is found among its children. On other
//! systems nothing is found.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use crate::machine::leftovers::Mode;

/// How long a process that swamp left may take to end by itself.
#[cfg(target_os = "linux")]
const GRACE: std::time::Duration = std::time::Duration::from_millis(500);

/// From now on, what swamp leaves behind is handed to this process.
pub(crate) fn adopt() {
    #[cfg(target_os = "linux")]
    {
        linux::remember_children();
        // Kernels since 3.4 can; without it, strays go to init as they always did.
        let _ = nix::sys::prctl::set_child_subreaper(true);
    }
}

/// A command of a trial while it runs.
pub(crate) struct Command<'a> {
    /// A file below the directory of its trial.
    place: &'a Path,
    /// When it began, in the kernel's ticks, and here.
    born: Option<u64>,
    begun: Instant,
}

impl<'a> Command<'a> {
    /// Notes that `process` leads a command with such a file.
    pub(crate) fn begins(process: i32, place: &'a Path) -> Self {
        #[cfg(target_os = "linux")]
        let born = linux::born(process);
        #[cfg(not(target_os = "linux"))]
        let born = {
            let _ = process;
            None
        };
        Self {
            place,
            born,
            begun: Instant::now(),
        }
    }
}

impl Drop for Command<'_> {
    fn drop(&mut self) {
        if let Some(born) = self.born {
            let lasted = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let place = self.place.to_owned();
            // A tick is a hundredth of a second, and either end may lie anywhere in one.
            let span = born.saturating_sub(1)..=born.saturating_add(lasted / 10 + 2);
            known(&RAN).push((place, span));
        }
    }
}

/// When the commands ran, in the kernel's ticks, with a file below the directory of their trial.
static RAN: Mutex<Vec<(PathBuf, RangeInclusive<u64>)>> = Mutex::new(Vec::new());

/// The trials, with the directories that they are played in.
static PLAYED: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());

fn known<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Notes that the trial of that name is played in `dir`.
pub(crate) fn is_played_in(dir: PathBuf, trial: String) {
    known(&PLAYED).push((dir, trial));
}

/// What is known of where a process comes from that began at that tick. Only that much: what it was
/// started by may have been left behind itself.
#[cfg(target_os = "linux")]
fn origin(born: Option<u64>) -> String {
    const SHOWN: usize = 8;
    let (ran, played) = (known(&RAN), known(&PLAYED));
    let at_that_time = ran
        .iter()
        .filter(|(_, span)| born.is_some_and(|b| span.contains(&b)));
    let mut trials: Vec<&str> = at_that_time
        .filter_map(|(place, _)| played.iter().find(|(dir, _)| place.starts_with(dir)))
        .map(|(_, trial)| trial.as_str())
        .collect();
    trials.sort_unstable();
    trials.dedup();
    let more = trials.len().saturating_sub(SHOWN);
    trials.truncate(SHOWN);
    match (trials.as_slice(), more) {
        ([], _) => "no trial ran swamp when it began".to_owned(),
        (trials, 0) => format!("it began while swamp ran in {}", trials.join(", ")),
        (trials, more) => format!(
            "it began while swamp ran in {}, and {more} more",
            trials.join(", ")
        ),
    }
}

/// Ends what was left behind by commands that ran with a home or in a directory below `root`, or
/// that has a file open there; the command lines.
pub(crate) fn end_those_of(root: &Path) -> Vec<String> {
    #[cfg(target_os = "linux")]
    {
        let ended = linux::end(&|process| linux::belongs_to(process, root));
        ended.into_iter().map(|(line, _)| line).collect()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = root;
        Vec::new()
    }
}

/// Ends what was left behind by any command, when nothing else of this process runs any more; the
/// command lines, and what is known of where each comes from.
pub(crate) fn end_all() -> Vec<String> {
    #[cfg(target_os = "linux")]
    {
        let ended = linux::end(&|_| true).into_iter();
        ended
            .map(|(line, born)| format!("{line}: {}", origin(born)))
            .collect()
    }
    #[cfg(not(target_os = "linux"))]
    {
        Vec::new()
    }
}

/// Finds the processes, whosever children they are, whose home lies below one of `tops`, and kills
/// them where `mode` is to remove; the command lines.
pub(crate) fn at_home_in(tops: &[&Path], mode: Mode) -> Vec<String> {
    #[cfg(target_os = "linux")]
    {
        linux::at_home_in(tops, mode)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (tops, mode);
        Vec::new()
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeSet;
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;
    use std::time::{Duration, Instant};

    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
    use nix::unistd::Pid;

    use super::{GRACE, Mode};
    use crate::machine::exec;

    /// The children that this process had before it started any: whoever called it by `exec` has
    /// left them.
    static BEFORE: OnceLock<BTreeSet<i32>> = OnceLock::new();

    pub fn remember_children() {
        BEFORE.get_or_init(|| children().into_iter().collect());
    }

    /// The children of this process, those handed to it among them.
    fn children() -> Vec<i32> {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
        let lists: Vec<String> = threads
            .flatten()
            .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
            .collect();
        if !lists.is_empty() {
            let pids = lists.iter().flat_map(|list| list.split_whitespace());
            return pids.filter_map(|pid| pid.parse().ok()).collect();
        }
        // A kernel without such lists.
        let own = std::process::id().to_string();
        let mut pids = all();
        pids.retain(|pid| stat(*pid).is_some_and(|stat| stat.get(1) == Some(&own)));
        pids
    }

    fn all() -> Vec<i32> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// The fields of `/proc/<pid>/stat` from the state on: what stands before may hold blanks.
    fn stat(pid: i32) -> Option<Vec<String>> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, fields) = stat.rsplit_once(") ")?;
        Some(fields.split(' ').map(str::to_owned).collect())
    }

    fn is_dead(pid: i32) -> bool {
        stat(pid).is_none_or(|stat| {
            stat.first()
                .is_some_and(|state| state == "Z" || state == "X")
        })
    }

    fn home(pid: i32) -> Option<PathBuf> {
        let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let home = environ
            .split(|byte| *byte == 0)
            .find_map(|variable| variable.strip_prefix(b"HOME="))?;
        Some(PathBuf::from(OsStr::from_bytes(home)))
    }

    pub fn belongs_to(pid: i32, root: &Path) -> bool {
        let lies_there =
            |link: PathBuf| fs::read_link(link).is_ok_and(|file| file.starts_with(root));
        let open = || {
            fs::read_dir(format!("/proc/{pid}/fd"))
                .into_iter()
                .flatten()
        };
        home(pid).is_some_and(|home| home.starts_with(root))
            || lies_there(format!("/proc/{pid}/cwd").into())
            || open().flatten().any(|file| lies_there(file.path()))
    }

    /// When the process began, in ticks since the machine did.
    pub fn born(pid: i32) -> Option<u64> {
        stat(pid)?.get(19)?.parse().ok()
    }

    /// The command line, and the id.
    fn describe(pid: i32) -> String {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
        let line = crate::excerpt::excerpt(text.trim(), 1, 200).replace('\n', " ");
        format!("`{line}` (process {pid})")
    }

    /// The children that `is_meant` and that no command which still runs leads.
    fn strays(is_meant: &dyn Fn(i32) -> bool) -> Vec<i32> {
        let mut found = children();
        found.retain(|pid| {
            !BEFORE.get().is_some_and(|before| before.contains(pid))
                && !exec::runs(*pid)
                && !is_dead(*pid)
                && is_meant(*pid)
        });
        found
    }

    /// The command lines of those that were ended, and when each began.
    pub fn end(is_meant: &dyn Fn(i32) -> bool) -> Vec<(String, Option<u64>)> {
        let begun = Instant::now();
        let mut left = strays(is_meant);
        while !left.is_empty() && begun.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(10));
            left = strays(is_meant);
        }
        let mut said = Vec::new();
        // What one of them has started is handed to this process when that one ends.
        for _ in 0..100 {
            if left.is_empty() {
                break;
            }
            for pid in left {
                said.push((describe(pid), born(pid)));
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                reap(pid);
            }
            left = strays(is_meant);
        }
        said
    }

    fn reap(pid: i32) {
        for _ in 0..1000 {
            match waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => std::thread::sleep(Duration::from_millis(1)),
                _ => break,
            }
        }
    }

    pub fn at_home_in(tops: &[&Path], mode: Mode) -> Vec<String> {
        let lives_there =
            |pid: &i32| home(*pid).is_some_and(|home| tops.iter().any(|top| home.starts_with(top)));
        let own = std::process::id().cast_signed();
        let found: Vec<i32> = all()
            .into_iter()
            .filter(|pid| *pid != own && lives_there(pid))
            .collect();
        let said = found.iter().map(|pid| describe(*pid)).collect();
        for pid in found.into_iter().filter(|_| mode == Mode::Remove) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        said
    }
}
