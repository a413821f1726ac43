//! `swamp vault annotate`.

use serde_json::{Map, Value, json};

use super::vault_put;
use crate::args::Annotate;
use crate::errors::Result;
use crate::log::quote;
use crate::session::Session;
use crate::time;
use crate::vault::{Opened, TYPE, audit};

/// Notes something about a secret, or takes away what is noted.
pub fn run(args: &Annotate, session: &mut Session) -> Result<()> {
    session.repository()?;
    let opened = Opened::of(&args.vault, &format!("'{}'", args.vault), session)?;
    let key = &args.key;
    opened.require(key)?;
    let (note, fields) = if args.clear {
        (Value::Null, Vec::new())
    } else {
        noted(args, opened.secrets.note(key)?)
    };
    opened.secrets.set_note(key, &note)?;
    let timestamp = time::now();
    let vault = &opened.vault.name;
    audit::keep(&opened.repository.dir, "annotate", vault, key, &timestamp)?;
    if session.output.is_json() {
        return session.output.json(&json!({
            "vaultName": vault, "secretKey": key, "vaultType": TYPE, "fieldsUpdated": fields,
            "cleared": args.clear, "timestamp": timestamp, "annotation": note,
        }));
    }
    let (secret, vault, fields) = (quote(key), quote(vault), quote(&fields.join(", ")));
    let message = format!("Annotated {secret} in vault {vault} (fields: {fields})");
    session.output.info("vault annotate", &message);
    Ok(())
}

/// What is noted with that added, and the names of what was added.
fn noted(args: &Annotate, was: Value) -> (Value, Vec<&'static str>) {
    let mut note = Map::new();
    note.insert("updatedAt".to_owned(), time::now().into());
    let mut fields = Vec::new();
    for (name, given) in [("url", &args.url), ("notes", &args.notes)] {
        let given = given.as_deref().map(Value::from);
        fields.extend(given.is_some().then_some(name));
        if let Some(value) = given.or_else(|| was.get(name).cloned()) {
            note.insert(name.to_owned(), value);
        }
    }
    let mut labels = was["labels"].as_object().cloned().unwrap_or_default();
    labels.extend(vault_put::pairs(&args.label));
    for name in &args.remove_label {
        labels.shift_remove(name);
    }
    let changes_labels = !args.label.is_empty() || !args.remove_label.is_empty();
    fields.extend(changes_labels.then_some("labels"));
    if !labels.is_empty() {
        note.insert("labels".to_owned(), labels.into());
    }
    (Value::Object(note), fields)
}
