//! An emulator as a container, where a Docker engine answers.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use testcontainers::core::IntoContainerPort;
use testcontainers::runners::SyncRunner;
use testcontainers::{Container, GenericImage, ImageExt};

use super::pins::Pin;
use super::process::wait_until_it_answers;
use crate::backend::Kind;
use crate::leftovers::containers;
use crate::net::free_port;

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

/// Why no Docker engine can be expected to answer here; none if one can.
pub fn no_engine() -> Option<String> {
    if std::env::var_os("DOCKER_HOST").is_some_and(|host| !host.is_empty()) {
        return None;
    }
    let sockets = sockets(|name| std::env::var_os(name).map(PathBuf::from));
    if sockets.iter().any(|socket| socket.exists()) {
        return None;
    }
    let looked: Vec<String> = sockets.iter().map(|s| s.display().to_string()).collect();
    Some(format!(
        "no Docker engine: DOCKER_HOST is unset, and there is no {}",
        looked.join(", no ")
    ))
}

/// Where engines listen, as testcontainers looks for them.
fn sockets(var: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    sockets.extend(var("XDG_RUNTIME_DIR").map(|dir| dir.join(".docker/run/docker.sock")));
    if let Some(home) = var("HOME") {
        sockets.push(home.join(".docker/run/docker.sock"));
        sockets.push(home.join(".docker/desktop/docker.sock"));
    }
    sockets
}

/// Starts the emulator of `kind` and waits until it answers.
///
/// # Errors
/// The engine refuses, the image cannot be had, or the emulator does not answer.
pub fn start(kind: Kind) -> Result<Running, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_looked_for_in_the_usual_places() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/h"));
        let found = sockets(home);
        assert_eq!(found[0], Path::new("/var/run/docker.sock"));
        assert!(found.contains(&PathBuf::from("/h/.docker/run/docker.sock")));
    }
}
