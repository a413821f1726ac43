//! What `cargo uat` has cargo build, with what cargo says about it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, ErrorKind, IsTerminal, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use swamp_uat::error::BadInput;
use swamp_uat::workspace_root;

/// Builds the scenario binary, and the reference with it.
pub fn build_suite() -> Result<PathBuf, BadInput> {
    let messages = build(
        &[
            "test",
            "--test",
            "uat",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ],
        "build the scenarios",
    )?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "uat" && message["profile"]["test"] == true)
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .ok_or_else(|| {
            BadInput::new(
                "cargo was asked for the scenario binary",
                "it named none",
                "run `cargo test --test uat` to see why",
            )
        })
}

/// Runs cargo with `args`; what it printed to standard output. What it says about its work is shown
/// at once, and nothing where there is nothing to do.
pub fn build(args: &[&str], what: &str) -> Result<String, BadInput> {
    let bad = |found: String| {
        BadInput::new(
            format!("cargo was asked to {what}"),
            found,
            "correct what cargo says above, and run this again",
        )
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command
        .args(args)
        .current_dir(workspace_root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let colours = std::env::var_os("CARGO_TERM_COLOR").is_none()
        && std::env::var_os("NO_COLOR").is_none()
        && std::io::stderr().is_terminal();
    if colours {
        // It writes to a pipe, and the pipe ends at a terminal.
        command.env("CARGO_TERM_COLOR", "always");
    }
    let failed = |e: std::io::Error| bad(e.to_string());
    let mut child = command.spawn().map_err(|e| {
        if e.kind() == ErrorKind::NotFound && workspace_root().is_dir() {
            no_cargo(what, &cargo)
        } else {
            failed(e)
        }
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut messages = Vec::new();
    let read = std::thread::scope(|scope| {
        scope.spawn(|| {
            let lines = stderr.map(|stderr| BufReader::new(stderr).lines());
            for line in lines.into_iter().flatten().map_while(Result::ok) {
                if is_news(&line) {
                    eprintln!("{line}");
                }
            }
        });
        stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut messages))
    });
    let status = read.and_then(|_| child.wait()).map_err(failed)?;
    if !status.success() {
        return Err(bad(format!("it failed: {status}")));
    }
    Ok(String::from_utf8_lossy(&messages).into_owned())
}

/// The refusal where there is no cargo: `cargo uat` has one, and this program called alone may not.
fn no_cargo(what: &str, cargo: &OsStr) -> BadInput {
    let (why, advice) = match (std::env::var_os("CARGO"), std::env::var_os("PATH")) {
        (Some(_), _) => (
            format!("CARGO is {cargo:?}"),
            "set CARGO to the path of cargo, or unset CARGO to find it on PATH",
        ),
        (None, path) => (
            path.map_or("PATH is unset".to_owned(), |path| {
                format!("PATH is {path:?}")
            }),
            "add the directory of cargo to PATH (rustup makes it ~/.cargo/bin), or set CARGO to \
             the path of cargo",
        ),
    };
    BadInput::new(
        format!("cargo was asked to {what}"),
        format!("there is no program {cargo:?}: {why}"),
        advice,
    )
}

/// Whether a line of cargo says more than that it is done.
fn is_news(line: &str) -> bool {
    !["Finished `", "Executable "]
        .iter()
        .any(|done| without_colours(line).trim_start().starts_with(done))
}

fn without_colours(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_news_and_being_done_is_none() {
        for line in [
            "   Compiling swamp-uat v0.1.0 (/x)",
            "error[E0308]: mismatched types",
            "    Blocking waiting for file lock on build directory",
            "\u{1b}[1m\u{1b}[92m   Compiling\u{1b}[0m swamp-uat v0.1.0",
        ] {
            assert!(is_news(line), "{line}");
        }
        for line in [
            "    Finished `test` profile [optimized + debuginfo] target(s) in 0.20s",
            "  Executable tests/uat.rs (target/debug/deps/uat-0)",
            "\u{1b}[1m\u{1b}[92m    Finished\u{1b}[0m `test` profile [optimized]",
        ] {
            assert!(!is_news(line), "{line}");
        }
    }
}
