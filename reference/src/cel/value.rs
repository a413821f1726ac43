//! Values of JSON and of CEL.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, LiteralValue};
use cel::objects::{Key, Map as CelMap};
use cel::{IdedExpr, Value as Cel};
use serde_json::{Map, Number, Value};

/// What a number of JSON is in CEL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Always a double, as in predicates: `size + 1` has no overload there.
    Doubles,
    /// An int where it is a whole number.
    Exact,
}

/// The keys of maps in the order in which they were first seen. Maps of the `cel` crate forget it, and swamp prints it.
#[derive(Debug, Clone, Default)]
pub struct KeyOrder(HashMap<String, usize>);

impl KeyOrder {
    fn see(&mut self, key: &str) {
        let next = self.0.len();
        if !self.0.contains_key(key) {
            self.0.insert(key.to_owned(), next);
        }
    }

    /// Sees the keys of a value.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(entries) => {
                entries.keys().for_each(|key| self.see(key));
                entries.values().for_each(|value| self.learn(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    /// Sees the keys of the map literals of an expression.
    pub fn learn_literals(&mut self, expression: &IdedExpr) {
        if let Expr::Map(map) = &expression.expr {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr
                    && let Expr::Literal(LiteralValue::String(key)) = &entry.key.expr
                {
                    self.see(key.inner());
                }
            }
        }
        for child in children(expression) {
            self.learn_literals(child);
        }
    }

    /// This order, and behind it the other.
    pub fn then(mut self, other: &Self) -> Self {
        let mut keys: Vec<_> = other.0.iter().collect();
        keys.sort_by_key(|(_, rank)| **rank);
        keys.into_iter().for_each(|(key, _)| self.see(key));
        self
    }

    fn rank(&self, key: &str) -> usize {
        self.0.get(key).copied().unwrap_or(usize::MAX)
    }
}

/// The expressions that an expression is made of. Those of a comprehension are its own affair: they need its variables.
pub fn children(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map
            .entries
            .iter()
            .flat_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                EntryExpr::StructField(field) => vec![&field.value],
            })
            .collect(),
        Expr::Comprehension(comprehension) => vec![&comprehension.iter_range],
        _ => Vec::new(),
    }
}

/// A value of JSON as one of CEL.
pub fn to_cel(value: &Value, numbers: Numbers) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(bool) => Cel::Bool(*bool),
        Value::Number(number) => number_to_cel(number, numbers),
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => {
            let items: Vec<Cel> = items.iter().map(|item| to_cel(item, numbers)).collect();
            Cel::List(Arc::new(items))
        }
        Value::Object(entries) => {
            let map: HashMap<Key, Cel> = entries
                .iter()
                .map(|(key, value)| (Key::from(key.clone()), to_cel(value, numbers)))
                .collect();
            Cel::Map(CelMap { map: Arc::new(map) })
        }
    }
}

fn number_to_cel(number: &Number, numbers: Numbers) -> Cel {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) if numbers == Numbers::Exact => Cel::Int(whole),
        (_, float) => Cel::Float(float.unwrap_or_default()),
    }
}

/// A value of CEL as one of JSON. What JSON has no form for is null.
pub fn to_json(value: &Cel, order: &KeyOrder) -> Value {
    match value {
        Cel::Bool(bool) => Value::Bool(*bool),
        Cel::Int(int) => Value::from(*int),
        Cel::UInt(uint) => Value::from(*uint),
        Cel::Float(float) => float_to_json(*float),
        Cel::String(text) => Value::String(text.as_ref().clone()),
        Cel::List(items) => items.iter().map(|item| to_json(item, order)).collect(),
        Cel::Map(map) => {
            // First by name: keys that were never seen have no order at all.
            let named: BTreeMap<String, &Cel> = map
                .map
                .iter()
                .map(|(key, value)| (key_text(key), value))
                .collect();
            let mut entries: Vec<_> = named.into_iter().collect();
            entries.sort_by_key(|(key, _)| order.rank(key));
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key, to_json(value, order)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// JavaScript prints `1` for 1.0.
fn float_to_json(float: f64) -> Value {
    if float.fract() == 0.0 && float.abs() < 9e15 {
        return Value::from(float as i64);
    }
    Number::from_f64(float).map_or(Value::Null, Value::Number)
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Int(int) => int.to_string(),
        Key::Uint(uint) => uint.to_string(),
        Key::Bool(bool) => bool.to_string(),
        Key::String(text) => text.as_ref().clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_comes_back_with_its_order() {
        let value = json!({"z": [1, 2.5, null], "a": {"y": true, "b": "x"}, "m": -3});
        let mut order = KeyOrder::default();
        order.learn(&value);
        for numbers in [Numbers::Doubles, Numbers::Exact] {
            let back = to_json(&to_cel(&value, numbers), &order);
            assert_eq!(back.to_string(), value.to_string());
        }
    }

    #[test]
    fn keys_of_literals_are_seen_in_order() {
        let expression = cel::parser::Parser::new()
            .parse("[{'z': {'k': 1}, 'a': 2}]")
            .expect("an expression");
        let mut order = KeyOrder::default();
        order.learn_literals(&expression);
        assert!(order.rank("z") < order.rank("a") && order.rank("a") < order.rank("k"));
        assert_eq!(order.rank("none"), usize::MAX);
    }

    #[test]
    fn whole_numbers_are_ints_only_where_asked() {
        assert_eq!(to_cel(&json!(7), Numbers::Exact), Cel::Int(7));
        assert_eq!(to_cel(&json!(7), Numbers::Doubles), Cel::Float(7.0));
        assert_eq!(
            to_json(&Cel::Float(1e300), &KeyOrder::default()),
            json!(1e300)
        );
    }
}
