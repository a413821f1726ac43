//! What two twins said or left, held against each other: names that each has of its own are the
//! same, and so are ids, by the order in which they come.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::render::change::Section;
use crate::render::difference;

/// What the twins call their own, as a golden tells it, and what it is called for both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub first: Vec<(String, String)>,
    pub second: Vec<(String, String)>,
}

/// What a section of the second twin is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinOf {
    /// The title of the first twin's section.
    pub title: String,
    /// The directory below which the second has what the first has at the top.
    pub below: String,
}

/// The ids of the second twin that stand where the first has its own.
#[derive(Debug, Default)]
pub(crate) struct Ids(BTreeMap<String, String>);

impl Ids {
    /// Learns which ids stand for each other, in texts that have as many of them.
    fn learn(&mut self, first: &str, second: &str) {
        let ids = |text: &str| -> Vec<String> {
            let found = ID.find_iter(text);
            found.map(|id| id.as_str().to_owned()).collect()
        };
        let (first, second) = (ids(first), ids(second));
        if first.len() != second.len() {
            return;
        }
        for (theirs, own) in first.into_iter().zip(second) {
            let is_taken = self.0.values().any(|known| *known == theirs);
            if !is_taken {
                self.0.entry(own).or_insert(theirs);
            }
        }
    }

    /// The second twin's text with the ids of the first.
    fn of_first(&self, text: &str) -> String {
        let of_first = |found: &Captures<'_>| match self.0.get(&found[0]) {
            Some(id) => id.clone(),
            None => found[0].to_owned(),
        };
        ID.replace_all(text, of_first).into_owned()
    }
}

/// What the second twin said otherwise than the first: the lines that it lacks, and those that it
/// has instead. None where it said the same. An id that stood for another one before is another id.
pub(crate) fn difference(
    first: &str,
    second: &str,
    names: &Names,
    ids: &mut Ids,
) -> Option<String> {
    let common = |text: &str, names: &[(String, String)]| {
        let names = names.iter();
        names.fold(text.to_owned(), |text, (own, common)| {
            text.replace(own, common)
        })
    };
    let (first, second) = (common(first, &names.first), common(second, &names.second));
    ids.learn(&first, &second);
    let second = ids.of_first(&second);
    if first == second {
        return None;
    }
    let diff = difference::lines(&first, &second);
    let changes = diff.iter_all_changes();
    let changes = changes.filter(|change| change.tag() != similar::ChangeTag::Equal);
    let told = changes.map(|change| {
        let line = change.value().trim_end_matches('\n');
        format!("{} {line}\n", change.tag())
    });
    Some(told.collect())
}

/// The section as it would be if all of it lay below `directory`.
pub(crate) fn below(section: &Section, directory: &str) -> Section {
    Section {
        lines: section
            .lines
            .iter()
            .map(|line| format!("{directory}{line}"))
            .collect(),
        ..section.clone()
    }
}

/// Whether both tell the same, whatever ids they have: each has its own, in the same order.
pub(crate) fn are_alike(first: &[String], second: &[String]) -> bool {
    let (first, second) = (first.concat(), second.concat());
    let mut ids = Ids::default();
    ids.learn(&first, &second);
    ids.of_first(&second) == first
}

/// An id in a text that is redacted.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant.
    Regex::new(r"<[^<>#]+#\d+>").expect("the pattern of an id is one")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let list =
            |names: [(&str, &str); 2]| names.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
        Names {
            first: list([("<sandbox>/solo", "<repo>"), ("<sandbox>/alone", "<own>")]),
            second: list([
                ("<sandbox>/infra", "<repo>"),
                ("<sandbox>/shared/infra", "<own>"),
            ]),
        }
    }

    #[test]
    fn twins_say_the_same_by_names_and_ids_of_their_own() {
        let first = "made <id#3> of <id#1> and <id#3>\nin <sandbox>/alone/data\n";
        let second = "made <id#5> of <id#2> and <id#5>\nin <sandbox>/shared/infra/data\n";
        let mut ids = Ids::default();
        assert_eq!(difference(first, second, &names(), &mut ids), None);
        // From then on each stands for the other.
        let told = |text: &str, ids: &mut Ids| difference("ran <id#1>\n", text, &names(), ids);
        assert_eq!(told("ran <id#2>\n", &mut ids), None);
        let foreign = told("ran <id#7>\n", &mut ids);
        assert_eq!(foreign.as_deref(), Some("- ran <id#1>\n+ ran <id#7>\n"));
    }

    #[test]
    fn another_id_another_place_and_another_line_are_told() {
        let first = "made <id#3> of <id#3>\nin <sandbox>/alone/data\n";
        for (second, told) in [
            (
                "made <id#5> of <id#2>\nin <sandbox>/shared/infra/data\n",
                "- made <id#3> of <id#3>\n+ made <id#3> of <id#2>\n",
            ),
            (
                "made <id#5> of <id#5>\nin <sandbox>/shared/data\n",
                "- in <own>/data\n+ in <sandbox>/shared/data\n",
            ),
            (
                "made <id#5> of <id#5>\nin <sandbox>/shared/infra/data\nand more\n",
                "+ and more\n",
            ),
        ] {
            let other = difference(first, second, &names(), &mut Ids::default());
            assert_eq!(other.as_deref(), Some(told));
        }
    }
}
