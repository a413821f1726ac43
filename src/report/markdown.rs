//! `report.md`, beside the ledger: what a run found, for a pull request. Each change once, by its
//! cause, with every trial that shows it; then each red trial with its whole difference. In GitHub
//! Actions it is the summary of the step, too.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::BadInput;
use crate::report::causes::causes;
use crate::report::ledger::{self, Entry, Status};
use crate::report::recorder::Run;
use crate::report::{alike, counts, next, numbers, shown, title};

/// What every such report begins with.
const HEAD: &str = "# swamp-uat";

/// The most bytes that GitHub takes for the summary of a step.
const MOST_OF_A_STEP: usize = 1 << 20;

/// Whether the file is a report of this suite.
pub fn is_own(path: &Path) -> bool {
    ledger::contents(path).is_ok_and(|text| text.starts_with(HEAD))
}

/// Refuses to write over what is no report of this suite.
///
/// # Errors
/// Another program's file stands there.
pub fn check(place: &Path) -> Result<(), BadInput> {
    ledger::check_beside("the report", &ledger::report_beside(place), is_own)
}

/// Writes the report beside the ledger at `place`, and hands it to GitHub where that asks for it.
///
/// # Errors
/// It cannot be written.
pub fn write(run: &Run, place: &Path) -> io::Result<()> {
    let text = render(run);
    check(place).map_err(io::Error::other)?;
    ledger::replace(&ledger::report_beside(place), text.as_bytes())?;
    hand_to_github(&text, "report.md beside the ledger has")
}

/// Adds `text` to the summary of the step where GitHub asks for one, as far as it takes it; `all` says
/// what has all of it.
///
/// # Errors
/// It cannot be written.
pub fn hand_to_github(text: &str, all: &str) -> io::Result<()> {
    let Some(step) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let mut file = OpenOptions::new().create(true).append(true).open(step)?;
    // What an earlier command of the step wrote counts, too: of more than the limit GitHub shows nothing.
    let there = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let most = MOST_OF_A_STEP.saturating_sub(there);
    file.write_all(cut(text, most, all).as_bytes())
}

/// The report as far as `most` bytes go, with a word on what is left out; nothing where that has no
/// place. What is open there is closed.
fn cut(text: &str, most: usize, all: &str) -> String {
    /// For what closes, and for the word.
    const RESERVED: usize = 200;
    if text.len() <= most {
        return text.to_owned();
    }
    let Some(mut end) = most.checked_sub(RESERVED) else {
        return String::new();
    };
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // Half a line may be half of a fence.
    end = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let (mut fence, mut is_folded) = (None, false);
    for line in text[..end].lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches(|c| c != '`'));
            }
            None if line.starts_with("<details>") => is_folded = true,
            None if line == "</details>" => is_folded = false,
            None => {}
        }
    }
    let fence = fence.map_or(String::new(), |open| format!("{open}\n"));
    let folded = if is_folded { "\n</details>\n" } else { "" };
    let more = text.len() - end;
    format!(
        "{}{fence}{folded}\n… and {more} bytes more: {all} all of it\n",
        &text[..end]
    )
}

/// The report of a run.
pub fn render(run: &Run) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{HEAD}: {}\n", verdict(run));
    for line in counts(run) {
        let _ = writeln!(out, "- {line}");
    }
    let causes = causes(&run.entries);
    if !causes.is_empty() {
        let _ = writeln!(out, "\n## Changes, those first that show in most trials\n");
    }
    for (index, cause) in causes.iter().enumerate() {
        let trials = cause.entries.len();
        let _ = writeln!(
            out,
            "### {}. In {trials} trial(s): {}\n",
            index + 1,
            numbers(&cause.entries)
        );
        block(&mut out, "diff", &shown(cause, cause.lines()).join("\n"));
    }
    let alike = alike(&run.entries);
    if !alike.is_empty() {
        let _ = writeln!(out, "\n## Trials that failed for another reason\n");
    }
    for (said, entries) in &alike {
        let names: Vec<String> = entries.iter().map(|entry| title(entry)).collect();
        let _ = writeln!(out, "- {}\n", names.join("\n- "));
        block(&mut out, "text", &said.join("\n"));
    }
    for line in run.left_behind.iter().chain(&run.complaints) {
        let _ = writeln!(out, "- {line}");
    }
    let _ = writeln!(out, "\n## Next\n\n- {}", next(run).join("\n- "));
    let red: Vec<&Entry> = run
        .entries
        .iter()
        .filter(|entry| entry.report.is_some())
        .collect();
    if !red.is_empty() {
        let _ = writeln!(out, "\n## Each red trial\n");
    }
    for entry in red {
        let _ = writeln!(out, "<details><summary>{}</summary>\n", title(entry));
        block(
            &mut out,
            "diff",
            entry.report.as_deref().unwrap_or_default(),
        );
        let _ = writeln!(out, "</details>\n");
    }
    out
}

/// How the run ended, in a line.
pub(super) fn verdict(run: &Run) -> String {
    let count = |status| {
        run.entries
            .iter()
            .filter(|entry| entry.status == status)
            .count()
    };
    let named = [
        (Status::Passed, "passed"),
        (
            Status::KnownDeviation,
            "as planned but for a known deviation",
        ),
        (Status::Drifted, "drifted"),
        (Status::Failed, "failed"),
        (Status::Skipped, "skipped"),
        (Status::NotRun, "not run"),
    ];
    let told = named
        .into_iter()
        .filter_map(|(status, word)| match count(status) {
            0 => None,
            number => Some(format!("{number} {word}")),
        });
    let told: Vec<String> = told.collect();
    let colour = if run.is_green() { "green" } else { "red" };
    format!(
        "{colour}: {}",
        if told.is_empty() {
            "no trial ran".to_owned()
        } else {
            told.join(", ")
        }
    )
}

/// A block of code, whatever stands in it.
pub(super) fn block(out: &mut String, language: &str, text: &str) {
    let longest = text
        .lines()
        .map(|line| line.chars().take_while(|c| *c == '`').count())
        .max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let _ = writeln!(out, "{fence}{language}\n{}\n{fence}\n", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ledger::{Edit, sample};

    fn drifted(trial: &str, went: &str) -> Entry {
        let mut entry = sample(trial, Status::Drifted);
        entry.drifted = vec!["cli".into()];
        entry.report = Some(format!("drift of {trial}\n```\n"));
        entry.edits = vec![Edit {
            surface: "cli".into(),
            place: 0,
            went: Some(went.into()),
            came: None,
            alike: went.into(),
            head: None,
        }];
        entry
    }

    #[test]
    fn a_change_stands_once_with_every_trial_and_each_trial_with_its_difference() {
        let run = Run {
            entries: vec![
                drifted("a", "x"),
                drifted("b", "x"),
                sample("c", Status::Passed),
            ],
            ..Run::default()
        };
        let text = render(&run);
        assert!(
            text.starts_with("# swamp-uat: red: 1 passed, 2 drifted\n"),
            "{text}"
        );
        assert_eq!(text.matches("### ").count(), 1, "{text}");
        assert!(
            text.contains("### 1. In 2 trial(s): ") && text.contains("```diff\n-x\n```"),
            "{text}"
        );
        // What is in a block does not end it.
        assert!(text.contains("````diff\ndrift of a\n```\n````"), "{text}");
    }

    #[test]
    fn a_report_is_cut_where_github_takes_no_more_and_says_so() {
        let mut entry = drifted("a", "x");
        // Its block needs a fence of four, which three do not close.
        entry.report = Some(format!("```\n{}", "é\n".repeat(2000)));
        let run = Run {
            entries: vec![entry],
            ..Run::default()
        };
        let text = render(&run);
        let short = cut(&text, 1000, "x has");
        let end = "é\n````\n\n</details>\n\n… and ";
        assert!(short.len() <= 1000 && short.contains(end), "{short}");
        // In front of what is folded nothing is open.
        let (before, _) = text.split_once("<details>").unwrap();
        let short = cut(&text, before.len() + 201, "x has");
        assert!(!short.contains("details>"), "{short}");
        assert_eq!(cut("short", 1000, "x has"), "short");
        assert_eq!(cut(&text, 199, "x has"), "", "no place for a word");
    }
}
