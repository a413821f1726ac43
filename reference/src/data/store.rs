//! Storing a new version of data.

use std::fs;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::layout::{LATEST, ModelData};
use super::metadata::{Metadata, Owner};
use crate::errors::{Failure, Result};
use crate::time;

/// What a model hands over to be stored.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The name of the data.
    pub name: String,
    /// Its MIME type.
    pub content_type: String,
    /// How long it is kept.
    pub lifetime: String,
    /// How many versions are kept, or for how long.
    pub garbage_collection: Value,
    /// Whether it grows while the method runs.
    pub streaming: bool,
    /// Texts by name, `type` among them.
    pub tags: Map<String, Value>,
    /// Who made it.
    pub owner: Owner,
    /// The content.
    pub content: Vec<u8>,
}

/// Stores the next version and makes it the newest.
pub fn save(model: &ModelData, draft: Draft) -> Result<Metadata> {
    if draft.name.eq_ignore_ascii_case(LATEST) {
        return Err(Failure::refused(format!(
            "Data name '{}' is reserved for internal use. Use a different name.",
            draft.name
        )));
    }
    let created_at = time::now();
    let version = model.allocate(&draft.name)?;
    let metadata = Metadata {
        id: Uuid::new_v4().to_string(),
        version,
        content_type: draft.content_type,
        lifetime: draft.lifetime,
        garbage_collection: draft.garbage_collection,
        streaming: draft.streaming,
        tags: draft.tags,
        owner_definition: draft.owner,
        created_at,
        size: Some(draft.content.len() as u64),
        checksum: Some(checksum(&draft.content)),
        lifecycle: None,
        renamed_to: None,
        name: draft.name,
    };
    let path = model.content_path(&metadata.name, version);
    fs::write(&path, &draft.content).map_err(|error| Failure::io(&path, &error))?;
    metadata.write(&model.version_dir(&metadata.name, version))?;
    model.set_latest(&metadata.name, version)?;
    Ok(metadata)
}

/// The SHA-256 of a content, in hexadecimal.
pub fn checksum(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
