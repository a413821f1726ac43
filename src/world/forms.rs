//! What the files hold that swamp leaves behind: each form as a type that refuses unknown fields
//! and missing ones. Most hold something volatile, so that no golden can show them.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Done;
use super::table::Form;
use crate::digest;
use crate::marker::Marker;
use crate::reply::values::{Digest, Id, Outcome, Time, present};

/// What is wrong with the file at `path`, which commands left behind.
pub(super) fn fault(form: Form, path: &Path, done: &Done<'_>) -> Option<String> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(e) => return Some(format!("it cannot be read: {e}")),
    };
    judge(form, path, &content, done).err()
}

fn judge(form: Form, path: &Path, content: &[u8], done: &Done<'_>) -> Result<(), String> {
    match form {
        Form::BesideDatabase => Ok(()),
        Form::Database => {
            let sound = content.is_empty() || content.starts_with(b"SQLite format 3\0");
            ensure(sound, "it is no database of SQLite")
        }
        Form::Raw => raw(path, content),
        Form::Latest => {
            let version = text(content)?.parse::<u64>().map_err(|e| e.to_string())?;
            let there = path.with_file_name(version.to_string());
            // A pull may bring it without the version: that is a finding of the scenarios.
            let why = format!("there is no version {version}");
            ensure(there.is_dir() || !done.wrote(), &why)
        }
        Form::Manifest => manifest(path, &json(content)?),
        Form::Metadata => metadata(path, &yaml(content)?),
        Form::Definition => {
            let it: Definition = yaml(content)?;
            let kind = it.r#type.as_str();
            ensure(
                !kind.is_empty() && !it.type_version.is_empty(),
                "a type is empty",
            )?;
            named(path, &format!("{}.yaml", it.name))
        }
        Form::Workflow => {
            let it: Workflow = yaml(content)?;
            ensure(!it.jobs.is_empty(), "it has no job")?;
            named(path, &format!("workflow-{}.yaml", it.name))
        }
        Form::Run => run(path, &yaml(content)?, done),
        Form::WorkflowRun => workflow_run(path, &yaml(content)?, done),
        Form::Runs => runs(&json(content)?),
        Form::Log => log(text(content)?),
        Form::Audit => text(content)?.lines().try_for_each(|line| {
            let it: Audit = json(line.as_bytes())?;
            ensure(
                ["put", "get", "read"].contains(&it.action.as_str()) && !it.secret_key.is_empty(),
                "it tells of an action that nobody knows",
            )
        }),
        Form::Secret => {
            let it: Secret = json(content)?;
            let encoded = [&it.iv, &it.data, &it.salt]
                .iter()
                .all(|text| is_base64(text));
            ensure(encoded && it.version == 2, "it is no encrypted secret")
        }
        Form::Key => {
            let key = text(content)?;
            let (a, b) = key.split_at_checked(36).ok_or("it is too short")?;
            Id::try_from(a.to_owned())?;
            Id::try_from(b.to_owned()).map(|_| ())
        }
        Form::Vault => {
            let it: Vault = yaml(content)?;
            ensure(
                it.r#type == "local_encryption" && !it.name.is_empty(),
                "it has no name",
            )?;
            named(path, &format!("{}.yaml", it.id.0))
        }
        Form::Marker => Marker::parse(text(content)?).map(|_| ()),
        Form::Gitignore => ensure(text(content)? == GITIGNORE, "it has other lines"),
        Form::Index => {
            let it: Index = json(content)?;
            ensure(it.version == 1, "it is of another version")
        }
        Form::Sidecar => {
            let it: Sidecar = json(content)?;
            ensure(it.version == 2, "it is of another version")
        }
        Form::Export => {
            let rows: Vec<ExportRow> = json(content)?;
            let sound = rows
                .iter()
                .all(|row| row.version > 0 && !row.data_name.is_empty());
            ensure(sound, "a row has no name, or no version")
        }
        Form::Json => json::<Value>(content).map(|_| ()),
        Form::Yaml => yaml::<serde_yaml_ng::Value>(content).map(|_| ()),
    }
}

const GITIGNORE: &str = "# BEGIN swamp managed section - DO NOT EDIT

# Runtime data (not needed in version control)
.swamp/

# Local extension sources (developer-specific, not shared)
.swamp-sources.yaml
# END swamp managed section
";

fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn text(content: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(content).map_err(|e| format!("it is no text: {e}"))
}

fn json<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    serde_json::from_slice(content).map_err(|e| e.to_string())
}

fn yaml<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    serde_yaml_ng::from_slice(content).map_err(|e| e.to_string())
}

/// Whether the file has the name that follows from what is in it.
fn named(path: &Path, name: &str) -> Result<(), String> {
    let is = path.file_name().unwrap_or_default().to_string_lossy();
    ensure(is == name, &format!("by what it holds it would be {name}"))
}

/// The name of the directory that is `up` above the file.
fn above(path: &Path, up: usize) -> String {
    let name = path.ancestors().nth(up).and_then(Path::file_name);
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn is_base64(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/' || b == b'=';
    !text.is_empty() && text.len().is_multiple_of(4) && text.bytes().all(digit)
}

fn raw(path: &Path, content: &[u8]) -> Result<(), String> {
    let beside = path.with_file_name("metadata.yaml");
    let metadata = fs::read(&beside).map_err(|e| format!("{}: {e}", beside.display()))?;
    let it: Metadata = yaml(&metadata)?;
    ensure(
        it.size == content.len() as u64 && it.checksum.0 == digest::full(content),
        "its metadata has another size or digest",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Manifest {
    namespace: String,
    #[serde(rename = "repoId")]
    _repo_id: Id,
    #[serde(rename = "registeredAt")]
    _registered_at: Time,
}

fn manifest(path: &Path, it: &Manifest) -> Result<(), String> {
    ensure(
        above(path, 1) == it.namespace,
        "it is about another namespace than its directory",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Metadata {
    #[serde(rename = "id")]
    _id: Id,
    name: String,
    version: u64,
    content_type: String,
    #[serde(rename = "lifetime")]
    _lifetime: String,
    #[serde(rename = "garbageCollection")]
    _garbage_collection: Value,
    #[serde(rename = "streaming")]
    _streaming: bool,
    tags: Map<String, Value>,
    owner_definition: Owner,
    #[serde(rename = "createdAt")]
    _created_at: Time,
    size: u64,
    checksum: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Owner {
    owner_type: String,
    owner_ref: Id,
    #[serde(default, deserialize_with = "present", rename = "workflowId")]
    _workflow_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "workflowRunId")]
    _workflow_run_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "workflowName")]
    _workflow_name: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "jobName")]
    _job_name: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "stepName")]
    _step_name: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "source")]
    _source: Option<String>,
}

fn metadata(path: &Path, it: &Metadata) -> Result<(), String> {
    let place = (above(path, 1), above(path, 2), above(path, 3));
    let held = (
        it.version.to_string(),
        it.name.clone(),
        it.owner_definition.owner_ref.0.clone(),
    );
    ensure(place == held, "it is about other data than its directory")?;
    ensure(
        it.owner_definition.owner_type == "model-method",
        "no method of a model owns it",
    )?;
    ensure(
        !it.content_type.is_empty() && it.tags.contains_key("type"),
        "it has no type",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Definition {
    r#type: String,
    type_version: String,
    #[serde(rename = "id")]
    _id: Id,
    name: String,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
    #[serde(rename = "globalArguments")]
    _global_arguments: Map<String, Value>,
    #[serde(rename = "methods")]
    _methods: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Workflow {
    #[serde(rename = "id")]
    _id: Id,
    name: String,
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
    jobs: Vec<Value>,
    #[serde(rename = "version")]
    _version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Run {
    #[serde(rename = "id")]
    _id: Id,
    definition_id: Id,
    method_name: String,
    status: Outcome,
    started_at: Time,
    retry_count: u64,
    provenance: Provenance,
    artifacts: Artifacts,
    completed_at: Time,
    #[serde(rename = "durationMs")]
    _duration_ms: u64,
    log_file: String,
    #[serde(rename = "pid")]
    _pid: u64,
    #[serde(default, deserialize_with = "present")]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Provenance {
    #[serde(rename = "definitionHash")]
    _definition_hash: Digest,
    #[serde(rename = "modelVersion")]
    _model_version: String,
    triggered_by: String,
    #[serde(default, deserialize_with = "present", rename = "initiatedBy")]
    _initiated_by: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "workflowId")]
    _workflow_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "workflowRunId")]
    _workflow_run_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "stepName")]
    _step_name: Option<String>,
    /// Of a model in TypeScript.
    #[serde(default, deserialize_with = "present", rename = "bundleFingerprint")]
    _bundle_fingerprint: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Artifacts {
    data_artifacts: Vec<Artifact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Artifact {
    #[serde(rename = "dataId")]
    _data_id: Id,
    name: String,
    version: u64,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
}

fn run(path: &Path, it: &Run, done: &Done<'_>) -> Result<(), String> {
    ensure(
        above(path, 1) == it.method_name,
        "it is about another method than its directory",
    )?;
    let file = above(path, 0);
    ensure(
        file.starts_with(&it.definition_id.0),
        "it is about another model than its name",
    )?;
    outcome(it.status, done)?;
    ensure(
        (it.status == Outcome::Failed) == it.error.is_some(),
        "an error goes with a failure",
    )?;
    ensure(
        it.started_at.0 <= it.completed_at.0,
        "it ended before it began",
    )?;
    ensure(it.retry_count == 0, "it was tried again")?;
    ensure(
        it.log_file.starts_with(".swamp/"),
        "its log is no file of the repo",
    )?;
    let by = it.provenance.triggered_by.as_str();
    ensure(
        ["manual", "workflow"].contains(&by),
        "nobody knows who began it",
    )?;
    let named = |artifact: &Artifact| !artifact.name.is_empty() && artifact.version > 0;
    ensure(
        it.artifacts.data_artifacts.iter().all(named),
        "it wrote data without a name",
    )
}

/// A run succeeded, unless the command that made its record failed.
fn outcome(status: Outcome, done: &Done<'_>) -> Result<(), String> {
    let why = "its status is not \"succeeded\", and the command succeeded";
    ensure(status == Outcome::Succeeded || !done.all_succeeded(), why)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WorkflowRun {
    id: Id,
    workflow_id: Id,
    workflow_name: String,
    status: Outcome,
    started_at: Time,
    completed_at: Time,
    jobs: Vec<Value>,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
    #[serde(rename = "pid")]
    _pid: u64,
    log_file: String,
    initiated_by: String,
    trigger_source: String,
    step_progress: StepProgress,
    /// Where it failed.
    #[serde(default, deserialize_with = "present")]
    failed_step: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    failure_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepProgress {
    completed: u64,
    total: u64,
}

fn workflow_run(path: &Path, it: &WorkflowRun, done: &Done<'_>) -> Result<(), String> {
    named(path, &format!("workflow-run-{}.yaml", it.id.0))?;
    ensure(
        above(path, 1) == it.workflow_id.0,
        "it is about another workflow than its directory",
    )?;
    outcome(it.status, done)?;
    let failed = it.status == Outcome::Failed;
    let told = [it.failed_step.is_some(), it.failure_reason.is_some()];
    ensure(
        told == [failed; 2],
        "a failed step and a reason go with a failure",
    )?;
    ensure(
        it.started_at.0 <= it.completed_at.0,
        "it ended before it began",
    )?;
    ensure(
        !it.jobs.is_empty() && !it.workflow_name.is_empty(),
        "it has no job",
    )?;
    ensure(
        it.log_file.starts_with(".swamp/"),
        "its log is no file of the repo",
    )?;
    ensure(
        it.initiated_by == "ghost" && it.trigger_source == "manual",
        "somebody else began it",
    )?;
    ensure(
        it.step_progress.completed <= it.step_progress.total,
        "it did more than it had to do",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Runs {
    version: u64,
    entries: std::collections::BTreeMap<String, RunsEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RunsEntry {
    status: Outcome,
    #[serde(rename = "workflowId")]
    _workflow_id: Id,
    #[serde(rename = "workflowName")]
    _workflow_name: String,
    #[serde(rename = "startedAt")]
    _started_at: Time,
    #[serde(rename = "completedAt")]
    _completed_at: Time,
    #[serde(rename = "tags")]
    _tags: Map<String, Value>,
    #[serde(rename = "inputs")]
    _inputs: Map<String, Value>,
    #[serde(rename = "triggerSource")]
    _trigger_source: String,
    step_progress: StepProgress,
    #[serde(default, deserialize_with = "present")]
    failed_step: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    failure_reason: Option<String>,
}

fn runs(it: &Runs) -> Result<(), String> {
    ensure(it.version == 2, "it is of another version")?;
    it.entries.iter().try_for_each(|(id, entry)| {
        Id::try_from(id.clone())?;
        let progress = &entry.step_progress;
        let failed = entry.status == Outcome::Failed;
        let told = [entry.failed_step.is_some(), entry.failure_reason.is_some()];
        ensure(
            told == [failed; 2],
            "a failed step and a reason go with a failure",
        )?;
        ensure(
            progress.completed <= progress.total,
            "a run did more than it had to do",
        )
    })
}

/// A log of a run: each line with its time, its level and where it comes from.
fn log(text: &str) -> Result<(), String> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(?:DBG|INF|WRN|ERR|FTL)\] [^:]+: ")
            .expect("the form of a log line is sound")
    });
    let odd = text.lines().find(|line| !LINE.is_match(line));
    match odd {
        None => Ok(()),
        Some(line) => Err(format!("this is no line of a log: {line:?}")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Audit {
    action: String,
    #[serde(rename = "timestamp")]
    _timestamp: Time,
    #[serde(rename = "vaultName")]
    _vault_name: String,
    #[serde(rename = "vaultType")]
    _vault_type: String,
    secret_key: String,
    #[serde(rename = "callerContext")]
    _caller_context: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    iv: String,
    data: String,
    salt: String,
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Vault {
    id: Id,
    name: String,
    r#type: String,
    #[serde(rename = "config")]
    _config: Map<String, Value>,
    #[serde(rename = "createdAt")]
    _created_at: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Index {
    version: u64,
    #[serde(rename = "lastPulled")]
    _last_pulled: Value,
    #[serde(rename = "entries")]
    _entries: std::collections::BTreeMap<String, IndexEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct IndexEntry {
    #[serde(rename = "key")]
    _key: String,
    #[serde(rename = "size")]
    _size: u64,
    #[serde(rename = "lastModified")]
    _last_modified: Time,
    /// Neither is there of what was copied within the bucket.
    #[serde(default, deserialize_with = "present", rename = "localMtime")]
    _local_mtime: Option<Time>,
    #[serde(default, deserialize_with = "present", rename = "sha256")]
    _sha256: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Sidecar {
    version: u64,
    #[serde(default, deserialize_with = "present", rename = "remoteIndexETag")]
    _remote_index_etag: Option<String>,
    #[serde(
        default,
        deserialize_with = "present",
        rename = "remoteIndexGeneration"
    )]
    _remote_index_generation: Option<String>,
    #[serde(rename = "lastVerifiedAt")]
    _last_verified_at: Value,
    #[serde(rename = "localDirty")]
    _local_dirty: bool,
    #[serde(rename = "dirtyPaths")]
    _dirty_paths: Vec<String>,
    #[serde(rename = "bulkInvalidated")]
    _bulk_invalidated: bool,
    #[serde(rename = "lazyPullActive")]
    _lazy_pull_active: bool,
    #[serde(rename = "dirtyPathsOverflowed")]
    _dirty_paths_overflowed: bool,
    #[serde(default, deserialize_with = "present", rename = "dataKeyMigrated")]
    _data_key_migrated: Option<bool>,
    #[serde(default, deserialize_with = "present", rename = "commitSeq")]
    _commit_seq: Option<u64>,
    #[serde(default, deserialize_with = "present", rename = "lastCatalogHash")]
    _last_catalog_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportRow {
    #[serde(rename = "namespace")]
    _namespace: String,
    #[serde(rename = "type_normalized")]
    _type_normalized: String,
    #[serde(rename = "model_id")]
    _model_id: Id,
    data_name: String,
    #[serde(rename = "id")]
    _id: Id,
    version: u64,
    #[serde(rename = "is_latest")]
    _is_latest: Value,
    #[serde(rename = "model_name")]
    _model_name: String,
    #[serde(rename = "spec_name")]
    _spec_name: String,
    #[serde(rename = "data_type")]
    _data_type: String,
    #[serde(rename = "content_type")]
    _content_type: String,
    #[serde(rename = "lifetime")]
    _lifetime: String,
    #[serde(rename = "owner_type")]
    _owner_type: String,
    #[serde(rename = "streaming")]
    _streaming: Value,
    #[serde(rename = "size")]
    _size: u64,
    #[serde(rename = "created_at")]
    _created_at: Time,
    #[serde(rename = "tags")]
    _tags: String,
    #[serde(rename = "owner_ref")]
    _owner_ref: String,
    #[serde(rename = "workflow_run_id")]
    _workflow_run_id: Value,
    #[serde(rename = "workflow_name")]
    _workflow_name: Value,
    #[serde(rename = "job_name")]
    _job_name: Value,
    #[serde(rename = "step_name")]
    _step_name: Value,
    #[serde(rename = "source")]
    _source: Value,
}
