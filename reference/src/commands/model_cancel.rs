//! `swamp model cancel --all`.

use serde_json::json;

use crate::errors::Result;
use crate::session::Session;

/// Cancels all methods that run. Nothing that was begun here goes on while another command runs.
pub fn run(session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    session.repository_with_catalog()?;
    // In one line, unlike most results.
    session.output.text(&json!({ "cancelled": [] }).to_string());
    Ok(())
}
