//! `swamp datastore sync`.

use serde_json::json;

use crate::catalog::Catalog;
use crate::datastore::{DIRECTORIES, Datastore};
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::log::{Level, quote};
use crate::quirks::Quirk;
use crate::remote::keys::EXPORT;
use crate::remote::lock::Lock;
use crate::remote::sync::Sync;
use crate::remote::{Remote, registry, run, tell};
use crate::repository::Repository;
use crate::session::Session;

const CATEGORY: &str = "datastore sync";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Push,
    Pull,
    Both,
}

/// Carries what was changed between the cache and the bucket.
pub fn run(pull: bool, push: bool, session: &mut Session) -> Result<()> {
    let mode = match (push, pull) {
        (true, _) => Mode::Push,
        (_, true) => Mode::Pull,
        _ => Mode::Both,
    };
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let Some(remote) = Remote::of(&repository, &session.env)? else {
        return Err(Failure::refused(
            "Datastore sync is only available for sync-capable custom datastores. Current datastore type: filesystem",
        ));
    };
    files::ensure_dir(&remote.cache)?;
    if mode == Mode::Pull {
        carry(mode, &remote, session)?;
        return forget_catalog(&repository, session);
    }
    let lock = Lock::global(&remote.bucket, remote.namespace.as_deref(), session);
    let held = lock.acquire(&session.env)?;
    let done = carry_up(mode, &remote, &repository, &datastore, session);
    if let Some(said) = held.release() {
        session.output.aside(&said);
    }
    done
}

fn carry_up(
    mode: Mode,
    remote: &Remote,
    repository: &Repository,
    datastore: &Datastore,
    session: &mut Session,
) -> Result<()> {
    refuse_unmigrated(remote)?;
    carry(mode, remote, session)?;
    if let (false, Some(namespace), Some(id)) = (
        session.quirks.on(Quirk::PushLosesTheManifest),
        &remote.namespace,
        repository.marker.repo_id(),
    ) {
        registry::register(remote.bucket.as_ref(), namespace, id)?;
    }
    if mode == Mode::Both {
        forget_catalog(repository, session)?;
    }
    let Some(namespace) = remote.namespace.as_deref() else {
        return Ok(());
    };
    match export(mode, remote, repository, datastore, namespace, session) {
        Ok(count) => {
            let message = format!(
                "Exported catalog ({count} row(s)) for namespace {}",
                quote(namespace)
            );
            session.output.info(CATEGORY, &message);
        }
        Err(failure) => {
            let why = quote(&failure.to_string());
            let message = format!("Catalog export failed (data push succeeded): {why}");
            session.output.log(Level::Warning, CATEGORY, &message);
        }
    }
    Ok(())
}

/// Data at the root of a cache with a namespace is from before the namespace.
fn refuse_unmigrated(remote: &Remote) -> Result<()> {
    let Some(namespace) = &remote.namespace else {
        return Ok(());
    };
    let holds_files = |name: &&str| {
        files::files_below(&remote.cache.join(name)).is_ok_and(|found| !found.is_empty())
    };
    let found: Vec<&str> = DIRECTORIES
        .into_iter()
        .filter(|name| holds_files(name))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "Cannot push: un-migrated data found at root level ({}). Run 'swamp datastore namespace migrate' to preview, then \
         --confirm to move data under the \"{namespace}\" namespace before pushing.",
        found.join(", ")
    )))
}

fn service<'a>(mode: Mode, remote: &'a Remote, session: &Session) -> Sync<'a> {
    let sync = remote.sync(session);
    if mode == Mode::Push && session.faults.on(Fault::Bug534) {
        return sync.forgetting_the_namespace();
    }
    sync
}

fn carry(mode: Mode, remote: &Remote, session: &mut Session) -> Result<()> {
    session.output.progress(match mode {
        Mode::Push => "Pushing all local data to remote...",
        Mode::Pull => "Pulling all data from remote...",
        Mode::Both => "Syncing with remote...",
    });
    let mut sync = service(mode, remote, session);
    let pulled = match mode {
        Mode::Push => Ok(0),
        _ => sync.pull(None),
    };
    tell(sync.said(), session);
    let pulled = pulled?;
    let pushed = match mode {
        Mode::Pull => Ok(0),
        _ => sync.push(),
    };
    tell(sync.said(), session);
    let pushed = pushed?;
    let (result, text) = match mode {
        Mode::Push => (
            json!({ "mode": "push", "filesPushed": pushed }),
            format!("Pushed {pushed} files"),
        ),
        Mode::Pull => (
            json!({ "mode": "pull", "filesPulled": pulled }),
            format!("Pulled {pulled} files"),
        ),
        Mode::Both => (
            json!({ "mode": "sync", "filesPulled": pulled, "filesPushed": pushed, "errors": [] }),
            format!("Sync complete: {pulled} pulled, {pushed} pushed"),
        ),
    };
    session.output.result(&result, || text)
}

/// The catalog does not know what was pulled: the next query fills it.
fn forget_catalog(repository: &Repository, session: &Session) -> Result<()> {
    if session.faults.on(Fault::Pr1386) {
        return Ok(());
    }
    Catalog::open(&repository.dir)?.invalidate()
}

fn export(
    mode: Mode,
    remote: &Remote,
    repository: &Repository,
    datastore: &Datastore,
    namespace: &str,
    session: &mut Session,
) -> Result<usize> {
    let count = run::write_export(remote, repository, datastore, namespace, session)?;
    let mut sync = service(mode, remote, session);
    sync.mark_dirty(Some(&remote.cache.join(namespace).join(EXPORT)))?;
    let pushed = sync.push();
    tell(sync.said(), session);
    pushed?;
    Ok(count)
}
