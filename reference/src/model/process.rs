//! Running a program and seeing its output line by line.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

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

/// Runs a program to its end. `on_line` sees each line as it comes. The error says why there
/// is no exit code.
pub fn run(
    command: &mut Command,
    mut on_line: impl FnMut(Stream, &str),
) -> Result<Finished, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let lines = listen(&mut child);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    for (stream, line) in lines {
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
            // Somebody listens until both streams have ended.
            let _ = sender.send((stream, String::from_utf8_lossy(&pending).into_owned()));
        }
    });
}
