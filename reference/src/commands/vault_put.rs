//! `swamp vault put`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::session::Session;
use crate::time;
use crate::vault::TYPE;
use crate::vault::registry;
use crate::vault::secrets::Secrets;

/// Stores a secret.
pub fn run(name: &str, key: &str, value: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let repository = session.repository()?;
    let vault = registry::require(&repository.dir, name, name)?;
    let secrets = Secrets::of(&vault.base_dir(&session.cwd), &vault.name);
    let overwritten = secrets.put(key, value)?;
    let timestamp = time::now();
    keep_audit(&repository.dir, &vault.name, key, &timestamp)?;
    session.output.json(&json!({
        "vaultName": vault.name, "secretKey": key, "vaultType": TYPE, "overwritten": overwritten,
        "timestamp": timestamp,
    }))
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
