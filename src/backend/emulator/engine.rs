//! Where a Docker engine answers: found as the `docker` command finds it, and asked once.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use crate::digest;

/// How long an engine may take to answer. One that is starting accepts, and stays mute.
const LIMIT: Duration = Duration::from_secs(5);

/// An engine: its address, what reaches it, and who says that it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Engine {
    /// `unix:///path` or `tcp://host:port`.
    pub host: String,
    /// The directory of its certificates, for one that is reached over TLS.
    certificates: Option<PathBuf>,
    /// Where the address comes from, for people.
    named_by: String,
}

impl Engine {
    fn new(host: impl Into<String>, named_by: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            certificates: None,
            named_by: named_by.into(),
        }
    }

    /// The variables by which the client of this process, and `docker`, find it.
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![("DOCKER_HOST", OsString::from(&self.host))];
        if let Some(dir) = &self.certificates {
            variables.push(("DOCKER_TLS_VERIFY", "1".into()));
            variables.push(("DOCKER_CERT_PATH", dir.into()));
        }
        variables
    }

    pub(super) fn told(&self) -> String {
        format!("{} ({})", self.host, self.named_by)
    }
}

/// How it is told that there is no engine, where nothing names one.
const NOWHERE: &str = "no Docker engine: DOCKER_HOST is unset,";

/// The engine that answers here, asked for on the first call of this process.
///
/// # Errors
/// There is none: where it was looked for, or why it is passed over.
pub(super) fn answering() -> Result<&'static Engine, &'static str> {
    static FOUND: OnceLock<Result<Engine, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let mut passed_over = Vec::new();
        let engines = expected().inspect_err(|why| {
            // Who names one wants it; that there is none at all is told where one is needed.
            if !why.starts_with(NOWHERE) {
                eprintln!("swamp-uat: {why}");
            }
        });
        for engine in engines? {
            match asked(&engine) {
                Ok(()) => return Ok(engine),
                Err(why) => {
                    eprintln!(
                        "swamp-uat: the Docker engine at {} is passed over: {why}",
                        engine.told()
                    );
                    passed_over.push(format!("the Docker engine at {}: {why}", engine.told()));
                }
            }
        }
        Err(passed_over.join("; "))
    });
    found.as_ref().map_err(String::as_str)
}

/// The engines that may answer here, found without asking them.
///
/// # Errors
/// There is none: where it was looked for.
pub(super) fn expected() -> Result<Vec<Engine>, String> {
    find(
        &|name| std::env::var_os(name).filter(|value| !value.is_empty()),
        &Path::exists,
    )
}

/// Runs this program again with the engine in its environment, where it is one that the client of
/// this process would not find. Call it before anything is begun.
pub fn take_into_environment() {
    let Ok(engine) = answering() else { return };
    let variables = engine.variables();
    let is_there =
        |(name, value): &(&str, OsString)| std::env::var_os(name).as_ref() == Some(value);
    let by_default =
        std::env::var_os("DOCKER_HOST").is_none() && engine.host == "unix:///var/run/docker.sock";
    if by_default || variables.iter().all(is_there) {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1)).envs(variables);
    // It returns only if it failed: then the container is what fails, and says so.
    let error = again.exec();
    eprintln!("swamp-uat: this program cannot be run again with DOCKER_HOST set: {error}");
}

/// The engines that `docker` would use, and the sockets of those that it knows by no name.
fn find(
    var: &dyn Fn(&str) -> Option<OsString>,
    is_there: &dyn Fn(&Path) -> bool,
) -> Result<Vec<Engine>, String> {
    let text = |name: &str| var(name).map(|value| value.to_string_lossy().into_owned());
    if let Some(host) = text("DOCKER_HOST") {
        // This program may have set it, to be run again: then it is told who named the engine.
        let others = find(
            &|name| var(name).filter(|_| name != "DOCKER_HOST"),
            is_there,
        );
        let same = others.into_iter().flatten().find(|it| it.host == host);
        return Ok(vec![Engine::new(
            host,
            same.map_or_else(|| "DOCKER_HOST".to_owned(), |it| it.named_by),
        )]);
    }
    let home = var("HOME").map(PathBuf::from);
    let config = var("DOCKER_CONFIG").map(PathBuf::from);
    let config = config.or_else(|| Some(home.as_ref()?.join(".docker")));
    let current = || {
        let text = std::fs::read(config.as_ref()?.join("config.json")).ok()?;
        let json: serde_json::Value = serde_json::from_slice(&text).ok()?;
        Some(json["currentContext"].as_str()?.to_owned())
    };
    let context = text("DOCKER_CONTEXT").or_else(current);
    if let Some(name) = context.filter(|name| !name.is_empty() && name != "default") {
        let config = config.unwrap_or_default();
        return in_context(&config, &name).map(|engine| vec![engine]);
    }
    let sockets = sockets(home, var("XDG_RUNTIME_DIR").map(PathBuf::from));
    let found: Vec<Engine> = sockets
        .iter()
        .filter(|socket| is_there(socket))
        .map(|socket| Engine::new(format!("unix://{}", socket.display()), "its usual place"))
        .collect();
    if found.is_empty() {
        let first = sockets.first().map(|s| s.display().to_string());
        return Err(format!(
            "{NOWHERE} docker has no context, and there is no socket, such as {}",
            first.unwrap_or_default()
        ));
    }
    Ok(found)
}

/// The engine of the context `name`, as docker notes it in its directory `config`.
fn in_context(config: &Path, name: &str) -> Result<Engine, String> {
    let id = digest::full(name);
    let meta = config.join("contexts/meta").join(&id).join("meta.json");
    let lost = |why: String| format!("no Docker engine: docker's context {name}: {why}");
    let bytes = std::fs::read(&meta).map_err(|e| lost(format!("{}: {e}", meta.display())))?;
    let json: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| lost(format!("{}: {e}", meta.display())))?;
    let host = json["Endpoints"]["docker"]["Host"].as_str();
    let host = host.filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| lost(format!("{} names no host", meta.display())))?;
    let certificates = config.join("contexts/tls").join(&id).join("docker");
    Ok(Engine {
        certificates: certificates.is_dir().then_some(certificates),
        ..Engine::new(host, format!("docker's context {name}"))
    })
}

/// Where engines listen: Docker's own, rootless or in a desktop, and those that speak as it does.
fn sockets(home: Option<PathBuf>, runtime: Option<PathBuf>) -> Vec<PathBuf> {
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    if let Some(dir) = runtime {
        sockets.push(dir.join("docker.sock"));
        sockets.push(dir.join(".docker/run/docker.sock"));
        sockets.push(dir.join("podman/podman.sock"));
    }
    if let Some(home) = home {
        for place in [
            ".docker/run/docker.sock",
            ".docker/desktop/docker.sock",
            ".colima/default/docker.sock",
            ".orbstack/run/docker.sock",
            ".rd/docker.sock",
        ] {
            sockets.push(home.join(place));
        }
    }
    sockets.push(PathBuf::from("/run/podman/podman.sock"));
    sockets
}

/// Asks an engine whether it is there. What is waited for is told when that takes a second.
fn asked(engine: &Engine) -> Result<(), String> {
    let (host, encrypted) = (engine.host.clone(), is_encrypted(engine));
    let (done, answer) = mpsc::channel();
    // In a thread: to find the address of a name has no limit of its own.
    std::thread::spawn(move || done.send(answers(&host, encrypted)));
    let late = |_| format!("no answer within {} s", LIMIT.as_secs());
    let first = Duration::from_secs(1);
    match answer.recv_timeout(first) {
        Ok(said) => said,
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("it cannot be asked".to_owned()),
        Err(mpsc::RecvTimeoutError::Timeout) => {
            eprintln!(
                "swamp-uat: waiting up to {} s for the Docker engine at {}",
                LIMIT.as_secs(),
                engine.told()
            );
            answer.recv_timeout(LIMIT - first).map_err(late)?
        }
    }
}

fn is_encrypted(engine: &Engine) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v: OsString| !v.is_empty());
    engine.certificates.is_some() || set("DOCKER_TLS_VERIFY") || set("DOCKER_TLS")
}

/// Whether the engine at `host` answers. What stands before one that hangs (a desktop's proxy) may
/// answer the ping itself, so that it is asked for its containers too.
fn answers(host: &str, encrypted: bool) -> Result<(), String> {
    ask(host, encrypted, "/_ping")?;
    ask(host, encrypted, "/containers/json?limit=1")
}

/// Asks the engine at `host` for `what`. One that is reached over TLS is only connected to.
fn ask(host: &str, encrypted: bool, what: &str) -> Result<(), String> {
    let (scheme, address) = host.split_once("://").unwrap_or(("tcp", host));
    let told = |e: std::io::Error| e.to_string();
    match scheme {
        "unix" => {
            let stream = UnixStream::connect(address).map_err(told)?;
            stream.set_read_timeout(Some(LIMIT)).map_err(told)?;
            request(stream, what)
        }
        "tcp" | "http" | "https" => {
            let address = address.trim_end_matches('/');
            let mut places = address.to_socket_addrs().map_err(told)?;
            let place = places.next().ok_or("its name has no address")?;
            // An address can be bound to on the machine that has it alone.
            if TcpListener::bind((place.ip(), 0)).is_err() {
                return Err(
                    "it is on another machine, on whose own loopback the emulators would listen"
                        .to_owned(),
                );
            }
            let stream = TcpStream::connect_timeout(&place, LIMIT).map_err(told)?;
            if encrypted || scheme == "https" {
                return Ok(());
            }
            stream.set_read_timeout(Some(LIMIT)).map_err(told)?;
            request(stream, what)
        }
        _ => Err(format!("the suite does not speak {scheme}://")),
    }
}

fn request(mut stream: impl Read + Write, what: &str) -> Result<(), String> {
    let told = |e: std::io::Error| e.to_string();
    let request = format!("GET {what} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut answer = Vec::new();
    // The head of it is enough.
    let mut piece = [0; 512];
    while !answer.contains(&b'\n') {
        match stream.read(&mut piece).map_err(told)? {
            0 => break,
            count => answer.extend_from_slice(&piece[..count]),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let line = text.lines().next().unwrap_or_default();
    match line.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ if line.is_empty() => Err("it closes the connection".to_owned()),
        _ => Err(format!("it answers \"{line}\" to {what}")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::time::Instant;

    use super::*;

    fn hosts(vars: &[(&str, &str)], there: &[&str]) -> Result<Vec<String>, String> {
        let var = |name: &str| {
            let value = vars.iter().find(|(key, _)| *key == name)?.1;
            (!value.is_empty()).then(|| OsString::from(value))
        };
        let found = find(&var, &|path| there.iter().any(|t| Path::new(t) == path))?;
        Ok(found.into_iter().map(|engine| engine.host).collect())
    }

    #[test]
    fn the_host_comes_before_a_context_and_a_context_before_sockets() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join(".docker");
        for (name, host) in [("colima", "unix:///c.sock"), ("other", "unix:///o.sock")] {
            let meta = config.join("contexts/meta").join(digest::full(name));
            std::fs::create_dir_all(&meta).unwrap();
            let json = serde_json::json!({"Name": name, "Endpoints": {"docker": {"Host": host}}});
            std::fs::write(meta.join("meta.json"), json.to_string()).unwrap();
        }
        let home = dir.path().to_str().unwrap();
        let docker = ["/var/run/docker.sock"];
        let set = |vars: &[(&'static str, &'static str)]| {
            let mut all = vec![("HOME", home)];
            all.extend(vars);
            hosts(&all, &docker)
        };
        assert_eq!(set(&[]).unwrap(), ["unix:///var/run/docker.sock"]);
        std::fs::write(config.join("config.json"), r#"{"currentContext":"colima"}"#).unwrap();
        assert_eq!(set(&[]).unwrap(), ["unix:///c.sock"]);
        let empty = [("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "")];
        assert_eq!(set(&empty).unwrap(), ["unix:///c.sock"]);
        let other = [("DOCKER_CONTEXT", "other")];
        assert_eq!(set(&other).unwrap(), ["unix:///o.sock"]);
        let default = [("DOCKER_CONTEXT", "default")];
        assert_eq!(set(&default).unwrap(), ["unix:///var/run/docker.sock"]);
        let host = [("DOCKER_HOST", "tcp://h:1"), ("DOCKER_CONTEXT", "other")];
        assert_eq!(set(&host).unwrap(), ["tcp://h:1"]);
        let lost = set(&[("DOCKER_CONTEXT", "lost")]).unwrap_err();
        assert!(lost.contains("context lost"), "{lost}");
    }

    #[test]
    fn rootless_desktop_and_podman_sockets_are_found() {
        let vars = [("HOME", "/h"), ("XDG_RUNTIME_DIR", "/run/user/1")];
        for socket in [
            "/run/user/1/docker.sock",
            "/run/user/1/podman/podman.sock",
            "/h/.docker/run/docker.sock",
            "/h/.docker/desktop/docker.sock",
            "/h/.colima/default/docker.sock",
            "/run/podman/podman.sock",
        ] {
            assert_eq!(
                hosts(&vars, &[socket]).unwrap(),
                [format!("unix://{socket}")]
            );
        }
        let none = hosts(&vars, &[]).unwrap_err();
        assert!(none.contains("no Docker engine"), "{none}");
        assert!(none.contains("/var/run/docker.sock"), "{none}");
    }

    #[test]
    fn certificates_of_a_context_are_handed_on() {
        let dir = tempfile::tempdir().unwrap();
        let id = digest::full("tls");
        for part in ["meta", "tls"] {
            std::fs::create_dir_all(dir.path().join("contexts").join(part).join(&id)).unwrap();
        }
        let meta = dir.path().join("contexts/meta").join(&id).join("meta.json");
        std::fs::write(
            meta,
            r#"{"Endpoints":{"docker":{"Host":"tcp://127.0.0.1:2376"}}}"#,
        )
        .unwrap();
        let certificates = dir.path().join("contexts/tls").join(&id).join("docker");
        std::fs::create_dir(&certificates).unwrap();
        let engine = in_context(dir.path(), "tls").unwrap();
        let variables = engine.variables();
        assert!(variables.contains(&("DOCKER_CERT_PATH", certificates.into())));
        assert!(variables.contains(&("DOCKER_TLS_VERIFY", "1".into())));
    }

    #[test]
    fn an_engine_is_asked_once_and_not_for_long() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let engine = Engine::new(format!("unix://{}", socket.display()), "this test");
        // Nobody accepts: the system does, and nothing is said.
        let began = Instant::now();
        let why = asked(&engine).unwrap_err();
        assert!(
            why.contains("no answer") || why.contains("temporarily"),
            "{why}"
        );
        assert!(began.elapsed() < 2 * LIMIT, "{:?}", began.elapsed());

        let answers = std::thread::spawn(move || {
            // The mute one's connection is still waiting to be taken.
            let (mute, _) = listener.accept().unwrap();
            drop(mute);
            let mut asked = Vec::new();
            for answered in [true, true, true, false] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 512];
                let count = stream.read(&mut request).unwrap();
                asked.push(String::from_utf8_lossy(&request[..count]).into_owned());
                if answered {
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nOK").unwrap();
                } else {
                    // Until who asked goes away.
                    let _ = stream.read(&mut request);
                }
            }
            asked
        });
        assert_eq!(asked(&engine), Ok(()));
        // One that answers the ping, and nothing after it.
        let began = Instant::now();
        let why = asked(&engine).unwrap_err();
        assert!(
            why.contains("no answer") || why.contains("temporarily"),
            "{why}"
        );
        assert!(began.elapsed() < 2 * LIMIT, "{:?}", began.elapsed());
        let asked = answers.join().unwrap();
        assert!(asked[0].starts_with("GET /_ping "), "{asked:?}");
        assert!(asked[3].starts_with("GET /containers/json"), "{asked:?}");
    }

    #[test]
    fn who_named_the_engine_is_told_also_where_this_program_has_set_docker_host() {
        let vars = |name: &str| match name {
            "HOME" => Some(OsString::from("/h")),
            "DOCKER_HOST" => Some("unix:///h/.colima/default/docker.sock".into()),
            _ => None,
        };
        let named = |there: bool| find(&vars, &|path| there && path.starts_with("/h")).unwrap();
        assert_eq!(named(true)[0].named_by, "its usual place");
        assert_eq!(named(false)[0].named_by, "DOCKER_HOST");
    }

    #[test]
    fn what_cannot_be_an_engine_here_is_told_at_once() {
        for (host, why) in [
            ("unix:///no/such.sock", "No such file"),
            ("ssh://me@host", "does not speak ssh"),
            ("tcp://192.0.2.1:2375", "another machine"),
            ("tcp://127.0.0.1:1", "refused"),
        ] {
            let said = asked(&Engine::new(host, "this test")).unwrap_err();
            assert!(said.contains(why), "{host}: {said}");
        }
    }
}
