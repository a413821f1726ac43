//! `swamp doctor secrets` and `swamp doctor vaults`. A model of the built-in type has nothing secret.

use serde_json::{Value, json};

use crate::errors::{Failure, Result};
use crate::files;
use crate::model::{definition, shell};
use crate::repository::Repository;
use crate::session::Session;

/// Says that no model has a secret in its definition.
pub fn secrets(session: &mut Session) -> Result<()> {
    let (_, told) = scanned(session)?;
    session.output.json(&told)
}

/// Says that no model writes a secret that would need a vault.
pub fn vaults(session: &mut Session) -> Result<()> {
    let (repository, mut told) = scanned(session)?;
    let found = files::files_below(&repository.dir.join("vaults"))?;
    told["hasVault"] = (!found.is_empty()).into();
    let order = [
        "overallStatus",
        "scanned",
        "hasVault",
        "findings",
        "unresolved",
    ];
    let told: serde_json::Map<String, Value> = order
        .map(|key| (key.to_owned(), told[key].clone()))
        .into_iter()
        .collect();
    session.output.json(&told)
}

fn scanned(session: &mut Session) -> Result<(Repository, Value)> {
    session.output.is_for_programs()?;
    let repository = session.repository()?;
    let models = definition::all(&repository.dir)?;
    if models.iter().any(|(it, _)| it.model_type() != shell::TYPE) {
        let what = "to look for secrets of another type than command/shell";
        return Err(Failure::not_implemented(what));
    }
    let told = json!({
        "overallStatus": "pass", "scanned": models.len(), "findings": [], "unresolved": [],
    });
    Ok((repository, told))
}
