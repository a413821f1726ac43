//! CEL. The `cel` crate parses and evaluates; what it cannot give is added here: swamp's words for
//! what does not parse, as far as scenarios show them, and the order of keys in maps, which are hash
//! maps in that crate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use cel::common::ast::{EntryExpr, Expr, LiteralValue, MapExpr};
use cel::extractors::Arguments;
use cel::objects::{Key, Map};
use cel::parser::{ParseError, Parser};
use cel::{Context, ExecutionError, IdedExpr, Value as Cel};
use serde_json::{Number, Value};

/// The stack that parsing has.
const STACK: usize = 512 << 20;
/// How many levels an expression may have.
const DEEPEST: usize = 50;

/// A parsed expression.
#[derive(Debug)]
pub struct Expression {
    tree: IdedExpr,
    names: Vec<String>,
}

impl Expression {
    /// Parses `source`. The error says what is wrong, and where.
    pub fn parse(source: &str) -> Result<Self, String> {
        // The parser takes much stack for each level; what comes out of it is no deeper than
        // `DEEPEST`, which any stack has room for.
        thread::scope(|scope| {
            let parser = thread::Builder::new().stack_size(STACK);
            let parsed = parser.spawn_scoped(scope, || Self::parse_here(source));
            let parsed = parsed.map_err(|error| format!("no thread to parse in: {error}"))?;
            parsed.join().map_err(|_| "the parser broke".to_owned())?
        })
    }

    fn parse_here(source: &str) -> Result<Self, String> {
        let tree = Parser::new().parse(source).map_err(|errors| {
            let first = errors.errors.first();
            first.map_or_else(String::new, |error| in_words(error, source))
        })?;
        if depth(&tree) > DEEPEST {
            return Err(format!(
                "The reference evaluates no expression of more than {DEEPEST} levels"
            ));
        }
        let mut names = Vec::new();
        collect_names(&tree, &mut names);
        Ok(Self { tree, names })
    }

    /// The names that it refers to, in order, with repetitions; not those of functions and fields.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Its value. The error is the message for the user.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, String> {
        match Cel::resolve(&self.tree, &scope.context) {
            Ok(value) => {
                let mut order = scope.order.lock();
                order.learn_literals(&self.tree);
                Ok(to_json(&value, &order))
            }
            Err(ExecutionError::FunctionError { message, .. }) => Err(message),
            Err(ExecutionError::UndeclaredReference(name)) => {
                Err(format!("Unknown variable: {name}"))
            }
            Err(other) => Err(other.to_string()),
        }
    }
}

/// What numbers are, which JSON does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Always doubles, as in predicates: `size + 1` has no overload there.
    Doubles,
    /// Ints where they are whole.
    Exact,
}

/// The variables and functions that an expression can refer to, beside those of CEL.
pub struct Scope {
    context: Context<'static, 'static>,
    order: Shared,
    numbers: Numbers,
}

impl Scope {
    /// A scope with nothing but CEL's own functions.
    pub fn new(numbers: Numbers) -> Self {
        Self {
            context: Context::default(),
            order: Shared::default(),
            numbers,
        }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: &Value) {
        self.order.lock().learn(value);
        let value = to_cel(value, self.numbers);
        self.context.add_variable_from_value(name, value);
    }

    /// Adds a function, such as `data.latest`. What it fails with is the message for the user.
    pub fn function<F>(&mut self, name: &'static str, function: F)
    where
        F: Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static,
    {
        let (order, numbers) = (self.order.clone(), self.numbers);
        let call = move |Arguments(arguments): Arguments| -> Result<Cel, ExecutionError> {
            let arguments = arguments.iter();
            let arguments: Vec<_> = arguments.map(|it| to_json(it, &order.lock())).collect();
            let result = function(&arguments)
                .map_err(|message| ExecutionError::function_error(name, message))?;
            order.lock().learn(&result);
            Ok(to_cel(&result, numbers))
        };
        // It fails only for a name that CEL has itself, and none of ours is.
        let _ = self.context.add_function(name, call);
    }
}

/// The keys of maps as they were written, by the same keys in alphabetical order.
#[derive(Default)]
struct Order(HashMap<Vec<String>, Vec<String>>);

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Order>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    fn see(&mut self, keys: Vec<String>) {
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        self.0.entry(sorted).or_insert(keys);
    }

    /// Sees the maps in a value.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(entries) => {
                self.see(entries.keys().cloned().collect());
                entries.values().for_each(|value| self.learn(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    /// Sees the maps that an expression is made of.
    fn learn_literals(&mut self, expression: &IdedExpr) {
        if let Expr::Map(map) = &expression.expr {
            let keys = entries(map).filter_map(|(key, _)| match &key.expr {
                Expr::Literal(LiteralValue::String(key)) => Some(key.inner().to_owned()),
                _ => None,
            });
            self.see(keys.collect());
        }
        for part in parts(expression) {
            self.learn_literals(part);
        }
    }

    fn sorted(&self, mut keys: Vec<String>) -> Vec<String> {
        keys.sort_unstable();
        self.0.get(&keys).cloned().unwrap_or(keys)
    }
}

/// A value of JSON as one of CEL.
fn to_cel(value: &Value, numbers: Numbers) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(bool) => Cel::Bool(*bool),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if numbers == Numbers::Exact => Cel::Int(whole),
            _ => Cel::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => {
            let items: Vec<Cel> = items.iter().map(|item| to_cel(item, numbers)).collect();
            Cel::List(Arc::new(items))
        }
        Value::Object(entries) => {
            let entries = entries.iter();
            let map: HashMap<Key, Cel> = entries
                .map(|(key, value)| (Key::from(key.clone()), to_cel(value, numbers)))
                .collect();
            Cel::Map(Map { map: Arc::new(map) })
        }
    }
}

/// A value of CEL as one of JSON. What JSON has no form for is null.
fn to_json(value: &Cel, order: &Order) -> Value {
    match value {
        Cel::Bool(bool) => Value::Bool(*bool),
        Cel::Int(int) => Value::from(*int),
        Cel::UInt(uint) => Value::from(*uint),
        // JavaScript prints `1` for 1.0.
        Cel::Float(float) if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
            Value::from(*float as i64)
        }
        Cel::Float(float) => Number::from_f64(*float).map_or(Value::Null, Value::Number),
        Cel::String(text) => Value::String(text.as_ref().clone()),
        Cel::List(items) => items.iter().map(|item| to_json(item, order)).collect(),
        Cel::Map(map) => {
            let entries = map.map.iter();
            let mut values: HashMap<String, Value> = entries
                .map(|(key, value)| (key.to_string(), to_json(value, order)))
                .collect();
            let keys = order.sorted(values.keys().cloned().collect());
            let taken = |key: String| values.remove(&key).map(|value| (key, value));
            Value::Object(keys.into_iter().filter_map(taken).collect())
        }
        _ => Value::Null,
    }
}

fn depth(expression: &IdedExpr) -> usize {
    let parts = parts(expression).into_iter().map(depth);
    1 + parts.max().unwrap_or_default()
}

fn collect_names(expression: &IdedExpr, names: &mut Vec<String>) {
    match &expression.expr {
        Expr::Ident(name) => names.push(name.clone()),
        // `list.all(x, …)`: for swamp its own variable is a name like any other.
        Expr::Comprehension(it) => {
            collect_names(&it.iter_range, names);
            names.push(it.iter_var.clone());
            let mut inner = Vec::new();
            collect_names(&it.loop_step, &mut inner);
            names.extend(inner.into_iter().filter(|name| *name != it.accu_var));
        }
        _ => {
            for part in parts(expression) {
                collect_names(part, names);
            }
        }
    }
}

/// The expressions that an expression is made of.
fn parts(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => entries(map).flat_map(|(key, value)| [key, value]).collect(),
        Expr::Comprehension(it) => vec![&it.iter_range, &it.loop_step],
        _ => Vec::new(),
    }
}

fn entries(map: &MapExpr) -> impl Iterator<Item = (&IdedExpr, &IdedExpr)> {
    map.entries.iter().filter_map(|entry| match &entry.expr {
        EntryExpr::MapEntry(entry) => Some((&entry.key, &entry.value)),
        EntryExpr::StructField(_) => None,
    })
}

/// What is wrong with `source`, in swamp's words where they are known, and the line with a caret
/// below the place.
fn in_words(error: &ParseError, source: &str) -> String {
    let line = usize::try_from(error.pos.0).unwrap_or_default().max(1);
    let column = usize::try_from(error.pos.1).unwrap_or_default().max(1) - 1;
    let text = source.split('\n').nth(line - 1).unwrap_or_default();
    let here = text
        .char_indices()
        .nth(column)
        .map_or("", |(at, _)| &text[at..]);
    let unfinished = "mismatched input '<EOF>' expecting {'[', '{', '('";
    let is_last = source.split('\n').count() == line;
    let message = if let Some(name) = error.msg.strip_prefix("reserved identifier: ") {
        format!("Reserved identifier: {name}")
    } else if error.msg.contains(unfinished) {
        "Unexpected token: EOF".to_owned()
    } else if here.starts_with(['"', '\''])
        && error.msg.contains("token recognition error")
        && is_last
        && !["\"\"\"", "'''"].iter().any(|three| text.contains(three))
    {
        "Unterminated string".to_owned()
    } else {
        format!("No CEL, in words that are not swamp's: {}", error.msg)
    };
    format!(
        "{message}\n\n> {line:>4} | {text}\n{}^",
        " ".repeat(9 + column)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn evaluated(source: &str) -> Result<Value, String> {
        let mut scope = Scope::new(Numbers::Exact);
        scope.set("record", &json!({ "z": 1, "a": { "k": [1, 2] }, "n": 2.5 }));
        scope.function("m.f", |arguments| match arguments {
            [bad] if bad == "bad" => Err("Ambiguous".to_owned()),
            _ => Ok(json!({ "name": arguments, "attributes": {} })),
        });
        Expression::parse(source)?.evaluate(&scope)
    }

    #[test]
    fn maps_keep_their_order() {
        let value = evaluated("{'y': record, 'b': m.f('m', 1)}").expect("a value");
        assert_eq!(
            value.to_string(),
            r#"{"y":{"z":1,"a":{"k":[1,2]},"n":2.5},"b":{"name":["m",1],"attributes":{}}}"#
        );
    }

    #[test]
    fn numbers_are_ints_only_where_asked() {
        assert_eq!(
            evaluated("record.z + 1 == 2 && record.a.k.size() > 1"),
            Ok(json!(true))
        );
        let mut scope = Scope::new(Numbers::Doubles);
        scope.set("size", &json!(7));
        let value = |source| Expression::parse(source)?.evaluate(&scope);
        assert_eq!(value("size > 6 ? size : 0.0"), Ok(json!(7)));
        assert!(value("size + 1").is_err());
    }

    #[test]
    fn names_are_neither_functions_nor_fields() {
        let names = |source| Expression::parse(source).map(|parsed| parsed.names);
        let found = names("size(a.b[c]) > 1 ? m.f(e) : [g, {\"k\": !h}].all(x, x == a)");
        let expected = ["a", "c", "m", "e", "g", "h", "x", "x", "a"];
        assert_eq!(found, Ok(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn errors_say_what_and_where() {
        for (source, message) in [
            (
                "a ==",
                "Unexpected token: EOF\n\n>    1 | a ==\n             ^",
            ),
            (
                "a\n== 'b",
                "Unterminated string\n\n>    2 | == 'b\n            ^",
            ),
            (
                "namespace",
                "Reserved identifier: namespace\n\n>    1 | namespace\n         ^",
            ),
            ("record.x", "No such key: x"),
            ("nope", "Unknown variable: nope"),
            ("m.f('bad').x", "Ambiguous"),
        ] {
            assert_eq!(evaluated(source), Err(message.to_owned()), "{source}");
        }
        for source in ["a b", "a = b", "(a", "[1", "'a\nb'", "\"\"\"a"] {
            let error = evaluated(source).expect_err("no CEL");
            assert!(
                error.starts_with("No CEL, in words that are not swamp's: "),
                "{error}"
            );
        }
    }

    #[test]
    fn nesting_has_its_limits() {
        for (levels, fits) in [(40, true), (1000, false)] {
            let nested = evaluated(&format!("{}1{}", "(".repeat(levels), ")".repeat(levels)));
            assert_eq!(nested.is_ok(), fits, "{nested:?}");
            let chain = evaluated(&format!("1{}", " + 1".repeat(levels)));
            assert_eq!(chain.is_ok(), fits, "{chain:?}");
        }
        assert_eq!(
            evaluated(&format!("{}true", "!".repeat(10_000))),
            Ok(json!(true))
        );
        assert_eq!(
            evaluated(&format!("true{}", " && true".repeat(1000))),
            Ok(json!(true))
        );
    }
}
