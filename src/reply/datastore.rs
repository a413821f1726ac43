//! The replies of the commands about the datastore of a repo.

use std::path::Path;

use walkdir::WalkDir;

use super::forms::{CatalogPull, SetupExtension, SetupFilesystem, SyncReply};
use super::{Fault, Said, ensure, same};
use crate::schemas::{NamespaceList, NamespaceMigrate, NamespaceSet};

/// The directories of a datastore that a setup moves out of a repo.
const MOVED_BY_SETUP: [&str; 6] = [
    "definitions-evaluated",
    "workflows-evaluated",
    "data",
    "outputs",
    "workflow-runs",
    "audit",
];

/// The files below `dir`, and their bytes.
fn held(dir: &Path) -> (u64, u64) {
    let files = WalkDir::new(dir).into_iter().flatten();
    let files = files.filter(|entry| entry.file_type().is_file());
    files.fold((0, 0), |(count, bytes), entry| {
        (
            count + 1,
            bytes + entry.metadata().map_or(0, |data| data.len()),
        )
    })
}

/// What a setup says that it copied can only be what lies there now.
fn copied(files: u64, bytes: u64, dir: &Path) -> Result<(), Fault> {
    let (there, size) = held(dir);
    ensure(
        files <= there && bytes <= size,
        &format!("{files} files with {bytes} bytes were copied, and {there} with {size} are there"),
    )?;
    ensure(
        files > 0 || bytes == 0,
        "no file was copied, and yet bytes were",
    )
}

/// Of the directories that a setup moves, those that the repo had, in swamp's order.
fn moved(directories: &[String]) -> Result<(), Fault> {
    let known = MOVED_BY_SETUP.iter();
    let in_order = known.filter(|name| directories.iter().any(|it| it == *name));
    ensure(
        !directories.is_empty() && in_order.eq(directories.iter()),
        &format!("directoriesMigrated is {directories:?}, and must be of {MOVED_BY_SETUP:?}"),
    )
}

pub(super) fn setup_filesystem(said: &Said<'_>, reply: &SetupFilesystem) -> Result<(), Fault> {
    let path = Path::new(said.value_of("--path").unwrap_or_default());
    same("type", reply.r#type.as_str(), "filesystem")?;
    said.same_path("path", &reply.path, path)?;
    said.same_path("destinationPath", &reply.destination_path, path)?;
    said.same_path(
        "sourcePath",
        &reply.source_path,
        &said.repo().join(".swamp"),
    )?;
    copied(reply.files_copied, reply.bytes_copied, path)?;
    same("filesPulled", reply.files_pulled, 0)?;
    moved(&reply.directories_migrated)?;
    ensure(reply.errors.is_empty(), "there are errors")?;
    ensure(reply.warnings.is_empty(), "there are warnings")?;
    let marker = said.marker()?;
    let noted = marker
        .datastore()
        .and_then(|datastore| datastore.path.as_deref());
    same("the path in .swamp.yaml", noted.map(Path::new), Some(path))
}

pub(super) fn setup_extension(
    said: &Said<'_>,
    name: &str,
    reply: &SetupExtension,
) -> Result<(), Fault> {
    let marker = said.marker()?;
    let cache = said.datastore()?;
    same("type", reply.r#type.as_str(), name)?;
    same(
        "the type in .swamp.yaml",
        marker.datastore().map(|it| it.r#type.as_str()),
        Some(name),
    )?;
    same("namespace", reply.namespace.as_deref(), marker.namespace())?;
    if let Some(asked) = said.value_of("--namespace") {
        same("namespace", reply.namespace.as_deref(), Some(asked))?;
    }
    said.same_path("destinationPath", &reply.destination_path, &cache)?;
    said.same_path(
        "sourcePath",
        &reply.source_path,
        &said.repo().join(".swamp"),
    )?;
    let both = reply.files_copied + reply.files_pulled;
    let (there, size) = held(&cache);
    ensure(
        both <= there && reply.bytes_copied <= size,
        &format!("{both} files were copied or pulled, and {there} are there"),
    )?;
    moved(&reply.directories_migrated)?;
    ensure(reply.errors.is_empty(), "there are errors")?;
    for warning in &reply.warnings {
        let list = warning.existing_namespaces.join(", ");
        let begin = format!("This datastore contains existing namespaces: {list}. ");
        ensure(
            warning.message.starts_with(&begin),
            "a warning names other namespaces than it has",
        )?;
    }
    Ok(())
}

pub(super) fn namespace_set(
    said: &Said<'_>,
    slug: &str,
    reply: &NamespaceSet,
) -> Result<(), Fault> {
    same("namespace", reply.namespace.as_str(), slug)?;
    same(
        "the namespace in .swamp.yaml",
        said.marker()?.namespace(),
        Some(slug),
    )?;
    said.same_path("datastorePath", &reply.datastore_path, &said.datastore()?)?;
    same("registrationSkipped", reply.registration_skipped, false)?;
    let known = "Existing data remains at the old un-namespaced path. Run 'swamp datastore \
                 namespace migrate --confirm' to move it to the namespaced layout.";
    ensure(
        reply
            .warning
            .as_deref()
            .is_none_or(|warning| warning == known),
        "the warning has other words",
    )?;
    let datastore = said.datastore()?;
    let left = MOVED_BY_SETUP.map(|name| held(&datastore.join(name)).0);
    ensure(
        reply.warning.is_some() || left == [0; MOVED_BY_SETUP.len()],
        "there is no warning, and data without a namespace is there",
    )
}

pub(super) fn namespace_migrate(
    said: &Said<'_>,
    reverse: bool,
    reply: &NamespaceMigrate,
) -> Result<(), Fault> {
    let datastore = said.datastore()?;
    match reply {
        NamespaceMigrate::Preview(preview) => {
            said.same_path("datastorePath", &preview.datastore_path, &datastore)?;
            same("reverse", preview.reverse, reverse)?;
            same("confirm", preview.confirm, said.has("--confirm"))?;
            let files: u64 = preview.directories.iter().map(|it| it.file_count).sum();
            let bytes: u64 = preview.directories.iter().map(|it| it.total_bytes).sum();
            same("totalFiles", preview.total_files, files)?;
            same("totalBytes", preview.total_bytes, bytes)?;
            let (solo, own) = (datastore.clone(), datastore.join(&preview.namespace));
            let (from, to) = if reverse { (own, solo) } else { (solo, own) };
            for it in &preview.directories {
                said.same_path("source", &it.source, &from.join(&it.subdir))?;
                said.same_path("destination", &it.destination, &to.join(&it.subdir))?;
                let (count, size) = held(&from.join(&it.subdir));
                same("fileCount", it.file_count, count)?;
                same("totalBytes", it.total_bytes, size)?;
            }
            Ok(())
        }
        NamespaceMigrate::Result(result) => {
            said.same_path("datastorePath", &result.datastore_path, &datastore)?;
            same("reverse", result.reverse, reverse)?;
            ensure(said.has("--confirm"), "it was not confirmed")?;
            let to = if reverse {
                datastore
            } else {
                datastore.join(&result.namespace)
            };
            let (mut count, mut size) = (0, 0);
            for name in &result.migrated_directories {
                let (files, bytes) = held(&to.join(name));
                (count, size) = (count + files, size + bytes);
            }
            ensure(
                result.total_files <= count && result.total_bytes <= size,
                "more was moved than lies there now",
            )
        }
    }
}

pub(super) fn namespace_list(said: &Said<'_>, reply: &NamespaceList) -> Result<(), Fault> {
    let marker = said.marker()?;
    same(
        "currentNamespace",
        reply.current_namespace.as_deref(),
        marker.namespace(),
    )?;
    for entry in &reply.namespaces {
        let own = marker.namespace() == Some(entry.namespace.as_str());
        same("isCurrent", entry.is_current, own)?;
    }
    Ok(())
}

pub(super) fn sync(said: &Said<'_>, reply: &SyncReply) -> Result<(), Fault> {
    let (push, pull) = (said.has("--push"), said.has("--pull"));
    let (there, _) = held(&said.datastore()?);
    let within = |count: u64| {
        let why = format!("{count} files went over, and {there} are there");
        ensure(count <= there, &why)
    };
    match reply {
        SyncReply::Push { files_pushed } => {
            same("mode", (push, pull), (true, false))?;
            within(*files_pushed)
        }
        SyncReply::Pull { files_pulled } => {
            same("mode", (push, pull), (false, true))?;
            within(*files_pulled)
        }
        SyncReply::Both {
            files_pulled,
            files_pushed,
            errors,
        } => {
            same("mode", (push, pull), (false, false))?;
            ensure(errors.is_empty(), "there are errors")?;
            within(*files_pulled)?;
            within(*files_pushed)
        }
    }
}

pub(super) fn catalog_pull(said: &Said<'_>, reply: &CatalogPull) -> Result<(), Fault> {
    let asked = said.value_of("--namespaces").unwrap_or_default();
    let mut named: Vec<&str> = reply
        .pulled
        .iter()
        .map(|it| it.namespace.as_str())
        .collect();
    named.extend(reply.skipped.iter().map(String::as_str));
    named.sort_unstable();
    let mut asked: Vec<&str> = asked.split(',').collect();
    asked.sort_unstable();
    same("the namespaces", named, asked)?;
    same(
        "totalRows",
        reply.total_rows,
        reply.pulled.iter().map(|it| it.rows).sum::<u64>(),
    )
}
