//! The replies of the commands that run models and workflows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use walkdir::WalkDir;

use super::forms::{MethodRun, ModelEvaluate, ModelEvaluateAll, WorkflowRun};
use super::values::{Id, NOBODY, Outcome, SHELL, Time};
use super::{Fault, Said, ensure, same};
use crate::digest;
use crate::forms::exact;
use crate::forms::metadata::Metadata;
use crate::forms::record::{Run, WorkflowRun as Recorded};

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
    // A run that may make reports is told to make none of those that there are.
    let reports = (!said.has("--skip-reports")).then(Map::new);
    same("reports", &reply.reports, &reports)?;
    said.took(reply.duration)?;
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
    let taken = reply.method_arguments.iter().map(|(name, value)| {
        let text = value.as_str().map(str::to_owned);
        (name.as_str(), text.unwrap_or_else(|| value.to_string()))
    });
    let taken: BTreeMap<&str, String> = taken.collect();
    let definition = definition(said, reply)?;
    let own = definition["methods"][method]["arguments"]
        .as_object()
        .cloned();
    let mut given = own.unwrap_or_default();
    given.extend(said.inputs()?);
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let given = given
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)));
    same("methodArguments", taken, given.collect())?;
    ensure(!reply.data_artifacts.is_empty(), "it wrote nothing")?;
    let record = recorded(said, reply, method)?;
    same("duration", reply.duration, record.duration_ms)?;
    held_by_definition(said, reply, method, &record)?;
    let written = reply.data_artifacts.iter().map(|it| (&it.id, &it.name));
    let recorded = record.artifacts.data_artifacts;
    let noted = recorded.iter().map(|it| (&it.data_id, &it.name));
    let (written, noted): (Vec<_>, Vec<_>) = (written.collect(), noted.collect());
    same("dataArtifacts", written, noted)?;
    let model = (reply.model_type.as_str(), &reply.model_id);
    for (artifact, noted) in reply.data_artifacts.iter().zip(&recorded) {
        let place = said.version_of(said.own_namespace()?, model, &noted.name, noted.version)?;
        said.same_path("the path of dataArtifacts", &artifact.path, &place)?;
        let raw = fs::read(place.join("raw")).map_err(|e| format!("{}: {e}", place.display()))?;
        if let Some(attributes) = &artifact.attributes {
            let content: Value = serde_json::from_slice(&raw).map_err(|e| e.to_string())?;
            same("attributes", &Value::Object(attributes.clone()), &content)?;
        }
        if reply.model_type == SHELL && artifact.name == "log" {
            held_by_log(log, &reply.model_name, method, &raw)?;
        }
        let metadata = Metadata::read(&place)?;
        let id = metadata.as_ref().map(|metadata| &metadata.id);
        same("the id in its metadata", id, Some(&artifact.id))?;
    }
    same("globalArguments", reply.global_arguments.is_empty(), true)
}

/// The record of the run that the reply is about.
fn recorded(said: &Said<'_>, reply: &MethodRun, method: &str) -> Result<Run, Fault> {
    let outputs = said.own_data()?.join("outputs");
    let outputs = outputs.join(&reply.model_type).join(method);
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", outputs.display());
    let records = fs::read_dir(&outputs).map_err(|e| told(&e))?.flatten();
    let mut records: Vec<PathBuf> = records.map(|entry| entry.path()).collect();
    let of_model = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&reply.model_id.0) && name.ends_with(".yaml")
    };
    records.retain(of_model);
    // The newest one comes last by its name.
    records.sort_unstable();
    for path in records.iter().rev() {
        let text = fs::read_to_string(path).map_err(|e| told(&e))?;
        let record: Run = exact::from_yaml(&text).map_err(|e| told(&e))?;
        if record.id == reply.output_id {
            return Ok(record);
        }
    }
    Err(format!("no record has the outputId {}", reply.output_id.0))
}

/// The model as it was evaluated for the run.
fn definition(said: &Said<'_>, reply: &MethodRun) -> Result<Value, Fault> {
    let path = said.own_dir("definitions-evaluated")?;
    let path = path.join(&reply.model_type);
    let path = path.join(format!("{}.yaml", reply.model_name));
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let text = fs::read_to_string(&path).map_err(|e| told(&e))?;
    exact::yaml(&text).map_err(|e| told(&e))
}

/// The record names the version of the model's type, and the digest of the model as it ran: what
/// was evaluated, with the inputs of the command.
fn held_by_definition(
    said: &Said<'_>,
    reply: &MethodRun,
    method: &str,
    record: &Run,
) -> Result<(), Fault> {
    let mut definition = definition(said, reply)?;
    for (name, value) in said.inputs()? {
        definition["methods"][method]["arguments"][name] = value;
    }
    let version = definition["typeVersion"].take();
    let told = Some(record.provenance.model_version.as_str());
    same("modelVersion", told, version.as_str())?;
    if let Value::Object(fields) = &mut definition {
        fields.remove("type");
        fields.remove("typeVersion");
    }
    // Which definition that names is for the scenario to say.
    if said.has("--last-evaluated") {
        return Ok(());
    }
    definition.sort_all_objects();
    let digest = digest::full(definition.to_string().as_bytes());
    same(
        "definitionHash",
        &record.provenance.definition_hash.0,
        &digest,
    )
}

/// What a command of the shell printed is in its log, each line once.
fn held_by_log(log: &Path, model: &str, method: &str, data: &[u8]) -> Result<(), Fault> {
    let text = fs::read_to_string(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let from = format!("] model·method·run·{model}·{method}: ");
    let logged = text.lines().map(|line| {
        let told = line.split_once(&from);
        told.map_or(line, |(_, text)| text)
    });
    let data = String::from_utf8_lossy(data);
    let printed = data.lines();
    let printed = printed.filter(|line| !["[stdout]", "[stderr]"].contains(line));
    let (mut logged, mut printed): (Vec<_>, Vec<_>) = (logged.collect(), printed.collect());
    logged.sort_unstable();
    printed.sort_unstable();
    same("the lines of its log", logged, printed)
}

/// Each of the models lies in the own namespace, as it was evaluated.
pub(super) fn model_evaluate_all(said: &Said<'_>, reply: &ModelEvaluateAll) -> Result<(), Fault> {
    same("total", reply.total, reply.items.len())?;
    let had = reply.items.iter().filter(|item| item.had_expressions);
    same("evaluated", reply.evaluated, had.count())?;
    for item in &reply.items {
        let evaluated = evaluated(said, &item.name, &item.r#type, &item.output_path)?;
        same("id", evaluated["id"].as_str(), Some(item.id.0.as_str()))?;
    }
    Ok(())
}

/// A model as it was evaluated, which lies where it is said to.
fn evaluated(said: &Said<'_>, model: &str, kind: &str, told: &str) -> Result<Value, Fault> {
    let path = said.own_data()?.join("definitions-evaluated");
    let path = path.join(kind).join(format!("{model}.yaml"));
    said.same_path("outputPath", told, &path)?;
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let text = fs::read_to_string(&path).map_err(|e| told(&e))?;
    exact::yaml(&text).map_err(|e| told(&e))
}

pub(super) fn model_evaluate(
    said: &Said<'_>,
    model: &str,
    reply: &ModelEvaluate,
) -> Result<(), Fault> {
    same("name", reply.name.as_str(), model)?;
    let evaluated = evaluated(said, model, &reply.r#type, &reply.output_path)?;
    same("id", evaluated["id"].as_str(), Some(reply.id.0.as_str()))?;
    let arguments = Value::Object(reply.global_arguments.clone());
    same("globalArguments", &evaluated["globalArguments"], &arguments)?;
    super::data::rows_within(said, &arguments)
}

impl Said<'_> {
    /// The record of a workflow's run.
    pub(super) fn record_of_workflow(&self, workflow: &Id, run: &Id) -> Result<Recorded, Fault> {
        let path = self.place_of_workflow(workflow, run)?;
        let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = fs::read_to_string(&path).map_err(|e| told(&e))?;
        exact::from_yaml(&text).map_err(|e| told(&e))
    }

    /// The records of all runs of workflows in the own namespace.
    pub(super) fn records_of_workflows(&self) -> Result<Vec<Recorded>, Fault> {
        let runs = WalkDir::new(self.own_data()?.join("workflow-runs"));
        let files = runs.into_iter().flatten();
        let files = files.filter(|file| file.path().extension().is_some_and(|it| it == "yaml"));
        let read = files.map(|file| {
            let told = |e: &dyn std::fmt::Display| format!("{}: {e}", file.path().display());
            let text = fs::read_to_string(file.path()).map_err(|e| told(&e))?;
            exact::from_yaml(&text).map_err(|e| told(&e))
        });
        read.collect()
    }

    fn place_of_workflow(&self, workflow: &Id, run: &Id) -> Result<PathBuf, Fault> {
        let runs = self.own_data()?.join("workflow-runs").join(&workflow.0);
        Ok(runs.join(format!("workflow-run-{}.yaml", run.0)))
    }
}

/// How long a part of a run took, where it has both times.
fn lasted(started: Option<&Time>, completed: Option<&Time>) -> Option<u64> {
    let took = completed?.0.duration_since(started?.0);
    took.as_millis().try_into().ok()
}

pub(super) fn workflow_run(
    said: &Said<'_>,
    workflow: &str,
    reply: &WorkflowRun,
) -> Result<(), Fault> {
    same("workflowName", reply.workflow_name.as_str(), workflow)?;
    let went = [Outcome::Succeeded, Outcome::Suspended].contains(&reply.status);
    same("whether it failed", !went, said.output.code != 0)?;
    let mut steps = reply.jobs.iter().flat_map(|job| &job.steps);
    let is_open = steps.any(|step| !step.status.is_over());
    ensure(
        reply.status != Outcome::Suspended || is_open,
        "it waits, and none of its steps does",
    )?;
    said.took(reply.duration.unwrap_or_default())?;
    workflow_history(said, reply)
}

/// A run that goes on began before the command.
pub(super) fn workflow_resume(
    said: &Said<'_>,
    workflow: &str,
    reply: &WorkflowRun,
) -> Result<(), Fault> {
    same("workflowName", reply.workflow_name.as_str(), workflow)?;
    let run = said.value_of("--run");
    same("id", run.unwrap_or(&reply.id.0), reply.id.0.as_str())?;
    same("status", reply.status, Outcome::Succeeded)?;
    workflow_history(said, reply)
}

/// What is told of a run is what its record says.
pub(super) fn workflow_history(said: &Said<'_>, reply: &WorkflowRun) -> Result<(), Fault> {
    same("initiatedBy", reply.initiated_by.as_str(), NOBODY)?;
    let place = said.place_of_workflow(&reply.workflow_id, &reply.id)?;
    said.same_path("path", &reply.path, &place)?;
    let record = said.record_of_workflow(&reply.workflow_id, &reply.id)?;
    same("id", &reply.id, &record.id)?;
    same("inputs", &reply.inputs, &record.inputs)?;
    same("status", reply.status, record.status)?;
    let took = lasted(Some(&record.started_at), record.completed_at.as_ref());
    same("duration", reply.duration, took)?;
    waits(reply, &record)?;
    ensure(!reply.jobs.is_empty(), "it has no job")?;
    same("its jobs", reply.jobs.len(), record.jobs.len())?;
    for (job, noted) in reply.jobs.iter().zip(&record.jobs) {
        same("a job", &job.name, &noted.job_name)?;
        same("the status of a job", job.status, noted.status)?;
        let took = lasted(noted.started_at.as_ref(), noted.completed_at.as_ref());
        same("the duration of a job", job.duration, took)?;
        same("the steps of a job", job.steps.len(), noted.steps.len())?;
        ensure(!job.steps.is_empty(), "a job has no step")?;
        for (step, noted) in job.steps.iter().zip(&noted.steps) {
            same("a step", &step.name, &noted.step_name)?;
            same("the status of a step", step.status, noted.status)?;
            same("the error of a step", &step.error, &noted.error)?;
            let took = lasted(noted.started_at.as_ref(), noted.completed_at.as_ref());
            same("the duration of a step", step.duration, took)?;
            same(
                "what a step wrote",
                &step.data_artifacts,
                &noted.data_artifacts,
            )?;
        }
    }
    Ok(())
}

/// What a run waits for is what its record says.
fn waits(reply: &WorkflowRun, record: &Recorded) -> Result<(), Fault> {
    let jobs = record.jobs.iter();
    let mut steps = jobs.flat_map(|job| job.steps.iter().map(move |step| (job, step)));
    let waiting = steps.find(|(_, step)| step.status == Outcome::WaitingApproval);
    let must = waiting.map(|(job, step)| {
        let prompt = step.approval_prompt.as_deref().unwrap_or_default();
        (step.step_name.as_str(), job.job_name.as_str(), prompt)
    });
    let told = reply.approval_required.as_ref();
    let told = told.map(|it| (it.step_id.as_str(), it.job_id.as_str(), it.prompt.as_str()));
    same("approvalRequired", told, must)
}
