//! `swamp vault create`.

use clap::ArgMatches;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::cli::{self, text};
use crate::errors::{Failure, Result};
use crate::log;
use crate::session::Session;
use crate::time;
use crate::vault::registry::{self, Vault};
use crate::vault::{TYPE, TYPE_NAME};

/// Writes the configuration of a new vault.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let unknown = ["audit-reads", "server", "token", "ca-cert"];
    cli::refuse(matches, "vault create", &unknown)?;
    let repository = session.repository_with_catalog()?;
    let wanted = text(matches, "type").unwrap_or_default();
    let Some(name) = text(matches, "name") else {
        if session.output.is_json() {
            return Err(Failure::refused(
                "Vault name is required in non-interactive mode. Usage: swamp vault create <type> <name>",
            ));
        }
        return Err(Failure::not_implemented("asking for the name of a vault"));
    };
    if wanted != TYPE {
        return Err(Failure::refused(format!(
            "Unknown vault type: {wanted}. Available types: {TYPE}. Use 'swamp vault type search' to see available \
             types."
        )));
    }
    check_name(&name)?;
    let existing = registry::all(&repository.dir)?;
    if existing.iter().any(|vault| vault.name == name) {
        return Err(Failure::refused(format!("Vault already exists: {name}")));
    }
    let config = match text(matches, "config") {
        Some(json) => given(&json)?,
        None => {
            let mut config = Map::new();
            config.insert("auto_generate".into(), true.into());
            let dir = repository.dir.to_string_lossy().into_owned();
            config.insert("base_dir".into(), dir.into());
            config
        }
    };
    let vault = Vault {
        id: Uuid::new_v4().to_string(),
        name,
        config,
    };
    vault.write(&repository.dir, &time::now())?;
    let message = format!(
        "Created vault: {} ({})",
        log::quote(&vault.name),
        log::quote(TYPE_NAME)
    );
    session.output.info("vault create", &message);
    if session.output.is_json() {
        return session.output.json(&json!({
            "id": vault.id, "name": vault.name, "type": TYPE, "typeName": TYPE_NAME, "config": vault.config,
        }));
    }
    Ok(())
}

fn given(json: &str) -> Result<Map<String, Value>> {
    let config: Map<String, Value> = serde_json::from_str(json)
        .map_err(|_| Failure::refused(format!("Invalid JSON in --config: {json}")))?;
    if config.get("auto_generate") != Some(&Value::Bool(true))
        || config.contains_key("ssh_key_path")
    {
        return Err(Failure::not_implemented("a vault with an SSH key"));
    }
    Ok(config)
}

fn check_name(name: &str) -> Result<()> {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let goes_on = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if starts && name.chars().all(goes_on) {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "Invalid vault name: {name}. Vault names must start with a lowercase letter and contain only lowercase \
         letters, numbers, and hyphens."
    )))
}
