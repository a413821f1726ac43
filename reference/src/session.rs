//! What a command works with: where it was called, by whom, and where its output goes.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::config::marker::{self, Marker};
use crate::datastore::Datastore;
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

    /// The value of a variable; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

/// The surroundings of one call.
#[derive(Debug)]
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
            cwd,
            env,
            output,
        })
    }

    /// The directory that the command is about: the repository that the working directory is in, else the working
    /// directory.
    fn target(&self) -> PathBuf {
        enclosing_repository(&self.cwd).unwrap_or_else(|| self.cwd.clone())
    }

    /// The repository that the command is about.
    pub fn repository(&self) -> Result<Repository> {
        let dir = self.target();
        if !marker::is_repository(&dir) {
            return Err(no_repository(&dir));
        }
        match Marker::read(&dir)? {
            Some(marker) => Ok(Repository { dir, marker }),
            None => Err(no_repository(&dir)),
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
}

/// The refusal to work outside of a repository.
pub fn no_repository(dir: &Path) -> Failure {
    let shown = dir.display();
    Failure::refused(format!(
        "Not a swamp repository: {shown}. To initialize a new repository, run 'swamp repo init'."
    ))
}

/// The repository that `dir` is in: the nearest directory with a marker.
fn enclosing_repository(dir: &Path) -> Option<PathBuf> {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    for ancestor in dir.ancestors().take(MOST_ANCESTORS) {
        if marker::is_repository(ancestor) {
            return Some(ancestor.to_path_buf());
        }
    }
    None
}
