//! The replies of successful commands with `--json`: which type each has, and what its values
//! must be.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use walkdir::WalkDir;

use super::forms::{
    CatalogPull, Compact, DataList, DataVersions, MethodRun, RepoInit, RepoUpgrade, SetupExtension,
    SetupFilesystem, SourceAdd, SyncReply, VaultCreate, VaultPut, WorkflowRun,
};
use super::values::Outcome;
use super::{Fault, Said, ensure, parse, same};
use crate::marker::Marker;
use crate::schemas::{NamespaceList, NamespaceMigrate, NamespaceSet, NamespaceUnset};

/// The directories of a datastore that a setup moves out of a repo.
const MOVED_BY_SETUP: [&str; 6] = [
    "definitions-evaluated",
    "workflows-evaluated",
    "data",
    "outputs",
    "workflow-runs",
    "audit",
];

/// The one who runs a command without an account.
const NOBODY: &str = "ghost";

/// Holds the reply against the type of its command.
pub(super) fn success(said: &Said<'_>, text: &str) -> Result<(), Fault> {
    match said.words.as_slice() {
        ["repo", "init"] => repo_init(said, &parse(text)?),
        ["repo", "upgrade"] => repo_upgrade(said, &parse(text)?),
        ["datastore", "setup", "filesystem"] => setup_filesystem(said, &parse(text)?),
        ["datastore", "setup", "extension", name] => setup_extension(said, name, &parse(text)?),
        ["datastore", "namespace", "set", slug] => namespace_set(said, slug, &parse(text)?),
        ["datastore", "namespace", "unset"] if said.has("--migrate") => {
            namespace_migrate(said, true, &parse(text)?)
        }
        ["datastore", "namespace", "unset"] => {
            let reply: NamespaceUnset = parse(text)?;
            ensure(
                !reply.previous_namespace.is_empty(),
                "previousNamespace is empty",
            )
        }
        ["datastore", "namespace", "migrate"] => {
            namespace_migrate(said, said.has("--reverse"), &parse(text)?)
        }
        ["datastore", "namespace", "list"] => namespace_list(said, &parse(text)?),
        ["datastore", "sync"] => sync(said, &parse(text)?),
        ["datastore", "catalog", "pull"] => catalog_pull(said, &parse(text)?),
        ["datastore", "compact"] => {
            let reply: Compact = parse(text)?;
            same("vacuumSkipped", reply.vacuum_skipped, false)?;
            ensure(
                reply.wal_pages_checkpointed <= reply.wal_pages_total,
                "more pages were written back than there were",
            )
        }
        ["extension", "source", "add", path] => {
            let reply: SourceAdd = parse(text)?;
            same("action", reply.action.as_str(), "added")?;
            same("path", reply.path.as_str(), *path)?;
            same("totalSources", reply.total_sources, 1)
        }
        ["model", "method", "run", model, method] => method_run(said, model, method, &parse(text)?),
        ["workflow", "run", workflow] => workflow_run(said, workflow, &parse(text)?),
        ["data", "list", model] => data_list(said, model, &parse(text)?),
        ["data", "query", _] => said.rows(text),
        ["data", "versions", model, name] => data_versions(said, model, name, &parse(text)?),
        ["vault", "create", kind, name] => vault_create(said, kind, name, &parse(text)?),
        ["vault", "put", vault, key, _] => vault_put(said, vault, key, &parse(text)?),
        words => Err(format!(
            "no type is known for `{}`: give it one in src/reply/forms.rs, or snapshot it",
            words.join(" ")
        )),
    }
}

impl Said<'_> {
    /// The directory of the repo that it ran in.
    fn repo(&self) -> PathBuf {
        self.scene.root.join(&self.output.repo)
    }

    fn marker(&self) -> Result<Marker, Fault> {
        Marker::read(&self.repo())
    }

    /// Where the datastore is for this repo: a directory, or the local copy of a bucket.
    fn datastore(&self) -> Result<PathBuf, Fault> {
        let marker = self.marker()?;
        Ok(match marker.datastore() {
            None => self.repo().join(".swamp"),
            Some(datastore) => match &datastore.path {
                Some(path) => PathBuf::from(path),
                None => self.scene.home.join(".swamp/repos").join(&marker.repo_id.0),
            },
        })
    }

    fn same_path(&self, field: &str, is: &str, must: &Path) -> Result<(), Fault> {
        same(field, Path::new(is), must)
    }

    /// The release under test, as repos note it.
    fn release(&self) -> &str {
        let version = self.scene.version;
        version.split('-').next().unwrap_or(version)
    }
}

fn repo_init(said: &Said<'_>, reply: &RepoInit) -> Result<(), Fault> {
    let (repo, marker) = (said.repo(), said.marker()?);
    said.same_path("path", &reply.path, &repo)?;
    same("version", reply.version.as_str(), said.release())?;
    same("version", &reply.version, &marker.swamp_version)?;
    said.is_of_now("initializedAt", reply.initialized_at.0)?;
    same(
        "initializedAt",
        &reply.initialized_at,
        &marker.initialized_at,
    )?;
    for (field, list) in [
        ("skillsCopied", &reply.skills_copied),
        ("tools", &reply.tools),
        ("removedTools", &reply.removed_tools),
    ] {
        ensure(list.is_empty(), &format!("{field} is not empty"))?;
    }
    same(
        "instructionsFileCreated",
        reply.instructions_file_created,
        false,
    )?;
    same("settingsCreated", reply.settings_created, false)?;
    same(
        "gitignoreAction",
        reply.gitignore_action.as_str(),
        "created",
    )?;
    same("tool", reply.tool.as_str(), "none")?;
    let known = [
        "Run `swamp --help` to see available commands",
        "Join & participate in the community: swamp auth login",
    ];
    // The second one is for those who have no account.
    let steps: Vec<&str> = reply.next_steps.iter().map(String::as_str).collect();
    ensure(
        steps == known || steps == known[..1],
        &format!("nextSteps is {steps:?}"),
    )
}

fn repo_upgrade(said: &Said<'_>, reply: &RepoUpgrade) -> Result<(), Fault> {
    let marker = said.marker()?;
    said.same_path("path", &reply.path, &said.repo())?;
    ensure(
        !reply.previous_version.is_empty(),
        "previousVersion is empty",
    )?;
    same("newVersion", reply.new_version.as_str(), said.release())?;
    same("newVersion", &reply.new_version, &marker.swamp_version)?;
    said.is_of_now("upgradedAt", reply.upgraded_at.0)?;
    for (field, list) in [
        ("skillsUpdated", &reply.skills_updated),
        ("previousTools", &reply.previous_tools),
        ("tools", &reply.tools),
        ("addedTools", &reply.added_tools),
        ("removedTools", &reply.removed_tools),
        ("extensionsToReinstall", &reply.extensions_to_reinstall),
        ("localSkillCopies", &reply.local_skill_copies),
        ("untrustedCollectives", &reply.untrusted_collectives),
    ] {
        ensure(list.is_empty(), &format!("{field} is not empty"))?;
    }
    same("instructionsUpdated", reply.instructions_updated, false)?;
    same("settingsUpdated", reply.settings_updated, false)?;
    same(
        "gitignoreAction",
        reply.gitignore_action.as_str(),
        "unchanged",
    )?;
    same(
        "changedFiles",
        reply.changed_files.as_slice(),
        [".swamp.yaml".to_owned()].as_slice(),
    )?;
    same("tool", reply.tool.as_str(), "none")?;
    let install = &reply.extension_install;
    ensure(install.entries.is_empty(), "extensions were installed")?;
    let counts = [
        install.installed,
        install.migrated,
        install.up_to_date,
        install.failed,
    ];
    same("the counts of extensions", counts, [0; 4])
}

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

fn setup_filesystem(said: &Said<'_>, reply: &SetupFilesystem) -> Result<(), Fault> {
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

fn setup_extension(said: &Said<'_>, name: &str, reply: &SetupExtension) -> Result<(), Fault> {
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

fn namespace_set(said: &Said<'_>, slug: &str, reply: &NamespaceSet) -> Result<(), Fault> {
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
    )
}

fn namespace_migrate(
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

fn namespace_list(said: &Said<'_>, reply: &NamespaceList) -> Result<(), Fault> {
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

fn sync(said: &Said<'_>, reply: &SyncReply) -> Result<(), Fault> {
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

fn catalog_pull(said: &Said<'_>, reply: &CatalogPull) -> Result<(), Fault> {
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

fn method_run(said: &Said<'_>, model: &str, method: &str, reply: &MethodRun) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same("methodName", reply.method_name.as_str(), method)?;
    same("status", reply.status, Outcome::Succeeded)?;
    same("initiatedBy", reply.initiated_by.as_str(), NOBODY)?;
    ensure(
        reply.duration < 600_000,
        "the duration is longer than any run may take",
    )?;
    let logs = said
        .repo()
        .join(".swamp/outputs")
        .join(&reply.model_type)
        .join(method);
    let log = Path::new(&reply.log_file);
    same(
        "the directory of logFile",
        log.parent(),
        Some(logs.as_path()),
    )?;
    let name = log
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let named = name.is_some_and(|name| name.starts_with(&reply.model_id.0));
    ensure(named && log.is_file(), "logFile is no log of this model")?;
    for name in ["run", "spec", "name", "n"] {
        if let Some(given) = said.input(name) {
            let taken = reply.method_arguments.get(name).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            same(
                &format!("methodArguments.{name}"),
                taken.as_deref(),
                Some(given),
            )?;
        }
    }
    ensure(!reply.data_artifacts.is_empty(), "it wrote nothing")?;
    let data = said
        .datastore()?
        .join(said.marker()?.namespace().unwrap_or_default());
    let data = data
        .join("data")
        .join(&reply.model_type)
        .join(&reply.model_id.0);
    for artifact in &reply.data_artifacts {
        let path = Path::new(&artifact.path);
        let below = data.join(&artifact.name);
        same(
            "the directory of a piece of data",
            path.parent(),
            Some(below.as_path()),
        )?;
        let raw = fs::read(path.join("raw")).map_err(|e| format!("{}: {e}", path.display()))?;
        if let Some(attributes) = &artifact.attributes {
            let content: Value = serde_json::from_slice(&raw).map_err(|e| e.to_string())?;
            same("attributes", &Value::Object(attributes.clone()), &content)?;
        }
        let metadata = fs::read_to_string(path.join("metadata.yaml")).map_err(|e| e.to_string())?;
        let own = metadata.starts_with(&format!("id: {}\n", artifact.id.0));
        ensure(
            own,
            "the id of a piece of data is not the one in its metadata",
        )?;
    }
    same("globalArguments", reply.global_arguments.is_empty(), true)
}

fn workflow_run(said: &Said<'_>, workflow: &str, reply: &WorkflowRun) -> Result<(), Fault> {
    same("workflowName", reply.workflow_name.as_str(), workflow)?;
    same("status", reply.status, Outcome::Succeeded)?;
    same("initiatedBy", reply.initiated_by.as_str(), NOBODY)?;
    let runs = said
        .datastore()?
        .join(said.marker()?.namespace().unwrap_or_default());
    let runs = runs.join("workflow-runs").join(&reply.workflow_id.0);
    let record = runs.join(format!("workflow-run-{}.yaml", reply.id.0));
    said.same_path("path", &reply.path, &record)?;
    ensure(record.is_file(), "there is no record of the run")?;
    ensure(!reply.jobs.is_empty(), "it has no job")?;
    for job in &reply.jobs {
        ensure(
            !job.name.is_empty() && !job.steps.is_empty(),
            "a job has no step",
        )?;
        same("the status of a job", job.status, Outcome::Succeeded)?;
        ensure(
            job.duration <= reply.duration,
            "a job took longer than the run",
        )?;
        for step in &job.steps {
            same("the status of a step", step.status, Outcome::Succeeded)?;
            ensure(
                step.duration <= job.duration,
                "a step took longer than its job",
            )?;
            for artifact in &step.data_artifacts {
                let tag = |name: &str| artifact.tags.get(name).and_then(Value::as_str);
                same("tags.workflow", tag("workflow"), Some(workflow))?;
                same(
                    "tags.workflowRunId",
                    tag("workflowRunId"),
                    Some(reply.id.0.as_str()),
                )?;
                same("tags.job", tag("job"), Some(job.name.as_str()))?;
                same("tags.step", tag("step"), Some(step.name.as_str()))?;
                same(
                    "tags.specName",
                    tag("specName"),
                    Some(artifact.name.as_str()),
                )?;
                ensure(artifact.version > 0, "a version is 0")?;
            }
        }
    }
    Ok(())
}

fn data_list(said: &Said<'_>, model: &str, reply: &DataList) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same(
        "namespace",
        reply.namespace.as_deref(),
        said.marker()?.namespace(),
    )?;
    let mut total = 0;
    for group in &reply.groups {
        ensure(!group.items.is_empty(), "a group is empty")?;
        total += group.items.len();
        for item in &group.items {
            same("type", &item.r#type, &group.r#type)?;
            ensure(item.version > 0, "a version is 0")?;
            ensure(
                !item.name.is_empty() && !item.content_type.is_empty(),
                "a name is empty",
            )?;
            said.is_no_later("createdAt", item.created_at.0)?;
        }
    }
    ensure(!reply.model_type.is_empty(), "modelType is empty")?;
    same("total", reply.total, total)
}

fn data_versions(
    said: &Said<'_>,
    model: &str,
    name: &str,
    reply: &DataVersions,
) -> Result<(), Fault> {
    same("modelName", reply.model_name.as_str(), model)?;
    same("dataName", reply.data_name.as_str(), name)?;
    same("total", reply.total, reply.versions.len())?;
    for (index, version) in reply.versions.iter().enumerate() {
        same("isLatest", version.is_latest, index == 0)?;
        ensure(version.version > 0, "a version is 0")?;
        said.is_no_later("createdAt", version.created_at.0)?;
    }
    Ok(())
}

fn vault_create(said: &Said<'_>, kind: &str, name: &str, reply: &VaultCreate) -> Result<(), Fault> {
    same("type", reply.r#type.as_str(), kind)?;
    same("name", reply.name.as_str(), name)?;
    same("typeName", reply.type_name.as_str(), "Local Encryption")?;
    same("auto_generate", reply.config.auto_generate, true)?;
    said.same_path("base_dir", &reply.config.base_dir, &said.repo())?;
    let file = format!("vaults/{kind}/{}.yaml", reply.id.0);
    ensure(
        said.repo().join(&file).is_file(),
        &format!("there is no {file}"),
    )
}

fn vault_put(said: &Said<'_>, vault: &str, key: &str, reply: &VaultPut) -> Result<(), Fault> {
    same("vaultName", reply.vault_name.as_str(), vault)?;
    same("secretKey", reply.secret_key.as_str(), key)?;
    same("vaultType", reply.vault_type.as_str(), "local_encryption")?;
    same("overwritten", reply.overwritten, false)?;
    said.is_of_now("timestamp", reply.timestamp.0)
}
