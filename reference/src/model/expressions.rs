//! Expressions (`${{ … }}`) in definitions: where they are evaluated before a method runs.

use serde_json::{Map, Value};

use super::definition::Definition;
use crate::errors::{Failure, Result};
use crate::session::{Repository, Session};

/// Whether there is an expression in the definition.
pub fn present_in(definition: &Definition) -> bool {
    definition.entries().values().any(any_expression)
}

fn any_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${{"),
        Value::Array(items) => items.iter().any(any_expression),
        Value::Object(entries) => entries.values().any(any_expression),
        _ => false,
    }
}

/// The definition with its expressions replaced by their values.
pub fn evaluate(
    definition: &Definition,
    _inputs: &Map<String, Value>,
    _repository: &Repository,
    _session: &Session,
) -> Result<Definition> {
    if present_in(definition) {
        return Err(Failure::not_implemented("expressions in a definition"));
    }
    Ok(definition.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_found_at_any_depth() {
        let found = |text: &str| present_in(&Definition::parse(text, "t").expect("a definition"));
        assert!(!found("id: i\nname: n\nglobalArguments: {a: '$x {{y}}'}\n"));
        assert!(found(
            "id: i\nname: n\nglobalArguments: {a: [{b: 'x ${{ self.name }}'}]}\n"
        ));
    }
}
