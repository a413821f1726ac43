//! An upgrade: the older swamp has set the scene, and the newer one goes on. What that shows is held
//! against what the newer one shows of a scene of its own.

use crate::report::compare::{self, Side, by_trial, met, without};
use crate::report::played::PlayedTrial;
use crate::report::stated::Stated;
use crate::report::two::{Found, Gathered, NotCompared, by_who_plays};
use crate::settings::args::Casting;

/// Holds the `upgraded` trials against those of the newer swamp `alone`. `older` is the older one, for
/// people.
pub fn found(older: &str, alone: &Side, upgraded: &Side, stated: &[Stated]) -> Found {
    let mut not_compared = NotCompared::default();
    not_compared.add_left_out("the newer one alone", alone);
    not_compared.add_left_out("after the older one", upgraded);
    let before = by_trial(alone);
    let mut pairs = Vec::new();
    for (trial, after) in by_trial(upgraded) {
        let Some(before) = before.get(trial) else {
            continue;
        };
        match why_not(after) {
            Some(why) => not_compared.add(trial, why),
            None => pairs.push((after_the_scene(before), after_the_scene(after))),
        }
    }
    let pairs: Vec<(&PlayedTrial, &PlayedTrial)> = pairs.iter().map(|(a, b)| (a, b)).collect();
    let (met_before, met_after) = (
        met(pairs.iter().map(|it| it.0)),
        met(pairs.iter().map(|it| it.1)),
    );
    let gathered = Gathered {
        casting: Casting::Upgrade,
        swamps: [older, &alone.swamp],
        entries: pairs
            .iter()
            .map(|(before, after)| compare::difference(before, after, SIDES))
            .collect(),
        failing: by_who_plays(compare::failing(&pairs)),
        deviations_gone: without(&met_before, &met_after),
        deviations_new: without(&met_after, &met_before),
        not_compared,
    };
    gathered.found(stated)
}

/// Where a check says something, for people.
const SIDES: [&str; 2] = ["with the newer one alone", "after the older one"];

/// Why a trial says nothing of an upgrade.
fn why_not(trial: &PlayedTrial) -> Option<String> {
    let by_newer = trial.entry.commands - trial.by_older;
    if by_newer == 0 && trial.ended_early {
        let why = trial.entry.reason.as_deref().unwrap_or("no reason given");
        let why = why.lines().next().unwrap_or_default();
        return Some(format!("the older one does not set the scene: {why}"));
    }
    match (trial.by_older, by_newer) {
        (0, _) => Some("no command sets its scene".to_owned()),
        (_, 0) => Some("no command comes after its scene".to_owned()),
        _ => None,
    }
}

/// The trial from its first checkpoint on: what was said before is the older one's, and what changed
/// since is told later.
fn after_the_scene(trial: &PlayedTrial) -> PlayedTrial {
    let surfaces = trial.surfaces.iter().map(|(surface, text)| {
        let rest = if surface == "cli" {
            from_look(text)
        } else {
            // The first one shows the scene, and may show it whole.
            past_first_line(from_look(text)).map_or("", from_look)
        };
        (surface.clone(), rest.to_owned())
    });
    PlayedTrial {
        surfaces: surfaces.collect(),
        ..trial.clone()
    }
}

/// The text from its first checkpoint on.
fn from_look(text: &str) -> &str {
    const LOOK: &str = "== ";
    if text.starts_with(LOOK) {
        return text;
    }
    let at = text.find(&format!("\n{LOOK}"));
    at.map_or("", |at| &text[at + 1..])
}

fn past_first_line(text: &str) -> Option<&str> {
    text.split_once('\n').map(|(_, rest)| rest)
}

#[cfg(test)]
#[path = "upgrade_tests.rs"]
mod tests;
