//! The clock and the calendar, in the forms that people write them in. A second world is seconds
//! away from the first, so that a weekday is the same there: before a line is recorded, it is
//! searched for the present time by value. At other times nothing is said of such words.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use super::{Finding, Weight};

/// Forms of the present time, by what they tell. In each, `%` stands as in `strftime`. Upper and
/// lower case count as one where the form begins with `(?i)`.
const FORMS: [(&str, &str); 16] = [
    ("weekday", r"(?i)%A"),
    ("weekday", r"%a"),
    // A month's name alone may be a word (May, March).
    (
        "month",
        r"(?i)(?:%B|%b)\.?[ /-](?:%d|%e|%-d|%Y)|(?:%d|%-d)(?:st|nd|rd|th)?\.?[ /-](?:%B|%b)",
    ),
    (
        "date",
        r"%Y[/._]%m[/._]%d|%Y%m%d|%y%m%d|%y[/.-]%m[/.-]%d|%Y-%j|%Y%j|%Y-%m",
    ),
    (
        "date",
        r"(?:%d|%-d)[./-](?:%m|%-m)[./-](?:%Y|%y)|(?:%m|%-m)[./-](?:%d|%-d)[./-](?:%Y|%y)",
    ),
    ("month", r#"(?i)month["']?[ :=]+["']?(?:%B|%b)"#),
    ("date", r"(?:%d|%-d)\.(?:%m|%-m)\."),
    ("week", r"(?i)%G-?W%V|W%V|week %-V"),
    // The clock of another time zone has the same minute, or one that is half an hour away.
    ("time of day", r"(?:[01]?\d|2[0-3]):(?:%M|HALF)"),
    ("time of day", r"%H:%M(?:[ap]m)?|%H%M%S|%Hh%M"),
    ("time of day", r"(?i)(?:%I|%-I)[:.]%M ?[ap]\.?m\b"),
    (
        "hour",
        r"(?i)(?:%H|%-H)(?:h| ?UTC| ?GMT| ?o'clock)|(?:%I|%-I) ?[ap]\.?m\b",
    ),
    ("hour", r#"(?i)hours?["']?[ :=]+["']?(?:%H|%-H)"#),
    (
        "part of the day",
        r"(?i)good (?:morning|afternoon|evening|night)",
    ),
    (
        "calendar",
        r#"(?i)(?:day|month|minute|weekday|week|day_?of_?(?:the_?)?year|doy)["']?[:=] ?["']?(?:%d|%-d|%m|%-m|%M|%-M|%u|%w|%V|%-V|%j|%-j)"#,
    ),
    ("year", r"%Y"),
];

/// What in `lines` (numbered, redacted) tells the time of a trial that ran in `window`.
pub(crate) fn findings(
    lines: &[(usize, &str)],
    window: &RangeInclusive<Timestamp>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (what, form) in FORMS {
        for time in minutes(window) {
            let Some(pattern) = at(form, time) else {
                continue;
            };
            for (number, line) in lines {
                let Some(found) = pattern.captures(line).and_then(|found| found.get(1)) else {
                    continue;
                };
                let finding = Finding {
                    what,
                    text: found.as_str().to_owned(),
                    line: *number,
                    weight: Weight::Sure,
                };
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
    }
    for time in [window.start(), window.end()] {
        for (what, form) in ALONE {
            findings.extend(bare(lines, what, &time.strftime(form).to_string()));
        }
        for form in ["%B", "%b"] {
            let month = time.strftime(form).to_string();
            findings.extend(bare(lines, "month", &month));
            if !WORDS.contains(&month.as_str()) {
                findings.extend(anywhere(lines, "month", &month));
            }
        }
        for form in ["%Y-%m-%d", "%Y%m%d"] {
            findings.extend(glued(lines, "date", &time.strftime(form).to_string()));
        }
        for (what, seconds) in SINCE_1970 {
            let count = time.as_second().div_euclid(seconds);
            findings.extend(anywhere(lines, what, &count.to_string()));
        }
    }
    let mut once = Vec::new();
    for finding in findings {
        if !once.contains(&finding) {
            once.push(finding);
        }
    }
    once
}

/// What is looked for where a line is nothing else: within a line, such a number may be a count.
const ALONE: [(&str, &str); 6] = [
    ("hour", "%H"),
    ("minute", "%M"),
    ("day", "%d"),
    ("month", "%m"),
    ("week", "%V"),
    ("day of the year", "%j"),
];

/// The time since 1970 in units so long that a second world has the same count: in seconds each.
const SINCE_1970: [(&str, i64); 7] = [
    ("weeks since 1970", 7 * 24 * 60 * 60),
    ("days since 1970", 24 * 60 * 60),
    ("hours since 1970", 60 * 60),
    ("minutes since 1970", 60),
    // The first digits of the seconds.
    ("seconds since 1970", 100),
    ("seconds since 1970", 1_000),
    ("seconds since 1970", 10_000),
];

/// The names of months that are words, too, where a sentence begins with them.
const WORDS: [&str; 6] = ["March", "May", "Mar", "Jan", "August", "Sep"];

/// Lines that are `text` and nothing else, as `date +%H` prints the hour; quotes and a comma may
/// stand around it.
fn bare(lines: &[(usize, &str)], what: &'static str, text: &str) -> Vec<Finding> {
    let around = |c: char| c.is_whitespace() || "\"',".contains(c);
    let is_bare = |line: &str| line.trim_matches(around).eq_ignore_ascii_case(text);
    let found = lines.iter().filter(|(_, line)| is_bare(line));
    found.map(|(number, _)| sure(what, text, *number)).collect()
}

/// Lines in which `text` is a word of its own, and no number stands beside it: a month with a day is
/// a date, which is looked for by itself.
fn anywhere(lines: &[(usize, &str)], what: &'static str, text: &str) -> Vec<Finding> {
    let is_in = |line: &str| {
        let parts = line.split(|c: char| !c.is_alphanumeric() && !".:_-".contains(c));
        let words = parts.map(|part| part.trim_end_matches(['.', ':', '-']));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let number = |at: Option<usize>| {
            let word = at.and_then(|at| words.get(at));
            word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        };
        let mut found = words.iter().enumerate().filter(|(_, word)| **word == text);
        found.any(|(at, _)| !number(at.checked_sub(1)) && !number(Some(at + 1)))
    };
    let found = lines.iter().filter(|(_, line)| is_in(line));
    found.map(|(number, _)| sure(what, text, *number)).collect()
}

/// Lines in which `text` stands, whatever letters are beside it (`2026-11-26T17:05`, `run_20261126`):
/// no digit is.
fn glued(lines: &[(usize, &str)], what: &'static str, text: &str) -> Vec<Finding> {
    let is_in = |line: &str| {
        line.match_indices(text).any(|(at, _)| {
            !line[..at].ends_with(|c: char| c.is_ascii_digit())
                && !line[at + text.len()..].starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let found = lines.iter().filter(|(_, line)| is_in(line));
    found.map(|(number, _)| sure(what, text, *number)).collect()
}

fn sure(what: &'static str, text: &str, line: usize) -> Finding {
    Finding {
        what,
        text: text.to_owned(),
        line,
        weight: Weight::Sure,
    }
}

/// A moment in each minute of the window, and its end.
fn minutes(window: &RangeInclusive<Timestamp>) -> impl Iterator<Item = Timestamp> {
    let (start, end) = (*window.start(), *window.end());
    let steps = std::iter::successors(Some(start), move |time| {
        let next = time.checked_add(SignedDuration::from_secs(60)).ok()?;
        (next < end).then_some(next)
    });
    steps.chain([end])
}

/// The pattern of a form at that time, as a whole word.
fn at(form: &str, time: Timestamp) -> Option<Regex> {
    let (flags, form) = form.split_at(if form.starts_with("(?i)") { 4 } else { 0 });
    let half = time.checked_add(SignedDuration::from_mins(30)).ok()?;
    let form = form.replace("HALF", &half.strftime("%M").to_string());
    let form = jiff::fmt::strtime::format(form, time).ok()?;
    // Not in a longer number, date or version.
    Regex::new(&format!(
        r"{flags}(?:^|[^\w.:/-]|[^\d][.:/-])({form})(?:$|[^\w.:/-]|[.:/-](?:$|\D))"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Thursday, in the 48th week.
    fn found(line: &str) -> Option<&'static str> {
        let window =
            "2026-11-26T17:05:01Z".parse().unwrap()..="2026-11-26T17:06:02Z".parse().unwrap();
        let findings = findings(&[(7, line)], &window);
        findings.first().map(|finding| {
            assert_eq!(finding.line, 7);
            finding.what
        })
    }

    #[test]
    fn the_present_time_is_found_in_every_usual_form() {
        for (line, what) in [
            ("it is Thursday", "weekday"),
            ("THURSDAY 17", "weekday"),
            ("Thu Nov 26", "weekday"),
            ("on Nov 26", "month"),
            ("on 26th November", "month"),
            ("november 2026", "month"),
            ("2026/11/26", "date"),
            ("26.11.2026", "date"),
            ("11/26/26", "date"),
            ("backup-20261126.tar", "date"),
            ("2026-11-26T17", "date"),
            ("2026-11-26T16:05Z", "date"),
            ("20261126T1605Z", "date"),
            ("run_2026-11-26", "date"),
            ("v2026-11-26_16", "date"),
            ("2026-W48", "week"),
            ("at 17:05", "time of day"),
            ("at 17:06,", "time of day"),
            ("at 5:05 PM", "time of day"),
            ("at 05:06pm", "time of day"),
            ("17", "hour"),
            ("17h", "hour"),
            ("5 pm", "hour"),
            ("\"hour\": 17", "hour"),
            ("Good afternoon!", "part of the day"),
            ("\"weekday\": 4", "calendar"),
            ("\"month\": 11", "calendar"),
            ("(c) 2026", "year"),
            ("November", "month"),
            ("built in November.", "month"),
            ("\"month\": \"Nov\"", "month"),
            ("it is 22:05 in Tokio", "time of day"),
            ("at 22:36", "time of day"),
            ("26.11.", "date"),
            ("since 26.11. at noon", "date"),
            ("05", "minute"),
            ("26", "day"),
            ("\"48\",", "week"),
            ("330", "day of the year"),
            ("\"dayOfYear\": 330", "calendar"),
            ("20783", "days since 1970"),
            ("build 179571", "seconds since 1970"),
            ("\"run\": 498809,", "hours since 1970"),
            ("\"day\": 20783,", "days since 1970"),
        ] {
            assert_eq!(found(line), Some(what), "{line}");
        }
    }

    #[test]
    fn other_times_and_other_numbers_are_not() {
        for line in [
            "it is Friday",
            "Fri Nov 27",
            "17:04",
            "17:055",
            "117:05",
            "25:05",
            "17 files",
            "16",
            "22:07",
            "26 files",
            "330 bytes",
            "27.11.",
            "1795710",
            "typeVersion: 2026.02.09.1",
            "20260206.200442.0-sha.",
            "October",
            "november-notes.txt",
            "20782",
            "120783",
            "2026-11-25T17",
            "12026-11-26",
            "202611260",
            "2025",
            "May contain",
            "\"version\": 4",
            "<date> <time> <clock>",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
