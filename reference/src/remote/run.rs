//! What surrounds a command that changes the data of a model: its lock, and a sync before and
//! after.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::bucket::patiently;
use super::lock::{Held, Lock};
use super::sync::Sync;
use super::{Remote, catalog_export, tell};
use crate::catalog::{Catalog, backfill};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::lock;
use crate::log::{Level, quote};
use crate::problem::{Problem, summary};
use crate::quirks::Quirk;
use crate::repository::Repository;
use crate::session::Session;

/// The places in the datastore that a command has changed.
#[derive(Debug, Default)]
pub struct Changes(RefCell<Vec<PathBuf>>);

impl Changes {
    /// A file or a directory was changed, or removed.
    pub fn mark(&self, path: &Path) {
        self.0.borrow_mut().push(path.to_path_buf());
    }

    /// All of them.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.0.borrow().clone()
    }
}

/// A model that a command works with.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    /// Its type.
    pub model_type: &'a str,
    /// Its id.
    pub id: &'a str,
}

/// Does `work` while nobody else works with the model, on its newest data, and hands on what it
/// changed. `category` names the command where it logs that it could not do so.
pub fn around_model<T>(
    repository: &Repository,
    datastore: &Datastore,
    model: Model,
    category: Option<&str>,
    session: &mut Session,
    work: impl FnOnce(&mut Session, &Changes) -> Result<T>,
) -> Result<T> {
    let changes = Changes::default();
    let Some(remote) = Remote::of(repository, &session.env)? else {
        let _lock = lock::of_model(datastore, model.model_type, model.id, session)?;
        return work(session, &changes);
    };
    crate::files::ensure_dir(&remote.cache)?;
    let mut sync = remote.sync(session);
    let held = begin(&remote, &mut sync, model, session)?;
    Catalog::open(&repository.dir)?.invalidate()?;
    let done = work(session, &changes);
    let pushed = finish(&remote, &mut sync, repository, datastore, &changes, session);
    if let Some(said) = held.release() {
        session.output.aside(&said);
    }
    if let Err(summary) = &pushed
        && !session.quirks.on(Quirk::FailedPushSucceeds)
    {
        done?;
        return Err(Failure::refused(summary.clone()));
    }
    // What a run says of itself hides this.
    if let (Err(summary), Some(category)) = (pushed, category) {
        let message = format!(
            "Failed to release locks during cleanup: {}",
            quote(&summary)
        );
        session.output.log(Level::Warning, category, &message);
    }
    done
}

/// What the sync is about goes to stderr in every mode.
fn say(session: &mut Session, what: &str) {
    session.output.aside(&format!(" system │ {what}"));
}

fn begin(remote: &Remote, sync: &mut Sync, model: Model, session: &mut Session) -> Result<Held> {
    let global = Lock::global(&remote.bucket, remote.namespace.as_deref(), session);
    if let Some(holder) = global.holder() {
        let who = &holder.holder;
        say(
            session,
            &format!("Global lock held by {who} — waiting for structural command to finish..."),
        );
        wait_for(&global, session)?;
        say(
            session,
            "Global lock released, proceeding with per-model locks",
        );
    }
    let namespace = remote.namespace.as_deref();
    let lock = Lock::of_model(
        &remote.bucket,
        namespace,
        model.model_type,
        model.id,
        session,
    );
    let held = loop {
        let held = lock.acquire(&session.env)?;
        let Some(holder) = global.holder() else {
            break held;
        };
        say(
            session,
            &format!(
                "Global lock acquired by {} during per-model lock acquisition — releasing and retrying",
                holder.holder
            ),
        );
        held.release();
        wait_for(&global, session)?;
    };
    let Model { model_type, id } = model;
    say(
        session,
        &format!("Syncing model {model_type}/{id} from datastore..."),
    );
    let pulled = sync.pull(Some((model_type, id)));
    tell(sync.said(), session);
    if let Err(problem) = pulled {
        let why = problem.message;
        say(
            session,
            &format!("Failed to pull model data from datastore: {why}"),
        );
        held.release();
        return Err(Failure::broken(format!(
            "Datastore sync failed: could not pull data for {model_type}/{id}: {why}"
        )));
    }
    Ok(held)
}

/// Waits until the structural command is done, or its lock expires; but not longer than twice the
/// life of a lock.
fn wait_for(global: &Lock, session: &mut Session) -> Result<()> {
    let start = std::time::Instant::now();
    loop {
        std::thread::sleep(std::time::Duration::from_secs(1));
        let Some(holder) = global.holder() else {
            return Ok(());
        };
        if holder.is_expired() {
            let (who, ttl) = (&holder.holder, holder.ttl_ms);
            say(
                session,
                &format!(
                    "Global lock held by {who} appears stale (exceeded TTL of {ttl}ms) — proceeding"
                ),
            );
            let _ = global.force_release(&holder.nonce);
            return Ok(());
        }
        let waited = start.elapsed();
        if waited.as_millis() >= u128::from(holder.ttl_ms.saturating_mul(2)) {
            return Err(lock::timed_out(&global.key, Some(&holder), waited));
        }
    }
}

/// Pushes what was changed. The error is the summary of what went wrong, which has been logged.
fn finish(
    remote: &Remote,
    sync: &mut Sync,
    repository: &Repository,
    datastore: &Datastore,
    changes: &Changes,
    session: &mut Session,
) -> std::result::Result<(), String> {
    let failed = |problem: Problem, session: &mut Session| {
        let summary = summary("push", remote.config.cloud().type_name(), &problem);
        let category = "datastore lock";
        session.output.log(Level::Error, category, &quote(&summary));
        summary
    };
    for path in &changes.paths() {
        sync.mark_dirty(Some(path))
            .map_err(|failure| failed(failure.into(), session))?;
    }
    export(remote, sync, repository, datastore, session);
    say(session, "Preparing push (uploading files)...");
    let prepared = sync.prepare();
    tell(sync.said(), session);
    let manifest = prepared.map_err(|problem| failed(problem, session))?;
    let global = Lock::global(&remote.bucket, remote.namespace.as_deref(), session);
    let held = if session.quirks.on(Quirk::BusyCommitHidesAll) {
        global.acquire(&session.env)
    } else {
        patiently(|| global.acquire(&session.env))
    };
    let held = held.map_err(|problem| failed(problem, session))?;
    say(session, "Committing index update...");
    let committed = sync.commit(&manifest);
    tell(sync.said(), session);
    let result = match committed {
        Ok(0) => {
            say(session, "Commit complete, no index changes");
            Ok(())
        }
        Ok(count) => {
            say(
                session,
                &format!("Committed {count} file(s) to datastore index"),
            );
            Ok(())
        }
        Err(problem) => Err(failed(problem, session)),
    };
    if let Some(said) = held.release() {
        session.output.aside(&said);
    }
    result
}

fn export(
    remote: &Remote,
    sync: &mut Sync,
    repository: &Repository,
    datastore: &Datastore,
    session: &mut Session,
) {
    let Some(namespace) = remote.namespace.as_deref() else {
        return;
    };
    let written =
        write_export(remote, repository, datastore, namespace, session).and_then(|count| {
            let path = remote.cache.join(namespace).join(super::keys::EXPORT);
            sync.mark_dirty(Some(&path)).map(|()| count)
        });
    match written {
        Ok(count) => say(
            session,
            &format!("Wrote catalog export ({count} row(s)) for namespace {namespace}"),
        ),
        Err(failure) => say(session, &format!("Catalog export write failed: {failure}")),
    }
}

/// Writes the catalog of the namespace into the cache, as it is; by the quirk, even where nobody
/// has filled it yet.
pub fn write_export(
    remote: &Remote,
    repository: &Repository,
    datastore: &Datastore,
    namespace: &str,
    session: &Session,
) -> Result<usize> {
    let mut catalog = Catalog::open(&repository.dir)?;
    if !session.quirks.on(Quirk::EmptyFirstExport) {
        backfill::fill(&mut catalog, datastore, &session.quirks, &session.faults)?;
    }
    catalog_export::write(&catalog, &remote.cache, namespace)
}
