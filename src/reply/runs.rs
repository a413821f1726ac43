//! The replies of the commands that run models and workflows, and of those that list their data.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::forms::{DataList, DataVersions, MethodRun, WorkflowRun};
use super::values::{Id, Outcome};
use super::{Fault, Said, ensure, same};
use crate::digest;

/// The one who runs a command without an account.
const NOBODY: &str = "ghost";

pub(super) fn method_run(
    said: &Said<'_>,
    model: &str,
    method: &str,
    reply: &MethodRun,
) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same("methodName", reply.method_name.as_str(), method)?;
    same("status", reply.status, Outcome::Succeeded)?;
    same("initiatedBy", reply.initiated_by.as_str(), NOBODY)?;
    ensure(
        reply.duration < 600_000,
        "the duration is longer than any run may take",
    )?;
    let logs = said
        .repo()
        .join(".swamp/outputs")
        .join(&reply.model_type)
        .join(method);
    let log = Path::new(&reply.log_file);
    same(
        "the directory of logFile",
        log.parent(),
        Some(logs.as_path()),
    )?;
    let name = log
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let named = name.is_some_and(|name| name.starts_with(&reply.model_id.0));
    ensure(named && log.is_file(), "logFile is no log of this model")?;
    for name in ["run", "spec", "name", "n"] {
        if let Some(given) = said.input(name) {
            let taken = reply.method_arguments.get(name).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            same(
                &format!("methodArguments.{name}"),
                taken.as_deref(),
                Some(given),
            )?;
        }
    }
    ensure(!reply.data_artifacts.is_empty(), "it wrote nothing")?;
    let own = said.own_data()?;
    let data = own
        .join("data")
        .join(&reply.model_type)
        .join(&reply.model_id.0);
    let outputs = own.join("outputs").join(&reply.model_type).join(method);
    let written = reply.data_artifacts.iter().map(|artifact| {
        let version = Path::new(&artifact.path).file_name().unwrap_or_default();
        let version = version.to_string_lossy().into_owned();
        (artifact.id.0.clone(), artifact.name.clone(), version)
    });
    let written: Vec<_> = written.collect();
    let recorded = recorded(&outputs, &reply.model_id, &reply.output_id)?;
    same("dataArtifacts", written, recorded)?;
    for artifact in &reply.data_artifacts {
        let path = Path::new(&artifact.path);
        let below = data.join(&artifact.name);
        same(
            "the directory of a piece of data",
            path.parent(),
            Some(below.as_path()),
        )?;
        let raw = fs::read(path.join("raw")).map_err(|e| format!("{}: {e}", path.display()))?;
        if let Some(attributes) = &artifact.attributes {
            let content: Value = serde_json::from_slice(&raw).map_err(|e| e.to_string())?;
            same("attributes", &Value::Object(attributes.clone()), &content)?;
        }
        let metadata = fs::read_to_string(path.join("metadata.yaml")).map_err(|e| e.to_string())?;
        let own = metadata.starts_with(&format!("id: {}\n", artifact.id.0));
        ensure(
            own,
            "the id of a piece of data is not the one in its metadata",
        )?;
    }
    same("globalArguments", reply.global_arguments.is_empty(), true)
}

/// What the record of a run says of the data that it wrote.
#[derive(Deserialize)]
struct Record {
    id: Id,
    artifacts: Recorded,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    data_artifacts: Vec<RecordedData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordedData {
    data_id: Id,
    name: String,
    version: u64,
}

/// Id, name and version of each piece of data that the record of the run `output` tells of.
fn recorded(
    outputs: &Path,
    model: &Id,
    output: &Id,
) -> Result<Vec<(String, String, String)>, Fault> {
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", outputs.display());
    let records = fs::read_dir(outputs).map_err(|e| told(&e))?.flatten();
    let mut records: Vec<PathBuf> = records.map(|entry| entry.path()).collect();
    let of_model = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&model.0) && name.ends_with(".yaml")
    };
    records.retain(of_model);
    // The newest one comes last by its name.
    records.sort_unstable();
    for path in records.iter().rev() {
        let text = fs::read_to_string(path).map_err(|e| told(&e))?;
        let record: Record = serde_yaml_ng::from_str(&text).map_err(|e| told(&e))?;
        if record.id == *output {
            let data = record.artifacts.data_artifacts.into_iter();
            return Ok(data
                .map(|it| (it.data_id.0, it.name, it.version.to_string()))
                .collect());
        }
    }
    Err(format!("no record has the outputId {}", output.0))
}

pub(super) fn workflow_run(
    said: &Said<'_>,
    workflow: &str,
    reply: &WorkflowRun,
) -> Result<(), Fault> {
    same("workflowName", reply.workflow_name.as_str(), workflow)?;
    same("status", reply.status, Outcome::Succeeded)?;
    same("initiatedBy", reply.initiated_by.as_str(), NOBODY)?;
    let runs = said.own_data()?;
    let runs = runs.join("workflow-runs").join(&reply.workflow_id.0);
    let record = runs.join(format!("workflow-run-{}.yaml", reply.id.0));
    said.same_path("path", &reply.path, &record)?;
    ensure(record.is_file(), "there is no record of the run")?;
    ensure(!reply.jobs.is_empty(), "it has no job")?;
    for job in &reply.jobs {
        ensure(
            !job.name.is_empty() && !job.steps.is_empty(),
            "a job has no step",
        )?;
        same("the status of a job", job.status, Outcome::Succeeded)?;
        ensure(
            job.duration <= reply.duration,
            "a job took longer than the run",
        )?;
        for step in &job.steps {
            same("the status of a step", step.status, Outcome::Succeeded)?;
            ensure(
                step.duration <= job.duration,
                "a step took longer than its job",
            )?;
            for artifact in &step.data_artifacts {
                let tag = |name: &str| artifact.tags.get(name).and_then(Value::as_str);
                same("tags.workflow", tag("workflow"), Some(workflow))?;
                same(
                    "tags.workflowRunId",
                    tag("workflowRunId"),
                    Some(reply.id.0.as_str()),
                )?;
                same("tags.job", tag("job"), Some(job.name.as_str()))?;
                same("tags.step", tag("step"), Some(step.name.as_str()))?;
                same(
                    "tags.specName",
                    tag("specName"),
                    Some(artifact.name.as_str()),
                )?;
                ensure(artifact.version > 0, "a version is 0")?;
            }
        }
    }
    Ok(())
}

pub(super) fn data_list(said: &Said<'_>, model: &str, reply: &DataList) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same(
        "namespace",
        reply.namespace.as_deref(),
        said.marker()?.namespace(),
    )?;
    let data = said.own_data()?.join("data");
    let data = data.join(&reply.model_type).join(&reply.model_id.0);
    let mut total = 0;
    for group in &reply.groups {
        ensure(!group.items.is_empty(), "a group is empty")?;
        total += group.items.len();
        for item in &group.items {
            same("type", &item.r#type, &group.r#type)?;
            ensure(item.version > 0, "a version is 0")?;
            ensure(
                !item.name.is_empty() && !item.content_type.is_empty(),
                "a name is empty",
            )?;
            said.is_no_later("createdAt", item.created_at.0)?;
            let version = item.version.to_string();
            let raw = data.join(&item.name).join(version).join("raw");
            // A catalog may know what is not there: that is a finding of the scenarios.
            if let Ok(there) = fs::metadata(raw) {
                same("size", item.size, there.len())?;
            }
        }
    }
    ensure(!reply.model_type.is_empty(), "modelType is empty")?;
    same("total", reply.total, total)
}

pub(super) fn data_versions(
    said: &Said<'_>,
    model: &str,
    name: &str,
    reply: &DataVersions,
) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same("dataName", reply.data_name.as_str(), name)?;
    same("total", reply.total, reply.versions.len())?;
    let data = said.own_data()?.join("data").join(&reply.model_type);
    let data = data.join(&reply.model_id.0).join(name);
    for (index, version) in reply.versions.iter().enumerate() {
        same("isLatest", version.is_latest, index == 0)?;
        ensure(version.version > 0, "a version is 0")?;
        said.is_no_later("createdAt", version.created_at.0)?;
        let raw = data.join(version.version.to_string()).join("raw");
        // Of a bucket there is only what somebody fetched.
        if let Ok(content) = fs::read(raw) {
            same("size", version.size, content.len() as u64)?;
            same("checksum", &version.checksum.0, &digest::full(&content))?;
        }
    }
    Ok(())
}
