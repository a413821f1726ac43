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

/// Parses a predicate, in which only fields may stand.
pub fn predicate(text: &str) -> Result<Expression> {
    let expression = Expression::parse(text).map_err(Failure::Refused)?;
    let mut unknown: Vec<&str> = Vec::new();
    for name in expression.names() {
        let known = FIELDS.contains(&name.as_str());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_named_once() {
        let error = predicate("b == 1 && a == b && ns == 'x'").expect_err("unknown fields");
        assert!(error.to_string().starts_with(
            "Unknown fields \"b\", \"a\" in query predicate.\nAvailable: attributes, "
        ));
        let error = predicate("tags.x == bogus").expect_err("an unknown field");
        assert!(error.to_string().starts_with("Unknown field \"bogus\" in"));
        assert!(predicate("tags.bogus == 'bogus'").is_ok());
    }
}
