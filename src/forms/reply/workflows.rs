//! The replies of the commands about workflows themselves: their types, and what their values must be.
#![allow(dead_code, reason = "each field is there to be required")]

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::{Id, present};
use super::{Fault, Said, ensure, same};
use crate::forms::exact;

/// `workflow create`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowCreate {
    id: Id,
    name: String,
    path: String,
    jobs: Vec<Map<String, Value>>,
}

/// The workflow is where it says, and of that id.
pub(super) fn create(said: &Said<'_>, name: &str, reply: &WorkflowCreate) -> Result<(), Fault> {
    same("name", reply.name.as_str(), name)?;
    ensure(!reply.jobs.is_empty(), "it has no job")?;
    said.stands_at(name, &reply.id, &reply.path)
}

/// `workflow get`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowGet {
    id: Id,
    name: String,
    /// Absent where nobody gave it one.
    #[serde(default, deserialize_with = "present")]
    description: Option<String>,
    version: u64,
    #[serde(default, deserialize_with = "present")]
    inputs: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    trigger: Option<Map<String, Value>>,
    tags: Map<String, Value>,
    jobs: Vec<Map<String, Value>>,
    path: String,
}

pub(super) fn get(said: &Said<'_>, name: &str, reply: &WorkflowGet) -> Result<(), Fault> {
    same("name", reply.name.as_str(), name)?;
    ensure(!reply.jobs.is_empty(), "it has no job")?;
    let workflow = read(&said.place_of(name))?;
    for (field, told) in [("inputs", &reply.inputs), ("trigger", &reply.trigger)] {
        same(field, told.as_ref(), workflow[field].as_object())?;
    }
    said.stands_at(name, &reply.id, &reply.path)
}

/// `workflow edit`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowEdit {
    path: String,
    /// Where one was opened.
    #[serde(default, deserialize_with = "present")]
    editor: Option<String>,
    status: String,
    name: String,
    id: Id,
}

pub(super) fn edit(said: &Said<'_>, reply: &WorkflowEdit) -> Result<(), Fault> {
    let status = ["updated", "opened"][usize::from(reply.editor.is_some())];
    same("status", reply.status.as_str(), status)?;
    said.stands_at(&reply.name, &reply.id, &reply.path)
}

/// `workflow delete`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WorkflowDelete {
    deleted: Deleted,
    runs_deleted: u64,
}

/// The workflow that is gone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Deleted {
    id: Id,
    name: String,
    workflow_path: String,
}

/// Neither it nor a record of its runs is there any more.
pub(super) fn delete(said: &Said<'_>, name: &str, reply: &WorkflowDelete) -> Result<(), Fault> {
    same("name", reply.deleted.name.as_str(), name)?;
    let path = said.place_of(name);
    said.same_path("workflowPath", &reply.deleted.workflow_path, &path)?;
    ensure(!path.exists(), "it is still there")?;
    let runs = said.own_dir("workflow-runs")?.join(&reply.deleted.id.0);
    ensure(!runs.exists(), "records of its runs are still there")
}

/// `workflow search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowSearch {
    query: String,
    results: Vec<FoundWorkflow>,
}

/// A workflow that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FoundWorkflow {
    id: Id,
    name: String,
    #[serde(default, deserialize_with = "present")]
    description: Option<String>,
    job_count: usize,
    has_inputs: bool,
    #[serde(default, deserialize_with = "present")]
    trigger: Option<Map<String, Value>>,
}

pub(super) fn search(said: &Said<'_>, reply: &WorkflowSearch) -> Result<(), Fault> {
    for found in &reply.results {
        let workflow = read(&said.place_of(&found.name))?;
        same("id", Some(found.id.0.as_str()), workflow["id"].as_str())?;
        let jobs = workflow["jobs"].as_array().map(Vec::len);
        same("jobCount", Some(found.job_count), jobs)?;
        same(
            "hasInputs",
            found.has_inputs,
            workflow["inputs"].is_object(),
        )?;
        let trigger = workflow["trigger"].as_object();
        same("trigger", found.trigger.as_ref(), trigger)?;
    }
    Ok(())
}

/// `workflow evaluate`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WorkflowEvaluate {
    id: Id,
    name: String,
    #[serde(rename = "hadExpressions")]
    had_expressions: bool,
    output_path: String,
}

/// What was evaluated lies in the own namespace.
pub(super) fn evaluate(said: &Said<'_>, name: &str, reply: &WorkflowEvaluate) -> Result<(), Fault> {
    same("name", reply.name.as_str(), name)?;
    let path = said.own_dir("workflows-evaluated")?;
    let path = path.join(format!("workflow-{name}.yaml"));
    said.same_path("outputPath", &reply.output_path, &path)?;
    let evaluated = read(&path)?;
    same("id", Some(reply.id.0.as_str()), evaluated["id"].as_str())?;
    let raw = evaluated.to_string().contains("${{");
    ensure(!raw, "an expression in it is not evaluated")
}

/// `workflow evaluate --all`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowEvaluateAll {
    items: Vec<WorkflowEvaluate>,
    total: usize,
    evaluated: usize,
}

pub(super) fn evaluate_all(said: &Said<'_>, reply: &WorkflowEvaluateAll) -> Result<(), Fault> {
    same("total", reply.total, reply.items.len())?;
    let had = reply.items.iter().filter(|item| item.had_expressions);
    same("evaluated", reply.evaluated, had.count())?;
    let mut items = reply.items.iter();
    items.try_for_each(|item| evaluate(said, &item.name, item))
}

impl Said<'_> {
    /// Where the workflow of that name is to lie.
    fn place_of(&self, name: &str) -> PathBuf {
        self.repo().join(format!("workflows/workflow-{name}.yaml"))
    }

    /// Whether the workflow of that name and id lies where it is told to.
    fn stands_at(&self, name: &str, id: &Id, path: &str) -> Result<(), Fault> {
        let place = self.place_of(name);
        self.same_path("path", path, &place)?;
        let workflow = read(&place)?;
        same("id", Some(id.0.as_str()), workflow["id"].as_str())?;
        same("its name", Some(name), workflow["name"].as_str())
    }
}

fn read(path: &Path) -> Result<Value, Fault> {
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let text = fs::read_to_string(path).map_err(|e| told(&e))?;
    exact::yaml(&text).map_err(|e| told(&e))
}
