//! Expressions (`${{ … }}`) in definitions: where they are evaluated before a method runs.

use serde_json::{Map, Value};

use super::definition::Definition;
use crate::errors::Result;
use crate::expressions::{Evaluator, Strictness};
use crate::quirks::Quirk;
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

/// The definition with its expressions replaced by their values, save those for run time.
pub fn evaluate(
    definition: &Definition,
    inputs: &Map<String, Value>,
    repository: &Repository,
    session: &Session,
) -> Result<Definition> {
    if !present_in(definition) {
        return Ok(definition.clone());
    }
    let strictness = if session.quirks.on(Quirk::EvaluateSwallowsErrors) {
        Strictness::Lenient
    } else {
        Strictness::Pedantic
    };
    let evaluator = Evaluator::open(repository, session)?;
    let evaluated = evaluator.definition(definition, Some(inputs), strictness)?;
    Ok(evaluated.value)
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
