//! Another name for data.

use serde_json::json;

use super::layout::ModelData;
use super::metadata::Metadata;
use super::store::{self, Draft};
use crate::errors::{Failure, Result};
use crate::files;
use crate::quirks::{Quirk, Quirks};
use crate::time;

/// Stores the newest version of a name under another one, and makes the old one lead there. Gives
/// the version that was copied, and what was stored.
pub fn rename(
    model: &ModelData,
    [name, new_name]: [&str; 2],
    quirks: &Quirks,
) -> Result<(u64, Metadata)> {
    let none = || Failure::refused(format!("Data \"{name}\" not found"));
    let newest = model.find(name, None)?.ok_or_else(none)?;
    if newest.name != name && !quirks.on(Quirk::RenameOfForwardCopiesOld) {
        let to = newest.name;
        return Err(Failure::refused(format!(
            "Data \"{name}\" is already renamed to \"{to}\""
        )));
    }
    let taken = model.find(new_name, None)?;
    let back = |taken: &Metadata| taken.name == name && !quirks.on(Quirk::RenameBackRefused);
    if taken.is_some_and(|taken| !taken.is_deleted() && !back(&taken)) {
        return Err(Failure::refused(format!(
            "Data \"{new_name}\" already exists"
        )));
    }
    let content = model.content(name, newest.version)?.ok_or_else(none)?;
    let draft = Draft {
        name: new_name.to_owned(),
        content_type: newest.content_type.clone(),
        lifetime: newest.lifetime.clone(),
        garbage_collection: newest.garbage_collection.clone(),
        streaming: newest.streaming,
        tags: newest.tags.clone(),
        owner: newest.owner_definition.clone(),
        content,
    };
    let stored = store::save(model, draft)?;
    leave(model, name, &newest, new_name)?;
    Ok((newest.version, stored))
}

/// Leaves word under the old name, by the id and the name that the data had.
fn leave(model: &ModelData, name: &str, newest: &Metadata, new_name: &str) -> Result<()> {
    let version = model.allocate(name)?;
    let now = time::now();
    let word = Metadata {
        version,
        content_type: "application/json".to_owned(),
        streaming: false,
        created_at: now.clone(),
        size: None,
        checksum: None,
        lifecycle: Some("deleted".to_owned()),
        renamed_to: Some(new_name.to_owned()),
        ..newest.clone()
    };
    word.write(&model.version_dir(name, version))?;
    let content = json!({ "renamedTo": new_name, "renamedAt": now });
    files::write_atomically(&model.content_path(name, version), &content.to_string())?;
    model.set_latest(name, version)
}
