//! What a volatile number of a trial can be. A number outside of its bounds is not volatile, it
//! is wrong: it stays as it is, and so it drifts.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;

/// When a command ran and how long, and how long it was told to wait for a lock at least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    /// When it began.
    pub since: Timestamp,
    /// From its start to its end.
    pub time: Duration,
    /// The patience with locks that it was given.
    pub patience: Duration,
}

/// The bounds of one text.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// When the trial ran.
    pub window: RangeInclusive<Timestamp>,
    /// How long the longest command of the trial took.
    pub longest: Duration,
    /// The command that said it; none for a file.
    pub command: Option<Took>,
}

/// Swamp's clock and the harness's are not read at the same moment, and either is rounded.
const SLACK: f64 = 2.0;

impl Bounds {
    /// Whether something that a command of the trial did can have taken so long. Nothing takes
    /// no time at all: swamp starts a process for it, or asks a database.
    pub fn ran(&self, milliseconds: f64) -> bool {
        milliseconds > 0.0 && milliseconds <= millis(self.longest) + SLACK
    }

    /// Whether something that this very command did can have taken so long.
    pub fn took(&self, milliseconds: f64) -> bool {
        milliseconds > 0.0 && milliseconds <= self.own() + SLACK
    }

    /// Whether asking a datastore for its health can have taken so long: a directory answers in
    /// less than half a millisecond, which is rounded to none.
    pub fn answered(&self, milliseconds: f64) -> bool {
        milliseconds == 0.0 || self.took(milliseconds)
    }

    /// Whether this command can have waited so long for a lock before it gave up.
    pub fn gave_up(&self, milliseconds: f64) -> bool {
        let patience = self.command.unwrap_or_default().patience;
        self.took(milliseconds) && milliseconds >= millis(patience) - SLACK
    }

    /// Whether something of this trial can be so long ago.
    pub fn ago(&self, milliseconds: f64) -> bool {
        let trial = self.window.end().duration_since(*self.window.start());
        milliseconds <= trial.as_secs_f64() * 1000.0 + SLACK
    }

    /// Whether `HH:MM:SS` was on the wall while the trial ran.
    pub fn on_the_wall(&self, clock: &str) -> bool {
        let (first, last) = (self.window.start(), self.window.end());
        // Both ends by the second, and the days that the trial touched.
        let days = [first, last].map(|time| time.strftime("%F").to_string());
        // A leap second is read as the one before it.
        let leaps = clock.ends_with(":60");
        !leaps
            && days.iter().any(|day| {
                format!("{day}T{clock}Z")
                    .parse::<Timestamp>()
                    .is_ok_and(|time| {
                        (first.as_second()..=last.as_second()).contains(&time.as_second())
                    })
            })
    }

    fn own(&self) -> f64 {
        millis(self.command.map_or(self.longest, |command| command.time))
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Whether a shell command's `result` can have so many bytes: those of its form, and those of the
/// command, of what it printed, and of the digits of how long it took.
pub(super) fn can_be_a_result(bytes: f64) -> bool {
    (RESULT_FORM + SHORTEST..=RESULT_FORM + LONGEST).contains(&bytes)
}

/// `{"exitCode":0,"executedAt":"2026-11-22T09:16:48.148Z","command":"","durationMs":,"stdout":"","stderr":""}`
const RESULT_FORM: f64 = 105.0;

/// The shortest and the longest command of the fixtures, with its output and its duration.
const SHORTEST: f64 = 6.0;
const LONGEST: f64 = 60.0;

/// Whether so many files of a datastore can have so many bytes: small files, or a catalog
/// and small files.
pub(super) fn can_be_a_sum(files: f64, bytes: f64) -> bool {
    let small = files * SMALLEST_MEAN..=files * LARGEST_MEAN;
    let with_catalog = CATALOG.start() + small.start()..=CATALOG.end() + small.end();
    small.contains(&bytes) || (files > 0.0 && with_catalog.contains(&bytes))
}

/// The mean size of files that goldens and fixtures leave: a version number is one byte, the
/// record of a run about a thousand.
const SMALLEST_MEAN: f64 = 8.0;
const LARGEST_MEAN: f64 = 1280.0;

/// A catalog with its log: pages of SQLite.
const CATALOG: std::ops::RangeInclusive<f64> = 16_384.0..=1_048_576.0;
