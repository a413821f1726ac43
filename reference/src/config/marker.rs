//! `.swamp.yaml`: what makes a directory a swamp repository.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::yaml;
use crate::errors::{Failure, Result};
use crate::files;

/// The name of the file in the repository's root.
pub const FILE_NAME: &str = ".swamp.yaml";

/// The content of `.swamp.yaml`. Keys that this implementation does not know are kept, in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    entries: Map<String, Value>,
}

impl Marker {
    /// The content that `repo init` writes.
    pub fn initial(version: &str, initialized_at: &str, repo_id: &str, tools: &[String]) -> Self {
        let mut entries = Map::new();
        entries.insert("swampVersion".into(), version.into());
        entries.insert("initializedAt".into(), initialized_at.into());
        entries.insert("repoId".into(), repo_id.into());
        entries.insert("tools".into(), tools.into());
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
            Ok(Value::Object(entries)) => Ok(Some(Self::from_entries(entries))),
            Ok(_) => Err(Failure::syntax(format!("{}: not a mapping", path.display()))),
            Err(error) => Err(Failure::syntax(format!("{}: {error}", path.display()))),
        }
    }

    /// Old repositories name their one tool under `tool`.
    fn from_entries(mut entries: Map<String, Value>) -> Self {
        if let Some(tool) = entries.shift_remove("tool")
            && !entries.contains_key("tools")
        {
            let tools = if tool == "none" { Vec::new() } else { vec![tool] };
            entries.insert("tools".into(), tools.into());
        }
        Self { entries }
    }

    /// Writes the marker of the repository at `repo`, all or nothing.
    pub fn write(&self, repo: &Path) -> Result<()> {
        files::write_atomically(&path_in(repo), &yaml::write(&self.entries))
    }

    /// The id that the repository was born with.
    pub fn repo_id(&self) -> Option<&str> {
        self.entries.get("repoId")?.as_str()
    }

    /// The AI tools that the repository is set up for.
    pub fn tools(&self) -> Vec<&str> {
        let tools = self.entries.get("tools").and_then(Value::as_array);
        tools.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The log level that the repository asks for.
    pub fn log_level(&self) -> Option<&str> {
        self.entries.get("logLevel")?.as_str()
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
        self.datastore("namespace").filter(|namespace| !namespace.is_empty())
    }

    /// Replaces the whole datastore block, namespace and all.
    pub fn set_filesystem_datastore(&mut self, path: &str, directories: &[String]) {
        let mut block = Map::new();
        block.insert("type".into(), "filesystem".into());
        block.insert("path".into(), path.into());
        block.insert("directories".into(), directories.into());
        self.entries.insert("datastore".into(), Value::Object(block));
    }

    /// Sets the namespace. A repository that has no datastore block yet gets one, with the default path.
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
