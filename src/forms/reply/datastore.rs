//! The replies of the commands about the datastore of a repo.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use walkdir::WalkDir;

use super::before::Held;
use super::forms::{
    CatalogPull, Compact, DatastoreStatus, LockInfo, LockRelease, LockStatus, MigrateFailed,
    MigrateIndex, Repair, SetupExtension, SetupFilesystem, SyncReply,
};
use super::{Fault, Said, ensure, same};
use crate::forms::schemas::{NamespaceList, NamespaceMigrate, NamespaceSet};

/// The directories of a datastore that a setup moves out of a repo.
pub(super) const MOVED_BY_SETUP: [&str; 6] = [
    "definitions-evaluated",
    "workflows-evaluated",
    "data",
    "outputs",
    "workflow-runs",
    "audit",
];

/// Whether a file is of a catalog, which grows by itself.
pub(super) fn is_catalog(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("_catalog.db")
}

/// The files and links below `dir`, and their bytes: a link counts as what it leads to.
pub(super) fn held(dir: &Path) -> Held {
    held_but(dir, |_| false)
}

/// The same without some.
pub(super) fn held_but(dir: &Path, without: impl Fn(&Path) -> bool) -> Held {
    let files = WalkDir::new(dir).into_iter().flatten();
    let files = files.filter(|entry| !entry.file_type().is_dir() && !without(entry.path()));
    files.fold((0, 0), |(count, bytes), entry| {
        let size = fs::metadata(entry.path()).map_or(0, |data| data.len());
        (count + 1, bytes + size)
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

/// So many files a catalog has, and no catalog of a trial is larger.
const CATALOG: (u64, u64) = (3, 8 << 20);

/// What a setup says that it copied is what the repo had: all of it, with the catalog or without.
pub(super) fn copied_of_what_was(said: &Said<'_>, files: u64, bytes: u64) -> Result<(), Fault> {
    let Some((had, size)) = said.scene.before.map(|before| before.moved) else {
        return Ok(());
    };
    let sound = |is: u64, had: u64, more: u64| (had..=had + more).contains(&is);
    let catalog = files.saturating_sub(had).min(1);
    ensure(
        sound(files, had, CATALOG.0) && sound(bytes, size, CATALOG.1 * catalog),
        &format!(
            "{files} files with {bytes} bytes were copied, and the repo had {had} with {size}"
        ),
    )
}

/// Of the directories that a setup moves, those that the repo had, in swamp's order.
fn moved(directories: &[String]) -> Result<(), Fault> {
    let known = MOVED_BY_SETUP.iter();
    let in_order = known.filter(|name| directories.iter().any(|it| it == *name));
    ensure(
        in_order.eq(directories.iter()),
        &format!("directoriesMigrated is {directories:?}, and must be of {MOVED_BY_SETUP:?}"),
    )
}

/// What a setup took along from the repo to `place`: nothing if it was told so, or there was nothing.
fn taken_along(said: &Said<'_>, reply: &TakenAlong<'_>, place: &Path) -> Result<(), Fault> {
    if reply.directories.is_empty() {
        let before = said.scene.before;
        let had = before.map_or((0, 0), |before| before.moved);
        // What lies in a bucket stays there today, which a scenario says.
        let stays = before.is_some_and(|before| before.in_bucket);
        let told = said.has("--skip-migration") || had == (0, 0) || stays;
        ensure(told, "it took nothing along, and the repo has data")?;
        let (files, bytes) = (reply.files_copied, reply.bytes_copied);
        same("what was copied", (files, bytes), (0, 0))?;
        let paths = reply.paths.iter().all(|path| path.is_none());
        return ensure(
            paths,
            "nothing was moved, and yet it says from where or to where",
        );
    }
    let skipped = said.has("--skip-migration");
    ensure(!skipped, "it took something along, and was told not to")?;
    if said.scene.before.is_some_and(|before| before.in_bucket) {
        return copied_of_what_was(said, reply.files_copied, reply.bytes_copied);
    }
    let local = said.repo().join(".swamp");
    let fields = [("sourcePath", local.as_path()), ("destinationPath", place)];
    for ((field, must), is) in fields.into_iter().zip(reply.paths) {
        let is = is.ok_or_else(|| format!("{field} is missing"))?;
        said.same_path(field, is, must)?;
    }
    copied_of_what_was(said, reply.files_copied, reply.bytes_copied)?;
    moved(reply.directories)
}

/// The fields that tell of it.
struct TakenAlong<'a> {
    files_copied: u64,
    bytes_copied: u64,
    directories: &'a [String],
    /// From where and to where.
    paths: [Option<&'a str>; 2],
}

pub(super) fn setup_filesystem(said: &Said<'_>, reply: &SetupFilesystem) -> Result<(), Fault> {
    let path = Path::new(said.value_of("--path").unwrap_or_default());
    same("type", reply.r#type.as_str(), "filesystem")?;
    said.same_path("path", &reply.path, path)?;
    copied(reply.files_copied, reply.bytes_copied, path)?;
    let taken = TakenAlong {
        files_copied: reply.files_copied,
        bytes_copied: reply.bytes_copied,
        directories: &reply.directories_migrated,
        paths: [&reply.source_path, &reply.destination_path].map(Option::as_deref),
    };
    taken_along(said, &taken, path)?;
    same("filesPulled", reply.files_pulled, 0)?;
    ensure(reply.warnings.is_empty(), "there are warnings")?;
    let hint = reply.retry_hint.as_ref();
    let hinted = hint.is_some_and(|hint| hint.starts_with("Re-run the same command to retry."));
    same(
        "whether it hints at a retry",
        hinted,
        !reply.errors.is_empty(),
    )?;
    // A golden shows what went wrong; the repo stays where it was.
    if said.scene.shown && hinted {
        return Ok(());
    }
    ensure(reply.errors.is_empty(), "there are errors")?;
    let marker = said.marker()?;
    let noted = marker
        .datastore()
        .and_then(|datastore| datastore.path.as_deref());
    same("the path in .swamp.yaml", noted.map(Path::new), Some(path))
}

pub(super) fn migrate_index(reply: &MigrateIndex) -> Result<(), Fault> {
    same("version", reply.version, 2)?;
    ensure(reply.commit_seq > 0, "commitSeq is none")?;
    ensure(!reply.partitions.is_empty(), "it has no parts")?;
    let sorted = reply.partitions.is_sorted();
    ensure(sorted, "its parts are in no order")
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
    let taken = TakenAlong {
        files_copied: reply.files_copied,
        bytes_copied: reply.bytes_copied,
        directories: &reply.directories_migrated,
        paths: [&reply.source_path, &reply.destination_path].map(Option::as_deref),
    };
    taken_along(said, &taken, &cache)?;
    let both = reply.files_copied + reply.files_pulled;
    let (there, size) = held(&cache);
    ensure(
        both <= there && reply.bytes_copied <= size,
        &format!("{both} files were copied or pulled, and {there} are there"),
    )?;
    came_over(said, reply.files_pulled)?;
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
            same("confirm", preview.confirm, said.is_confirmed())?;
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
            ensure(said.is_confirmed(), "it was not confirmed")?;
            let (solo, own) = (datastore.clone(), datastore.join(&result.namespace));
            let (from, to) = if reverse { (own, solo) } else { (solo, own) };
            let (mut count, mut size) = (0, 0);
            for name in &result.migrated_directories {
                let (files, bytes) = held(&to.join(name));
                (count, size) = (count + files, size + bytes);
            }
            // A catalog goes along from where the repo has its own datastore, and is made anew.
            let own = said.keeps_its_catalog_with_data()?;
            let (files, bytes) = if own { CATALOG } else { (0, 0) };
            ensure(
                result.total_files <= count + files && result.total_bytes <= size + bytes,
                "more was moved than lies there now",
            )?;
            let moved = result.migrated_directories.iter();
            let moved = moved.map(|name| from.join(name)).collect::<Vec<_>>();
            was_there(said, &moved, (result.total_files, result.total_bytes))
        }
    }
}

/// What a migration counts is what was in the directories before it; with the catalog, where the
/// repo has its own datastore.
pub(super) fn was_there(said: &Said<'_>, dirs: &[PathBuf], told: Held) -> Result<(), Fault> {
    let Some(before) = said.scene.before else {
        return Ok(());
    };
    let had = dirs.iter().filter_map(|dir| before.directories.get(dir));
    let had = had.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    let own = said.keeps_its_catalog_with_data()?;
    let more = if own { CATALOG } else { (0, 0) };
    let sound = |is: u64, had: u64, more: u64| (had..=had + more).contains(&is);
    ensure(
        sound(told.0, had.0, more.0) && sound(told.1, had.1, more.1),
        &format!("it counts {told:?} files and bytes, and there were {had:?}"),
    )
}

pub(super) fn namespace_migrate_failed(
    said: &Said<'_>,
    reply: &MigrateFailed,
) -> Result<(), Fault> {
    ensure(!reply.error.is_empty(), "the error is empty")?;
    let moved = said.own_data()?;
    for name in &reply.succeeded_directories {
        ensure(
            moved.join(name).is_dir() && *name != reply.failed_directory,
            &format!("{name} was not moved"),
        )?;
    }
    ensure(
        said.datastore()?.join(&reply.failed_directory).exists(),
        "failedDirectory is not where it was",
    )
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
        if let Some(claim) = said.claim(&entry.namespace)? {
            let is = (&entry.repo_id, &entry.registered_at);
            same("repoId and registeredAt", is, (&claim.0, &claim.1))?;
        }
    }
    Ok(())
}

impl Said<'_> {
    /// Whether the datastore is the one in the repo: the catalog lies among the data there, and
    /// changes while a command counts.
    pub(super) fn keeps_its_catalog_with_data(&self) -> Result<bool, Fault> {
        Ok(self.datastore()? == self.repo().join(".swamp"))
    }

    /// Who registered a namespace in a directory, and when. Swamp looks at no other datastore for
    /// that, and a scenario may have broken what it finds.
    pub(super) fn claim(&self, namespace: &str) -> Result<Option<(String, String)>, Fault> {
        let marker = self.marker()?;
        if marker.datastore().is_some_and(|it| it.path.is_none()) {
            return Ok(None);
        }
        let path = self.datastore()?.join(namespace).join(".namespace.json");
        let text = fs::read_to_string(path).unwrap_or_default();
        let claim: Value = serde_json::from_str(&text).unwrap_or_default();
        let field = |name: &str| claim.get(name)?.as_str().map(str::to_owned);
        Ok(field("repoId").zip(field("registeredAt")))
    }

    /// The locks that lie in a datastore that is a directory.
    pub(super) fn locks(&self) -> Result<Option<Vec<LockInfo>>, Fault> {
        let marker = self.marker()?;
        if marker.datastore().is_some_and(|it| it.path.is_none()) {
            return Ok(None);
        }
        let files = WalkDir::new(self.datastore()?).into_iter().flatten();
        let locks = files.filter(|file| file.file_name().to_string_lossy().ends_with(".lock"));
        let locks = locks.filter_map(|file| {
            let text = fs::read_to_string(file.path()).ok()?;
            serde_json::from_str(&text).ok()
        });
        Ok(Some(locks.collect()))
    }
}

pub(super) fn compact(said: &Said<'_>, reply: &Compact) -> Result<(), Fault> {
    /// The smallest page of SQLite that swamp has.
    const PAGE: u64 = 4096;
    same("vacuumSkipped", reply.vacuum_skipped, false)?;
    let (written, total) = (reply.wal_pages_checkpointed, reply.wal_pages_total);
    ensure(
        written <= total,
        "more pages were written back than there were",
    )?;
    let Some((catalog, log)) = said.scene.before.map(|before| before.catalog) else {
        return Ok(());
    };
    let reclaimed = reply.db_bytes_reclaimed;
    ensure(
        reclaimed <= catalog + log,
        &format!("{reclaimed} bytes were reclaimed, and the catalog had {catalog} and {log}"),
    )?;
    // Opening a catalog may make it, or write it anew.
    let few = 64;
    ensure(
        total <= log / PAGE + few,
        &format!("the log had {total} pages, and {log} bytes"),
    )
}

pub(super) fn status(said: &Said<'_>, reply: &DatastoreStatus) -> Result<(), Fault> {
    let datastore = said.marker()?.datastore();
    let kind = datastore.map_or("filesystem", |it| it.r#type.as_str());
    same("type", reply.r#type.as_str(), kind)?;
    if let Some(path) = &reply.path {
        said.same_path("path", path, &said.datastore()?)?;
    }
    ensure(!reply.message.is_empty(), "the message is empty")?;
    ensure(!reply.directories.is_empty(), "it has no directories")?;
    let latency = std::time::Duration::try_from_secs_f64(reply.latency_ms / 1000.0);
    let latency = latency.map_err(|e| format!("latencyMs: {e}"))?;
    said.took(latency.as_millis().try_into().unwrap_or(u64::MAX))
}

pub(super) fn lock_status(said: &Said<'_>, reply: &LockStatus) -> Result<(), Fault> {
    let datastore = said.marker()?.datastore();
    let kind = datastore.map_or("filesystem", |it| it.r#type.as_str());
    same("datastoreType", reply.datastore_type.as_str(), kind)?;
    same("held", reply.held, reply.info.is_some())?;
    let Some(info) = &reply.info else {
        return Ok(());
    };
    let Some(locks) = said.locks()? else {
        let locks = (said.scene.locks)();
        let locks: Vec<LockInfo> = locks
            .iter()
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect();
        // Whoever holds one in a bucket renews it, and may have let it go since.
        let is_it = |lock: &LockInfo| {
            (
                &lock.holder,
                &lock.hostname,
                lock.pid,
                lock.ttl_ms,
                &lock.nonce,
            ) == (
                &info.holder,
                &info.hostname,
                info.pid,
                info.ttl_ms,
                &info.nonce,
            )
        };
        return ensure(
            locks.is_empty() || locks.iter().any(is_it),
            "no lock in the bucket says what info does",
        );
    };
    ensure(
        locks.contains(info),
        "no lock on the disk says what info does",
    )
}

pub(super) fn lock_release(reply: &LockRelease) -> Result<(), Fault> {
    same("released", reply.released, false)?;
    same("reason", reply.reason.as_str(), "no lock held")
}

pub(super) fn repair(said: &Said<'_>, reply: &Repair) -> Result<(), Fault> {
    let Repair::UnmigratedPreview {
        namespace,
        directories,
    } = reply
    else {
        return Ok(());
    };
    same("namespace", namespace.as_str(), said.own_namespace()?)?;
    let datastore = said.datastore()?;
    for name in directories {
        ensure(
            datastore.join(name).is_dir(),
            &format!("there is no directory {name}"),
        )?;
    }
    ensure(!directories.is_empty(), "it names no directory")
}

pub(super) fn sync(said: &Said<'_>, reply: &SyncReply) -> Result<(), Fault> {
    let (push, pull) = (said.has("--push"), said.has("--pull"));
    let (there, _) = held(&said.own_data()?);
    let within = |count: u64| {
        let why = format!("{count} files went over, and {there} are there");
        ensure(count <= there, &why)
    };
    let came = |count: u64| came_over(said, count);
    match reply {
        SyncReply::Push { files_pushed } => {
            same("mode", (push, pull), (true, false))?;
            within(*files_pushed)
        }
        SyncReply::Pull { files_pulled } => {
            same("mode", (push, pull), (false, true))?;
            came(*files_pulled)
        }
        SyncReply::Both {
            files_pulled,
            files_pushed,
            errors,
        } => {
            same("mode", (push, pull), (false, false))?;
            ensure(errors.is_empty(), "there are errors")?;
            came(*files_pulled)?;
            within(*files_pushed)
        }
    }
}

/// What was pulled was written just now.
fn came_over(said: &Said<'_>, count: u64) -> Result<(), Fault> {
    // The clock of files is coarser than that of the processor.
    let since = said.output.took.since - jiff::SignedDuration::from_millis(20);
    let (fresh, _) = held_but(&said.datastore()?, |path| {
        let written = fs::metadata(path).and_then(|data| data.modified());
        let written = written
            .ok()
            .and_then(|time| jiff::Timestamp::try_from(time).ok());
        written.is_none_or(|time| time < since)
    });
    ensure(
        count <= fresh,
        &format!("{count} files were pulled, and {fresh} were written meanwhile"),
    )
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
    for it in &reply.pulled {
        let rows = rows_of(said, &it.namespace)?;
        same(&format!("the rows of {}", it.namespace), it.rows, rows)?;
    }
    same(
        "totalRows",
        reply.total_rows,
        reply.pulled.iter().map(|it| it.rows).sum::<u64>(),
    )
}

/// How many rows the catalog has of a namespace.
fn rows_of(said: &Said<'_>, namespace: &str) -> Result<u64, Fault> {
    let path = said.repo().join(".swamp/data/_catalog.db");
    let told = |e: rusqlite::Error| format!("{}: {e}", path.display());
    let catalog = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let rows = catalog.and_then(|catalog| {
        let rows = "SELECT count(*) FROM catalog WHERE namespace = ?1";
        catalog.query_row(rows, [namespace], |row| row.get::<_, i64>(0))
    });
    Ok(rows.map_err(told)?.try_into().unwrap_or_default())
}
