//! Checkpoints: the first is the scene, each later one is shown as a change against the one before
//! it, so that a migration reads as what moved and nothing else. One that is about a layout is
//! shown whole.

use std::collections::{BTreeMap, BTreeSet};

use similar::{ChangeTag, TextDiff};

use crate::render::twins::{self, TwinOf};

/// One section of a checkpoint, redacted: a title and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it shows, such as `ds` or `infra/.swamp.yaml: datastore`.
    pub title: String,
    /// Whether its lines are what lies in a place; a directory ends with a slash. Else they are a
    /// text.
    pub is_listing: bool,
    /// Its lines, in the order in which they are shown.
    pub lines: Vec<String>,
    /// What it is held against, where it is the second twin's.
    pub twin_of: Option<TwinOf>,
}

/// A named moment of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its name, as the scenario gave it.
    pub name: String,
    /// Whether it is about what lies where, and shown whole.
    pub is_layout: bool,
    /// What was seen.
    pub sections: Vec<Section>,
}

/// The text of a golden that shows `checkpoints` in their order.
pub fn render(checkpoints: &[Checkpoint]) -> String {
    let mut out = String::new();
    for (index, checkpoint) in checkpoints.iter().enumerate() {
        let (name, earlier) = (&checkpoint.name, &checkpoints[..index]);
        match earlier.last() {
            _ if checkpoint.is_layout => {
                out.push_str(&format!("== {name}: all of it\n"));
                for section in &checkpoint.sections {
                    push_whole(&mut out, &checkpoint.sections, section, "");
                }
            }
            None => out.push_str(&format!("== {name}: the scene\n")),
            Some(before) if before.sections == checkpoint.sections => {
                out.push_str(&format!("== {name}: nothing changed\n"));
            }
            Some(before) => {
                out.push_str(&format!("== {name}\n"));
                push_changes(&mut out, earlier, before, checkpoint);
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

/// What is not as it was before: what changed, what is new, what is gone; and in one line, what is
/// as it was. What comes back is held against how it was last.
fn push_changes(out: &mut String, earlier: &[Checkpoint], before: &Checkpoint, after: &Checkpoint) {
    let mut same = Vec::new();
    for section in &after.sections {
        let title = &section.title;
        let last = || earlier.iter().rev().find_map(|it| it.section(title));
        match before.section(title) {
            None => match last() {
                None => push_whole(out, &after.sections, section, " new"),
                Some(was) => {
                    out.push_str(&format!("[{title}] again\n"));
                    out.extend(changes(was, section));
                }
            },
            Some(was) if was.lines == section.lines => same.push(format!("[{title}]")),
            Some(was) => {
                let changes = changes(was, section);
                match twin(before, after, section)
                    .filter(|(_, its)| twins::are_alike(its, &changes))
                {
                    None => out.push_str(&format!("[{title}]\n{}", changes.concat())),
                    Some((of, _)) => {
                        let (first, below) = (&of.title, &of.below);
                        out.push_str(&format!("[{title}] as [{first}], below {below}\n"));
                    }
                }
            }
        }
    }
    for gone in &before.sections {
        if after.section(&gone.title).is_none() {
            out.push_str(&format!("[{}] gone\n", gone.title));
        }
    }
    if !same.is_empty() {
        out.push_str(&format!("nothing changed in {}\n", same.join(" ")));
    }
}

/// What changed in the section of the first twin, told as if it lay below the second's directory.
fn twin<'a>(
    before: &Checkpoint,
    after: &Checkpoint,
    section: &'a Section,
) -> Option<(&'a TwinOf, Vec<String>)> {
    let of = section.twin_of.as_ref()?;
    let below = |section: &Section| twins::below(section, &of.below);
    let was = below(before.section(&of.title)?);
    let is = below(after.section(&of.title)?);
    Some((of, changes(&was, &is)))
}

/// A section with all its lines, or against one above it in the same checkpoint that it is much
/// alike (the datastore of a second repo, its configuration). What is new in a change is told
/// without empty directories: they say which commands ran there, as the transcript does, and a
/// layout shows them.
fn push_whole(out: &mut String, all: &[Section], section: &Section, mark: &str) {
    let as_told = |section: &Section| match mark {
        "" => section.clone(),
        _ => files(section),
    };
    let shown = as_told(section);
    let above = all.iter().take_while(|other| other.title != section.title);
    let model = above
        .map(|other| (other, as_told(other)))
        .filter(|(_, there)| there.lines.len() >= WORTH_COMPARING)
        .map(|(other, there)| (changes(&there, &shown), there.lines.len(), other))
        .filter(|(changes, count, _)| changes.len() * 4 <= *count)
        .min_by_key(|(changes, ..)| changes.len());
    let title = &section.title;
    match model {
        None => {
            out.push_str(&format!("[{title}]{mark}\n"));
            if section.lines.is_empty() {
                out.push_str("(empty)\n");
            } else if shown.lines.is_empty() {
                out.push_str("(no file)\n");
            }
            let lines: Vec<(&str, &str)> = ends(&shown).into_iter().map(|it| ("", it)).collect();
            out.extend(told(&lines, section.is_listing));
        }
        Some((changes, _, other)) => {
            out.push_str(&format!("[{title}]{mark} like [{}]\n", other.title));
            out.extend(changes);
        }
    }
}

/// Shorter sections are shown in full: that is as short, and plainer.
const WORTH_COMPARING: usize = 4;

/// The lines, of a listing without the directories of which something is listed: what lies in them
/// says that they are there.
fn ends(section: &Section) -> Vec<&str> {
    let lines = section.lines.iter().map(String::as_str);
    if !section.is_listing {
        return lines.collect();
    }
    let filled = |line: &str| {
        let mut others = section.lines.iter();
        line.ends_with('/') && others.any(|it| it.len() > line.len() && it.starts_with(line))
    };
    lines.filter(|line| !filled(line)).collect()
}

/// A listing without its directories, a text as it is.
fn files(section: &Section) -> Section {
    let is_directory = |line: &String| section.is_listing && line.ends_with('/');
    Section {
        lines: section
            .lines
            .iter()
            .filter(|line| !is_directory(line))
            .cloned()
            .collect(),
        ..section.clone()
    }
}

/// Lines with the marks that stand before them. Of a listing, what lies in one directory is told in
/// one line, at the place of the first of it: `a/{b, c}`.
fn told(lines: &[(&str, &str)], is_listing: bool) -> Vec<String> {
    // A name with one of these in it could be read as several.
    let is_plain = |name: &str| !name.is_empty() && !name.contains([' ', ',', '{', '}']);
    let parts = |line: &str| {
        let inner = line.trim_end_matches('/');
        let at = inner.rfind('/').map_or(0, |at| at + 1);
        let (directory, name) = line.split_at(at);
        (is_listing && is_plain(name)).then(|| (directory.to_owned(), name.to_owned()))
    };
    // Each mark and directory, with its names and how often they are there.
    type Names = Vec<(String, usize)>;
    let mut out: Vec<(&str, String, Names)> = Vec::new();
    for (mark, line) in lines {
        let Some((directory, name)) = parts(line) else {
            out.push((mark, (*line).to_owned(), Vec::new()));
            continue;
        };
        let same = out
            .iter_mut()
            .find(|(other, dir, names)| other == mark && *dir == directory && !names.is_empty());
        match same {
            None => out.push((mark, directory, vec![(name, 1)])),
            Some((.., names)) => match names.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => names.push((name, 1)),
            },
        }
    }
    let groups = out.into_iter().map(|(mark, place, names)| Group {
        mark,
        place,
        names: names
            .into_iter()
            .map(|(name, count)| match count {
                1 => name,
                count => format!("{name} {count} times"),
            })
            .collect(),
    });
    let groups = nested(groups.collect());
    groups.iter().map(Group::line).collect()
}

/// What lies in one directory, or a line that stands for itself.
#[derive(Debug, Clone)]
struct Group<'a> {
    mark: &'a str,
    /// The directory, with its slash; the whole line where there are no names.
    place: String,
    names: Vec<String>,
}

impl Group<'_> {
    fn line(&self) -> String {
        let Self { mark, place, names } = self;
        match names.as_slice() {
            [] => format!("{mark}{place}\n"),
            [name] => format!("{mark}{place}{name}\n"),
            names => format!("{mark}{place}{{{}}}\n", names.join(", ")),
        }
    }

    /// The directory that its directory lies in, and what it is there.
    fn above(&self) -> Option<(&str, String)> {
        let inner = self.place.strip_suffix('/')?;
        let at = inner.rfind('/')? + 1;
        let (above, name) = inner.split_at(at);
        (self.names.len() > 1).then(|| (above, format!("{name}/{{{}}}", self.names.join(", "))))
    }
}

/// Tells a directory in the line of the one that it lies in, where that line stays short: what
/// there is of one piece of data, in all its versions.
fn nested(groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    const WIDEST: usize = 120;
    let mut out: Vec<Group<'_>> = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let Some((above, name)) = group.above() else {
            // What came before may be told with it.
            let known = out.iter_mut().find(|other| {
                other.mark == group.mark && other.place == group.place && !group.names.is_empty()
            });
            match known {
                Some(known) => known.names.extend(group.names.iter().cloned()),
                None => out.push(group.clone()),
            }
            continue;
        };
        let is_there = |other: &Group<'_>| other.mark == group.mark && other.place == above;
        let mut joined = Group {
            mark: group.mark,
            place: above.to_owned(),
            names: vec![name.clone()],
        };
        let others = groups.iter().enumerate().filter(|(at, _)| *at != index);
        for (_, other) in others {
            match other.above() {
                _ if is_there(other) => joined.names.extend(other.names.iter().cloned()),
                Some((place, name)) if other.mark == group.mark && place == above => {
                    joined.names.push(name);
                }
                _ => {}
            }
        }
        if joined.names.len() == 1 || joined.line().chars().count() > WIDEST {
            out.push(group.clone());
        } else if let Some(known) = out.iter_mut().find(|other| is_there(other)) {
            known.names.push(name);
        } else {
            joined.names.truncate(1);
            out.push(joined);
        }
    }
    out
}

/// What differs, without the lines that stayed: first what was moved below a directory or out of
/// one, then the lines that went (`-`) and came (`+`).
fn changes(before: &Section, after: &Section) -> Vec<String> {
    let is_listing = after.is_listing;
    let (before, after) = (ends(before), ends(after));
    let diff = TextDiff::from_slices(&before, &after);
    let mut changes: Vec<Change<'_>> = diff
        .iter_all_changes()
        .map(|change| (change.tag(), change.value()))
        .filter(|(tag, _)| *tag != ChangeTag::Equal)
        .collect();
    let mut out = Vec::new();
    if is_listing {
        // An empty directory in which something lies now is still there.
        let come = changes.iter().filter(|(tag, _)| *tag == ChangeTag::Insert);
        let come: Vec<&str> = come.map(|(_, line)| *line).collect();
        let is_filled =
            |line: &str| line.ends_with('/') && come.iter().any(|it| it.starts_with(line));
        changes.retain(|(tag, line)| *tag == ChangeTag::Insert || !is_filled(line));
        out.extend(take_moves(&mut changes, ChangeTag::Delete, "below"));
        out.extend(take_moves(&mut changes, ChangeTag::Insert, "out of"));
    }
    let signed: Vec<(&str, &str)> = changes
        .iter()
        .map(|(tag, line)| {
            (
                if *tag == ChangeTag::Delete {
                    "- "
                } else {
                    "+ "
                },
                *line,
            )
        })
        .collect();
    out.extend(told(&signed, is_listing));
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
        let mut paths: Vec<&str> = Vec::new();
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
                paths.push(path);
                *moved.entry(whole).or_default() += 1;
            }
            !is_moved
        });
        changes.retain(|(tag, path)| *tag == bare || !take_one(&mut moved, path));
        let paths: Vec<(&str, &str)> = paths.into_iter().map(|path| ("> ", path)).collect();
        out.extend(told(&paths, true));
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
            is_listing: title.starts_with("ds"),
            lines: lines.iter().map(|line| (*line).into()).collect(),
            twin_of: None,
        }
    }

    fn checkpoint(name: &str, sections: Vec<Section>) -> Checkpoint {
        Checkpoint {
            name: name.into(),
            is_layout: false,
            sections,
        }
    }

    fn layout(name: &str, sections: Vec<Section>) -> Checkpoint {
        Checkpoint {
            is_layout: true,
            ..checkpoint(name, sections)
        }
    }

    #[test]
    fn a_layout_is_shown_whole_without_the_directories_that_are_filled() {
        let lines = ["a/", "a/b", "a/c/", "a/c/d/", "e/"];
        let sections = vec![section("ds", &lines), section("x", &[])];
        assert_eq!(
            render(&[layout("fresh", sections)]),
            "== fresh: all of it\n[ds]\na/b\na/c/d/\ne/\n[x]\n(empty)\n[EOF]\n"
        );
    }

    #[test]
    fn the_first_checkpoint_is_the_scene_and_a_later_one_is_a_change() {
        let fresh = checkpoint(
            "fresh",
            vec![section("ds", &["a/", "a/b", "c"]), section("x", &["1"])],
        );
        let moved = checkpoint(
            "moved",
            vec![
                section("ds", &["a/", "c", "d/", "d/b"]),
                section("x", &["1"]),
            ],
        );
        let later = Checkpoint {
            name: "later".into(),
            ..moved.clone()
        };
        assert_eq!(
            render(&[fresh, moved, later]),
            "== fresh: the scene\n\
             == moved\n[ds]\n- a/b\n+ a/\n+ d/b\nnothing changed in [x]\n\
             == later: nothing changed\n[EOF]\n"
        );
    }

    #[test]
    fn a_section_that_comes_is_shown_whole_and_one_that_goes_is_told_and_may_come_back() {
        let fresh = checkpoint("fresh", vec![section("ds", &["a"])]);
        let second = checkpoint("second", vec![section("new", &["n"])]);
        let third = checkpoint("third", vec![section("ds", &["b"]), section("new", &["n"])]);
        assert_eq!(
            render(&[fresh, second, third]),
            "== fresh: the scene\n\
             == second\n[new] new\nn\n[ds] gone\n\
             == third\n[ds] again\n- a\n+ b\nnothing changed in [new]\n[EOF]\n"
        );
    }

    #[test]
    fn a_section_much_like_one_above_it_is_shown_against_that() {
        let infra = section("infra", &["a", "b", "c", "path: 1"]);
        let twin = section("twin", &["a", "b", "c", "path: 1"]);
        let near = section("near", &["a", "b", "c", "path: 1", "n"]);
        let far = section("far", &["a", "b", "c", "path: 2"]);
        assert_eq!(
            render(&[layout("fresh", vec![infra, twin, near, far])]),
            "== fresh: all of it\n[infra]\na\nb\nc\npath: 1\n[twin] like [infra]\n\
             [near] like [infra]\n+ n\n[far]\na\nb\nc\npath: 2\n[EOF]\n"
        );
    }

    #[test]
    fn the_nearest_is_the_model_and_short_sections_are_none() {
        let one = section("one", &["a", "b", "c", "d", "e", "f", "g", "h"]);
        let two = section("two", &["a", "b", "c", "d", "e", "f", "g", "i"]);
        let three = section("three", &["a", "b", "c", "d", "e", "f", "g", "i"]);
        let text = render(&[layout("fresh", vec![one, two, three])]);
        assert!(text.contains("[two] like [one]\n- h\n+ i\n"), "{text}");
        assert!(text.contains("[three] like [two]\n[EOF]"), "{text}");
        let short = |title: &str| section(title, &["a", "b", "c"]);
        let text = render(&[layout("fresh", vec![short("one"), short("two")])]);
        assert!(!text.contains("like"), "{text}");
    }

    #[test]
    fn empty_directories_are_no_difference_of_what_is_new_and_one_everywhere_else() {
        let one = section("ds one", &["a", "b", "c", "d", "e/"]);
        let two = section("ds two", &["a", "b", "c", "d", "f/"]);
        let both = || vec![one.clone(), two.clone()];
        let text = render(&[checkpoint("set", vec![]), checkpoint("fresh", both())]);
        assert!(
            text.ends_with("[ds two] new like [ds one]\n[EOF]\n"),
            "{text}"
        );
        let text = render(&[layout("fresh", both())]);
        assert!(!text.contains("like"), "{text}");
        assert_eq!(change(&["a", "e/"], &["a", "f/"]), "- e/\n+ f/\n");
    }

    fn change(before: &[&str], after: &[&str]) -> String {
        let (before, after) = (section("ds", before), section("ds", after));
        changes(&before, &after).concat()
    }

    #[test]
    fn what_lies_in_one_directory_is_told_in_one_line() {
        let lines = [
            "a/b", "a/c/d", "a/c/e", "a/f", "a/g,h", "a/i j", "k -> a", "l", "m/",
        ];
        let text = render(&[layout("fresh", vec![section("ds", &lines)])]);
        assert_eq!(
            text,
            "== fresh: all of it\n[ds]\na/{b, f, c/{d, e}}\na/g,h\na/i j\nk -> a\n{l, m/}\n[EOF]\n"
        );
        assert_eq!(
            change(&["a/x", "a/y"], &["a/b", "a/b", "a/c/"]),
            "- a/{x, y}\n+ a/{b 2 times, c/}\n"
        );
        let versions = ["a/log/1/meta", "a/log/1/raw", "a/log/2/meta", "a/log/2/raw"];
        assert_eq!(
            change(&[], &[versions.as_slice(), &["a/log/latest"]].concat()),
            "+ a/log/{1/{meta, raw}, 2/{meta, raw}, latest}\n"
        );
        let long = "x".repeat(120);
        assert_eq!(
            change(&[&format!("a/{long}")], &versions[..2]),
            format!("- a/{long}\n+ a/log/1/{{meta, raw}}\n")
        );
    }

    #[test]
    fn what_moved_below_a_directory_reads_as_moved_and_nothing_else() {
        assert_eq!(
            change(
                &["a/", "a/b", "a/b", "c"],
                &["c", "infra/", "infra/a/", "infra/a/b", "infra/a/b"]
            ),
            "moved below infra/:\n> a/b 2 times\n"
        );
        assert_eq!(
            change(
                &["infra/", "infra/a/", "infra/a/b", "infra/a/c/", "infra/x"],
                &["a/", "a/b", "a/c/", "infra/"]
            ),
            "moved out of infra/:\n> a/{b, c/}\n- infra/x\n+ infra/\n"
        );
    }

    #[test]
    fn what_is_filled_did_not_go_and_what_is_emptied_did_not_either() {
        assert_eq!(change(&["a/"], &["a/", "a/b/", "a/b/c"]), "+ a/b/c\n");
        assert_eq!(change(&["a/", "a/b/", "a/b/c"], &["a/"]), "- a/b/c\n+ a/\n");
        assert_eq!(change(&["a/", "a/b/", "a/b/c"], &[]), "- a/b/c\n");
        assert_eq!(change(&["a/", "ab"], &["ab"]), "- a/\n");
    }

    #[test]
    fn a_file_that_is_lost_on_the_way_shows() {
        assert_eq!(
            change(&["a", "b", "c"], &["infra/a", "infra/c"]),
            "moved below infra/:\n> {a, c}\n- b\n"
        );
        assert_eq!(
            change(&["a", "b"], &["infra/a", "infra/b", "other/b"]),
            "moved below infra/:\n> {a, b}\n+ other/b\n"
        );
    }

    #[test]
    fn files_of_one_name_are_counted() {
        assert_eq!(
            change(&["a", "a", "a", "b"], &["infra/a", "infra/a", "infra/b"]),
            "moved below infra/:\n> {a 2 times, b}\n- a\n"
        );
        assert_eq!(
            change(&["a", "b"], &["infra/a", "infra/a", "infra/a", "infra/b"]),
            "moved below infra/:\n> {a, b}\n+ infra/a 2 times\n"
        );
    }

    #[test]
    fn one_path_alone_and_a_longer_name_are_no_move() {
        assert_eq!(change(&["a"], &["infra/a"]), "- a\n+ infra/a\n");
        assert_eq!(change(&["a", "b"], &["xa", "xb"]), "- {a, b}\n+ {xa, xb}\n");
    }

    #[test]
    fn moves_to_two_directories_are_told_apart() {
        assert_eq!(
            change(
                &["a", "b", "c", "d", "e"],
                &["x/a", "x/b", "y/c", "y/d", "y/e"]
            ),
            "moved below y/:\n> {c, d, e}\nmoved below x/:\n> {a, b}\n"
        );
    }
}
