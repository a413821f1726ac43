//! `cargo uat emulators up|down|status`: emulators that stay between runs, for machines without
//! Docker. Nothing but `down` stops them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::{get, install, process};
use crate::error::BadInput;
use crate::kind::Kind;
use crate::machine::net::free_port;

/// One emulator that stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Daemon {
    /// Its process, which leads a group of its own.
    pid: i32,
    endpoint: String,
    /// Where its log lies.
    dir: PathBuf,
}

/// What is up, by the name of its backend.
type State = BTreeMap<String, Daemon>;

fn state_file() -> PathBuf {
    install::base().join("up.json")
}

const KINDS: [Kind; 2] = [Kind::S3, Kind::Gcs];

/// Starts what is not up yet, and gives the lines that make a shell's runs use them.
///
/// # Errors
/// An emulator is not installed, or does not start.
pub fn up() -> Result<String, BadInput> {
    // They serve many runs, and what they hold open grows with each.
    let _ = crate::machine::limits::raise_open_files();
    let _lock = lock()?;
    let mut state = read(&state_file());
    for kind in KINDS {
        let there = state
            .get(kind.name())
            .is_some_and(|daemon| process::answers(kind, &daemon.endpoint).is_ok());
        if !there {
            if let Some(frozen) = state.remove(kind.name()) {
                // One that froze holds its memory, and nobody would ever stop it.
                end(&frozen);
            }
            let bad = |why| {
                BadInput::new(
                    format!("the emulator of {} was asked to start", kind.name()),
                    why,
                    "run `cargo uat emulators install`, then this again",
                )
            };
            let (daemon, child) = start(kind).map_err(bad)?;
            // At once: what runs must be known to `down`, whatever becomes of this process.
            state.insert(kind.name().to_owned(), daemon.clone());
            write(&state)?;
            if let Err(why) = wait_for(kind, &daemon, child) {
                end(&daemon);
                state.remove(kind.name());
                write(&state)?;
                return Err(bad(why));
            }
        }
    }
    Ok(KINDS
        .iter()
        .filter_map(|kind| {
            let endpoint = &state.get(kind.name())?.endpoint;
            Some(format!("export {}={endpoint}\n", kind.variable()))
        })
        .collect())
}

/// Starts the emulator of `kind`; it may take a moment until it answers.
fn start(kind: Kind) -> Result<(Daemon, Child), String> {
    let program = match install::installed(kind).or_else(|| install::on_path(kind)) {
        Some(program) => program,
        None => {
            super::allow_getting();
            super::local(kind)?
        }
    };
    let port = free_port()?;
    let base = install::base();
    let told = |e: std::io::Error| format!("{}: {e}", base.display());
    // A new one: whatever else lies in a directory of the user's is not touched.
    let dir = tempfile::Builder::new()
        .prefix(&format!("up-{}-", kind.name()))
        .tempdir_in(&base)
        .map_err(told)?
        .keep();
    let log = fs::File::create(dir.join("log")).map_err(told)?;
    let (words, env) = process::command(kind, &program, port, &dir);
    let child = Command::new(&words[0])
        .args(&words[1..])
        .env_clear()
        .envs(env)
        .current_dir(&dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(told)?)
        .stderr(log)
        .process_group(0)
        .spawn()
        .map_err(|e| format!("{}: {e}", words.join(" ")))?;
    let daemon = Daemon {
        pid: child.id().cast_signed(),
        endpoint: format!("http://127.0.0.1:{port}"),
        dir,
    };
    Ok((daemon, child))
}

fn wait_for(kind: Kind, daemon: &Daemon, mut child: Child) -> Result<(), String> {
    let has_ended = || matches!(child.try_wait(), Ok(Some(_)));
    process::wait_until_it_answers(kind, &daemon.endpoint, has_ended)
}

/// Only one `up` or `down` at a time: of two that start emulators, one would be forgotten.
fn lock() -> Result<fs::File, BadInput> {
    let base = install::base();
    get::lock_file(
        &base,
        "up.lock",
        "another `cargo uat emulators up` or `down`",
    )
    .map_err(|why| {
        BadInput::new(
            format!(
                "{} is where it is noted which emulators are up",
                base.display()
            ),
            why,
            "make the directory writable",
        )
    })
}

/// Stops what is up; says what it did.
///
/// # Errors
/// The note of what is up cannot be removed.
pub fn down() -> Result<String, BadInput> {
    if !state_file().exists() {
        return Ok("nothing was up\n".to_owned());
    }
    let _lock = lock()?;
    let state = read(&state_file());
    let mut said = String::new();
    for (name, daemon) in &state {
        if end(daemon) {
            said.push_str(&format!("{name}: stopped ({})\n", daemon.endpoint));
        } else {
            said.push_str(&format!("{name}: was gone already\n"));
        }
    }
    if state.is_empty() {
        said.push_str("nothing was up\n");
    }
    write(&State::new())?;
    Ok(said)
}

/// What is installed and what is up, for people.
pub fn status() -> String {
    let state = read(&state_file());
    let mut said = String::new();
    for kind in KINDS {
        let installed = match (install::installed(kind), install::on_path(kind)) {
            (Some(program), _) => format!("installed ({})", program.words.join(" ")),
            (None, Some(program)) => format!("on PATH ({})", program.words.join(" ")),
            (None, None) => "not installed (cargo uat emulators install)".to_owned(),
        };
        let up = match state.get(kind.name()) {
            None => "not up".to_owned(),
            Some(daemon) => match process::answers(kind, &daemon.endpoint) {
                Ok(()) => format!("up at {} (pid {})", daemon.endpoint, daemon.pid),
                Err(why) => format!("was up at {}, does not answer: {why}", daemon.endpoint),
            },
        };
        said.push_str(&format!("{}: {installed}; {up}\n", kind.name()));
    }
    said
}

/// Stops the emulator, answering or frozen, and removes its log. Whether it was still there.
fn end(daemon: &Daemon) -> bool {
    // By now the number may be somebody else's: the process that is meant works in its directory.
    let is_there = command_of(daemon.pid).is_some_and(|command| {
        let port = daemon.endpoint.rsplit(':').next().unwrap_or_default();
        command.contains("ministack") || command.contains(&format!("-port {port}"))
    });
    if is_there {
        // ESRCH: it ended in this moment.
        let _ = killpg(Pid::from_raw(daemon.pid), Signal::SIGKILL);
    }
    // Only logs, in a directory that `up` made.
    let _ = fs::remove_dir_all(&daemon.dir);
    is_there
}

/// The command line of a process, if there is one of that number.
fn command_of(pid: i32) -> Option<String> {
    if let Ok(bytes) = fs::read(format!("/proc/{pid}/cmdline")) {
        let words = String::from_utf8_lossy(&bytes).replace('\0', " ");
        // Of one that has ended nothing is left.
        return (!words.is_empty()).then_some(words);
    }
    let asked = Command::new("ps")
        .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
        .output();
    let said = String::from_utf8_lossy(&asked.ok()?.stdout).into_owned();
    (!said.trim().is_empty()).then_some(said)
}

/// What is noted as up; nothing if there is no note, or none that can be read.
fn read(path: &Path) -> State {
    fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

fn write(state: &State) -> Result<(), BadInput> {
    let path = state_file();
    let bad = |e: std::io::Error| {
        BadInput::new(
            format!(
                "{} is where it is noted which emulators are up",
                path.display()
            ),
            e.to_string(),
            "make its directory writable",
        )
    };
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(bad)?;
    }
    fs::write(&path, format!("{:#}\n", serde_json::json!(state))).map_err(bad)
}
