//! What `workflow validate` looks at.

use std::path::Path;

use serde::Serialize;

use super::definition::{Broken, Job, Step, Workflow};
use super::graph;
use crate::errors::Result;
use crate::expressions::template;
use crate::model::definition::{self, Definition};
use crate::model::kind::Kind;
use crate::session::Session;

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// Whether it is as it should be.
    pub passed: bool,
    /// Whether there is something to say all the same.
    #[serde(skip_serializing_if = "is_false")]
    pub warning: bool,
    /// What there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// All checks of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub struct Report {
    pub workflow_id: String,
    pub workflow_name: String,
    pub validations: Vec<Check>,
    pub total_warnings: usize,
    pub passed: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Check {
    fn new(name: impl Into<String>, problem: Option<String>) -> Self {
        Self {
            name: name.into(),
            passed: problem.is_none(),
            warning: false,
            error: problem,
        }
    }

    /// A check of a list of wrong things, which are named after `what`.
    fn of_list(name: impl Into<String>, what: &str, wrong: &[String]) -> Self {
        let problem = (!wrong.is_empty()).then(|| format!("{what}: {}", wrong.join(", ")));
        Self::new(name, problem)
    }
}

impl Report {
    fn new(id: &str, name: &str, validations: Vec<Check>) -> Self {
        Self {
            workflow_id: id.to_owned(),
            workflow_name: name.to_owned(),
            total_warnings: validations.iter().filter(|check| check.warning).count(),
            passed: validations.iter().all(|check| check.passed),
            validations,
        }
    }

    /// The report of a file that holds no workflow.
    pub fn of_broken(broken: &Broken) -> Self {
        let path = broken.path.display().to_string();
        let error = format!("{} (file: {path})", broken.error);
        Self::new(
            broken.id.as_deref().unwrap_or_default(),
            broken.name.as_deref().unwrap_or(&path),
            vec![Check::new("Schema validation", Some(error))],
        )
    }

    /// The report of a workflow in the repository at `repo`.
    pub fn of(workflow: &Workflow, repo: &Path, session: &Session) -> Result<Self> {
        let jobs = &workflow.jobs;
        let names: Vec<_> = jobs.iter().map(|job| job.name.as_str()).collect();
        let mut checks = vec![
            Check::new("Schema validation", None),
            Check::of_list("Unique job names", "Duplicate job names", &twice(&names)),
        ];
        for job in jobs {
            let name = format!("Unique step names in job '{}'", job.name);
            checks.push(Check::of_list(
                name,
                "Duplicate step names",
                &twice(&step_names(job)),
            ));
        }
        let needs = jobs
            .iter()
            .flat_map(|job| job.depends_on.iter().map(|on| (&job.name, &on.on)));
        checks.push(Check::of_list(
            "Valid job dependency references",
            "Invalid job references",
            &unknown(needs, &names),
        ));
        for job in jobs {
            let name = format!("Valid step dependency references in job '{}'", job.name);
            let steps = job.steps.iter();
            let needs =
                steps.flat_map(|step| step.depends_on.iter().map(|on| (&step.name, &on.on)));
            let wrong = unknown(needs, &step_names(job));
            checks.push(Check::of_list(name, "Invalid step references", &wrong));
        }
        checks.push(Check::new(
            "No cyclic job dependencies",
            graph::levels(&workflow.nodes()).err(),
        ));
        for job in jobs {
            let name = format!("No cyclic step dependencies in job '{}'", job.name);
            checks.push(Check::new(name, graph::levels(&job.nodes()).err()));
        }
        let mut references = Vec::new();
        for job in jobs {
            for step in &job.steps {
                let (inputs, reference) = task_checks(job, step, repo, session)?;
                checks.push(inputs);
                references.extend(reference);
            }
        }
        checks.extend(references);
        Ok(Self::new(&workflow.id, &workflow.name, checks))
    }
}

fn step_names(job: &Job) -> Vec<&str> {
    job.steps.iter().map(|step| step.name.as_str()).collect()
}

/// Each name that came before.
fn twice(names: &[&str]) -> Vec<String> {
    let again = |(at, name): &(usize, &&str)| names[..*at].contains(name);
    let names = names.iter().enumerate().filter(again);
    names.map(|(_, name)| (*name).to_owned()).collect()
}

fn unknown<'a>(
    needs: impl Iterator<Item = (&'a String, &'a String)>,
    known: &[&str],
) -> Vec<String> {
    needs
        .filter(|(_, on)| !known.contains(&on.as_str()))
        .map(|(name, on)| format!("{name} -> {on}"))
        .collect()
}

/// Whether the step gives its method what it needs, and the definition of the model what that refers to.
fn task_checks(
    job: &Job,
    step: &Step,
    repo: &Path,
    session: &Session,
) -> Result<(Check, Option<Check>)> {
    let (model, method) = (&step.task.model_id_or_name, &step.task.method_name);
    let place = format!("'{}' in job '{}' ({model}.{method})", step.name, job.name);
    let name = format!("Step inputs for {place}");
    if model.contains("${{") {
        return Ok((Check::new(name, None), None));
    }
    let Some(definition) = definition::find(repo, model)? else {
        let warning = Check {
            name: format!("{name} (model not found)"),
            passed: true,
            warning: true,
            error: Some(
                "Model instance not found — may be created at runtime, or could be a typo"
                    .to_owned(),
            ),
        };
        return Ok((warning, None));
    };
    let model_type = definition.model_type();
    let Ok(kind) = Kind::find(repo, &model_type, session)? else {
        let problem = format!(
            "Model type '{model_type}' could not be resolved — ensure the extension is available so its step inputs can \
             be validated"
        );
        return Ok((Check::new(name, Some(problem)), None));
    };
    let Some((_, required)) = kind.inputs(method) else {
        let problem = format!("Method '{method}' not found on model type '{model_type}'");
        return Ok((Check::new(name, Some(problem)), None));
    };
    let given = |argument: &str| {
        step.task.inputs.contains_key(argument)
            || definition.method_arguments(method).contains_key(argument)
            || definition.global_arguments().contains_key(argument)
    };
    let missing: Vec<_> = required.into_iter().filter(|name| !given(name)).collect();
    let inputs = Check::of_list(name, "Missing required inputs", &missing);
    Ok((inputs, Some(references(&definition, step, &place))))
}

fn references(definition: &Definition, step: &Step, place: &str) -> Check {
    let name = format!("GlobalArgument input references for {place}");
    let mut all = definition.global_arguments();
    all.extend(definition.method_arguments(&step.task.method_name));
    let mut wanted: Vec<String> = Vec::new();
    for raw in template::expressions(&all.into()) {
        for part in template::source(raw).split("inputs.").skip(1) {
            let end = part.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            let input = &part[..end.unwrap_or(part.len())];
            if !step.task.inputs.contains_key(input) && !wanted.iter().any(|w| w == input) {
                wanted.push(input.to_owned());
            }
        }
    }
    Check::of_list(
        name,
        "Model definition references input(s) not supplied by step",
        &wanted,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Output;
    use crate::session::Environment;

    fn failures(text: &str) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let models = dir.path().join("models/command/shell");
        std::fs::create_dir_all(&models).expect("a directory");
        std::fs::write(models.join("m.yaml"), "id: i\nname: m\n").expect("a definition");
        let workflow = Workflow::parse(text).expect("a workflow");
        let output = Output::to(Box::new(std::io::sink()), Box::new(std::io::sink()));
        let session = Session::new(dir.path().to_path_buf(), Environment::default(), output);
        let session = session.expect("a session");
        let report = Report::of(&workflow, dir.path(), &session).expect("a report");
        let said = report
            .validations
            .into_iter()
            .filter_map(|check| check.error);
        said.collect()
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = "id: i
name: w
jobs:
  - name: a
    dependsOn: [{job: z, condition: {type: always}}]
    steps:
      - {name: x, task: {type: model_method, modelIdOrName: gone, methodName: execute}, dependsOn: [{step: y, condition: {type: always}}]}
      - {name: x, task: {type: model_method, modelIdOrName: m, methodName: other}}
      - {name: v, task: {type: model_method, modelIdOrName: m, methodName: execute}}
";
        assert_eq!(
            failures(text),
            [
                "Duplicate step names: x",
                "Invalid job references: a -> z",
                "Invalid step references: x -> y",
                "Duplicate node names: x",
                "Model instance not found — may be created at runtime, or could be a typo",
                "Method 'other' not found on model type 'command/shell'",
                "Missing required inputs: run",
            ]
        );
    }
}
