//! `swamp vault read-secret`.

use serde_json::json;

use crate::errors::Result;
use crate::session::Session;
use crate::vault::TYPE;
use crate::vault::registry;
use crate::vault::secrets::Secrets;

/// Shows a secret.
pub fn run(name: &str, key: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    if !session.output.is_json() {
        session.ask()?;
    }
    let vault = registry::require(&repository.dir, name, &format!("'{name}'"))?;
    let value = Secrets::of(&vault.base_dir(&session.cwd), &vault.name).get(key)?;
    session.output.json(&json!({
        "vaultName": vault.name, "secretKey": key, "vaultType": TYPE, "value": value,
    }))
}
