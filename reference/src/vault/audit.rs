//! `.swamp/audit/vault-audit-<date>.jsonl`: who did what with secrets, one line for each time.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::TYPE;
use crate::datastore;
use crate::errors::{Failure, Result};
use crate::files;

fn directory(repo: &Path) -> PathBuf {
    datastore::local_dir(repo).join("audit")
}

/// Notes what the command of that name did with a secret.
pub fn keep(repo: &Path, action: &str, vault: &str, key: &str, timestamp: &str) -> Result<()> {
    keep_by(action, repo, action, [vault, key, timestamp])
}

/// Notes what a command did with a secret: with the key in the vault, at that time.
pub fn keep_by(
    command: &str,
    repo: &Path,
    action: &str,
    [vault, key, timestamp]: [&str; 3],
) -> Result<()> {
    let dir = directory(repo);
    files::ensure_dir(&dir)?;
    let date = timestamp.get(..10).unwrap_or(timestamp);
    let path = dir.join(format!("vault-audit-{date}.jsonl"));
    let line = json!({
        "action": action, "timestamp": timestamp, "vaultName": vault, "vaultType": TYPE, "secretKey": key,
        "callerContext": format!("cli:vault-{command}"),
    });
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| writeln!(file, "{line}"))
        .map_err(|error| Failure::io(&path, &error))
}

/// All that was noted, the oldest first.
pub fn all(repo: &Path) -> Result<Vec<Value>> {
    let mut paths = files::files_below(&directory(repo))?;
    paths.sort();
    let mut entries = Vec::new();
    for path in paths {
        let text = files::read_if_there(&path)?.unwrap_or_default();
        entries.extend(
            text.lines()
                .filter_map(|line| serde_json::from_str(line).ok()),
        );
    }
    Ok(entries)
}
