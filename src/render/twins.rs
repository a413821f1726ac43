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

/// What the second twin said otherwise than the first: the lines that it lacks, and those that it
/// has instead. None where it said the same.
pub(crate) fn difference(first: &str, second: &str, names: &Names) -> Option<String> {
    let (first, second) = (plain(first, &names.first), plain(second, &names.second));
    if first == second {
        return None;
    }
    let diff = difference::lines(&first, &second);
    let changes = diff.iter_all_changes();
    let changes = changes.filter(|change| change.tag() != similar::ChangeTag::Equal);
    let told = changes.map(|change| {
        format!(
            "{} {}\n",
            change.tag(),
            change.value().trim_end_matches('\n')
        )
    });
    Some(told.collect())
}

/// The section as it is, if it is that of the second twin.
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

/// Whether both tell the same.
pub(crate) fn are_alike(first: &[String], second: &[String]) -> bool {
    plain(&first.concat(), &[]) == plain(&second.concat(), &[])
}

/// The text with common names, and with its ids by the order in which they come in it.
fn plain(text: &str, names: &[(String, String)]) -> String {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        // The pattern is a constant.
        Regex::new(r"<([^<>#]+)#(\d+)>").expect("the pattern of an id is one")
    });
    let mut text = text.to_owned();
    for (own, common) in names {
        text = text.replace(own, common);
    }
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let by_order = |found: &Captures<'_>| {
        let next = known.len() + 1;
        let number = *known.entry(found[0].to_owned()).or_insert(next);
        format!("<{}@{number}>", &found[1])
    };
    ID.replace_all(&text, by_order).into_owned()
}

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
        assert_eq!(difference(first, second, &names()), None);
    }

    #[test]
    fn another_id_another_place_and_another_line_are_told() {
        let first = "made <id#3> of <id#3>\nin <sandbox>/alone/data\n";
        for (second, told) in [
            (
                "made <id#5> of <id#2>\nin <sandbox>/shared/infra/data\n",
                "- made <id@1> of <id@1>\n+ made <id@1> of <id@2>\n",
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
            assert_eq!(difference(first, second, &names()).as_deref(), Some(told));
        }
    }
}
