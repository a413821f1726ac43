//! `--input`: values that the user gives to a method.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Map, Value};

use crate::errors::{Failure, Result};

/// Reads all `--input` options: one JSON object, or `key=value` as often as there are values. `\@` is a literal `@`;
/// `@path` is the content of a file, and `key:json=…` is a value in JSON. Paths are seen from `cwd`.
pub fn parse(given: &[String], cwd: &Path) -> Result<Map<String, Value>> {
    if let [only] = given
        && only.trim_start().starts_with('{')
    {
        return match serde_json::from_str(only) {
            Ok(Value::Object(entries)) => Ok(entries),
            Ok(_) => Err(Failure::refused("Input must be a JSON object")),
            Err(error) => Err(Failure::refused(format!(
                "Invalid JSON in --input: {error}"
            ))),
        };
    }
    let mut inputs = Map::new();
    for entry in given {
        let Some((key, text)) = entry.split_once('=') else {
            return Err(Failure::refused(format!(
                "Invalid input format: \"{entry}\". Expected key=value format."
            )));
        };
        if key.is_empty() {
            return Err(Failure::refused(format!(
                "Invalid input: empty key in \"{entry}\"."
            )));
        }
        let (key, value) = match json_key(key) {
            Some(key) => (key, json_value(key, text)?),
            None => (key, Value::String(text_value(key, text, cwd)?)),
        };
        let path: Vec<&str> = key.split('.').collect();
        set(&mut inputs, &path, value);
    }
    Ok(inputs)
}

/// The key in front of `:json`, where that is not all of its last part.
fn json_key(key: &str) -> Option<&str> {
    key.strip_suffix(":json")
        .filter(|key| !key.is_empty() && !key.ends_with('.'))
}

fn json_value(key: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Failure::refused(format!("Invalid JSON value for input \"{key}\": {error}"))
    })
}

fn text_value(key: &str, text: &str, cwd: &Path) -> Result<String> {
    if let Some(literal) = text.strip_prefix("\\@") {
        return Ok(format!("@{literal}"));
    }
    let Some(path) = text.strip_prefix('@').filter(|_| !is_scoped(text)) else {
        return Ok(text.to_owned());
    };
    fs::read_to_string(cwd.join(path)).map_err(|error| {
        Failure::refused(match error.kind() {
            ErrorKind::NotFound => format!(
                "Input file not found for key \"{key}\": {path}. Values starting with @ are read as file paths; use \
                 \\@ for a literal @ or :json suffix to bypass"
            ),
            _ => format!("Failed to read input file for key \"{key}\": {error}"),
        })
    })
}

/// `@collective/name`, which is no path.
fn is_scoped(text: &str) -> bool {
    let word = |part: &str, more: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c) || more.contains(c))
    };
    text.strip_prefix('@')
        .and_then(|scoped| scoped.split_once('/'))
        .is_some_and(|(collective, name)| {
            collective.starts_with(|c: char| c.is_ascii_alphabetic())
                && word(collective, "")
                && word(name, "/")
        })
}

/// Puts a value at a path of keys; what is in its way and no mapping is replaced.
fn set(entries: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [key] => {
            entries.insert((*key).to_owned(), value);
        }
        [key, rest @ ..] => {
            let nested = entries.entry(*key).or_insert(Value::Null);
            if !nested.is_object() {
                *nested = Value::Object(Map::new());
            }
            if let Value::Object(nested) = nested {
                set(nested, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(given: &[&str]) -> Result<Value> {
        let given: Vec<_> = given.iter().map(|text| (*text).to_owned()).collect();
        parse(&given, Path::new("/nonexistent")).map(Value::Object)
    }

    #[test]
    fn keys_and_values() {
        assert_eq!(
            parsed(&[
                "run=echo a=b",
                "env.A=1",
                "env.B:json=[2]",
                "n:json=3",
                "e="
            ]),
            Ok(json!({"run": "echo a=b", "env": {"A": "1", "B": [2]}, "n": 3, "e": ""}))
        );
        assert_eq!(parsed(&[" {\"run\": 1}"]), Ok(json!({"run": 1})));
        assert_eq!(
            parsed(&["a=\\@x", "b=@uat/probe"]),
            Ok(json!({"a": "@x", "b": "@uat/probe"}))
        );
    }

    #[test]
    fn what_is_no_input_is_refused() {
        for (given, message) in [
            (
                "run",
                "Invalid input format: \"run\". Expected key=value format.",
            ),
            ("=x", "Invalid input: empty key in \"=x\"."),
            (
                "a=@nope",
                "Input file not found for key \"a\": nope. Values starting with @ are read as file paths; use \\@ for a \
                 literal @ or :json suffix to bypass",
            ),
        ] {
            let error = parsed(&[given]).expect_err(given);
            assert_eq!(error.to_string(), message);
        }
        assert!(parsed(&["{"]).is_err());
        assert!(parsed(&["a:json={"]).is_err());
    }
}
