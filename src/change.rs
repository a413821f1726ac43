//! Checkpoints: the first in full, each later one as a change against the one before it, so
//! that a migration reads as what moved and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use similar::{ChangeTag, TextDiff};

/// One section of a checkpoint, redacted: a title and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it shows, such as `ds` or `infra/.swamp.yaml: datastore`.
    pub title: String,
    /// Its lines, in the order in which they are shown.
    pub lines: Vec<String>,
}

/// A named moment of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its name, as the scenario gave it.
    pub name: String,
    /// What was seen.
    pub sections: Vec<Section>,
}

/// The text of a golden that shows `checkpoints` in their order.
pub fn render(checkpoints: &[Checkpoint]) -> String {
    let mut out = String::new();
    for (index, checkpoint) in checkpoints.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&format!("== {}\n", checkpoint.name));
        for section in &checkpoint.sections {
            let before = checkpoints[..index]
                .iter()
                .rev()
                .find_map(|earlier| earlier.section(&section.title));
            match before {
                None => push_new(&mut out, &checkpoint.sections, section),
                Some(before) => push_change(&mut out, before, section),
            }
        }
        if let Some(before) = index.checked_sub(1).and_then(|i| checkpoints.get(i)) {
            for gone in &before.sections {
                if checkpoint.section(&gone.title).is_none() {
                    out.push_str(&format!("\n[{}] gone\n", gone.title));
                }
            }
        }
    }
    out.push_str("[EOF]\n");
    out
}

impl Checkpoint {
    fn section(&self, title: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.title == title)
    }
}

/// A section that no earlier checkpoint has: in full, or against one above it in the same
/// checkpoint that it is much alike (the datastore of a second repo, its configuration).
fn push_new(out: &mut String, all: &[Section], section: &Section) {
    let above = all.iter().take_while(|other| other.title != section.title);
    let model = above
        .filter(|other| other.lines.len() >= WORTH_COMPARING)
        .map(|other| (changes(&other.lines, &section.lines), other))
        .filter(|(changes, other)| changes.len() * 4 <= other.lines.len())
        .min_by_key(|(changes, _)| changes.len());
    match model {
        None => push_full(out, section),
        Some((changes, other)) => {
            out.push_str(&format!("\n[{}] like [{}]\n", section.title, other.title));
            out.extend(changes);
        }
    }
}

/// Shorter sections are shown in full: that is as short, and plainer.
const WORTH_COMPARING: usize = 4;

fn push_full(out: &mut String, section: &Section) {
    out.push_str(&format!("\n[{}]\n", section.title));
    if section.lines.is_empty() {
        out.push_str("(empty)\n");
    }
    for line in &section.lines {
        out.push_str(&format!("{line}\n"));
    }
}

fn push_change(out: &mut String, before: &Section, after: &Section) {
    if before.lines == after.lines {
        out.push_str(&format!("\n[{}] unchanged\n", after.title));
        return;
    }
    out.push_str(&format!("\n[{}] changed\n", after.title));
    out.extend(changes(&before.lines, &after.lines));
}

/// What differs, without the lines that stayed: first what was moved below a directory or out of
/// one, then the lines that went (`-`) and came (`+`).
fn changes(before: &[String], after: &[String]) -> Vec<String> {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut changes: Vec<Change<'_>> = diff
        .iter_all_changes()
        .map(|change| (change.tag(), change.value()))
        .filter(|(tag, _)| *tag != ChangeTag::Equal)
        .collect();
    let mut out = take_moves(&mut changes, ChangeTag::Delete, "below");
    out.extend(take_moves(&mut changes, ChangeTag::Insert, "out of"));
    out.extend(changes.iter().map(|(tag, line)| {
        let sign = if *tag == ChangeTag::Delete { '-' } else { '+' };
        format!("{sign} {line}\n")
    }));
    out
}

/// A line, and whether it went or came.
type Change<'a> = (ChangeTag, &'a str);

/// Takes out of `changes` the pairs of paths of which one is the other below a directory. Those
/// without the directory have the tag `bare`.
fn take_moves(changes: &mut Vec<Change<'_>>, bare: ChangeTag, how: &str) -> Vec<String> {
    let mut out = Vec::new();
    while let Some(directory) = moved_most(changes, bare) {
        out.push(format!("moved {how} {directory}:\n"));
        // The same line may be there more than once: files of one name but for their ids.
        let mut deep: BTreeMap<String, usize> = BTreeMap::new();
        for (_, path) in changes.iter().filter(|(tag, _)| *tag != bare) {
            *deep.entry((*path).to_owned()).or_default() += 1;
        }
        let mut moved: BTreeMap<String, usize> = BTreeMap::new();
        changes.retain(|(tag, path)| {
            let whole = format!("{directory}{path}");
            let is_moved = *tag == bare && take_one(&mut deep, &whole);
            if is_moved {
                out.push(format!("> {path}\n"));
                *moved.entry(whole).or_default() += 1;
            }
            !is_moved
        });
        changes.retain(|(tag, path)| *tag == bare || !take_one(&mut moved, path));
    }
    out
}

fn take_one(counts: &mut BTreeMap<String, usize>, key: &str) -> bool {
    match counts.get_mut(key) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

/// The directory that most paths were moved below, if those are more than one: a single path
/// reads better as gone and come.
fn moved_most(changes: &[Change<'_>], bare: ChangeTag) -> Option<String> {
    let of = |is_bare: bool| {
        let wanted = changes
            .iter()
            .filter(move |(tag, _)| (*tag == bare) == is_bare);
        wanted.map(|(_, path)| *path)
    };
    let bare_paths: BTreeSet<&str> = of(true).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in of(false) {
        for (slash, _) in path.match_indices('/') {
            let (directory, rest) = path.split_at(slash + 1);
            if bare_paths.contains(rest) {
                *counts.entry(directory).or_default() += 1;
            }
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .max_by_key(|(_, count)| *count)
        .map(|(directory, _)| directory.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, lines: &[&str]) -> Section {
        Section {
            title: title.into(),
            lines: lines.iter().map(|line| (*line).into()).collect(),
        }
    }

    fn checkpoint(name: &str, sections: Vec<Section>) -> Checkpoint {
        Checkpoint {
            name: name.into(),
            sections,
        }
    }

    #[test]
    fn the_first_checkpoint_is_shown_in_full() {
        let first = checkpoint(
            "fresh",
            vec![section("ds", &["a/", "a/b"]), section("x", &[])],
        );
        assert_eq!(
            render(&[first]),
            "== fresh\n\n[ds]\na/\na/b\n\n[x]\n(empty)\n[EOF]\n"
        );
    }

    #[test]
    fn a_later_checkpoint_is_shown_as_a_change() {
        let fresh = checkpoint(
            "fresh",
            vec![section("ds", &["a/", "a/b", "c"]), section("x", &["1"])],
        );
        let moved = checkpoint(
            "moved",
            vec![section("ds", &["a/", "c", "d/b"]), section("x", &["1"])],
        );
        assert_eq!(
            render(&[fresh, moved]),
            "== fresh\n\n[ds]\na/\na/b\nc\n\n[x]\n1\n\n\
             == moved\n\n[ds] changed\n- a/b\n+ d/b\n\n[x] unchanged\n[EOF]\n"
        );
    }

    #[test]
    fn a_section_that_comes_later_is_shown_in_full_and_one_that_goes_is_told() {
        let fresh = checkpoint("fresh", vec![section("ds", &["a"])]);
        let second = checkpoint("second", vec![section("new", &["n"])]);
        let third = checkpoint("third", vec![section("ds", &["b"]), section("new", &["n"])]);
        assert_eq!(
            render(&[fresh, second, third]),
            "== fresh\n\n[ds]\na\n\n\
             == second\n\n[new]\nn\n\n[ds] gone\n\n\
             == third\n\n[ds] changed\n- a\n+ b\n\n[new] unchanged\n[EOF]\n"
        );
    }

    #[test]
    fn a_section_much_like_one_above_it_is_shown_against_that() {
        let infra = section("infra", &["a", "b", "c", "path: 1"]);
        let twin = section("twin", &["a", "b", "c", "path: 1"]);
        let near = section("near", &["a", "b", "c", "path: 1", "n"]);
        let far = section("far", &["a", "b", "c", "path: 2"]);
        assert_eq!(
            render(&[checkpoint("fresh", vec![infra, twin, near, far])]),
            "== fresh\n\n[infra]\na\nb\nc\npath: 1\n\n[twin] like [infra]\n\n\
             [near] like [infra]\n+ n\n\n[far]\na\nb\nc\npath: 2\n[EOF]\n"
        );
    }

    #[test]
    fn the_nearest_is_the_model_and_short_sections_are_none() {
        let one = section("one", &["a", "b", "c", "d", "e", "f", "g", "h"]);
        let two = section("two", &["a", "b", "c", "d", "e", "f", "g", "i"]);
        let three = section("three", &["a", "b", "c", "d", "e", "f", "g", "i"]);
        let text = render(&[checkpoint("fresh", vec![one, two, three])]);
        assert!(text.contains("[two] like [one]\n- h\n+ i\n"), "{text}");
        assert!(text.contains("[three] like [two]\n[EOF]"), "{text}");
        let short = |title: &str| section(title, &["a", "b", "c"]);
        let text = render(&[checkpoint("fresh", vec![short("one"), short("two")])]);
        assert!(!text.contains("like"), "{text}");
    }

    fn change(before: &[&str], after: &[&str]) -> String {
        let (before, after) = (section("ds", before), section("ds", after));
        changes(&before.lines, &after.lines).concat()
    }

    #[test]
    fn what_moved_below_a_directory_reads_as_moved_and_nothing_else() {
        assert_eq!(
            change(
                &["a/", "a/b", "a/b", "c"],
                &["c", "infra/", "infra/a/", "infra/a/b", "infra/a/b"]
            ),
            "moved below infra/:\n> a/\n> a/b\n> a/b\n+ infra/\n"
        );
        assert_eq!(
            change(
                &["infra/", "infra/a/", "infra/a/b", "infra/x"],
                &["a/", "a/b", "infra/"]
            ),
            "moved out of infra/:\n> a/\n> a/b\n- infra/x\n"
        );
    }

    #[test]
    fn a_file_that_is_lost_on_the_way_shows() {
        assert_eq!(
            change(&["a", "b", "c"], &["infra/a", "infra/c"]),
            "moved below infra/:\n> a\n> c\n- b\n"
        );
        assert_eq!(
            change(&["a", "b"], &["infra/a", "infra/b", "other/b"]),
            "moved below infra/:\n> a\n> b\n+ other/b\n"
        );
    }

    #[test]
    fn files_of_one_name_are_counted() {
        assert_eq!(
            change(&["a", "a", "a", "b"], &["infra/a", "infra/a", "infra/b"]),
            "moved below infra/:\n> a\n> a\n> b\n- a\n"
        );
        assert_eq!(
            change(&["a", "b"], &["infra/a", "infra/a", "infra/a", "infra/b"]),
            "moved below infra/:\n> a\n> b\n+ infra/a\n+ infra/a\n"
        );
    }

    #[test]
    fn one_path_alone_and_a_longer_name_are_no_move() {
        assert_eq!(change(&["a"], &["infra/a"]), "- a\n+ infra/a\n");
        assert_eq!(change(&["a", "b"], &["xa", "xb"]), "- a\n- b\n+ xa\n+ xb\n");
    }

    #[test]
    fn moves_to_two_directories_are_told_apart() {
        assert_eq!(
            change(
                &["a", "b", "c", "d", "e"],
                &["x/a", "x/b", "y/c", "y/d", "y/e"]
            ),
            "moved below y/:\n> c\n> d\n> e\nmoved below x/:\n> a\n> b\n"
        );
    }
}
