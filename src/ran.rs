//! The outcome of one command. It must be dealt with: snapshotted, or asserted.

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde::de::DeserializeOwned;

use crate::order;
use crate::redact::Took;
use crate::reply::Before;
use crate::rows;
use crate::transcript::End;
use crate::trial::Trial;

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
    pub fn json<T: DeserializeOwned>(&self) -> T {
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
    pub fn json_among_notes<T: DeserializeOwned>(&self) -> T {
        let notes = ["[s3-sync] ", "[gcs-sync] "];
        let is_note = |line: &&str| notes.iter().any(|note| line.starts_with(note));
        let lines = self.stdout.split_inclusive('\n');
        let stdout = lines.filter(|line| !is_note(line)).collect();
        let without = Self {
            stdout,
            ..self.clone()
        };
        without.json()
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

/// A command that ran and that nobody has looked at. A trial that ends with one of these fails.
#[must_use = "a command that ran is snapshotted or asserted"]
#[derive(Debug)]
pub struct Ran<'t> {
    trial: &'t Trial,
    index: usize,
    /// The home it ran with, where that is not the sandbox's own.
    home: Option<String>,
    /// What was there before it; not known of one that ran beside others.
    before: Option<Before>,
    output: Output,
}

impl<'t> Ran<'t> {
    pub(crate) fn new(
        trial: &'t Trial,
        index: usize,
        home: Option<String>,
        before: Option<Before>,
        output: Output,
    ) -> Self {
        Self {
            trial,
            index,
            home,
            before,
            output,
        }
    }

    /// What it gave, for the harness; the scenario still has to deal with it.
    pub(crate) fn peek(&self) -> &Output {
        &self.output
    }

    /// Sorts what swamp prints in no promised order; see [`crate::order`].
    pub fn in_no_order(mut self) -> Self {
        self.output.stdout = order::sorted(&self.output.stdout);
        self.output.stderr = order::sorted(&self.output.stderr);
        self
    }

    /// Puts the command into the trial's transcript: the golden says what it did. The ids, times
    /// and sizes that a golden does not tell apart are held against the disk.
    pub fn snapshot(self) -> Output {
        let shown = End::Shown(Box::new(self.output.clone()));
        self.trial.observe(self.index, shown);
        self.held_against_the_disk(true);
        self.output
    }

    /// As [`Ran::snapshot`], for a JSON document with rows of data of which others show the form: the
    /// transcript has the first `whole` of each list, and of every other row a line that says which
    /// data it is. All of the document is held against its form, as if it were not shown.
    pub fn snapshot_rows(self, whole: usize) -> Output {
        let mut shown = self.output.clone();
        shown.stdout = rows::told_apart(&shown.stdout, whole);
        self.trial.observe(self.index, End::Shown(Box::new(shown)));
        self.held_against_the_disk(false);
        self.output
    }

    /// Asserts success with nothing on standard error, and leaves the transcript alone.
    ///
    /// # Panics
    /// It failed, or it complained.
    #[track_caller]
    pub fn ok(self) -> Output {
        self.read();
        self.output.assert().success().stderr("");
        self.output
    }

    /// Leaves the transcript alone: what it said is held against the type of its reply.
    fn read(&self) {
        self.trial
            .observe(self.index, End::Asserted(self.output.code));
        self.held_against_the_disk(false);
    }

    fn held_against_the_disk(&self, shown: bool) {
        let home = self.home.as_deref();
        self.trial
            .read(&self.output, home, self.before.as_ref(), shown);
    }

    /// Asserts nothing but that the reply is of its form: for the harness, which looks itself.
    pub(crate) fn ends(self) -> Output {
        self.read();
        self.output
    }

    /// Asserts nothing at all and leaves the transcript alone: for a command whose reply is of no
    /// account.
    pub(crate) fn ends_somehow(self) -> Output {
        self.trial
            .observe(self.index, End::Asserted(self.output.code));
        self.output
    }

    /// Asserts success, whatever it printed, and leaves the transcript alone: for a command that
    /// tells of its progress.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn succeeds(self) -> Output {
        self.read();
        self.output.assert().success();
        self.output
    }

    /// Asserts failure with whatever code, and leaves the transcript alone: for what is about to
    /// be compared with the plan.
    ///
    /// # Panics
    /// It succeeded.
    #[track_caller]
    pub fn fails_somehow(self) -> Output {
        self.read();
        self.output.assert().failure();
        self.output
    }

    /// Asserts the exit code, and leaves the transcript alone.
    ///
    /// # Panics
    /// It is another one.
    #[track_caller]
    pub fn fails(self, code: i32) -> Output {
        self.read();
        self.output.assert().code(code);
        self.output
    }
}
