//! The review of what waits, one cause at a time: which texts a cause shows in, what is decided, and
//! which goldens are thereby accepted, rejected, or go on waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::error::BadInput;
use crate::golden::waiting::{self, RefusedGolden, WaitingGolden};
use crate::report::causes::causes;
pub use crate::report::decisions::Decision;
use crate::report::decisions::Decisions;
use crate::report::ledger::{self, Edit, Entry};
use crate::report::recorded::{self, RecordedTrial};
use crate::report::{numbers, shown};
use crate::settings::Settings;

/// A review: what waits, by cause.
#[derive(Debug)]
pub struct Review {
    /// All causes of the last run and of what waits, by their numbers.
    pub(crate) causes: Vec<ReviewedCause>,
    /// What waits and is shown by cause.
    pub(crate) goldens: Vec<ReviewedGolden>,
    decisions: Decisions,
    /// Where the decisions are kept.
    file: PathBuf,
    pub(crate) done: Done,
    /// What must not be accepted.
    pub(crate) refused: Vec<RefusedGolden>,
    /// The goldens for which a text waits that no run is known to have handed in.
    pub(crate) unknown: Vec<String>,
}

/// A cause, with the number that it has in the report.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReviewedCause {
    pub number: usize,
    /// In which trials it shows; else that it is a new golden.
    pub shows: String,
    /// Its example; none of a new golden.
    pub lines: Vec<String>,
    /// What its edits have in `alike`.
    alike: BTreeSet<String>,
}

/// A text that waits, with its edits.
#[derive(Debug)]
pub(crate) struct ReviewedGolden {
    pub waiting: WaitingGolden,
    /// None where it is a new golden.
    pub edits: Vec<Edit>,
    /// The numbers of its causes, by what the edits of each have in `alike`.
    pub causes: BTreeMap<String, usize>,
}

/// What became of goldens in this review.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub accepted: Vec<String>,
    pub rejected: Vec<String>,
    /// The goldens of which a text that was decided could not be accepted, or rejected, and why.
    pub failed: Vec<(String, String)>,
}

/// How far a cause is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Nothing is decided, or not about all of it.
    Open,
    /// All of it is accepted.
    Accepted,
    /// All of it is rejected.
    Rejected,
    /// Some of it is accepted, and the rest rejected.
    Mixed,
}

impl Stand {
    fn of(decisions: &[Option<Decision>]) -> Self {
        let all = |wanted| decisions.iter().all(|it| *it == Some(wanted));
        if decisions.is_empty() {
            Self::Open
        } else if all(Decision::Accept) {
            Self::Accepted
        } else if all(Decision::Reject) {
            Self::Rejected
        } else if decisions.iter().all(Option::is_some) {
            Self::Mixed
        } else {
            Self::Open
        }
    }
}

impl Review {
    /// The review of what waits here.
    ///
    /// # Errors
    /// The decisions of an earlier one cannot be read.
    pub fn open(settings: &Settings) -> Result<Self, BadInput> {
        let place = &settings.ledger;
        let file = recorded::review_beside(place).join("decisions.json");
        let decisions = Decisions::read(&file)?;
        let trials = recorded::all(&recorded::trials_beside(place));
        // The last run may have been refused, and then there is none.
        let last = ledger::read(place).unwrap_or_default();
        let (waiting, refused) = waiting::all(&settings.snapshots);
        let mut review = Self::of(waiting, &trials, last, decisions, file);
        review.refused = refused;
        Ok(review)
    }

    /// `last` is the ledger of the last run: its report has the same numbers, unless something of an
    /// earlier run waits as well.
    fn of(
        waiting: Vec<WaitingGolden>,
        trials: &[RecordedTrial],
        last: Vec<Entry>,
        decisions: Decisions,
        file: PathBuf,
    ) -> Self {
        // What was handed in stays in this list when it is accepted: numbers must not move while a
        // review goes on.
        let earlier = trials.iter().map(|it| &it.entry);
        let earlier = earlier.filter(|entry| last.iter().all(|it| it.trial != entry.trial));
        let earlier: Vec<Entry> = earlier.cloned().collect();
        let entries = [last, earlier].concat();
        let mut all: Vec<ReviewedCause> = causes(&entries)
            .iter()
            .enumerate()
            .map(|(index, cause)| ReviewedCause {
                number: index + 1,
                shows: format!(
                    "in {} trial(s): {}",
                    cause.entries.len(),
                    numbers(&cause.entries)
                ),
                lines: shown(cause, cause.lines()),
                alike: cause.alike.iter().map(|it| (*it).to_owned()).collect(),
            })
            .collect();
        for name in new_goldens(trials) {
            all.push(ReviewedCause {
                number: all.len() + 1,
                shows: "a new golden".to_owned(),
                lines: Vec::new(),
                alike: BTreeSet::from([name]),
            });
        }
        let number = |alike: &str| all.iter().find(|it| it.alike.contains(alike));
        let (mut goldens, mut unknown) = (Vec::new(), Vec::new());
        for waiting in waiting {
            let (is_new, edits) = edits_of(&waiting, trials);
            let new = is_new.then_some(&waiting.name);
            let alike = edits.iter().map(|edit| &edit.alike).chain(new);
            let causes: BTreeMap<String, usize> = alike
                .filter_map(|alike| Some((alike.clone(), number(alike)?.number)))
                .collect();
            if causes.is_empty() {
                unknown.push(waiting.name);
                continue;
            }
            goldens.push(ReviewedGolden {
                waiting,
                edits,
                causes,
            });
        }
        Self {
            causes: all,
            goldens,
            decisions,
            file,
            done: Done::default(),
            refused: Vec::new(),
            unknown,
        }
    }

    /// The numbers of the causes that show in a golden that waits.
    pub fn waiting(&self) -> Vec<usize> {
        let of_goldens = self.goldens.iter().flat_map(|it| it.causes.values());
        let numbers: BTreeSet<usize> = of_goldens.copied().collect();
        numbers.into_iter().collect()
    }

    /// Those of them that are still to be decided.
    pub fn open_causes(&self) -> Vec<usize> {
        let mut numbers = self.waiting();
        numbers.retain(|number| self.stand(*number) == Stand::Open);
        numbers
    }

    /// Whether no text waits that can be reviewed.
    pub fn is_empty(&self) -> bool {
        self.goldens.is_empty()
    }

    /// Whether something was found that a reviewer has to see to.
    pub fn has_problems(&self) -> bool {
        !self.refused.is_empty() || !self.done.failed.is_empty()
    }

    /// Whether a golden was accepted or rejected.
    pub fn did_something(&self) -> bool {
        !(self.done.accepted.is_empty() && self.done.rejected.is_empty())
    }

    /// How far a cause is decided, in the goldens that it waits in.
    pub fn stand(&self, number: usize) -> Stand {
        let decisions = self.showing(number).flat_map(|golden| {
            let alike = golden.alike_of(number);
            alike.map(|alike| self.decisions.about(&golden.waiting, alike))
        });
        let decisions: Vec<Option<Decision>> = decisions.collect();
        Stand::of(&decisions)
    }

    /// The goldens that a cause shows in.
    pub(crate) fn showing(&self, number: usize) -> impl Iterator<Item = &ReviewedGolden> {
        let shows = move |it: &&ReviewedGolden| it.causes.values().any(|other| *other == number);
        self.goldens.iter().filter(shows)
    }

    /// Checks that these are causes that wait.
    ///
    /// # Errors
    /// One is none.
    pub fn check(&self, numbers: &[usize]) -> Result<(), BadInput> {
        let waiting = self.waiting();
        let Some(wrong) = numbers.iter().find(|it| !waiting.contains(it)) else {
            return Ok(());
        };
        let is_known = self.causes.iter().any(|it| it.number == *wrong);
        let found = match (is_known, waiting.is_empty()) {
            (_, true) => "no pending golden waits for a review".to_owned(),
            (true, false) => format!(
                "no pending golden has it: it was reviewed, or its trials failed; those that wait \
                 are {}",
                list(&waiting)
            ),
            (false, false) => format!(
                "there is no such change; those that wait are {}",
                list(&waiting)
            ),
        };
        Err(BadInput::new(
            format!("change {wrong} was asked for"),
            found,
            "`cargo uat review --list` shows the changes with their numbers",
        ))
    }

    /// Takes decisions about causes down, all at once, and then accepts and rejects the goldens that
    /// are thereby decided.
    ///
    /// # Errors
    /// One is none, or the decisions cannot be written: then nothing was accepted or rejected.
    pub fn decide(&mut self, decided: &[(usize, Decision)]) -> Result<(), BadInput> {
        let numbers: Vec<usize> = decided.iter().map(|(number, _)| *number).collect();
        self.check(&numbers)?;
        for golden in &self.goldens {
            for (number, decision) in decided {
                for alike in golden.alike_of(*number) {
                    self.decisions.decide(&golden.waiting, alike, *decision);
                }
            }
        }
        self.write()?;
        self.settle()
    }

    /// Accepts and rejects the goldens of which all is decided alike.
    ///
    /// # Errors
    /// The decisions cannot be written.
    pub fn settle(&mut self) -> Result<(), BadInput> {
        let (mut left, before) = (Vec::new(), self.goldens.len());
        for golden in std::mem::take(&mut self.goldens) {
            let name = golden.waiting.name.clone();
            let (done, list) = match self.stand_of(&golden) {
                Stand::Accepted => (golden.waiting.accept(), &mut self.done.accepted),
                Stand::Rejected => (golden.waiting.reject(), &mut self.done.rejected),
                Stand::Open | Stand::Mixed => {
                    left.push(golden);
                    continue;
                }
            };
            match done {
                Ok(()) => list.push(name),
                Err(why) => self.done.failed.push((name, why)),
            }
        }
        self.goldens = left;
        if self.goldens.len() == before {
            return Ok(());
        }
        let failed = &self.done.failed;
        let goldens = &self.goldens;
        self.decisions.retain(|name| {
            goldens.iter().any(|it| it.waiting.name == name)
                || failed.iter().any(|(other, _)| other == name)
        });
        self.write()
    }

    fn write(&self) -> Result<(), BadInput> {
        self.decisions.write(&self.file).map_err(|e| {
            BadInput::new(
                format!("the decision was to be kept in {}", self.file.display()),
                e.to_string(),
                "see that this file can be written, and decide again",
            )
        })
    }

    /// How far a cause is decided in one golden.
    pub(crate) fn stand_in(&self, golden: &ReviewedGolden, number: usize) -> Stand {
        let alike = golden.alike_of(number);
        let decisions = alike.map(|alike| self.decisions.about(&golden.waiting, alike));
        Stand::of(&decisions.collect::<Vec<_>>())
    }

    /// How far a golden is decided: over all its edits.
    fn stand_of(&self, golden: &ReviewedGolden) -> Stand {
        let alike = golden.causes.keys();
        let decisions = alike.map(|alike| self.decisions.about(&golden.waiting, alike));
        Stand::of(&decisions.collect::<Vec<_>>())
    }
}

impl ReviewedGolden {
    /// What the edits have in `alike` that a cause has here.
    pub fn alike_of(&self, number: usize) -> impl Iterator<Item = &str> {
        let own = self.causes.iter().filter(move |(_, of)| **of == number);
        own.map(|(alike, _)| alike.as_str())
    }
}

/// The new goldens that were handed in, in order. What a backend handed in for itself counts where it
/// is not what the golden for all is to be.
fn new_goldens(trials: &[RecordedTrial]) -> BTreeSet<String> {
    let new = || {
        let surfaces = trials.iter().flat_map(|it| &it.surfaces);
        surfaces.filter(|it| it.was.is_none())
    };
    let stands_for_it = |own: &recorded::RecordedSurface| {
        new().any(|it| it.golden == own.for_all && it.now == own.now)
    };
    let kept = new().filter(|it| it.golden == it.for_all || !stands_for_it(it));
    kept.map(|it| it.golden.clone()).collect()
}

/// Whether what waits is a new golden that was compared with none; else its edits. Neither where no
/// trial is known to have handed it in.
fn edits_of(waiting: &WaitingGolden, trials: &[RecordedTrial]) -> (bool, Vec<Edit>) {
    let (mut is_new, mut edits) = (false, Vec::<Edit>::new());
    for trial in trials {
        for surface in trial.surfaces.iter().filter(|it| it.is(waiting)) {
            is_new |= surface.was.is_none();
            let own = trial.entry.edits.iter();
            for edit in own.filter(|edit| edit.surface == surface.surface) {
                // Several backends say the same.
                if !edits.contains(edit) {
                    edits.push(edit.clone());
                }
            }
        }
    }
    (is_new, edits)
}

/// Numbers for people.
pub(crate) fn list(numbers: &[usize]) -> String {
    let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
    numbers.join(", ")
}

/// Forgets what trials handed in of which nothing waits any more, before a run.
pub(crate) fn forget_reviewed(place: &Path, goldens: &Path) {
    let dir = recorded::trials_beside(place);
    if dir.is_dir() {
        recorded::forget_reviewed(&dir, || waiting::all(goldens).0);
    }
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
