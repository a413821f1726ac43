//! `.swamp.yaml`: what makes a directory a swamp repository.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::text::Quotes;
use super::yaml;
use crate::errors::{Failure, Result};
use crate::files;

/// The name of the file in the repository's root.
pub const FILE_NAME: &str = ".swamp.yaml";

/// The content of `.swamp.yaml`. Keys that this implementation does not know are kept, in their
/// place.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    entries: Map<String, Value>,
}

impl Marker {
    /// The content that `repo init` writes, where no AI tool is to be set up.
    pub fn initial(version: &str, initialized_at: &str, repo_id: &str) -> Self {
        let mut entries = Map::new();
        entries.insert("swampVersion".into(), version.into());
        entries.insert("initializedAt".into(), initialized_at.into());
        entries.insert("repoId".into(), repo_id.into());
        entries.insert("tools".into(), Vec::<Value>::new().into());
        entries.insert("gitignoreManaged".into(), true.into());
        Self { entries }
    }

    /// Reads the marker of the repository at `repo`; none where there is no such file.
    pub fn read(repo: &Path) -> Result<Option<Self>> {
        let path = path_in(repo);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::io(&path, &error)),
        };
        match yaml::read(&text) {
            Ok(Value::Object(entries)) => Ok(Some(Self { entries })),
            Ok(_) => Err(Failure::syntax(format!(
                "{}: not a mapping",
                path.display()
            ))),
            Err(error) => Err(Failure::syntax(format!("{}: {error}", path.display()))),
        }
    }

    /// Writes the marker of the repository at `repo`, all or nothing.
    pub fn write(&self, repo: &Path) -> Result<()> {
        files::write_atomically(&path_in(repo), &yaml::write(&self.entries, Quotes::Double))
    }

    /// The id that the repository was born with.
    pub fn repo_id(&self) -> Option<&str> {
        self.entries.get("repoId")?.as_str()
    }

    /// The version of swamp that the repository is for.
    pub fn version(&self) -> &str {
        let version = self.entries.get("swampVersion").and_then(Value::as_str);
        version.unwrap_or_default()
    }

    /// Whether swamp keeps a section of `.gitignore`.
    pub fn manages_gitignore(&self) -> bool {
        self.entries.get("gitignoreManaged") == Some(&Value::Bool(true))
    }

    /// Notes another version, and when that was.
    pub fn upgrade(&mut self, version: &str, upgraded_at: &str) {
        self.entries.insert("swampVersion".into(), version.into());
        self.entries.insert("upgradedAt".into(), upgraded_at.into());
    }

    /// The AI tools that the repository is set up for.
    pub fn tools(&self) -> Vec<&str> {
        let tools = self.entries.get("tools").and_then(Value::as_array);
        tools
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// A text entry of the datastore block.
    pub fn datastore(&self, key: &str) -> Option<&str> {
        self.entries.get("datastore")?.get(key)?.as_str()
    }

    /// Whether there is a datastore block.
    pub fn has_datastore(&self) -> bool {
        self.entries.get("datastore").is_some_and(Value::is_object)
    }

    /// The namespace of the repository; none in solo mode.
    pub fn namespace(&self) -> Option<&str> {
        self.datastore("namespace")
            .filter(|namespace| !namespace.is_empty())
    }

    /// Replaces the whole datastore block, namespace and all.
    pub fn set_filesystem_datastore(&mut self, path: &str, directories: &[&str]) {
        let mut block = Map::new();
        block.insert("type".into(), "filesystem".into());
        block.insert("path".into(), path.into());
        block.insert("directories".into(), directories.into());
        self.entries
            .insert("datastore".into(), Value::Object(block));
    }

    /// The directories that were named when the datastore was set up.
    pub fn datastore_directories(&self) -> Option<Vec<String>> {
        let named = self.entries.get("datastore")?.get("directories")?;
        let named = named.as_array()?.iter().filter_map(Value::as_str);
        Some(named.map(str::to_owned).collect())
    }

    /// The configuration of a datastore that an extension provides.
    pub fn datastore_config(&self) -> Map<String, Value> {
        let block = self.entries.get("datastore");
        let config = block
            .and_then(|block| block.get("config"))
            .and_then(Value::as_object);
        config.cloned().unwrap_or_default()
    }

    /// Replaces the whole datastore block by one for a datastore that an extension provides.
    pub fn set_extension_datastore(
        &mut self,
        datastore_type: &str,
        config: &Map<String, Value>,
        hydration_strategy: Option<&str>,
        namespace: Option<&str>,
    ) {
        let mut block = Map::new();
        block.insert("type".into(), datastore_type.into());
        block.insert("config".into(), Value::Object(config.clone()));
        if let Some(strategy) = hydration_strategy {
            block.insert("hydrationStrategy".into(), strategy.into());
        }
        if let Some(namespace) = namespace {
            block.insert("namespace".into(), namespace.into());
        }
        self.entries
            .insert("datastore".into(), Value::Object(block));
    }

    /// Sets the namespace. A repository that has no datastore block yet gets one, with the default
    /// path.
    pub fn set_namespace(&mut self, namespace: &str, default_path: &Path) {
        let block = self.entries.entry("datastore").or_insert(Value::Null);
        if !block.is_object() {
            let mut fresh = Map::new();
            fresh.insert("type".into(), "filesystem".into());
            fresh.insert("path".into(), default_path.to_string_lossy().into());
            *block = Value::Object(fresh);
        }
        if let Value::Object(block) = block {
            block.insert("namespace".into(), namespace.into());
        }
    }

    /// Goes back to solo mode.
    pub fn unset_namespace(&mut self) {
        if let Some(Value::Object(block)) = self.entries.get_mut("datastore") {
            block.shift_remove("namespace");
        }
    }
}

/// Whether `dir` is the root of a repository.
pub fn is_repository(dir: &Path) -> bool {
    path_in(dir).is_file()
}

fn path_in(repo: &Path) -> PathBuf {
    repo.join(FILE_NAME)
}
