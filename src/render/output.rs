//! What one command of swamp gave.

use assert_cmd::assert::{Assert, AssertResult, OutputAssertExt};
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

    /// Asserts success, whatever it printed.
    ///
    /// # Panics
    /// It failed. The first line of the message names the command and what it said.
    #[track_caller]
    pub fn assert_success(&self) {
        self.told("0", self.assert().try_success());
    }

    /// Asserts success with nothing on standard error.
    ///
    /// # Panics
    /// As [`Output::assert_success`], or it complained.
    #[track_caller]
    pub fn assert_quiet_success(&self) {
        self.told("0", self.assert().try_success());
        self.told("0 and silence", self.assert().try_stderr(""));
    }

    /// Asserts failure with whatever code.
    ///
    /// # Panics
    /// As [`Output::assert_success`], if it succeeded.
    #[track_caller]
    pub fn assert_failure(&self) {
        self.told("any code but 0", self.assert().try_failure());
    }

    /// Asserts the exit code.
    ///
    /// # Panics
    /// As [`Output::assert_success`], if it is another one.
    #[track_caller]
    pub fn assert_code(&self, code: i32) {
        self.told(&code.to_string(), self.assert().try_code(code));
    }

    /// Panics where assert_cmd found something: a report may show no more than the first line.
    #[track_caller]
    fn told(&self, expected: &str, judged: AssertResult) {
        if let Err(found) = judged {
            let message = self.message();
            let lines = message.as_deref().unwrap_or(&self.stderr).lines();
            let said = lines.map(str::trim).find(|line| !line.is_empty());
            panic!(
                "`swamp {}` in {} ended with {}, expected is {expected}: {}\n\n{found}",
                self.args.join(" "),
                self.repo,
                self.code,
                said.unwrap_or("nothing on standard error"),
            );
        }
    }

    /// The output for assert_cmd's assertions.
    fn assert(&self) -> Assert {
        use std::os::unix::process::ExitStatusExt;

        std::process::Output {
            status: std::process::ExitStatus::from_raw(self.code << 8),
            stdout: self.stdout.clone().into_bytes(),
            stderr: self.stderr.clone().into_bytes(),
        }
        .assert()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: i32, stderr: &str) -> Output {
        Output {
            repo: "infra".to_owned(),
            args: vec!["data".to_owned(), "list".to_owned()],
            code,
            stdout: String::new(),
            stderr: stderr.to_owned(),
            took: Took::default(),
            beside_others: false,
        }
    }

    #[test]
    #[should_panic(expected = "`swamp data list` in infra ended with 1, expected is 0: no model\n")]
    fn another_code_is_told_with_the_command_and_what_it_said() {
        said(1, "\nError: no model\n").assert_success();
    }

    #[test]
    #[should_panic(expected = "ended with 0, expected is 0 and silence: late\n")]
    fn a_complaint_is_told_too() {
        said(0, "late\n").assert_quiet_success();
    }

    #[test]
    #[should_panic(
        expected = "ended with 0, expected is any code but 0: nothing on standard error"
    )]
    fn so_is_a_success_where_none_is_expected() {
        said(0, "").assert_failure();
    }

    #[test]
    fn what_is_expected_is_told_by_nobody() {
        said(2, "no").assert_code(2);
        said(0, "a note").assert_success();
        said(0, "").assert_quiet_success();
    }
}
