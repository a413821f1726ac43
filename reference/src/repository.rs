//! A repository: where it is, and what it says about itself.

use std::path::{Path, PathBuf};

use crate::config::marker::{self, Marker};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::session::Session;

/// How far up a repository is looked for.
const MOST_ANCESTORS: usize = 10;

/// A repository and its configuration.
#[derive(Debug)]
pub struct Repository {
    /// Its root.
    pub dir: PathBuf,
    /// Its configuration.
    pub marker: Marker,
}

impl Session {
    /// The directory that the command is about: the one that was named, else the repository that
    /// the working directory is in, else the working directory.
    fn target(&self) -> PathBuf {
        if let Some(named) = &self.repo_dir {
            return files::resolve(&self.cwd, named);
        }
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

    /// The datastore of a repository.
    pub fn datastore(&self, repository: &Repository) -> Result<Datastore> {
        Datastore::of(&repository.dir, &repository.marker, &self.env)
    }
}

/// The refusal to work outside of a repository.
fn no_repository(dir: &Path) -> Failure {
    let shown = dir.display();
    Failure::refused(format!(
        "Not a swamp repository: {shown}. To initialize a new repository, run 'swamp repo init', or specify an existing \
         repository with 'swamp <command> --repo-dir /path/to/repo'."
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
