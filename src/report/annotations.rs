//! What GitHub Actions shows beside the lines of a pull request: each change and each failure, at the
//! scenario that shows it.

use crate::report::causes::causes;
use crate::report::ledger::Entry;
use crate::report::recorder::Run;
use crate::report::{alike, numbers, shown, title};

/// How many errors GitHub shows of one step; of notices it shows as many.
const MOST: usize = 10;

/// Prints them where this runs in GitHub Actions.
pub fn tell(run: &Run) {
    if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        eprint!("{}", render(run));
    }
}

/// A line for each, in the form of the workflow command `error`, and a notice of how many are left out.
fn render(run: &Run) -> String {
    let causes = causes(&run.entries);
    let of_causes = causes
        .iter()
        .map(|cause| (shown(cause, cause.lines()), &cause.entries));
    let alike = alike(&run.entries);
    let of_reasons = alike.iter().map(|(said, entries)| (said.clone(), entries));
    let all = of_causes.chain(of_reasons);
    let mut lines: Vec<String> = all
        .filter_map(|(said, entries)| error(&said, entries))
        .collect();
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!(
            "::notice title=swamp-uat::{more} more: the summary of this step has them, and report.html\n"
        ));
    }
    lines.concat()
}

fn error(said: &[String], entries: &[&Entry]) -> Option<String> {
    let first = entries.first()?;
    let place = first.place.as_ref().map_or(String::new(), |(file, line)| {
        format!("file={},line={line},", property(file))
    });
    let trials = match entries.len() {
        1 => String::new(),
        _ => format!("in {} trials: {}\n", entries.len(), numbers(entries)),
    };
    Some(format!(
        "::error {place}title={}::{}\n",
        property(&title(first)),
        data(&format!("{trials}{}", said.join("\n")))
    ))
}

/// Text as the runner reads it back: its own signs stand for themselves.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

/// As [`data`], between the commas and before the colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::ledger::{Status, sample};

    #[test]
    fn a_failure_is_told_once_at_its_scenario_and_no_sign_of_it_ends_the_line() {
        let failed = |trial: &str| {
            let mut entry = sample(trial, Status::Failed);
            entry.reason = Some("100% gone::\nleft, right".into());
            entry.place = Some(("tests/cli/a,b.rs".into(), 7));
            entry
        };
        let run = Run {
            entries: vec![failed("x::y"), failed("x::z"), sample("w", Status::Passed)],
            ..Run::default()
        };
        let text = render(&run);
        let numbers = numbers(&run.entries.iter().take(2).collect::<Vec<_>>());
        assert_eq!(
            text,
            format!(
                "::error file=tests/cli/a%2Cb.rs,line=7,title=failed%3A x%3A%3Ay::in 2 trials: \
                 {numbers}%0A100%25 gone::%0Aleft, right\n"
            )
        );
    }

    #[test]
    fn a_drift_is_told_by_its_cause() {
        let drift = |trial: &str| Entry {
            place: Some(("tests/cli/a.rs".into(), 7)),
            drifted: vec!["cli".into()],
            edits: crate::report::causes::edits("cli", "is here", "is gone", &BTreeSet::new()),
            ..sample(trial, Status::Drifted)
        };
        let run = Run {
            entries: vec![drift("x"), drift("y")],
            ..Run::default()
        };
        let text = render(&run);
        assert_eq!(text.lines().count(), 1, "{text}");
        let place = "::error file=tests/cli/a.rs,line=7,title=drifted%3A x (cli)::in 2 trials: ";
        assert!(text.starts_with(place), "{text}");
        assert!(text.ends_with("%0A-is here%0A+is gone\n"), "{text}");
    }

    #[test]
    fn no_more_are_told_than_github_shows() {
        let failed = |number: usize| {
            let mut entry = sample(&format!("t{number}"), Status::Failed);
            entry.reason = Some(format!("reason {number}"));
            entry
        };
        let run = Run {
            entries: (0..12).map(failed).collect(),
            ..Run::default()
        };
        let text = render(&run);
        let errors = text.lines().filter(|line| line.starts_with("::error "));
        assert_eq!(errors.count(), MOST);
        let last = text.lines().last().unwrap();
        assert!(
            last.starts_with("::notice title=swamp-uat::2 more: "),
            "{last}"
        );
    }
}
