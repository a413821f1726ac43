//! `workflows/*.yaml`: what a workflow is to do.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

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
    /// All of the file.
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
    #[serde(default)]
    depends_on: Vec<Value>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it does.
    pub task: Task,
    #[serde(default)]
    depends_on: Vec<Value>,
    #[serde(default)]
    allow_failure: bool,
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

impl Workflow {
    /// The workflow of this name or id.
    pub fn find(repo: &Path, name_or_id: &str) -> Result<Self> {
        let mut paths = files::files_below(&repo.join("workflows"))?;
        paths.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        });
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
            // What is no workflow is passed over.
            if let Ok(workflow) = Self::parse(&text)
                && [workflow.name.as_str(), &workflow.id].contains(&name_or_id)
            {
                return Ok(workflow);
            }
        }
        Err(Failure::coded(
            "workflow_not_found",
            format!(
                "Workflow not found: {name_or_id}.\nCreate it with 'swamp workflow create {name_or_id}', or run \
                 'swamp doctor workflows --json' to check for broken workflow files"
            ),
        ))
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

    /// Refuses what is more than one step after the other.
    pub fn check(&self) -> Result<()> {
        let missing = |what: &str| Err(Failure::not_implemented(&format!("workflows with {what}")));
        let mut earlier: Option<&str> = None;
        for job in &self.jobs {
            if !follows(&job.depends_on, "job", earlier) {
                return missing("jobs that are not a chain");
            }
            earlier = Some(&job.name);
            let mut before: Option<&str> = None;
            for step in &job.steps {
                if step.task.r#type != "model_method" {
                    return missing(&format!("tasks of type {}", step.task.r#type));
                }
                if step.allow_failure || step.for_each.is_some() || step.guard.is_some() {
                    return missing("allowFailure, forEach or guard");
                }
                if !follows(&step.depends_on, "step", before) {
                    return missing("steps that are not a chain");
                }
                before = Some(&step.name);
            }
        }
        let unknown = ["inputs", "trigger", "concurrency"];
        match unknown.iter().find(|key| self.entries.contains_key(**key)) {
            Some(key) => missing(key),
            None => Ok(()),
        }
    }
}

/// Whether this waits for the success of `earlier` and of nothing else.
fn follows(depends_on: &[Value], kind: &str, earlier: Option<&str>) -> bool {
    match (depends_on, earlier) {
        ([], None) => true,
        ([one], Some(earlier)) => {
            one.get(kind).and_then(Value::as_str) == Some(earlier)
                && one["condition"]["type"] == "succeeded"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: &str = "{name: NAME, task: {type: model_method, modelIdOrName: m, methodName: execute, inputs: {run: x}}, dependsOn: [DEP]}";

    fn workflow(second_depends_on: &str) -> Workflow {
        let one = STEP.replace("NAME", "one").replace("DEP", "");
        let two = STEP
            .replace("NAME", "two")
            .replace("DEP", second_depends_on);
        let text = format!(
            "id: i\nname: w\njobs:\n  - name: j\n    steps:\n      - {one}\n      - {two}\n    dependsOn: []\n"
        );
        Workflow::parse(&text).expect("a workflow")
    }

    #[test]
    fn chains_are_accepted_and_nothing_else() {
        let chain = workflow("{step: one, condition: {type: succeeded}}");
        assert_eq!(chain.check(), Ok(()));
        assert_eq!(chain.jobs[0].steps[1].task.inputs["run"], "x");
        for other in [
            "",
            "{step: one, condition: {type: failed}}",
            "{step: zero, condition: {type: succeeded}}",
        ] {
            let refused = workflow(other).check().expect_err("no chain");
            assert_eq!(refused.exit_code(), 70);
        }
    }

    #[test]
    fn a_missing_workflow_is_named() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let error = Workflow::find(dir.path(), "w").expect_err("no workflow");
        assert!(
            error
                .to_string()
                .starts_with("Workflow not found: w.\nCreate it")
        );
    }
}
