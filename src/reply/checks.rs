//! The replies of successful commands with `--json`: which type each has, and what its values
//! must be.

use std::path::{Path, PathBuf};

use super::forms::{Compact, SourceAdd};
use super::{Fault, Said, datastore, ensure, parse, repos, runs, same};
use crate::marker::Marker;
use crate::schemas::NamespaceUnset;

/// Holds the reply against the type of its command.
pub(super) fn success(said: &Said<'_>, text: &str) -> Result<(), Fault> {
    match said.words.as_slice() {
        ["repo", "init"] => repos::repo_init(said, &parse(text)?),
        ["repo", "upgrade"] => repos::repo_upgrade(said, &parse(text)?),
        ["datastore", "setup", "filesystem"] => datastore::setup_filesystem(said, &parse(text)?),
        ["datastore", "setup", "extension", name] => {
            datastore::setup_extension(said, name, &parse(text)?)
        }
        ["datastore", "namespace", "set", slug] => {
            datastore::namespace_set(said, slug, &parse(text)?)
        }
        ["datastore", "namespace", "unset"] if said.has("--migrate") => {
            datastore::namespace_migrate(said, true, &parse(text)?)
        }
        ["datastore", "namespace", "unset"] => {
            let reply: NamespaceUnset = parse(text)?;
            ensure(
                !reply.previous_namespace.is_empty(),
                "previousNamespace is empty",
            )
        }
        ["datastore", "namespace", "migrate"] => {
            datastore::namespace_migrate(said, said.has("--reverse"), &parse(text)?)
        }
        ["datastore", "namespace", "list"] => datastore::namespace_list(said, &parse(text)?),
        ["datastore", "sync"] => datastore::sync(said, &parse(text)?),
        ["datastore", "catalog", "pull"] => datastore::catalog_pull(said, &parse(text)?),
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
        ["model", "method", "run", model, method] => {
            runs::method_run(said, model, method, &parse(text)?)
        }
        ["workflow", "run", workflow] => runs::workflow_run(said, workflow, &parse(text)?),
        ["data", "list", model] => runs::data_list(said, model, &parse(text)?),
        ["data", "query", _] => said.rows(text),
        ["data", "versions", model, name] => runs::data_versions(said, model, name, &parse(text)?),
        ["vault", "create", kind, name] => repos::vault_create(said, kind, name, &parse(text)?),
        ["vault", "put", vault, key, _] => repos::vault_put(said, vault, key, &parse(text)?),
        words => Err(format!(
            "no type is known for `{}`: give it one in src/reply/forms.rs, or snapshot it",
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

    /// Where the repo's own data is: in its datastore, below its namespace where it has one.
    pub(super) fn own_data(&self) -> Result<PathBuf, Fault> {
        let namespace = self.marker()?.namespace().unwrap_or_default();
        Ok(self.datastore()?.join(namespace))
    }

    /// Where the datastore is for this repo: a directory, or the local copy of a bucket.
    pub(super) fn datastore(&self) -> Result<PathBuf, Fault> {
        let marker = self.marker()?;
        Ok(match marker.datastore() {
            None => self.repo().join(".swamp"),
            Some(datastore) => match &datastore.path {
                Some(path) => PathBuf::from(path),
                None => self.scene.home.join(".swamp/repos").join(&marker.repo_id.0),
            },
        })
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
