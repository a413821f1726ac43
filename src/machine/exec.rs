//! Runs one command to its end, or to the end of its time or of what it may print: in a process
//! group of its own, its output in files, so that it can be ended whole and what it said so far is
//! there to read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use wait_timeout::ChildExt;

use crate::excerpt::excerpt;
use crate::machine::leash;
use crate::machine::strays;
use crate::read;

/// What stands before a command that root runs and that file permissions bind all the same.
pub(crate) const UNPRIVILEGED: [&str; 3] = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-all",
];

/// The most bytes that a command may print on one stream. Swamp prints some thousands; what prints
/// more than this prints without an end.
pub const MOST_OUTPUT: u64 = 8 << 20;

/// How often a command that takes its time is asked how much it has printed.
const LOOK: Duration = Duration::from_millis(25);

/// The process groups that run now, for [`kill_all`].
static LIVE: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Whether [`kill_all`] was called: what begins after that is killed at once.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// One command, ready to run. The environment is exactly `env`.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The program: a path, or a name to be found on PATH.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The directory it runs in.
    pub cwd: PathBuf,
    /// Its whole environment.
    pub env: Vec<(String, OsString)>,
    /// The file that is its standard input; without one, that is at its end at once.
    pub stdin: Option<PathBuf>,
    /// The file that takes its standard output.
    pub stdout: PathBuf,
    /// The file that takes its standard error.
    pub stderr: PathBuf,
}

/// A command that came to its end.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// When it began.
    pub began: jiff::Timestamp,
    /// How long it took.
    pub elapsed: Duration,
}

impl Finished {
    /// The exit code, or 128 and the signal's number, as a shell has it.
    pub fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| 128 + self.status.signal().unwrap_or_default())
    }
}

/// Why a command has no end to speak of.
#[derive(Debug)]
pub enum Error {
    /// It could not be started.
    Start(io::Error),
    /// It was still running when its time was over; it and all it started are killed.
    Timeout {
        /// How long it had.
        limit: Duration,
        /// Its output so far, both streams, for people.
        so_far: String,
    },
    /// It printed more than it may; it and all it started are killed.
    Flood {
        /// The stream.
        stream: &'static str,
        /// The beginning and the end of what it printed, both streams, for people.
        so_far: String,
    },
    /// It was ended before its time was over, as nothing could come of it: why.
    InVain(String),
    /// Its output could not be taken.
    Output(PathBuf, io::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start(e) => write!(f, "it could not be started: {e}"),
            Self::Timeout { limit, so_far } => write!(
                f,
                "it was still running after {} s (SWAMP_UAT_TIMEOUT) and was killed with all it \
                 had started\n{so_far}",
                limit.as_secs()
            ),
            Self::Flood { stream, so_far } => write!(
                f,
                "it printed more than {} MiB on its {stream} and was killed with all it had \
                 started\n{so_far}",
                MOST_OUTPUT >> 20
            ),
            Self::InVain(why) => write!(f, "it was ended early: {why}"),
            Self::Output(path, e) => write!(f, "its output file {}: {e}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

/// Runs `spec` to its end.
///
/// # Errors
/// See [`Error`].
pub fn run(spec: &Spec, limit: Duration) -> Result<Finished, Error> {
    run_while(spec, limit, &|| None)
}

/// As [`run`], and ends the command early as soon as `in_vain` says why nothing can come of it.
///
/// # Errors
/// See [`Error`].
pub fn run_while(
    spec: &Spec,
    limit: Duration,
    in_vain: &dyn Fn() -> Option<String>,
) -> Result<Finished, Error> {
    let create = |path: &Path| File::create(path).map_err(|e| Error::Output(path.into(), e));
    let stdin = match &spec.stdin {
        Some(path) => File::open(path).map_err(Error::Start)?.into(),
        None => Stdio::null(),
    };
    let (began, start) = (jiff::Timestamp::now(), Instant::now());
    let mut child = Command::new(&spec.program)
        .args(&spec.args)
        .current_dir(&spec.cwd)
        .env_clear()
        .envs(spec.env.iter().map(|(k, v)| (k, v)))
        .stdin(stdin)
        .stdout(create(&spec.stdout)?)
        .stderr(create(&spec.stderr)?)
        .process_group(0)
        .spawn()
        .map_err(Error::Start)?;
    let group = child.id().cast_signed();
    let noted = strays::Command::begins(group, &spec.stdout);
    live().insert(group);
    leash::begun(group);
    if CLOSED.load(Ordering::SeqCst) {
        // It began while the run was being ended, too late for [`kill_all`] to see it.
        kill_group(group);
    }
    let ended = watch(&mut child, spec, limit, start, in_vain);
    // Also after an orderly end: a process that swamp left behind must not outlive the trial.
    kill_group(group);
    if !matches!(ended, Ok(Ended::Itself(_))) {
        // It is killed: this takes it off the process table and cannot last.
        let _ = child.wait();
    }
    reap_group(group);
    leash::over(group);
    live().remove(&group);
    drop(noted);
    let ended = ended.map_err(Error::Start)?;
    let flooded = match ended {
        Ended::Flooded(stream) => Some(stream),
        // It may have printed all of that since it was looked at last.
        _ => flooded(spec),
    };
    if let Ended::Itself(status) = ended
        && flooded.is_none()
    {
        return Ok(Finished {
            status,
            stdout: take(&spec.stdout)?,
            stderr: take(&spec.stderr)?,
            began,
            elapsed: start.elapsed(),
        });
    }
    let so_far = so_far(spec);
    cut(&spec.stdout)?;
    cut(&spec.stderr)?;
    Err(match (flooded, ended) {
        (Some(stream), _) => Error::Flood { stream, so_far },
        (None, Ended::InVain(why)) => Error::InVain(why),
        (None, _) => Error::Timeout { limit, so_far },
    })
}

/// How a command ended.
enum Ended {
    Itself(ExitStatus),
    OutOfTime,
    /// With too much on this stream.
    Flooded(&'static str),
    /// Nothing could come of it any more: why.
    InVain(String),
}

/// Waits until the command ends, or has to be ended.
fn watch(
    child: &mut Child,
    spec: &Spec,
    limit: Duration,
    start: Instant,
    in_vain: &dyn Fn() -> Option<String>,
) -> io::Result<Ended> {
    loop {
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(Ended::OutOfTime);
        }
        if let Some(status) = child.wait_timeout(left.min(LOOK))? {
            return Ok(Ended::Itself(status));
        }
        if let Some(stream) = flooded(spec) {
            return Ok(Ended::Flooded(stream));
        }
        if let Some(why) = in_vain() {
            return Ok(Ended::InVain(why));
        }
    }
}

/// The stream that more was printed on than may be, if there is one.
fn flooded(spec: &Spec) -> Option<&'static str> {
    if floods(&spec.stdout) {
        Some("standard output")
    } else if floods(&spec.stderr) {
        Some("standard error")
    } else {
        None
    }
}

fn floods(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > MOST_OUTPUT)
}

/// Leaves of a file with too much output what may be printed: it lies where there is little room.
fn cut(path: &Path) -> Result<(), Error> {
    if !floods(path) {
        return Ok(());
    }
    let file = File::options().write(true).open(path);
    file.and_then(|file| file.set_len(MOST_OUTPUT))
        .map_err(|e| Error::Output(path.into(), e))
}

/// Takes what was killed with the command off the process table, where it came to this process: a
/// swamp that asks whether such a process is alive must be told that it is not.
fn reap_group(group: i32) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        match waitpid(Pid::from_raw(-group), Some(WaitPidFlag::WNOHANG)) {
            // It is killed, and takes a moment to end.
            Ok(WaitStatus::StillAlive) => std::thread::sleep(Duration::from_millis(1)),
            Ok(_) => {}
            // There is none, or none that is a child of this process.
            Err(_) => break,
        }
    }
}

/// Kills every command that runs now, with all it started: for the ways out on which nothing
/// waits any more (Ctrl-C, a termination signal).
pub fn kill_all() {
    CLOSED.store(true, Ordering::SeqCst);
    for group in live().iter() {
        kill_group(*group);
    }
}

/// Whether the process leads a command that runs now.
pub(crate) fn runs(process: i32) -> bool {
    live().contains(&process)
}

fn live() -> std::sync::MutexGuard<'static, BTreeSet<i32>> {
    LIVE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn kill_group(group: i32) {
    // ESRCH is the usual answer: nothing of the group is left.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
}

fn take(path: &Path) -> Result<Vec<u8>, Error> {
    read::bytes(path).map_err(|e| Error::Output(path.into(), e))
}

/// The first and the last lines of both streams: enough to see what it does, on one screen.
fn so_far(spec: &Spec) -> String {
    let told = |name: &str, path: &Path| {
        let bytes = ends_of(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        if text.trim().is_empty() {
            format!("{name} so far: nothing")
        } else {
            let shown = excerpt(text.trim_end(), 5, 200).replace('\n', "\n  ");
            format!("{name} so far:\n  {shown}")
        }
    };
    format!(
        "{}\n{}",
        told("stdout", &spec.stdout),
        told("stderr", &spec.stderr)
    )
}

/// The beginning and the end of a file, with a line between them where something is left out.
fn ends_of(path: &Path) -> io::Result<Vec<u8>> {
    const END: u64 = 16 << 10;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if length <= 2 * END {
        file.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    file.by_ref().take(END).read_to_end(&mut bytes)?;
    bytes.extend(format!("\n… {} bytes in between …\n", length - 2 * END).bytes());
    file.seek(io::SeekFrom::Start(length - END))?;
    file.take(END).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "exec_tests.rs"]
mod tests;
