//! What one command of swamp gave.

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde::de::DeserializeOwned;

use crate::render::redact::Took;

/// What one command gave.
#[derive(Debug, Clone)]
pub struct Output {
    /// The repo it ran in.
    pub repo: String,
    /// The arguments after `swamp`.
    pub args: Vec<String>,
    /// The exit code; 128 and more for a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Took,
    /// Whether other commands ran at the same time.
    pub beside_others: bool,
}

/// Equal in all that a command gave. How long it took is not of that.
impl PartialEq for Output {
    fn eq(&self, other: &Self) -> bool {
        let parts = |output: &Self| {
            let Self {
                repo,
                args,
                code,
                stdout,
                stderr,
                took: _,
                beside_others: _,
            } = output.clone();
            (repo, args, code, stdout, stderr)
        };
        parts(self) == parts(other)
    }
}

impl Eq for Output {}

impl Output {
    /// Standard output as the JSON of `T`.
    ///
    /// # Panics
    /// It is not: unknown and missing fields count too.
    #[track_caller]
    pub fn parsed<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| {
            panic!(
                "{} of `swamp {}`: {e}\n{}",
                std::any::type_name::<T>(),
                self.args.join(" "),
                self.stdout
            )
        })
    }

    /// The JSON document on standard output, where a datastore extension may have printed lines
    /// of its own before or after it.
    ///
    /// # Panics
    /// There is none.
    #[track_caller]
    pub fn parsed_among_notes<T: DeserializeOwned>(&self) -> T {
        let notes = ["[s3-sync] ", "[gcs-sync] "];
        let is_note = |line: &&str| notes.iter().any(|note| line.starts_with(note));
        let lines = self.stdout.split_inclusive('\n');
        let stdout = lines.filter(|line| !is_note(line)).collect();
        let without = Self {
            stdout,
            ..self.clone()
        };
        without.parsed()
    }

    /// The message on standard error: of `Error: <message>`, or of the JSON's `error`.
    ///
    /// # Panics
    /// Standard error is neither.
    #[track_caller]
    pub fn error(&self) -> String {
        self.message().unwrap_or_else(|| {
            panic!(
                "`swamp {}` gave no error:\n{}",
                self.args.join(" "),
                self.stderr
            )
        })
    }

    /// As [`Output::error`], where there is one. What a command in a bucket tells of its progress
    /// may stand before it.
    pub fn message(&self) -> Option<String> {
        let of_json = |text: &str| -> Option<String> {
            let value: serde_json::Value = serde_json::from_str(text).ok()?;
            Some(value.get("error")?.as_str()?.to_owned())
        };
        let of_text = |text: &str| {
            let message = text.strip_prefix("\nError: ")?.strip_suffix('\n')?;
            Some(message.to_owned())
        };
        let notes = [" system │ ", "[s3-sync] ", "[gcs-sync] "];
        let is_note = |line: &&str| notes.iter().any(|note| line.starts_with(note));
        let lines = self.stderr.split_inclusive('\n');
        let error: String = lines.filter(|line| !is_note(line)).collect();
        of_json(&error).or_else(|| of_text(&error))
    }

    /// The output for assert_cmd's assertions.
    pub fn assert(&self) -> Assert {
        use std::os::unix::process::ExitStatusExt;

        std::process::Output {
            status: std::process::ExitStatus::from_raw(self.code << 8),
            stdout: self.stdout.clone().into_bytes(),
            stderr: self.stderr.clone().into_bytes(),
        }
        .assert()
        .append_context("command", format!("swamp {}", self.args.join(" ")))
        .append_context("repo", self.repo.clone())
    }
}
