//! `swamp vault create`.

use serde_json::{Map, json};
use uuid::Uuid;

use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::time;
use crate::vault::registry::Vault;
use crate::vault::{TYPE, TYPE_NAME};

/// Writes the configuration of a new vault.
pub fn run(wanted: &str, name: String, audit_reads: bool, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let repository = session.repository_with_catalog()?;
    if wanted != TYPE {
        return Err(Failure::refused(format!(
            "Unknown vault type: {wanted}. Available types: {TYPE}. Use 'swamp vault type search' to see available \
             types."
        )));
    }
    let mut config = Map::new();
    config.insert("auto_generate".into(), true.into());
    config.insert("base_dir".into(), repository.dir.to_string_lossy().into());
    let vault = Vault {
        id: Uuid::new_v4().to_string(),
        name,
        config,
        created_at: time::now(),
        audit_reads,
    };
    vault.write(&repository.dir)?;
    session.output.json(&json!({
        "id": vault.id, "name": vault.name, "type": TYPE, "typeName": TYPE_NAME, "config": vault.config,
    }))
}
