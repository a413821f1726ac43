//! The last screen of a run: a table by phase, the counts, what is red, and what to do next.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::ledger::{Entry, Met, Status};
use crate::run::Run;
use crate::scenario::Phase;
use crate::shell::quote;

/// How much of what is no fault is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// One line for each count.
    Counts,
    /// Each known deviation and each skipped trial.
    All,
}

/// How many red trials are told in full; a screen has no place for more.
const IN_FULL: usize = 10;

/// The table and all that a person needs to know after a run. What is red comes last but for what
/// to do next, so that a screen shows it.
pub fn summary(run: &Run, verbosity: Verbosity) -> String {
    let entries = &run.entries;
    let mut out = String::new();
    if !entries.is_empty() {
        out.push_str(&table(entries));
        out.push('\n');
    }
    if verbosity == Verbosity::All {
        out.push_str(&all_known(entries));
    }
    for line in counts(run) {
        out.push_str(&line);
        out.push('\n');
    }
    for line in red(run) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str(&format!("next:\n  {}\n", next(run).join("\n  ")));
    out
}

/// A line for each kind of what is no fault.
fn counts(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    let met: BTreeSet<&str> = deviations(&run.entries)
        .map(|(_, met)| met.id.as_str())
        .collect();
    if !met.is_empty() {
        let trials = run
            .entries
            .iter()
            .filter(|e| !e.deviations.is_empty())
            .count();
        lines.push(format!(
            "known deviations from the plan: {} in {trials} trial(s) (FINDINGS.md and `cargo uat \
             --verbose` list them)",
            met.len()
        ));
    }
    for (reason, entries) in by_reason(&run.entries, Status::Skipped) {
        lines.push(format!("skipped: {} trial(s): {reason}", entries.len()));
    }
    lines.extend(run.notes.iter().cloned());
    lines
}

/// What is wrong, the suite itself last.
fn red(run: &Run) -> Vec<String> {
    let red: Vec<&Entry> = run
        .entries
        .iter()
        .filter(|e| matches!(e.status, Status::Failed | Status::Drifted))
        .collect();
    let mut lines: Vec<String> = red
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let title = title(entry);
            if index < IN_FULL {
                title + &detail(entry)
            } else {
                title
            }
        })
        .collect();
    for (reason, entries) in by_reason(&run.entries, Status::NotRun) {
        lines.push(format!(
            "not run: {} trial(s): {reason}, such as {}",
            entries.len(),
            entries[0].trial
        ));
    }
    lines.extend(
        run.left_behind
            .iter()
            .map(|process| format!("left behind by swamp: {process}")),
    );
    lines.extend(
        run.complaints
            .iter()
            .map(|text| format!("the suite itself: {text}")),
    );
    lines
}

fn title(entry: &Entry) -> String {
    let word = match entry.status {
        Status::Drifted => "drifted",
        _ => "failed",
    };
    match entry.drifted.as_slice() {
        [] => format!("{word}: {}", entry.trial),
        surfaces => format!("{word}: {} ({})", entry.trial, surfaces.join(", ")),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Each known deviation, once on however many backends, and each skipped trial.
fn all_known(entries: &[Entry]) -> String {
    let mut out = String::new();
    let mut told = BTreeSet::new();
    for (entry, met) in deviations(entries) {
        if told.insert((entry.scenario, &met.id)) {
            out.push_str(&format!(
                "known deviation: {:02} {}: {} (planned: {})\n",
                entry.scenario, met.id, met.today, met.plan
            ));
        }
    }
    for entry in entries.iter().filter(|e| e.status == Status::Skipped) {
        let reason = entry.reason.as_deref().unwrap_or_default();
        out.push_str(&format!("skipped: {}: {reason}\n", entry.trial));
    }
    out
}

/// The deviations that were met, in the order of the scenarios.
fn deviations(entries: &[Entry]) -> impl Iterator<Item = (&Entry, &Met)> {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.scenario);
    entries
        .into_iter()
        .flat_map(|entry| entry.deviations.iter().map(move |met| (entry, met)))
}

fn table(entries: &[Entry]) -> String {
    let mut phases: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        phases.entry(&entry.phase).or_default().push(entry);
    }
    let unfinished = entries.iter().any(|e| e.status == Status::NotRun);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header(unfinished));
    for (phase, entries) in &phases {
        let title = Phase::from_letter(phase).map_or("", Phase::title);
        table.add_row(row(phase, title, entries, unfinished));
    }
    if phases.len() > 1 {
        let all: Vec<&Entry> = entries.iter().collect();
        table.add_row(row("all", "", &all, unfinished));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// The heads of the columns: one more where trials did not run.
fn header(unfinished: bool) -> Vec<&'static str> {
    let mut header = vec![
        "phase",
        "about",
        "passed",
        "drifted",
        "failed",
        "known deviation",
        "skipped",
    ];
    if unfinished {
        header.push("not run");
    }
    header.push("wall");
    header
}

fn row(phase: &str, title: &str, entries: &[&Entry], unfinished: bool) -> Vec<String> {
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
    let mut row = vec![
        phase.to_owned(),
        title.to_owned(),
        count(Status::Passed),
        count(Status::Drifted),
        count(Status::Failed),
        count(Status::KnownDeviation),
        count(Status::Skipped),
    ];
    if unfinished {
        row.push(count(Status::NotRun));
    }
    row.push(seconds(wall));
    row
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
    if let Some(reason) = &entry.reason {
        // An assertion has its two sides in the next two lines.
        let shown = if reason.starts_with("assertion") {
            3
        } else {
            2
        };
        let first: Vec<&str> = reason.lines().take(shown).map(str::trim).collect();
        out.push_str(&format!("\n  {}", first.join("\n  ")));
    }
    if let Some(sandbox) = &entry.sandbox {
        let repro = format!("{sandbox}/notes/repro.sh");
        out.push_str(&format!(
            "\n  sandbox: {sandbox}\n  replay:  sh {}",
            quote(&repro)
        ));
    }
    out
}

/// The trials of that ending by the reason that they give, in one line.
fn by_reason(entries: &[Entry], status: Status) -> BTreeMap<&str, Vec<&Entry>> {
    let mut reasons: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|e| e.status == status) {
        let reason = entry.reason.as_deref().unwrap_or("no reason given");
        reasons.entry(first_line(reason)).or_default().push(entry);
    }
    reasons
}

fn next(run: &Run) -> Vec<&str> {
    let has = |status| run.entries.iter().any(|e| e.status == status);
    let mut next = Vec::new();
    let red = |e: &&Entry| matches!(e.status, Status::Failed | Status::Drifted);
    if run.entries.iter().filter(red).any(|e| e.sandbox.is_some()) {
        next.push("read the differences above; replay one with the repro script of its sandbox");
    } else if run.entries.iter().any(|e| red(&e)) {
        next.push("correct what the reasons above name");
    }
    let advice: BTreeSet<&str> = run
        .entries
        .iter()
        .filter_map(|e| e.next.as_deref())
        .collect();
    next.extend(advice);
    if has(Status::NotRun) {
        next.push("this run says nothing about what it did not run: run it again");
    }
    if !run.left_behind.is_empty() {
        next.push(
            "see what swamp started and did not end: it would have outlived the run, and is killed",
        );
    }
    if !run.complaints.is_empty() {
        next.push("correct what is wrong with the suite itself; no swamp is to blame for it");
    }
    if has(Status::Skipped) {
        next.push("the reasons above say what the skipped trials lack");
    }
    if !run.notes.is_empty() {
        next.push("see to what an earlier run left pending, as told above");
    }
    if run.entries.is_empty() {
        next.push("no trial ran: `cargo uat -- --list` shows their names");
    }
    if next.is_empty() {
        next.push("nothing: all is as the goldens say");
    }
    next
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
