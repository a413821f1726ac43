//! `swamp model method run`.

use clap::ArgMatches;

use crate::errors::{Failure, Result};
use crate::session::Session;

/// Not there yet.
pub fn run(_matches: &ArgMatches, _session: &mut Session) -> Result<()> {
    Err(Failure::not_implemented("swamp model method run"))
}
