//! `swamp vault list-keys`.

use serde_json::json;

use crate::errors::Result;
use crate::log::quote;
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Lists the names of a vault's secrets.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    const CATEGORY: &str = "vault list-keys";
    let opened = Opened::of(name, &format!("'{name}'"), session)?;
    let names = opened.secrets.names()?;
    let (vault, kind) = (quote(&opened.vault.name), quote(TYPE));
    let message = format!("Vault {vault} ({kind}): {} key(s)", names.len());
    session.output.info(CATEGORY, &message);
    for name in &names {
        let line = format!("  - {}", quote(name));
        session.output.info(CATEGORY, &line);
    }
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": opened.vault.name, "vaultType": TYPE, "secretKeys": names, "count": names.len(),
        }));
    }
    Ok(())
}
