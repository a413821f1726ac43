//! `--input`: values that the user gives to a method.

use serde_json::{Map, Value};

use crate::errors::{Failure, Result};

/// Reads all `--input` options, each `key=value`.
pub fn parse(given: &[String]) -> Result<Map<String, Value>> {
    let mut inputs = Map::new();
    for entry in given {
        let Some((key, value)) = entry.split_once('=') else {
            return Err(Failure::refused(format!(
                "Invalid input format: \"{entry}\". Expected key=value format."
            )));
        };
        inputs.insert(key.to_owned(), value.into());
    }
    Ok(inputs)
}
