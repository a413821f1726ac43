//! `swamp workflow validate`.

use clap::ArgMatches;
use serde_json::json;

use crate::cli::{self, text};
use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::workflow::definition;
use crate::workflow::validation::{Check, Report};

/// Checks one workflow, or all.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(
        matches,
        "workflow validate",
        &["server", "token", "ca-cert"],
    )?;
    let repository = session.repository_with_catalog()?;
    let (found, broken) = definition::all(&repository.dir)?;
    let passed = if let Some(wanted) = text(matches, "workflow_id_or_name") {
        let is_meant = |name: Option<&str>, id: Option<&str>| {
            name == Some(wanted.as_str()) || id == Some(wanted.as_str())
        };
        let mut workflows = found.iter();
        let mut others = broken.iter();
        let report = if let Some(workflow) =
            workflows.find(|workflow| is_meant(Some(&workflow.name), Some(&workflow.id)))
        {
            Report::of(workflow, &repository.dir, session)?
        } else if let Some(broken) =
            others.find(|broken| is_meant(broken.name.as_deref(), broken.id.as_deref()))
        {
            Report::of_broken(broken)
        } else {
            return Err(Failure::refused(format!("Workflow not found: {wanted}")));
        };
        session.output.result(&report, || one(&report))?;
        report.passed
    } else {
        let mut reports: Vec<_> = broken.iter().map(Report::of_broken).collect();
        for workflow in &found {
            reports.push(Report::of(workflow, &repository.dir, session)?);
        }
        let passed = reports.iter().filter(|report| report.passed).count();
        let warnings: usize = reports.iter().map(|report| report.total_warnings).sum();
        let result = json!({
            "workflows": reports, "totalPassed": passed, "totalFailed": reports.len() - passed,
            "totalWarnings": warnings, "passed": passed == reports.len(),
        });
        session
            .output
            .result(&result, || all(&reports, passed, warnings))?;
        passed == reports.len()
    };
    if passed {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}

fn one(report: &Report) -> String {
    let checks = &report.validations;
    let clean = checks.iter().filter(|check| check.passed && !check.warning);
    let failed = checks.iter().filter(|check| !check.passed).count();
    let mut parts = vec![format!("{} passed", clean.count())];
    if report.total_warnings > 0 {
        parts.push(format!("{} warning(s)", report.total_warnings));
    }
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    let mut lines = vec![format!("Validating: {}", report.workflow_name)];
    lines.extend(checks.iter().map(line));
    lines.push(format!("Summary: {}", parts.join(", ")));
    lines.push(format!("Result: {}", word(report.passed)));
    lines.join("\n")
}

fn all(reports: &[Report], passed: usize, warnings: usize) -> String {
    if reports.is_empty() {
        return "No workflows to validate".to_owned();
    }
    let mut lines = vec!["Validating all workflows...".to_owned()];
    for report in reports {
        lines.extend([String::new(), report.workflow_name.clone()]);
        lines.extend(report.validations.iter().map(line));
        lines.push(format!("Result: {}", word(report.passed)));
    }
    let mut summary = format!("\nSummary: {passed}/{} workflows passed", reports.len());
    if warnings > 0 {
        summary.push_str(&format!(", {warnings} warning(s)"));
    }
    lines.push(summary);
    lines.push(format!("Overall: {}", word(passed == reports.len())));
    lines.join("\n")
}

fn line(check: &Check) -> String {
    let sign = match (check.warning, check.passed) {
        (true, _) => '⚠',
        (false, true) => '✓',
        (false, false) => '✗',
    };
    let said = check
        .error
        .as_ref()
        .map_or(String::new(), |error| format!("\n    → {error}"));
    format!("  {sign} {}{said}", check.name)
}

fn word(passed: bool) -> &'static str {
    if passed { "PASSED" } else { "FAILED" }
}
