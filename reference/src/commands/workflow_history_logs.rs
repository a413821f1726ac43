//! `swamp workflow history logs`.

use serde_json::json;

use crate::errors::Result;
use crate::render::log_file;
use crate::session::Session;
use crate::workflow::history;

/// Shows the lines that a run logged: the one of that id, or the newest of that workflow.
pub fn run(run_or_workflow: &str, tail: Option<usize>, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let never = "Run not found: for workflow";
    let run = history::of_run_or_workflow(&repository.dir, &datastore, run_or_workflow, never)?;
    let of = json!({ "runId": run.text("id"), "workflowName": run.text("workflowName") });
    log_file::show(&repository, run.text("logFile"), tail, of, session)
}
