//! `swamp doctor secrets` and `swamp doctor vaults`. A model of the built-in type has nothing secret.

use serde_json::json;

use crate::errors::{Failure, Result};
use crate::files;
use crate::model::{definition, shell};
use crate::repository::Repository;
use crate::session::Session;

/// Says that no model has a secret in its definition.
pub fn secrets(session: &mut Session) -> Result<()> {
    let (_, scanned) = scanned(session)?;
    session.output.json(&json!({
        "overallStatus": "pass", "scanned": scanned, "findings": [], "unresolved": [],
    }))
}

/// Says that no model writes a secret that would need a vault.
pub fn vaults(session: &mut Session) -> Result<()> {
    let (repository, scanned) = scanned(session)?;
    let found = files::files_below(&repository.dir.join("vaults"))?;
    session.output.json(&json!({
        "overallStatus": "pass", "scanned": scanned, "hasVault": !found.is_empty(), "findings": [],
        "unresolved": [],
    }))
}

/// How many models were looked at.
fn scanned(session: &mut Session) -> Result<(Repository, usize)> {
    session.output.is_for_programs()?;
    let repository = session.repository()?;
    let models = definition::all(&repository.dir)?;
    if models.iter().any(|(it, _)| it.model_type() != shell::TYPE) {
        let what = "to look for secrets of another type than command/shell";
        return Err(Failure::not_implemented(what));
    }
    Ok((repository, models.len()))
}
