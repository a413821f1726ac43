//! `swamp vault read-secret`.

use std::io::{self, IsTerminal};

use clap::ArgMatches;
use serde_json::json;

use super::vault_put::NOBODY_TO_ASK;
use crate::cli::{self, flag, text};
use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::vault::TYPE;
use crate::vault::registry;
use crate::vault::secrets::Secrets;

/// Shows a secret.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let unknown = ["server", "token", "ca-cert"];
    cli::refuse(matches, "vault read-secret", &unknown)?;
    let repository = session.repository()?;
    let asks = !(session.output.is_json() || flag(matches, "yes") || flag(matches, "force"));
    if asks {
        if io::stdin().is_terminal() {
            return Err(Failure::not_implemented("asking before a secret is shown"));
        }
        return Err(Failure::refused(NOBODY_TO_ASK));
    }
    let name = text(matches, "vault_name").unwrap_or_default();
    let key = text(matches, "key").unwrap_or_default();
    let vault = registry::require(&repository.dir, &name, &format!("'{name}'"))?;
    let value = Secrets::of(&vault.base_dir(&session.cwd), &vault.name).get(&key)?;
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": vault.name, "secretKey": key, "vaultType": TYPE, "value": value,
        }));
    }
    session.output.raw(&value);
    Ok(())
}
