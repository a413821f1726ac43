//! Data, definitions, secrets, and what swamp keeps to find them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Done;
use super::catalog::{Row, one_is_latest};
use super::forms::above;
use super::records::begins;
use crate::digest;
use crate::forms::metadata::Metadata;
use crate::forms::reply::forms::VaultConfig;
use crate::forms::reply::values::{Digest, Id, NOBODY, SHELL, Time, present};
use crate::forms::reply::{ensure, same};

pub(super) fn raw(path: &Path, content: &[u8]) -> Result<(), String> {
    let it = Metadata::read(&path.with_file_name(""))?;
    let beside = path.with_file_name("metadata.yaml");
    let it = it.ok_or_else(|| format!("{}: there is none", beside.display()))?;
    held_by(&it, content)
}

/// A content has the size and the digest that its metadata says.
fn held_by(it: &Metadata, content: &[u8]) -> Result<(), String> {
    if let Some(name) = &it.renamed_to {
        let said: Renamed = serde_json::from_slice(content).map_err(|e| e.to_string())?;
        same("renamedTo", &said.renamed_to, name)?;
        let (at, noted) = (said.renamed_at.0, it.created_at.0);
        let late = at.duration_since(noted).as_millis();
        return ensure((0..1000).contains(&late), "it was renamed at another time");
    }
    ensure(
        it.size == content.len() as u64 && it.checksum.0 == digest::full(content),
        "its metadata has another size or digest",
    )
}

/// What stands in place of data that has another name now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Renamed {
    renamed_to: String,
    renamed_at: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Manifest {
    pub namespace: String,
    #[serde(rename = "repoId")]
    pub _repo_id: Id,
    pub registered_at: Time,
}

pub(super) fn manifest(path: &Path, it: &Manifest, done: &Done<'_>) -> Result<(), String> {
    // A pull may bring one that a scenario wrote.
    let fetched = |command: &str| command.starts_with("datastore sync");
    if !done.any(fetched) {
        done.is_of_now(it.registered_at.0)?;
    }
    ensure(
        above(path, 1) == it.namespace,
        "it is about another namespace than its directory",
    )
}

/// Data that lies under its own name, is described as swamp does, and is what was described.
pub(super) fn metadata(path: &Path, it: &Metadata, done: &Done<'_>) -> Result<(), String> {
    let place = (above(path, 1), above(path, 2), above(path, 3));
    let owner = &it.owner_definition;
    let held = (
        it.version.to_string(),
        it.name.clone(),
        owner.owner_ref.0.clone(),
    );
    // One that led to another name, and leads to a third, has that other name in it.
    ensure(
        place == held || it.renamed_to.is_some(),
        "it is about other data than its directory",
    )?;
    ensure(
        owner.owner_type == "model-method",
        "no method of a model owns it",
    )?;
    ensure(!it.content_type.is_empty(), "its content has no type")?;
    let word = ["infinite", "ephemeral", "job", "workflow"].contains(&it.lifetime.as_str());
    ensure(
        word || is_duration(&it.lifetime),
        "nobody knows how long it lives",
    )?;
    let kept = &it.garbage_collection;
    ensure(
        kept.as_u64().is_some_and(|versions| versions > 0)
            || kept.as_str().is_some_and(is_duration),
        "nobody knows how many versions of it are kept",
    )?;
    let report = it.tag("type") == Some("report");
    if report {
        report_tags(it)?;
    } else {
        tags(it, done)?;
    }
    if done.wrote() {
        done.is_of_now(it.created_at.0)?;
        let shell = format!("{}/{}", above(path, 5), above(path, 4)) == SHELL;
        let (life, kept) = if report { ("30d", 5) } else { ("infinite", 10) };
        let usual = it.lifetime == life && it.garbage_collection == kept;
        // Under its new name it is kept as under the old.
        let renamed = done.any(|command| command.starts_with("data rename"));
        ensure(usual || !shell || renamed, "nobody said that it is kept so")?;
    }
    // A pull may bring the one without the other.
    match fs::read(path.with_file_name("raw")) {
        Ok(content) => held_by(it, &content),
        Err(_) => Ok(()),
    }
}

/// The tags of a report say which it is; whoever owns it is what it is about.
fn report_tags(it: &Metadata) -> Result<(), String> {
    let name = it.tag("reportName").ok_or("its tags name no report")?;
    let file = format!("report-{}", name.replace('@', "").replace('/', "-"));
    let forms = [
        (file.clone(), "text/markdown"),
        (format!("{file}-json"), "application/json"),
    ];
    let form = (it.name.clone(), it.content_type.as_str());
    ensure(
        forms.contains(&form),
        "it is named otherwise than its report",
    )?;
    let scope = it.tag("reportScope").unwrap_or_default();
    ensure(
        ["method", "workflow"].contains(&scope),
        "it is about nothing",
    )?;
    ensure(it.tags.len() == 3, "it has more tags than a report has")?;
    ensure(
        it.owner_definition.workflow_id.is_none(),
        "its owner is a step",
    )
}

/// The tags of a version say who wrote it, as its owner does; the others were given to the run.
fn tags(it: &Metadata, done: &Done<'_>) -> Result<(), String> {
    let owner = &it.owner_definition;
    let parts = [
        owner.workflow_name.as_deref(),
        owner.workflow_id.as_ref().map(|id| id.0.as_str()),
        owner.workflow_run_id.as_ref().map(|id| id.0.as_str()),
        owner.job_name.as_deref(),
        owner.step_name.as_deref(),
        owner.source.as_deref(),
    ];
    let in_workflow = parts.iter().all(Option::is_some);
    ensure(
        in_workflow || parts.iter().all(Option::is_none),
        "its owner is half of a workflow",
    )?;
    let names = [
        "workflow",
        "workflowId",
        "workflowRunId",
        "job",
        "step",
        "source",
    ];
    let tag = |name| it.tag(name);
    let told = names.map(tag);
    ensure(
        told == parts,
        "its tags have another workflow than its owner",
    )?;
    ensure(
        ["specName", "modelName"]
            .iter()
            .all(|name| tag(name).is_some_and(|text| !text.is_empty())),
        "its tags name no model",
    )?;
    ensure(
        tag("type").is_some_and(|kind| ["resource", "file"].contains(&kind)),
        "its tags have no type",
    )?;
    ensure(tag("initiatedBy") == Some(NOBODY), "somebody else began it")?;
    let mut more = it.tags.clone();
    let of_run = ["type", "specName", "modelName", "initiatedBy"];
    let of_workflow = names.iter().filter(|_| in_workflow);
    for name in of_run.iter().chain(of_workflow) {
        more.remove(*name);
    }
    // What is fetched or moved was given its tags before.
    let given = !begins(done) || more == done.given("--tag");
    ensure(given, "it has other tags than it was given")
}

/// `30d`, as swamp writes how long something lives.
fn is_duration(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && ["s", "m", "h", "d", "w", "mo", "y"].contains(&unit)
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
    #[serde(default, deserialize_with = "present", rename = "reports")]
    pub _reports: Option<Reports>,
}

/// The reports that a model or a workflow does without.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reports {
    #[serde(rename = "skip")]
    pub _skip: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    #[serde(rename = "id")]
    pub _id: Id,
    pub name: String,
    /// Absent where nobody gave it one.
    #[serde(default, deserialize_with = "present", rename = "description")]
    pub _description: Option<String>,
    #[serde(default, deserialize_with = "present", rename = "trigger")]
    pub _trigger: Option<Map<String, Value>>,
    #[serde(rename = "tags")]
    pub _tags: Map<String, Value>,
    #[serde(default, deserialize_with = "present", rename = "inputs")]
    pub _inputs: Option<Map<String, Value>>,
    pub jobs: Vec<Value>,
    #[serde(rename = "version")]
    pub _version: u64,
    #[serde(default, deserialize_with = "present", rename = "reports")]
    pub _reports: Option<Reports>,
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
    pub config: VaultConfig,
    pub created_at: Time,
    #[serde(default, rename = "auditReads")]
    pub _audit_reads: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Index {
    pub version: u64,
    #[serde(rename = "lastPulled")]
    pub _last_pulled: Value,
    pub entries: std::collections::BTreeMap<String, IndexEntry>,
}

/// After a sync the index of a bucket knows each file that is here as it is here.
pub(super) fn index(path: &Path, it: &Index, done: &Done<'_>) -> Result<(), String> {
    ensure(it.version == 1, "it is of another version")?;
    let same = |(key, entry): (&String, &IndexEntry)| *key == entry.key;
    ensure(it.entries.iter().all(same), "an entry has another key")?;
    let syncs = |command: &str| command.starts_with("datastore sync");
    if !done.all_succeeded() || !(done.any(syncs) || done.wrote()) {
        return Ok(());
    }
    for (key, entry) in &it.entries {
        let Ok(content) = fs::read(path.with_file_name(key)) else {
            continue;
        };
        let digest = entry.sha256.as_ref().map(|digest| digest.0.clone());
        ensure(
            entry.size == content.len() as u64
                && digest.is_none_or(|digest| digest == digest::full(&content)),
            &format!("{key} has another size or digest in it"),
        )?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct IndexEntry {
    pub key: String,
    pub size: u64,
    #[serde(rename = "lastModified")]
    pub _last_modified: Time,
    /// Neither is there of what was copied within the bucket.
    #[serde(default, deserialize_with = "present", rename = "localMtime")]
    pub _local_mtime: Option<Time>,
    #[serde(default, deserialize_with = "present")]
    pub sha256: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Sidecar {
    pub version: u64,
    #[serde(default, deserialize_with = "present", rename = "remoteIndexETag")]
    pub remote_index_etag: Option<String>,
    #[serde(
        default,
        deserialize_with = "present",
        rename = "remoteIndexGeneration"
    )]
    pub _remote_index_generation: Option<String>,
    #[serde(rename = "lastVerifiedAt")]
    pub _last_verified_at: Value,
    #[serde(rename = "localDirty")]
    pub local_dirty: bool,
    #[serde(rename = "dirtyPaths")]
    pub dirty_paths: Vec<String>,
    #[serde(rename = "bulkInvalidated")]
    pub bulk_invalidated: bool,
    #[serde(rename = "lazyPullActive")]
    pub _lazy_pull_active: bool,
    #[serde(rename = "dirtyPathsOverflowed")]
    pub dirty_paths_overflowed: bool,
    #[serde(default, deserialize_with = "present", rename = "dataKeyMigrated")]
    pub _data_key_migrated: Option<bool>,
    #[serde(default, deserialize_with = "present", rename = "commitSeq")]
    pub _commit_seq: Option<u64>,
    #[serde(default, deserialize_with = "present", rename = "lastCatalogHash")]
    pub _last_catalog_hash: Option<String>,
}

/// What is known of the index in the bucket is an ETag, if anything is; and a copy is called changed
/// if changes of it are noted.
pub(super) fn sidecar(it: &Sidecar, done: &Done<'_>) -> Result<(), String> {
    ensure(it.version == 2, "it is of another version")?;
    let changed = !it.dirty_paths.is_empty() || it.bulk_invalidated || it.dirty_paths_overflowed;
    ensure(
        changed || !it.local_dirty,
        "localDirty is true, and no change is noted beside it",
    )?;
    // A run whose changes could not be pushed leaves them noted, and calls the copy clean; so does
    // a model that is deleted.
    let deleted = done.any(|command| command.starts_with("model delete"));
    ensure(
        it.local_dirty || !changed || done.wrote() || deleted,
        "localDirty is false, and changes are noted beside it",
    )?;
    let hex = |tag: &str| tag.len() == 32 && tag.bytes().all(|b| b.is_ascii_hexdigit());
    let tag = it.remote_index_etag.as_deref();
    let tag = tag.map(|tag| tag.trim_matches('"'));
    ensure(
        tag.is_none_or(|tag| tag.is_empty() || hex(tag) || tag.contains('-')),
        "its ETag is none",
    )
}

/// Each version is there once, of each piece of data the newest is the latest, and a row says what
/// the metadata beside the export says.
pub(super) fn export(path: &Path, rows: &[Row]) -> Result<(), String> {
    let mut seen = HashSet::new();
    ensure(
        rows.iter().all(|row| seen.insert(row.place())),
        "a row is there twice",
    )?;
    one_is_latest(rows)?;
    let slug = above(path, 1);
    for row in rows {
        same("the namespace of a row", &row.namespace, &slug)?;
        // A copy of a bucket need not have it.
        let place = path.with_file_name("").join("..").join(row.place());
        if let Some(it) = Metadata::read(&place.with_file_name(""))? {
            row.held(&it)
                .map_err(|why| format!("{}: {why}", row.name()))?;
        }
    }
    Ok(())
}

/// `identity.json` of a home.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Identity {
    #[serde(rename = "userId")]
    pub _user_id: Id,
    pub created_at: Time,
}

/// `auth_nudge.json` of a home.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Nudge {
    pub first_run_shown: bool,
    pub last_shown: Time,
}
