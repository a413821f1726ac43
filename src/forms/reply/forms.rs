//! The JSON that commands print, one type for each command, as [`crate::forms::schemas`] has it for the
//! namespace commands: unknown fields and missing ones are refused.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::{Digest, Id, Outcome, Time, present};
use crate::forms::metadata::Owner;
use crate::forms::record::Artifact;

/// `repo init`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RepoInit {
    pub path: String,
    pub version: String,
    pub initialized_at: Time,
    pub skills_copied: Vec<String>,
    pub instructions_file_created: bool,
    pub settings_created: bool,
    pub gitignore_action: String,
    pub tools: Vec<String>,
    pub removed_tools: Vec<String>,
    pub tool: String,
    pub next_steps: Vec<String>,
}

/// `repo upgrade`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RepoUpgrade {
    pub path: String,
    pub previous_version: String,
    pub new_version: String,
    pub upgraded_at: Time,
    pub skills_updated: Vec<String>,
    pub instructions_updated: bool,
    pub settings_updated: bool,
    pub gitignore_action: String,
    pub previous_tools: Vec<String>,
    pub tools: Vec<String>,
    pub added_tools: Vec<String>,
    pub removed_tools: Vec<String>,
    pub extensions_to_reinstall: Vec<String>,
    pub local_skill_copies: Vec<String>,
    pub changed_files: Vec<String>,
    pub untrusted_collectives: Vec<String>,
    pub tool: String,
    pub extension_install: ExtensionInstall,
}

/// What an upgrade did to the extensions of a repo.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ExtensionInstall {
    pub entries: Vec<Value>,
    pub installed: u64,
    pub migrated: u64,
    pub up_to_date: u64,
    pub failed: u64,
}

/// `datastore setup filesystem`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SetupFilesystem {
    pub r#type: String,
    pub path: String,
    pub files_copied: u64,
    pub files_pulled: u64,
    pub bytes_copied: u64,
    pub directories_migrated: Vec<String>,
    pub errors: Vec<Value>,
    /// Where there are errors.
    #[serde(default, deserialize_with = "present")]
    pub retry_hint: Option<String>,
    /// Both are absent where nothing was moved.
    #[serde(default, deserialize_with = "present")]
    pub source_path: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub destination_path: Option<String>,
    pub warnings: Vec<Value>,
}

/// `datastore setup extension`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SetupExtension {
    pub r#type: String,
    pub files_copied: u64,
    pub files_pulled: u64,
    pub bytes_copied: u64,
    pub directories_migrated: Vec<String>,
    pub errors: Vec<Value>,
    #[serde(default, deserialize_with = "present")]
    pub namespace: Option<String>,
    /// Absent where nothing was moved.
    #[serde(default, deserialize_with = "present")]
    pub source_path: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub destination_path: Option<String>,
    pub warnings: Vec<SetupWarning>,
}

/// A warning of `datastore setup extension`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SetupWarning {
    pub message: String,
    pub existing_namespaces: Vec<String>,
}

/// `datastore namespace migrate` that could not go on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MigrateFailed {
    pub error: String,
    pub succeeded_directories: Vec<String>,
    pub failed_directory: String,
}

/// `model method run`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MethodRun {
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub method_name: String,
    pub status: Outcome,
    pub duration: u64,
    pub output_id: Id,
    pub log_file: String,
    pub data_artifacts: Vec<RunArtifact>,
    #[serde(default, deserialize_with = "present")]
    pub reports: Option<Map<String, Value>>,
    pub global_arguments: Map<String, Value>,
    pub method_arguments: Map<String, Value>,
    pub initiated_by: String,
}

/// What a run wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RunArtifact {
    pub id: Id,
    pub name: String,
    pub path: String,
    #[serde(default, deserialize_with = "present")]
    pub attributes: Option<Map<String, Value>>,
}

/// `workflow run`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WorkflowRun {
    pub id: Id,
    pub workflow_id: Id,
    pub workflow_name: String,
    /// Absent where it was given none.
    #[serde(default, deserialize_with = "present")]
    pub inputs: Option<Map<String, Value>>,
    pub status: Outcome,
    pub jobs: Vec<Job>,
    #[serde(default, deserialize_with = "present")]
    pub duration: Option<u64>,
    pub path: String,
    pub initiated_by: String,
    /// Where it waits for a person.
    #[serde(default, deserialize_with = "present")]
    pub approval_required: Option<ApprovalRequired>,
}

/// What a [`WorkflowRun`] waits for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ApprovalRequired {
    pub step_id: String,
    pub job_id: String,
    pub prompt: String,
}

/// A job of a [`WorkflowRun`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub name: String,
    pub status: Outcome,
    pub steps: Vec<JobStep>,
    /// Absent where it was skipped.
    #[serde(default, deserialize_with = "present")]
    pub duration: Option<u64>,
}

/// A step of a [`Job`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JobStep {
    pub name: String,
    pub status: Outcome,
    #[serde(default, deserialize_with = "present")]
    pub error: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub duration: Option<u64>,
    /// Absent where it wrote nothing.
    #[serde(default, deserialize_with = "present")]
    pub data_artifacts: Option<Vec<Artifact>>,
}

/// `data list <model>`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DataList {
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    #[serde(default, deserialize_with = "present")]
    pub namespace: Option<String>,
    pub groups: Vec<Group>,
    pub total: usize,
}

/// The data of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub r#type: String,
    pub items: Vec<Item>,
}

/// One piece of data in a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Item {
    pub id: Id,
    pub name: String,
    pub version: u64,
    pub content_type: String,
    pub r#type: String,
    pub streaming: bool,
    pub size: u64,
    pub created_at: Time,
}

/// `data list --workflow <workflow>`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WorkflowDataList {
    pub workflow_id: Id,
    pub workflow_name: String,
    pub run_id: Id,
    pub run_status: Outcome,
    pub groups: Vec<StepGroup>,
    pub total: usize,
}

/// The data of one kind that the steps of a workflow wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepGroup {
    pub r#type: String,
    pub items: Vec<StepItem>,
}

/// One piece of data that a step of a workflow wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct StepItem {
    pub id: Id,
    pub name: String,
    pub version: u64,
    pub content_type: String,
    pub r#type: String,
    pub streaming: bool,
    pub size: u64,
    pub created_at: Time,
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub job_name: String,
    pub step_name: String,
}

/// `data get <model> <name>`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DataGet {
    pub id: Id,
    pub name: String,
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub version: u64,
    pub content_type: String,
    pub lifetime: String,
    pub garbage_collection: Value,
    pub streaming: bool,
    pub tags: Map<String, Value>,
    pub owner_definition: Owner,
    pub created_at: Time,
    pub size: u64,
    pub checksum: Digest,
    pub content_path: String,
    /// A text, or what is in it where that is JSON; absent where nobody asked for it.
    #[serde(default, deserialize_with = "present")]
    pub content: Option<Value>,
}

/// `data delete <model> <name>`, or with `--all`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum DataDelete {
    One(DeletedOne),
    All(DeletedAll),
}

/// `data delete <model> <name>`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DeletedOne {
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub data_name: String,
    #[serde(default, deserialize_with = "present")]
    pub version: Option<u64>,
    pub versions_deleted: u64,
}

/// `data delete <model> --all`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DeletedAll {
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub total_deleted: u64,
    pub total_versions_deleted: u64,
    pub failed: Vec<Value>,
    pub dry_run: bool,
}

/// `data gc`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DataGc {
    pub data_entries_expired: usize,
    pub versions_deleted: u64,
    pub bytes_reclaimed: u64,
    pub dry_run: bool,
    pub expired_entries: Vec<Expired>,
    pub wal_pages_total: u64,
    pub wal_pages_checkpointed: u64,
}

/// Data that has lived for too long.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Expired {
    pub r#type: String,
    pub model_id: Id,
    pub data_name: String,
    pub reason: String,
    pub version_count: u64,
}

/// `data prune`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DataPrune {
    pub models_reclaimed: usize,
    pub data_entries_reclaimed: usize,
    pub versions_deleted: u64,
    pub bytes_reclaimed: u64,
    pub dry_run: bool,
    pub reclaimed_models: Vec<Orphan>,
    pub wal_pages_total: u64,
    pub wal_pages_checkpointed: u64,
}

/// The data of a model that is gone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Orphan {
    pub r#type: String,
    pub model_id: Id,
    pub model_name: String,
    pub data_names: Vec<String>,
    pub version_count: u64,
    pub bytes_reclaimed: u64,
}

/// `data rename`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DataRename {
    pub old_name: String,
    pub new_name: String,
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub copied_version: u64,
    pub new_version: u64,
    pub warning: String,
}

/// `model evaluate --all`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelEvaluateAll {
    pub items: Vec<ModelEvaluated>,
    pub total: usize,
    pub evaluated: usize,
}

/// One of the models that were evaluated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ModelEvaluated {
    pub id: Id,
    pub name: String,
    pub r#type: String,
    pub had_expressions: bool,
    pub output_path: String,
}

/// `model evaluate <model>`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ModelEvaluate {
    pub id: Id,
    pub name: String,
    pub r#type: String,
    #[serde(rename = "hadExpressions")]
    pub _had_expressions: bool,
    pub output_path: String,
    pub global_arguments: Map<String, Value>,
}

/// `data query <predicate>`; with `--select` without the predicate, and the results as they come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataQuery<T> {
    #[serde(default, deserialize_with = "present")]
    pub predicate: Option<String>,
    pub results: Vec<T>,
    pub total: usize,
    pub limited: bool,
}

/// A row of `data query`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Row {
    pub id: Id,
    pub name: String,
    pub version: u64,
    pub is_latest: bool,
    pub created_at: Time,
    pub namespace: String,
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
    pub owner_ref: String,
    pub workflow_run_id: String,
    pub workflow_name: String,
    pub job_name: String,
    pub step_name: String,
    pub source: String,
    pub content: Value,
}

/// `data versions <model> <name>`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DataVersions {
    pub data_name: String,
    pub model_id: Id,
    pub model_name: String,
    pub model_type: String,
    pub versions: Vec<Version>,
    pub total: usize,
}

/// A version of a piece of data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Version {
    pub version: u64,
    pub created_at: Time,
    pub size: u64,
    pub checksum: Digest,
    pub is_latest: bool,
}

/// `vault create`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct VaultCreate {
    pub id: Id,
    pub name: String,
    pub r#type: String,
    pub type_name: String,
    pub config: VaultConfig,
}

/// The configuration of a local vault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VaultConfig {
    pub auto_generate: bool,
    pub base_dir: String,
}

/// `vault put`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct VaultPut {
    pub vault_name: String,
    pub secret_key: String,
    pub vault_type: String,
    pub overwritten: bool,
    pub timestamp: Time,
}

/// `vault read-secret`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct VaultReadSecret {
    pub vault_name: String,
    pub secret_key: String,
    pub vault_type: String,
    pub value: String,
}

/// `datastore migrate-index`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MigrateIndex {
    pub version: u64,
    pub partitions: Vec<String>,
    pub commit_seq: u64,
}

/// `datastore status`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DatastoreStatus {
    pub r#type: String,
    #[serde(default, deserialize_with = "present")]
    pub path: Option<String>,
    #[serde(rename = "healthy")]
    pub _healthy: bool,
    pub message: String,
    pub latency_ms: f64,
    pub directories: Vec<String>,
}

/// `datastore lock status`: one lock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LockStatus {
    pub held: bool,
    #[serde(default, deserialize_with = "present")]
    pub info: Option<LockInfo>,
    pub datastore_type: String,
    #[serde(default, deserialize_with = "present", rename = "lockScope")]
    pub _lock_scope: Option<String>,
}

/// What the file of a lock says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LockInfo {
    pub holder: String,
    pub hostname: String,
    pub pid: u32,
    pub acquired_at: Time,
    pub ttl_ms: u64,
    pub nonce: Id,
}

/// `datastore lock release`, where there was none to release.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockRelease {
    pub released: bool,
    pub reason: String,
}

/// `doctor datastores --repair`: what became of one thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "status")]
pub(super) enum Repair {
    UnmigratedPreview {
        namespace: String,
        directories: Vec<String>,
    },
    UnmigratedNotNeeded,
    CatalogNotNeeded,
}

/// `datastore sync`, with `--push` and `--pull` too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", tag = "mode")]
pub(super) enum SyncReply {
    /// `--push`
    #[serde(rename = "push", rename_all = "camelCase")]
    Push { files_pushed: u64 },
    /// `--pull`
    #[serde(rename = "pull", rename_all = "camelCase")]
    Pull { files_pulled: u64 },
    /// both ways
    #[serde(rename = "sync", rename_all = "camelCase")]
    Both {
        files_pulled: u64,
        files_pushed: u64,
        errors: Vec<Value>,
    },
}

/// `datastore catalog pull`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CatalogPull {
    pub pulled: Vec<Pulled>,
    pub skipped: Vec<String>,
    pub total_rows: u64,
}

/// What was pulled of one namespace.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pulled {
    pub namespace: String,
    pub rows: u64,
}

/// `datastore compact`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Compact {
    pub wal_pages_total: u64,
    pub wal_pages_checkpointed: u64,
    pub db_bytes_reclaimed: u64,
    pub vacuum_skipped: bool,
}

/// `extension source add`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SourceAdd {
    pub action: String,
    pub path: String,
    pub total_sources: u64,
}

/// What any command prints on standard error when it fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refused {
    pub error: String,
    #[serde(default, deserialize_with = "present")]
    pub stack: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "code")]
    pub _code: Option<String>,
}
