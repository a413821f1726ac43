//! `swamp vault put`.

use serde_json::{Map, Value, json};

use crate::errors::Result;
use crate::log::quote;
use crate::session::Session;
use crate::time;
use crate::vault::{Opened, TYPE, audit};

/// Stores a secret: its vault, its key and its value. What labels it gets is noted about it.
pub fn run(
    [name, key, value]: [&str; 3],
    labels: &[String],
    sure: bool,
    session: &mut Session,
) -> Result<()> {
    let opened = Opened::of(name, name, session)?;
    if opened.secrets.has(key)? && !sure && !session.output.is_json() {
        session.ask()?;
    }
    let overwritten = opened.secrets.put(key, value)?;
    let timestamp = time::now();
    if !labels.is_empty() {
        let mut note = opened.secrets.note(key)?;
        note["updatedAt"] = timestamp.as_str().into();
        let mut all = note["labels"].as_object().cloned().unwrap_or_default();
        all.extend(pairs(labels));
        note["labels"] = all.into();
        opened.secrets.set_note(key, &note)?;
    }
    let name = &opened.vault.name;
    audit::keep(&opened.repository.dir, "put", name, key, &timestamp)?;
    if session.output.is_json() {
        let mut said = json!({
            "vaultName": name, "secretKey": key, "vaultType": TYPE, "overwritten": overwritten,
            "timestamp": timestamp,
        });
        if !labels.is_empty() {
            said["labels"] = pairs(labels).into();
        }
        return session.output.json(&said);
    }
    let mut message = format!("Stored secret {} in vault {}", quote(key), quote(name));
    if !labels.is_empty() {
        message = format!("{message} with labels: {}", quote(&labels.join(", ")));
    }
    session.output.info("vault put", &message);
    Ok(())
}

/// Labels, each `key=value`.
pub(super) fn pairs(labels: &[String]) -> Map<String, Value> {
    let pair = |label: &String| {
        let (name, value) = label.split_once('=').unwrap_or((label, ""));
        (name.to_owned(), value.into())
    };
    labels.iter().map(pair).collect()
}
