//! Two swamps side by side: what each trial showed on the one, against what it showed on the other.
//! No golden has a part in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::commands::Tree;
use crate::excerpt::excerpt;
use crate::report::answer::{Answer, Change, Deviation, Failing, Findings};
use crate::report::causes;
use crate::report::ledger::{Edit, Entry, Status};
use crate::report::played::PlayedTrial;
use crate::report::{numbers, shown};

/// How many characters of a line are shown of why a trial fails.
const WIDTH: usize = 500;

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
    /// What was found in the trials.
    #[serde(flatten)]
    pub findings: Findings,
    /// Commands and options that only the old one has.
    pub commands_gone: Vec<String>,
    /// Those that only the new one has.
    pub commands_new: Vec<String>,
    /// How many trials fail on both: what they showed before that is compared.
    pub failing_on_both: usize,
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

impl Comparison {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.findings.count() == 0 && self.commands_gone.is_empty() && self.commands_new.is_empty()
    }

    /// What is told of it, and in which words.
    pub fn answer(&self) -> Answer<'_> {
        let sides = [("old", &self.old), ("new", &self.new)].map(|(name, side)| {
            let (swamp, calls, seconds) = (&side.swamp, side.calls, side.seconds);
            format!("{name}: {swamp} ({calls} calls of it, {seconds} s)")
        });
        let failing = (self.failing_on_both > 0).then(|| {
            let count = self.failing_on_both;
            format!("{count} trial(s) fail on both; what they showed before is compared")
        });
        Answer {
            verdict: verdict(self),
            about: sides.into_iter().chain(failing).collect(),
            heads: [
                "Changes (- on the old one, + on the new one), those first that show in most trials",
                "What the suite's own checks say of one of them alone",
                "Trials that fail on one of them alone",
            ],
            findings: &self.findings,
            fails: |on| SIDES[usize::from(on == "new")],
            lists: vec![
                (
                    "Commands and options that are gone",
                    grouped(&self.commands_gone),
                ),
                (
                    "Commands and options that are new",
                    grouped(&self.commands_new),
                ),
                (NOT_COMPARED, self.findings.not_compared.clone()),
            ],
        }
    }
}

/// Where something shows, for people.
const SIDES: [&str; 2] = ["on the old one", "on the new one"];

pub(super) const NOT_COMPARED: &str = "Not compared";

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
        .map(|(old, new)| difference(old, new, SIDES))
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
        findings: Findings {
            compared: pairs.len(),
            differ: entries.iter().filter(differs).count(),
            changes: changes(&entries),
            checks: checks(&entries),
            failing,
            deviations_gone: without(&met_before, &met_after),
            deviations_new: without(&met_after, &met_before),
            not_compared,
        },
        commands_gone: gone,
        commands_new: come,
        failing_on_both: pairs.iter().filter(|it| fails(it.0) && fails(it.1)).count(),
    }
}

pub(super) fn by_trial(side: &Side) -> BTreeMap<&str, &PlayedTrial> {
    let played = side.played.iter();
    played.map(|it| (it.entry.trial.as_str(), it)).collect()
}

/// The trial with what differs in it; `sides` are the words for where a check says something. Of one that an assertion ended, nothing is said of what it did
/// not come to.
pub(super) fn difference(old: &PlayedTrial, new: &PlayedTrial, sides: [&str; 2]) -> Entry {
    let mut entry = Entry {
        status: Status::Passed,
        reason: None,
        is_among_edits: false,
        ..new.entry.clone()
    };
    let names: BTreeSet<&str> = old.names.union(&new.names).map(String::as_str).collect();
    entry.edits = [(old, new, sides[0]), (new, old, sides[1])]
        .into_iter()
        .flat_map(|(one, other, side)| faults_of_one(one, other, side))
        .collect();
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

/// The faults that the suite's checks see in `one` and not in the `other`.
fn faults_of_one<'a>(
    one: &'a PlayedTrial,
    other: &'a PlayedTrial,
    side: &'a str,
) -> impl Iterator<Item = Edit> {
    let known: BTreeSet<&str> = other
        .entry
        .edits
        .iter()
        .map(|it| it.alike.as_str())
        .collect();
    let own = one.entry.edits.iter();
    let own = own.filter(move |it| !known.contains(it.alike.as_str()));
    own.map(move |fault| Edit {
        came: fault.came.as_ref().map(|said| format!("{side}: {said}")),
        alike: format!("{side}: {}", fault.alike),
        ..fault.clone()
    })
}

/// What two texts show of the commands, or of the checkpoints, that both came to the end of.
pub(super) fn as_far_as_both(texts: [&str; 2]) -> [&str; 2] {
    let ends = texts.map(|text| {
        let text = text.trim_end().trim_end_matches("[EOF]").trim_end();
        let (mut at, mut ends) = (0, Vec::new());
        for line in text.split_inclusive('\n') {
            if causes::is_head(line) {
                ends.push(at);
            }
            at += line.len();
        }
        // Of the last command nothing may be said yet.
        if !text.lines().last().is_some_and(causes::is_head) {
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
    /// Of its head, and as many of its tail: an assertion has its two sides at the one or the other.
    const SHOWN: usize = 6;
    let mut found: Vec<Failing> = Vec::new();
    for (old, new) in pairs {
        let (on, side) = match (fails(old), fails(new)) {
            (true, false) => ("old", old),
            (false, true) => ("new", new),
            _ => continue,
        };
        let why = side.entry.reason.as_deref().unwrap_or("no reason given");
        let says = why.lines().filter(|line| !line.trim().is_empty());
        let why = excerpt(&says.collect::<Vec<_>>().join("\n"), SHOWN, WIDTH);
        let why: Vec<String> = why.lines().map(str::to_owned).collect();
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

/// What changed for a user, by its cause.
pub(super) fn changes(entries: &[Entry]) -> Vec<Change> {
    let entries = only(entries, |edit| edit.surface != causes::FAULT);
    causes::causes(&entries).iter().map(change).collect()
}

/// What the suite's own checks say, by what that is.
pub(super) fn checks(entries: &[Entry]) -> Vec<Change> {
    let entries = only(entries, |edit| edit.surface == causes::FAULT);
    causes::kinds(&entries).iter().map(change).collect()
}

fn only(entries: &[Entry], counts: impl Fn(&Edit) -> bool) -> Vec<Entry> {
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        entry.edits.retain(&counts);
    }
    entries
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
        command: cause.command.clone(),
        lines: shown(cause, cause.lines_under_heads()),
    }
}

/// The deviations that the trials met.
pub(super) fn met<'a>(
    played: impl Iterator<Item = &'a PlayedTrial>,
) -> BTreeMap<String, Deviation> {
    let mut found: BTreeMap<String, Deviation> = BTreeMap::new();
    for trial in played {
        for met in &trial.entry.deviations {
            let entry = found.entry(met.id.clone()).or_insert_with(|| Deviation {
                id: met.id.clone(),
                plan: met.plan.clone(),
                today: met.today.clone(),
                trials: Vec::new(),
            });
            entry.trials.push(trial.entry.trial.clone());
        }
    }
    found
}

/// What `all` has and `other` has not.
pub(super) fn without(
    all: &BTreeMap<String, Deviation>,
    other: &BTreeMap<String, Deviation>,
) -> Vec<Deviation> {
    let own = all.values().filter(|it| !other.contains_key(&it.id));
    own.cloned().collect()
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

/// The lines of a list of commands and options: an option that several commands have is one line.
fn grouped(list: &[String]) -> Vec<String> {
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
fn verdict(it: &Comparison) -> String {
    let (differ, compared) = (it.findings.differ, it.findings.compared);
    if it.is_empty() {
        return format!("Nothing differs in {compared} trial(s)");
    }
    if differ == 0 {
        return format!("No trial of {compared} differs; what else does stands below");
    }
    let also = match it.findings.checks.len() {
        0 => String::new(),
        checks => format!(", and {checks} that the suite's own checks see"),
    };
    let changes = it.findings.changes.len();
    format!("{changes} change(s) in {differ} of {compared} trial(s){also}")
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
