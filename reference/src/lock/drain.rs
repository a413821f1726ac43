//! Who waits for whom: a command that changes the structure of a namespace's data waits for the
//! locks of its models, and whoever wants to lock a model waits for such a command.

use std::thread;
use std::time::{Duration, Instant};

use super::file::{self, Held, LockFile};
use super::info::Info;
use super::key;
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::faults::Fault;
use crate::files;
use crate::quirks::Quirk;
use crate::session::Session;

/// Names the process whose model locks its children need not wait for.
pub const HOLDER: &str = "SWAMP_LOCK_HOLDER_PID";
const PAUSE: Duration = Duration::from_secs(1);

/// The lock of the own namespace.
pub fn global_lock(datastore: &Datastore, session: &Session) -> LockFile {
    LockFile(datastore.path.join(global_key(datastore, session)))
}

fn global_key(datastore: &Datastore, session: &Session) -> String {
    if session.faults.on(Fault::LockSharedAcrossNamespaces) {
        return key::global(None);
    }
    key::global(datastore.namespace.as_deref())
}

/// The locks of the own models that somebody holds, with the types and ids of the models.
pub fn model_locks(datastore: &Datastore) -> Result<Vec<(String, String, Info)>> {
    let mut found = Vec::new();
    let mut paths = files::files_below(&datastore.path)?;
    paths.sort();
    for path in paths {
        let below = path.strip_prefix(&datastore.path).unwrap_or(&path);
        if let Some((model_type, id)) = key::parse(datastore.namespace.as_deref(), below)
            && let Some(info) = Info::read(&path)
        {
            found.push((model_type, id, info));
        }
    }
    Ok(found)
}

/// Takes the lock of the own namespace, for a command that changes the structure of its data.
pub fn structural(datastore: &Datastore, session: &mut Session) -> Result<Held> {
    wait_for_models(datastore, session)?;
    let held = global_lock(datastore, session).acquire(session)?;
    // Somebody may have locked a model in between.
    wait_for_models(datastore, session)?;
    Ok(held)
}

fn wait_for_models(datastore: &Datastore, session: &mut Session) -> Result<()> {
    let parent = session.env.get(HOLDER);
    let count = || -> usize {
        let locks = model_locks(datastore).unwrap_or_default();
        let counts = |info: &Info| {
            !info.is_expired()
                && parent
                    .as_ref()
                    .is_none_or(|pid| *pid != info.pid.to_string())
        };
        locks.iter().filter(|(_, _, info)| counts(info)).count()
    };
    let held = count();
    if held == 0 {
        return Ok(());
    }
    say(
        session,
        &format!("Waiting for {held} per-model lock(s) to be released..."),
    );
    let (start, patience) = (Instant::now(), file::timeout(&session.env));
    loop {
        thread::sleep(PAUSE);
        if count() == 0 {
            break;
        }
        if start.elapsed() >= patience {
            return Err(file::timed_out("per-model locks", None, start.elapsed()));
        }
    }
    say(session, "Per-model locks released");
    Ok(())
}

/// Takes the lock of one model, when no structural command is at work.
pub fn of_model(
    datastore: &Datastore,
    model_type: &str,
    model_id: &str,
    session: &mut Session,
) -> Result<Held> {
    let global = global_lock(datastore, session);
    let key = key::model(datastore.namespace.as_deref(), model_type, model_id);
    if let Some(holder) = global.holder() {
        say(
            session,
            &format!(
                "Global lock held by {} — waiting for structural command to finish...",
                holder.holder
            ),
        );
        wait_for_global(&global, &holder, datastore, session)?;
        say(
            session,
            "Global lock released, proceeding with per-model locks",
        );
    }
    loop {
        let held = LockFile(datastore.path.join(&key)).acquire(session)?;
        let Some(holder) = global.holder() else {
            return Ok(held);
        };
        say(
            session,
            &format!(
                "Global lock acquired by {} during per-model lock acquisition — releasing and retrying",
                holder.holder
            ),
        );
        drop(held);
        wait_for_global(&global, &holder, datastore, session)?;
    }
}

/// Waits until the structural command is done, or its lock expires; but not longer than twice the
/// life of a lock.
fn wait_for_global(
    global: &LockFile,
    first: &Info,
    datastore: &Datastore,
    session: &mut Session,
) -> Result<()> {
    let start = Instant::now();
    let patience = if session.quirks.on(Quirk::RunIgnoresLockTimeout) {
        Duration::from_millis(first.ttl_ms.saturating_mul(2))
    } else {
        file::timeout(&session.env)
    };
    loop {
        thread::sleep(PAUSE);
        let Some(holder) = global.holder() else {
            return Ok(());
        };
        if holder.is_expired() {
            say(
                session,
                &format!(
                    "Global lock held by {} appears stale (exceeded TTL of {}ms) — proceeding",
                    holder.holder, holder.ttl_ms
                ),
            );
            global.force_release(&holder.nonce)?;
            return Ok(());
        }
        if start.elapsed() >= patience {
            let key = global_key(datastore, session);
            return Err(file::timed_out(&key, Some(&holder), start.elapsed()));
        }
    }
}

/// What waiting is about goes to stderr in every mode.
fn say(session: &mut Session, what: &str) {
    session.output.aside(&format!(" system │ {what}"));
}
