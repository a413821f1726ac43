//! `.datastore-sync-state.json`: what the cache remembers of the last sync, and what was changed
//! since.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::keys::SIDECAR;
use crate::cloud::Cloud;
use crate::errors::Result;
use crate::files;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sidecar {
    /// The version of the index in the bucket that the cache is up to date with; empty for none.
    pub fingerprint: String,
    /// When that was so.
    pub last_verified_at: String,
    /// Whether the cache was changed since.
    pub local_dirty: bool,
    /// What was changed.
    pub dirty_paths: Vec<String>,
    /// Whether anything may have been changed.
    pub bulk_invalidated: bool,
    /// Whether contents were left in the bucket.
    pub lazy: bool,
    /// Whether the root of the bucket was looked through for data to take over.
    pub data_key_migrated: bool,
    /// The number of the last change, where the index is in parts.
    pub sequence: Option<u64>,
    /// Whether there is anything remembered at all.
    pub exists: bool,
}

fn fingerprint_key(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::S3 => "remoteIndexETag",
        Cloud::Gcs => "remoteIndexGeneration",
    }
}

impl Sidecar {
    /// Reads the file of a cache. What is not readable is nothing.
    pub fn read(cache: &Path, cloud: Cloud) -> Self {
        let text = fs::read_to_string(cache.join(SIDECAR)).unwrap_or_default();
        serde_json::from_str(&text)
            .ok()
            .and_then(|value: Value| Self::parse(&value, cloud))
            .unwrap_or_default()
    }

    fn parse(value: &Value, cloud: Cloud) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or_default();
        let paths = value.get("dirtyPaths").and_then(Value::as_array);
        let paths = paths.into_iter().flatten().filter_map(Value::as_str);
        Some(Self {
            fingerprint: text(fingerprint_key(cloud))?,
            last_verified_at: text("lastVerifiedAt")?,
            local_dirty: value.get("localDirty")?.as_bool()?,
            dirty_paths: paths.map(str::to_owned).collect(),
            bulk_invalidated: flag("bulkInvalidated"),
            lazy: flag("lazyPullActive"),
            data_key_migrated: flag("dataKeyMigrated"),
            sequence: value.get("commitSeq").and_then(Value::as_u64),
            exists: true,
        })
    }

    fn document(&self, cloud: Cloud) -> Value {
        let mut document = Map::new();
        document.insert("version".into(), 2.into());
        document.insert(
            fingerprint_key(cloud).into(),
            self.fingerprint.clone().into(),
        );
        let rest = json!({
            "lastVerifiedAt": self.last_verified_at, "localDirty": self.local_dirty,
            "dirtyPaths": self.dirty_paths, "bulkInvalidated": self.bulk_invalidated,
            "lazyPullActive": self.lazy, "dirtyPathsOverflowed": false,
        });
        if let Value::Object(rest) = rest {
            document.extend(rest);
        }
        if self.data_key_migrated {
            document.insert("dataKeyMigrated".into(), true.into());
        }
        if let Some(sequence) = self.sequence {
            document.insert("commitSeq".into(), sequence.into());
        }
        Value::Object(document)
    }

    /// Writes the file of a cache.
    pub fn write(&mut self, cache: &Path, cloud: Cloud) -> Result<()> {
        self.exists = true;
        files::ensure_dir(cache)?;
        files::write_atomically(&cache.join(SIDECAR), &format!("{:#}", self.document(cloud)))
    }

    /// Remembers that something was changed, at this path in the cache or anywhere. Says whether
    /// that is news.
    pub fn mark_dirty(&mut self, path: Option<&str>) -> bool {
        match path {
            Some(_) if self.bulk_invalidated => return false,
            Some(path) if self.dirty_paths.iter().any(|known| known == path) => return false,
            Some(path) => self.dirty_paths.push(path.to_owned()),
            None if self.local_dirty && self.bulk_invalidated => return false,
            None => self.bulk_invalidated = true,
        }
        self.local_dirty = true;
        self.sequence = None;
        true
    }

    /// Forgets all changes.
    pub fn forget_changes(&mut self) {
        self.dirty_paths.clear();
        self.bulk_invalidated = false;
        self.local_dirty = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_swamps() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(Sidecar::read(dir.path(), Cloud::S3), Sidecar::default());
        let mut sidecar = Sidecar {
            fingerprint: "f".into(),
            last_verified_at: "T".into(),
            data_key_migrated: true,
            ..Sidecar::default()
        };
        sidecar.mark_dirty(Some("infra/data/x"));
        sidecar.write(dir.path(), Cloud::S3).expect("the write");
        let text = fs::read_to_string(dir.path().join(SIDECAR)).expect("the file");
        assert_eq!(
            text,
            "{\n  \"version\": 2,\n  \"remoteIndexETag\": \"f\",\n  \"lastVerifiedAt\": \"T\",\n  \"localDirty\": true,\n  \
             \"dirtyPaths\": [\n    \"infra/data/x\"\n  ],\n  \"bulkInvalidated\": false,\n  \"lazyPullActive\": false,\n  \
             \"dirtyPathsOverflowed\": false,\n  \"dataKeyMigrated\": true\n}"
        );
        assert_eq!(Sidecar::read(dir.path(), Cloud::S3), sidecar);
        assert_eq!(Sidecar::read(dir.path(), Cloud::Gcs), Sidecar::default());
    }

    #[test]
    fn a_change_is_remembered_once() {
        let mut sidecar = Sidecar::default();
        assert!(sidecar.mark_dirty(Some("a")) && !sidecar.mark_dirty(Some("a")));
        assert!(sidecar.mark_dirty(None) && sidecar.bulk_invalidated);
        assert!(!sidecar.mark_dirty(Some("b")) && !sidecar.mark_dirty(None));
    }
}
