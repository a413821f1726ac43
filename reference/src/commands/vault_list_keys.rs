//! `swamp vault list-keys`.

use clap::ArgMatches;
use serde_json::json;

use crate::cli::{self, text};
use crate::errors::Result;
use crate::log;
use crate::session::Session;
use crate::vault::TYPE;
use crate::vault::registry;
use crate::vault::secrets::Secrets;

/// Lists the names of a vault's secrets.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let unknown = ["server", "token", "ca-cert"];
    cli::refuse(matches, "vault list-keys", &unknown)?;
    let repository = session.repository()?;
    let name = text(matches, "vault_name").unwrap_or_default();
    let vault = registry::require(&repository.dir, &name, &name)?;
    let names = Secrets::of(&vault.base_dir(&session.cwd), &vault.name).names()?;
    let category = "vault list-keys";
    let message = format!(
        "Vault {} ({}): {} key(s)",
        log::quote(&vault.name),
        log::quote(TYPE),
        names.len()
    );
    session.output.info(category, &message);
    for name in &names {
        let line = format!("  - {}", log::quote(name));
        session.output.info(category, &line);
    }
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": vault.name, "vaultType": TYPE, "secretKeys": names, "count": names.len(),
        }));
    }
    Ok(())
}
