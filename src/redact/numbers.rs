//! Numbers that differ from run to run. A shell command's `result` holds how long the command
//! took, so that its size is one byte more where that took a digit more, and so are the sums
//! that it is part of. All other sizes and counts are swamp's word, and stay.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Rule;

/// The data that shell commands leave beside their log.
const RESULT: &str = "result";

/// `"durationMs": 9`, `"duration": 45` and `"latencyMs": 3`: milliseconds.
static DURATION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"("(?:duration(?:Ms)?|latencyMs)": )\d+(?:\.\d+)?"#));

/// The same in a sentence: `done read in 24ms`, `healthy (39ms)`, `timed out after 501ms`.
static TOOK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"( in | healthy \(| timed out after )\d+(?:\.\d+)?m?s\b"));

/// How long ago a lock was taken: `(3s ago)`, `(pid 7, acquired 3120ms ago)`.
static AGO: LazyLock<Regex> = LazyLock::new(|| pattern(r"( \(|, acquired )\d+m?s( ago\))"));

/// The time of day, which swamp marks as UTC.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\b)\d{2}:\d{2}:\d{2} UTC\b"));

/// Sums of bytes: of files that are moved or copied, in JSON and for people. Nothing is always nothing,
/// and the sums of directories without results or clocks are always the same.
static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"("totalBytes": |"bytesCopied": |\d+ file\(s\), |\d+ copied \()(?:[1-9][\d.]*(?: ?[KMG]?B)?)"#,
    )
});

/// A result in `data list` for people: its size stands before its date, after its content type;
/// in that of a workflow, after the model and the step.
static LISTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^(  result  v\d+  \S+  (?:\S+  )?)[\d.]+[KMG]?B\b"));

static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*"name": "([^"]*)""#));
static SIZE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^(\s*"size": )\d+"#));
static SIZE_CELL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\d.]+[KMG]?B$"));

fn pattern(text: &str) -> Regex {
    // A constant of this file that a unit test compiles: it cannot fail later.
    Regex::new(text).expect("the pattern compiles")
}

/// Redacts the volatile numbers of a text.
pub(super) fn redact(text: &str) -> String {
    let text = replace(&DURATION, text, Rule::Duration, "<ms>");
    let text = replace(&TOOK, &text, Rule::Duration, "<ms>");
    let text = replace(&AGO, &text, Rule::Duration, "<ms>");
    let text = replace(&CLOCK, &text, Rule::Clock, "<clock>");
    let text = sums(&text);
    let text = replace(&LISTED, &text, Rule::ResultSize, "<size>");
    sizes_in_json(&text)
}

/// Redacts the size in a row of a table that is about a result.
pub(super) fn redact_row(cells: &mut [String]) {
    if !cells.iter().any(|cell| cell == RESULT) {
        return;
    }
    for cell in cells.iter_mut().filter(|cell| SIZE_CELL.is_match(cell)) {
        Rule::ResultSize.fires();
        *cell = "<size>".to_owned();
    }
}

/// Replaces all but the groups, which stand at the beginning and at the end.
fn replace(pattern: &Regex, text: &str, rule: Rule, token: &str) -> String {
    pattern
        .replace_all(text, |found: &Captures<'_>| {
            rule.fires();
            let end = found.get(2).map_or("", |end| end.as_str());
            format!("{}{token}{end}", &found[1])
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
            if about.as_deref().is_none_or(|name| TIMED.contains(&name)) {
                replace(&TOTAL, line, Rule::Total, "<bytes>")
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
            if of_result && SIZE.is_match(line) {
                replace(&SIZE, line, Rule::ResultSize, "<size>")
            } else {
                line.to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_milliseconds_of_whatever_length() {
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
            redact("\"bytesCopied\": 2109,"),
            "\"bytesCopied\": <bytes>,"
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
            row(&["result", "1.2KB", "1", "x115B"]),
            "result <size> 1 x115B"
        );
    }
}
