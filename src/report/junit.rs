//! The ledger as JUnit XML, for CI systems that show it.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::ledger::{Entry, Status};
use crate::report::recorder::Run;

/// The ledger as a JUnit report: a suite for each phase, a case for each trial; and a case for each
/// process that swamp left behind, and for each complaint about the suite itself.
///
/// # Errors
/// The XML could not be written.
pub fn render(run: &Run) -> Result<String, quick_junit::SerializeError> {
    let entries = &run.entries;
    let mut report = Report::new("swamp-uat");
    let mut phases: Vec<&str> = entries.iter().map(|e| e.phase.as_str()).collect();
    phases.sort_unstable();
    phases.dedup();
    for phase in phases {
        let mut suite = TestSuite::new(format!("phase {phase}"));
        for entry in entries.iter().filter(|e| e.phase == phase) {
            suite.add_test_case(case(entry));
        }
        report.add_test_suite(suite);
    }
    for (title, what, kind, texts) in [
        (
            "left behind by swamp",
            "process",
            NonSuccessKind::Failure,
            &run.left_behind,
        ),
        (
            "the suite itself",
            "complaint",
            NonSuccessKind::Error,
            &run.complaints,
        ),
    ] {
        if texts.is_empty() {
            continue;
        }
        let mut suite = TestSuite::new(title);
        for (number, text) in texts.iter().enumerate() {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(first_line(text));
            status.set_description(text.as_str());
            let name = format!("{what} {}", number + 1);
            suite.add_test_case(TestCase::new(name, status));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn case(entry: &Entry) -> TestCase {
    let reason = entry.reason.as_deref().unwrap_or_default();
    let status = match entry.status {
        Status::Passed | Status::KnownDeviation => TestCaseStatus::success(),
        Status::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason);
            status
        }
        Status::NotRun => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!("it did not run: {reason}"));
            status
        }
        Status::Drifted | Status::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message(entry));
            status.set_description(entry.report.as_deref().unwrap_or(reason));
            status
        }
    };
    let mut case = TestCase::new(entry.trial.clone(), status);
    case.set_time(Duration::from_millis(entry.wall_ms));
    for met in &entry.deviations {
        case.add_property(("known deviation", met.id.as_str()));
    }
    if let Some(sandbox) = &entry.sandbox {
        case.add_property(("sandbox", sandbox.as_str()));
    }
    case
}

/// What is wrong with a trial that is red, in one line.
pub fn message(entry: &Entry) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !entry.drifted.is_empty() {
        parts.push(format!("drifted: {}", entry.drifted.join(", ")));
    }
    if let Some(reason) = &entry.reason {
        parts.push(first_line(reason).to_owned());
    }
    parts.join("; ")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ledger::sample;

    #[test]
    fn the_whole_difference_is_there_and_of_a_flood_it_is_said_what_is_cut() {
        let (mut whole, mut flood) = (sample("a", Status::Drifted), sample("b", Status::Drifted));
        let lines: String = (0..2000).map(|n| format!("-<x>: {n}\n")).collect();
        whole.set_report(&lines);
        flood.set_report(&"-x: é\n".repeat(20_000));
        let run = Run {
            entries: vec![whole, flood],
            ..Run::default()
        };
        let xml = render(&run).unwrap();
        assert!(xml.contains(&lines.trim_end().replace('<', "&lt;").replace('>', "&gt;")));
        let cut = "bytes more: its file in differences/ has all of it";
        assert_eq!(xml.matches(cut).count(), 1);
        assert!(xml.len() < 200_000, "{}", xml.len());
    }

    #[test]
    fn every_trial_is_a_case_with_its_ending() {
        let mut drifted = sample("d", Status::Drifted);
        drifted.drifted = vec!["tree".into(), "cli".into()];
        drifted.set_report("drift on the surface tree:\n-old\n+new \u{1b}[1m<&>\u{1}");
        let mut skipped = sample("s", Status::Skipped);
        skipped.reason = Some("no engine".into());
        let mut missing = sample("m", Status::NotRun);
        missing.reason = Some("killed".into());
        let run = Run {
            entries: vec![sample("p", Status::Passed), drifted, skipped, missing],
            complaints: vec!["a golden is missing".into()],
            left_behind: vec!["`sleep 600`".into()],
            ..Run::default()
        };
        let xml = render(&run).unwrap();
        for part in [
            "tests=\"6\"",
            "failures=\"2\"",
            "errors=\"2\"",
            "message=\"drifted: tree, cli\"",
            "drift on the surface tree:\n-old\n+new &lt;&amp;&gt;",
            "<skipped",
            "no engine",
            "it did not run: killed",
            "a golden is missing",
            "`sleep 600`",
        ] {
            assert!(xml.contains(part), "{part}: {xml}");
        }
    }
}
