//! `swamp vault read-secret`.

use serde_json::json;

use crate::errors::Result;
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Shows a secret.
pub fn run(name: &str, key: &str, session: &mut Session) -> Result<()> {
    session.repository()?;
    if !session.output.is_json() {
        session.ask()?;
    }
    let opened = Opened::of(name, &format!("'{name}'"), session)?;
    let value = opened.secrets.get(key)?;
    session.output.json(&json!({
        "vaultName": opened.vault.name, "secretKey": key, "vaultType": TYPE, "value": value,
    }))
}
