//! What each red trial showed, in a file of its own beside the ledger: a screen has a place for three.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::report::Verbosity;
use crate::report::ledger::{self, Entry};
use crate::report::recorder::Run;

/// How many red trials are told in full on a screen.
const ON_A_SCREEN: usize = 3;

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

/// Writes what each red trial showed beside the ledger at `place`.
///
/// # Errors
/// It cannot be written.
pub fn write(run: &Run, place: &Path) -> io::Result<()> {
    for (entry, report) in told(run) {
        fs::create_dir_all(beside(place))?;
        let text = format!("{HEAD}{}\n\n{report}\n", entry.trial);
        ledger::replace(&file(place, &entry.trial), text.as_bytes())?;
    }
    Ok(())
}

/// Removes those of the last run, and nothing else.
///
/// # Errors
/// One cannot be removed.
pub fn forget(place: &Path) -> io::Result<()> {
    let dir = beside(place);
    for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_own = ledger::contents(&path).is_ok_and(|text| text.starts_with(HEAD));
        if is_own {
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
        let (count, dir) = (told.len(), beside(place));
        return vec![format!(
            "the differences of {count} red trials, a file each: {}",
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
            "the differences of 4 red trials, a file each: /t/differences"
        );
        assert!(said(4, Verbosity::All).contains("-x: 3"));
    }

    #[test]
    fn the_files_of_a_run_go_with_the_next_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("ledger.json");
        write(&run(2), &place).unwrap();
        let text = fs::read_to_string(file(&place, "a::s01_b::s3")).unwrap();
        assert_eq!(text, "swamp-uat: a::s01_b::s3\n\n-x: 1\n");
        let other = beside(&place).join("mine.txt");
        fs::write(&other, "mine").unwrap();
        forget(&place).unwrap();
        assert!(!file(&place, "a::s01_b::s3").exists() && other.exists());
        fs::remove_file(other).unwrap();
        forget(&place).unwrap();
        assert!(!beside(&place).exists());
        write(&run(0), &place).unwrap();
        assert!(!beside(&place).exists(), "a green run has none");
    }
}
