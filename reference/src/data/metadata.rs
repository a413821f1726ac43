//! `metadata.yaml`: what is known of one version of data.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::text::Quotes;
use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::files;

/// The metadata of one version, in the order in which the file has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The id of the data; all versions have the same.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The number of the version, from 1 on.
    pub version: u64,
    /// Its MIME type.
    pub content_type: String,
    /// How long it is kept: `infinite`, `1m`, …
    pub lifetime: String,
    /// How many versions are kept, or for how long: a number or a duration.
    pub garbage_collection: Value,
    /// Whether it grows while the method runs.
    #[serde(default)]
    pub streaming: bool,
    /// Texts by name, among them `type`, `specName` and `modelName`.
    pub tags: Map<String, Value>,
    /// Who made it.
    pub owner_definition: Owner,
    /// When this version was made, as an ISO time.
    pub created_at: String,
    /// The size of the content in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The SHA-256 of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// `deleted` for a tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<String>,
    /// The new name, in the tombstone that a renaming leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_to: Option<String>,
}

/// The maker of a version. All but the first two come from a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Owner {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_hash: Option<String>,
    pub owner_type: String,
    pub owner_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Owner {
    /// The definition with this id, run by hand.
    pub fn model(definition_id: &str) -> Self {
        Self {
            owner_type: "model-method".to_owned(),
            owner_ref: definition_id.to_owned(),
            ..Self::default()
        }
    }
}

impl Metadata {
    /// The name of the file in a version's directory.
    pub const FILE_NAME: &str = "metadata.yaml";

    /// Reads the text of a `metadata.yaml`; the error says what is wrong with it.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        serde_json::from_value(yaml::read(text)?).map_err(|error| error.to_string())
    }

    /// Reads the file of the version in `directory`; none where there is no such file.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(Self::FILE_NAME);
        let Some(text) = files::read_if_there(&path)? else {
            return Ok(None);
        };
        Self::parse(&text)
            .map(Some)
            .map_err(|error| Failure::syntax(format!("{}: {error}", path.display())))
    }

    /// The text of the file.
    pub fn to_yaml(&self) -> Result<String> {
        match serde_json::to_value(self) {
            Ok(Value::Object(entries)) => Ok(yaml::write(&entries, Quotes::Single)),
            Ok(other) => Err(Failure::broken(format!("no mapping: {other}"))),
            Err(error) => Err(Failure::broken(error.to_string())),
        }
    }

    /// Writes the file of the version in `directory`, which has to exist.
    pub fn write(&self, directory: &Path) -> Result<()> {
        let path = directory.join(Self::FILE_NAME);
        fs::write(&path, self.to_yaml()?).map_err(|error| Failure::io(&path, &error))
    }

    /// A tag; empty where there is no such tag.
    pub fn tag(&self, name: &str) -> &str {
        self.tags
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Whether it is a tombstone.
    pub fn is_deleted(&self) -> bool {
        self.lifecycle.as_deref() == Some("deleted")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECT: &str = "id: dba698eb-fe14-44b1-81ef-05c532b67d22
name: log
version: 1
contentType: text/plain
lifetime: infinite
garbageCollection: 10
streaming: true
tags:
  type: file
  specName: log
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: b29d0340-8cc2-494f-86fd-eee410e72ce5
createdAt: '2026-11-22T13:01:15.311Z'
size: 11
checksum: babd0f508c61f441b25a9114857c01ced81f6580ce1302648ddaf366196a1d28
";

    #[test]
    fn what_swamp_wrote_is_rewritten_byte_for_byte() {
        let metadata = Metadata::parse(DIRECT).expect("metadata");
        assert_eq!(metadata.to_yaml().expect("its text"), DIRECT);
        assert_eq!(metadata.tag("specName"), "log");
        assert_eq!(metadata.tag("none"), "");
        assert!(!metadata.is_deleted());
    }

    #[test]
    fn a_workflow_and_a_tombstone_leave_more() {
        let text = DIRECT
            .replace(
                "createdAt",
                "  workflowName: wf33\n  jobName: build\n  stepName: one\n  source: step-output\ncreatedAt",
            )
            .replace("garbageCollection: 10", "garbageCollection: 1d")
            + "lifecycle: deleted\nrenamedTo: other\n";
        let metadata = Metadata::parse(&text).expect("metadata");
        assert!(metadata.is_deleted());
        assert_eq!(metadata.owner_definition.step_name.as_deref(), Some("one"));
        assert_eq!(metadata.to_yaml().expect("its text"), text);
    }

    #[test]
    fn a_missing_file_is_no_error_and_a_broken_one_is() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(Metadata::read(dir.path()), Ok(None));
        fs::write(dir.path().join(Metadata::FILE_NAME), "id: [").expect("a broken file");
        assert!(Metadata::read(dir.path()).is_err());
        assert!(Metadata::parse("id: x\n").is_err());
    }
}
