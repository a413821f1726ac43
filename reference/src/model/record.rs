//! `outputs/<type>/<method>/<model id>-<time>.yaml`: the record of one run of a method.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::kind::Kind;
use crate::config::text::Quotes;
use crate::config::yaml;
use crate::data::Metadata;
use crate::data::store;
use crate::errors::Result;
use crate::files;
use crate::time::{self, Start};

/// The record of a run that has started.
#[derive(Debug, Clone)]
pub struct Record {
    /// The id of the run.
    pub id: String,
    /// When it started.
    pub start: Start,
    definition_id: String,
    method: String,
    definition_hash: String,
    log_file: String,
    model_type: String,
    model_version: String,
    fingerprint: Option<String>,
}

impl Record {
    /// A run that starts now. `log_file` is seen from the repository.
    pub fn start(definition: &Definition, kind: &Kind, method: &str, log_file: &str) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            start: Start::now(),
            definition_id: definition.id().to_owned(),
            method: method.to_owned(),
            definition_hash: definition_hash(definition),
            log_file: log_file.to_owned(),
            model_type: definition.model_type(),
            model_version: kind.version().to_owned(),
            fingerprint: kind.fingerprint().map(str::to_owned),
        }
    }

    /// Writes the record below `outputs`. `trigger` says who or what wanted the run. Either there
    /// is data, or an error. Gives its path, and how many milliseconds the run took.
    pub fn write(
        &self,
        outputs: &Path,
        trigger: &Value,
        outcome: std::result::Result<&[Metadata], &str>,
    ) -> Result<(PathBuf, u64)> {
        let (completed_at, duration) = self.start.end();
        let data: Vec<_> = outcome.unwrap_or_default().iter().map(artifact).collect();
        let status = if outcome.is_ok() {
            "succeeded"
        } else {
            "failed"
        };
        let mut entries = object(json!({
            "id": self.id, "definitionId": self.definition_id, "methodName": self.method, "status": status,
            "startedAt": self.start.iso(), "retryCount": 0,
            "provenance": { "definitionHash": self.definition_hash, "modelVersion": self.model_version },
            "artifacts": { "dataArtifacts": data },
            "completedAt": completed_at, "durationMs": duration,
        }));
        if let (Some(Value::Object(provenance)), Value::Object(trigger)) =
            (entries.get_mut("provenance"), trigger)
        {
            provenance.extend(trigger.clone());
            if let Some(fingerprint) = &self.fingerprint {
                provenance.insert("bundleFingerprint".into(), fingerprint.clone().into());
            }
        }
        if let Err(message) = outcome {
            // Swamp shows where in its code it noticed; nobody must rely on what it says.
            let stack = format!("Error: {message}\n    at swamp_reference");
            entries.insert(
                "error".into(),
                json!({ "message": message, "stack": stack }),
            );
        }
        entries.insert("logFile".into(), self.log_file.clone().into());
        entries.insert("pid".into(), std::process::id().into());
        let dir = outputs.join(&self.model_type).join(&self.method);
        files::ensure_dir(&dir)?;
        let stamp = time::for_file_name(&self.start.iso());
        let path = dir.join(format!("{}-{stamp}.yaml", self.definition_id));
        files::write_atomically(&path, &yaml::write(&entries, Quotes::Single))?;
        Ok((path, duration))
    }
}

fn artifact(metadata: &Metadata) -> Value {
    json!({
        "dataId": metadata.id, "name": metadata.name, "version": metadata.version, "tags": metadata.tags,
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

/// The SHA-256 of a definition's content, type and its version not counted.
pub fn definition_hash(definition: &Definition) -> String {
    let mut content = definition.entries().clone();
    content.shift_remove("type");
    content.shift_remove("typeVersion");
    store::checksum(sorted(&Value::Object(content)).to_string().as_bytes())
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut keys: Vec<_> = entries.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            keys.into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shell;

    fn hello() -> Definition {
        let id = "b29d0340-8cc2-494f-86fd-eee410e72ce5";
        let text = format!(
            "type: {}\ntypeVersion: 2026.02.09.1\nid: {id}\nname: hello\nversion: 1\n",
            shell::TYPE
        );
        let mut definition = Definition::parse(&text, shell::TYPE).expect("a definition");
        definition.set_method_argument("execute", "run", "echo hi".into());
        definition
    }

    #[test]
    fn the_hash_is_the_one_that_swamp_computed() {
        assert_eq!(
            definition_hash(&hello()),
            "57da199e9b57d98b49254ff43682f7aab5d577e9132f85e2d55dac1adccf7a3f"
        );
    }
}
