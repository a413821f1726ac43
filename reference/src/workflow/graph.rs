//! A workflow as boxes, one below the other, for jobs and steps of which each waits for the one
//! before it.

use super::definition::{Dependency, Task, Workflow};
use crate::errors::{Failure, Result};

/// The jobs of a workflow, and the steps of each job that has several.
pub fn of(workflow: &Workflow) -> Result<String> {
    let count = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    let jobs = &workflow.jobs;
    let steps = jobs.iter().map(|job| job.steps.len()).sum();
    let counts = format!("{}, {}", count(jobs.len(), "job"), count(steps, "step"));
    let mut lines = vec![format!("Workflow: {} ({counts})", workflow.name)];
    let boxes = jobs.iter().map(|job| {
        let label = job.name.clone();
        (job.name.as_str(), label, job.depends_on.as_slice())
    });
    if jobs.len() > 1 {
        lines.extend([String::new(), "Jobs:".to_owned(), chain(boxes)?]);
    }
    for job in jobs.iter().filter(|job| job.steps.len() > 1) {
        let boxes = job.steps.iter().map(|step| {
            let kind = match step.task {
                Task::Method(_) => "model",
                Task::Approval(_) => "approval",
            };
            let label = format!("{} - {kind}", step.name);
            (step.name.as_str(), label, step.depends_on.as_slice())
        });
        lines.extend([String::new(), format!("Job: {}", job.name), chain(boxes)?]);
    }
    Ok(lines.join("\n"))
}

/// The boxes, all as wide as the widest, with an arrow from each to the next.
fn chain<'a>(boxes: impl Iterator<Item = (&'a str, String, &'a [Dependency])>) -> Result<String> {
    let boxes: Vec<_> = boxes.collect();
    let ordered = boxes.windows(2).all(|pair| {
        let waits = pair[1].2;
        matches!(waits, [only] if only.on() == pair[0].0)
    });
    if !ordered || boxes.iter().any(|(_, label, _)| !label.is_ascii()) {
        return Err(Failure::not_implemented("a graph that is no chain"));
    }
    let width = boxes.iter().map(|(_, label, _)| label.len()).max();
    let width = width.unwrap_or_default();
    let middle = width / 2;
    let mark = |left: usize, mark: char| {
        format!("{}{mark}{}", " ".repeat(left), " ".repeat(width + 1 - left))
    };
    let line = "─".repeat(width);
    let mut lines = Vec::new();
    for (at, (_, label, _)) in boxes.iter().enumerate() {
        let left = (width - label.len()).div_ceil(2);
        let right = width - label.len() - left;
        lines.push(format!("┌{line}┐"));
        lines.push(format!(
            "│{}{label}{}│",
            " ".repeat(left),
            " ".repeat(right)
        ));
        if at + 1 == boxes.len() {
            lines.push(format!("└{line}┘"));
        } else {
            let rest = "─".repeat(width - middle - 1);
            lines.push(format!("└{}┬{rest}┘", "─".repeat(middle)));
            lines.push(mark(middle + 1, '▼'));
        }
    }
    Ok(lines.join("\n"))
}
