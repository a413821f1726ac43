//! What a predicate can refer to.

use crate::cel::Expression;
use crate::errors::{Failure, Result};

/// The fields of a record; `ns` is the namespace, a name that CEL reserves.
const FIELDS: [&str; 24] = [
    "attributes",
    "content",
    "contentType",
    "createdAt",
    "dataType",
    "id",
    "isLatest",
    "jobName",
    "lifetime",
    "modelName",
    "modelType",
    "name",
    "ns",
    "ownerRef",
    "ownerType",
    "size",
    "source",
    "specName",
    "stepName",
    "streaming",
    "tags",
    "version",
    "workflowName",
    "workflowRunId",
];

/// Names of CEL itself that may stand where a field may.
const OWN: [&str; 17] = [
    "has",
    "size",
    "int",
    "uint",
    "double",
    "string",
    "bool",
    "bytes",
    "type",
    "list",
    "map",
    "duration",
    "timestamp",
    "matches",
    "contains",
    "startsWith",
    "endsWith",
];

/// Parses a predicate, in which only fields may stand.
pub fn predicate(text: &str) -> Result<Expression> {
    let expression = parsed(text)?;
    let mut unknown: Vec<&str> = Vec::new();
    for name in expression.names() {
        let known = FIELDS.contains(&name.as_str()) || OWN.contains(&name.as_str());
        if !known && !unknown.contains(&name.as_str()) {
            unknown.push(name);
        }
    }
    if unknown.is_empty() {
        return Ok(expression);
    }
    let plural = if unknown.len() > 1 { "s" } else { "" };
    let quoted: Vec<_> = unknown.iter().map(|name| format!("\"{name}\"")).collect();
    Err(Failure::refused(format!(
        "Unknown field{plural} {} in query predicate.\nAvailable: {}",
        quoted.join(", "),
        FIELDS.join(", ")
    )))
}

/// Parses an expression over a record, in which anything may stand.
pub fn parsed(text: &str) -> Result<Expression> {
    Expression::parse(text).map_err(|error| Failure::refused(error.to_string()))
}

/// Whether a predicate asks for old versions too: all others get the latest ones alone.
pub fn opens_history(predicate: &Expression) -> bool {
    predicate.mentions("version") || predicate.mentions("isLatest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_named_once() {
        let error = predicate("b == 1 || a == b || size(ns) == 1").expect_err("unknown fields");
        assert!(error.to_string().starts_with(
            "Unknown fields \"b\", \"a\" in query predicate.\nAvailable: attributes, "
        ));
        let error = predicate("tags.x == bogus").expect_err("an unknown field");
        assert!(error.to_string().starts_with("Unknown field \"bogus\" in"));
        assert!(predicate("tags.bogus == 'bogus'").is_ok());
    }

    #[test]
    fn history_is_opened_by_a_field_alone() {
        let opens = |text: &str| opens_history(&predicate(text).expect("a predicate"));
        assert!(opens("version == 1") && opens("!isLatest"));
        assert!(!opens("name == 'version'") && !opens("tags.version == '1'"));
    }
}
