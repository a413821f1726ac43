//! `swamp datastore migrate-index`.

use clap::ArgMatches;
use serde_json::json;

use crate::errors::{Failure, Result};
use crate::files;
use crate::log::Level;
use crate::remote::lock::Lock;
use crate::remote::{Remote, tell};
use crate::session::Session;

const CATEGORY: &str = "datastore migrate-index";

/// Makes the parts of the index what counts, so that not everybody has to write the whole of it.
pub fn run(_matches: &ArgMatches, session: &mut Session) -> Result<()> {
    session.output.log(
        Level::Debug,
        CATEGORY,
        "Executing datastore migrate-index command",
    );
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
    session.output.info(
        CATEGORY,
        "Migrating monolithic index to shard-first format...",
    );
    let mut sync = remote.sync(session);
    let migrated = sync.migrate_index();
    tell(sync.said(), session);
    let done = migrated.map_err(Failure::from).and_then(|meta| {
        let sequence = meta.sequence.unwrap_or_default();
        if session.output.is_json() {
            return session
                .output
                .json(&json!({ "version": 2, "partitions": meta.parts, "commitSeq": sequence }));
        }
        let message = format!(
            "Migration complete: {} partition(s), commitSeq={sequence}",
            meta.parts.len()
        );
        session.output.info(CATEGORY, &message);
        Ok(())
    });
    if let Some(said) = held.release() {
        session.output.aside(&said);
    }
    done
}
