//! `swamp vault inspect`.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::log::quote;
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Shows what is known of a secret, and not the secret itself.
pub fn run(name: &str, key: &str, session: &mut Session) -> Result<()> {
    const CATEGORY: &str = "vault inspect";
    let opened = Opened::of(name, &format!("'{name}'"), session)?;
    opened.require(key)?;
    let value = opened.read(key, "inspect")?;
    let note = opened.secrets.note(key)?;
    let (bytes, chars) = (value.len(), value.chars().count());
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": opened.vault.name, "secretKey": key, "vaultType": TYPE, "sizeBytes": bytes,
            "sizeChars": chars, "valueType": "string", "supportsAnnotations": true,
            "hasAnnotation": !note.is_null(), "annotation": note, "supportsRefreshHooks": true,
            "hasRefreshHook": false, "refreshHook": null,
        }));
    }
    let (secret, vault) = (quote(key), quote(&opened.vault.name));
    let mut lines = vec![
        format!("Metadata for {secret} in vault {vault}:"),
        format!("  size: {chars} chars ({bytes} bytes)"),
    ];
    if note.is_null() {
        lines.push("  annotation: (none)".to_owned());
    } else {
        lines.extend(of_note(&note));
    }
    lines.push("  refresh-hook: (none)".to_owned());
    for line in lines {
        session.output.info(CATEGORY, &line);
    }
    Ok(())
}

/// The lines about what is noted of a secret.
fn of_note(note: &Value) -> Vec<String> {
    let text = |value: &Value| quote(value.as_str().unwrap_or_default());
    let line = |name: &str, label: &str| {
        let value = note.get(name)?;
        Some(format!("  {label}: {}", text(value)))
    };
    let mut lines = Vec::new();
    lines.extend(line("url", "url"));
    lines.extend(line("notes", "notes"));
    let labels = note["labels"].as_object().into_iter().flatten();
    lines.extend(labels.map(|(name, value)| format!("  label: {}={}", quote(name), text(value))));
    lines.extend(line("updatedAt", "updated"));
    lines
}
