//! The model type `command/shell`: a command line and what it printed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{self as system, Command};

use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::process::{self, Finished, Stream};
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::lock;
use crate::time::Start;

/// The name of the type.
pub const TYPE: &str = "command/shell";
/// The version of the type, as definitions name it.
pub const TYPE_VERSION: &str = "2026.02.09.1";
/// Its one method.
pub const METHOD: &str = "execute";
/// What the method does.
pub const ABOUT: &str = "Execute the shell command and capture stdout, stderr, and exit code";

/// The arguments of the method as JSON Schema.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "run": { "type": "string", "minLength": 1, "description": "The shell command to execute" },
            "workingDir": { "description": "Working directory for command execution", "type": "string" },
            "timeout": {
                "description": "Timeout in milliseconds",
                "type": "integer",
                "exclusiveMinimum": 0,
                "maximum": 9_007_199_254_740_991_u64,
            },
            "env": {
                "description": "Environment variables",
                "type": "object",
                "propertyNames": { "type": "string" },
                "additionalProperties": { "type": "string" },
            },
            "ignoreExitCode": {
                "description": "If true, non-zero exit codes will not cause the method to throw",
                "type": "boolean",
            },
        },
        "required": ["run"],
        "additionalProperties": false,
    })
}

/// The shell, by its full path: its own messages start with the name that it was called by.
fn interpreter() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|dir| dir.join("sh"))
        .find(|place| place.is_file())
        .unwrap_or_else(|| PathBuf::from("sh"))
}

/// Runs the command line that the argument `run` is, and gives what it leaves: `result` and `log`.
/// `tags` are added to those of each. The error is the message for the user.
pub fn execute(
    definition: &Definition,
    arguments: &Map<String, Value>,
    cwd: &Path,
    owner: &Owner,
    tags: &Map<String, Value>,
    on_line: impl FnMut(Stream, &str),
) -> Result<Vec<Draft>, String> {
    let run = arguments.get("run").and_then(Value::as_str);
    let run = run.ok_or("Method arguments validation failed: no text at \"run\"")?;
    let mut command = Command::new(interpreter());
    command
        .args(["-c", run])
        .current_dir(cwd)
        // A swamp that the command calls need not wait for the lock that is held for it.
        .env(lock::drain::HOLDER, system::id().to_string());
    let start = Start::now();
    let finished = process::run(&mut command, on_line)?;
    let (executed_at, duration) = start.end();
    if finished.exit_code != 0 {
        return Err(format!("Command exited with code {}", finished.exit_code));
    }
    let result = json!({
        "exitCode": finished.exit_code, "executedAt": executed_at, "command": run, "durationMs": duration,
        "stdout": finished.stdout, "stderr": finished.stderr,
    });
    let draft = |name: &str, kind: &str, content_type: &str, content: String| Draft {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        lifetime: "infinite".to_owned(),
        garbage_collection: 10.into(),
        streaming: kind == "file",
        tags: all_tags(kind, name, definition.name(), tags),
        owner: owner.clone(),
        content: content.into_bytes(),
    };
    Ok(vec![
        draft("result", "resource", "application/json", result.to_string()),
        draft("log", "file", "text/plain", log_text(&finished)),
    ])
}

fn all_tags(kind: &str, spec: &str, model: &str, more: &Map<String, Value>) -> Map<String, Value> {
    let mut tags = Map::new();
    for (name, value) in [("type", kind), ("specName", spec), ("modelName", model)] {
        tags.insert(name.to_owned(), value.into());
    }
    tags.extend(more.clone());
    tags
}

fn log_text(finished: &Finished) -> String {
    let parts = [("stdout", &finished.stdout), ("stderr", &finished.stderr)];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("[{name}]\n{text}"))
        .collect();
    parts.join("\n")
}
