//! Evaluating the expressions of a definition or of a step.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::lookup::{Lookup, list};
use super::template::{self, Values};
use crate::cel::{Expression, Numbers, Scope};
use crate::errors::{Failure, Result};
use crate::model::definition::Definition;
use crate::query::Record;
use crate::repository::Repository;
use crate::session::Session;

/// What happens to an expression that cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It stays as it is written.
    Lenient,
    /// It is an error.
    Strict,
}

/// A value with its expressions replaced.
#[derive(Debug)]
pub struct Evaluated<T> {
    /// The value.
    pub value: T,
    /// Whether there was an expression in it.
    pub had_expressions: bool,
}

/// Evaluates expressions in a repository.
pub struct Evaluator {
    scope: Scope,
}

/// What expressions can call.
const FUNCTIONS: [&str; 6] = [
    "data.latest",
    "data.version",
    "data.listVersions",
    "data.findBySpec",
    "data.findByTag",
    "data.query",
];

impl Evaluator {
    /// Evaluates what refers to the data that `repository` can see.
    pub fn open(repository: &Repository, session: &Session) -> Result<Self> {
        let lookup = Arc::new(Mutex::new(Lookup::open(repository, session)?));
        let mut scope = Scope::new(Numbers::Exact);
        for name in FUNCTIONS {
            let lookup = Arc::clone(&lookup);
            scope.function(name, move |arguments| {
                let mut lookup = lookup.lock().unwrap_or_else(PoisonError::into_inner);
                call(&mut lookup, name, arguments)
            });
        }
        Ok(Self { scope })
    }

    /// Evaluates what refers to the inputs of a run alone.
    pub fn of_inputs(inputs: &Map<String, Value>) -> Self {
        let scope = Scope::new(Numbers::Exact);
        Self { scope }.knowing("inputs", &Value::Object(inputs.clone()))
    }

    /// The same, which has a value under a name, too.
    pub fn knowing(mut self, name: &str, value: &Value) -> Self {
        self.scope.set(name, value);
        self
    }

    /// A text with its expressions replaced.
    pub fn text(&self, text: &str) -> Result<String> {
        let evaluated = self.value(&text.into(), Strictness::Strict)?.value;
        Ok(evaluated
            .as_str()
            .map_or_else(|| evaluated.to_string(), str::to_owned))
    }

    /// The definition with its expressions replaced.
    pub fn definition(
        &self,
        definition: &Definition,
        strictness: Strictness,
    ) -> Result<Evaluated<Definition>> {
        let entries = Value::Object(definition.entries().clone());
        let evaluated = self.value(&entries, strictness)?;
        Ok(Evaluated {
            value: changed(definition, evaluated.value),
            had_expressions: evaluated.had_expressions,
        })
    }

    /// Any value with its expressions replaced.
    pub fn value(&self, value: &Value, strictness: Strictness) -> Result<Evaluated<Value>> {
        let found = template::expressions(value);
        let mut values = Values::new();
        for raw in &found {
            let parsed = Expression::parse(template::source(raw));
            match parsed.and_then(|expression| expression.evaluate(&self.scope)) {
                Ok(result) => {
                    values.insert((*raw).to_owned(), result);
                }
                Err(_) if strictness == Strictness::Lenient => {}
                Err(message) => {
                    return Err(Failure::refused(format!("Invalid expression: {message}")));
                }
            }
        }
        Ok(Evaluated {
            value: template::replaced(value, &values),
            had_expressions: !found.is_empty(),
        })
    }
}

fn call(
    lookup: &mut Lookup,
    function: &str,
    arguments: &[Value],
) -> std::result::Result<Value, String> {
    let texts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
    let number = arguments.get(2).and_then(Value::as_u64);
    let found = match (function, texts.as_slice(), number) {
        ("data.latest", [model, name], None) => lookup.latest(model, name).map(or_null),
        ("data.version", [model, name], Some(version)) => {
            lookup.version(model, name, version).map(or_null)
        }
        ("data.listVersions", [model, name], None) => {
            lookup.list_versions(model, name).map(Value::from)
        }
        ("data.findBySpec", [model, spec], None) => lookup.find_by_spec(model, spec).map(list),
        ("data.findByTag", [key, value], None) => lookup.find_by_tag(key, value).map(list),
        ("data.query", [predicate, select @ ..], None) => {
            lookup.query(predicate, select.first().copied())
        }
        _ => return Err(format!("no {function} of such arguments")),
    };
    found.map_err(|failure| failure.to_string())
}

fn changed(definition: &Definition, entries: Value) -> Definition {
    let mut changed = definition.clone();
    if let Value::Object(entries) = entries {
        for (key, value) in entries {
            if let Some(entry) = changed.get_mut(&key) {
                *entry = value;
            }
        }
    }
    changed
}

fn or_null(record: Option<Record>) -> Value {
    record.map_or(Value::Null, |record| record.to_value())
}
