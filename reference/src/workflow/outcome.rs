//! How a run went: as `--json` prints it, as its record file and as the index of runs have it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::clock::Times;
use super::definition::Workflow;
use crate::config::text::Quotes;
use crate::config::yaml;
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::files;
use crate::model::inputs::Given;
use crate::report::Made;

/// How a run, a job or a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Status {
    Pending,
    Running,
    WaitingApproval,
    Suspended,
    Succeeded,
    Failed,
}

impl Status {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::WaitingApproval => "waiting_approval",
            Self::Suspended => "suspended",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Pending,
        Self::Running,
        Self::WaitingApproval,
        Self::Suspended,
        Self::Succeeded,
        Self::Failed,
    ];

    /// The one of that name; pending where it is unknown.
    fn of(name: &Value) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|status| *name == status.name())
            .unwrap_or(Self::Pending)
    }

    /// Whether what stands so is over.
    fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepOutcome {
    /// Its name.
    pub name: String,
    /// How it went.
    pub status: Status,
    /// When.
    pub times: Times,
    /// Why it failed.
    pub error: Option<String>,
    /// What it left: `output` and `dataArtifacts` of the record.
    pub left: Option<(Value, Value)>,
    /// What a person decided about it.
    pub decision: Option<Value>,
    /// What a person was asked.
    pub prompt: Option<String>,
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobOutcome {
    /// Its name.
    pub name: String,
    /// How it went.
    pub status: Status,
    /// When.
    pub times: Times,
    /// Its steps.
    pub steps: Vec<StepOutcome>,
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The id of the run.
    pub id: String,
    /// When.
    pub times: Times,
    /// What it was given.
    pub given: Given,
    /// Its jobs.
    pub jobs: Vec<JobOutcome>,
    /// The log, seen from the repository.
    pub log_file: String,
    /// Who ran it.
    pub initiated_by: String,
    /// The process that began it.
    pub pid: u32,
    /// Whether it has stopped until a person decides, and somebody goes on with it.
    pub suspended: bool,
    /// The reports that it made.
    pub reports: Vec<Made>,
    /// What the record says of those that are about the whole run.
    pub artifacts: Vec<Value>,
}

impl Outcome {
    /// The run that a record is about.
    pub fn of_record(record: &Value) -> Self {
        let step = |step: &Value| StepOutcome {
            name: text(&step["stepName"]),
            status: Status::of(&step["status"]),
            times: times(step),
            error: step["error"].as_str().map(str::to_owned),
            left: (!step["output"].is_null())
                .then(|| (step["output"].clone(), step["dataArtifacts"].clone())),
            decision: step.get("approvalDecision").cloned(),
            prompt: step["approvalPrompt"].as_str().map(str::to_owned),
        };
        let job = |job: &Value| JobOutcome {
            name: text(&job["jobName"]),
            status: Status::of(&job["status"]),
            times: times(job),
            steps: items(&job["steps"]).map(step).collect(),
        };
        Self {
            id: text(&record["id"]),
            times: times(record),
            given: Given {
                inputs: object(&record["inputs"]),
                tags: object(&record["tags"]),
            },
            jobs: items(&record["jobs"]).map(job).collect(),
            log_file: text(&record["logFile"]),
            initiated_by: text(&record["initiatedBy"]),
            pid: record["pid"].as_u64().unwrap_or_default() as u32,
            suspended: Status::of(&record["status"]) == Status::Suspended,
            reports: Vec::new(),
            artifacts: Vec::new(),
        }
    }

    /// The step that waits for a person, and its job.
    pub fn waiting(&self) -> Option<(&JobOutcome, &StepOutcome)> {
        self.jobs.iter().find_map(|job| {
            let mut steps = job.steps.iter();
            let step = steps.find(|step| step.status == Status::WaitingApproval)?;
            Some((job, step))
        })
    }

    /// How the run went.
    pub fn status(&self) -> Status {
        let failed = |job: &JobOutcome| job.status == Status::Failed;
        if self.jobs.iter().any(failed) {
            Status::Failed
        } else if self.suspended {
            Status::Suspended
        } else if self.times.completed_at.is_none() {
            Status::Running
        } else {
            Status::Succeeded
        }
    }

    /// The step that failed, and why.
    pub fn failure(&self) -> Option<(&str, &str)> {
        let mut steps = self.jobs.iter().flat_map(|job| &job.steps);
        steps.find_map(|step| Some((step.name.as_str(), step.error.as_deref()?)))
    }

    /// As `--json` prints it.
    pub fn printed(&self, workflow: &Workflow, path: &Path) -> Value {
        let step = |step: &StepOutcome| {
            let mut entries = named("name", &step.name, step.status);
            put(&mut entries, "error", step.error.as_ref());
            put(&mut entries, "duration", step.times.duration);
            let artifacts = step.left.as_ref().map(|(_, artifacts)| artifacts);
            put(&mut entries, "dataArtifacts", artifacts);
            Value::Object(entries)
        };
        let job = |job: &JobOutcome| {
            let mut entries = named("name", &job.name, job.status);
            entries.insert("steps".into(), job.steps.iter().map(step).collect());
            put(&mut entries, "duration", job.times.duration);
            Value::Object(entries)
        };
        let mut entries = Map::new();
        put(&mut entries, "id", Some(&self.id));
        put(&mut entries, "workflowId", Some(&workflow.id));
        put(&mut entries, "workflowName", Some(&workflow.name));
        put(&mut entries, "inputs", self.inputs());
        put(&mut entries, "status", Some(self.status().name()));
        entries.insert("jobs".into(), self.jobs.iter().map(job).collect());
        put(&mut entries, "duration", Some(self.times.duration));
        put(&mut entries, "path", Some(path));
        put(&mut entries, "initiatedBy", Some(&self.initiated_by));
        if let Some((job, step)) = self.waiting() {
            let asked = json!({ "stepId": step.name, "jobId": job.name, "prompt": step.prompt });
            put(&mut entries, "approvalRequired", Some(asked));
            entries.shift_remove("duration");
        }
        Value::Object(entries)
    }

    /// Writes the record into the datastore. Gives where it is.
    pub fn store(&self, workflow: &Workflow, datastore: &Datastore) -> Result<PathBuf> {
        let runs = datastore.own_root().join("workflow-runs");
        let dir = runs.join(&workflow.id);
        files::ensure_dir(&dir)?;
        let path = dir.join(format!("workflow-run-{}.yaml", self.id));
        let text = yaml::write(&self.record(workflow), Quotes::Single);
        files::write_atomically(&path, &text)?;
        Ok(path)
    }

    /// The record file.
    pub fn record(&self, workflow: &Workflow) -> Map<String, Value> {
        let step = |step: &StepOutcome| {
            let mut entries = named("stepName", &step.name, step.status);
            put_times(&mut entries, &step.times);
            put(&mut entries, "error", step.error.as_ref());
            if let Some((output, artifacts)) = &step.left {
                entries.insert("output".into(), output.clone());
                entries.insert("dataArtifacts".into(), artifacts.clone());
            }
            put(&mut entries, "approvalDecision", step.decision.as_ref());
            put(&mut entries, "approvalPrompt", step.prompt.as_ref());
            Value::Object(entries)
        };
        let job = |job: &JobOutcome| {
            let mut entries = named("jobName", &job.name, job.status);
            put_times(&mut entries, &job.times);
            entries.insert("steps".into(), job.steps.iter().map(step).collect());
            Value::Object(entries)
        };
        let mut entries = Map::new();
        put(&mut entries, "id", Some(&self.id));
        put(&mut entries, "workflowId", Some(&workflow.id));
        put(&mut entries, "workflowName", Some(&workflow.name));
        put(&mut entries, "status", Some(self.status().name()));
        put_times(&mut entries, &self.times);
        entries.insert("jobs".into(), self.jobs.iter().map(job).collect());
        put(&mut entries, "tags", Some(&self.given.tags));
        put(&mut entries, "pid", Some(self.pid));
        put(&mut entries, "logFile", Some(&self.log_file));
        put(&mut entries, "inputs", self.inputs());
        put(&mut entries, "workflowDataArtifacts", some(&self.artifacts));
        put(&mut entries, "initiatedBy", Some(&self.initiated_by));
        put(&mut entries, "triggerSource", Some("manual"));
        self.put_end(&mut entries);
        entries
    }

    /// The entry of the index of runs.
    pub fn index_entry(&self, workflow: &Workflow) -> Value {
        let mut entries = Map::new();
        put(&mut entries, "status", Some(self.status().name()));
        put(&mut entries, "workflowId", Some(&workflow.id));
        put(&mut entries, "workflowName", Some(&workflow.name));
        put_times(&mut entries, &self.times);
        put(&mut entries, "tags", Some(&self.given.tags));
        put(&mut entries, "inputs", Some(&self.given.inputs));
        put(&mut entries, "triggerSource", Some("manual"));
        self.put_end(&mut entries);
        Value::Object(entries)
    }

    /// Its inputs, where it was given any.
    fn inputs(&self) -> Option<&Map<String, Value>> {
        Some(&self.given.inputs).filter(|inputs| !inputs.is_empty())
    }

    fn put_end(&self, entries: &mut Map<String, Value>) {
        let failure = self.failure();
        put(entries, "failedStep", failure.map(|(step, _)| step));
        put(entries, "failureReason", failure.map(|(_, reason)| reason));
        let steps = || self.jobs.iter().flat_map(|job| &job.steps);
        let completed = steps().filter(|step| step.status.is_over()).count();
        let progress = json!({ "completed": completed, "total": steps().count() });
        put(entries, "stepProgress", Some(progress));
    }
}

/// A list, where there is anything in it.
fn some(list: &[Value]) -> Option<&[Value]> {
    Some(list).filter(|list| !list.is_empty())
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// The times of an entry of a record.
fn times(entry: &Value) -> Times {
    let time = |name: &str| entry[name].as_str().map(str::to_owned);
    Times::between(time("startedAt"), time("completedAt"))
}

fn named(key: &str, name: &str, status: Status) -> Map<String, Value> {
    let mut entries = Map::new();
    put(&mut entries, key, Some(name));
    put(&mut entries, "status", Some(status.name()));
    entries
}

fn put_times(entries: &mut Map<String, Value>, times: &Times) {
    put(entries, "startedAt", times.started_at.as_ref());
    put(entries, "completedAt", times.completed_at.as_ref());
}

/// Adds an entry where there is a value.
fn put(entries: &mut Map<String, Value>, key: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        entries.insert(key.to_owned(), json!(value));
    }
}
