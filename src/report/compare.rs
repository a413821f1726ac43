//! Two swamps side by side: what each trial showed on the one, against what it showed on the other.
//! No golden has a part in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::commands::Tree;
use crate::report::causes::{self, causes};
use crate::report::ledger::{Edit, Entry, Status};
use crate::report::played::PlayedTrial;
use crate::report::{numbers, shown};

/// One of the two swamps, and what was played on it.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// The swamp, for people.
    pub swamp: String,
    /// The trials that came to an end there.
    pub played: Vec<PlayedTrial>,
    /// Those that did not, each with the reason.
    pub left_out: BTreeMap<String, String>,
    /// Its commands and their options; else why they are not known.
    pub commands: Option<Result<Tree, String>>,
}

/// What differs between two swamps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The swamp that was there before.
    pub old: Cost,
    /// The one that is to come after it.
    pub new: Cost,
    /// How many trials were played on both.
    pub compared: usize,
    /// How many of them differ.
    pub differ: usize,
    /// What changed for a user, that first which shows in most trials.
    pub changes: Vec<Change>,
    /// What the suite's own checks say of one of the two alone: of files, replies and processes that no
    /// surface shows.
    pub checks: Vec<Change>,
    /// Trials that fail on one of the two alone.
    pub failing: Vec<Failing>,
    /// Deviations from the plan that only the old one has, each with what happened.
    pub deviations_gone: BTreeMap<String, String>,
    /// Those that only the new one has.
    pub deviations_new: BTreeMap<String, String>,
    /// Commands and options that only the old one has.
    pub commands_gone: Vec<String>,
    /// Those that only the new one has.
    pub commands_new: Vec<String>,
    /// How many trials fail on both: what they showed before that is compared.
    pub failing_on_both: usize,
    /// What could not be compared, and why.
    pub not_compared: Vec<String>,
}

/// What a side took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The swamp, for people.
    pub swamp: String,
    /// How often it was called in the trials that are compared.
    pub calls: usize,
    /// How long these calls took.
    pub seconds: u64,
}

/// A change that a user of a shared datastore sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// In how many trials it shows.
    pub trials: usize,
    /// In which scenarios, for people, by backend.
    pub scenarios: String,
    /// In which phases of the plan.
    pub phases: String,
    /// On which backends.
    pub backends: String,
    /// On which surfaces.
    pub surfaces: String,
    /// An example of it, as a difference.
    pub lines: Vec<String>,
}

/// Trials that fail on one side alone, of which the same is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failing {
    /// Their names.
    pub trials: Vec<String>,
    /// `old` or `new`.
    pub on: &'static str,
    /// What failed, in its first lines.
    pub why: Vec<String>,
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.checks.is_empty()
            && self.failing.is_empty()
            && self.deviations_gone.is_empty()
            && self.deviations_new.is_empty()
            && self.commands_gone.is_empty()
            && self.commands_new.is_empty()
    }
}

/// Compares `old` with `new`.
pub fn compare(old: &Side, new: &Side) -> Comparison {
    let before: BTreeMap<&str, &PlayedTrial> = by_trial(old);
    let after: BTreeMap<&str, &PlayedTrial> = by_trial(new);
    let pairs: Vec<(&PlayedTrial, &PlayedTrial)> = before
        .iter()
        .filter_map(|(trial, old)| Some((*old, *after.get(trial)?)))
        .collect();
    let entries: Vec<Entry> = pairs
        .iter()
        .map(|(old, new)| difference(old, new))
        .collect();
    let failing = failing(&pairs);
    let differs = |entry: &&Entry| {
        let fails = |it: &Failing| it.trials.contains(&entry.trial);
        !entry.edits.is_empty() || failing.iter().any(fails)
    };
    // One that ended early did not come to all of its deviations.
    let whole = pairs
        .iter()
        .filter(|it| !it.0.ended_early && !it.1.ended_early);
    let met_before = met(whole.clone().map(|it| it.0));
    let met_after = met(whole.map(|it| it.1));
    let mut not_compared = left_out(old, new);
    let (gone, come) = match (&old.commands, &new.commands) {
        (Some(Ok(old)), Some(Ok(new))) => (apart(old, new), apart(new, old)),
        (Some(Err(why)), _) | (_, Some(Err(why))) => {
            not_compared.push(format!("the commands and their options: {why}"));
            Default::default()
        }
        _ => Default::default(),
    };
    Comparison {
        old: cost(old, pairs.iter().map(|it| it.0)),
        new: cost(new, pairs.iter().map(|it| it.1)),
        compared: pairs.len(),
        differ: entries.iter().filter(differs).count(),
        changes: changes(&entries, |edit| edit.surface != causes::FAULT),
        checks: changes(&entries, |edit| edit.surface == causes::FAULT),
        deviations_gone: without(&met_before, &met_after),
        deviations_new: without(&met_after, &met_before),
        commands_gone: gone,
        commands_new: come,
        failing_on_both: pairs.iter().filter(|it| fails(it.0) && fails(it.1)).count(),
        failing,
        not_compared,
    }
}

pub(super) fn by_trial(side: &Side) -> BTreeMap<&str, &PlayedTrial> {
    let played = side.played.iter();
    played.map(|it| (it.entry.trial.as_str(), it)).collect()
}

/// The trial with what differs in it. Of one that an assertion ended, nothing is said of what it did
/// not come to.
pub(super) fn difference(old: &PlayedTrial, new: &PlayedTrial) -> Entry {
    let mut entry = Entry {
        status: Status::Passed,
        reason: None,
        is_among_edits: false,
        ..new.entry.clone()
    };
    let names: BTreeSet<&str> = old.names.union(&new.names).map(String::as_str).collect();
    let known: BTreeSet<&str> = old.entry.edits.iter().map(|it| it.alike.as_str()).collect();
    let still: BTreeSet<&str> = new.entry.edits.iter().map(|it| it.alike.as_str()).collect();
    entry
        .edits
        .retain(|fault| !known.contains(fault.alike.as_str()));
    let gone = old
        .entry
        .edits
        .iter()
        .filter(|it| !still.contains(it.alike.as_str()));
    entry.edits.extend(gone.map(|fault| Edit {
        came: fault.came.as_ref().map(|said| format!("no more: {said}")),
        alike: format!("no more: {}", fault.alike),
        ..fault.clone()
    }));
    let surfaces: BTreeSet<&String> = [old, new]
        .into_iter()
        .flat_map(|side| side.surfaces.iter().map(|(surface, _)| surface))
        .collect();
    for surface in surfaces {
        let (before, after) = (text_of(old, surface), text_of(new, surface));
        let [before, after] = match old.ended_early || new.ended_early {
            true => as_far_as_both([before, after]),
            false => [before, after],
        };
        let edits = causes::edits(surface, before, after, &names);
        entry.edits.extend(edits);
    }
    if !entry.edits.is_empty() {
        entry.status = Status::Drifted;
    }
    entry
}

/// What two texts show of the commands, or of the checkpoints, that both came to the end of.
pub(super) fn as_far_as_both(texts: [&str; 2]) -> [&str; 2] {
    let is_head = |line: &str| line.starts_with("$ ") || line.starts_with("== ");
    let ends = texts.map(|text| {
        let text = text.trim_end().trim_end_matches("[EOF]").trim_end();
        let (mut at, mut ends) = (0, Vec::new());
        for line in text.split_inclusive('\n') {
            if is_head(line) {
                ends.push(at);
            }
            at += line.len();
        }
        // Of the last command nothing may be said yet.
        if !text.lines().last().is_some_and(is_head) {
            ends.push(at);
        }
        ends
    });
    let Some(both) = ends[0].len().min(ends[1].len()).checked_sub(1) else {
        return ["", ""];
    };
    [&texts[0][..ends[0][both]], &texts[1][..ends[1][both]]]
}

pub(super) fn text_of<'a>(side: &'a PlayedTrial, surface: &str) -> &'a str {
    let found = side.surfaces.iter().find(|(name, _)| name == surface);
    found.map_or("", |(_, text)| text.as_str())
}

/// Whether it failed, and not because of a golden.
pub(super) fn fails(side: &PlayedTrial) -> bool {
    side.entry.status == Status::Failed && !side.entry.is_among_edits
}

/// The trials that fail on one side alone, those together of which the same is said.
pub(super) fn failing(pairs: &[(&PlayedTrial, &PlayedTrial)]) -> Vec<Failing> {
    const SHOWN: usize = 4;
    let mut found: Vec<Failing> = Vec::new();
    for (old, new) in pairs {
        let (on, side) = match (fails(old), fails(new)) {
            (true, false) => ("old", old),
            (false, true) => ("new", new),
            _ => continue,
        };
        let why = side.entry.reason.as_deref().unwrap_or("no reason given");
        let why: Vec<String> = why.lines().take(SHOWN).map(str::to_owned).collect();
        let trial = side.entry.trial.clone();
        match found.iter_mut().find(|it| it.on == on && it.why == why) {
            Some(same) => same.trials.push(trial),
            None => found.push(Failing {
                trials: vec![trial],
                on,
                why,
            }),
        }
    }
    found
}

/// The causes of those edits that `counts` is true of.
pub(super) fn changes(entries: &[Entry], counts: impl Fn(&Edit) -> bool) -> Vec<Change> {
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        entry.edits.retain(&counts);
    }
    causes(&entries).iter().map(change).collect()
}

fn change(cause: &causes::Cause<'_>) -> Change {
    let list = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" ");
    let edits = cause.example.iter();
    Change {
        trials: cause.entries.len(),
        scenarios: numbers(&cause.entries),
        phases: list(cause.entries.iter().map(|it| it.phase.as_str()).collect()),
        backends: list(cause.entries.iter().map(|it| it.backend.as_str()).collect()),
        surfaces: list(edits.map(|edit| edit.surface.as_str()).collect()),
        lines: shown(cause),
    }
}

/// The deviations that the trials met, each with what happened.
pub(super) fn met<'a>(played: impl Iterator<Item = &'a PlayedTrial>) -> BTreeMap<String, String> {
    let met = played.flat_map(|it| &it.entry.deviations);
    met.map(|met| (met.id.clone(), met.today.clone())).collect()
}

/// What `all` has and `other` has not.
pub(super) fn without(
    all: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let own = all.iter().filter(|(id, _)| !other.contains_key(*id));
    own.map(|(id, today)| (id.clone(), today.clone())).collect()
}

/// The commands and the options that `one` has and `other` has not.
fn apart(one: &Tree, other: &Tree) -> Vec<String> {
    let other: BTreeMap<&str, BTreeSet<&str>> = other.commands().collect();
    let mut apart = Vec::new();
    for (command, options) in one.commands() {
        match other.get(command) {
            None => apart.push(command.to_owned()),
            Some(known) => apart.extend(
                options
                    .difference(known)
                    .map(|option| format!("{command} {option}")),
            ),
        }
    }
    apart
}

/// The trials that one side has not, by the reason.
fn left_out(old: &Side, new: &Side) -> Vec<String> {
    let mut reasons: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, side) in [("old", old), ("new", new)] {
        for (trial, why) in &side.left_out {
            let why = why.lines().next().unwrap_or_default();
            let trials = reasons
                .entry(format!("on the {name} one: {why}"))
                .or_default();
            trials.insert(trial);
        }
    }
    let told = reasons.into_iter().map(|(why, trials)| {
        let first = trials.first().copied().unwrap_or_default();
        format!("{} trial(s), such as {first}, {why}", trials.len())
    });
    told.collect()
}

fn cost<'a>(side: &Side, played: impl Iterator<Item = &'a PlayedTrial>) -> Cost {
    let (calls, ms) = played.fold((0, 0), |(calls, ms), it| {
        (calls + it.entry.commands, ms + it.entry.command_ms)
    });
    Cost {
        swamp: side.swamp.clone(),
        calls,
        seconds: ms / 1000,
    }
}

/// The comparison for a screen.
pub fn text(it: &Comparison) -> String {
    written(it, &Form::Text)
}

/// The comparison for a pull request.
pub fn markdown(it: &Comparison) -> String {
    written(it, &Form::Markdown)
}

/// How a comparison is written.
#[derive(PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Markdown,
}

impl Form {
    pub(super) fn title(&self, out: &mut String, text: &str) {
        let _ = match self {
            Self::Text => writeln!(out, "{text}"),
            Self::Markdown => writeln!(out, "# {text}\n"),
        };
    }

    pub(super) fn head(&self, out: &mut String, text: &str) {
        let _ = match self {
            Self::Text => writeln!(out, "\n{text}:"),
            Self::Markdown => writeln!(out, "\n## {text}\n"),
        };
    }

    pub(super) fn item(&self, out: &mut String, text: &str) {
        let _ = match self {
            Self::Text => writeln!(out, "  {text}"),
            Self::Markdown => writeln!(out, "- {text}"),
        };
    }

    pub(super) fn changes(&self, out: &mut String, head: &str, changes: &[Change]) {
        if !changes.is_empty() {
            self.head(out, head);
        }
        for (index, change) in changes.iter().enumerate() {
            self.change(out, index + 1, change);
        }
    }

    fn change(&self, out: &mut String, number: usize, change: &Change) {
        let surfaces = match change.surfaces.as_str() {
            causes::FAULT => String::new(),
            surfaces => format!("; shown on: {surfaces}"),
        };
        let title = format!(
            "{number}. in {} trial(s), {}; phase {}{surfaces}",
            change.trials, change.scenarios, change.phases
        );
        let lines = &change.lines;
        let _ = match self {
            Self::Text => writeln!(out, "{title}\n     {}", lines.join("\n     ")),
            // Longer than any fence that swamp may print.
            Self::Markdown => {
                writeln!(
                    out,
                    "### {title}\n\n`````diff\n{}\n`````\n",
                    lines.join("\n")
                )
            }
        };
    }
}

fn written(it: &Comparison, form: &Form) -> String {
    let mut out = String::new();
    form.title(&mut out, &verdict(it));
    for (name, side) in [("old", &it.old), ("new", &it.new)] {
        let Cost {
            swamp,
            calls,
            seconds,
        } = side;
        form.item(
            &mut out,
            &format!("{name}: {swamp} ({calls} calls of it, {seconds} s)"),
        );
    }
    if it.failing_on_both > 0 {
        let told = format!(
            "{} trial(s) fail on both; what they showed before is compared",
            it.failing_on_both
        );
        form.item(&mut out, &told);
    }
    form.changes(&mut out, CHANGES, &it.changes);
    form.changes(&mut out, CHECKS, &it.checks);
    if !it.failing.is_empty() {
        form.head(&mut out, FAILING);
        for failing in &it.failing {
            let told = format!(
                "on the {} one: {}: {}",
                failing.on,
                failing.trials.join(", "),
                failing.why.join(" ")
            );
            form.item(&mut out, &told);
        }
    }
    for (head, ids) in [
        (DEVIATIONS_GONE, &it.deviations_gone),
        (DEVIATIONS_NEW, &it.deviations_new),
    ] {
        if !ids.is_empty() {
            form.head(&mut out, head);
            ids.iter()
                .for_each(|(id, today)| form.item(&mut out, &format!("{id}: {today}")));
        }
    }
    for (head, list) in [
        (COMMANDS_GONE, &it.commands_gone),
        (COMMANDS_NEW, &it.commands_new),
        (NOT_COMPARED, &it.not_compared),
    ] {
        if !list.is_empty() {
            form.head(&mut out, head);
            let items = grouped(list);
            items.iter().for_each(|item| form.item(&mut out, item));
        }
    }
    out
}

pub(super) const FAILING: &str = "Trials that fail on one of them alone";
pub(super) const DEVIATIONS_GONE: &str = "Deviations from the plan that are gone";
pub(super) const DEVIATIONS_NEW: &str = "Deviations from the plan that are new";
pub(super) const COMMANDS_GONE: &str = "Commands and options that are gone";
pub(super) const COMMANDS_NEW: &str = "Commands and options that are new";
pub(super) const NOT_COMPARED: &str = "Not compared";
pub(super) const CHANGES: &str = "Changes, those first that show in most trials";
pub(super) const CHECKS: &str = "What the suite's own checks say of one of them alone";

/// The lines of a list of commands and options: an option that several commands have is one line.
pub(super) fn grouped(list: &[String]) -> Vec<String> {
    const SEVERAL: usize = 3;
    let option =
        |item: &str| Some(item.rsplit_once(' ')?.1.to_owned()).filter(|it| it.starts_with('-'));
    let mut commands: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for item in list {
        if let Some(option) = option(item) {
            let command = item.strip_suffix(&option).unwrap_or_default();
            commands.entry(option).or_default().push(command.trim_end());
        }
    }
    commands.retain(|_, commands| commands.len() > SEVERAL);
    let alone = list
        .iter()
        .filter(|item| option(item).is_none_or(|it| !commands.contains_key(&it)));
    let together = commands.iter().map(|(option, commands)| {
        let shown = commands[..SEVERAL].join("`, `");
        let more = commands.len() - SEVERAL;
        format!(
            "{option} of {} commands: `{shown}` and {more} more",
            commands.len()
        )
    });
    together.chain(alone.cloned()).collect()
}

/// The first line: what differs, and in how many trials.
pub(super) fn verdict(it: &Comparison) -> String {
    let (differ, compared) = (it.differ, it.compared);
    if it.is_empty() {
        return format!("Nothing differs in {compared} trial(s)");
    }
    if differ == 0 {
        return format!("No trial of {compared} differs; what else does stands below");
    }
    let also = match it.checks.len() {
        0 => String::new(),
        checks => format!(", and {checks} that the suite's own checks see"),
    };
    let changes = it.changes.len();
    format!("{changes} change(s) in {differ} of {compared} trial(s){also}")
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
