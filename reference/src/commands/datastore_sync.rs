//! `swamp datastore sync`.

use clap::ArgMatches;

use crate::errors::{Failure, Result};
use crate::session::Session;

/// Refuses: a filesystem datastore, and there is no other one yet, has nothing to sync with.
pub fn run(_matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    session.datastore(&repository)?;
    Err(Failure::refused(
        "Datastore sync is only available for sync-capable custom datastores. Current datastore type: filesystem",
    ))
}
