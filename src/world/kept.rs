//! Data, definitions, secrets, and what swamp keeps to find them.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::forms::{above, ensure, yaml};
use crate::digest;
use crate::reply::values::{Digest, Id, Time, present};

pub(super) fn raw(path: &Path, content: &[u8]) -> Result<(), String> {
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
pub(super) struct Manifest {
    pub namespace: String,
    #[serde(rename = "repoId")]
    pub _repo_id: Id,
    #[serde(rename = "registeredAt")]
    pub _registered_at: Time,
}

pub(super) fn manifest(path: &Path, it: &Manifest) -> Result<(), String> {
    ensure(
        above(path, 1) == it.namespace,
        "it is about another namespace than its directory",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Metadata {
    #[serde(rename = "id")]
    pub _id: Id,
    pub name: String,
    pub version: u64,
    pub content_type: String,
    #[serde(rename = "lifetime")]
    pub _lifetime: String,
    #[serde(rename = "garbageCollection")]
    pub _garbage_collection: Value,
    #[serde(rename = "streaming")]
    pub _streaming: bool,
    pub tags: Map<String, Value>,
    pub owner_definition: Owner,
    #[serde(rename = "createdAt")]
    pub _created_at: Time,
    pub size: u64,
    pub checksum: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Owner {
    pub owner_type: String,
    pub owner_ref: Id,
    #[serde(default, deserialize_with = "present", rename = "workflowId")]
    pub _workflow_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "workflowRunId")]
    pub _workflow_run_id: Option<Id>,
    #[serde(default, deserialize_with = "present", rename = "workflowName")]
    pub _workflow_name: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "jobName")]
    pub _job_name: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "stepName")]
    pub _step_name: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "source")]
    pub _source: Option<String>,
}

pub(super) fn metadata(path: &Path, it: &Metadata) -> Result<(), String> {
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
pub(super) struct Definition {
    pub r#type: String,
    pub type_version: String,
    #[serde(rename = "id")]
    pub _id: Id,
    pub name: String,
    #[serde(rename = "version")]
    pub _version: u64,
    #[serde(rename = "tags")]
    pub _tags: Map<String, Value>,
    #[serde(rename = "globalArguments")]
    pub _global_arguments: Map<String, Value>,
    #[serde(rename = "methods")]
    pub _methods: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    #[serde(rename = "id")]
    pub _id: Id,
    pub name: String,
    #[serde(rename = "description")]
    pub _description: String,
    #[serde(rename = "tags")]
    pub _tags: Map<String, Value>,
    pub jobs: Vec<Value>,
    #[serde(rename = "version")]
    pub _version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Audit {
    pub action: String,
    #[serde(rename = "timestamp")]
    pub _timestamp: Time,
    pub vault_name: String,
    #[serde(rename = "vaultType")]
    pub _vault_type: String,
    pub secret_key: String,
    #[serde(rename = "callerContext")]
    pub _caller_context: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secret {
    pub iv: String,
    pub data: String,
    pub salt: String,
    pub version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Vault {
    pub id: Id,
    pub name: String,
    pub r#type: String,
    #[serde(rename = "config")]
    pub _config: Map<String, Value>,
    #[serde(rename = "createdAt")]
    pub _created_at: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Index {
    pub version: u64,
    #[serde(rename = "lastPulled")]
    pub _last_pulled: Value,
    #[serde(rename = "entries")]
    pub _entries: std::collections::BTreeMap<String, IndexEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct IndexEntry {
    #[serde(rename = "key")]
    pub _key: String,
    #[serde(rename = "size")]
    pub _size: u64,
    #[serde(rename = "lastModified")]
    pub _last_modified: Time,
    /// Neither is there of what was copied within the bucket.
    #[serde(default, deserialize_with = "present", rename = "localMtime")]
    pub _local_mtime: Option<Time>,
    #[serde(default, deserialize_with = "present", rename = "sha256")]
    pub _sha256: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Sidecar {
    pub version: u64,
    #[serde(default, deserialize_with = "present", rename = "remoteIndexETag")]
    pub _remote_index_etag: Option<String>,
    #[serde(
        default,
        deserialize_with = "present",
        rename = "remoteIndexGeneration"
    )]
    pub _remote_index_generation: Option<String>,
    #[serde(rename = "lastVerifiedAt")]
    pub _last_verified_at: Value,
    #[serde(rename = "localDirty")]
    pub _local_dirty: bool,
    #[serde(rename = "dirtyPaths")]
    pub _dirty_paths: Vec<String>,
    #[serde(rename = "bulkInvalidated")]
    pub _bulk_invalidated: bool,
    #[serde(rename = "lazyPullActive")]
    pub _lazy_pull_active: bool,
    #[serde(rename = "dirtyPathsOverflowed")]
    pub _dirty_paths_overflowed: bool,
    #[serde(default, deserialize_with = "present", rename = "dataKeyMigrated")]
    pub _data_key_migrated: Option<bool>,
    #[serde(default, deserialize_with = "present", rename = "commitSeq")]
    pub _commit_seq: Option<u64>,
    #[serde(default, deserialize_with = "present", rename = "lastCatalogHash")]
    pub _last_catalog_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportRow {
    #[serde(rename = "namespace")]
    pub _namespace: String,
    #[serde(rename = "type_normalized")]
    pub _type_normalized: String,
    #[serde(rename = "model_id")]
    pub _model_id: Id,
    pub data_name: String,
    #[serde(rename = "id")]
    pub _id: Id,
    pub version: u64,
    #[serde(rename = "is_latest")]
    pub _is_latest: Value,
    #[serde(rename = "model_name")]
    pub _model_name: String,
    #[serde(rename = "spec_name")]
    pub _spec_name: String,
    #[serde(rename = "data_type")]
    pub _data_type: String,
    #[serde(rename = "content_type")]
    pub _content_type: String,
    #[serde(rename = "lifetime")]
    pub _lifetime: String,
    #[serde(rename = "owner_type")]
    pub _owner_type: String,
    #[serde(rename = "streaming")]
    pub _streaming: Value,
    #[serde(rename = "size")]
    pub _size: u64,
    #[serde(rename = "created_at")]
    pub _created_at: Time,
    #[serde(rename = "tags")]
    pub _tags: String,
    #[serde(rename = "owner_ref")]
    pub _owner_ref: String,
    #[serde(rename = "workflow_run_id")]
    pub _workflow_run_id: Value,
    #[serde(rename = "workflow_name")]
    pub _workflow_name: Value,
    #[serde(rename = "job_name")]
    pub _job_name: Value,
    #[serde(rename = "step_name")]
    pub _step_name: Value,
    #[serde(rename = "source")]
    pub _source: Value,
}
