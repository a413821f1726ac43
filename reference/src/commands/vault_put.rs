//! `swamp vault put`.

use serde_json::json;

use crate::errors::Result;
use crate::session::Session;
use crate::time;
use crate::vault::{Opened, TYPE, audit};

/// Stores a secret.
pub fn run(name: &str, key: &str, value: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let opened = Opened::of(name, name, session)?;
    let overwritten = opened.secrets.put(key, value)?;
    let timestamp = time::now();
    let name = &opened.vault.name;
    audit::keep(&opened.repository.dir, "put", name, key, &timestamp)?;
    session.output.json(&json!({
        "vaultName": name, "secretKey": key, "vaultType": TYPE, "overwritten": overwritten,
        "timestamp": timestamp,
    }))
}
