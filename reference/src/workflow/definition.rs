//! `workflows/workflow-*.yaml`: what a workflow is to do.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::condition::Dependency;
use super::entries;
use super::graph::Node;
use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::files;

/// A workflow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Workflow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// All of the file, with what swamp adds where it is left out.
    #[serde(skip)]
    pub entries: Map<String, Value>,
}

/// A job of a workflow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its name.
    pub name: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The jobs that it waits for.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    #[serde(default)]
    weight: i64,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it does.
    pub task: Task,
    /// The steps of the job that it waits for.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    /// Whether the job goes on where it fails.
    #[serde(default)]
    pub allow_failure: bool,
    #[serde(default)]
    weight: i64,
    #[serde(default)]
    for_each: Option<Value>,
    #[serde(default)]
    guard: Option<Value>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    r#type: String,
    /// The model.
    #[serde(default)]
    pub model_id_or_name: String,
    /// Its method.
    #[serde(default)]
    pub method_name: String,
    /// The arguments, which may hold expressions.
    #[serde(default)]
    pub inputs: Map<String, Value>,
}

/// A file that should hold a workflow and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub path: PathBuf,
    /// The id and the name that it gives, if it does.
    pub id: Option<String>,
    /// See `id`.
    pub name: Option<String>,
    /// What is wrong.
    pub error: String,
}

/// The workflows of a repository and what else is in their place, by path.
pub fn all(repo: &Path) -> Result<(Vec<Workflow>, Vec<Broken>)> {
    let mut paths = files::files_below(&repo.join("workflows"))?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("workflow-") && name.ends_with(".yaml")
    });
    paths.sort();
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
        match Workflow::parse(&text) {
            Ok(workflow) => found.push(workflow),
            Err(error) => {
                let read = yaml::read(&text).unwrap_or_default();
                let text = |key| read[key].as_str().map(str::to_owned);
                broken.push(Broken {
                    id: text("id"),
                    name: text("name"),
                    path,
                    error,
                });
            }
        }
    }
    Ok((found, broken))
}

impl Workflow {
    /// The workflow of this name or id; none where there is no such workflow.
    pub fn find(repo: &Path, name_or_id: &str) -> Result<Option<Self>> {
        let (found, _) = all(repo)?;
        let mut found = found.into_iter();
        Ok(found.find(|workflow| workflow.name == name_or_id || workflow.id == name_or_id))
    }

    /// Reads the text of a workflow.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let mut read = yaml::read(text)?;
        let mut workflow: Self =
            serde_json::from_value(read.clone()).map_err(|error| error.to_string())?;
        entries::complete(&mut read);
        if let Value::Object(entries) = read {
            workflow.entries = entries;
        }
        Ok(workflow)
    }

    /// Refuses what is not built here.
    pub fn check(&self) -> Result<()> {
        let missing = |what: &str| Err(Failure::not_implemented(&format!("workflows with {what}")));
        for step in self.jobs.iter().flat_map(|job| &job.steps) {
            if step.task.r#type != "model_method" {
                return missing(&format!("tasks of type {}", step.task.r#type));
            }
            if step.for_each.is_some() || step.guard.is_some() {
                return missing("forEach or guard");
            }
        }
        let unknown = ["inputs", "trigger", "concurrency"];
        match unknown.iter().find(|key| self.entries.contains_key(**key)) {
            Some(key) => missing(key),
            None => Ok(()),
        }
    }

    /// The jobs as what is to be put in order.
    pub fn nodes(&self) -> Vec<Node<'_>> {
        let mut nodes = Vec::new();
        for job in &self.jobs {
            nodes.push(Node {
                name: &job.name,
                weight: job.weight,
                after: names(&job.depends_on),
            });
        }
        nodes
    }
}

impl Job {
    /// The steps as what is to be put in order.
    pub fn nodes(&self) -> Vec<Node<'_>> {
        let mut nodes = Vec::new();
        for step in &self.steps {
            nodes.push(Node {
                name: &step.name,
                weight: step.weight,
                after: names(&step.depends_on),
            });
        }
        nodes
    }
}

fn names(dependencies: &[Dependency]) -> Vec<&str> {
    dependencies.iter().map(|one| one.on.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "id: i
name: w
jobs:
  - name: j
    dependsOn: [{job: k, condition: {type: succeeded}}]
    steps:
      - {name: one, allowFailure: true, task: {type: model_method, modelIdOrName: m, methodName: execute, inputs: {run: x}}}
      - {name: two, weight: -1, task: {type: model_method}, dependsOn: [{step: one, condition: {type: failed}}]}
";

    #[test]
    fn jobs_and_steps_wait_for_others() {
        let workflow = Workflow::parse(TEXT).expect("a workflow");
        assert_eq!(workflow.nodes()[0].after, ["k"]);
        let job = &workflow.jobs[0];
        assert!(job.steps[0].allow_failure && !job.steps[1].allow_failure);
        assert_eq!(job.steps[0].task.inputs["run"], "x");
        assert_eq!(job.nodes()[1].after, ["one"]);
        assert_eq!(job.nodes()[1].weight, -1);
        assert_eq!(workflow.check(), Ok(()));
    }

    #[test]
    fn what_is_left_out_is_added_in_its_place() {
        let workflow = Workflow::parse(TEXT).expect("a workflow");
        let keys = |value: &Value| -> Vec<String> {
            let entries = value.as_object().expect("a mapping");
            entries.keys().cloned().collect()
        };
        let all = Value::Object(workflow.entries.clone());
        assert_eq!(keys(&all), ["id", "name", "tags", "jobs", "version"]);
        assert_eq!(
            keys(&all["jobs"][0]),
            ["name", "steps", "dependsOn", "weight"]
        );
        assert_eq!(
            keys(&all["jobs"][0]["steps"][0]),
            ["name", "task", "dependsOn", "weight", "allowFailure"]
        );
        assert_eq!(all["jobs"][0]["steps"][0]["allowFailure"], true);
        assert_eq!(all["version"], 1);
    }

    #[test]
    fn what_is_not_built_is_refused() {
        for (old, new) in [
            ("type: model_method,", "type: assert,"),
            ("weight: -1", "guard: x"),
            ("name: w", "name: w\ninputs: {}"),
        ] {
            let text = TEXT.replace(old, new);
            let workflow = Workflow::parse(&text).expect("a workflow");
            let refused = workflow.check().expect_err(new);
            assert_eq!(refused.exit_code(), 70);
        }
    }

    #[test]
    fn files_are_told_by_their_names() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(all(dir.path()), Ok((vec![], vec![])));
        let place = dir.path().join("workflows");
        fs::create_dir_all(&place).expect("a directory");
        for (file, text) in [
            ("workflow-any.yaml", TEXT),
            ("other.yaml", TEXT),
            ("workflow-broken.yaml", "name: b\njobs: 1\n"),
        ] {
            fs::write(place.join(file), text).expect("a file");
        }
        let (found, broken) = all(dir.path()).expect("readable files");
        assert_eq!(found.len(), 1);
        assert_eq!(broken[0].name.as_deref(), Some("b"));
        for wanted in ["w", "i"] {
            let found = Workflow::find(dir.path(), wanted).expect("readable files");
            assert_eq!(found.map(|found| found.name), Some("w".to_owned()));
        }
        assert_eq!(Workflow::find(dir.path(), "none"), Ok(None));
    }
}
