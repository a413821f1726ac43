//! Runs one command to its end, or to the end of its time: in a process group of its own, its
//! output in files, so that a hang can be ended whole and what it said so far is there to read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use wait_timeout::ChildExt;

/// The process groups that run now, for [`kill_all`].
static LIVE: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Whether [`kill_all`] was called: what begins after that is killed at once.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// How often it is looked whether a command that runs is still wanted.
const LOOK: Duration = Duration::from_secs(1);

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
    let start = Instant::now();
    let mut child = Command::new(&spec.program)
        .args(&spec.args)
        .current_dir(&spec.cwd)
        .env_clear()
        .envs(spec.env.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(create(&spec.stdout)?)
        .stderr(create(&spec.stderr)?)
        .process_group(0)
        .spawn()
        .map_err(Error::Start)?;
    let group = child.id().cast_signed();
    live().insert(group);
    if CLOSED.load(Ordering::SeqCst) {
        // It began while the run was being ended, too late for [`kill_all`] to see it.
        kill_group(group);
    }
    let mut given_up = None;
    let waited = loop {
        let left = limit.saturating_sub(start.elapsed());
        match child.wait_timeout(left.min(LOOK)) {
            Ok(None) if start.elapsed() < limit => {}
            waited => break waited,
        }
        given_up = in_vain();
        if given_up.is_some() {
            break Ok(None);
        }
    };
    // Also after an orderly end: a process that swamp left behind must not outlive the trial.
    kill_group(group);
    if !matches!(waited, Ok(Some(_))) {
        // It is killed: this takes it off the process table and cannot last.
        let _ = child.wait();
    }
    live().remove(&group);
    match waited {
        Ok(Some(status)) => Ok(Finished {
            status,
            stdout: read(&spec.stdout)?,
            stderr: read(&spec.stderr)?,
            elapsed: start.elapsed(),
        }),
        Ok(None) if given_up.is_some() => Err(Error::InVain(given_up.unwrap_or_default())),
        Ok(None) => Err(Error::Timeout {
            limit,
            so_far: so_far(spec),
        }),
        Err(e) => Err(Error::Start(e)),
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

fn live() -> std::sync::MutexGuard<'static, BTreeSet<i32>> {
    LIVE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn kill_group(group: i32) {
    // ESRCH is the usual answer: nothing of the group is left.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| Error::Output(path.into(), e))
}

/// The last lines of both streams: enough to see where it hangs, on one screen.
fn so_far(spec: &Spec) -> String {
    let tail = |name: &str, path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let shown = &lines[lines.len().saturating_sub(10)..];
        if shown.is_empty() {
            format!("{name} so far: nothing")
        } else {
            format!("{name} so far:\n  {}", shown.join("\n  "))
        }
    };
    format!(
        "{}\n{}",
        tail("stdout", &spec.stdout),
        tail("stderr", &spec.stderr)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(dir: &Path, script: &str) -> Spec {
        Spec {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            cwd: dir.into(),
            env: vec![
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("X".into(), "1".into()),
            ],
            stdout: dir.join("out"),
            stderr: dir.join("err"),
        }
    }

    fn alive(pid: i32) -> bool {
        nix::sys::signal::kill(Pid::from_raw(pid), None).is_ok()
    }

    /// A killed grandchild may stay a zombie until init reaps it; that counts as gone.
    fn gone(pid: i32) -> bool {
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            !alive(pid)
                || std::fs::read_to_string(format!("/proc/{pid}/stat"))
                    .is_ok_and(|stat| stat.contains(") Z "))
        })
    }

    #[test]
    fn streams_code_and_environment_are_the_commands_own() {
        let dir = tempfile::tempdir().unwrap();
        let script = "env | grep -vE '^(PWD|SHLVL|_|OLDPWD)='; echo oops >&2; exit 3";
        let done = run(&sh(dir.path(), script), Duration::from_secs(10)).unwrap();
        assert_eq!(done.code(), 3);
        assert_eq!(done.stderr, b"oops\n");
        let mut lines: Vec<_> = String::from_utf8(done.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        lines.sort();
        assert_eq!(lines, ["PATH=/usr/bin:/bin", "X=1"]);
    }

    #[test]
    fn a_signal_is_told_as_a_shell_tells_it() {
        let dir = tempfile::tempdir().unwrap();
        let done = run(&sh(dir.path(), "kill -TERM $$"), Duration::from_secs(10)).unwrap();
        assert_eq!(done.code(), 143);
    }

    #[test]
    fn a_hang_ends_with_its_whole_group_and_shows_what_it_said() {
        let dir = tempfile::tempdir().unwrap();
        let script = "echo started; sleep 600 & echo $! > pid; wait";
        let error = run(&sh(dir.path(), script), Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains("started"), "{error}");
        assert!(error.to_string().contains("SWAMP_UAT_TIMEOUT"), "{error}");
        let pid = std::fs::read_to_string(dir.path().join("pid")).unwrap();
        assert!(gone(pid.trim().parse().unwrap()), "the grandchild lives on");
    }

    #[test]
    fn what_a_command_leaves_behind_is_killed_when_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let done = run(
            &sh(dir.path(), "sleep 600 >/dev/null 2>&1 & echo $!"),
            Duration::from_secs(10),
        )
        .unwrap();
        let pid = String::from_utf8(done.stdout).unwrap();
        assert!(gone(pid.trim().parse().unwrap()), "it was left behind");
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let mut spec = sh(dir.path(), "");
        spec.program = dir.path().join("absent");
        let error = run(&spec, Duration::from_secs(1)).unwrap_err();
        assert!(matches!(error, Error::Start(_)), "{error}");
    }
}
