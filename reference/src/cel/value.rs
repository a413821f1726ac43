//! Values of JSON and of CEL.

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr, LiteralValue};
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

/// The order of keys in maps. Maps of the `cel` crate have none, and swamp prints them as they were written: a map with
/// the keys of one that was seen gets its order, any other map that in which its keys were first seen.
#[derive(Debug, Clone, Default)]
pub struct KeyOrder {
    shapes: HashMap<Vec<String>, Vec<String>>,
    ranks: HashMap<String, usize>,
}

impl KeyOrder {
    fn see(&mut self, keys: Vec<String>) {
        for key in &keys {
            let next = self.ranks.len();
            self.ranks.entry(key.clone()).or_insert(next);
        }
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        self.shapes.entry(sorted).or_insert(keys);
    }

    /// Sees the maps in a value.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(entries) => {
                self.see(entries.keys().cloned().collect());
                entries.values().for_each(|value| self.learn(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    /// Sees the map literals of an expression.
    pub fn learn_literals(&mut self, expression: &IdedExpr) {
        if let Expr::Map(map) = &expression.expr {
            self.see(map.entries.iter().filter_map(literal_key).collect());
        }
        for child in children(expression) {
            self.learn_literals(child);
        }
    }

    /// Puts keys in their order.
    fn sort(&self, mut keys: Vec<String>) -> Vec<String> {
        keys.sort_unstable();
        if let Some(seen) = self.shapes.get(&keys) {
            return seen.clone();
        }
        let rank = |key: &String| self.ranks.get(key).copied().unwrap_or(usize::MAX);
        keys.sort_by_key(rank);
        keys
    }
}

fn literal_key(entry: &IdedEntryExpr) -> Option<String> {
    match &entry.expr {
        EntryExpr::MapEntry(entry) => match &entry.key.expr {
            Expr::Literal(LiteralValue::String(key)) => Some(key.inner().to_owned()),
            _ => None,
        },
        EntryExpr::StructField(_) => None,
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
            let mut values: HashMap<String, Value> = map
                .map
                .iter()
                .map(|(key, value)| (key_text(key), to_json(value, order)))
                .collect();
            let keys = order.sort(values.keys().cloned().collect());
            let entry = |key: String| values.remove(&key).map(|value| (key, value));
            Value::Object(keys.into_iter().filter_map(entry).collect::<Map<_, _>>())
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
        let sorted = |keys: &[&str]| order.sort(keys.iter().map(|key| (*key).to_owned()).collect());
        assert_eq!(sorted(&["a", "z"]), ["z", "a"]);
        // No such map was seen, but its keys were, and one was not.
        assert_eq!(sorted(&["new", "k", "a"]), ["a", "k", "new"]);
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
