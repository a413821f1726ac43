//! `swamp vault search`.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::session::Session;
use crate::vault::registry::{self, Vault};

/// Finds vaults by their names. The result is JSON in both modes.
pub fn run(query: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let wanted = query.to_lowercase();
    let is_wanted = |vault: &Vault| vault.name.to_lowercase().contains(&wanted);
    let found = registry::all(&repository.dir)?.into_iter();
    let found = found.filter(is_wanted).map(|vault| {
        let mut row = vault.described();
        if let Some(fields) = row.as_object_mut() {
            fields.shift_remove("config");
        }
        row
    });
    let found: Vec<Value> = found.collect();
    session
        .output
        .json(&json!({ "query": query, "results": found }))
}
