//! Where expressions stand in a value, and putting their values in their place.

use std::collections::BTreeMap;

use serde_json::Value;

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// The values of expressions, by how these are written: with braces and all.
pub type Values = BTreeMap<String, Value>;

/// The expressions in all texts of a value, as they are written, in order, each once.
pub fn expressions(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => {
            for raw in in_text(text) {
                if !found.contains(&raw) {
                    found.push(raw);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(entries) => entries.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// The expressions in a text. The first `}}` ends an expression, even if a map literal was meant.
fn in_text(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(OPEN).map(|open| at + open) {
        let inside = &text[open + OPEN.len()..];
        let blank = inside.len() - inside.trim_start().len();
        // There is at least one character between the braces.
        let least = blank + inside[blank..].chars().next().map_or(0, char::len_utf8);
        let Some(close) = inside[least..].find(CLOSE) else {
            break;
        };
        let end = open + OPEN.len() + least + close + CLOSE.len();
        found.push(&text[open..end]);
        at = end;
    }
    found
}

/// The CEL in an expression.
pub fn source(raw: &str) -> &str {
    let inside = raw.strip_prefix(OPEN).unwrap_or(raw);
    inside.strip_suffix(CLOSE).unwrap_or(inside).trim()
}

/// The value with the expressions replaced that `values` knows. A text that is one expression
/// becomes its value; within a text, null is nothing and what is no scalar is JSON.
pub fn replaced(value: &Value, values: &Values) -> Value {
    match value {
        Value::String(text) => in_place(text, values),
        Value::Array(items) => items.iter().map(|item| replaced(item, values)).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), replaced(value, values)))
            .collect(),
        scalar => scalar.clone(),
    }
}

fn in_place(text: &str, values: &Values) -> Value {
    if let [raw] = in_text(text).as_slice()
        && text.trim_end() == *raw
    {
        return values.get(*raw).cloned().unwrap_or_else(|| text.into());
    }
    let mut out = String::new();
    let mut rest = text;
    for raw in in_text(text) {
        let (before, behind) = rest.split_once(raw).unwrap_or((rest, ""));
        out.push_str(before);
        match values.get(raw) {
            None => out.push_str(raw),
            Some(Value::Null) => {}
            Some(Value::String(text)) => out.push_str(text),
            Some(scalar @ (Value::Bool(_) | Value::Number(_))) => out.push_str(&scalar.to_string()),
            Some(other) => out.push_str(&format!("{other:#}")),
        }
        rest = behind;
    }
    (out + rest).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_are_found_at_any_depth_once() {
        let value = json!({"a": "x ${{ b }} ${{c}} y", "d": ["${{ b }}", {"e": "${{\nf\n}}"}], "g": 1, "h": "${{ i }"});
        assert_eq!(expressions(&value), ["${{ b }}", "${{c}}", "${{\nf\n}}"]);
        assert_eq!(source("${{\nf\n}}"), "f");
    }

    #[test]
    fn the_first_closing_braces_count() {
        assert_eq!(in_text("${{ {'a': {}} }}"), ["${{ {'a': {}}"]);
        assert_eq!(in_text("${{}} }}"), ["${{}} }}"]);
        assert_eq!(in_text("${{ "), Vec::<&str>::new());
    }

    #[test]
    fn a_whole_text_takes_the_type_of_its_value() {
        let values: Values = [
            ("${{ a }}", json!([1])),
            ("${{ n }}", json!(null)),
            ("${{ t }}", json!("x")),
        ]
        .map(|(raw, value)| (raw.to_owned(), value))
        .into();
        let value =
            json!({"k": "${{ a }} ", "l": "${{ n }}", "m": " ${{ t }}${{ n }} ${{ a }} ${{ o }}!"});
        let expected = json!({"k": [1], "l": null, "m": " x [\n  1\n] ${{ o }}!"});
        assert_eq!(replaced(&value, &values), expected);
    }
}
