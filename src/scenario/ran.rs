//! The outcome of one command. It must be dealt with: snapshotted, or asserted.

use crate::forms::reply::Before;
use crate::render::order;
use crate::render::output::Output;
use crate::render::rows;
use crate::render::transcript::{End, Twin};
use crate::render::twins::Names;
use crate::scenario::trial::Trial;

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

    /// Sorts what swamp prints in no promised order; see [`crate::render::order`].
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

    /// Leaves the transcript alone, but that its twin is held against it there.
    pub(crate) fn heard(self) -> Output {
        let heard = End::Heard(Box::new(self.output.clone()));
        self.trial.observe(self.index, heard);
        self.held_against_the_disk(false);
        self.output
    }

    /// The transcript has what it said otherwise than the command before it, whether that was `shown`
    /// or heard. Both have names of their own.
    pub(crate) fn against_its_twin(self, names: &Names, shown: bool) -> Output {
        let twin = Twin {
            output: self.output.clone(),
            names: names.clone(),
            shown,
        };
        self.trial.observe(self.index, End::Twin(Box::new(twin)));
        self.held_against_the_disk(shown);
        self.output
    }

    /// As [`Ran::snapshot`], and asserts the exit code.
    ///
    /// # Panics
    /// It is another one.
    #[track_caller]
    pub fn snapshot_code(self, code: i32) -> Output {
        let said = self.snapshot();
        said.assert_code(code);
        said
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
    pub fn succeeds_quietly(self) -> Output {
        self.read();
        self.output.assert_quiet_success();
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
            .read(self.index, &self.output, home, self.before.as_ref(), shown);
    }

    /// Asserts nothing but that the reply is of its form: for the harness, which looks itself.
    pub(crate) fn ends(self) -> Output {
        self.read();
        self.output
    }

    /// Asserts nothing at all and leaves the transcript alone: for a command whose reply is of no
    /// account.
    pub(crate) fn unchecked(self) -> Output {
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
        self.output.assert_success();
        self.output
    }

    /// Asserts failure with whatever code, and leaves the transcript alone: for what is about to
    /// be compared with the plan.
    ///
    /// # Panics
    /// It succeeded.
    #[track_caller]
    pub fn fails_with_any_code(self) -> Output {
        self.read();
        self.output.assert_failure();
        self.output
    }

    /// Asserts the exit code, and leaves the transcript alone.
    ///
    /// # Panics
    /// It is another one.
    #[track_caller]
    pub fn fails(self, code: i32) -> Output {
        self.read();
        self.output.assert_code(code);
        self.output
    }
}
