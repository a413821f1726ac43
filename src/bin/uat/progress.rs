//! The progress of a run, from the lines of the scenario binary.

use std::io::BufRead;

use indicatif::{ProgressBar, ProgressStyle};

/// Follows the scenario binary: a bar where there is a terminal, a line for each trial where there
/// is none, but for those that are skipped; whatever else it says is passed on, but for its list of
/// failures: the last screen has each, by its cause.
pub fn show(output: impl BufRead) {
    follow(output, |line| println!("{line}"), true);
}

/// Follows one side of a comparison, in which no trial is red: how far it is.
pub fn count(output: impl BufRead) {
    follow(output, |line| eprintln!("{line}"), false);
}

/// Follows the scenario binary, and tells each line by `tell`: how each trial ended, and whatever
/// else it says, only if `in_full`.
fn follow(output: impl BufRead, tell: impl Fn(&str), in_full: bool) {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("[{pos}/{len}] {bar:30} {elapsed} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut is_list = false;
    for line in output.split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if let Some(count) = announced(&line) {
            bar.set_length(count);
        } else if let Some((name, outcome)) = finished(&line) {
            bar.inc(1);
            if outcome.starts_with("ignored") {
                continue;
            }
            bar.set_message(name.to_owned());
            if bar.is_hidden() {
                let (done, all) = (bar.position(), bar.length().unwrap_or_default());
                let outcome = if in_full { outcome } else { "played" };
                tell(&format!("[{done}/{all}] {outcome:7} {name}"));
            } else if outcome != "ok" && in_full {
                bar.println(format!("{outcome} {name}"));
            }
        } else if in_full {
            is_list = (is_list || line == "failures:") && !line.starts_with("test result: ");
            if !is_list {
                bar.suspend(|| tell(&line));
            }
        }
    }
    bar.finish_and_clear();
}

/// The number in `running 11 tests`.
fn announced(line: &str) -> Option<u64> {
    let count = line.strip_prefix("running ")?.split(' ').next()?;
    count.parse().ok()
}

/// The name and the outcome in `test a::b ... ok`.
fn finished(line: &str) -> Option<(&str, &str)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    Some((name.trim_end(), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_test_binary_are_understood() {
        assert_eq!(announced("running 11 tests"), Some(11));
        assert_eq!(announced("running fast"), None);
        assert_eq!(
            finished("test a::s01_b::filesystem   ... ok"),
            Some(("a::s01_b::filesystem", "ok"))
        );
        assert_eq!(finished("test result: ok. 1 passed"), None);
        assert_eq!(finished("drift"), None);
    }
}
