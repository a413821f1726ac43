//! Known deviations: where today's swamp parts from the plan, both are stated.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a deviation hurts a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Data is lost, or out of reach by swamp's own means.
    DataLoss,
    /// An answer is wrong, and nothing says so.
    WrongAnswer,
    /// A command ends in a crash or a stack trace.
    Crash,
    /// What is said is wrong, misleading or in the wrong form; what is done is right.
    Wording,
}

/// An expectation of the plan that today's swamp does not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deviation {
    /// Its name. A scenario that meets the same deviation in another way gives the same.
    pub id: &'static str,
    /// What should happen: the sentence that the expectation in code stands for.
    pub plan: &'static str,
    /// What happens instead: the golden shows it.
    pub today: &'static str,
    /// How much it hurts.
    pub severity: Severity,
}

/// A deviation, and whether swamp has stopped deviating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The deviation.
    pub deviation: Deviation,
    /// Whether the expectation of the plan holds.
    pub holds: bool,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Deviation {
            id, plan, today, ..
        } = self.deviation;
        if self.holds {
            write!(
                f,
                "{id}: now behaves as planned: drop the deviation\n  planned: {plan}"
            )
        } else {
            write!(f, "{id}: {today}\n  planned: {plan}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_what_is_planned_and_whether_it_holds() {
        let deviation = Deviation {
            id: "slug-is-kept",
            plan: "it goes",
            today: "it stays",
            severity: Severity::WrongAnswer,
        };
        let text = |holds| Verdict { deviation, holds }.to_string();
        assert_eq!(text(false), "slug-is-kept: it stays\n  planned: it goes");
        assert!(text(true).contains("now behaves as planned: drop the deviation"));
    }
}
