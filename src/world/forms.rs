//! What the files hold that swamp leaves behind: each form as a type that refuses unknown fields
//! and missing ones. Most hold something volatile, so that no golden can show them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::catalog::Row;
use super::kept::{Definition, Identity, Nudge, Secret, Vault, Workflow};
use super::table::Form;
use super::{Done, kept, records, sources};
use crate::forms::exact;
use crate::forms::marker::Marker;
use crate::forms::metadata::Metadata;
use crate::forms::record::VaultAudit;
use crate::forms::reply::ensure;
use crate::forms::reply::values::{Id, Time};

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
            let written = text(content)?;
            let version = written.parse::<u64>().map_err(|e| e.to_string())?;
            ensure(version.to_string() == written, "it is no plain number")?;
            let there = path.with_file_name(version.to_string());
            // A pull may bring it without the version: that is a finding of the scenarios.
            let why = format!("there is no version {version}");
            ensure(there.is_dir() || !done.wrote(), &why)
        }
        Form::Manifest => kept::manifest(path, &json(content)?, done),
        Form::Metadata => kept::metadata(path, &*Metadata::parse(text(content)?)?, done),
        Form::Definition => {
            let it: Definition = yaml(content)?;
            let kind = it.r#type.as_str();
            ensure(
                !kind.is_empty() && !it.type_version.is_empty(),
                "a type is empty",
            )?;
            named(path, &format!("{}.yaml", it.name))?;
            sources::held(&exact::yaml(text(content)?)?, "models", done)
        }
        Form::Workflow => {
            let it: Workflow = yaml(content)?;
            ensure(!it.jobs.is_empty(), "it has no job")?;
            named(path, &format!("workflow-{}.yaml", it.name))?;
            sources::held(&exact::yaml(text(content)?)?, "workflows", done)
        }
        Form::Run => records::run(path, &yaml(content)?, done),
        Form::WorkflowRun => records::workflow_run(path, &yaml(content)?, done),
        Form::Runs => records::runs(path, &json(content)?, done),
        Form::Log => log(text(content)?, done),
        Form::Audit => audit(text(content)?, done),
        Form::Secret => {
            let it: Secret = json(content)?;
            let length = |text: &str| BASE64_STANDARD.decode(text).map_or(0, |bytes| bytes.len());
            let lengths = (length(&it.iv), length(&it.salt), length(&it.data) > 16);
            ensure(
                lengths == (12, 16, true) && it.version == 2,
                "it is no encrypted secret",
            )
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
            let repo = path.ancestors().nth(3).unwrap_or(path);
            ensure(
                it.config.auto_generate && Path::new(&it.config.base_dir) == repo,
                "its keys are not made in the repo",
            )?;
            done.is_of_now(it.created_at.0)?;
            named(path, &format!("{}.yaml", it.id.0))
        }
        Form::Marker => Marker::parse(text(content)?).map(|_| ()),
        Form::Gitignore => ensure(text(content)? == GITIGNORE, "it has other lines"),
        Form::Index => kept::index(path, &json(content)?, done),
        Form::Sidecar => kept::sidecar(&json(content)?, done),
        Form::Export => kept::export(path, &json::<Vec<Row>>(content)?),
        Form::Identity => {
            let it: Identity = json(content)?;
            done.is_of_now(it.created_at.0)
        }
        Form::Nudge => {
            let it: Nudge = json(content)?;
            ensure(it.first_run_shown, "it was never shown")?;
            done.is_of_now(it.last_shown.0)
        }
        Form::SkillDirs => {
            let known: Vec<String> = json(content)?;
            ensure(known.is_empty(), "a fresh home has no tools")
        }
        Form::Yaml => yaml::<Value>(content).map(|_| ()),
    }
}

const GITIGNORE: &str = "# BEGIN swamp managed section - DO NOT EDIT

# Runtime data (not needed in version control)
.swamp/

# Local extension sources (developer-specific, not shared)
.swamp-sources.yaml
# END swamp managed section
";

fn text(content: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(content).map_err(|e| format!("it is no text: {e}"))
}

fn json<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    exact::from_json(text(content)?)
}

fn yaml<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    exact::from_yaml(text(content)?)
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

/// What was done with secrets, a line each; a command about one adds the last line.
fn audit(text: &str, done: &Done<'_>) -> Result<(), String> {
    let mut seen = HashSet::new();
    let mut last = None;
    for line in text.lines() {
        let it: VaultAudit = json(line.as_bytes())?;
        done.is_of_now(it.timestamp.0)?;
        ensure(
            it.vault_type == "local_encryption" && it.caller_context.starts_with("cli:vault-"),
            "it tells of another kind of vault, or of nobody",
        )?;
        ensure(
            ["put", "get", "read", "annotate", "delete"].contains(&it.action.as_str())
                && !it.secret_key.is_empty(),
            "it tells of an action that nobody knows",
        )?;
        ensure(seen.insert(line), "it tells of an action twice")?;
        last = Some((it.action, it.vault_name, it.secret_key));
    }
    let [(_, args, Some(0))] = done.commands.as_slice() else {
        return Ok(());
    };
    match args {
        [vault, action, name, key, ..] if vault == "vault" && action != "create" => {
            let reads = ["read-secret", "inspect"].contains(&action.as_str());
            let action = if reads { "get" } else { action }.to_owned();
            ensure(
                last.is_some_and(|told| told == (action, name.clone(), key.clone())),
                "its last line is about another secret than the command",
            )
        }
        _ => Ok(()),
    }
}

/// A log of a run: each line with its time, its level and where it comes from.
fn log(text: &str, done: &Done<'_>) -> Result<(), String> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(\S+Z) \[(?:DBG|INF|WRN|ERR|FTL)\] [^:]+: ")
            .expect("the form of a log line is sound")
    });
    let whole = text.is_empty() || text.ends_with('\n');
    ensure(whole && !text.contains('\r'), "its last line does not end")?;
    for line in text.lines() {
        let time = LINE.captures(line).map(|found| found[1].to_owned());
        let time = time.and_then(|time| Time::try_from(time).ok());
        let time = time.ok_or_else(|| format!("this is no line of a log: {line:?}"))?;
        done.is_of_now(time.0)?;
    }
    Ok(())
}
