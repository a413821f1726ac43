//! The datastore: where it is, and the directories in it.

use std::path::{Path, PathBuf};

use crate::cloud::Cloud;
use crate::config::marker::Marker;
use crate::data::DataRoot;
use crate::environment::Environment;
use crate::errors::{Failure, Result};
use crate::faults::{Fault, Faults};
use crate::files;

/// The directories of a datastore, in the order in which swamp names them.
pub const DIRECTORIES: [&str; 15] = [
    "auto-definitions",
    "definitions-evaluated",
    "workflows-evaluated",
    "data",
    "outputs",
    "workflow-runs",
    "secrets",
    "bundles",
    "vault-bundles",
    "driver-bundles",
    "report-bundles",
    "audit",
    "telemetry",
    "logs",
    "files",
];

/// Those that stay in the repository's own `.swamp`, wherever the datastore is.
const ALWAYS_LOCAL: [&str; 5] = [
    "secrets",
    "bundles",
    "vault-bundles",
    "driver-bundles",
    "report-bundles",
];

/// Those of `names` that live in the datastore.
pub fn shared<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    names.into_iter().filter(|name| is_shared(name)).collect()
}

/// Whether a directory lives in the datastore.
pub fn is_shared(name: &str) -> bool {
    !ALWAYS_LOCAL.contains(&name)
}

/// The directory that every datastore has beside those, by the fault.
pub fn extra(faults: &Faults) -> Option<&'static str> {
    faults.on(Fault::ExtraDirectory).then_some("reports")
}

/// The repository's own directory for what is not versioned, and its datastore until another one is
/// set up.
pub fn local_dir(repo: &Path) -> PathBuf {
    repo.join(".swamp")
}

/// A repository's datastore and the namespace in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datastore {
    /// Its root, absolute; where it is in the cloud, that of the cache.
    pub path: PathBuf,
    /// The namespace of the repository; none in solo mode.
    pub namespace: Option<String>,
    /// Where the directories are that are in the repository, and the names of the others, where that
    /// was said.
    named: Option<(PathBuf, Vec<String>)>,
}

impl Datastore {
    /// The datastore of the repository at `repo`: what its configuration says, else `.swamp`.
    pub fn of(repo: &Path, marker: &Marker, env: &Environment) -> Result<Self> {
        if !marker.has_datastore() {
            return Ok(Self {
                path: local_dir(repo),
                namespace: None,
                named: None,
            });
        }
        match marker.datastore("type") {
            Some("filesystem") => {}
            Some(other) if Cloud::of_type(other).is_some() => {
                return Ok(Self {
                    path: cache_of(marker.repo_id(), env),
                    namespace: marker.namespace().map(str::to_owned),
                    named: None,
                });
            }
            other => {
                return Err(Failure::not_implemented(&format!(
                    "datastore type {other:?}"
                )));
            }
        }
        let path = marker
            .datastore("path")
            .filter(|path| !path.is_empty())
            .ok_or_else(|| {
                Failure::broken(
                    "Filesystem datastore config in .swamp.yaml requires a 'path' field.",
                )
            })?;
        Ok(Self {
            path: located(repo, path),
            namespace: marker.namespace().map(str::to_owned),
            named: marker
                .datastore_directories()
                .map(|named| (local_dir(repo), named)),
        })
    }

    /// Where the repository's own share is: the directory of its namespace, in solo mode the root.
    pub fn own_root(&self) -> PathBuf {
        match &self.namespace {
            Some(namespace) => self.path.join(namespace),
            None => self.path.clone(),
        }
    }

    /// A directory of the repository's own share: there, or in the repository if it was not named
    /// when the datastore was set up.
    pub fn own_dir(&self, name: &str) -> PathBuf {
        match &self.named {
            Some((local, named)) if !named.iter().any(|it| it == name) => local.join(name),
            _ => self.own_root().join(name),
        }
    }

    /// The same datastore, as a repository in another namespace, or in none, has it.
    pub fn seen_from(&self, namespace: Option<String>) -> Self {
        Self {
            namespace,
            ..self.clone()
        }
    }

    /// The data of the repository itself.
    pub fn data(&self) -> DataRoot {
        DataRoot(self.own_root().join("data"))
    }

    /// Whether it holds data outside of any namespace.
    pub fn holds_solo_data(&self) -> Result<bool> {
        for name in shared(DIRECTORIES) {
            let files = files::files_below(&self.path.join(name))?;
            if files.iter().any(|path| !is_bookkeeping(path)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Manifests and catalog files are not data: they are there without anybody having run anything.
fn is_bookkeeping(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == crate::namespace::manifest::FILE_NAME || name.starts_with("_catalog.db")
}

/// The cache of the repository with this id, where its datastore is in a bucket.
pub fn cache_of(repo_id: Option<&str>, env: &Environment) -> PathBuf {
    let home = PathBuf::from(env.get("HOME").unwrap_or_default());
    home.join(".swamp/repos").join(repo_id.unwrap_or("unknown"))
}

/// The absolute place of a path as a user writes it; an absolute one is taken as it is written.
pub fn located(repo: &Path, written: &str) -> PathBuf {
    if Path::new(written).is_absolute() {
        PathBuf::from(written)
    } else {
        files::resolve(repo, written)
    }
}
