//! The records that swamp writes of runs, as types that know all of their fields: in `outputs/` one
//! of each run of a method, in `workflow-runs/` one of each run of a workflow, and in `audit/` a line of
//! each use of a secret.
#![allow(dead_code, reason = "each field is there to be required")]

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::forms::metadata::Owner;
use crate::forms::reply::values::{Digest, Id, Outcome, Time, present};

/// The record of a method's run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Run {
    pub id: Id,
    pub definition_id: Id,
    pub method_name: String,
    pub status: Outcome,
    pub started_at: Time,
    pub retry_count: u64,
    pub provenance: Provenance,
    pub artifacts: Artifacts,
    pub completed_at: Time,
    pub duration_ms: u64,
    #[serde(default, deserialize_with = "present")]
    pub error: Option<RunError>,
    pub log_file: String,
    pub pid: NonZeroU32,
}

/// Why a run failed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunError {
    pub message: String,
    pub stack: String,
}

/// What a run was about, and who began it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Provenance {
    pub definition_hash: Digest,
    pub model_version: String,
    pub triggered_by: Trigger,
    #[serde(default, deserialize_with = "present")]
    pub initiated_by: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub workflow_id: Option<Id>,
    #[serde(default, deserialize_with = "present")]
    pub workflow_run_id: Option<Id>,
    #[serde(default, deserialize_with = "present")]
    pub step_name: Option<String>,
    /// Of a model in TypeScript.
    #[serde(default, deserialize_with = "present")]
    pub bundle_fingerprint: Option<String>,
}

/// What began a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Trigger {
    Manual,
    Workflow,
}

/// What a run left behind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Artifacts {
    pub data_artifacts: Vec<Artifact>,
}

/// A version of data that a run wrote.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Artifact {
    pub data_id: Id,
    pub name: String,
    pub version: u64,
    pub tags: Map<String, Value>,
}

impl Artifact {
    /// Whether it is a report, which a step tells of and its method does not.
    pub fn is_report(&self) -> bool {
        self.tags.get("type").is_some_and(|kind| kind == "report")
    }
}

/// The record of a workflow's run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WorkflowRun {
    pub id: Id,
    pub workflow_id: Id,
    pub workflow_name: String,
    pub status: Outcome,
    pub started_at: Time,
    /// Absent until it is over.
    #[serde(default, deserialize_with = "present")]
    pub completed_at: Option<Time>,
    pub jobs: Vec<Job>,
    pub tags: Map<String, Value>,
    pub pid: NonZeroU32,
    pub log_file: String,
    /// Absent where it was given none.
    #[serde(default, deserialize_with = "present")]
    pub inputs: Option<Map<String, Value>>,
    /// The reports of the whole run, where there are any.
    #[serde(default, deserialize_with = "present")]
    pub workflow_data_artifacts: Option<Vec<Artifact>>,
    pub initiated_by: String,
    pub trigger_source: Trigger,
    /// Where it failed.
    #[serde(default, deserialize_with = "present")]
    pub failed_step: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub failure_reason: Option<String>,
    pub step_progress: StepProgress,
}

/// How much of a workflow was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepProgress {
    pub completed: usize,
    pub total: usize,
}

/// A job of a workflow's run. One that was skipped has no times.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Job {
    pub job_name: String,
    pub status: Outcome,
    #[serde(default, deserialize_with = "present")]
    pub started_at: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    pub completed_at: Option<Time>,
    pub steps: Vec<Step>,
}

/// A step of a [`Job`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Step {
    pub step_name: String,
    pub status: Outcome,
    #[serde(default, deserialize_with = "present")]
    pub started_at: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    pub completed_at: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    pub error: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub allowed_failure: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    pub output: Option<StepOutput>,
    #[serde(default, deserialize_with = "present")]
    pub data_artifacts: Option<Vec<Artifact>>,
    /// What a person decided, and was asked.
    #[serde(default, deserialize_with = "present")]
    pub approval_decision: Option<Decision>,
    #[serde(default, deserialize_with = "present")]
    pub approval_prompt: Option<String>,
}

/// What a person decided about a [`Step`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Decision {
    pub approved: bool,
    #[serde(default, deserialize_with = "present")]
    pub reason: Option<String>,
    pub decided_by: String,
    pub decided_at: Time,
}

/// What the method of a [`Step`] gave.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct StepOutput {
    pub r#type: String,
    pub model: String,
    pub method: String,
    /// By the spec, and then by the name.
    pub resources: Named<Resource>,
    /// As the resources.
    pub files: Named<File>,
    pub data_artifacts: Vec<Artifact>,
    pub data_handles: Vec<Handle>,
}

/// By the spec, and then by the name.
pub(crate) type Named<T> = BTreeMap<String, BTreeMap<String, T>>;

/// A resource that a [`Step`] wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Resource {
    pub id: Id,
    pub name: String,
    pub version: u64,
    pub is_latest: bool,
    pub created_at: Time,
    pub namespace: String,
    pub attributes: Value,
    pub tags: Map<String, Value>,
    pub model_name: String,
    pub model_id: Id,
    pub model_type: String,
    pub spec_name: String,
    pub data_type: String,
    pub content_type: String,
    pub lifetime: String,
    pub owner_type: String,
    pub streaming: bool,
    pub size: u64,
    pub content: Value,
    pub owner_ref: Id,
    pub workflow_run_id: Id,
    pub workflow_name: String,
    pub job_name: String,
    pub step_name: String,
    pub source: String,
}

/// A file that a [`Step`] wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct File {
    pub id: Id,
    pub version: u64,
    pub created_at: Time,
    pub path: PathBuf,
    pub size: u64,
    pub content_type: String,
}

/// What a [`Step`] gave to the next.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Handle {
    pub name: String,
    pub spec_name: String,
    pub kind: String,
    pub data_id: Id,
    pub version: u64,
    pub size: u64,
    pub tags: Map<String, Value>,
    pub metadata: HandleMetadata,
    /// Of a resource.
    #[serde(default, deserialize_with = "present")]
    pub attributes: Option<Value>,
}

/// What a [`Handle`] says of how its data is kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HandleMetadata {
    pub content_type: String,
    pub lifetime: String,
    pub garbage_collection: Value,
    pub streaming: bool,
    pub tags: Map<String, Value>,
    pub owner_definition: Owner,
}

/// The index of a workflow's runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Runs {
    pub version: u64,
    /// By the ids of the runs.
    pub entries: BTreeMap<String, RunsEntry>,
}

/// One run in the index.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RunsEntry {
    pub status: Outcome,
    pub workflow_id: Id,
    pub workflow_name: String,
    pub started_at: Time,
    /// Absent until it is over.
    #[serde(default, deserialize_with = "present")]
    pub completed_at: Option<Time>,
    pub tags: Map<String, Value>,
    pub inputs: Map<String, Value>,
    pub trigger_source: Trigger,
    #[serde(default, deserialize_with = "present")]
    pub failed_step: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub failure_reason: Option<String>,
    pub step_progress: StepProgress,
}

/// What was done with a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct VaultAudit {
    pub action: String,
    pub timestamp: Time,
    pub vault_name: String,
    pub vault_type: String,
    pub secret_key: String,
    pub caller_context: String,
}
