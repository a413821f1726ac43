//! `swamp datastore catalog pull`.

use clap::ArgMatches;

use crate::errors::{Failure, Result};
use crate::session::Session;

/// Refuses: a filesystem datastore, and there is no other one yet, has no catalogs to pull.
pub fn run(_matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    session.datastore(&repository)?;
    Err(Failure::refused(
        "Catalog pull requires a remote datastore (e.g. S3). Filesystem datastores don't need catalog synchronization.",
    ))
}
