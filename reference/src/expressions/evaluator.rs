//! Evaluating the expressions of a definition or of a step.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::lookup::Lookup;
use super::template::{self, Values};
use crate::cel::{Expression, Numbers, Scope};
use crate::errors::{Failure, Result};
use crate::model::definition::Definition;
use crate::query::Record;
use crate::session::{Environment, Repository, Session};

/// What happens to an expression that cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It stays as it is written.
    Lenient,
    /// It is an error; but what is no CEL at all stays, it may be prose.
    Strict,
    /// It is an error.
    Pedantic,
}

/// A value with its expressions replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated<T> {
    /// The value.
    pub value: T,
    /// Whether there was an expression in it.
    pub had_expressions: bool,
}

/// Evaluates expressions in a repository.
pub struct Evaluator {
    lookup: Arc<Mutex<Lookup>>,
}

/// Variables by name.
pub type Variables<'a> = &'a [(&'a str, Value)];

/// Names that real swamp knows and no scenario uses.
const UNKNOWN: [&str; 5] = ["model", "file", "workers", "run", "webhook"];

impl Evaluator {
    /// Evaluates what refers to the data that `repository` can see.
    pub fn open(repository: &Repository, session: &Session) -> Result<Self> {
        Ok(Self {
            lookup: Arc::new(Mutex::new(Lookup::open(repository, session)?)),
        })
    }

    /// The definition with its expressions replaced, save those that are for run time alone.
    pub fn definition(
        &self,
        definition: &Definition,
        inputs: Option<&Map<String, Value>>,
        strictness: Strictness,
    ) -> Result<Evaluated<Definition>> {
        let own = Value::Object(
            ["id", "name", "version", "tags", "globalArguments"]
                .into_iter()
                .filter_map(|key| Some((key.to_owned(), definition.get(key)?.clone())))
                .collect(),
        );
        let mut variables = vec![("self", own)];
        if let Some(inputs) = inputs {
            variables.push(("inputs", Value::Object(inputs.clone())));
        }
        let entries = Value::Object(definition.entries().clone());
        let evaluated = self.value(&entries, &variables, strictness)?;
        Ok(Evaluated {
            value: changed(definition, evaluated.value),
            had_expressions: evaluated.had_expressions,
        })
    }

    /// Any value with its expressions replaced, save those that are for run time alone.
    pub fn value(
        &self,
        value: &Value,
        variables: Variables,
        strictness: Strictness,
    ) -> Result<Evaluated<Value>> {
        let found = template::expressions(value);
        let mut values = Values::new();
        for raw in &found {
            let source = template::source(raw);
            if is_for_run_time(source) {
                continue;
            }
            let scope = self.scope(variables);
            if let Some(result) = evaluated(source, &scope, strictness)? {
                values.insert((*raw).to_owned(), result);
            }
        }
        Ok(Evaluated {
            value: template::replaced(value, &values),
            had_expressions: !found.is_empty(),
        })
    }

    fn scope(&self, variables: Variables) -> Scope {
        let mut scope = Scope::new(Numbers::Exact);
        for (name, value) in variables {
            scope.set(name, value);
        }
        self.function(&mut scope, "data.latest", |lookup, arguments| {
            let [model, name] = texts(arguments)?;
            lookup.latest(model, name).map(or_null)
        });
        self.function(&mut scope, "data.version", |lookup, arguments| {
            let [model, name] = texts(arguments)?;
            let version = arguments.get(2).and_then(Value::as_f64);
            let version = version.ok_or_else(|| no_overload(arguments))?;
            lookup.version(model, name, version).map(or_null)
        });
        self.function(&mut scope, "data.listVersions", |lookup, arguments| {
            let [model, name] = texts(arguments)?;
            lookup.list_versions(model, name).map(Value::from)
        });
        self.function(&mut scope, "data.findBySpec", |lookup, arguments| {
            let [model, spec] = texts(arguments)?;
            lookup.find_by_spec(model, spec).map(list)
        });
        self.function(&mut scope, "data.findByTag", |lookup, arguments| {
            let [key, value] = texts(arguments)?;
            lookup.find_by_tag(key, value).map(list)
        });
        self.function(&mut scope, "data.query", |lookup, arguments| {
            let [predicate] = texts(arguments)?;
            let select = arguments.get(1).and_then(Value::as_str);
            lookup.query(predicate, select)
        });
        scope
    }

    fn function(
        &self,
        scope: &mut Scope,
        name: &'static str,
        function: fn(&mut Lookup, &[Value]) -> Result<Value>,
    ) {
        let lookup = Arc::clone(&self.lookup);
        scope.function(name, move |arguments| {
            let mut lookup = lookup.lock().unwrap_or_else(PoisonError::into_inner);
            function(&mut lookup, &arguments).map_err(|failure| failure.to_string())
        });
    }
}

/// The definition with the expressions replaced that are for run time: those that refer to the environment.
pub fn at_run_time(definition: &Definition, environment: &Environment) -> Result<Definition> {
    let entries = Value::Object(definition.entries().clone());
    let mut values = Values::new();
    for raw in template::expressions(&entries) {
        let source = template::source(raw);
        if mentions_vault(source) {
            return Err(Failure::not_implemented("vault.get in an expression"));
        }
        if !is_for_run_time(source) {
            continue;
        }
        let mut scope = Scope::new(Numbers::Exact);
        scope.set("env", &json!(environment.all()));
        if let Some(value) = evaluated(source, &scope, Strictness::Strict)? {
            values.insert(raw.to_owned(), value);
        }
    }
    Ok(changed(definition, template::replaced(&entries, &values)))
}

/// The value of an expression; none where it stays as it is.
fn evaluated(source: &str, scope: &Scope, strictness: Strictness) -> Result<Option<Value>> {
    let invalid = |message: String| Failure::refused(format!("Invalid expression: {message}"));
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(error) if strictness == Strictness::Pedantic => return Err(invalid(error.to_string())),
        Err(_) => return Ok(None),
    };
    if let Some(name) = UNKNOWN.iter().find(|name| expression.mentions(name)) {
        return Err(Failure::not_implemented(&format!(
            "{name} in an expression"
        )));
    }
    match expression.evaluate(scope) {
        Ok(value) => Ok(Some(value)),
        Err(_) if strictness == Strictness::Lenient => Ok(None),
        Err(fault) => Err(invalid(expression.explain(scope, &fault))),
    }
}

/// Secrets and the environment must not end up in what is stored.
fn is_for_run_time(source: &str) -> bool {
    let mentions_env = source.match_indices("env.").any(|(at, _)| {
        let before = source[..at].chars().next_back();
        !before.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric())
    });
    mentions_env || mentions_vault(source)
}

fn mentions_vault(source: &str) -> bool {
    source
        .match_indices("vault.get")
        .any(|(at, call)| source[at + call.len()..].trim_start().starts_with('('))
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

/// The first arguments, which are texts.
fn texts<const N: usize>(arguments: &[Value]) -> Result<[&str; N]> {
    let texts: Vec<&str> = arguments.iter().take(N).filter_map(Value::as_str).collect();
    texts.try_into().map_err(|_| no_overload(arguments))
}

fn no_overload(arguments: &[Value]) -> Failure {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    };
    let kinds: Vec<_> = arguments.iter().map(kind).collect();
    Failure::refused(format!(
        "found no matching overload for ({})",
        kinds.join(", ")
    ))
}

fn or_null(record: Option<Record>) -> Value {
    record.map_or(Value::Null, |record| record.to_value())
}

fn list(records: Vec<Record>) -> Value {
    records.iter().map(Record::to_value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_and_secrets_are_for_run_time() {
        for source in [
            "env.HOME",
            "'a' + env.X",
            "vault.get('v', 'k')",
            "vault.get ('v')",
        ] {
            assert!(is_for_run_time(source), "{source}");
        }
        for source in ["self.env", "my_env.X", "vault.getter", "environment.x"] {
            assert!(!is_for_run_time(source), "{source}");
        }
    }

    #[test]
    fn the_environment_is_put_in_at_run_time() {
        let text = "id: i\nname: n\nglobalArguments:\n  a: '${{ env.X }}/${{ self.name }}'\n";
        let definition = Definition::parse(text, "command/shell").expect("a definition");
        let found = at_run_time(&definition, &Environment::with(&[("X", "y")])).expect("a value");
        assert_eq!(found.global_arguments()["a"], "y/${{ self.name }}");
        let error =
            at_run_time(&definition, &Environment::default()).expect_err("no such variable");
        assert!(
            error
                .to_string()
                .starts_with("Invalid expression: No such key: X"),
            "{error}"
        );
    }

    #[test]
    fn strictness_decides_about_errors() {
        let scope = Scope::new(Numbers::Exact);
        let value = |source, strictness| evaluated(source, &scope, strictness);
        assert_eq!(value("1 + 1", Strictness::Lenient), Ok(Some(json!(2))));
        assert_eq!(value("nope", Strictness::Lenient), Ok(None));
        assert!(value("nope", Strictness::Strict).is_err());
        assert_eq!(value("1 +", Strictness::Strict), Ok(None));
        assert!(value("1 +", Strictness::Pedantic).is_err());
    }
}
