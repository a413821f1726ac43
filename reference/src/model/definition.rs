//! `models/<type>/<name>.yaml`: the definition of a model.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::config::text::Quotes;
use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::files;

/// The entries of a definition, in the order in which swamp writes them.
const KEYS: [&str; 12] = [
    "type",
    "typeVersion",
    "id",
    "name",
    "version",
    "tags",
    "globalArguments",
    "methods",
    "inputs",
    "checks",
    "reports",
    "resources",
];

/// The directory of a datastore with the definitions that swamp made itself.
pub const GENERATED: &str = "auto-definitions";

/// The definition of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    entries: Map<String, Value>,
}

impl Definition {
    /// Reads the text of a definition; `place` is the type that its directory stands for.
    pub fn parse(text: &str, place: &str) -> std::result::Result<Self, String> {
        let Value::Object(mut found) = yaml::read(text)? else {
            return Err("not a mapping".to_owned());
        };
        found.entry("type").or_insert_with(|| place.into());
        for key in ["tags", "globalArguments", "methods"] {
            found.entry(key).or_insert_with(|| json!({}));
        }
        for key in ["id", "name"] {
            if !found.get(key).is_some_and(Value::is_string) {
                return Err(format!("no {key}"));
            }
        }
        let entries = KEYS
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), found.shift_remove(*key)?)))
            .collect();
        Ok(Self { entries })
    }

    /// A new definition of that type, with nothing in it.
    pub fn generate(model_type: &str, version: &str, name: &str) -> Self {
        let entries = json!({
            "type": model_type, "typeVersion": version, "id": Uuid::new_v4().to_string(), "name": name,
            "version": 1, "tags": {}, "globalArguments": {}, "methods": {},
        });
        let entries = entries.as_object().cloned().unwrap_or_default();
        Self { entries }
    }

    /// The text of the file.
    pub fn to_yaml(&self) -> String {
        yaml::write(&self.entries, Quotes::Single)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    /// The type of the model, as directories are called: `command/shell`.
    pub fn model_type(&self) -> String {
        normalized_type(self.text("type"))
    }

    /// An entry: `globalArguments`, `methods`, …
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }

    /// The same entry, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.get_mut(key)
    }

    /// All entries.
    pub fn entries(&self) -> &Map<String, Value> {
        &self.entries
    }

    /// The global arguments.
    pub fn global_arguments(&self) -> Map<String, Value> {
        match self.entries.get("globalArguments") {
            Some(Value::Object(arguments)) => arguments.clone(),
            _ => Map::new(),
        }
    }

    /// The arguments that the definition gives to a method.
    pub fn method_arguments(&self, method: &str) -> Map<String, Value> {
        let given = self
            .entries
            .get("methods")
            .and_then(|methods| methods.get(method)?.get("arguments"));
        match given {
            Some(Value::Object(arguments)) => arguments.clone(),
            _ => Map::new(),
        }
    }

    /// Gives an argument to a method.
    pub fn set_method_argument(&mut self, method: &str, name: &str, value: Value) {
        let mut place = self.entries.entry("methods").or_insert_with(|| json!({}));
        for key in [method, "arguments"] {
            if !place.is_object() {
                *place = json!({});
            }
            let Value::Object(entries) = place else {
                return;
            };
            place = entries.entry(key).or_insert_with(|| json!({}));
        }
        if let Value::Object(arguments) = place {
            arguments.insert(name.to_owned(), value);
        }
    }

    fn text(&self, key: &str) -> &str {
        self.entries
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// The directory with all definitions of a repository.
pub fn models_dir(repo: &Path) -> PathBuf {
    repo.join("models")
}

/// The type as its directories are called.
pub fn normalized_type(model_type: &str) -> String {
    let slashed = model_type
        .trim()
        .to_lowercase()
        .replace("::", "/")
        .replace(|c: char| c == '.' || c.is_whitespace(), "/");
    let segments: Vec<_> = slashed.split('/').filter(|part| !part.is_empty()).collect();
    segments.join("/")
}

/// All definitions of a repository with their files, by path. What does not read as a definition is
/// passed over.
pub fn all(repo: &Path) -> Result<Vec<(Definition, PathBuf)>> {
    below(&models_dir(repo))
}

/// The same of any directory.
pub fn below(root: &Path) -> Result<Vec<(Definition, PathBuf)>> {
    let mut paths = files::files_below(root)?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| {
            let path = path.display();
            Failure::refused(format!(
                "Failed to read definition file {path}: {error}. If the open-file limit was reached, raise it with \
                 'ulimit -n'."
            ))
        })?;
        let place = path
            .parent()
            .and_then(|dir| dir.strip_prefix(root).ok())
            .map(|dir| dir.to_string_lossy().into_owned())
            .unwrap_or_default();
        if let Ok(definition) = Definition::parse(&text, &place) {
            found.push((definition, path));
        }
    }
    Ok(found)
}

/// The definition of this name, else of this id.
pub fn find(repo: &Path, name_or_id: &str) -> Result<Option<Definition>> {
    let mut found = all(repo)?;
    let at = found
        .iter()
        .position(|(definition, _)| definition.name() == name_or_id)
        .or_else(|| {
            found
                .iter()
                .position(|(definition, _)| definition.id() == name_or_id)
        });
    Ok(at.map(|at| found.swap_remove(at).0))
}

/// The same, where the command needs it.
pub fn require(repo: &Path, name_or_id: &str) -> Result<Definition> {
    find(repo, name_or_id)?
        .ok_or_else(|| Failure::refused(format!("Model not found: {name_or_id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_put_in_order_and_what_is_missing_is_added() {
        let text =
            "name: x\nid: i\nunknown: 1\nmethods:\n  execute:\n    arguments:\n      run: ls\n";
        let definition = Definition::parse(text, "command/shell").expect("a definition");
        assert_eq!(
            definition.to_yaml(),
            "type: command/shell\nid: i\nname: x\ntags: {}\nglobalArguments: {}\nmethods:\n  execute:\n    arguments:\n      run: ls\n"
        );
        assert_eq!(definition.method_arguments("execute")["run"], "ls");
        assert!(definition.method_arguments("other").is_empty());
    }

    #[test]
    fn types_are_normalized() {
        for written in [
            "command/shell",
            "Command::Shell",
            " command.shell",
            "/command//shell/",
        ] {
            assert_eq!(normalized_type(written), "command/shell");
        }
        assert_eq!(normalized_type("@uat/probe"), "@uat/probe");
    }
}
