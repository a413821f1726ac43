//! What each red trial showed, in a file of its own beside the ledger: a screen has a place for three.
//! The file is there as soon as the trial has ended, whatever becomes of the run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::excerpt::excerpt;
use crate::report::Verbosity;
use crate::report::ledger::{self, Entry};
use crate::report::recorder::Run;

/// How many red trials are told in full on a screen.
const ON_A_SCREEN: usize = 3;

/// How many lines of a trial nextest is told, which tells each trial by itself: as many of its head as of
/// its tail.
const LINES: usize = 100;

/// How many characters of such a line.
const WIDTH: usize = 500;

/// What every such file begins with.
const HEAD: &str = "swamp-uat: ";

/// Where the files lie that belong to the ledger at `place`.
pub fn beside(place: &Path) -> PathBuf {
    place.with_file_name("differences")
}

/// The file of a trial.
pub fn file(place: &Path, trial: &str) -> PathBuf {
    beside(place).join(format!("{}.txt", trial.replace("::", ".")))
}

/// Writes all that is told of a red trial, or removes what was told of an earlier try of it.
///
/// # Errors
/// The file cannot be written, or is another program's.
pub fn keep(place: &Path, trial: &str, report: Option<&str>) -> io::Result<()> {
    let file = file(place, trial);
    if file.exists() && !is_own(&file) {
        return Err(io::Error::other("what stands there is none of swamp-uat's"));
    }
    let Some(report) = report else {
        return match fs::remove_file(&file) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        };
    };
    fs::create_dir_all(beside(place))?;
    let text = format!("{HEAD}{trial}\n\n{}\n", report.trim_end());
    ledger::replace(&file, text.as_bytes())
}

fn is_own(path: &Path) -> bool {
    ledger::contents(path).is_ok_and(|text| text.starts_with(HEAD))
}

/// What is told of a trial by itself, with many more before and after it: its head and its tail, and
/// `file`, which has all.
pub fn of_one(report: &str, file: &Path) -> String {
    let report = report.trim_end();
    let shown = excerpt(report, LINES / 2, WIDTH);
    match shown == report {
        true => shown,
        false => format!("{shown}\nall of it: {}", file.display()),
    }
}

/// Removes those of the last run, and nothing else.
///
/// # Errors
/// One cannot be removed.
pub fn forget(place: &Path) -> io::Result<()> {
    let dir = beside(place);
    for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if is_own(&path) {
            fs::remove_file(&path)?;
        }
    }
    // It stays where something else is in it.
    let _ = fs::remove_dir(&dir);
    Ok(())
}

/// What stands on the screen of the differences: all of them where there are few or all are asked for,
/// else where they are.
pub(super) fn on_screen(run: &Run, verbosity: Verbosity, place: &Path) -> Vec<String> {
    let told = told(run);
    if told.len() > ON_A_SCREEN && verbosity == Verbosity::Counts {
        let (count, page, dir) = (told.len(), ledger::page_beside(place), beside(place));
        return vec![format!(
            "the differences of {count} red trials: {}; a file each: {}",
            page.display(),
            dir.display()
        )];
    }
    let each = told.iter().map(|(entry, report)| {
        let report = report.trim_end();
        format!("---- {} ----\n{report}\n", entry.trial)
    });
    each.collect()
}

fn told(run: &Run) -> Vec<(&Entry, &str)> {
    let entries = run.entries.iter().filter(|entry| entry.is_red());
    entries
        .filter_map(|entry| Some((entry, entry.report.as_deref()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ledger::{Status, sample};

    fn run(red: usize) -> Run {
        let entries = (0..red).map(|n| {
            let mut entry = sample(&format!("a::s0{n}_b::s3"), Status::Drifted);
            entry.set_report(&format!("-x: {n}"));
            entry
        });
        Run {
            entries: entries
                .chain([sample("a::s09_b::s3", Status::Passed)])
                .collect(),
            ..Run::default()
        }
    }

    #[test]
    fn three_stand_on_the_screen_and_of_more_it_is_said_where_they_are() {
        let place = Path::new("/t/ledger.json");
        let said = |red, verbosity| on_screen(&run(red), verbosity, place).join("\n");
        assert_eq!(said(0, Verbosity::Counts), "");
        let three = said(3, Verbosity::Counts);
        for part in ["---- a::s00_b::s3 ----\n-x: 0\n", "-x: 2"] {
            assert!(three.contains(part), "{part}: {three}");
        }
        let four = said(4, Verbosity::Counts);
        assert_eq!(
            four,
            "the differences of 4 red trials: /t/report.html; a file each: /t/differences"
        );
        assert!(said(4, Verbosity::All).contains("-x: 3"));
    }

    #[test]
    fn the_files_of_a_run_go_with_the_next_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("ledger.json");
        let trial = "a::s01_b::s3";
        keep(&place, trial, None).unwrap();
        assert!(!beside(&place).exists(), "a green run has none");
        keep(&place, trial, Some("-x: 1\n")).unwrap();
        let text = fs::read_to_string(file(&place, trial)).unwrap();
        assert_eq!(text, "swamp-uat: a::s01_b::s3\n\n-x: 1\n");
        keep(&place, trial, None).unwrap();
        assert!(!file(&place, trial).exists(), "a second try was green");
        keep(&place, trial, Some("-x: 1\n")).unwrap();
        let other = beside(&place).join("mine.txt");
        fs::write(&other, "mine").unwrap();
        assert!(keep(&place, "mine", Some("-x: 1\n")).is_err());
        forget(&place).unwrap();
        assert!(!file(&place, trial).exists());
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
        fs::remove_file(other).unwrap();
        forget(&place).unwrap();
        assert!(!beside(&place).exists());
    }

    #[test]
    fn of_a_flood_the_screen_has_both_ends_and_where_all_of_it_is() {
        let (few, file) = ("-x: 1\n\nnext:\n  replay it\n", Path::new("/t/x.txt"));
        assert_eq!(of_one(few, file), few.trim_end());
        let many: String = (0..300).map(|n| format!("-x: {n}\n")).collect();
        let shown = of_one(&many, file);
        assert!(shown.lines().count() <= LINES + 2, "{shown}");
        for part in ["-x: 0\n", "-x: 299\n", "\nall of it: /t/x.txt"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}
