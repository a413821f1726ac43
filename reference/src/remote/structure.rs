//! What surrounds a command that changes the structure of a namespace's data: the lock of the
//! namespace, and a sync before and after.

use super::lock::Lock;
use super::run::Changes;
use super::{Remote, tell};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::lock;
use crate::log::{Level, quote};
use crate::problem::summary;
use crate::repository::Repository;
use crate::session::Session;

/// Does `work`, which changes the structure of a namespace's data, while nobody else works with it,
/// on its newest data, and pushes what it changed.
pub fn around_structure<T>(
    repository: &Repository,
    datastore: &Datastore,
    session: &mut Session,
    work: impl FnOnce(&mut Session, &Changes) -> Result<T>,
) -> Result<T> {
    const CATEGORY: &str = "datastore sync";
    let changes = Changes::default();
    let Some(remote) = Remote::of(repository, &session.env)? else {
        let _lock = lock::structural(datastore, session)?;
        return work(session, &changes);
    };
    crate::files::ensure_dir(&remote.cache)?;
    let label = quote(remote.config.cloud().type_name());
    let global = Lock::global(&remote.bucket, remote.namespace.as_deref(), session);
    let held = global.acquire(&session.env)?;
    session
        .output
        .info(CATEGORY, &format!("Syncing from {label}..."));
    let mut sync = remote.sync(session);
    let pulled = sync.pull(None);
    tell(sync.said(), session);
    match pulled {
        Ok(0) => {
            let message = format!("{label} sync complete, already up to date");
            session.output.info(CATEGORY, &message);
        }
        Ok(count) => {
            let message = format!("Synced {count} file(s) from {label}");
            session.output.info(CATEGORY, &message);
        }
        Err(problem) => {
            held.release();
            let summary = summary("pull", remote.config.cloud().type_name(), &problem);
            session.output.log(Level::Error, CATEGORY, &quote(&summary));
            return Err(Failure::broken(summary));
        }
    }
    crate::catalog::notify::invalidate(repository)?;
    let done = work(session, &changes);
    for path in &changes.paths() {
        sync.mark_dirty(Some(path))?;
    }
    session
        .output
        .info(CATEGORY, &format!("Pushing changes to {label}..."));
    let pushed = sync.push();
    tell(sync.said(), session);
    match pushed {
        Ok(0) => {
            let message = format!("{label} push complete, no changes");
            session.output.info(CATEGORY, &message);
        }
        Ok(count) => {
            let message = format!("Pushed {count} file(s) to {label}");
            session.output.info(CATEGORY, &message);
        }
        Err(problem) => {
            let summary = summary("push", remote.config.cloud().type_name(), &problem);
            session
                .output
                .log(Level::Warning, CATEGORY, &quote(&summary));
        }
    }
    if let Some(said) = held.release() {
        session.output.aside(&said);
    }
    done
}
