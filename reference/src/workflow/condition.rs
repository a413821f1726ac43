//! What a job or a step waits for.

use serde::Deserialize;

use super::outcome::Status;

/// What is asked of another job or step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are those of the file")]
pub enum Condition {
    Always,
    Succeeded,
    Failed,
    /// It has run, with whatever success.
    Completed,
    Skipped,
    And {
        conditions: Vec<Condition>,
    },
    Or {
        conditions: Vec<Condition>,
    },
    Not {
        condition: Box<Condition>,
    },
}

/// A job or a step that is waited for, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dependency {
    /// Its name.
    #[serde(alias = "job", alias = "step")]
    pub on: String,
    /// What is asked.
    pub condition: Condition,
}

impl Condition {
    /// Whether it is met by what has this status; none is what does not exist.
    pub fn is_met(&self, status: Option<Status>) -> bool {
        let is = |wanted| status == Some(wanted);
        match self {
            Self::Always => true,
            Self::Succeeded => is(Status::Succeeded),
            Self::Failed => is(Status::Failed),
            Self::Completed => is(Status::Succeeded) || is(Status::Failed),
            Self::Skipped => is(Status::Skipped),
            Self::And { conditions } => conditions.iter().all(|one| one.is_met(status)),
            Self::Or { conditions } => conditions.iter().any(|one| one.is_met(status)),
            Self::Not { condition } => !condition.is_met(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn met(condition: Value, status: Option<Status>) -> bool {
        let condition: Condition = serde_json::from_value(condition).expect("a condition");
        condition.is_met(status)
    }

    #[test]
    fn conditions_ask_for_a_status() {
        let simple = |name: &str, status| met(json!({ "type": name }), Some(status));
        for status in [Status::Succeeded, Status::Failed, Status::Skipped] {
            assert!(simple("always", status));
            assert!(simple(status.name(), status));
        }
        assert!(!simple("succeeded", Status::Failed));
        assert!(simple("completed", Status::Failed));
        assert!(!simple("completed", Status::Skipped));
        assert!(!met(json!({ "type": "succeeded" }), None));
        assert!(met(json!({ "type": "always" }), None));
    }

    #[test]
    fn conditions_combine() {
        let either = json!([{ "type": "failed" }, { "type": "skipped" }]);
        let or = json!({ "type": "or", "conditions": either });
        let and = json!({ "type": "and", "conditions": either });
        let not = json!({ "type": "not", "condition": or });
        assert!(met(or, Some(Status::Skipped)));
        assert!(!met(and, Some(Status::Skipped)));
        assert!(met(not, Some(Status::Succeeded)));
    }
}
