//! `swamp workflow validate`.

use crate::errors::{Failure, Result};
use crate::model::definition;
use crate::session::Session;
use crate::workflow::Workflow;
use crate::workflow::definition::Task;

/// What is said of a step whose model is not there.
const MISSING: &str = "Model instance not found — may be created at runtime, or could be a typo";

/// Checks a workflow. That its names and dependencies are in order is known as soon as it is found.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_people()?;
    let repository = session.repository_with_catalog()?;
    let workflow = Workflow::find(&repository.dir, name)?
        .ok_or_else(|| Failure::refused(format!("Workflow not found: {name}")))?;
    let of_jobs = |check: &str| -> Vec<String> {
        let jobs = workflow.jobs.iter();
        jobs.map(|job| format!("{check} in job '{}'", job.name))
            .collect()
    };
    let (mut places, mut unknown) = (Vec::new(), Vec::new());
    for job in &workflow.jobs {
        for step in &job.steps {
            let Task::Method(call) = &step.task else {
                let what = "to validate a workflow that waits for a person";
                return Err(Failure::not_implemented(what));
            };
            let (model, method) = (call.model(), &call.method_name);
            let place = format!(
                "for '{}' in job '{}' ({model}.{method})",
                step.name, job.name
            );
            if definition::find(&repository.dir, model)?.is_some() {
                places.push(place);
            } else {
                unknown.push(place);
            }
        }
    }
    let of_steps = |check: &str| -> Vec<String> {
        let places = places.iter();
        places.map(|place| format!("{check} {place}")).collect()
    };
    let one = |check: &str| vec![check.to_owned()];
    let checks = [
        one("Schema validation"),
        one("Unique job names"),
        of_jobs("Unique step names"),
        one("Valid job dependency references"),
        of_jobs("Valid step dependency references"),
        one("No cyclic job dependencies"),
        of_jobs("No cyclic step dependencies"),
        of_steps("Step inputs"),
        of_steps("GlobalArgument input references"),
    ]
    .concat();
    let mut lines = vec![format!("Validating: {name}")];
    lines.extend(checks.iter().map(|check| format!("  ✓ {check}")));
    for place in &unknown {
        lines.push(format!("  ⚠ Step inputs {place} (model not found)"));
        lines.push(format!("    → {MISSING}"));
    }
    let warned = match unknown.len() {
        0 => String::new(),
        warnings => format!(", {warnings} warning(s)"),
    };
    lines.push(format!("Summary: {} passed{warned}", checks.len()));
    lines.push("Result: PASSED".to_owned());
    session.output.text(&lines.join("\n"));
    Ok(())
}
