//! The replies of the commands that list data.

use std::collections::HashSet;
use std::fs;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::forms::{DataList, DataQuery, DataVersions, Row};
use super::{Fault, Said, ensure, same};
use crate::exact::read;
use crate::metadata::Metadata;

/// The rows of a query, or what was selected of them.
pub(super) fn query(said: &Said<'_>, asked: &str, reply: &Value) -> Result<(), Fault> {
    fn counted<T: DeserializeOwned>(reply: &Value) -> Result<DataQuery<T>, Fault> {
        let found: DataQuery<T> = read(reply)?;
        same("total", found.total, found.results.len())?;
        same("limited", found.limited, false)?;
        Ok(found)
    }
    if said.has("--select") {
        return same("predicate", counted::<Value>(reply)?.predicate, None);
    }
    let found = counted::<Row>(reply)?;
    same("predicate", found.predicate.as_deref(), Some(asked))?;
    let mut seen = HashSet::new();
    for row in &found.results {
        one_row(said, row)?;
        let data = (&row.namespace, &row.model_id.0, &row.name, row.version);
        ensure(seen.insert(data), "a row is there twice")?;
    }
    Ok(())
}

fn one_row(said: &Said<'_>, row: &Row) -> Result<(), Fault> {
    said.is_no_later("createdAt", row.created_at.0)?;
    same("ownerType", row.owner_type.as_str(), "model-method")?;
    let model = (row.model_type.as_str(), &row.model_id);
    let place = said.version_of(&row.namespace, model, &row.name, row.version)?;
    // Of another namespace or a bucket there may be no copy.
    let Some(there) = Metadata::read(&place)? else {
        return Ok(());
    };
    same("id", &row.id, &there.id)?;
    same("createdAt", &row.created_at, &there.created_at)?;
    same("tags", &row.tags, &there.tags)?;
    same("contentType", &row.content_type, &there.content_type)?;
    same("lifetime", &row.lifetime, &there.lifetime)?;
    same("streaming", row.streaming, there.streaming)?;
    same("size", row.size, there.size)?;
    let owner = there.owner_definition;
    same("ownerRef", &row.owner_ref, &owner.owner_ref.0)?;
    let run = owner.workflow_run_id.map(|id| id.0);
    for (field, is, must) in [
        ("workflowRunId", &row.workflow_run_id, run),
        ("workflowName", &row.workflow_name, owner.workflow_name),
        ("jobName", &row.job_name, owner.job_name),
        ("stepName", &row.step_name, owner.step_name),
        ("source", &row.source, owner.source),
    ] {
        same(field, is, &must.unwrap_or_default())?;
    }
    Ok(())
}

pub(super) fn list(said: &Said<'_>, model: &str, reply: &DataList) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same(
        "namespace",
        reply.namespace.as_deref(),
        said.marker()?.namespace(),
    )?;
    let model = (reply.model_type.as_str(), &reply.model_id);
    let (mut total, mut seen) = (0, HashSet::new());
    for group in &reply.groups {
        ensure(!group.items.is_empty(), "a group is empty")?;
        total += group.items.len();
        for item in &group.items {
            same("type", &item.r#type, &group.r#type)?;
            ensure(item.version > 0, "a version is 0")?;
            ensure(!item.name.is_empty(), "a name is empty")?;
            let new = seen.insert((item.name.as_str(), item.version));
            ensure(new, "a piece of data is there twice")?;
            said.is_no_later("createdAt", item.created_at.0)?;
            let place = said.version_of(said.own_namespace()?, model, &item.name, item.version)?;
            // A catalog may know what is not there: that is a finding of the scenarios.
            if let Some(there) = Metadata::read(&place)? {
                same("id", &item.id, &there.id)?;
                same("createdAt", &item.created_at, &there.created_at)?;
                same("contentType", &item.content_type, &there.content_type)?;
                same("streaming", item.streaming, there.streaming)?;
                same("size", item.size, there.size)?;
            }
        }
    }
    ensure(!reply.model_type.is_empty(), "modelType is empty")?;
    same("total", reply.total, total)
}

pub(super) fn versions(
    said: &Said<'_>,
    model: &str,
    name: &str,
    reply: &DataVersions,
) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same("dataName", reply.data_name.as_str(), name)?;
    same("total", reply.total, reply.versions.len())?;
    let model = (reply.model_type.as_str(), &reply.model_id);
    let all = said.version_of(said.own_namespace()?, model, name, 0)?;
    for there in fs::read_dir(all.with_file_name(""))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = there.file_name().to_string_lossy().parse::<u64>();
        let listed = |it: u64| reply.versions.iter().any(|version| version.version == it);
        let missing = name.is_ok_and(|version| !listed(version));
        ensure(
            !missing,
            &format!("{} is not in it", there.path().display()),
        )?;
    }
    let newest_first = reply.versions.is_sorted_by(|a, b| a.version > b.version);
    ensure(newest_first, "the newest version is not the first")?;
    for (index, version) in reply.versions.iter().enumerate() {
        same("isLatest", version.is_latest, index == 0)?;
        ensure(version.version > 0, "a version is 0")?;
        said.is_no_later("createdAt", version.created_at.0)?;
        let place = said.version_of(said.own_namespace()?, model, name, version.version)?;
        // Of a bucket there is only what somebody fetched.
        if let Some(there) = Metadata::read(&place)? {
            same("createdAt", &version.created_at, &there.created_at)?;
            same("size", version.size, there.size)?;
            same("checksum", &version.checksum, &there.checksum)?;
        }
    }
    Ok(())
}
