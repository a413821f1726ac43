//! Datastores in the cloud: a bucket, and a cache of it on the disk.
//!
//! Commands read and write the cache alone; [`sync`] carries changes between the two, under the
//! locks of [`lock`].

pub mod bucket;
pub mod catalog_export;
pub mod config;
mod gcs;
mod http;
pub mod index;
pub mod keys;
pub mod lock;
pub mod registry;
pub mod rules;
pub mod run;
mod s3;
mod s3_error;
pub mod settings;
pub mod sidecar;
mod signature;
pub mod structure;
pub mod sync;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::datastore::cache_of;
use crate::environment::Environment;
use crate::errors::{Failure, Result};
use crate::files;
use crate::repository::Repository;
use crate::session::Session;
use bucket::Bucket;
use config::Config;
use sync::{Said, Sync};

/// A repository's datastore in a bucket.
pub struct Remote {
    /// What `.swamp.yaml` says about it.
    pub config: Config,
    /// The bucket.
    pub bucket: Arc<dyn Bucket>,
    /// The directory that mirrors it.
    pub cache: PathBuf,
    /// The namespace of the repository; none in solo mode.
    pub namespace: Option<String>,
    /// Whether the contents of data are fetched when they are wanted.
    is_lazy: bool,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Remote");
        shown.field("config", &self.config).finish_non_exhaustive()
    }
}

impl Remote {
    /// The datastore of a repository; none where it is a directory.
    pub fn of(repository: &Repository, env: &Environment) -> Result<Option<Self>> {
        let Some(config) = Config::of(&repository.marker)? else {
            return Ok(None);
        };
        let cache = cache_of(repository.marker.repo_id(), env);
        let namespace = repository.marker.namespace().map(str::to_owned);
        Ok(Some(Self {
            bucket: config.open(env)?,
            config,
            cache,
            namespace,
            is_lazy: repository.marker.datastore("hydrationStrategy") == Some("lazy"),
        }))
    }

    /// The content of data that is to be in the cache at `place`, from the bucket, if contents are
    /// fetched when they are wanted; it is in the cache from then on.
    pub fn content(&self, place: &Path) -> Result<Option<Vec<u8>>> {
        let key = files::relative(&self.cache, place);
        if !self.is_lazy {
            return Ok(None);
        }
        match self.bucket.get(&key) {
            Ok(object) => {
                fs::write(place, &object.bytes).map_err(|error| Failure::io(place, &error))?;
                Ok(Some(object.bytes))
            }
            Err(problem) if problem.is_missing() => Ok(None),
            Err(problem) => Err(problem.into()),
        }
    }

    /// The service that syncs the cache with the bucket, with the state that the cache remembers.
    pub fn sync<'a>(&'a self, session: &Session) -> Sync<'a> {
        Sync::new(
            self.bucket.as_ref(),
            &self.cache,
            self.namespace.clone(),
            session,
        )
    }
}

/// Prints what a service has said. Even where results are JSON, swamp does not keep this apart from
/// them.
pub fn tell(said: Vec<Said>, session: &mut Session) {
    for line in said {
        match line {
            Said::Out(text) => session.output.text(&text),
            Said::Err(text) => session.output.aside(&text),
        }
    }
}
