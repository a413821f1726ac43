//! `swamp model output logs`.

use crate::errors::{Failure, Result};
use crate::model::outputs;
use crate::quirks::Quirk;
use crate::session::Session;

/// Shows the data of a run that is tagged as a log.
pub fn run(run: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let output = outputs::require(&datastore, run)?;
    // A shell model's log is tagged as a file.
    let tag = if session.quirks.on(Quirk::OutputLogsMissShellLogs) {
        "log"
    } else {
        "file"
    };
    let artifacts = output.artifacts().iter();
    let mut logs = artifacts.filter(|artifact| artifact["tags"]["type"] == tag);
    let Some(log) = logs.next() else {
        return Err(Failure::refused(format!(
            "Log artifacts not found: Output {} has no log artifacts. Status: {}, Method: {}",
            output.text("id"),
            output.text("status"),
            output.text("methodName")
        )));
    };
    session.output.is_for_people()?;
    let name = log["name"].as_str().unwrap_or_default();
    let model = datastore
        .data()
        .model(&output.model_type, output.text("definitionId"));
    let content = model.content(name, log["version"].as_u64().unwrap_or_default())?;
    session
        .output
        .text(&String::from_utf8_lossy(&content.unwrap_or_default()));
    Ok(())
}
