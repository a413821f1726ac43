//! `swamp datastore namespace migrate`.

use clap::ArgMatches;

use super::migration;
use crate::cli::flag;
use crate::errors::{Failure, Result};
use crate::log::Level;
use crate::namespace::migrate::Request;
use crate::session::Session;

const CATEGORY: &str = "datastore namespace migrate";

/// Moves the data of a solo repository into its new namespace, or with `--reverse` out of it.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    session.output.log(
        Level::Debug,
        CATEGORY,
        "Executing datastore namespace migrate command",
    );
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    let Some(namespace) = datastore.namespace.clone() else {
        return Err(Failure::refused(
            "No namespace is configured. Run 'swamp datastore namespace set <slug>' first.",
        ));
    };
    let request = Request {
        reverse: flag(matches, "reverse"),
        confirm: flag(matches, "confirm") || flag(matches, "yes"),
    };
    if !request.reverse {
        migration::check_alone(&datastore, &namespace, session)?;
    }
    migration::run(
        &repository,
        &datastore,
        &namespace,
        request,
        CATEGORY,
        session,
    )
}
