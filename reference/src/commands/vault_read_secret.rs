//! `swamp vault read-secret`.

use serde_json::json;

use crate::errors::Result;
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Shows a secret: to people only with a yes, and without a line break behind it.
pub fn run(name: &str, key: &str, yes: bool, session: &mut Session) -> Result<()> {
    session.repository()?;
    if !session.output.is_json() && !yes {
        session.ask()?;
    }
    let opened = Opened::of(name, &format!("'{name}'"), session)?;
    let value = opened.secrets.get(key)?;
    if !session.output.is_json() {
        session.output.piece(&value);
        return Ok(());
    }
    session.output.json(&json!({
        "vaultName": opened.vault.name, "secretKey": key, "vaultType": TYPE, "value": value,
    }))
}
