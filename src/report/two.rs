//! What two swamps show together that they do not show alone: the form of the answer, whichever way
//! they play together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::report::answer::{Answer, Deviation, Failing, Findings};
use crate::report::compare::{self, Side};
use crate::report::ledger::Entry;
use crate::report::stated::Stated;
use crate::settings::args::Casting;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// How they play together: `upgrade` or `mixed`.
    pub how: &'static str,
    /// The older one, for people.
    pub older: String,
    /// The newer one.
    pub newer: String,
    /// What was found in the trials in which both played a part, but for what is stated.
    #[serde(flatten)]
    pub findings: Findings,
    /// What was found and is expected: what is stated of it.
    pub expected: Vec<String>,
    /// What is stated and does not show.
    pub stated_in_vain: Vec<String>,
}

/// What both ways of playing together gather before it is told.
pub(super) struct Gathered<'a> {
    pub casting: Casting,
    /// The older and the newer one, for people.
    pub swamps: [&'a str; 2],
    /// The trials that are compared, each with what was found in it.
    pub entries: Vec<Entry>,
    pub failing: Vec<Failing>,
    pub deviations_gone: Vec<Deviation>,
    pub deviations_new: Vec<Deviation>,
    pub not_compared: NotCompared,
}

/// The trials that are not compared, by the reason.
#[derive(Debug, Default)]
pub(super) struct NotCompared(BTreeMap<String, BTreeSet<String>>);

impl NotCompared {
    pub fn add(&mut self, trial: &str, why: impl Into<String>) {
        let trials = self.0.entry(why.into()).or_default();
        trials.insert(trial.to_owned());
    }

    /// Adds those that a side, of that name, has not.
    pub fn add_left_out(&mut self, name: &str, side: &Side) {
        for (trial, why) in &side.left_out {
            let why = why.lines().next().unwrap_or_default();
            self.add(trial, format!("{name}: {why}"));
        }
    }

    fn told(&self) -> Vec<String> {
        let each = self.0.iter().map(|(why, trials)| {
            let first = trials.first().map_or("", String::as_str);
            format!("{} trial(s), such as {first}: {why}", trials.len())
        });
        each.collect()
    }
}

impl Gathered<'_> {
    /// What is to be told, where `stated` is expected.
    pub fn found(mut self, stated: &[Stated]) -> Found {
        let mut changes = compare::changes(&self.entries);
        let mut checks = compare::checks(&self.entries);
        let fails = |trial: &String| self.failing.iter().any(|it| it.trials.contains(trial));
        let differs = |it: &&Entry| !it.edits.is_empty() || fails(&it.trial);
        let differ = self.entries.iter().filter(differs).count();
        let mut shown = vec![false; stated.len()];
        let mut is_new = |lines: &[String]| {
            let place = stated.iter().position(|it| it.means(lines));
            place.inspect(|at| shown[*at] = true).is_none()
        };
        changes.retain(|it| is_new(&it.lines));
        checks.retain(|it| is_new(&it.lines));
        self.failing.retain(|it| is_new(&it.why));
        for ids in [&mut self.deviations_gone, &mut self.deviations_new] {
            ids.retain(|it| is_new(&[it.told()]));
        }
        let trials = || self.entries.iter().map(|it| it.trial.as_str());
        let why = |shows: bool| {
            let each = stated.iter().zip(&shown);
            let each = each.filter(|(it, shown)| **shown == shows && it.is_asked_of(trials()));
            each.map(|(it, _)| it.why.trim().to_owned()).collect()
        };
        Found {
            how: match self.casting {
                Casting::Upgrade => "upgrade",
                Casting::Mixed => "mixed",
            },
            older: self.swamps[0].to_owned(),
            newer: self.swamps[1].to_owned(),
            expected: why(true),
            stated_in_vain: why(false),
            findings: Findings {
                compared: self.entries.len(),
                differ,
                changes,
                checks,
                failing: self.failing,
                deviations_gone: self.deviations_gone,
                deviations_new: self.deviations_new,
                not_compared: self.not_compared.told(),
            },
        }
    }
}

impl Found {
    /// Whether there is nothing that a person must look at.
    pub fn is_empty(&self) -> bool {
        self.findings.count() == 0 && self.stated_in_vain.is_empty()
    }

    /// What is told of it, and in which words.
    pub fn answer(&self) -> Answer<'_> {
        let is_upgrade = self.how == "upgrade";
        let changes = match is_upgrade {
            true => "What the newer one alone shows (-), and shows of what the older one left (+)",
            false => "What each shows alone (-), and what shows where both play (+)",
        };
        let fails: fn(&str) -> &'static str = match is_upgrade {
            true => |on| match on == ALONE {
                true => "with the newer one alone and not otherwise",
                false => "with both together and not otherwise",
            },
            false => |on| match on == ALONE {
                true => "with each alone and not otherwise",
                false => "with both together and not otherwise",
            },
        };
        Answer {
            verdict: self.verdict(),
            about: vec![
                format!("older: {}", self.older),
                format!("newer: {}", self.newer),
            ],
            heads: [
                changes,
                "What the suite's own checks say",
                "Trials that fail",
            ],
            findings: &self.findings,
            fails,
            lists: vec![
                ("Found, and expected", self.expected.clone()),
                (
                    "Stated, and not found any more: drop it",
                    self.stated_in_vain.clone(),
                ),
                (compare::NOT_COMPARED, self.findings.not_compared.clone()),
            ],
        }
    }

    /// The first line: what was found, and in how many trials.
    fn verdict(&self) -> String {
        let (compared, differ) = (self.findings.compared, self.findings.differ);
        let mut verdict = String::new();
        let _ = match (self.findings.count(), self.expected.len()) {
            (0, 0) => write!(verdict, "Nothing differs in {compared} trial(s)"),
            (0, _) => write!(
                verdict,
                "Nothing differs in {compared} trial(s) but what is stated"
            ),
            (count, _) => write!(
                verdict,
                "{count} finding(s) in {differ} of {compared} trial(s)"
            ),
        };
        if !self.stated_in_vain.is_empty() {
            let gone = self.stated_in_vain.len();
            let _ = write!(verdict, "; {gone} that is stated does not show any more");
        }
        verdict
    }
}

/// Where a trial fails on a swamp alone.
pub(super) const ALONE: &str = "alone";
/// Where it fails with both.
pub(super) const TOGETHER: &str = "together";

/// The same failures, by who plays.
pub(super) fn by_who_plays(failing: Vec<Failing>) -> Vec<Failing> {
    let named = failing.into_iter().map(|it| Failing {
        on: if it.on == "old" { ALONE } else { TOGETHER },
        ..it
    });
    named.collect()
}
