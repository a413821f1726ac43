//! Differences that are expected: a person has stated each with a sentence, so that it is told as such,
//! and the day it is gone, that is told too.

use std::path::Path;

use serde::Deserialize;

use crate::error::BadInput;
use crate::report::{causes, ledger};

/// What a line that people need not see in a statement begins with.
const REST: &str = "… and ";

/// A difference that is expected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// Why it is as it should be, or who knows of it.
    pub why: String,
    /// Its lines as the report has them; `*` stands for anything.
    pub lines: String,
    /// What the names of its trials contain, where it shows in some alone.
    #[serde(default)]
    pub within: Option<String>,
}

impl Stated {
    /// Whether each line that a report has of a difference is one of these.
    pub fn means(&self, lines: &[String]) -> bool {
        let says = |line: &&String| !line.starts_with(REST) && !causes::is_head(line);
        let lines = lines.iter().filter(says);
        let mut known = lines.map(|line| self.patterns().any(|it| matches(it, line.trim())));
        known
            .next()
            .is_some_and(|first| first && known.all(|it| it))
    }

    /// Whether it could have shown in one of these trials.
    pub fn is_asked_of<'a>(&self, mut trials: impl Iterator<Item = &'a str>) -> bool {
        trials.any(|trial| self.within.as_ref().is_none_or(|it| trial.contains(it)))
    }

    fn patterns(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines.lines().map(str::trim);
        lines.filter(|line| !line.is_empty())
    }
}

/// Whether `text` is `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let ends = std::iter::once(0).chain(text.char_indices().map(|(at, c)| at + c.len_utf8()));
    ends.into_iter().any(|at| matches(rest, &text[at..]))
}

/// The differences that the file at `path` states, in YAML or JSON.
///
/// # Errors
/// It cannot be read, or is not of that form.
pub fn read(path: &Path) -> Result<Vec<Stated>, BadInput> {
    let bad = |found: String| {
        BadInput::new(
            format!("--stated is \"{}\"", path.display()),
            found,
            "give it a list whose items have `why`, `lines` and, where it shows in some trials alone, \
             `within`; docs/upgrades.md has an example",
        )
    };
    let text = ledger::contents(path).map_err(bad)?;
    let stated: Vec<Stated> = serde_yaml_ng::from_str(&text).map_err(|e| bad(e.to_string()))?;
    match stated
        .iter()
        .find(|it| it.patterns().next().is_none() || it.why.trim().is_empty())
    {
        Some(it) => Err(bad(format!("an item says nothing: {it:?}"))),
        None => Ok(stated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("a*c", "abc"),
            ("a*c*e", "a-c-c-e"),
            ("ü*", "ü€"),
            ("***", "***"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*c", "ab"), ("*b", "ba"), ("", "a")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    fn stated(lines: &str) -> Stated {
        Stated {
            why: "known".into(),
            lines: lines.into(),
            within: None,
        }
    }

    #[test]
    fn all_of_a_difference_is_stated_or_it_is_not() {
        let it = stated("- infra/*.yaml\n+ infra/hello.yaml\n");
        let lines = |lines: &[&str]| lines.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert!(it.means(&lines(&["- infra/a.yaml", "+ infra/hello.yaml"])));
        assert!(it.means(&lines(&["- infra/a.yaml", "… and 3 more line(s)"])));
        assert!(!it.means(&lines(&["- infra/a.yaml", "+ infra/other.yaml"])));
        assert!(!it.means(&lines(&["… and 3 more line(s)"])) && !it.means(&[]));
    }

    #[test]
    fn it_is_asked_of_the_trials_that_it_is_stated_for() {
        let mut it = stated("a");
        let asked = |it: &Stated| it.is_asked_of(["x::s01_a::s3", "x::s02_a::s3"].into_iter());
        assert!(asked(&it) && !it.is_asked_of(std::iter::empty()));
        it.within = Some("s02".into());
        assert!(asked(&it));
        it.within = Some("s03".into());
        assert!(!asked(&it));
    }

    #[test]
    fn a_file_is_a_list_and_what_says_nothing_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stated.yaml");
        let of = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read(&path).map_err(|e| e.to_string())
        };
        let found = of("- why: known\n  lines: |\n    -a\n    +b\n  within: s02\n").unwrap();
        assert_eq!((found[0].lines.as_str(), found.len()), ("-a\n+b\n", 1));
        assert_eq!(of(r#"[{"why": "x", "lines": "-a"}]"#).unwrap().len(), 1);
        for bad in [
            "- why: x",
            "- {why: x, lines: '', }",
            "- {why: '', lines: a}",
            "a: b",
        ] {
            let error = of(bad).unwrap_err();
            assert!(
                error.contains("--stated is") && error.contains("why"),
                "{error}"
            );
        }
        assert!(read(&dir.path().join("none")).is_err());
    }
}
