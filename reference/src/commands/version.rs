//! `swamp version`.

use clap::ArgMatches;
use serde_json::json;

use crate::VERSION;
use crate::errors::Result;
use crate::session::Session;

/// Prints the version.
pub fn run(_: &ArgMatches, session: &mut Session) -> Result<()> {
    session.output.result(&json!({ "version": VERSION }), || VERSION.to_owned())
}
