//! `swamp workflow history get`.

use crate::errors::Result;
use crate::session::Session;
use crate::workflow::history;

/// Shows a run: the one of that id, or the newest of that workflow.
pub fn run(run_or_workflow: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let never = "Workflow run not found: no runs for workflow";
    let run = history::of_run_or_workflow(&repository.dir, &datastore, run_or_workflow, never)?;
    let whole = history::whole(&run);
    session
        .output
        .result(&whole, || history::for_people(&whole))
}
