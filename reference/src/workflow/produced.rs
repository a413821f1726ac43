//! The data of a run, as the record of the run names it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::definition::Workflow;
use crate::config::yaml;
use crate::data::{Metadata, Stored, walk_versions};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::model::definition::{self, Definition};
use crate::quirks::{Quirk, Quirks};

/// The record of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// All of it.
    pub entries: Value,
    /// Where it lies.
    pub path: PathBuf,
}

/// A piece of data that a step made, or what stands for it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What lies on the disk.
    pub stored: Stored,
    /// The job.
    pub job: String,
    /// The step.
    pub step: String,
}

impl RunRecord {
    /// The latest run.
    pub fn find(datastore: &Datastore, workflow: &Workflow) -> Result<Self> {
        let newest = Self::all(datastore, &workflow.id)?.into_iter().next();
        newest.ok_or_else(|| {
            Failure::refused(format!("Run not found: for workflow: {}", workflow.name))
        })
    }

    /// The run of that id; none where it is no run of the workflow.
    pub fn of_id(
        datastore: &Datastore,
        workflow: &Workflow,
        id: &str,
        quirks: &Quirks,
    ) -> Result<Option<Self>> {
        let mut runs = Self::all(datastore, &workflow.id)?.into_iter();
        if id == "latest" && !quirks.on(Quirk::RunLatestNotFound) {
            return Ok(runs.next());
        }
        Ok(runs.find(|run| run.text("id") == id))
    }

    /// The runs of a workflow, the newest first.
    pub fn all(datastore: &Datastore, workflow_id: &str) -> Result<Vec<Self>> {
        let dir = datastore.own_root().join("workflow-runs").join(workflow_id);
        let mut found = Vec::new();
        for path in files::files_below(&dir)? {
            let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
            // What is no record is passed over.
            if let Ok(entries) = yaml::read(&text) {
                found.push(Self { entries, path });
            }
        }
        found.sort_by(|a, b| b.text("startedAt").cmp(a.text("startedAt")));
        Ok(found)
    }

    /// An entry that is a text.
    pub fn text(&self, key: &str) -> &str {
        self.entries[key].as_str().unwrap_or_default()
    }

    /// The data of that name that its last step to write such has made; by the quirk, what the model
    /// of that step has of the name now. None where no step wrote any.
    pub fn data(
        &self,
        repo: &Path,
        datastore: &Datastore,
        name: &str,
        quirks: &Quirks,
    ) -> Result<Option<(Definition, Metadata)>> {
        let steps = items(&self.entries["jobs"]).flat_map(|job| items(&job["steps"]));
        let made = steps.flat_map(|step| items(&step["dataArtifacts"]));
        let Some(artifact) = made.filter(|made| made["name"] == name).last() else {
            return Ok(None);
        };
        let definition = definition::require(repo, &text(&artifact["tags"]["modelName"]))?;
        let model_type = definition.model_type();
        let model = datastore.data().model(&model_type, definition.id());
        let version = artifact["version"]
            .as_u64()
            .filter(|_| !quirks.on(Quirk::WorkflowListShowsLatest));
        let data = model.find(name, version)?;
        Ok(data.map(|data| (definition, data)))
    }

    /// The data of its steps. What is gone has no place in it; what has a newer version is shown as
    /// such, and as that of any model that has data of the name.
    pub fn pieces(&self, datastore: &Datastore, quirks: &Quirks) -> Result<Vec<Piece>> {
        let all = walk_versions(&datastore.data().0)?;
        let newest: Vec<_> = all.iter().filter(|stored| is_newest(stored)).collect();
        let mut pieces = Vec::new();
        for job in items(&self.entries["jobs"]) {
            for step in items(&job["steps"]) {
                for artifact in items(&step["dataArtifacts"]) {
                    let (id, name) = (&artifact["dataId"], &artifact["name"]);
                    let found = if quirks.on(Quirk::WorkflowListShowsLatest) {
                        let mut exact = newest.iter().copied();
                        let mut named = newest.iter().copied();
                        exact
                            .find(|stored| *id == stored.metadata.id)
                            .or_else(|| named.find(|stored| *name == stored.name))
                    } else {
                        all.iter().find(|stored| *id == stored.metadata.id)
                    };
                    pieces.extend(found.map(|stored| Piece {
                        stored: stored.clone(),
                        job: text(&job["jobName"]),
                        step: text(&step["stepName"]),
                    }));
                }
            }
        }
        Ok(pieces)
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn is_newest(stored: &Stored) -> bool {
    let Some(name) = stored.path.parent() else {
        return false;
    };
    let marked = fs::read_to_string(name.join(crate::data::layout::LATEST)).ok();
    let marked = marked.and_then(|text| text.trim().parse().ok());
    marked == Some(stored.version) && !Metadata::is_deleted(&stored.metadata)
}
