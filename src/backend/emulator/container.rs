//! An emulator as a container, where a Docker engine answers.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use testcontainers::core::IntoContainerPort;
use testcontainers::runners::SyncRunner;
use testcontainers::{Container, GenericImage, ImageExt};

use super::pins::Pin;
use super::process::wait_until_it_answers;
use crate::backend::leftovers::containers;
use crate::kind::Kind;
use crate::machine::net::free_port;

/// The label of every container that the suite starts. Its value is the id of the process that did.
pub const LABEL: &str = "swamp-uat";

/// A container with an emulator in it. It is removed when this is dropped, or when this process
/// ends.
pub struct Running {
    /// `http://127.0.0.1:port`
    pub endpoint: String,
    /// Dropped first: the orderly way.
    container: Option<Container<GenericImage>>,
    guard: Option<Child>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a container at {}", self.endpoint)
    }
}

impl Running {
    /// Removes the container, and waits until it is gone.
    pub fn stop(&mut self) {
        drop(self.container.take());
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            // What it would remove is gone already; how it ends says nothing.
            let _ = guard.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How long an engine may take to start a container, its image fetched.
const LIMIT: Duration = Duration::from_secs(300);

/// After how long it is told what is waited for.
const WORD: Duration = Duration::from_secs(5);

/// Starts the emulator of `kind` in a thread that is waited for as long as a start may take. One that
/// comes to its end later removes what it started.
///
/// # Errors
/// The engine refuses, the image cannot be had, or it takes too long.
pub fn start(kind: Kind) -> Result<Running, String> {
    let pin = Pin::of(kind).ok_or("the filesystem needs no container")?;
    let (done, started) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody waits any more: the container goes with what is not taken.
        let _ = done.send(start_unlimited(kind));
    });
    let began = Instant::now();
    loop {
        match started.recv_timeout(WORD) {
            Ok(started) => return started,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(format!(
                    "the container {}: its start broke off",
                    pin.tagged()
                ));
            }
            Err(mpsc::RecvTimeoutError::Timeout) if began.elapsed() < LIMIT => eprintln!(
                "swamp-uat: waiting for the Docker engine to start {}, {} s so far (an image \
                 that is not there is fetched)",
                pin.tagged(),
                began.elapsed().as_secs()
            ),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err(format!(
                    "the container {} did not start within {} s",
                    pin.tagged(),
                    LIMIT.as_secs()
                ));
            }
        }
    }
}

/// Starts the emulator of `kind` and waits until it answers.
///
/// # Errors
/// The engine refuses, the image cannot be had, or the emulator does not answer.
fn start_unlimited(kind: Kind) -> Result<Running, String> {
    let pin = Pin::of(kind).ok_or("the filesystem needs no container")?;
    let port = free_port()?;
    let image = GenericImage::new(pin.image, pin.tag);
    let mut request = image
        .with_mapped_port(port, pin.port.tcp())
        .with_label(LABEL, std::process::id().to_string())
        .with_label(containers::RUN_LABEL, containers::run())
        .with_env_var("SERVICES", "s3");
    if kind == Kind::Gcs {
        let inner = pin.port.to_string();
        let public = format!("127.0.0.1:{port}");
        let options = ["-scheme", "http", "-backend", "memory", "-port", &inner];
        request = request.with_cmd(options.into_iter().chain(["-public-host", public.as_str()]));
    }
    let container = request
        .with_host_config_modifier(move |config| {
            // Docker publishes on all interfaces unless told otherwise.
            let ports = config.port_bindings.iter_mut().flatten();
            for binding in ports
                .filter_map(|(_, bindings)| bindings.as_mut())
                .flatten()
            {
                binding.host_ip = Some("127.0.0.1".to_owned());
            }
        })
        .start()
        .map_err(|e| format!("the container {}: {e}", pin.tagged()))?;
    let guard = guard(container.id());
    let running = Running {
        endpoint: format!("http://127.0.0.1:{port}"),
        container: Some(container),
        guard,
    };
    let has_ended = || {
        let container = running.container.as_ref();
        container.is_some_and(|container| matches!(container.is_running(), Ok(false)))
    };
    wait_until_it_answers(kind, &running.endpoint, has_ended)
        .map_err(|why| format!("the container {}: {why}", pin.tagged()))?;
    Ok(running)
}

/// Removes the container when this process is gone without having done so. It takes the
/// `docker` command; where there is none, a killed suite leaves its container.
fn guard(id: &str) -> Option<Child> {
    Command::new("sh")
        .args([
            "-c",
            "cat >/dev/null; docker rm --force --volumes \"$1\"",
            "swamp-uat-guard",
            id,
        ])
        .current_dir(Path::new("/"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .ok()
}
