//! Values that the user gives to a run: `--input`, `--input-file`, `--tag`.

use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value};

use crate::args::GivenToRun;
use crate::config::yaml;
use crate::data::lifetime;
use crate::errors::{Failure, Result};
use crate::files;

/// Reads all inputs of a run, those of its file seen from `cwd`.
pub fn of(given: &GivenToRun, cwd: &Path) -> Result<Map<String, Value>> {
    let mut inputs = Map::new();
    if given.stdin {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| Failure::broken(error.to_string()))?;
        // JSON is YAML, too.
        match yaml::read(&text) {
            Ok(Value::Object(piped)) => inputs.extend(piped),
            _ => {
                return Err(Failure::not_implemented(
                    "inputs on stdin that are no single mapping",
                ));
            }
        }
    }
    inputs.extend(parse(given.input_file.as_deref(), &given.input, cwd)?);
    Ok(inputs)
}

/// Reads the file of inputs, seen from `cwd`, and all `--input` options: each is `key=value`, or an
/// object of JSON.
pub fn parse(file: Option<&str>, given: &[String], cwd: &Path) -> Result<Map<String, Value>> {
    let mut inputs = Map::new();
    if let Some(file) = file {
        let text = files::read_if_there(&files::resolve(cwd, file))?
            .ok_or_else(|| Failure::refused(format!("Input file not found: {file}")))?;
        match yaml::read(&text) {
            Ok(Value::Object(of_file)) => inputs.extend(of_file),
            Ok(_) => {
                return Err(Failure::not_implemented(
                    "a file of inputs that is no mapping",
                ));
            }
            Err(error) => return Err(Failure::syntax(format!("{file}: {error}"))),
        }
    }
    for entry in given {
        if let Ok(Value::Object(of_json)) = serde_json::from_str(entry) {
            inputs.extend(of_json);
            continue;
        }
        let Some((key, value)) = entry.split_once('=') else {
            return Err(Failure::refused(format!(
                "Invalid input format: \"{entry}\". Expected key=value format."
            )));
        };
        inputs.insert(key.to_owned(), value.into());
    }
    Ok(inputs)
}

/// Reads all `--tag` options, each `KEY=VALUE`.
pub fn tags(given: &[String]) -> Result<Map<String, Value>> {
    let pair = |tag: &String| {
        let pair = tag.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, value) = pair.ok_or_else(|| {
            Failure::refused(format!("Invalid tag format: \"{tag}\". Expected KEY=VALUE"))
        })?;
        Ok((key.to_owned(), value.into()))
    };
    given.iter().map(pair).collect()
}

/// What a run was given beside the name of what is to run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// Its inputs.
    pub inputs: Map<String, Value>,
    /// The tags of what it writes.
    pub tags: Map<String, Value>,
}

/// Reads a limit: seconds, or a duration. Nothing that runs here asks whether it is over.
pub fn check_timeout(limit: Option<&str>) -> Result<()> {
    let is_sound =
        |limit: &str| limit.parse::<u32>().is_ok() || lifetime::milliseconds(limit).is_some();
    match limit.filter(|limit| !is_sound(limit)) {
        None => Ok(()),
        Some(other) => Err(Failure::refused(format!(
            "Invalid duration format: \"{other}\". Expected format like 1h, 1d, 7d, 1w, 1mo"
        ))),
    }
}
