//! `swamp vault read-secret`.

use serde_json::json;

use crate::errors::Result;
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Shows a secret. People are asked first, unless they are `sure`.
pub fn run(name: &str, key: &str, sure: bool, session: &mut Session) -> Result<()> {
    session.repository()?;
    if !sure && !session.output.is_json() {
        session.ask()?;
    }
    let opened = Opened::of(name, &format!("'{name}'"), session)?;
    let value = opened.read(key, "read-secret")?;
    if !session.output.is_json() {
        // As it is, without the end of a line.
        session.output.raw(&value);
        return Ok(());
    }
    session.output.json(&json!({
        "vaultName": opened.vault.name, "secretKey": key, "vaultType": TYPE, "value": value,
    }))
}
