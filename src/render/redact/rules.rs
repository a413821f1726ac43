//! The rules, the shapes they look for, and the count of how often each has fired: a rule that
//! fires nowhere in a full run is dead, and a dead rule hides what it was written against.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;

/// One reason to replace a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A path of the sandbox, by its literal text.
    Path,
    /// A bucket of the trial, by its literal name.
    Bucket,
    /// What names the trial's backend: its extension, its configuration.
    Store,
    /// Where a backend is reached, by its literal address.
    Endpoint,
    /// The version under test, by its literal text.
    Version,
    /// A table is drawn again, as its columns are as wide as their widest raw cell.
    Table,
    /// A UUID becomes the alias of what it names.
    Uuid,
    /// An ISO time with milliseconds, in UTC, within the trial.
    IsoTime,
    /// The same in the form that file names have.
    FileTime,
    /// A bare date of the trial.
    Date,
    /// The time of day.
    Clock,
    /// The size of a shell command's `result`, which holds how long the command took.
    ResultSize,
    /// A number of bytes that counts such results.
    Total,
    /// How long something took.
    Duration,
    /// The places in the source that a stack trace names.
    Stack,
}

static FIRED: [AtomicUsize; Rule::ALL.len()] = [const { AtomicUsize::new(0) }; Rule::ALL.len()];

impl Rule {
    /// All rules, in the order in which they apply.
    pub const ALL: [Self; 15] = [
        Self::Path,
        Self::Bucket,
        Self::Store,
        Self::Endpoint,
        Self::Version,
        Self::Table,
        Self::Uuid,
        Self::IsoTime,
        Self::FileTime,
        Self::Date,
        Self::Clock,
        Self::ResultSize,
        Self::Total,
        Self::Duration,
        Self::Stack,
    ];

    /// Counts one use of this rule.
    pub(super) fn fires(self) {
        FIRED[self as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often this rule has fired in this process.
    pub fn count(self) -> usize {
        FIRED[self as usize].load(Ordering::Relaxed)
    }
}

/// The rules that have not fired in this process.
pub fn unfired() -> Vec<Rule> {
    Rule::ALL
        .into_iter()
        .filter(|rule| rule.count() == 0)
        .collect()
}

/// Lower case only: swamp writes its ids so, and another case is a change to be seen. In the URL
/// of an object an escaped slash stands before it.
pub(super) static UUID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(\b|%2F)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")
});

/// The beginning of a run's id, as a heading for people has it.
pub(super) static SHORT_ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(run ([0-9a-f]{8})\)"));

/// Exactly three digits of a second and `Z`: another precision is another format, and a drift.
pub(super) static ISO_TIME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z"));

/// An ISO time as a file name has it: `2026-11-22T09-16-48-148Z`.
pub(super) static FILE_TIME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{4}-\d{2}-\d{2}T\d{2})-(\d{2})-(\d{2})-(\d{3}Z)"));

/// A date that is not the beginning of an ISO time.
pub(super) static DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{4}-\d{2}-\d{2}\b"));

/// The lines of a stack trace below its message: where in which build of swamp. The message
/// stays.
pub(super) static STACK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^( +)at .+\n(?: +at .+\n)*"));

/// The same inside of a JSON string.
pub(super) static STACK_IN_JSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(": "|\\n) +at (?:[^"\\\n]|\\[^n\n])*(?:\\n +at (?:[^"\\\n]|\\[^n\n])*)*"#)
});

/// The blanks between a redacted version and the end of its line.
pub(super) static VERSION_PADDING: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)<version> +$"));

fn pattern(text: &str) -> Regex {
    // A constant of this file that a unit test compiles: it cannot fail later.
    Regex::new(text).expect("the pattern compiles")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_belong_to_their_rules() {
        for (index, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, index);
        }
        let before = Rule::Table.count();
        Rule::Table.fires();
        assert!(Rule::Table.count() > before);
        assert!(!unfired().contains(&Rule::Table));
    }
}
