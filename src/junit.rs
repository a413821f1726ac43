//! The ledger as JUnit XML, for CI systems that show it.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::ledger::{Entry, Status};

/// The ledger as a JUnit report: a suite for each phase, a case for each trial.
///
/// # Errors
/// The XML could not be written.
pub fn render(entries: &[Entry]) -> Result<String, quick_junit::SerializeError> {
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
        Status::Drifted | Status::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(match entry.drifted.as_slice() {
                [] => reason.to_owned(),
                surfaces => format!("drifted: {}; {reason}", surfaces.join(", ")),
            });
            status
        }
    };
    let mut case = TestCase::new(entry.trial.clone(), status);
    case.set_time(Duration::from_millis(entry.wall_ms));
    for met in &entry.deviations {
        case.add_property(("known deviation", met.id.as_str()));
    }
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::sample;

    #[test]
    fn every_trial_is_a_case_with_its_ending() {
        let mut drifted = sample("d", Status::Drifted);
        drifted.drifted = vec!["tree".into()];
        let mut skipped = sample("s", Status::Skipped);
        skipped.reason = Some("no engine".into());
        let xml = render(&[sample("p", Status::Passed), drifted, skipped]).unwrap();
        assert!(xml.contains("tests=\"3\""), "{xml}");
        assert!(
            xml.contains("failures=\"1\"") && xml.contains("drifted: tree"),
            "{xml}"
        );
        assert!(
            xml.contains("<skipped") && xml.contains("no engine"),
            "{xml}"
        );
    }
}
