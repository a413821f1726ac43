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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataRoot;

    fn draft(name: &str) -> Draft {
        Draft {
            name: name.to_owned(),
            content_type: "text/plain".to_owned(),
            lifetime: "infinite".to_owned(),
            garbage_collection: 10.into(),
            streaming: true,
            tags: Map::new(),
            owner: Owner::model("m"),
            content: b"[stdout]\nhi".to_vec(),
        }
    }

    #[test]
    fn versions_follow_each_other_and_the_last_is_the_newest() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let model = DataRoot(dir.path().to_path_buf()).model("command/shell", "m");
        let first = save(&model, draft("log")).expect("the first");
        let second = save(&model, draft("log")).expect("the second");
        assert_eq!((first.version, second.version), (1, 2));
        assert_ne!(first.id, second.id);
        assert_eq!(first.size, Some(11));
        assert_eq!(
            first.checksum.as_deref(),
            Some("babd0f508c61f441b25a9114857c01ced81f6580ce1302648ddaf366196a1d28")
        );
        assert_eq!(model.find("log", None), Ok(Some(second)));
        assert_eq!(model.content("log", 1), Ok(Some(b"[stdout]\nhi".to_vec())));
    }

    #[test]
    fn the_name_of_the_marker_is_reserved() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let model = DataRoot(dir.path().to_path_buf()).model("t/t", "m");
        assert!(save(&model, draft("Latest")).is_err());
    }
}
