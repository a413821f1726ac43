//! What a repo's `.swamp.yaml` says, as a type that knows all of its fields.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::forms::exact;
use crate::forms::reply::values::{Id, Time, present};

/// A `.swamp.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Marker {
    pub swamp_version: String,
    pub initialized_at: Time,
    pub repo_id: Id,
    pub tools: Vec<String>,
    pub gitignore_managed: bool,
    #[serde(default, deserialize_with = "present")]
    pub upgraded_at: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    datastore: Option<Datastore>,
}

/// Its datastore.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Datastore {
    pub r#type: String,
    /// A directory: of the filesystem.
    #[serde(default, deserialize_with = "present")]
    pub path: Option<String>,
    #[serde(default, deserialize_with = "present")]
    directories: Option<Vec<String>>,
    /// What a datastore extension is told of a bucket.
    #[serde(default, deserialize_with = "present")]
    config: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether contents are fetched at once or when they are wanted.
    #[serde(default, deserialize_with = "present", rename = "hydrationStrategy")]
    hydration_strategy: Option<String>,
    #[serde(default, deserialize_with = "present")]
    namespace: Option<String>,
}

impl Marker {
    /// That of the repo in `dir`.
    pub fn read(dir: &Path) -> Result<Self, String> {
        let path = dir.join(".swamp.yaml");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Self::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// From the text of the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        exact::from_yaml(text)
    }

    /// Its datastore, where it has one of its own.
    pub fn datastore(&self) -> Option<&Datastore> {
        self.datastore.as_ref()
    }

    /// Where the datastore of a repo is that is used from `home`: a directory, or the local copy of a
    /// bucket.
    pub fn datastore_of(&self, repo: &Path, home: &Path) -> PathBuf {
        match self.datastore() {
            None => repo.join(".swamp"),
            Some(datastore) => match &datastore.path {
                Some(path) => PathBuf::from(path),
                None => home.join(".swamp/repos").join(&self.repo_id.0),
            },
        }
    }

    /// Whether a directory is in the datastore: those are that a setup named, where it named any.
    pub fn has_directory(&self, name: &str) -> bool {
        let named = self.datastore().and_then(|it| it.directories.as_ref());
        named.is_none_or(|named| named.iter().any(|it| it == name))
    }

    /// Its namespace, where it has one.
    pub fn namespace(&self) -> Option<&str> {
        self.datastore()?.namespace.as_deref()
    }

    /// The same without what a command about the datastore may change.
    pub fn beside_the_datastore(&self) -> Self {
        Self {
            datastore: None,
            ..self.clone()
        }
    }
}
