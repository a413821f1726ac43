//! `swamp version`.

use clap::ArgMatches;
use serde_json::json;

use crate::VERSION;
use crate::errors::Result;
use crate::log;
use crate::session::Session;

/// Prints the version; for people, as a log line.
pub fn run(_: &ArgMatches, session: &mut Session) -> Result<()> {
    if session.output.is_json() {
        return session.output.json(&json!({ "version": VERSION }));
    }
    session
        .output
        .info("version", &format!("swamp {}", log::quote(VERSION)));
    Ok(())
}
