//! The replies of the commands that show a repo's vaults and what is known of its secrets: their types,
//! and what their values must be.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

use super::forms::VaultConfig;
use super::values::{Id, Time, present};
use super::{Fault, Said, ensure, same};

/// The type of all vaults here.
const TYPE: &str = "local_encryption";

/// `vault list-keys`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListKeys {
    vault_name: String,
    vault_type: String,
    secret_keys: Vec<String>,
    count: usize,
}

/// The secrets that it lists are those that lie in the repo.
pub(super) fn list_keys(said: &Said<'_>, vault: &str, reply: &ListKeys) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("vaultType", reply.vault_type.as_str(), TYPE)?;
    same("count", reply.count, reply.secret_keys.len())?;
    let dir = said.repo().join(".swamp/secrets").join(TYPE).join(vault);
    let files = fs::read_dir(&dir).into_iter().flatten().flatten();
    let there = files.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        Some(name.strip_suffix(".enc")?.to_owned())
    });
    let mut there: Vec<String> = there.collect();
    there.sort();
    same("secretKeys", &reply.secret_keys, &there)
}

/// `vault get`, and `vault describe` without the path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Described {
    id: Id,
    name: String,
    r#type: String,
    config: VaultConfig,
    created_at: Time,
    #[serde(default, deserialize_with = "present")]
    storage_path: Option<String>,
}

pub(super) fn described(
    said: &Said<'_>,
    vault: &str,
    with_path: bool,
    reply: &Described,
) -> Result<(), Fault> {
    same("name", reply.name.as_str(), vault)?;
    same("type", reply.r#type.as_str(), TYPE)?;
    same("auto_generate", reply.config.auto_generate, true)?;
    said.same_path("base_dir", &reply.config.base_dir, &said.repo())?;
    let file = format!("vaults/{TYPE}/{}.yaml", reply.id.0);
    let text = fs::read_to_string(said.repo().join(&file)).map_err(|e| format!("{file}: {e}"))?;
    let made = format!("{:.3}", reply.created_at.0);
    ensure(text.contains(&made), "createdAt is not that of its file")?;
    let told = reply.storage_path.as_deref();
    same("storagePath", told, with_path.then_some(file.as_str()))
}

/// `vault search`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    query: String,
    results: Vec<Found>,
}

/// A vault that was found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Found {
    id: Id,
    name: String,
    r#type: String,
    created_at: Time,
}

pub(super) fn search(said: &Said<'_>, query: &str, reply: &Search) -> Result<(), Fault> {
    same("query", reply.query.as_str(), query)?;
    for found in &reply.results {
        same("type", found.r#type.as_str(), TYPE)?;
        let file = format!("vaults/{TYPE}/{}.yaml", found.id.0);
        let text = fs::read_to_string(said.repo().join(&file));
        let text = text.map_err(|e| format!("{file}: {e}"))?;
        let name = format!("\nname: {}\n", found.name);
        let made = format!("{:.3}", found.created_at.0);
        let known = text.contains(&name) && text.contains(&made);
        ensure(known, &format!("{file} is of another vault"))?;
    }
    Ok(())
}

/// What is noted about a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Note {
    updated_at: Time,
    #[serde(default, deserialize_with = "present")]
    url: Option<String>,
    #[serde(default, deserialize_with = "present")]
    notes: Option<String>,
    #[serde(default, deserialize_with = "present")]
    labels: Option<BTreeMap<String, String>>,
}

/// `vault inspect`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Inspected {
    vault_name: String,
    secret_key: String,
    vault_type: String,
    size_bytes: usize,
    size_chars: usize,
    value_type: String,
    supports_annotations: bool,
    has_annotation: bool,
    annotation: Option<Note>,
    supports_refresh_hooks: bool,
    has_refresh_hook: bool,
    refresh_hook: Option<()>,
}

pub(super) fn inspected(
    said: &Said<'_>,
    (vault, key): (&str, &str),
    reply: &Inspected,
) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("secretKey", reply.secret_key.as_str(), key)?;
    same("vaultType", reply.vault_type.as_str(), TYPE)?;
    same("valueType", reply.value_type.as_str(), "string")?;
    let supported = (reply.supports_annotations, reply.supports_refresh_hooks);
    same("what is supported", supported, (true, true))?;
    ensure(
        0 < reply.size_chars && reply.size_chars <= reply.size_bytes,
        "it has more characters than bytes, or none",
    )?;
    same(
        "hasAnnotation",
        reply.has_annotation,
        reply.annotation.is_some(),
    )?;
    same(
        "hasRefreshHook",
        reply.has_refresh_hook,
        reply.refresh_hook.is_some(),
    )?;
    match &reply.annotation {
        Some(note) => said.is_no_later("updatedAt", note.updated_at.0),
        None => Ok(()),
    }
}

/// `vault annotate`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Annotated {
    vault_name: String,
    secret_key: String,
    vault_type: String,
    fields_updated: Vec<String>,
    cleared: bool,
    timestamp: Time,
    annotation: Option<Note>,
}

pub(super) fn annotated(
    said: &Said<'_>,
    (vault, key): (&str, &str),
    reply: &Annotated,
) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("secretKey", reply.secret_key.as_str(), key)?;
    same("vaultType", reply.vault_type.as_str(), TYPE)?;
    same("cleared", reply.cleared, said.has("--clear"))?;
    same("annotation", reply.annotation.is_none(), reply.cleared)?;
    let given = [
        ("--url", "url"),
        ("--notes", "notes"),
        ("--label", "labels"),
    ];
    let is_given =
        |option: &str| said.has(option) || option == "--label" && said.has("--remove-label");
    let given = given.iter().filter(|(option, _)| is_given(option));
    let given: Vec<&str> = given.map(|(_, field)| *field).collect();
    let told: Vec<&str> = reply.fields_updated.iter().map(String::as_str).collect();
    same("fieldsUpdated", told, given)?;
    if let Some(note) = &reply.annotation {
        for (field, is, option) in [
            ("url", &note.url, "--url"),
            ("notes", &note.notes, "--notes"),
        ] {
            let must = said.value_of(option);
            ensure(
                must.is_none() || is.as_deref() == must,
                &format!("{field} is {is:?}"),
            )?;
        }
        let label = said
            .value_of("--label")
            .and_then(|label| label.split_once('='));
        let labels = note.labels.iter().flatten();
        let mut labels = labels.map(|(name, value)| (name.as_str(), value.as_str()));
        ensure(
            label.is_none_or(|label| labels.any(|it| it == label)),
            "the label is not there",
        )?;
        let removed = said.value_of("--remove-label");
        let mut names = note.labels.iter().flat_map(|labels| labels.keys());
        ensure(
            names.all(|name| Some(name.as_str()) != removed),
            "the label that was to go is there",
        )?;
        said.is_of_the_command("updatedAt", note.updated_at.0)?;
    }
    said.is_of_the_command("timestamp", reply.timestamp.0)
}

/// `vault audit-trail`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct AuditTrail {
    entries: Vec<crate::forms::record::VaultAudit>,
    returned_count: usize,
    truncated: bool,
}

pub(super) fn audit_trail(said: &Said<'_>, reply: &AuditTrail) -> Result<(), Fault> {
    same("returnedCount", reply.returned_count, reply.entries.len())?;
    let limit = said
        .value_of("--limit")
        .and_then(|limit| limit.parse().ok());
    let fits = limit.is_none_or(|limit: usize| reply.entries.len() <= limit);
    ensure(fits, "it shows more than it was asked for")?;
    ensure(
        !reply.truncated || limit.is_some(),
        "nobody asked for so few",
    )?;
    for entry in &reply.entries {
        for (option, is) in [
            ("--key", &entry.secret_key),
            ("--vault", &entry.vault_name),
            ("--action", &entry.action),
        ] {
            let must = said.value_of(option);
            ensure(
                must.is_none_or(|must| must == is),
                &format!("an entry is of {is}"),
            )?;
        }
        said.is_no_later("timestamp", entry.timestamp.0)?;
    }
    Ok(())
}

/// `vault delete`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Deleted {
    vault_name: String,
    secret_key: String,
    vault_type: String,
    timestamp: Time,
}

pub(super) fn deleted(
    said: &Said<'_>,
    (vault, key): (&str, &str),
    reply: &Deleted,
) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("secretKey", reply.secret_key.as_str(), key)?;
    same("vaultType", reply.vault_type.as_str(), TYPE)?;
    let dir = said.repo().join(".swamp/secrets").join(TYPE).join(vault);
    let gone = !dir.join(format!("{key}.enc")).exists();
    ensure(gone, "the secret is still there")?;
    said.is_of_the_command("timestamp", reply.timestamp.0)
}
