//! Numbers that differ from run to run. A shell command's `result` holds how long the command
//! took, so that its size is one byte more where that took a digit more, and so are the sums
//! that it is part of. All other sizes and counts are swamp's word, and stay; and so do numbers
//! that are outside of what they can be, see [`super::bounds`].

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Rule;
use super::bounds::{Bounds, can_be_a_result, can_be_a_sum};

/// The data that shell commands leave beside their log.
const RESULT: &str = "result";

/// `"durationMs": 9`: milliseconds.
static DURATION: LazyLock<Regex> = LazyLock::new(|| pattern(r#"("durationMs": )(\d+(?:\.\d+)?)"#));

/// `"duration": 45`: the same, of what may have waited for a person through several commands. How
/// long it took is held against its record.
static LASTING: LazyLock<Regex> = LazyLock::new(|| pattern(r#"("duration": )(\d+(?:\.\d+)?)"#));

/// `"latencyMs": 3.2`: how long a datastore took to answer.
static LATENCY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"("latencyMs": )(\d+(?:\.\d+)?)"#));

/// The same in a sentence: `done read in 24ms`, `healthy (39ms)`, `timed out after 501ms`.
static TOOK: LazyLock<Regex> = LazyLock::new(|| pattern(r"( in )(\d+(?:\.\d+)?)(m?s)\b"));
static HEALTHY: LazyLock<Regex> = LazyLock::new(|| pattern(r"( healthy \()(\d+(?:\.\d+)?)(m?s)\b"));
static GAVE_UP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"( timed out after )(\d+(?:\.\d+)?)(m?s)\b"));

/// How long ago a lock was taken: `(3s ago)`, `(pid 7, acquired 3120ms ago)`.
static AGO: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?P<before> \(|, acquired )(\d+)(m?s)(?P<after> ago\))"));

/// How long a run of a workflow, a job or a step took, where people are shown one that is over.
static LASTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)(?P<before>^ +[✓✗] \S+ \(|^Result: [A-Z]+ \()(\d+(?:\.\d+)?)(m?s)(?P<after>\))$")
});

/// How long a run of a workflow took, of which a command told that may have gone on with it.
static COMPLETED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(Completed workflow \S+ succeeded in )(\d+(?:\.\d+)?)(m?s)\b"));

/// How long it took to make the parts of an index what counts.
static SHARDED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"( with commitSeq=1 \()(\d+)(ms)(?P<after>\))"));

/// The time of day, which swamp marks as UTC.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{2}:\d{2}:\d{2}) UTC\b"));

/// Sums of bytes: of files that are moved or copied, in JSON and for people. Nothing is always
/// nothing, and the sums of directories without results or clocks are always the same.
static TOTAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"((\d+) file\(s\), |(\d+) copied \()([1-9][\d.]*)(?: ?([KMG]?B))"));
static TOTAL_IN_JSON: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"("(?:totalBytes|bytesCopied)": )([1-9]\d*)"#));

/// The number of files that such a sum is about, in JSON.
static FILES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#""(?:fileCount|totalFiles|filesCopied)": (\d+)"#));

/// A result in `data list` for people: its size stands before its date, after its content type;
/// in that of a workflow, after the model and the step.
static LISTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^(  result  v\d+  \S+  (?:\S+  )?)(\d[\d.]*)([KMG]?B)\b"));

static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*"name": "([^"]*)""#));
static SIZE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^(\s*"size": )(\d+)\b"#));
static SIZE_CELL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\d[\d.]*)([KMG]?B)$"));

fn pattern(text: &str) -> Regex {
    // A constant of this file that a unit test compiles: it cannot fail later.
    Regex::new(text).expect("the pattern compiles")
}

/// Redacts the volatile numbers of a text, as far as they are within bounds.
pub(super) fn redact(text: &str, bounds: &Bounds) -> String {
    let ms = |found: &Captures<'_>| milliseconds(group(found, 2), group(found, 3));
    let replace = |pattern: &Regex, text: &str, holds: &dyn Fn(f64) -> bool| {
        replace(pattern, text, Rule::Duration, "<ms>", |found| {
            ms(found).is_some_and(holds)
        })
    };
    let text = replace(&DURATION, text, &|ms| bounds.ran(ms));
    let text = replace(&LASTING, &text, &|ms| ms > 0.0 && bounds.ago(ms));
    let text = replace(&LATENCY, &text, &|ms| bounds.took(ms));
    let text = replace(&COMPLETED, &text, &|ms| ms > 0.0 && bounds.ago(ms));
    let text = replace(&TOOK, &text, &|ms| bounds.ran(ms));
    let text = replace(&LASTED, &text, &|ms| bounds.ran(ms));
    let text = replace(&SHARDED, &text, &|ms| bounds.answered(ms));
    let text = replace(&HEALTHY, &text, &|ms| bounds.answered(ms));
    let text = replace(&GAVE_UP, &text, &|ms| bounds.gave_up(ms));
    let text = replace(&AGO, &text, &|ms| bounds.ago(ms));
    let text = clocks(&text, bounds);
    let text = sums(&text);
    let text = self::replace(
        &LISTED,
        &text,
        Rule::ResultSize,
        "<size>",
        is_size_of_result,
    );
    sizes_in_json(&text)
}

/// Redacts the size in a row of a table that is about a result.
pub(super) fn redact_row(cells: &mut [String]) {
    if !cells.iter().any(|cell| cell == RESULT) {
        return;
    }
    for cell in cells {
        let of_result = SIZE_CELL.captures(cell).is_some_and(|found| {
            bytes(group(&found, 1), group(&found, 2)).is_some_and(can_be_a_result)
        });
        if of_result {
            Rule::ResultSize.fires();
            *cell = "<size>".to_owned();
        }
    }
}

/// Replaces what a pattern found, where that holds, but for what stands before and after.
fn replace(
    pattern: &Regex,
    text: &str,
    rule: Rule,
    token: &str,
    holds: impl Fn(&Captures<'_>) -> bool,
) -> String {
    pattern
        .replace_all(text, |found: &Captures<'_>| {
            if !holds(found) {
                return found[0].to_owned();
            }
            rule.fires();
            let end = found.name("after").map_or("", |end| end.as_str());
            format!("{}{token}{end}", group(found, 1))
        })
        .into_owned()
}

fn group<'t>(found: &Captures<'t>, number: usize) -> &'t str {
    found.get(number).map_or("", |group| group.as_str())
}

/// A number of milliseconds, or of seconds where the unit says so.
fn milliseconds(number: &str, unit: &str) -> Option<f64> {
    let number: f64 = number.parse().ok()?;
    Some(if unit == "s" { number * 1000.0 } else { number })
}

/// A number of bytes, for people.
fn bytes(number: &str, unit: &str) -> Option<f64> {
    let number: f64 = number.parse().ok()?;
    let factor = match unit {
        "KB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        _ => 1.0,
    };
    Some(number * factor)
}

fn is_size_of_result(found: &Captures<'_>) -> bool {
    bytes(group(found, 2), group(found, 3)).is_some_and(can_be_a_result)
}

fn clocks(text: &str, bounds: &Bounds) -> String {
    CLOCK
        .replace_all(text, |found: &Captures<'_>| {
            if !bounds.on_the_wall(&found[1]) {
                return found[0].to_owned();
            }
            Rule::Clock.fires();
            "<clock>".to_owned()
        })
        .into_owned()
}

/// The directories of a datastore whose files hold how long something took.
const TIMED: [&str; 3] = ["data", "outputs", "audit"];

/// A directory that the lines after it are about, in a preview for people or in JSON.
static ABOUT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(?:  ([a-z-]+)$|\s*"subdir": "([a-z-]+)")"#));

/// Sums of bytes, but for those of directories that hold nothing timed.
fn sums(text: &str) -> String {
    let mut about: Option<String> = None;
    let mut files = 0.0;
    text.split_inclusive('\n')
        .map(|line| {
            if let Some(found) = ABOUT.captures(line.trim_end_matches('\n')) {
                about = found
                    .get(1)
                    .or(found.get(2))
                    .map(|name| name.as_str().to_owned());
            } else if line.contains("Total: ") || line.contains("\"totalFiles\"") {
                about = None;
            }
            if let Some(found) = FILES.captures(line) {
                files = found[1].parse().unwrap_or_default();
            }
            if about.as_deref().is_none_or(|name| TIMED.contains(&name)) {
                let line = replace(&TOTAL, line, Rule::Total, "<bytes>", |found| {
                    let files = found.get(2).or(found.get(3));
                    let files = files.and_then(|files| files.as_str().parse().ok());
                    let bytes = bytes(group(found, 4), group(found, 5));
                    files
                        .zip(bytes)
                        .is_some_and(|(files, bytes)| can_be_a_sum(files, bytes))
                });
                replace(&TOTAL_IN_JSON, &line, Rule::Total, "<bytes>", |found| {
                    bytes(group(found, 2), "").is_some_and(|bytes| can_be_a_sum(files, bytes))
                })
            } else {
                line.to_owned()
            }
        })
        .collect()
}

/// The `size` that follows the `name` of a result.
fn sizes_in_json(text: &str) -> String {
    let mut of_result = false;
    text.split_inclusive('\n')
        .map(|line| {
            if let Some(name) = NAME.captures(line) {
                of_result = &name[1] == RESULT;
            }
            if of_result {
                replace(&SIZE, line, Rule::ResultSize, "<size>", is_size_of_result)
            } else {
                line.to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::redact::bounds::Took;
    use std::time::Duration;

    /// A trial of a minute, with a command of two seconds that waited for half of one.
    fn redact(text: &str) -> String {
        let took = Took {
            since: jiff::Timestamp::UNIX_EPOCH,
            time: Duration::from_secs(2),
            patience: Duration::from_millis(500),
        };
        let bounds = Bounds {
            window: "2026-11-22T13:12:00Z".parse().unwrap()
                ..="2026-11-22T13:13:00Z".parse().unwrap(),
            longest: Duration::from_secs(3),
            command: Some(took),
        };
        super::redact(text, &bounds)
    }

    #[test]
    fn durations_are_milliseconds() {
        let before = Rule::Duration.count();
        assert_eq!(
            redact("\"durationMs\": 9, \"duration\": 45.25,"),
            "\"durationMs\": <ms>, \"duration\": <ms>,"
        );
        assert!(Rule::Duration.count() >= before + 2);
        for other in ["\"durations\": 9", "\"duration\": \"1d\"", "duration: 9"] {
            assert_eq!(redact(other), other);
        }
    }

    #[test]
    fn durations_in_sentences_and_times_of_day_go() {
        let before = [Rule::Duration, Rule::Clock].map(Rule::count);
        assert_eq!(
            redact("done read in 24ms · 13:12:50 UTC, in 1.2s at 13:12:50"),
            "done read in <ms> · <clock>, in <ms> at 13:12:50"
        );
        let after = [Rule::Duration, Rule::Clock].map(Rule::count);
        assert!(after[0] >= before[0] + 2 && after[1] > before[1]);
        for other in ["in 24mst", "within 24ms", "in 3 steps", "13:12 UTC"] {
            assert_eq!(redact(other), other);
        }
    }

    #[test]
    fn how_long_a_lock_was_waited_for_and_held_goes() {
        let before = Rule::Duration.count();
        assert_eq!(
            redact("Acquired: <time> (12s ago)\nheld by a (pid 1, acquired 512ms ago)\n"),
            "Acquired: <time> (<ms> ago)\nheld by a (pid 1, acquired <ms> ago)\n"
        );
        assert_eq!(
            redact("— timed out after 501ms\""),
            "— timed out after <ms>\""
        );
        assert!(Rule::Duration.count() >= before + 3);
        for other in [
            "  TTL:      600000ms",
            "(-3s ago)",
            "after 501ms",
            "(3 s ago)",
        ] {
            assert_eq!(redact(other), other);
        }
    }

    #[test]
    fn sums_of_bytes_go_and_counts_and_nothing_stay() {
        let before = Rule::Total.count();
        assert_eq!(
            redact("    6 file(s), 1010 B\n"),
            "    6 file(s), <bytes>\n"
        );
        assert_eq!(
            redact("  Total: 8 file(s), 2.1 KB"),
            "  Total: 8 file(s), <bytes>"
        );
        assert_eq!(
            redact("\"totalFiles\": 8,\n\"totalBytes\": 2109,"),
            "\"totalFiles\": 8,\n\"totalBytes\": <bytes>,"
        );
        assert_eq!(
            redact("\"filesCopied\": 8, \"bytesCopied\": 2109,"),
            "\"filesCopied\": 8, \"bytesCopied\": <bytes>,"
        );
        assert_eq!(
            redact("  Files:    12 copied (92.3KB)"),
            "  Files:    12 copied (<bytes>)"
        );
        assert!(Rule::Total.count() >= before + 5);
        for other in [
            "    0 file(s), 0 B",
            "\"totalBytes\": 0",
            "\"bytesCopied\": 0",
            "0 copied (0B)",
            "\"bytes\": 9",
            "9 B",
        ] {
            assert_eq!(redact(other), other);
        }
    }

    #[test]
    fn the_sums_of_directories_without_clocks_stay() {
        assert_eq!(
            redact(
                "  definitions-evaluated\n    /ds\n    1 file(s), 151 B\n  data\n    1 file(s), 9 B\n\n\
                 Total: 2 file(s), 160 B\n"
            ),
            "  definitions-evaluated\n    /ds\n    1 file(s), 151 B\n  data\n    1 file(s), <bytes>\n\n\
             Total: 2 file(s), <bytes>\n"
        );
        assert_eq!(
            redact(
                "\"subdir\": \"secrets\",\n\"totalBytes\": 9\n\"totalFiles\": 1,\n\"totalBytes\": 9"
            ),
            "\"subdir\": \"secrets\",\n\"totalBytes\": 9\n\"totalFiles\": 1,\n\"totalBytes\": <bytes>"
        );
    }

    #[test]
    fn the_size_of_a_result_goes_and_that_of_a_log_stays() {
        let before = Rule::ResultSize.count();
        assert_eq!(
            redact("  log  v1  text/plain  11B  x\n  result  v1  application/json  115B  x\n"),
            "  log  v1  text/plain  11B  x\n  result  v1  application/json  <size>  x\n"
        );
        assert_eq!(
            redact("  log  v3  worker  build.one  14B\n  result  v3  worker  build.one  121B\n"),
            "  log  v3  worker  build.one  14B\n  result  v3  worker  build.one  <size>\n"
        );
        assert_eq!(
            redact(
                "  \"name\": \"log\",\n  \"size\": 11,\n  \"name\": \"result\",\n  \"v\": 1,\n  \
                 \"size\": 115,\n  \"name\": \"note\",\n  \"size\": 7\n"
            ),
            "  \"name\": \"log\",\n  \"size\": 11,\n  \"name\": \"result\",\n  \"v\": 1,\n  \
             \"size\": <size>,\n  \"name\": \"note\",\n  \"size\": 7\n"
        );
        assert!(Rule::ResultSize.count() >= before + 2);
    }

    #[test]
    fn a_row_is_about_a_result_if_a_cell_says_so() {
        let row = |cells: &[&str]| {
            let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            redact_row(&mut cells);
            cells.join(" ")
        };
        assert_eq!(row(&["result", "1", "115B"]), "result 1 <size>");
        assert_eq!(row(&["log", "1", "11B"]), "log 1 11B");
        assert_eq!(
            row(&["result", "115B", "1", "x115B"]),
            "result <size> 1 x115B"
        );
    }

    #[test]
    fn what_nothing_of_the_trial_can_have_taken_stays() {
        for text in [
            "\"durationMs\": 0,",
            "\"durationMs\": 0.0,",
            "\"durationMs\": 3500,",
            "\"duration\": 987654321,",
            "\"latencyMs\": 0,",
            "\"latencyMs\": 2500.5,",
            "done read in 0ms",
            "done read in 3500ms",
            "Completed workflow x succeeded in 61.5s",
            "Completed workflow x succeeded in 0ms",
            "v2 with commitSeq=1 (2500ms)",
            "done read in 31536000s",
            "Health: healthy (2500ms)",
            "Result: SUCCEEDED (3500ms)",
            "  ✓ build (3500ms)",
            "— timed out after 0ms",
            "— timed out after 400ms",
            "— timed out after 2500ms",
            "Acquired: <time> (31536000s ago)",
            "held by a (pid 1, acquired 61000ms ago)",
        ] {
            assert_eq!(redact(text), text);
        }
        assert_eq!(
            redact("Completed workflow x succeeded in 12.9s"),
            "Completed workflow x succeeded in <ms>"
        );
        assert_eq!(
            redact("v2 with commitSeq=1 (12ms)"),
            "v2 with commitSeq=1 (<ms>)"
        );
        assert_eq!(redact("● healthy (0ms)"), "● healthy (<ms>)");
        assert_eq!(redact("x (0s ago)"), "x (<ms> ago)");
        assert_eq!(
            redact("  ✓ build (8ms)\n    ✗ one (1ms)\nResult: FAILED (9ms)\n"),
            "  ✓ build (<ms>)\n    ✗ one (<ms>)\nResult: FAILED (<ms>)\n"
        );
        assert_eq!(redact("\"duration\": 2500"), "\"duration\": <ms>");
    }

    #[test]
    fn a_clock_is_one_that_was_on_the_wall() {
        for (text, is) in [
            ("13:12:00 UTC", true),
            ("13:13:00 UTC", true),
            ("13:11:59 UTC", false),
            ("13:13:01 UTC", false),
            ("18:12:30 UTC", false),
            ("99:99:99 UTC", false),
            ("13:12:60 UTC", false),
        ] {
            assert_eq!(redact(text) == "<clock>", is, "{text}");
        }
    }

    #[test]
    fn sizes_that_no_such_content_has_stay() {
        for text in [
            "  result  v1  application/json  0B  x\n",
            "  result  v1  application/json  11B  x\n",
            "  result  v1  application/json  1115B  x\n",
            "  result  v1  application/json  941.9MB  x\n",
            "\"name\": \"result\",\n\"size\": 987654321,\n",
            "\"name\": \"result\",\n\"size\": 12,\n",
            "\"totalFiles\": 8,\n\"totalBytes\": 7,\n",
            "\"totalFiles\": 8,\n\"totalBytes\": 987654321,\n",
            "\"totalBytes\": 2109,\n",
            "6 file(s), 941.9 MB\n",
            "6 file(s), 12 KB\n",
            "12 copied (5MB)\n",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
