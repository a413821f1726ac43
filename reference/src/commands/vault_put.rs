//! `swamp vault put`.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

use clap::ArgMatches;
use serde_json::json;

use crate::cli::{self, flag, text};
use crate::datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::log;
use crate::session::Session;
use crate::time;
use crate::vault::TYPE;
use crate::vault::registry;
use crate::vault::secrets::Secrets;

/// The refusal to go on without having been asked to.
pub const NOBODY_TO_ASK: &str =
    "stdin is not a terminal — use --yes (-y) to skip confirmation prompts non-interactively";

/// Stores a secret.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(
        matches,
        "vault put",
        &[
            "refresh-from",
            "refresh-ttl",
            "clear-refresh",
            "label",
            "server",
            "token",
            "ca-cert",
        ],
    )?;
    let repository = session.repository()?;
    let name = text(matches, "vault_name").unwrap_or_default();
    let (key, value) = key_and_value(matches)?;
    let vault = registry::require(&repository.dir, &name, &name)?;
    let secrets = Secrets::of(&vault.base_dir(&session.cwd), &vault.name);
    let asks = !(session.output.is_json() || flag(matches, "yes") || flag(matches, "force"));
    if asks && secrets.has(&key)? {
        if io::stdin().is_terminal() {
            return Err(Failure::not_implemented(
                "asking before a secret is overwritten",
            ));
        }
        return Err(Failure::refused(NOBODY_TO_ASK));
    }
    let overwritten = secrets.put(&key, &value)?;
    let timestamp = time::now();
    keep_audit(&repository.dir, &vault.name, &key, &timestamp)?;
    let message = format!(
        "Stored secret {} in vault {}",
        log::quote(&key),
        log::quote(&vault.name)
    );
    session.output.info("vault put", &message);
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": vault.name, "secretKey": key, "vaultType": TYPE, "overwritten": overwritten,
            "timestamp": timestamp,
        }));
    }
    Ok(())
}

/// The value is an argument of its own, or stands behind `KEY=`, or comes from a pipe.
fn key_and_value(matches: &ArgMatches) -> Result<(String, String)> {
    let key = text(matches, "key").unwrap_or_default();
    if let Some(value) = text(matches, "value") {
        return Ok((key, value));
    }
    if let Some((key, value)) = key.split_once('=').filter(|(key, _)| !key.is_empty()) {
        return Ok((key.to_owned(), value.to_owned()));
    }
    if io::stdin().is_terminal() {
        return Err(Failure::not_implemented("asking for a secret"));
    }
    let mut piped = String::new();
    // What cannot be read is no value.
    let _ = io::stdin().read_to_string(&mut piped);
    let value = piped.trim_end_matches(['\n', '\r']);
    if key.contains('=') || value.is_empty() {
        return Err(Failure::refused(format!(
            "Invalid argument format: {key}\n\nProvide the value as a separate argument, inline, or via stdin:\n  \
             swamp vault put <vault> {key} <value>\n  swamp vault put <vault> {key}=<value>\n  echo \"<value>\" | \
             swamp vault put <vault> {key}"
        )));
    }
    Ok((key, value.to_owned()))
}

/// Who changed what stands in the repository, one line for each time.
fn keep_audit(repo: &Path, vault: &str, key: &str, timestamp: &str) -> Result<()> {
    let dir = datastore::local_dir(repo).join("audit");
    files::ensure_dir(&dir)?;
    let date = timestamp.get(..10).unwrap_or(timestamp);
    let path = dir.join(format!("vault-audit-{date}.jsonl"));
    let line = json!({
        "action": "put", "timestamp": timestamp, "vaultName": vault, "vaultType": TYPE, "secretKey": key,
        "callerContext": "cli:vault-put",
    });
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| writeln!(file, "{line}"))
        .map_err(|error| Failure::io(&path, &error))
}
