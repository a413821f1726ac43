//! An emulator as a process of this machine, which ends when the suite does, however that ends.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use wait_timeout::ChildExt;

use super::install::Program;
use crate::kind::Kind;
use crate::machine::net::{free_port, http};

/// How long an emulator may take until it answers. They take half a second on an idle machine.
const LIMIT: Duration = Duration::from_secs(30);

/// How long an emulator may take to end.
const END: Duration = Duration::from_secs(3);

/// After how long it is told what is waited for.
const SILENT: Duration = Duration::from_secs(4);

/// Runs the words after `$1`, and ends them when its standard input ends: that is when the
/// process which holds the other end is gone, on whatever way. `$1` is a directory for the log,
/// which is removed at the end; the file `ended` is there as soon as they ended by themselves.
const GUARD: &str = r#"
dir=$1; shift
exec 3<&0
"$@" </dev/null >"$dir/log" 2>&1 3<&- &
pid=$!
{ cat <&3 >/dev/null; [ -e "$dir/ended" ] || kill -KILL "$pid" 2>/dev/null; } &
watch=$!
wait "$pid" 2>/dev/null
: >"$dir/ended"
wait "$watch" 2>/dev/null
rm -rf "$dir"
"#;

/// A running emulator. It ends when this is dropped, or when this process ends.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:port`
    pub endpoint: String,
    dir: PathBuf,
    guard: Child,
}

impl Running {
    /// The last lines of what the emulator said.
    pub fn log(&self) -> String {
        tail(&self.dir.join("log"))
    }

    /// Whether it ended by itself.
    fn has_ended(&self) -> bool {
        self.dir.join("ended").exists()
    }

    /// Ends it, and waits until it is gone.
    pub fn stop(&mut self) {
        drop(self.guard.stdin.take());
        // The guard ends right after what it guards, unless it was stopped with it.
        if matches!(self.guard.wait_timeout(END), Ok(None)) {
            // It leads a group of its own. ESRCH: it ended in this moment.
            let _ = killpg(
                Pid::from_raw(self.guard.id().cast_signed()),
                Signal::SIGKILL,
            );
            let _ = self.guard.wait();
            let _ = fs::remove_dir_all(&self.dir);
        }
        crate::machine::leftovers::forget(&self.dir);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The command line and the whole environment of an emulator that is to listen on `port` of
/// 127.0.0.1, keep everything in memory, and write nowhere but into `dir`.
pub fn command(
    kind: Kind,
    program: &Program,
    port: u16,
    dir: &Path,
) -> (Vec<String>, Vec<(String, OsString)>) {
    let mut words = program.words.clone();
    let host = "127.0.0.1";
    if kind == Kind::Gcs {
        let port = port.to_string();
        let public = format!("{host}:{port}");
        let options = [
            "-scheme",
            "http",
            "-backend",
            "memory",
            "-log-level",
            "warn",
        ];
        words.extend(options.map(str::to_owned));
        words.extend(["-host", host, "-port", &port, "-public-host", &public].map(str::to_owned));
    }
    let port = port.to_string();
    let dir = dir.to_string_lossy();
    let fixed: &[(&str, &str)] = &[
        ("HOME", &dir),
        ("TMPDIR", &dir),
        ("GATEWAY_PORT", &port),
        ("BIND_HOST", host),
        ("SERVICES", "s3"),
        ("SFTP_ENABLED", "0"),
        ("IOT_MTLS_ENABLED", "0"),
        ("LOG_LEVEL", "WARNING"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        // A run leaves little behind: no garbage needs to be looked for until it is much.
        ("GOGC", "off"),
        ("GOMEMLIMIT", "512MiB"),
    ];
    let mut env: Vec<(String, OsString)> = fixed
        .iter()
        .map(|(name, value)| ((*name).to_owned(), OsString::from(value)))
        .collect();
    env.push((
        "PATH".to_owned(),
        std::env::var_os("PATH").unwrap_or_default(),
    ));
    env.extend(program.env.iter().map(|(k, v)| (k.clone(), v.into())));
    (words, env)
}

/// Starts `program` on a free port and waits until it answers.
///
/// # Errors
/// It cannot be started, ends at once, or does not answer in time: with what it said.
pub fn start(kind: Kind, program: &Program) -> Result<Running, String> {
    let name = program.words.join(" ");
    let port = free_port()?;
    let dir = crate::machine::leftovers::emulator_dir()
        .map_err(|e| format!("a directory for {name}: {e}"))?;
    let (words, env) = command(kind, program, port, &dir);
    let guard = Command::new("sh")
        .args(["-c", GUARD, "swamp-uat-guard"])
        .arg(&dir)
        .args(words)
        .env_clear()
        .envs(env)
        .current_dir(&dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in a terminal goes to a whole group: the guard must live to see its input end.
        .process_group(0)
        .spawn()
        .map_err(|e| format!("{name} cannot be started: sh: {e}"))?;
    let running = Running {
        endpoint: format!("http://127.0.0.1:{port}"),
        dir,
        guard,
    };
    wait_until_it_answers(kind, &running.endpoint, || running.has_ended())
        .map_err(|why| format!("{name}: {why}; it said: {}", running.log()))?;
    Ok(running)
}

/// Asks the emulator for something harmless until it answers, or has ended.
pub(super) fn wait_until_it_answers(
    kind: Kind,
    endpoint: &str,
    mut has_ended: impl FnMut() -> bool,
) -> Result<(), String> {
    let start = Instant::now();
    let mut told = false;
    loop {
        if !told && start.elapsed() > SILENT {
            told = true;
            eprintln!(
                "swamp-uat: waiting up to {} s for the emulator of {} to answer at {endpoint}",
                LIMIT.as_secs(),
                kind.name()
            );
        }
        match answers(kind, endpoint) {
            Ok(()) => return Ok(()),
            Err(_) if has_ended() => return Err("it ended before it answered".to_owned()),
            Err(why) if start.elapsed() > LIMIT => {
                return Err(format!("no answer within {} s: {why}", LIMIT.as_secs()));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// How long a backend may take to answer whether it is there.
const ANSWER: Duration = Duration::from_secs(5);

/// Whether something at `endpoint` answers as the backend does.
///
/// # Errors
/// It does not, and how it does not.
pub(super) fn answers(kind: Kind, endpoint: &str) -> Result<(), String> {
    answers_within(kind, endpoint, ANSWER)
}

/// As [`answers`], with that much time.
///
/// # Errors
/// As [`answers`].
pub(super) fn answers_within(kind: Kind, endpoint: &str, limit: Duration) -> Result<(), String> {
    let path = match kind {
        Kind::Gcs => "storage/v1/b?project=swamp-uat",
        _ => "",
    };
    let url = format!("{}/{path}", endpoint.trim_end_matches('/'));
    let answer = http::request_within(limit, "GET", &url, &[], b"")?;
    // 403: an S3 that wants a signature is an S3.
    match answer.status {
        200..=299 | 403 => Ok(()),
        status => Err(format!("GET {url}: {status} {}", answer.text().trim_end())),
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    match &lines[lines.len().saturating_sub(5)..] {
        [] => "nothing".to_owned(),
        last => last.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_listen_on_loopback_only() {
        let program = Program {
            words: vec!["x".into()],
            env: vec![("PYTHONPATH".into(), "/p".into())],
        };
        let dir = Path::new("/d");
        let (words, _) = command(Kind::Gcs, &program, 7, dir);
        let words = words.join(" ");
        assert!(
            words.contains("-host 127.0.0.1 -port 7 -public-host 127.0.0.1:7"),
            "{words}"
        );
        assert!(words.contains("-backend memory"), "{words}");
        let (words, env) = command(Kind::S3, &program, 7, dir);
        assert_eq!(words, ["x"]);
        for (name, value) in [
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", "7"),
            ("PYTHONPATH", "/p"),
        ] {
            assert!(env.contains(&(name.to_owned(), value.into())), "{name}");
        }
    }

    #[test]
    fn a_program_that_ends_at_once_is_told_at_once_with_what_it_said() {
        let program = Program {
            words: ["sh", "-c", "echo no such option >&2; exit 3"]
                .map(str::to_owned)
                .into(),
            env: Vec::new(),
        };
        let began = Instant::now();
        let why = start(Kind::S3, &program).unwrap_err();
        assert!(began.elapsed() < LIMIT / 2, "{:?}", began.elapsed());
        assert!(why.contains("it ended before it answered"), "{why}");
        assert!(why.contains("it said: no such option"), "{why}");
    }

    #[test]
    fn of_a_log_the_last_lines_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        assert_eq!(tail(&log), "nothing");
        fs::write(&log, "1\n2\n3\n4\n5\n6\n").unwrap();
        assert_eq!(tail(&log), "2\n3\n4\n5\n6");
    }
}
