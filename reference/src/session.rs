//! What a command works with: where it was called, by whom, and where its output goes.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::config::marker::{self, Marker};
use crate::datastore::{self, Datastore};
use crate::errors::{Failure, Result};
use crate::faults::{self, Fault, Faults};
use crate::files;
use crate::named::UnknownName;
use crate::output::Output;
use crate::quirks::{self, Quirk, Quirks};
use crate::remote::Remote;

/// How far up a repository is looked for.
const MOST_ANCESTORS: usize = 10;

/// The environment variables.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        Self(
            env::vars_os()
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
        )
    }

    /// These variables.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        Self(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    /// All variables.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The value of a variable; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

/// The surroundings of one call.
pub struct Session {
    /// The working directory.
    pub cwd: PathBuf,
    /// The environment variables.
    pub env: Environment,
    /// The two streams.
    pub output: Output,
    /// The deviations of the pinned swamp that are on.
    pub quirks: Quirks,
    /// The regressions that are on.
    pub faults: Faults,
    /// What `--repo-dir` says.
    pub repo_dir: Option<String>,
}

/// A repository and its configuration.
#[derive(Debug)]
pub struct Repository {
    /// Its root.
    pub dir: PathBuf,
    /// Its configuration.
    pub marker: Marker,
}

impl Session {
    /// A call from `cwd`.
    pub fn new(
        cwd: PathBuf,
        env: Environment,
        output: Output,
    ) -> std::result::Result<Self, UnknownName> {
        let switches = |name| env.get(name).unwrap_or_default();
        Ok(Self {
            quirks: Quirks::parse(&switches(quirks::VARIABLE))?,
            faults: Faults::parse(&switches(faults::VARIABLE))?,
            repo_dir: None,
            cwd,
            env,
            output,
        })
    }

    /// The directory that the command is about: `--repo-dir`, else `SWAMP_REPO_DIR`, else the repository that the
    /// working directory is in, else the working directory.
    pub fn target(&self) -> PathBuf {
        if let Some(dir) = self
            .repo_dir
            .clone()
            .or_else(|| self.env.get("SWAMP_REPO_DIR"))
        {
            return files::resolve(&self.cwd, &dir);
        }
        enclosing_repository(&self.cwd).unwrap_or_else(|| self.cwd.clone())
    }

    /// The repository that the command is about.
    pub fn repository(&self) -> Result<Repository> {
        let dir = self.target();
        if !marker::is_repository(&dir) {
            if datastore::local_dir(&dir).is_dir() {
                return Err(half_a_repository(&dir));
            }
            return Err(no_repository(
                &dir,
                ", or specify an existing repository with 'swamp <command> --repo-dir /path/to/repo'",
            ));
        }
        match Marker::read(&dir)? {
            Some(marker) => Ok(Repository { dir, marker }),
            None => Err(no_repository(&dir, "")),
        }
    }

    /// The same for commands that work with data or models: they open its catalog even where they do not look into it,
    /// so a broken one fails them all.
    pub fn repository_with_catalog(&self) -> Result<Repository> {
        let repository = self.repository_in_order()?;
        Catalog::open(&repository.dir)?;
        if let Some(remote) = Remote::of(&repository, &self.env)? {
            // The cache of a bucket is there from the first look at it on.
            files::ensure_dir(&remote.cache)?;
        }
        Ok(repository)
    }

    /// The same, with a datastore that can be one; its catalog is not opened yet.
    pub fn repository_in_order(&self) -> Result<Repository> {
        let repository = self.repository()?;
        if let Ok(datastore) = self.datastore(&repository)
            && datastore.path.exists()
            && !datastore.path.is_dir()
        {
            return Err(Failure::refused(format!(
                "Datastore path is not a directory: {}",
                datastore.path.display()
            )));
        }
        self.mend_catalog(&repository)?;
        Ok(repository)
    }

    /// Makes a catalog that cannot be read anew, unless swamp's failure is to be shown.
    pub fn mend_catalog(&self, repository: &Repository) -> Result<()> {
        if self.faults.on(Fault::CatalogRebuildKeepsStale) {
            Catalog::take_for_current(&repository.dir)?;
        }
        if self.quirks.on(Quirk::CorruptCatalogBreaksAll) || Catalog::open(&repository.dir).is_ok()
        {
            return Ok(());
        }
        Catalog::remove(&repository.dir)
    }

    /// The datastore of a repository.
    pub fn datastore(&self, repository: &Repository) -> Result<Datastore> {
        Datastore::of(&repository.dir, &repository.marker, &self.env)
    }

    /// The log level that the repository asks for, if there is one to ask.
    pub fn repo_log_level(&self) -> Option<String> {
        let marker = Marker::read(&self.target()).ok().flatten()?;
        marker.log_level().map(str::to_owned)
    }
}

/// The refusal to work outside of a repository; `advice` is what else the user could do.
pub fn no_repository(dir: &Path, advice: &str) -> Failure {
    let shown = dir.display();
    Failure::refused(format!(
        "Not a swamp repository: {shown}. To initialize a new repository, run 'swamp repo init'{advice}."
    ))
}

fn half_a_repository(dir: &Path) -> Failure {
    Failure::refused(format!(
        "Found a .swamp/ directory at {} but no .swamp.yaml marker — the repository appears partially initialized or \
         corrupted. If you previously used a remote datastore, re-initializing with 'swamp repo init' will not \
         reconnect to it. Restore .swamp.yaml from version control or re-initialize with the correct --datastore flag.",
        dir.display()
    ))
}

/// The repository that `dir` is in: the nearest directory with a marker, not above the root of a git work tree.
fn enclosing_repository(dir: &Path) -> Option<PathBuf> {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    for ancestor in dir.ancestors().take(MOST_ANCESTORS) {
        if marker::is_repository(ancestor) {
            return Some(ancestor.to_path_buf());
        }
        if ancestor.join(".git").exists() {
            break;
        }
    }
    None
}
