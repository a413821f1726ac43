//! An expression that can be evaluated.

use cel::common::ast::{Expr, SourceInfo};
use cel::parser::Parser;
use cel::{ExecutionError, IdedExpr};
use serde_json::Value;

use super::excerpt::{SyntaxError, mark};
use super::scope::Scope;
use super::{syntax, value};

/// A parsed expression.
#[derive(Debug)]
pub struct Expression {
    source: String,
    tree: IdedExpr,
    places: SourceInfo,
    names: Vec<String>,
}

/// The failure of an evaluation.
#[derive(Debug)]
pub struct Fault(ExecutionError);

impl Expression {
    /// Parses `source`.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        let names = syntax::names(source)?;
        let (tree, places) = Parser::new()
            // The recogniser has its own limit; this one counts rules of a grammar.
            .max_recursion_depth(u16::MAX)
            .parse_with_source_info(source)
            .map_err(|errors| {
                let first = errors.errors.into_iter().next();
                SyntaxError::new(first.map(|error| error.msg).unwrap_or_default(), source, 0)
            })?;
        let source = source.to_owned();
        Ok(Self {
            source,
            tree,
            places,
            names,
        })
    }

    /// The names that it refers to, in order, with repetitions.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it refers to this name.
    pub fn mentions(&self, name: &str) -> bool {
        self.names.iter().any(|other| other == name)
    }

    /// Its value.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, Fault> {
        let result = scope.resolve(&self.tree).map_err(Fault)?;
        Ok(scope.to_json(&self.tree, &result))
    }

    /// What swamp says of a failed evaluation: the message, and where it is known the place.
    pub fn explain(&self, scope: &Scope, fault: &Fault) -> String {
        let message = message(&fault.0);
        if matches!(fault.0, ExecutionError::FunctionError { .. }) {
            return message;
        }
        let culprit = culprit(&self.tree, scope).unwrap_or(&self.tree);
        mark(&message, &self.source, self.place(culprit))
    }

    /// The byte that swamp's caret stands below: the first of the expression, but for a field that of its name.
    fn place(&self, expression: &IdedExpr) -> usize {
        let offset = |expression: &IdedExpr| {
            self.places
                .offset_for(expression.id)
                .map_or(0, |(start, _)| start as usize)
        };
        if let Expr::Select(select) = &expression.expr {
            let behind = self.source.get(offset(expression)..).unwrap_or_default();
            let at = behind.find(&select.field).unwrap_or_default();
            return self.source.len() - behind.len() + at;
        }
        let mut leftmost = offset(expression);
        for child in value::children(expression) {
            leftmost = leftmost.min(self.place(child));
        }
        leftmost
    }
}

/// The innermost expression that fails.
fn culprit<'e>(expression: &'e IdedExpr, scope: &Scope) -> Option<&'e IdedExpr> {
    scope.resolve(expression).err()?;
    value::children(expression)
        .into_iter()
        .find_map(|child| culprit(child, scope))
        .or(Some(expression))
}

fn message(error: &ExecutionError) -> String {
    match error {
        ExecutionError::FunctionError { message, .. } => message.clone(),
        ExecutionError::UndeclaredReference(name) => format!("Unknown variable: {name}"),
        ExecutionError::DivisionByZero(_) => "division by zero".to_owned(),
        ExecutionError::RemainderByZero(_) => "modulo by zero".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cel::value::Numbers;
    use serde_json::json;

    fn scope() -> Scope {
        let mut scope = Scope::new(Numbers::Exact);
        scope.set("record", &json!({"z": 1, "a": {"k": [1, 2]}, "n": 2}));
        scope.function("data.latest", |arguments| match arguments.as_slice() {
            [name] if name == "bad" => Err("Ambiguous".to_owned()),
            _ => Ok(json!({"name": arguments, "attributes": {}})),
        });
        scope
    }

    fn evaluated(source: &str) -> Result<Value, String> {
        let expression = Expression::parse(source).map_err(|error| error.to_string())?;
        let scope = scope();
        expression
            .evaluate(&scope)
            .map_err(|fault| expression.explain(&scope, &fault))
    }

    #[test]
    fn maps_keep_their_order() {
        let value = evaluated("{'y': record, 'b': data.latest('m')}").expect("a value");
        assert_eq!(
            value.to_string(),
            r#"{"y":{"z":1,"a":{"k":[1,2]},"n":2},"b":{"name":["m"],"attributes":{}}}"#
        );
        assert_eq!(evaluated("record.z + 1 == record.n"), Ok(json!(true)));
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(evaluated("data.latest('bad').x"), Err("Ambiguous".into()));
        let missing = "No such key: x\n\n>    1 | data.latest('m').attributes.x\n";
        assert_eq!(
            evaluated("data.latest('m').attributes.x"),
            Err(format!("{missing}{}^", " ".repeat(9 + 28)))
        );
        assert_eq!(
            evaluated("1 + nope"),
            Err(format!(
                "Unknown variable: nope\n\n>    1 | 1 + nope\n{}^",
                " ".repeat(13)
            ))
        );
        assert!(
            evaluated("1 +")
                .expect_err("no expression")
                .starts_with("Unexpected token: EOF")
        );
    }

    #[test]
    fn names_are_known() {
        let expression = Expression::parse("record.z == other").expect("an expression");
        assert!(expression.mentions("other") && !expression.mentions("z"));
        assert_eq!(expression.names(), ["record", "other"]);
    }
}
