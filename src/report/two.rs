//! What two swamps show together that they do not show alone: the form of the answer, whichever way
//! they play together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::report::causes;
use crate::report::compare::{self, Change, Failing, Form, Side};
use crate::report::ledger::{Edit, Entry};
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
    /// How many trials both played a part in.
    pub compared: usize,
    /// In how many of them something was found, stated or not.
    pub differ: usize,
    /// What a user sees, that first which shows in most trials.
    pub changes: Vec<Change>,
    /// What the suite's own checks say.
    pub checks: Vec<Change>,
    /// Trials that fail, each on `alone` or on `together`.
    pub failing: Vec<Failing>,
    /// Deviations from the plan that are not there any more, each with what happened.
    pub deviations_gone: BTreeMap<String, String>,
    /// Those that are there now.
    pub deviations_new: BTreeMap<String, String>,
    /// What was found and is expected: what is stated of it.
    pub expected: Vec<String>,
    /// What is stated and does not show.
    pub stated_in_vain: Vec<String>,
    /// What could not be compared, and why.
    pub not_compared: Vec<String>,
}

/// What both ways of playing together gather before it is told.
pub(super) struct Gathered<'a> {
    pub casting: Casting,
    /// The older and the newer one, for people.
    pub swamps: [&'a str; 2],
    /// The trials that are compared, each with what was found in it.
    pub entries: Vec<Entry>,
    pub failing: Vec<Failing>,
    pub deviations_gone: BTreeMap<String, String>,
    pub deviations_new: BTreeMap<String, String>,
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
        let is_check = |edit: &Edit| edit.surface == causes::FAULT;
        let mut changes = compare::changes(&self.entries, |edit| !is_check(edit));
        let mut checks = compare::changes(&self.entries, is_check);
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
            ids.retain(|id, today| is_new(&[told(id, today)]));
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
            compared: self.entries.len(),
            differ,
            expected: why(true),
            stated_in_vain: why(false),
            changes,
            checks,
            failing: self.failing,
            deviations_gone: self.deviations_gone,
            deviations_new: self.deviations_new,
            not_compared: self.not_compared.told(),
        }
    }
}

fn told(id: &str, today: &str) -> String {
    format!("{id}: {today}")
}

impl Found {
    /// Whether there is nothing that a person must look at.
    pub fn is_empty(&self) -> bool {
        self.count() == 0 && self.stated_in_vain.is_empty()
    }

    fn count(&self) -> usize {
        self.changes.len()
            + self.checks.len()
            + self.failing.len()
            + self.deviations_gone.len()
            + self.deviations_new.len()
    }

    /// The answer for a screen.
    pub fn text(&self) -> String {
        self.written(&Form::Text)
    }

    /// The answer for a pull request.
    pub fn markdown(&self) -> String {
        self.written(&Form::Markdown)
    }

    fn written(&self, form: &Form) -> String {
        let mut out = String::new();
        form.title(&mut out, &self.verdict());
        form.item(&mut out, &format!("older: {}", self.older));
        form.item(&mut out, &format!("newer: {}", self.newer));
        let [changes, checks, failing] = self.heads();
        form.changes(&mut out, changes, &self.changes);
        form.changes(&mut out, checks, &self.checks);
        if !self.failing.is_empty() {
            form.head(&mut out, failing);
        }
        for it in &self.failing {
            let (trials, why) = (it.trials.join(" "), it.why.join(" "));
            form.item(
                &mut out,
                &format!("{}: {trials}: {why}", self.fails_with(it)),
            );
        }
        for (head, ids) in self.deviations() {
            if !ids.is_empty() {
                form.head(&mut out, head);
            }
            ids.iter()
                .for_each(|(id, today)| form.item(&mut out, &told(id, today)));
        }
        for (head, list) in self.lists() {
            if !list.is_empty() {
                form.head(&mut out, head);
            }
            list.iter().for_each(|item| form.item(&mut out, item));
        }
        out
    }

    /// The heads of the changes, the checks and what fails.
    pub(super) fn heads(&self) -> [&'static str; 3] {
        let changes = match self.how {
            "upgrade" => {
                "What the newer one alone shows (-), and shows of what the older one left (+)"
            }
            _ => "What each shows alone (-), and what shows where both play (+)",
        };
        [
            changes,
            "What the suite's own checks say",
            "Trials that fail",
        ]
    }

    /// With whom a trial fails.
    pub(super) fn fails_with(&self, it: &Failing) -> String {
        let with = match (it.on == ALONE, self.how) {
            (false, _) => "both together",
            (true, "upgrade") => "the newer one alone",
            (true, _) => "each alone",
        };
        format!("with {with} and not otherwise")
    }

    pub(super) fn deviations(&self) -> [(&'static str, &BTreeMap<String, String>); 2] {
        [
            (compare::DEVIATIONS_GONE, &self.deviations_gone),
            (compare::DEVIATIONS_NEW, &self.deviations_new),
        ]
    }

    pub(super) fn lists(&self) -> [(&'static str, &[String]); 3] {
        [
            ("Found, and expected", &self.expected),
            (
                "Stated, and not found any more: drop it",
                &self.stated_in_vain,
            ),
            (compare::NOT_COMPARED, &self.not_compared),
        ]
    }

    /// The first line: what was found, and in how many trials.
    pub(super) fn verdict(&self) -> String {
        let (compared, differ) = (self.compared, self.differ);
        let mut verdict = String::new();
        let _ = match (self.count(), self.expected.len()) {
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
