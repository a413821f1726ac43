//! `swamp datastore migrate-index`.

use serde_json::json;

use crate::errors::{Failure, Result};
use crate::files;
use crate::remote::lock::Lock;
use crate::remote::{Remote, tell};
use crate::session::Session;

/// Makes the parts of the index what counts, so that not everybody has to write the whole of it.
pub fn run(session: &mut Session) -> Result<()> {
    const CATEGORY: &str = "datastore migrate-index";
    let repository = session.repository_with_catalog()?;
    session.datastore(&repository)?;
    let Some(remote) = Remote::of(&repository, &session.env)? else {
        return Err(Failure::refused(
            "Index migration is only available for sync-capable custom datastores. Current datastore type: filesystem",
        ));
    };
    files::ensure_dir(&remote.cache)?;
    let lock = Lock::global(&remote.bucket, remote.namespace.as_deref(), session);
    let held = lock.acquire(&session.env)?;
    let what = "Migrating monolithic index to shard-first format...";
    session.output.info(CATEGORY, what);
    let mut sync = remote.sync(session);
    let migrated = sync.migrate_index();
    tell(sync.said(), session);
    if let Some(said) = held.release() {
        session.output.aside(&said);
    }
    let meta = migrated?;
    let sequence = meta.sequence.unwrap_or_default();
    if session.output.is_json() {
        let result = json!({ "version": 2, "partitions": meta.parts, "commitSeq": sequence });
        return session.output.json(&result);
    }
    let count = meta.parts.len();
    let message = format!("Migration complete: {count} partition(s), commitSeq={sequence}");
    session.output.info(CATEGORY, &message);
    Ok(())
}
