//! `swamp vault delete`.

use serde_json::json;

use crate::errors::{Failure, Result};
use crate::log::quote;
use crate::session::Session;
use crate::time;
use crate::vault::{Opened, TYPE, audit};

/// Removes a secret; with `force` it may be gone already.
pub fn run(name: &str, key: &str, yes: bool, force: bool, session: &mut Session) -> Result<()> {
    let opened = Opened::of(name, &format!("'{name}'"), session)?;
    let name = &opened.vault.name;
    if !opened.secrets.has(key)? {
        if force && !session.output.is_json() {
            let (key, name) = (quote(key), quote(name));
            let message = format!("Secret {key} does not exist in vault {name}, skipping");
            session.output.info("vault delete", &message);
            return Ok(());
        }
        let why = format!("Secret '{key}' not found in vault '{name}'");
        return Err(Failure::refused(why));
    }
    if !yes && !force {
        return Err(Failure::nobody_to_ask());
    }
    opened.secrets.remove(key)?;
    let timestamp = time::now();
    audit::keep(&opened.repository.dir, "delete", name, key, &timestamp)?;
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": name, "secretKey": key, "vaultType": TYPE, "timestamp": timestamp,
        }));
    }
    let message = format!("Deleted secret {} from vault {}", quote(key), quote(name));
    session.output.info("vault delete", &message);
    Ok(())
}
