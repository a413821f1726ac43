//! The table at the end of `cargo uat`: phase by phase, and what to do next.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::ledger::{Entry, Status};
use crate::scenario::Phase;

/// The table and all that a person needs to know after a run.
pub fn summary(entries: &[Entry]) -> String {
    let mut out = table(entries);
    out.push('\n');
    for (title, status) in [("failed", Status::Failed), ("drifted", Status::Drifted)] {
        let rows: Vec<&Entry> = entries.iter().filter(|e| e.status == status).collect();
        for entry in &rows {
            out.push_str(&format!("\n{title}: {}{}", entry.trial, detail(entry)));
        }
    }
    for (reason, count) in skips(entries) {
        out.push_str(&format!("\nskipped: {count} trial(s): {reason}"));
    }
    let deviations: usize = entries.iter().map(|e| e.deviations.len()).sum();
    if deviations > 0 {
        out.push_str(&format!("\nknown deviations from the plan: {deviations}"));
        let mut told = BTreeSet::new();
        for entry in entries {
            for met in &entry.deviations {
                // Once, on however many backends.
                if told.insert((entry.scenario, &met.id)) {
                    out.push_str(&format!(
                        "\n  {:02} {}: {} (planned: {})",
                        entry.scenario, met.id, met.today, met.plan
                    ));
                }
            }
        }
    }
    out.push_str(&format!("\n\nnext:\n  {}\n", next(entries).join("\n  ")));
    out
}

/// Whether every trial that ran did as its goldens say.
pub fn is_green(entries: &[Entry]) -> bool {
    entries
        .iter()
        .all(|e| !matches!(e.status, Status::Failed | Status::Drifted))
}

fn table(entries: &[Entry]) -> String {
    let mut phases: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        phases.entry(&entry.phase).or_default().push(entry);
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header([
            "phase",
            "about",
            "passed",
            "drifted",
            "failed",
            "known deviation",
            "skipped",
            "wall",
        ]);
    for (phase, entries) in &phases {
        let title = Phase::from_letter(phase).map_or("", Phase::title);
        table.add_row(row(phase, title, entries));
    }
    if phases.len() > 1 {
        table.add_row(row("all", "", &entries.iter().collect::<Vec<_>>()));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn row(phase: &str, title: &str, entries: &[&Entry]) -> Vec<String> {
    let count = |status| {
        entries
            .iter()
            .filter(|e| e.status == status)
            .count()
            .to_string()
    };
    // Trials run side by side: from the first that began to the last that ended.
    let start = entries.iter().map(|e| e.start_ms).min().unwrap_or_default();
    let end = entries.iter().map(|e| e.start_ms + e.wall_ms).max();
    let wall = end.unwrap_or_default().saturating_sub(start);
    vec![
        phase.to_owned(),
        title.to_owned(),
        count(Status::Passed),
        count(Status::Drifted),
        count(Status::Failed),
        count(Status::KnownDeviation),
        count(Status::Skipped),
        seconds(wall),
    ]
}

/// Milliseconds as seconds, to a tenth and a hundredth below ten seconds.
fn seconds(ms: u64) -> String {
    if ms < 10_000 {
        format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
    } else {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    }
}

fn detail(entry: &Entry) -> String {
    let mut out = String::new();
    if !entry.drifted.is_empty() {
        out.push_str(&format!("\n  surfaces: {}", entry.drifted.join(", ")));
    }
    if let Some(reason) = &entry.reason {
        let first: Vec<&str> = reason.lines().take(2).map(str::trim).collect();
        out.push_str(&format!("\n  {}", first.join("\n  ")));
    }
    if let Some(sandbox) = &entry.sandbox {
        out.push_str(&format!(
            "\n  sandbox:  {sandbox}\n  replay:   sh {sandbox}/notes/repro.sh"
        ));
    }
    out
}

fn skips(entries: &[Entry]) -> BTreeMap<&str, usize> {
    let mut skips = BTreeMap::new();
    for entry in entries.iter().filter(|e| e.status == Status::Skipped) {
        let reason = entry.reason.as_deref().unwrap_or("no reason given");
        *skips.entry(reason).or_default() += 1;
    }
    skips
}

fn next(entries: &[Entry]) -> Vec<&'static str> {
    let has = |status| entries.iter().any(|e| e.status == status);
    let mut next = Vec::new();
    if entries.is_empty() {
        next.push("no trial ran: `cargo uat -- --list` shows their names");
    }
    if has(Status::Failed) || has(Status::Drifted) {
        next.push("read the differences above; replay one with the repro script of its sandbox");
    }
    if has(Status::Drifted) {
        next.push(
            "is a change of swamp intended? SWAMP_BIN=<swamp> cargo insta test, then cargo insta \
             review",
        );
    }
    if has(Status::Skipped) {
        next.push("`cargo uat doctor` says what the skipped trials lack");
    }
    if next.is_empty() {
        next.push("nothing: all is as the goldens say");
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deviation::Severity;
    use crate::ledger::{Met, sample};

    #[test]
    fn a_green_run_has_a_row_for_its_phase_and_nothing_to_do() {
        let mut entries = [sample("a", Status::Passed), sample("b", Status::Passed)];
        entries[1].start_ms = 130;
        let text = summary(&entries);
        let row = text
            .lines()
            .find(|line| line.contains("namespace commands"))
            .unwrap();
        let cells: Vec<&str> = row.split(['│', '┆']).map(str::trim).collect();
        assert_eq!(
            cells[1..=8],
            ["B", "namespace commands", "2", "0", "0", "0", "0", "0.17 s"]
        );
        assert!(text.contains("next:\n  nothing"), "{text}");
        assert!(is_green(&entries));
    }

    #[test]
    fn each_ending_is_told_and_says_what_to_do() {
        let mut drifted = sample("d", Status::Drifted);
        drifted.drifted = vec!["cli".into(), "tree".into()];
        drifted.sandbox = Some("/t/x".into());
        let mut failed = sample("f", Status::Failed);
        failed.reason = Some("hung\nmore\nand more".into());
        let mut skipped = sample("s", Status::Skipped);
        skipped.reason = Some("no engine".into());
        let mut known = sample("k", Status::KnownDeviation);
        known.deviations.push(Met {
            id: "kept".into(),
            plan: "goes".into(),
            today: "stays".into(),
            severity: Severity::WrongAnswer,
        });
        let text = summary(&[drifted.clone(), failed.clone(), skipped, known]);
        for part in [
            "drifted: d",
            "surfaces: cli, tree",
            "sh /t/x/notes/repro.sh",
            "failed: f\n  hung\n  more",
            "skipped: 1 trial(s): no engine",
            "kept: stays (planned: goes)",
            "cargo insta review",
            "cargo uat doctor",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("and more"));
        assert!(!is_green(&[drifted]) && !is_green(&[failed]));
    }

    #[test]
    fn seconds_are_short() {
        assert_eq!(
            [0, 999, 1234, 12345].map(seconds),
            ["0.00 s", "0.99 s", "1.23 s", "12.3 s"]
        );
    }
}
