//! A mixed fleet: some repos have the older swamp, and some the newer one, and they share datastores.
//! What neither swamp shows alone comes of the two together: one has lost, hidden or changed what the
//! other has.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::answer::Deviation;
use crate::report::causes;
use crate::report::compare::{self, Side, by_trial, met, text_of, without};
use crate::report::ledger::{Edit, Entry, Status};
use crate::report::played::PlayedTrial;
use crate::report::stated::Stated;
use crate::report::two::{Found, Gathered, NotCompared, by_who_plays};
use crate::settings::args::Casting;

/// Holds the trials that both played `together` against those of each alone: what one of these shows
/// as well is a difference between two versions, and `compare` tells it.
pub fn found(older: &Side, newer: &Side, together: &Side, stated: &[Stated]) -> Found {
    let mut not_compared = NotCompared::default();
    not_compared.add_left_out("the older one alone", older);
    not_compared.add_left_out("the newer one alone", newer);
    not_compared.add_left_out("both together", together);
    let (by_older, by_newer) = (by_trial(older), by_trial(newer));
    let mut entries = Vec::new();
    let mut plays = [Vec::new(), Vec::new(), Vec::new()];
    for (trial, both) in by_trial(together) {
        let (Some(old), Some(new)) = (by_older.get(trial), by_newer.get(trial)) else {
            continue;
        };
        if let Some(why) = why_not(old, new, both) {
            not_compared.add(trial, why);
            continue;
        }
        entries.push(of_neither(old, new, both));
        plays[0].push(*old);
        plays[1].push(*new);
        plays[2].push(both);
    }
    let [old, new, both] = plays.each_ref().map(|side| met(side.iter().copied()));
    let of_one: BTreeMap<String, Deviation> = old.clone().into_iter().chain(new.clone()).collect();
    let of_each: BTreeMap<String, Deviation> = old
        .into_iter()
        .filter(|(id, _)| new.contains_key(id))
        .collect();
    let pairs: Vec<(&PlayedTrial, &PlayedTrial)> = plays[1]
        .iter()
        .copied()
        .zip(plays[2].iter().copied())
        .collect();
    let gathered = Gathered {
        casting: Casting::Mixed,
        swamps: [&older.swamp, &newer.swamp],
        entries,
        failing: by_who_plays(compare::failing(&pairs)),
        deviations_gone: without(&of_each, &both),
        deviations_new: without(&both, &of_one),
        not_compared,
    };
    gathered.found(stated)
}

/// Why a trial says nothing of a mixed fleet.
fn why_not(old: &PlayedTrial, new: &PlayedTrial, both: &PlayedTrial) -> Option<String> {
    if both.by_older == 0 || both.by_older == both.entry.commands {
        return Some("one repo plays it".to_owned());
    }
    for (name, alone) in [("older", old), ("newer", new)] {
        if compare::fails(alone) {
            let why = alone.entry.reason.as_deref().unwrap_or("no reason given");
            let why = why.lines().next().unwrap_or_default();
            return Some(format!("it fails with the {name} one alone: {why}"));
        }
    }
    None
}

/// The trial with what differs in it from either play of one swamp.
fn of_neither(old: &PlayedTrial, new: &PlayedTrial, both: &PlayedTrial) -> Entry {
    let mut entry = Entry {
        reason: None,
        is_among_edits: false,
        ..both.entry.clone()
    };
    let alone = [old, new];
    let names: BTreeSet<&str> = alone
        .iter()
        .flat_map(|side| &side.names)
        .chain(&both.names)
        .map(String::as_str)
        .collect();
    let known = |fault: &Edit| {
        let mut faults = alone.iter().flat_map(|side| &side.entry.edits);
        faults.any(|it| it.alike == fault.alike)
    };
    entry.edits.retain(|fault| !known(fault));
    for (surface, text) in &both.surfaces {
        let [old, new] = [old, new].map(|side| text_of(side, surface));
        let edits = |alone| {
            let [alone, text] = match both.ended_early {
                true => compare::as_far_as_both([alone, text]),
                false => [alone, text],
            };
            causes::edits(surface, alone, text, &names)
        };
        entry.edits.extend(in_both(edits(new), &edits(old)));
    }
    entry.status = match entry.edits.as_slice() {
        [] => Status::Passed,
        _ => Status::Drifted,
    };
    entry
}

/// What is in `edits` and in `others`: a line that came or went in one of them alone is a line of one
/// version.
fn in_both(edits: Vec<Edit>, others: &[Edit]) -> Vec<Edit> {
    let mut came = counts(others.iter().filter_map(|it| it.came.clone()));
    let mut went = counts(others.iter().filter_map(|it| it.went.clone()));
    let kept = edits.into_iter().filter_map(|edit| {
        let has_come = take(&mut came, edit.came.as_ref());
        let is_gone = take(&mut went, edit.went.as_ref());
        let alike = match (has_come, is_gone) {
            (false, false) => return None,
            (true, false) if edit.went.is_some() => format!("came: {}", edit.alike),
            (false, true) if edit.came.is_some() => format!("went: {}", edit.alike),
            _ => edit.alike,
        };
        Some(Edit {
            alike,
            came: edit.came.filter(|_| has_come),
            went: edit.went.filter(|_| is_gone),
            ..edit
        })
    });
    kept.collect()
}

fn counts(lines: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

/// Takes one of these lines, if there is one.
fn take(lines: &mut BTreeMap<String, usize>, line: Option<&String>) -> bool {
    let left = line.and_then(|line| lines.get_mut(line));
    match left {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "mixed_tests.rs"]
mod tests;
