//! `swamp datastore namespace migrate`.

use clap::ArgMatches;

use crate::errors::{Failure, Result};
use crate::log::Level;
use crate::session::Session;

/// Refuses in solo mode. The migration itself is not implemented yet.
pub fn run(_: &ArgMatches, session: &mut Session) -> Result<()> {
    session.output.log(
        Level::Debug,
        "datastore namespace migrate",
        "Executing datastore namespace migrate command",
    );
    let repository = session.repository()?;
    match session.datastore(&repository)?.namespace {
        None => Err(Failure::refused(
            "No namespace is configured. Run 'swamp datastore namespace set <slug>' first.",
        )),
        Some(_) => Err(Failure::not_implemented("namespace migrate")),
    }
}
