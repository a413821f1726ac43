//! The model type `command/shell`: a command line and what it printed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{self as system, Command};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::process::{self, Finished, Stream};
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::lock;
use crate::time;

/// The name of the type.
pub const TYPE: &str = "command/shell";
/// The version of the type, as definitions name it.
pub const TYPE_VERSION: &str = "2026.02.09.1";
/// Its one method.
pub const METHOD: &str = "execute";
/// What the method does.
pub const ABOUT: &str = "Execute the shell command and capture stdout, stderr, and exit code";
/// The arguments of the method.
pub const ARGUMENTS: [&str; 5] = ["run", "workingDir", "timeout", "env", "ignoreExitCode"];

/// The arguments as JSON Schema.
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

/// The arguments of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arguments {
    run: String,
    working_dir: Option<String>,
    timeout: Option<Duration>,
    env: Vec<(String, String)>,
    ignore_exit_code: bool,
}

/// The shell, by its full path: its own messages start with the name that it was called by.
fn interpreter() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|dir| dir.join("sh"))
        .find(|place| place.is_file())
        .unwrap_or_else(|| PathBuf::from("sh"))
}

/// Runs the command line that `arguments` describe, and gives what it leaves: `result` and `log`. `tags` are added to
/// those of each. The error is the message for the user.
pub fn execute(
    definition: &Definition,
    arguments: &Map<String, Value>,
    cwd: &Path,
    owner: &Owner,
    tags: &Map<String, Value>,
    on_line: impl FnMut(Stream, &str),
) -> Result<Vec<Draft>, String> {
    let arguments = Arguments::parse(arguments)?;
    let mut command = Command::new(interpreter());
    command
        .args(["-c", &arguments.run])
        .current_dir(arguments.working_dir.as_deref().map_or(cwd, Path::new))
        // A swamp that the command calls need not wait for the lock that is held for it.
        .env(lock::drain::HOLDER, system::id().to_string())
        .envs(arguments.env.iter().cloned());
    let start = Instant::now();
    let finished = process::run(&mut command, arguments.timeout, on_line);
    let duration = time::taken_since(start);
    let (finished, duration) = match finished {
        Ok(finished) => (finished, duration),
        Err(stderr) => {
            let stdout = String::new();
            let exit_code = -1;
            (
                Finished {
                    exit_code,
                    stdout,
                    stderr,
                },
                0,
            )
        }
    };
    if finished.exit_code != 0 && !arguments.ignore_exit_code {
        return Err(format!("Command exited with code {}", finished.exit_code));
    }
    let result = json!({
        "exitCode": finished.exit_code, "executedAt": time::now(), "command": arguments.run, "durationMs": duration,
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

impl Arguments {
    /// Checks the arguments; texts from the command line count as what they look like.
    fn parse(given: &Map<String, Value>) -> Result<Self, String> {
        let mut problems = Vec::new();
        let mut take = |name: &str, expected: &str, accepts: fn(&Value) -> Option<Value>| {
            let value = given.get(name);
            let accepted = value.and_then(accepts);
            let received = value.map(kind).or((name == "run").then_some("undefined"));
            if let (None, Some(received)) = (&accepted, received) {
                problems.push(format!(
                    "Invalid input: expected {expected}, received {received} at \"{name}\""
                ));
            } else if accepted.as_ref().and_then(Value::as_str) == Some("") && name == "run" {
                problems.push(format!(
                    "Too small: expected string to have >=1 characters at \"{name}\""
                ));
            }
            accepted
        };
        let text = |value: &Value| value.is_string().then(|| value.clone());
        let run = take("run", "string", text);
        let working_dir = take("workingDir", "string", text);
        let timeout = take("timeout", "number", number);
        let env = take("env", "record", |value| {
            value.is_object().then(|| value.clone())
        });
        let ignore = take("ignoreExitCode", "boolean", boolean);
        if !problems.is_empty() {
            return Err(format!(
                "Method arguments validation failed: {}",
                problems.join("; ")
            ));
        }
        let owned = |value: Option<Value>| value.and_then(|v| v.as_str().map(str::to_owned));
        let env = env
            .as_ref()
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let plain = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        Ok(Self {
            run: owned(run).unwrap_or_default(),
            working_dir: owned(working_dir),
            timeout: timeout
                .and_then(|timeout| timeout.as_u64())
                .map(Duration::from_millis),
            env: env
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
            ignore_exit_code: ignore == Some(Value::Bool(true)),
        })
    }
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse::<u64>().ok().map(Value::from),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value.as_str() {
        Some("true") => Some(true.into()),
        Some("false") => Some(false.into()),
        _ => value.as_bool().map(Value::from),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executed(arguments: Value) -> Result<Vec<Draft>, String> {
        let definition = Definition::new(
            TYPE,
            TYPE_VERSION,
            "00000000-0000-4000-8000-000000000001",
            "m",
        );
        let mut tags = Map::new();
        tags.insert("initiatedBy".into(), "ghost".into());
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let owner = Owner::model(definition.id());
        execute(
            &definition,
            &arguments,
            Path::new("/"),
            &owner,
            &tags,
            |_, _| {},
        )
    }

    #[test]
    fn result_and_log_are_drafted() {
        let drafts = executed(json!({
            "run": "echo $A; pwd >&2; exit 4", "env": { "A": "x" }, "ignoreExitCode": "true", "workingDir": "/tmp",
        }))
        .expect("two drafts");
        let result: Value = serde_json::from_slice(&drafts[0].content).expect("JSON");
        let keys: Vec<_> = result.as_object().expect("a mapping").keys().collect();
        assert_eq!(
            keys,
            [
                "exitCode",
                "executedAt",
                "command",
                "durationMs",
                "stdout",
                "stderr"
            ]
        );
        assert_eq!(result["exitCode"], 4);
        assert_eq!(drafts[1].content, b"[stdout]\nx\n[stderr]\n/tmp");
        assert!(drafts[1].streaming && !drafts[0].streaming);
        let tags: Vec<_> = drafts[0].tags.keys().collect();
        assert_eq!(tags, ["type", "specName", "modelName", "initiatedBy"]);
    }

    #[test]
    fn what_went_wrong_is_said() {
        for (arguments, message) in [
            (json!({ "run": "exit 3" }), "Command exited with code 3"),
            (
                json!({ "run": "sleep 9", "timeout": "20" }),
                "Command exited with code -1",
            ),
            (
                json!({}),
                "Method arguments validation failed: Invalid input: expected string, received undefined at \"run\"",
            ),
            (
                json!({ "run": "" }),
                "Method arguments validation failed: Too small: expected string to have >=1 characters at \"run\"",
            ),
            (
                json!({ "run": "x", "timeout": "abc" }),
                "Method arguments validation failed: Invalid input: expected number, received string at \"timeout\"",
            ),
        ] {
            assert_eq!(executed(arguments).expect_err(message), message);
        }
    }
}
