//! The replies of the commands that list data.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::forms::{
    DataDelete, DataGc, DataGet, DataList, DataPrune, DataQuery, DataRename, DataVersions, Row,
    WorkflowDataList,
};
use super::{Fault, Said, ensure, same};
use crate::forms::exact::read;
use crate::forms::metadata::Metadata;

/// The rows of a query, or what was selected of them.
pub(super) fn query(said: &Said<'_>, asked: &str, reply: &Value) -> Result<(), Fault> {
    fn counted<T: DeserializeOwned>(said: &Said<'_>, reply: &Value) -> Result<DataQuery<T>, Fault> {
        let found: DataQuery<T> = read(reply)?;
        same("total", found.total, found.results.len())?;
        let limit = said.value_of("--limit").map(str::parse::<usize>);
        // A limit that is reached may hide more, or nothing: that is an affair of the scenarios.
        let open = limit.is_some_and(|limit| limit.is_ok_and(|limit| found.total >= limit));
        same("limited", found.limited && !open, false)?;
        Ok(found)
    }
    if said.has("--select") {
        return same("predicate", counted::<Value>(said, reply)?.predicate, None);
    }
    let found = counted::<Row>(said, reply)?;
    same("predicate", found.predicate.as_deref(), Some(asked))?;
    let mut seen = HashSet::new();
    for row in &found.results {
        one_row(said, row)?;
        let data = (&row.namespace, &row.model_id.0, &row.name, row.version);
        ensure(seen.insert(data), "a row is there twice")?;
    }
    Ok(())
}

/// The rows that an expression took over, wherever they are in `value`.
pub(super) fn rows_within(said: &Said<'_>, value: &Value) -> Result<(), Fault> {
    match value {
        Value::Object(fields) if fields.contains_key("ownerRef") => {
            // There its content has two names, and is not the last of its fields.
            let mut fields = fields.clone();
            let attributes = fields.shift_remove("attributes").unwrap_or_default();
            let content = fields.shift_remove("content").unwrap_or_default();
            same("attributes", &attributes, &content)?;
            fields.insert("content".to_owned(), content);
            one_row(said, &read(&Value::Object(fields))?)
        }
        Value::Object(fields) => fields.values().try_for_each(|it| rows_within(said, it)),
        Value::Array(items) => items.iter().try_for_each(|it| rows_within(said, it)),
        _ => Ok(()),
    }
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
    for (field, is, tag) in [
        ("modelName", &row.model_name, "modelName"),
        ("specName", &row.spec_name, "specName"),
        ("dataType", &row.data_type, "type"),
    ] {
        same(field, Some(is.as_str()), there.tag(tag))?;
    }
    content_of_row(row, &place)?;
    // Every step of a workflow has a latest version, and who has another namespace may lag behind.
    let alone = row.workflow_run_id.is_empty() && row.namespace == said.own_namespace()?;
    let latest = Said::is_latest(&place).filter(|_| alone);
    ensure(
        latest.is_none_or(|latest| latest == row.is_latest),
        &format!("isLatest is {}, and the disk says otherwise", row.is_latest),
    )?;
    let owner = &there.owner_definition;
    same("ownerRef", &row.owner_ref, &owner.owner_ref.0)?;
    let run = owner.workflow_run_id.as_ref().map(|id| &id.0);
    for (field, is, must) in [
        ("workflowRunId", &row.workflow_run_id, run),
        (
            "workflowName",
            &row.workflow_name,
            owner.workflow_name.as_ref(),
        ),
        ("jobName", &row.job_name, owner.job_name.as_ref()),
        ("stepName", &row.step_name, owner.step_name.as_ref()),
        ("source", &row.source, owner.source.as_ref()),
    ] {
        same(field, is.as_str(), must.map_or("", String::as_str))?;
    }
    Ok(())
}

/// A row has the content of what is JSON. What is not has none, and a copy may lack it.
fn content_of_row(row: &Row, place: &Path) -> Result<(), Fault> {
    let Ok(raw) = fs::read(place.join("raw")) else {
        return Ok(());
    };
    let content = serde_json::from_slice::<Value>(&raw).unwrap_or_default();
    let known =
        row.content == content || row.content == "" || row.content == Value::Object(Map::new());
    ensure(
        known,
        &format!("content is {}, and must be {content}", row.content),
    )?;
    let told = row.content != "" || row.content_type != "application/json";
    ensure(told, "content is empty, and it is on the disk")
}

pub(super) fn list_of_workflow(said: &Said<'_>, reply: &WorkflowDataList) -> Result<(), Fault> {
    let asked = said.value_of("--workflow");
    same("workflowName", Some(reply.workflow_name.as_str()), asked)?;
    let run = said.record_of_workflow(&reply.workflow_id, &reply.run_id)?;
    same("runStatus", reply.run_status, run.status)?;
    let mut total = 0;
    for group in &reply.groups {
        ensure(!group.items.is_empty(), "a group is empty")?;
        total += group.items.len();
        for item in &group.items {
            same("type", &item.r#type, &group.r#type)?;
            let mut jobs = run.jobs.iter().filter(|job| job.job_name == item.job_name);
            let ran = jobs.any(|job| job.steps.iter().any(|it| it.step_name == item.step_name));
            ensure(ran, "no such step ran")?;
            let model = (item.model_type.as_str(), &item.model_id);
            let place = said.version_of(said.own_namespace()?, model, &item.name, item.version)?;
            if let Some(there) = Metadata::read(&place)? {
                same("id", &item.id, &there.id)?;
                same("type", Some(item.r#type.as_str()), there.tag("type"))?;
                same(
                    "modelName",
                    Some(item.model_name.as_str()),
                    there.tag("modelName"),
                )?;
                same("contentType", &item.content_type, &there.content_type)?;
                same("streaming", item.streaming, there.streaming)?;
                same("size", item.size, there.size)?;
                same("createdAt", &item.created_at, &there.created_at)?;
            }
        }
    }
    same("total", reply.total, total)
}

pub(super) fn get(said: &Said<'_>, model: &str, name: &str, reply: &DataGet) -> Result<(), Fault> {
    // What is found by its workflow is of whichever model that has run.
    if !said.has("--workflow") {
        same("modelName", reply.model_name.as_str(), model)?;
    }
    let of_model = (reply.model_type.as_str(), &reply.model_id);
    let own = said.own_namespace()?;
    let asked = said.version_of(own, of_model, name, 1)?;
    if !Metadata::is_renamed(&asked.with_file_name("")) {
        same("name", reply.name.as_str(), name)?;
    }
    let name = reply.name.as_str();
    let place = said.version_of(own, of_model, name, reply.version)?;
    let there = Metadata::read(&place)?.ok_or("it is not on the disk")?;
    same("id", &reply.id, &there.id)?;
    same("contentType", &reply.content_type, &there.content_type)?;
    same("lifetime", &reply.lifetime, &there.lifetime)?;
    same(
        "garbageCollection",
        &reply.garbage_collection,
        &there.garbage_collection,
    )?;
    same("streaming", reply.streaming, there.streaming)?;
    same("tags", &reply.tags, &there.tags)?;
    same(
        "ownerDefinition",
        &reply.owner_definition,
        &there.owner_definition,
    )?;
    same("createdAt", &reply.created_at, &there.created_at)?;
    same("size", reply.size, there.size)?;
    same("checksum", &reply.checksum, &there.checksum)?;
    let raw = place.join("raw");
    said.leads_to(&reply.content_path, &raw)?;
    let content = fs::read_to_string(&raw).map_err(|e| format!("{}: {e}", raw.display()))?;
    let must = match &reply.content {
        None => None,
        Some(Value::String(_)) => Some(Value::from(content)),
        Some(_) => Some(serde_json::from_str(&content).map_err(|e| e.to_string())?),
    };
    same("content", &reply.content, &must)?;
    let wanted = !said.has("--no-content");
    same("whether it has a content", reply.content.is_some(), wanted)?;
    same("the latest version", Said::is_latest(&place), Some(true))
}

pub(super) fn delete(said: &Said<'_>, model: &str, reply: &DataDelete) -> Result<(), Fault> {
    let data = said.own_data()?.join("data");
    match reply {
        DataDelete::One(one) => {
            same("modelName", one.model_name.as_str(), model)?;
            let named = said.value_of("--name");
            let name = named.or(said.words.get(3).copied()).unwrap_or_default();
            same("dataName", one.data_name.as_str(), name)?;
            let asked = said.value_of("--version");
            same(
                "version",
                one.version.map(|it| it.to_string()).as_deref(),
                asked,
            )?;
            let place = data.join(&one.model_type).join(&one.model_id.0).join(name);
            let place = asked.map_or_else(|| place.clone(), |version| place.join(version));
            ensure(one.versions_deleted > 0, "nothing was deleted")?;
            ensure(
                !place.exists(),
                &format!("{} is still there", place.display()),
            )
        }
        DataDelete::All(all) => {
            same("modelName", all.model_name.as_str(), model)?;
            same("dryRun", all.dry_run, said.has("--dry-run"))?;
            ensure(all.failed.is_empty(), "something was not deleted")?;
            ensure(
                all.total_deleted <= all.total_versions_deleted,
                "a name had no version",
            )?;
            let place = data.join(&all.model_type).join(&all.model_id.0);
            let names = fs::read_dir(&place).into_iter().flatten().flatten();
            let names = names.filter(|entry| entry.path().is_dir()).count() as u64;
            let must = if all.dry_run { all.total_deleted } else { 0 };
            same("the names that are there", names, must)
        }
    }
}

pub(super) fn gc(said: &Said<'_>, reply: &DataGc) -> Result<(), Fault> {
    same("dryRun", reply.dry_run, said.has("--dry-run"))?;
    same(
        "dataEntriesExpired",
        reply.data_entries_expired,
        reply.expired_entries.len(),
    )?;
    let pages = (reply.wal_pages_checkpointed, reply.wal_pages_total);
    ensure(
        pages.0 <= pages.1,
        "more pages were written back than there were",
    )?;
    ensure(
        reply.versions_deleted > 0 || reply.bytes_reclaimed == 0,
        "nothing was deleted, and yet bytes were",
    )?;
    for entry in &reply.expired_entries {
        same("reason", entry.reason.as_str(), "duration-expired")?;
        let model = (entry.r#type.as_str(), &entry.model_id);
        let data = said.version_of(said.own_namespace()?, model, &entry.data_name, 1)?;
        let data = data.with_file_name("");
        let left = fs::read_dir(&data).into_iter().flatten().flatten();
        let left = left
            .filter(|it| it.path().join("metadata.yaml").is_file())
            .count() as u64;
        let must = if reply.dry_run {
            entry.version_count
        } else {
            0
        };
        same("the versions that are there", left, must)?;
    }
    Ok(())
}

/// What is reclaimed is what its models say, and none of it is there any more, unless it was only
/// looked for.
pub(super) fn prune(said: &Said<'_>, reply: &DataPrune) -> Result<(), Fault> {
    same("dryRun", reply.dry_run, said.has("--dry-run"))?;
    let models = &reply.reclaimed_models;
    same("modelsReclaimed", reply.models_reclaimed, models.len())?;
    let names: usize = models.iter().map(|model| model.data_names.len()).sum();
    same("dataEntriesReclaimed", reply.data_entries_reclaimed, names)?;
    let versions: u64 = models.iter().map(|model| model.version_count).sum();
    same("versionsDeleted", reply.versions_deleted, versions)?;
    let bytes: u64 = models.iter().map(|model| model.bytes_reclaimed).sum();
    same("bytesReclaimed", reply.bytes_reclaimed, bytes)?;
    let pages = (reply.wal_pages_checkpointed, reply.wal_pages_total);
    let known = pages.0 <= pages.1;
    ensure(known, "more pages were written back than there were")?;
    for orphan in models {
        let model = (orphan.r#type.as_str(), &orphan.model_id);
        ensure(!orphan.model_name.is_empty(), "a model has no name")?;
        let (mut there, mut size) = (0, 0);
        for name in &orphan.data_names {
            let data = said.version_of(said.own_namespace()?, model, name, 1)?;
            let left = fs::read_dir(data.with_file_name("")).into_iter().flatten();
            for version in left.flatten().filter(|it| it.path().is_dir()) {
                if let Some(metadata) = Metadata::read(&version.path())? {
                    there += 1;
                    size += metadata.size;
                }
            }
        }
        let must = if reply.dry_run {
            (orphan.version_count, orphan.bytes_reclaimed)
        } else {
            (0, 0)
        };
        same("the versions that are there", (there, size), must)?;
    }
    Ok(())
}

/// Both names are those that were asked for; what lies under the new one is the newest there, and the
/// old one says so.
pub(super) fn rename(said: &Said<'_>, reply: &DataRename) -> Result<(), Fault> {
    let asked = |at: usize, option: &str| {
        let word = said.words.get(at).copied();
        word.or_else(|| said.value_of(option))
    };
    same(
        "modelName",
        Some(reply.model_name.as_str()),
        asked(2, "--model"),
    )?;
    same("oldName", Some(reply.old_name.as_str()), asked(3, "--name"))?;
    same(
        "newName",
        Some(reply.new_name.as_str()),
        asked(4, "--new-name"),
    )?;
    ensure(!reply.warning.is_empty(), "the warning is empty")?;
    let model = (reply.model_type.as_str(), &reply.model_id);
    let own = said.own_namespace()?;
    let new = said.version_of(own, model, &reply.new_name, reply.new_version)?;
    same("the latest version", Said::is_latest(&new), Some(true))?;
    let copied = said.version_of(own, model, &reply.old_name, reply.copied_version)?;
    let raw = |place: &Path| fs::read(place.join("raw")).map_err(|e| e.to_string());
    same("what was copied", raw(&new)?, raw(&copied)?)?;
    let old = copied.with_file_name("");
    ensure(Metadata::is_renamed(&old), "the old name leads nowhere")
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
                same("type", Some(item.r#type.as_str()), there.tag("type"))?;
                same(
                    "modelName",
                    Some(reply.model_name.as_str()),
                    there.tag("modelName"),
                )?;
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
