//! `workflows/workflow-*.yaml`: what a workflow is to do.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::config::text::Quotes;
use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::expressions::Evaluator;
use crate::files;

/// The directory of a repository that has its workflows.
const DIRECTORY: &str = "workflows";

/// The order in which its file has what it has beside its id.
const FIELDS: [&str; 7] = [
    "name",
    "description",
    "trigger",
    "tags",
    "inputs",
    "jobs",
    "version",
];

/// A workflow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Workflow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it can be given.
    #[serde(default)]
    inputs: Inputs,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// All of the file.
    #[serde(skip)]
    pub entries: Map<String, Value>,
    /// Where it lies, where that is in a repository.
    #[serde(skip)]
    pub path: PathBuf,
}

/// What a workflow can be given.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Inputs {
    properties: Map<String, Value>,
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
    pub depends_on: Vec<Dependency>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it does.
    pub task: Task,
    /// The steps that it waits for.
    pub depends_on: Vec<Dependency>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type")]
pub enum Task {
    /// A method of a model.
    #[serde(rename = "model_method")]
    Method(Method),
    /// It waits until a person has decided.
    #[serde(rename = "manual_approval")]
    Approval(Approval),
}

/// A method of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// The model that it is a method of, unless the step makes one for itself.
    model_id_or_name: Option<String>,
    /// The type of the model that the step makes, unless it is there.
    pub model_type: Option<String>,
    /// Its name.
    model_name: Option<String>,
    /// Its method.
    pub method_name: String,
    /// The arguments, which may hold expressions.
    #[serde(default)]
    pub inputs: Map<String, Value>,
}

/// A question to a person.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Approval {
    /// The question.
    pub prompt: String,
}

/// The job or step that another waits for, until it has succeeded.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Dependency {
    #[serde(alias = "job", alias = "step")]
    on: String,
}

impl Method {
    /// What its model is called.
    pub fn model(&self) -> &str {
        let called = self.model_id_or_name.as_deref();
        called.or(self.model_name.as_deref()).unwrap_or_default()
    }
}

impl Workflow {
    /// Whether a repository has a workflow of this id.
    pub fn is_there(repo: &Path, id: &str) -> Result<bool> {
        Ok(Self::read(repo)?
            .into_iter()
            .flatten()
            .any(|workflow| workflow.id == id))
    }

    /// What a run of it has as inputs: what it was given, and what is the default of the others.
    pub fn inputs(&self, given: Map<String, Value>) -> Map<String, Value> {
        let properties = self.inputs.properties.iter();
        let defaults =
            properties.filter_map(|(name, it)| Some((name.clone(), it.get("default")?.clone())));
        let mut inputs: Map<String, Value> = defaults.collect();
        inputs.extend(given);
        inputs
    }

    /// The same workflow with the questions that it puts to people as these inputs have them. The
    /// expressions of its other steps wait until the step begins.
    pub fn asking(mut self, inputs: &Map<String, Value>) -> Result<Self> {
        let evaluator = Evaluator::of_inputs(inputs);
        for job in &mut self.jobs {
            for step in &mut job.steps {
                if let Task::Approval(approval) = &mut step.task {
                    approval.prompt = evaluator.text(&approval.prompt)?;
                }
            }
        }
        Ok(self)
    }

    /// Whether a step of it runs a method of that model.
    pub fn uses(&self, model: &str) -> bool {
        let mut steps = self.jobs.iter().flat_map(|job| &job.steps);
        steps.any(|step| matches!(&step.task, Task::Method(method) if method.model() == model))
    }

    /// The workflows of a repository. What reads as none is passed over.
    pub fn all(repo: &Path) -> Result<Vec<Self>> {
        Ok(Self::read(repo)?.into_iter().flatten().collect())
    }

    /// The workflow of this name; none where there is no such workflow.
    pub fn find(repo: &Path, name: &str) -> Result<Option<Self>> {
        for workflow in Self::read(repo)? {
            let workflow = workflow.map_err(Failure::syntax)?;
            if workflow.name == name {
                workflow.check()?;
                return Ok(Some(workflow));
            }
        }
        Ok(None)
    }

    /// The same, where the command needs it.
    pub fn require(repo: &Path, name: &str) -> Result<Self> {
        Self::find(repo, name)?
            .ok_or_else(|| Failure::refused(format!("Workflow not found: {name}")))
    }

    /// The workflow of this name as it was stored in a directory when it was evaluated; none where
    /// it never was.
    pub fn evaluated(dir: &Path, name: &str) -> Result<Option<Self>> {
        let text = files::read_if_there(&Self::place(dir, name))?;
        text.map(|text| Self::parse(&text).map_err(Failure::syntax))
            .transpose()
    }

    /// A new workflow of a repository, to be filled in.
    pub fn generate(repo: &Path, name: &str) -> Self {
        let entries = json!({
            "id": Uuid::new_v4().to_string(), "name": name, "tags": {},
            "jobs": [{
                "name": "main", "description": "Main job (edit or replace)",
                "steps": [{
                    "name": "example", "description": "Example step (edit or replace)",
                    "task": { "type": "model_method", "modelIdOrName": "example-model", "methodName": "run" },
                    "dependsOn": [], "weight": 0, "allowFailure": false,
                }],
                "dependsOn": [], "weight": 0,
            }],
            "version": 1,
        });
        let workflow: Self = serde_json::from_value(entries.clone()).expect("it is a workflow");
        Self {
            entries: entries.as_object().cloned().unwrap_or_default(),
            path: Self::place(&repo.join(DIRECTORY), name),
            ..workflow
        }
    }

    /// The same workflow by its id, as `text` has it.
    pub fn edited(&self, repo: &Path, text: &str) -> Result<Self> {
        let read = yaml::read(text).map_err(Failure::syntax)?;
        let mut entries = Map::new();
        entries.insert("id".to_owned(), self.id.clone().into());
        for key in FIELDS {
            entries.extend(read.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        let workflow: Self = serde_json::from_value(entries.clone().into())
            .map_err(|error| Failure::syntax(error.to_string()))?;
        let path = Self::place(&repo.join(DIRECTORY), &workflow.name);
        Ok(Self {
            entries,
            path,
            ..workflow
        })
    }

    /// Writes it where it lies.
    pub fn save(&self) -> Result<()> {
        files::write_atomically(&self.path, &self.to_yaml())
    }

    /// The text of its file.
    pub fn to_yaml(&self) -> String {
        yaml::write(&self.entries, Quotes::Single)
    }

    /// The file of a workflow in a directory.
    pub fn place(dir: &Path, name: &str) -> PathBuf {
        dir.join(format!("workflow-{name}.yaml"))
    }

    /// What the files of a repository's workflows say, by path; why one cannot be read.
    fn read(repo: &Path) -> Result<Vec<std::result::Result<Self, String>>> {
        let mut paths = files::files_below(&repo.join(DIRECTORY))?;
        paths.sort();
        let read = paths.into_iter().map(|path| {
            let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
            let read = Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()));
            Ok(read.map(|workflow| Self { path, ..workflow }))
        });
        read.collect()
    }

    fn parse(text: &str) -> std::result::Result<Self, String> {
        let read = yaml::read(text)?;
        let mut workflow: Self =
            serde_json::from_value(read.clone()).map_err(|error| error.to_string())?;
        if let Value::Object(entries) = read {
            workflow.entries = entries;
        }
        Ok(workflow)
    }

    /// Jobs and steps run here as they stand in the file. Refuses a workflow where swamp has
    /// another order.
    fn check(&self) -> Result<()> {
        in_order(self.jobs.iter().map(|job| (&job.name, &job.depends_on)))?;
        self.jobs.iter().try_for_each(|job| {
            in_order(job.steps.iter().map(|step| (&step.name, &step.depends_on)))
        })
    }
}

impl Dependency {
    /// The name of what is waited for.
    pub fn on(&self) -> &str {
        &self.on
    }
}

fn in_order<'a>(items: impl Iterator<Item = (&'a String, &'a Vec<Dependency>)>) -> Result<()> {
    let mut before: Vec<&String> = Vec::new();
    for (name, needs) in items {
        let waits = needs.iter().any(|need| !before.contains(&&need.on));
        if waits || before.contains(&name) {
            let what =
                format!("a workflow in which {name} does not stand behind what it waits for");
            return Err(Failure::not_implemented(&what));
        }
        before.push(name);
    }
    Ok(())
}
