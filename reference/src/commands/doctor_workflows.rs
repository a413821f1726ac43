//! `swamp doctor workflows`.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::session::Session;
use crate::workflow::Workflow;

/// Says of each workflow of the repository that it can be read.
pub fn run(session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let repository = session.repository()?;
    let workflows = Workflow::all(&repository.dir)?;
    let told: Vec<Value> = workflows
        .iter()
        .map(|it| json!({ "file": it.path, "name": it.name, "status": "pass" }))
        .collect();
    session.output.json(&json!({
        "overallStatus": "pass", "workflows": told, "totalPassed": told.len(), "totalFailed": 0,
    }))
}
