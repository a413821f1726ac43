//! `swamp workflow resume`.

use super::workflow_run;
use crate::args::ReportsOfRun;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::session::Session;
use crate::workflow::{execution, recorded};

/// Goes on with a run that waited for a person, who has approved of it.
pub fn run(wanted: &str, run: Option<&str>, quiet: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let (workflow, mut outcome) = recorded::suspended(wanted, run, &repository, &datastore)?;
    if let Some((_, step)) = outcome.waiting() {
        let (step, name) = (&step.name, &workflow.name);
        return Err(Failure::refused(format!(
            "Step \"{step}\" is still awaiting approval. Run \"swamp workflow approve {name} {step}\" first."
        )));
    }
    session.output.info(
        "swamp data ephemeral",
        "Ephemeral data from before suspension is not available in resumed runs — use 'workflow' or 'infinite' \
         lifetime to persist across gates.",
    );
    if session.faults.on(Fault::ResumeStartsOver) {
        let decided = std::mem::replace(&mut outcome.jobs, execution::untouched(&workflow));
        for (job, decided) in outcome.jobs.iter_mut().zip(decided) {
            for (step, decided) in job.steps.iter_mut().zip(decided.steps) {
                if decided.decision.is_some() {
                    *step = decided;
                }
            }
        }
    }
    let none = ReportsOfRun {
        skip_reports: true,
        ..ReportsOfRun::default()
    };
    workflow_run::go_on(&workflow, outcome, &repository, &none, quiet, session)
}
