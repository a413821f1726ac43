//! The values in what is said to people, of which a golden shows the words: times are those of the
//! command, and of the files that they are said of; sizes are those of the files.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use regex::{Captures, Regex};

use super::datastore::copied_of_what_was;
use super::{Fault, Said, ensure, same};
use crate::forms::metadata::Metadata;

fn pattern(text: &str) -> Regex {
    // A constant of this file, and every trial uses it: it cannot fail later.
    Regex::new(text).expect("the pattern compiles")
}

/// A line of the log.
static LOGGED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^(\S+Z) \[[A-Z]{3}\] "));
/// The time of day.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d\d:\d\d:\d\d) UTC\b"));
/// How long something took.
static TOOK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r" (?:in |healthy \()(\d+(?:\.\d+)?)(m?s)\b"));
/// A piece of data in a list: of a model, or of a workflow.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^  (\S+)  v(\d+)  (\S+)  ([\d.]+)([KMG]?B)  (\d{4}-\d\d-\d\d)$")
});
static OF_STEP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^  (\S+)  v(\d+)  (\S+)  \S+\.\S+  ([\d.]+)([KMG]?B)$"));
static OF_RUN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^Data for workflow (\S+) \(run ([0-9a-f]{8})…\)$"));
/// A directory in the preview of a migration.
static MOVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^  [a-z-]+\n    (/.*)\n    → (/.*)\n    (\d+) file\(s\), ([\d.]+) ?([KMG]?B)$")
});
/// What a setup copied.
static COPIED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^  Files: +(\d+) copied \(([\d.]+) ?([KMG]?B)\)$"));
/// When a lock was taken.
static ACQUIRED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^  Acquired: (\S+Z) \((\d+)(m?s) ago\)$"));

/// Whether the values in what a command said are those of the disk.
pub(super) fn values(said: &Said<'_>) -> Result<(), Fault> {
    let output = said.output;
    for text in [&output.stdout, &output.stderr] {
        of_the_command(said, text)?;
    }
    if said.is_json() || output.code != 0 {
        return Ok(());
    }
    match said.words.as_slice() {
        ["data", "list", model] => listed(said, model),
        ["data", "list"] if said.has("--model") => listed(said, said.named()[0]),
        ["data", "list"] => listed_of_workflow(said),
        ["data", "get", ..] => got(said),
        ["data", "query", _] => queried(said),
        ["datastore", "namespace", "list"] => namespaces(said),
        ["datastore", "namespace", "migrate" | "unset"] => migrated(said),
        ["datastore", "lock", "status"] => locked(said),
        ["datastore", "setup", ..] => set_up(said),
        _ => Ok(()),
    }
}

/// The times and durations of the command itself.
fn of_the_command(said: &Said<'_>, text: &str) -> Result<(), Fault> {
    // What an earlier run logged is of that run.
    let earlier = said
        .words
        .iter()
        .skip_while(|word| **word != "history")
        .nth(1)
        == Some(&"logs");
    for found in LOGGED.captures_iter(text) {
        let (what, time) = ("the time of a line", time(&found[1])?);
        if earlier {
            said.is_no_later(what, time)?;
        } else {
            said.is_of_the_command(what, time)?;
        }
    }
    if said.is_json() {
        return Ok(());
    }
    let took = said.output.took;
    // A clock shows no part of a second.
    let from = took.since - SignedDuration::from_secs(1);
    let to = took.since + SignedDuration::try_from(took.time).unwrap_or_default();
    for found in CLOCK.captures_iter(text) {
        let days = [from, to].map(|time| time.strftime("%F").to_string());
        let mut times = days.iter().filter_map(|day| {
            let time: Result<Timestamp, _> = format!("{day}T{}Z", &found[1]).parse();
            time.ok()
        });
        let sound = times.any(|time| from <= time && time <= to);
        let told = format!("it was never {} UTC while the command ran", &found[1]);
        ensure(sound, &told)?;
    }
    for found in TOOK.captures_iter(text) {
        let end = found.get(0).map_or(0, |found| found.start());
        let line = text[..end].rsplit('\n').next().unwrap_or_default();
        // A run that goes on began before the command.
        if said.words.starts_with(&["workflow", "resume"]) && line.contains("Completed workflow") {
            resumed(said, &found)?;
            continue;
        }
        let number: f64 = found[1].parse().unwrap_or(f64::MAX);
        let seconds = if &found[2] == "s" {
            number
        } else {
            number / 1000.0
        };
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        said.took(time.as_millis().try_into().unwrap_or(u64::MAX))?;
    }
    Ok(())
}

/// A run that went on lasted as long as some record says.
fn resumed(said: &Said<'_>, found: &Captures<'_>) -> Result<(), Fault> {
    let number: f64 = found[1].parse().unwrap_or(f64::MAX);
    // People are told of tenths of a second.
    let (told, slack) = match &found[2] {
        "s" => (number * 1000.0, 60.0),
        _ => (number, 10.0),
    };
    let records = said.records_of_workflows()?;
    let lasted = records.iter().filter_map(|record| {
        let end = record.completed_at.as_ref()?;
        Some(end.0.duration_since(record.started_at.0).as_secs_f64() * 1000.0)
    });
    let known = lasted
        .into_iter()
        .any(|lasted| (lasted - told).abs() <= slack);
    ensure(known, &format!("no run lasted {told} ms"))
}

fn time(text: &str) -> Result<Timestamp, Fault> {
    text.parse().map_err(|e| format!("{text}: {e}"))
}

/// Whether an amount as people read it is that many bytes, to the digits that it has.
fn is_size(number: &str, unit: &str, bytes: u64) -> bool {
    let factor: f64 = match unit {
        "KB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        _ => 1.0,
    };
    let digits = number.split_once('.').map_or(0, |(_, end)| end.len());
    let digits = i32::try_from(digits).unwrap_or_default();
    let slack = factor * 0.5 * 10_f64.powi(-digits) * 1.001;
    #[allow(
        clippy::cast_precision_loss,
        reason = "no file of a trial has that many bytes"
    )]
    let bytes = bytes as f64;
    let number: Option<f64> = number.parse().ok();
    number.is_some_and(|number| (number * factor - bytes).abs() <= slack)
}

/// Whether some version on the disk is as it is told. What is not there is known from elsewhere.
fn is_told(
    what: &str,
    there: &[Rc<Metadata>],
    sound: impl Fn(&Metadata) -> bool,
) -> Result<(), Fault> {
    let told = || format!("no version on the disk is as it says: {}", what.trim());
    ensure(
        there.is_empty() || there.iter().any(|it| sound(it)),
        &told(),
    )
}

fn number(found: &Captures<'_>, group: usize) -> Result<u64, Fault> {
    let text = &found[group];
    text.parse().map_err(|e| format!("{text}: {e}"))
}

fn listed(said: &Said<'_>, model: &str) -> Result<(), Fault> {
    for found in LISTED.captures_iter(&said.output.stdout) {
        let own = said.own_namespace()?;
        let there = said.versions_named(own, model, &found[1], number(&found, 2)?)?;
        is_told(&found[0], &there, |it| {
            it.content_type == found[3]
                && is_size(&found[4], &found[5], it.size)
                && it.created_at.0.strftime("%F").to_string() == found[6]
        })?;
    }
    Ok(())
}

fn listed_of_workflow(said: &Said<'_>) -> Result<(), Fault> {
    let text = &said.output.stdout;
    for found in OF_STEP.captures_iter(text) {
        let own = said.own_namespace()?;
        let there = said.versions_named(own, &found[3], &found[1], number(&found, 2)?)?;
        is_told(&found[0], &there, |it| {
            is_size(&found[4], &found[5], it.size)
        })?;
    }
    for found in OF_RUN.captures_iter(text) {
        let runs = said.own_data()?.join("workflow-runs");
        let begin = format!("workflow-run-{}", &found[2]);
        let mut files = walkdir::WalkDir::new(runs).into_iter().flatten();
        let known = files.any(|file| file.file_name().to_string_lossy().starts_with(&begin));
        ensure(known, &format!("there is no {begin}…"))?;
    }
    Ok(())
}

fn got(said: &Said<'_>) -> Result<(), Fault> {
    let field = |name: &str| {
        let mut lines = said.output.stdout.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let path = field("Path").ok_or("it names no path")?;
    let raw = said.repo().join(path);
    let place = raw.parent().unwrap_or(&raw);
    let place = fs::canonicalize(place).map_err(|e| format!("{path}: {e}"))?;
    let there = Metadata::read(&place)?.ok_or("there is nothing at its path")?;
    let created = time(field("Created").unwrap_or_default())?;
    same("Created", created, there.created_at.0)?;
    let owner = format!("model-method ({})", there.owner_definition.owner_ref.0);
    same("Owner", field("Owner"), Some(owner.as_str()))?;
    let tags = there.tags.iter();
    let tags = tags.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    let tags: Vec<String> = tags.collect();
    same("Tags", field("Tags"), Some(tags.join(", ").as_str()))
}

/// The cells of a table, each row with its header.
fn rows(text: &str) -> Vec<Vec<(&str, &str)>> {
    let lines = text.lines().filter(|line| line.starts_with('│'));
    let mut lines = lines.map(|line| line.trim_matches('│').split('│').map(str::trim));
    let Some(header) = lines.next() else {
        return Vec::new();
    };
    let header: Vec<&str> = header.collect();
    lines
        .map(|row| header.iter().copied().zip(row).collect())
        .collect()
}

fn cell<'a>(row: &[(&str, &'a str)], column: &str) -> Option<&'a str> {
    let found = row.iter().find(|(name, _)| *name == column);
    found.map(|(_, cell)| *cell)
}

fn queried(said: &Said<'_>) -> Result<(), Fault> {
    for row in rows(&said.output.stdout) {
        let of = |column: &str| cell(&row, column).unwrap_or_default();
        let namespace = match cell(&row, "namespace") {
            Some(namespace) => namespace,
            None => said.own_namespace()?,
        };
        // A column may have been selected away.
        let Ok(version) = of("version").parse() else {
            continue;
        };
        let there = said.versions_named(namespace, of("modelName"), of("name"), version)?;
        let size = of("size");
        let (number, unit) = size.split_at(size.find(char::is_alphabetic).unwrap_or(size.len()));
        is_told(&format!("{row:?}"), &there, |it| {
            is_size(number, unit, it.size)
                && it.tag("specName") == cell(&row, "specName")
                && it.tag("type") == cell(&row, "dataType")
        })?;
    }
    Ok(())
}

fn namespaces(said: &Said<'_>) -> Result<(), Fault> {
    for row in rows(&said.output.stdout) {
        let of = |column: &str| cell(&row, column).unwrap_or_default();
        if let Some((repo, since)) = said.claim(of("namespace"))? {
            let day = since.split('T').next().unwrap_or_default();
            let is = (of("repoId"), of("registeredAt"));
            same("repoId and registeredAt", is, (repo.as_str(), day))?;
        }
    }
    Ok(())
}

fn migrated(said: &Said<'_>) -> Result<(), Fault> {
    let Some(before) = said.scene.before else {
        return Ok(());
    };
    if said.keeps_its_catalog_with_data()? {
        return Ok(());
    }
    for found in MOVED.captures_iter(&said.output.stdout) {
        let had = before.directories.get(Path::new(&found[1]));
        let (files, bytes) = had.copied().unwrap_or_default();
        let sound = number(&found, 3)? == files && is_size(&found[4], &found[5], bytes);
        let told = format!("{} held {files} files with {bytes} bytes", &found[1]);
        ensure(sound, &told)?;
    }
    Ok(())
}

fn locked(said: &Said<'_>) -> Result<(), Fault> {
    let locks = said.locks()?;
    for found in ACQUIRED.captures_iter(&said.output.stdout) {
        let acquired = time(&found[1])?;
        let known = |it: &super::forms::LockInfo| it.acquired_at.0 == acquired;
        let known = locks.as_ref().is_none_or(|locks| locks.iter().any(known));
        ensure(known, &format!("no lock on the disk is of {acquired}"))?;
        let ago: i64 = found[2].parse().unwrap_or(i64::MAX);
        let ago = if &found[3] == "s" {
            ago.saturating_mul(1000)
        } else {
            ago
        };
        let took = said.output.took;
        let least = took.since.duration_since(acquired).as_millis();
        let most = least + i128::try_from(took.time.as_millis()).unwrap_or_default();
        // It is rounded to seconds.
        let sound = (least - 1000..=most + 1000).contains(&i128::from(ago));
        ensure(sound, &format!("that was no {ago} ms ago"))?;
    }
    Ok(())
}

fn set_up(said: &Said<'_>) -> Result<(), Fault> {
    for found in COPIED.captures_iter(&said.output.stdout) {
        let files = number(&found, 1)?;
        let Some((had, size)) = said.scene.before.map(|before| before.moved) else {
            continue;
        };
        if files == had {
            let told = format!("{had} files with {size} bytes were there");
            ensure(is_size(&found[2], &found[3], size), &told)?;
        } else {
            // With the catalog, of which only the number of files is known.
            copied_of_what_was(said, files, size)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_right_to_the_digits_that_people_see() {
        assert!(is_size("302", "B", 302) && !is_size("302", "B", 303));
        assert!(is_size("1.1", "KB", 1100) && is_size("1.1", "KB", 1150));
        assert!(!is_size("1.1", "KB", 1300) && !is_size("1.1", "MB", 1100));
        assert!(!is_size("", "B", 0) && !is_size("x", "KB", 1));
    }

    #[test]
    fn the_rows_of_a_table_go_by_its_header() {
        let table = "┌───┬────┐\n│ a │ b  │\n├───┼────┤\n│ 1 │    │\n│ 2 │ x  │\n└───┴────┘\n";
        let rows = rows(table);
        assert_eq!(
            rows,
            [vec![("a", "1"), ("b", "")], vec![("a", "2"), ("b", "x")]]
        );
        assert_eq!(cell(&rows[1], "b"), Some("x"));
        assert_eq!(cell(&rows[1], "c"), None);
    }
}
