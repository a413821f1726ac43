//! The last screen of a run: a table by phase, the counts, what is red, and what to do next.

pub mod annotations;
pub mod answer;
pub(crate) mod causes;
pub mod compare;
pub mod coverage;
pub(crate) mod decisions;
pub mod differences;
pub mod doctor;
pub mod evidence;
pub mod findings;
pub mod html;
pub mod junit;
pub mod kill_matrix;
pub mod ledger;
pub mod markdown;
pub mod mixed;
pub mod plan;
pub mod played;
pub(crate) mod recorded;
pub mod recorder;
pub(crate) mod repro;
pub mod review;
pub mod review_text;
pub mod stated;
pub mod two;
pub mod upgrade;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::report::causes::{Cause, causes};
use crate::report::ledger::{Entry, MetDeviation, Status};
use crate::report::recorder::Run;
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

/// How many causes and failures are told in full; a screen has no place for more.
const IN_FULL: usize = 10;

/// How many more are told in a line or two each: the rest stands in the report beside the ledger.
const IN_SHORT: usize = 20;

/// As many lines of them as have a place on two screens, with the table and what to do next.
const LINES_OF_RED: usize = 76;

/// How many lines of a cause are shown.
const LINES: usize = 12;

/// How many characters are shown of a line that differs; a sentence that somebody said has two lines.
const WIDTH: usize = 98;

/// The table and all that a person needs to know after a run, whose `ledger` lies there: what is red,
/// then the counts, a line each, and last what to do next.
pub fn summary(run: &Run, verbosity: Verbosity, ledger: &Path) -> String {
    let entries = &run.entries;
    let mut out = String::new();
    if !entries.is_empty() {
        out.push_str(&table(entries));
        out.push('\n');
    }
    if verbosity == Verbosity::All {
        out.push_str(&all_known(entries));
    }
    for line in differences::on_screen(run, verbosity, ledger) {
        out.push_str(&line);
        out.push('\n');
    }
    for line in red(run, ledger).into_iter().chain(counts(run)) {
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

/// What is wrong, the suite itself last. What has one cause is told once, and so is what fails for
/// one reason.
fn red(run: &Run, ledger_place: &Path) -> Vec<String> {
    let (mut lines, mut listed) = (Vec::new(), BTreeSet::new());
    let causes = causes(&run.entries);
    if causes.len() > 1 {
        let drifts = causes.iter().flat_map(|cause| &cause.entries);
        let drifts: BTreeSet<&str> = drifts.map(|entry| entry.trial.as_str()).collect();
        let (causes, trials) = (causes.len(), drifts.len());
        lines.push(format!(
            "{causes} different changes in {trials} trial(s), those first that show in most:"
        ));
    }
    let of_causes = causes
        .iter()
        .map(|cause| (shown(cause, cause.lines()), &cause.entries));
    let alike = alike(&run.entries);
    let of_reasons = alike.iter().map(|(said, entries)| (said.clone(), entries));
    let mut left_out = 0;
    for (index, (said, entries)) in of_causes.chain(of_reasons).enumerate() {
        let [first, others @ ..] = entries.as_slice() else {
            continue;
        };
        if index >= IN_FULL + IN_SHORT || lines.len() >= LINES_OF_RED {
            left_out += 1;
            continue;
        }
        // One by itself needs no number to be told from others.
        let number = match causes.len() {
            2.. if index < causes.len() => format!("{}. ", index + 1),
            _ => String::new(),
        };
        lines.push(format!("{number}{}", title(first)));
        let shown = said.iter().map(|line| format!("  {}", bounded(line)));
        if index < IN_FULL {
            lines.extend(shown);
            if listed.insert(first.trial.as_str()) {
                lines.extend(place(first, ledger_place));
            }
        } else {
            // What ends with a colon says nothing by itself.
            lines.extend(telling(&shown.collect::<Vec<_>>()).cloned());
        }
        if !others.is_empty() {
            let (count, numbers) = (others.len(), numbers(others));
            lines.push(format!("  and {count} more trial(s) the same: {numbers}"));
        }
    }
    if left_out > 0 {
        let all = ledger::page_beside(ledger_place);
        lines.push(format!("and {left_out} more: {}", all.display()));
    }
    let unlisted = |entry: &&Entry| {
        is_red(entry) && entry.sandbox.is_some() && !listed.contains(entry.trial.as_str())
    };
    let unlisted = run.entries.iter().filter(unlisted).count();
    if unlisted > 0 {
        lines.push(format!(
            "sandboxes of {unlisted} more red trial(s) are not listed here; the ledger has all of \
             them:\n  sed -n 's/^{{\"trial\":\"\\([^\"]*\\)\".*\"sandbox\":\"\\([^\"]*\\)\"}}$/\\1 \\2/p' {}",
            quote(&ledger_place.to_string_lossy())
        ));
    }
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

/// The lines of a cause, as many as anybody reads.
fn shown(cause: &Cause<'_>, mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("… and {more} more line(s)"));
    }
    if cause.more > 0 {
        let more = cause.more;
        lines.push(format!(
            "… and {more} more line(s) that go with it elsewhere"
        ));
    }
    lines
}

/// The line of a difference, or of a reason, that says most by itself.
fn telling(lines: &[String]) -> Option<&String> {
    // What ends with a colon says nothing by itself.
    let tells = |line: &&String| causes::tells(line) && !line.ends_with(':');
    lines.iter().find(tells).or(lines.first())
}

/// The trials that are red for more than their drifts, those together of which the same is said.
/// One of which nothing is said is alone.
fn alike(entries: &[Entry]) -> Vec<(Vec<String>, Vec<&Entry>)> {
    let mut groups: Vec<(Vec<String>, Vec<&Entry>)> = Vec::new();
    let has_more = |entry: &Entry| entry.reason.is_some() && !entry.is_among_edits;
    let told = |entry: &&Entry| is_red(entry) && (has_more(entry) || entry.edits.is_empty());
    for entry in entries.iter().filter(told) {
        let said = said(entry);
        let same = groups.iter_mut().find(|(lines, others)| {
            !said.is_empty() && *lines == said && others[0].status == entry.status
        });
        match same {
            Some((_, others)) => others.push(entry),
            None => groups.push((said, vec![entry])),
        }
    }
    groups
}

fn is_red(entry: &Entry) -> bool {
    matches!(entry.status, Status::Failed | Status::Drifted)
}

/// The first lines of why a trial failed: of a comparison, what was compared and its two sides, and
/// not what the scenario shows with it.
fn said(entry: &Entry) -> Vec<String> {
    let reason = entry.reason.as_deref().unwrap_or_default();
    let lines = || reason.lines().map(str::trim).filter(|it| !it.is_empty());
    let side = |name| lines().find(|line| line.starts_with(name));
    let shown: Vec<&str> = match (lines().next(), side("left: "), side("right: ")) {
        (Some(first), Some(left), Some(right)) => {
            let first = first.trim_end_matches([' ', ':', '{', '[']);
            vec![first, left, right]
        }
        _ => lines().take(2).collect(),
    };
    // Its path is another one in each trial, and stands below.
    let shown = shown.iter().map(|line| match &entry.sandbox {
        Some(sandbox) => line.replace(sandbox, "<sandbox>"),
        None => (*line).to_owned(),
    });
    shown.collect()
}

/// A line as far as it is shown.
fn bounded(line: &str) -> String {
    let width = match line.starts_with(['+', '-']) {
        true => WIDTH,
        false => 2 * WIDTH,
    };
    match line.char_indices().nth(width - 1) {
        Some((end, last)) if end + last.len_utf8() < line.len() => format!("{}…", &line[..end]),
        _ => line.to_owned(),
    }
}

/// Trials by the numbers of their scenarios, on each backend.
fn numbers(entries: &[&Entry]) -> String {
    let mut backends: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for entry in entries {
        let numbers = backends.entry(&entry.backend).or_default();
        numbers.insert(entry.scenario);
    }
    let each = backends.iter().map(|(backend, numbers)| {
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        format!("{} on {backend}", numbers.join(" "))
    });
    each.collect::<Vec<_>>().join(", ")
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
fn deviations(entries: &[Entry]) -> impl Iterator<Item = (&Entry, &MetDeviation)> {
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

/// Where all that is told of a red trial lies, and its sandbox, and how it is replayed.
fn place(entry: &Entry, ledger: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    if entry.report.is_some() {
        let file = differences::file(ledger, &entry.trial);
        lines.push(format!("  in full: {}", file.display()));
    }
    if let Some(sandbox) = &entry.sandbox {
        let repro = format!("{sandbox}/notes/repro.sh");
        lines.push(format!("  sandbox: {sandbox}"));
        lines.push(format!("  replay:  sh {}", quote(&repro)));
    }
    lines
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
    let kept = |e: &&Entry| is_red(e) && e.sandbox.is_some();
    if run
        .entries
        .iter()
        .filter(kept)
        .any(|e| !e.drifted.is_empty())
    {
        next.push("read the differences; replay one with the repro script of its sandbox");
    } else if run.entries.iter().any(|e| kept(&e)) {
        next.push("read above what failed; replay it with the repro script of its sandbox");
    } else if run.entries.iter().any(is_red) {
        next.push("correct what the reasons above name");
    }
    let advice: BTreeSet<&str> = run
        .entries
        .iter()
        .filter_map(|e| e.next.as_deref())
        .flat_map(str::lines)
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
        next.push("see to what an earlier run left pending");
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
