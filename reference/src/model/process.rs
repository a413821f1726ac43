//! Running a program and seeing its output line by line.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// One of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Stream {
    Out,
    Err,
}

/// What a program did. A line break at the end of a stream is not part of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Finished {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a program to its end, or until the time is over. `on_line` sees each line as it comes. The error says why there
/// is no exit code.
pub fn run(
    command: &mut Command,
    timeout: Option<Duration>,
    mut on_line: impl FnMut(Stream, &str),
) -> Result<Finished, String> {
    let deadline = timeout.map(|timeout| (Instant::now() + timeout, timeout));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let lines = listen(&mut child);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Some((stream, line)) = next_line(&lines, deadline, &mut child)? {
        on_line(stream, &line);
        match stream {
            Stream::Out => stdout.push(line),
            Stream::Err => stderr.push(line),
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let by_signal = || status.signal().map_or(-1, |signal| 128 + signal);
    Ok(Finished {
        exit_code: status.code().unwrap_or_else(by_signal),
        stdout: stdout.join("\n"),
        stderr: stderr.join("\n"),
    })
}

fn listen(child: &mut Child) -> Receiver<(Stream, String)> {
    let (sender, receiver) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        read_lines(out, Stream::Out, sender.clone());
    }
    if let Some(err) = child.stderr.take() {
        read_lines(err, Stream::Err, sender);
    }
    receiver
}

fn read_lines(
    mut source: impl Read + Send + 'static,
    stream: Stream,
    sender: Sender<(Stream, String)>,
) {
    thread::spawn(move || {
        let mut pending = Vec::new();
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = source.read(&mut chunk) {
            pending.extend_from_slice(&chunk[..count]);
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let rest = pending.split_off(end + 1);
                pending.truncate(end);
                let line = String::from_utf8_lossy(&pending).into_owned();
                pending = rest;
                if sender.send((stream, line)).is_err() {
                    return;
                }
            }
        }
        if !pending.is_empty() {
            // Nobody listens any more where the time is over.
            let _ = sender.send((stream, String::from_utf8_lossy(&pending).into_owned()));
        }
    });
}

/// The next line of either stream; none when both are closed.
fn next_line(
    lines: &Receiver<(Stream, String)>,
    deadline: Option<(Instant, Duration)>,
    child: &mut Child,
) -> Result<Option<(Stream, String)>, String> {
    let Some((end, timeout)) = deadline else {
        return Ok(lines.recv().ok());
    };
    match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(line) => Ok(Some(line)),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => {
            // It may have ended by itself in this moment.
            let _ = child.kill();
            let _ = child.wait();
            Err(format!("Command timed out after {}ms", timeout.as_millis()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, timeout: Option<Duration>) -> (Result<Finished, String>, Vec<String>) {
        let mut seen = Vec::new();
        let finished = run(
            Command::new("sh").args(["-c", script]),
            timeout,
            |_, line| {
                seen.push(line.to_owned());
            },
        );
        (finished, seen)
    }

    #[test]
    fn both_streams_are_read_to_the_end() {
        let (finished, mut seen) = sh("printf 'a\\n\\nb\\n\\n'; printf 'x' >&2; exit 3", None);
        let finished = finished.expect("an exit code");
        assert_eq!(finished.exit_code, 3);
        assert_eq!(finished.stdout, "a\n\nb\n");
        assert_eq!(finished.stderr, "x");
        seen.sort();
        assert_eq!(seen, ["", "", "a", "b", "x"]);
    }

    #[test]
    fn a_signal_counts_from_128() {
        assert_eq!(sh("kill -9 $$", None).0.expect("a code").exit_code, 137);
    }

    #[test]
    fn the_time_can_be_over() {
        let (finished, _) = sh("sleep 20", Some(Duration::from_millis(50)));
        assert_eq!(finished, Err("Command timed out after 50ms".to_owned()));
    }
}
