//! The replies of successful commands with `--json`: which type each has, and what its values
//! must be.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};
use walkdir::WalkDir;

use super::forms::SourceAdd;
use super::values::Id;
use super::{
    Fault, Said, approvals, data, datastore, ensure, models, reports, repos, runs, same, search,
    upkeep, vaults, workflows,
};
use crate::forms::exact::read;
use crate::forms::marker::Marker;
use crate::forms::metadata::Metadata;
use crate::forms::schemas::NamespaceUnset;

/// Holds the reply against the type of its command.
pub(super) fn success(said: &Said<'_>, reply: &Value) -> Result<(), Fault> {
    match said.words.as_slice() {
        ["repo", "init"] => repos::repo_init(said, &read(reply)?),
        ["repo", "upgrade"] => repos::repo_upgrade(said, &read(reply)?),
        ["datastore", "setup", "filesystem"] => datastore::setup_filesystem(said, &read(reply)?),
        ["datastore", "setup", "extension", name] => {
            datastore::setup_extension(said, name, &read(reply)?)
        }
        ["datastore", "namespace", "set", slug] => {
            datastore::namespace_set(said, slug, &read(reply)?)
        }
        ["datastore", "namespace", "migrate"] if said.output.code != 0 => {
            datastore::namespace_migrate_failed(said, &read(reply)?)
        }
        ["datastore", "namespace", "unset"] if said.has("--migrate") => {
            datastore::namespace_migrate(said, true, &read(reply)?)
        }
        ["datastore", "namespace", "unset"] => {
            let reply: NamespaceUnset = read(reply)?;
            ensure(
                !reply.previous_namespace.is_empty(),
                "previousNamespace is empty",
            )
        }
        ["datastore", "namespace", "migrate"] => {
            datastore::namespace_migrate(said, said.has("--reverse"), &read(reply)?)
        }
        ["datastore", "namespace", "list"] => datastore::namespace_list(said, &read(reply)?),
        ["datastore", "sync"] => datastore::sync(said, &read(reply)?),
        ["datastore", "catalog", "pull"] => datastore::catalog_pull(said, &read(reply)?),
        ["datastore", "migrate-index"] => datastore::migrate_index(&read(reply)?),
        ["datastore", "compact"] => datastore::compact(said, &read(reply)?),
        ["datastore", "status"] => datastore::status(said, &read(reply)?),
        ["datastore", "lock", "status"] => datastore::lock_status(said, &read(reply)?),
        ["datastore", "lock", "release"] => datastore::lock_release(&read(reply)?),
        ["doctor", "workflows"] => upkeep::doctor_workflows(&read(reply)?),
        ["doctor", "vaults" | "secrets"] => upkeep::doctor_models(&read(reply)?),
        ["run", "gc"] => upkeep::run_gc(said, &read(reply)?),
        ["doctor", "datastores"] => datastore::repair(said, &read(reply)?),
        ["extension", "source", "add", path] => {
            let reply: SourceAdd = read(reply)?;
            same("action", reply.action.as_str(), "added")?;
            same("path", reply.path.as_str(), *path)?;
            same("totalSources", reply.total_sources, 1)
        }
        ["model", "method", "run", model, method] => {
            runs::method_run(said, model, method, &read(reply)?)
        }
        ["model", "create", kind, name] => models::create(said, kind, name, &read(reply)?),
        ["model", "delete", model] => models::delete(said, model, &read(reply)?),
        ["model", "get", model] => models::get(model, &read(reply)?),
        ["model", "search", ..] => models::search(&read(reply)?),
        ["model", "output", "search", ..] | ["model", "method", "history", "search", ..] => {
            models::output_search(said, &read(reply)?)
        }
        ["model", "output", "data", run] => models::output_data(said, run, &read(reply)?),
        ["model", "cancel"] => same("the reply", reply, &json!({ "cancelled": [] })),
        ["model", "method", "history", "logs", _] => models::logs(said, &read(reply)?),
        ["model", "output", ..] | ["model", "method", "history", ..] => {
            models::output(said, &read(reply)?)
        }
        ["model", "evaluate"] => runs::model_evaluate_all(said, &read(reply)?),
        ["model", "evaluate", model] => runs::model_evaluate(said, model, &read(reply)?),
        ["report", "get", name] => reports::get(said, name, &read(reply)?),
        ["report", "search", ..] => reports::search(said, &read(reply)?),
        ["workflow", "create", name] => workflows::create(said, name, &read(reply)?),
        ["workflow", "delete", name] => workflows::delete(said, name, &read(reply)?),
        ["workflow", "edit", _] => workflows::edit(said, &read(reply)?),
        ["workflow", "evaluate"] => workflows::evaluate_all(said, &read(reply)?),
        ["workflow", "evaluate", name] => workflows::evaluate(said, name, &read(reply)?),
        ["workflow", "get", name] => workflows::get(said, name, &read(reply)?),
        ["workflow", "search", ..] => workflows::search(said, &read(reply)?),
        ["workflow", "approvals"] => approvals::approvals(said, &read(reply)?),
        ["workflow", "approve", workflow, step] => {
            approvals::decided(said, (workflow, step), true, &read(reply)?)
        }
        ["workflow", "reject", workflow, step] => {
            approvals::decided(said, (workflow, step), false, &read(reply)?)
        }
        ["workflow", "resume", workflow] => runs::workflow_resume(said, workflow, &read(reply)?),
        ["workflow", "run" | "history", "search", ..] => search::runs(said, &read(reply)?),
        ["workflow", "history", "logs", _] => search::logs(said, &read(reply)?),
        ["workflow", "history", "get", _] | ["workflow", "history", _] => {
            runs::workflow_history(said, &read(reply)?)
        }
        ["data", "search", ..] => search::data(said, &read(reply)?),
        ["workflow", "run", workflow] => runs::workflow_run(said, workflow, &read(reply)?),
        ["data", "list"] if said.has("--model") => data::list(said, said.named()[0], &read(reply)?),
        ["data", "list"] => data::list_of_workflow(said, &read(reply)?),
        ["data", "get", model, name] => data::get(said, model, name, &read(reply)?),
        ["data", "get", name] if said.has("--workflow") => data::get(said, "", name, &read(reply)?),
        ["data", "get"] => {
            let [model, name] = said.named();
            data::get(said, model, name, &read(reply)?)
        }
        ["data", "delete"] => data::delete(said, said.named()[0], &read(reply)?),
        ["data", "delete", model, ..] => data::delete(said, model, &read(reply)?),
        ["data", "gc"] => data::gc(said, &read(reply)?),
        ["data", "rename", ..] => data::rename(said, &read(reply)?),
        ["data", "prune"] => data::prune(said, &read(reply)?),
        ["data", "list", model] => data::list(said, model, &read(reply)?),
        ["data", "query", asked] => data::query(said, asked, reply),
        ["data", "versions"] => {
            let [model, name] = said.named();
            data::versions(said, model, name, &read(reply)?)
        }
        ["data", "versions", model, name] => data::versions(said, model, name, &read(reply)?),
        ["vault", "list-keys", vault] => vaults::list_keys(said, vault, &read(reply)?),
        ["vault", "get", vault] => vaults::described(said, vault, true, &read(reply)?),
        ["vault", "describe", vault] => vaults::described(said, vault, false, &read(reply)?),
        ["vault", "search", query] => vaults::search(said, query, &read(reply)?),
        ["vault", "inspect", vault, key] => vaults::inspected(said, (vault, key), &read(reply)?),
        ["vault", "annotate", vault, key] => vaults::annotated(said, (vault, key), &read(reply)?),
        ["vault", "audit-trail"] => vaults::audit_trail(said, &read(reply)?),
        ["vault", "delete", vault, key] => vaults::deleted(said, (vault, key), &read(reply)?),
        ["vault", "create", kind, name] => repos::vault_create(said, kind, name, &read(reply)?),
        ["vault", "read-secret", vault, key] => repos::vault_read_secret(vault, key, &read(reply)?),
        ["vault", "put", vault, key, _] => repos::vault_put(said, vault, key, &read(reply)?),
        words => Err(format!(
            "no type is known for `{}`: give it one in src/forms/reply/forms.rs",
            words.join(" ")
        )),
    }
}

impl Said<'_> {
    /// The directory of the repo that it ran in.
    pub(super) fn repo(&self) -> PathBuf {
        self.scene.root.join(&self.output.repo)
    }

    /// What the `.swamp.yaml` of the repo says: it is read once.
    pub(super) fn marker(&self) -> Result<&Marker, Fault> {
        let marker = self.marker.get_or_init(|| Marker::read(&self.repo()));
        marker.as_ref().map_err(Clone::clone)
    }

    /// The namespace of the repo; `""` where it has none.
    pub(super) fn own_namespace(&self) -> Result<&str, Fault> {
        Ok(self.marker()?.namespace().unwrap_or_default())
    }

    /// Where the repo's own data is: in its datastore, below its namespace where it has one.
    pub(super) fn own_data(&self) -> Result<PathBuf, Fault> {
        Ok(self.datastore()?.join(self.own_namespace()?))
    }

    /// Where one of its directories is: there, or in the repo if the setup did not name it.
    pub(super) fn own_dir(&self, name: &str) -> Result<PathBuf, Fault> {
        if self.marker()?.has_directory(name) {
            Ok(self.own_data()?.join(name))
        } else {
            Ok(self.repo().join(".swamp").join(name))
        }
    }

    /// Where a version of a piece of data of that namespace is for this repo.
    pub(super) fn version_of(
        &self,
        namespace: &str,
        (kind, model): (&str, &Id),
        name: &str,
        version: u64,
    ) -> Result<PathBuf, Fault> {
        let data = self.datastore()?.join(namespace).join("data");
        let data = data.join(kind).join(&model.0).join(name);
        Ok(data.join(version.to_string()))
    }

    /// Whether what lies at `place` is the latest version of its name, as the file beside it says.
    /// Not known where that is missing.
    pub(super) fn is_latest(place: &Path) -> Option<bool> {
        let latest = fs::read_to_string(place.with_file_name("latest")).ok()?;
        Some(place.file_name()?.to_str()? == latest.trim_end())
    }

    /// What the disk has of a version, where only its name and its model's are known.
    pub(super) fn versions_named(
        &self,
        namespace: &str,
        model: &str,
        name: &str,
        version: u64,
    ) -> Result<Vec<Rc<Metadata>>, Fault> {
        let data = self.datastore()?.join(namespace).join("data");
        let end = Path::new(name).join(version.to_string());
        let dirs = WalkDir::new(data).max_depth(6).into_iter().flatten();
        let dirs = dirs.filter(|entry| entry.path().ends_with(&end));
        let mut found = Vec::new();
        for dir in dirs {
            let metadata = Metadata::read(dir.path())?;
            found.extend(metadata.filter(|it| it.tag("modelName") == Some(model)));
        }
        Ok(found)
    }

    /// Where the datastore is for this repo: a directory, or the local copy of a bucket.
    pub(super) fn datastore(&self) -> Result<PathBuf, Fault> {
        let marker = self.marker()?;
        Ok(marker.datastore_of(&self.repo(), self.scene.home))
    }

    /// Whether a path that is told from the repo is that of a file.
    pub(super) fn leads_to(&self, told: &str, must: &Path) -> Result<(), Fault> {
        let real =
            |path: &Path| fs::canonicalize(path).map_err(|e| format!("{}: {e}", path.display()));
        same(told, real(&self.repo().join(told))?, real(must)?)
    }

    pub(super) fn same_path(&self, field: &str, is: &str, must: &Path) -> Result<(), Fault> {
        same(field, Path::new(is), must)
    }

    /// The release under test, as repos note it.
    pub(super) fn release(&self) -> &str {
        let version = self.scene.version;
        version.split('-').next().unwrap_or(version)
    }
}
