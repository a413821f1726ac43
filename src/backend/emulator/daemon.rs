//! `cargo uat emulators up|down|status`: emulators that stay between runs, for machines without
//! Docker. Nothing but `down` stops them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::{install, process, variable};
use crate::backend::Kind;
use crate::error::BadInput;
use crate::net::free_port;

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
    let mut state = read(&state_file());
    for kind in KINDS {
        let there = state
            .get(kind.name())
            .is_some_and(|daemon| process::answers(kind, &daemon.endpoint).is_ok());
        if !there {
            let daemon = start(kind).map_err(|why| {
                BadInput::new(
                    format!("the emulator of {} was asked to start", kind.name()),
                    why,
                    "run `cargo uat emulators install`, then this again",
                )
            })?;
            state.insert(kind.name().to_owned(), daemon);
            // At once: what runs must be known to `down` even if the other does not start.
            write(&state)?;
        }
    }
    Ok(KINDS
        .iter()
        .filter_map(|kind| {
            let endpoint = &state.get(kind.name())?.endpoint;
            Some(format!("export {}={endpoint}\n", variable(*kind)))
        })
        .collect())
}

fn start(kind: Kind) -> Result<Daemon, String> {
    let program = install::installed(kind)
        .or_else(|| install::on_path(kind))
        .ok_or("it is not installed")?;
    let port = free_port()?;
    let dir = install::base().join(kind.name());
    let told = |e: std::io::Error| format!("{}: {e}", dir.display());
    fs::create_dir_all(&dir).map_err(told)?;
    let log = fs::File::create(dir.join("log")).map_err(told)?;
    let (words, env) = process::command(kind, &program, port, &dir);
    let mut child = Command::new(&words[0])
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
    let has_ended = || matches!(child.try_wait(), Ok(Some(_)));
    process::wait_until_it_answers(kind, &daemon.endpoint, has_ended)
        .inspect_err(|_| stop(&daemon))?;
    Ok(daemon)
}

/// Stops what is up; says what it did.
///
/// # Errors
/// The note of what is up cannot be removed.
pub fn down() -> Result<String, BadInput> {
    let state = read(&state_file());
    let mut said = String::new();
    for (name, daemon) in &state {
        let kind = Kind::from_name(name);
        // A process that does not answer as the emulator may be somebody else's by now.
        if kind.is_some_and(|kind| process::answers(kind, &daemon.endpoint).is_ok()) {
            stop(daemon);
            said.push_str(&format!("{name}: stopped ({})\n", daemon.endpoint));
        } else {
            said.push_str(&format!("{name}: was gone already\n"));
        }
        // Only logs; a leftover is overwritten by the next `up`.
        let _ = fs::remove_dir_all(&daemon.dir);
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

fn stop(daemon: &Daemon) {
    // ESRCH: it is gone already.
    let _ = killpg(Pid::from_raw(daemon.pid), Signal::SIGKILL);
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
