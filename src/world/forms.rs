//! What the files hold that swamp leaves behind: each form as a type that refuses unknown fields
//! and missing ones. Most hold something volatile, so that no golden can show them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kept::{Audit, Definition, ExportRow, Index, Secret, Sidecar, Vault, Workflow};
use super::table::Form;
use super::{Done, kept, records};
use crate::marker::Marker;
use crate::reply::values::Id;

/// What is wrong with the file at `path`, which commands left behind.
pub(super) fn fault(form: Form, path: &Path, done: &Done<'_>) -> Option<String> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(e) => return Some(format!("it cannot be read: {e}")),
    };
    judge(form, path, &content, done).err()
}

fn judge(form: Form, path: &Path, content: &[u8], done: &Done<'_>) -> Result<(), String> {
    match form {
        Form::BesideDatabase => Ok(()),
        Form::Database => {
            let sound = content.is_empty() || content.starts_with(b"SQLite format 3\0");
            ensure(sound, "it is no database of SQLite")
        }
        Form::Raw => kept::raw(path, content),
        Form::Latest => {
            let version = text(content)?.parse::<u64>().map_err(|e| e.to_string())?;
            let there = path.with_file_name(version.to_string());
            // A pull may bring it without the version: that is a finding of the scenarios.
            let why = format!("there is no version {version}");
            ensure(there.is_dir() || !done.wrote(), &why)
        }
        Form::Manifest => kept::manifest(path, &json(content)?),
        Form::Metadata => kept::metadata(path, &yaml(content)?),
        Form::Definition => {
            let it: Definition = yaml(content)?;
            let kind = it.r#type.as_str();
            ensure(
                !kind.is_empty() && !it.type_version.is_empty(),
                "a type is empty",
            )?;
            named(path, &format!("{}.yaml", it.name))
        }
        Form::Workflow => {
            let it: Workflow = yaml(content)?;
            ensure(!it.jobs.is_empty(), "it has no job")?;
            named(path, &format!("workflow-{}.yaml", it.name))
        }
        Form::Run => {
            ends(content)?;
            records::run(path, &yaml(content)?, done)
        }
        Form::WorkflowRun => {
            ends(content)?;
            records::workflow_run(path, &yaml(content)?, done)
        }
        Form::Runs => records::runs(&json(content)?, done),
        Form::Log => log(text(content)?),
        Form::Audit => audit(text(content)?, done),
        Form::Secret => {
            let it: Secret = json(content)?;
            let encoded = [&it.iv, &it.data, &it.salt]
                .iter()
                .all(|text| is_base64(text));
            ensure(encoded && it.version == 2, "it is no encrypted secret")
        }
        Form::Key => {
            let key = text(content)?;
            let (a, b) = key.split_at_checked(36).ok_or("it is too short")?;
            Id::try_from(a.to_owned())?;
            Id::try_from(b.to_owned()).map(|_| ())
        }
        Form::Vault => {
            let it: Vault = yaml(content)?;
            ensure(
                it.r#type == "local_encryption" && !it.name.is_empty(),
                "it has no name",
            )?;
            named(path, &format!("{}.yaml", it.id.0))
        }
        Form::Marker => Marker::parse(text(content)?).map(|_| ()),
        Form::Gitignore => ensure(text(content)? == GITIGNORE, "it has other lines"),
        Form::Index => {
            let it: Index = json(content)?;
            ensure(it.version == 1, "it is of another version")
        }
        Form::Sidecar => {
            let it: Sidecar = json(content)?;
            ensure(it.version == 2, "it is of another version")
        }
        Form::Export => {
            let rows: Vec<ExportRow> = json(content)?;
            let sound = rows
                .iter()
                .all(|row| row.version > 0 && !row.data_name.is_empty());
            ensure(sound, "a row has no name, or no version")
        }
        Form::Json => json::<Value>(content).map(|_| ()),
        Form::Yaml => yaml::<serde_yaml_ng::Value>(content).map(|_| ()),
    }
}

const GITIGNORE: &str = "# BEGIN swamp managed section - DO NOT EDIT

# Runtime data (not needed in version control)
.swamp/

# Local extension sources (developer-specific, not shared)
.swamp-sources.yaml
# END swamp managed section
";

pub(super) fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// Whether the last line of a file ends, and nothing follows it.
fn ends(content: &[u8]) -> Result<(), String> {
    let once = content.ends_with(b"\n") && !content.ends_with(b"\n\n");
    ensure(once, "it does not end with one newline")
}

fn text(content: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(content).map_err(|e| format!("it is no text: {e}"))
}

fn json<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    serde_json::from_slice(content).map_err(|e| e.to_string())
}

pub(super) fn yaml<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    serde_yaml_ng::from_slice(content).map_err(|e| e.to_string())
}

/// Whether the file has the name that follows from what is in it.
pub(super) fn named(path: &Path, name: &str) -> Result<(), String> {
    let is = path.file_name().unwrap_or_default().to_string_lossy();
    ensure(is == name, &format!("by what it holds it would be {name}"))
}

/// The name of the directory that is `up` above the file.
pub(super) fn above(path: &Path, up: usize) -> String {
    let name = path.ancestors().nth(up).and_then(Path::file_name);
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// What was done with secrets, a line each; a command that puts one adds the last line.
fn audit(text: &str, done: &Done<'_>) -> Result<(), String> {
    let mut seen = HashSet::new();
    let mut last = None;
    for line in text.lines() {
        let it: Audit = json(line.as_bytes())?;
        ensure(
            ["put", "get", "read"].contains(&it.action.as_str()) && !it.secret_key.is_empty(),
            "it tells of an action that nobody knows",
        )?;
        ensure(seen.insert(line), "it tells of an action twice")?;
        last = Some((it.vault_name, it.secret_key));
    }
    let [(_, args, Some(0))] = done.commands.as_slice() else {
        return Ok(());
    };
    match args {
        [vault, put, name, key, ..] if [vault, put] == ["vault", "put"] => ensure(
            last.is_some_and(|told| told == (name.clone(), key.clone())),
            "its last line is about another secret than the command",
        ),
        _ => Ok(()),
    }
}

fn is_base64(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/' || b == b'=';
    !text.is_empty() && text.len().is_multiple_of(4) && text.bytes().all(digit)
}

/// A log of a run: each line with its time, its level and where it comes from.
fn log(text: &str) -> Result<(), String> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(?:DBG|INF|WRN|ERR|FTL)\] [^:]+: ")
            .expect("the form of a log line is sound")
    });
    let odd = text.lines().find(|line| !LINE.is_match(line));
    match odd {
        None => Ok(()),
        Some(line) => Err(format!("this is no line of a log: {line:?}")),
    }
}
