//! Causes: where one change of swamp shows in many goldens, it is told once.
//!
//! A drift is cut into edits, and edits that say the same under other names are alike. Edits that
//! show in the same trials, and only there, have one cause. What a command left behind, or said,
//! that nothing speaks of is cut in the same way: each fault of it is an edit without a surface.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use similar::{DiffOp, TextDiff};

use crate::digest;
use crate::render::difference;
use crate::report::ledger::{Edit, Entry};
use crate::secret;

/// What several edits have in common.
#[derive(Debug)]
pub(crate) struct Cause<'a> {
    /// Its edits in the trial where it shows with the least beside it, each once.
    pub example: Vec<&'a Edit>,
    /// What its edits have in `alike`: an edit with one of these is of this cause, and of no other.
    pub alike: BTreeSet<&'a str>,
    /// How many edits go with it in other trials, and not in that one.
    pub more: usize,
    /// The trials that it shows in: the one of the example, and the others in the order of their
    /// scenarios.
    pub entries: Vec<&'a Entry>,
    /// How many edits it has in all of them.
    pub places: usize,
    /// What all of its edits stand under, where that is one command: its first words.
    pub command: Option<String>,
}

/// Stands for the surface where there is none: of a fault that the harness found by itself.
pub(crate) const FAULT: &str = "fault";

/// A longer line is shown up to here.
const WIDTH: usize = 500;

/// How alike two lines have to be for one to have come for the other; 1 for equal ones.
const AKIN: f32 = 0.5;

/// The edits between a golden and what is there now. `names` are those of the trial: of its repos,
/// datastores, models and workflows. Secrets are hidden.
pub(crate) fn edits(surface: &str, golden: &str, now: &str, names: &BTreeSet<&str>) -> Vec<Edit> {
    // As goldens are compared: what is after the last character does not count.
    let [golden, now] = [golden, now].map(|text| format!("{}\n", text.trim_end()));
    let diff = difference::lines(&golden, &now);
    let ops = diff.ops();
    let mut edits = Vec::new();
    let mut renumbered = Renumbered {
        by_first_mention: [&golden, &now]
            .into_iter()
            .all(|text| is_numbered_by_first_mention(text)),
        ..Renumbered::default()
    };
    let (mut heads, mut seen) = ([Head::default(), Head::default()], [0, 0]);
    let places = ops.split(|op| matches!(op, DiffOp::Equal { .. }));
    for (place, ops) in places.filter(|ops| !ops.is_empty()).enumerate() {
        // Between two equal parts there is at most one range of each text.
        let old = ops[0].old_range().start..ops[ops.len() - 1].old_range().end;
        let new = ops[0].new_range().start..ops[ops.len() - 1].new_range().end;
        let before = (seen[0]..old.start).filter_map(|at| diff.old_slice(at));
        before.for_each(|line| heads[0].see(surface, line));
        let before = (seen[1]..new.start).filter_map(|at| diff.new_slice(at));
        before.for_each(|line| heads[1].see(surface, line));
        seen = [old.end, new.end];
        let pairs = pairs(&diff, old, new);
        for at in 0..pairs.len() {
            let (went, came) = pairs[at];
            for (head, line) in heads.iter_mut().zip([went, came]) {
                line.into_iter().for_each(|line| head.see(surface, line));
            }
            renumbered.see(edits.len(), went, came);
            let (with_went, with_came) = pairs[belongs_to(&pairs, at)];
            let alike = alike(with_went, with_came, names);
            let shown = |line: &str| -> String {
                secret::hide(line.trim_end_matches(['\n', '\r']))
                    .chars()
                    .take(WIDTH)
                    .collect()
            };
            // What is a head itself stands under nothing.
            let head = &heads[usize::from(came.is_some())];
            let is_one = came.or(went).is_some_and(|line| Head::is(surface, line));
            edits.push(Edit {
                surface: surface.to_owned(),
                place,
                went: went.map(shown),
                came: came.map(shown),
                alike,
                head: head.told().filter(|_| !is_one).map(|head| shown(&head)),
            });
        }
    }
    for op in ops {
        if matches!(op, DiffOp::Equal { .. }) {
            let same = op.old_range().filter_map(|at| diff.old_slice(at));
            same.for_each(|line| renumbered.stays(line));
        }
    }
    renumbered.settle(&mut edits);
    edits
}

/// Under which command a line of a transcript stands, and under which checkpoint and part of it a line
/// of another surface.
#[derive(Default)]
struct Head {
    first: Option<String>,
    part: Option<String>,
}

impl Head {
    fn is(surface: &str, line: &str) -> bool {
        is_head(line) || Self::is_part(surface, line)
    }

    fn is_part(surface: &str, line: &str) -> bool {
        let line = line.trim_end();
        surface != "cli" && line.starts_with('[') && line.ends_with(']')
    }

    fn see(&mut self, surface: &str, line: &str) {
        let told = Some(line.trim_end().to_owned());
        if is_head(line) {
            *self = Self {
                first: told,
                part: None,
            };
        } else if Self::is_part(surface, line) {
            self.part = told;
        }
    }

    fn told(&self) -> Option<String> {
        let both: Vec<&str> = [&self.first, &self.part]
            .into_iter()
            .filter_map(|it| it.as_deref())
            .collect();
        (!both.is_empty()).then(|| both.join(" "))
    }
}

/// Whether a line of a surface says of which command, or of which checkpoint, the next ones are.
pub(super) fn is_head(line: &str) -> bool {
    line.starts_with("$ ") || line.starts_with("== ")
}

/// Whether a line of a difference says what changed, by more than that a stream ended or was empty, or
/// how a command ended.
pub(super) fn tells(line: &str) -> bool {
    let line = line.trim_start_matches(['+', '-']).trim();
    !is_head(line) && says(line) && !line.starts_with("[exit ")
}

/// Whether anything stands in a line but brackets and the frame of a stream.
fn says(line: &str) -> bool {
    !["[EOF]", "[stderr]"].contains(&line.trim()) && line.contains(char::is_alphanumeric)
}

/// Ids are numbered in the order in which they are met: one that is met earlier, or no more, gives other
/// numbers to all behind it. Such a line belongs to what came or went before it.
#[derive(Default)]
struct Renumbered {
    /// Which edits are nothing but other numbers.
    edits: BTreeSet<usize>,
    /// The number that went, with the one that came for it, of each kind.
    numbers: BTreeMap<String, BTreeSet<(u64, u64)>>,
    /// Whether each text numbers the ids in the order in which it mentions them first.
    by_first_mention: bool,
}

fn is_one_to_one(numbers: &BTreeSet<(u64, u64)>) -> bool {
    let came: BTreeSet<u64> = numbers.iter().map(|it| it.1).collect();
    came.len() == numbers.len()
}

/// Whether the ids of each kind have ascending numbers where the text mentions them first.
fn is_numbered_by_first_mention(text: &str) -> bool {
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut known = BTreeSet::new();
    numbers(text).into_iter().all(|(kind, number)| {
        !known.insert((kind, number))
            || last
                .insert(kind, number)
                .is_none_or(|before| before < number)
    })
}

impl Renumbered {
    fn see(&mut self, at: usize, went: Option<&str>, came: Option<&str>) {
        let (Some(went), Some(came)) = (went, came) else {
            return;
        };
        let [were, are] = [went, came].map(numbers);
        let [went, came] = [went, came].map(|line| NUMBERED.replace_all(line, "<$1#>"));
        if went != came || were == are {
            return;
        }
        self.edits.insert(at);
        self.keep(were, are);
    }

    fn stays(&mut self, line: &str) {
        let same = numbers(line);
        self.keep(same.clone(), same);
    }

    fn keep(&mut self, were: Vec<(&str, u64)>, are: Vec<(&str, u64)>) {
        for ((kind, was), (_, is)) in were.into_iter().zip(are) {
            let kind = self.numbers.entry(kind.to_owned()).or_default();
            kind.insert((was, is));
        }
    }

    /// Whether each number has one that came for it, and no other. They are in the same order; else both
    /// texts number them in the order of their first mention, so that no id stands in the place of another.
    fn are_the_same_ids(&self) -> bool {
        self.numbers.values().all(|numbers| {
            let next = numbers.iter().skip(1);
            let mut pairs = numbers.iter().zip(next);
            pairs.clone().all(|(one, other)| one.0 < other.0)
                && (pairs.all(|(one, other)| one.1 < other.1)
                    || self.by_first_mention && is_one_to_one(numbers))
        })
    }

    fn settle(&self, edits: &mut [Edit]) {
        // Nothing moves numbers by itself.
        let Some(mut by) = (0..edits.len()).find(|at| !self.edits.contains(at)) else {
            return;
        };
        if !self.are_the_same_ids() {
            return;
        }
        for at in 0..edits.len() {
            if self.edits.contains(&at) {
                edits[at].alike = edits[by].alike.clone();
            } else {
                by = at;
            }
        }
    }
}

fn is_renumbered(edit: &Edit) -> bool {
    let [went, came] = [&edit.went, &edit.came].map(|line| {
        let line = line.as_deref()?;
        Some(NUMBERED.replace_all(line, "<$1#>"))
    });
    went.is_some() && went == came
}

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that every drift uses: it cannot fail later.
    Regex::new(r"<([a-z-]+)#([0-9]+)>").expect("the pattern compiles")
});

/// The numbers of what stands for an id in a line, each with its kind.
fn numbers(line: &str) -> Vec<(&str, u64)> {
    let found = NUMBERED.captures_iter(line);
    let each = found.map(|it| {
        let (_, [kind, number]) = it.extract();
        (kind, number.parse().unwrap_or_default())
    });
    each.collect()
}

/// The faults in what was found of a trial, each kind once: `root` is the root of its sandbox, and
/// `roles` say which id is whose.
pub(crate) fn faults(
    root: &Path,
    found: &[String],
    roles: &[(String, String)],
    names: &BTreeSet<&str>,
) -> Vec<Edit> {
    static NO_MATTER: LazyLock<Regex> = LazyLock::new(|| {
        // A constant that every fault uses: it cannot fail later.
        Regex::new(
            r#"(?x) (?<field> field\ `[^`]*` ) | `[^`]*` | "[^"]*" | [^\s/]+ \.(yaml|json) \b
            | [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} | \b[0-9]+\b"#,
        )
        .expect("the pattern compiles")
    });
    let below_root = format!("{}/", root.display());
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for line in found.iter().flat_map(|text| facts(text)) {
        let mut line = secret::hide(line).replace(&below_root, "");
        for (id, role) in roles {
            line = line.replace(id, &format!("<{role}>"));
        }
        let words = reason(&line, names).split(' ').map(|word| {
            let path = TreePath::of(word, names);
            path.map_or_else(|| word.to_owned(), |path| path.top)
        });
        let words = words.collect::<Vec<_>>().join(" ");
        let words = NO_MATTER.replace_all(&words, |found: &Captures<'_>| {
            let field = found.name("field").map(|it| it.as_str());
            let field = field.filter(|it| !is_id(it));
            field.unwrap_or("…").to_owned()
        });
        let alike = alike(None, Some(&words), names);
        if known.insert(alike.clone()) {
            faults.push(Edit {
                surface: FAULT.to_owned(),
                place: faults.len(),
                went: None,
                came: Some(line.chars().take(WIDTH).collect()),
                alike,
                head: None,
            });
        }
    }
    faults
}

/// What a fault says of a file or a reply, without which one it is: a field that is missing is the same
/// fault wherever it is. Where it names no field, the kind of file matters.
fn reason<'a>(fault: &'a str, names: &BTreeSet<&str>) -> &'a str {
    let (fault, _) = fault.split_once(", as swamp_uat::").unwrap_or((fault, ""));
    let (_, said) = fault
        .split_once("is not of its form: ")
        .unwrap_or(("", fault));
    let Some((place, rest)) = said.split_once(": ") else {
        return said;
    };
    let is_path = |word: &str| TreePath::of(word, names).is_some();
    match place.rsplit(' ').next() {
        Some(path) if is_path(path) && rest.contains("field `") => rest,
        // Who did what to it says nothing of what is wrong with it.
        Some(path) if is_path(path) => &said[place.len() - path.len()..],
        _ => said,
    }
}

/// Whether an id is in it.
fn is_id(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .any(|word| word.len() == 36 && word.matches('-').count() == 4)
}

/// The lines of `text` that say what is wrong: below a head that ends with a colon, those that are
/// indented once; deeper ones show what was found.
fn facts(text: &str) -> Vec<&str> {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    if !head.ends_with(':') {
        return vec![head];
    }
    let facts = rest.lines().filter_map(|line| line.strip_prefix("  "));
    let facts: Vec<&str> = facts.filter(|line| !line.starts_with(' ')).collect();
    if facts.is_empty() { vec![head] } else { facts }
}

type Pair<'a> = (Option<&'a str>, Option<&'a str>);

/// The lines of one place, those that came with those that they came for. Their order stays.
fn pairs<'a>(
    diff: &'a TextDiff<'a, 'a, str>,
    old: Range<usize>,
    new: Range<usize>,
) -> Vec<Pair<'a>> {
    let slices = |range: Range<usize>, line: &dyn Fn(usize) -> Option<&'a str>| -> Vec<&'a str> {
        range.filter_map(line).collect()
    };
    let went = slices(old, &|at| diff.old_slice(at));
    let came = slices(new, &|at| diff.new_slice(at));
    if went.len() == came.len() {
        return went
            .into_iter()
            .map(Some)
            .zip(came.into_iter().map(Some))
            .collect();
    }
    // A long list is not a line for a line, and comparing all with all would take too long.
    const SEARCHED: usize = 40;
    let mut found = Vec::new();
    let mut rest = came.as_slice();
    for line in went {
        let akin =
            |other: &&str| TextDiff::from_words(line.trim_end(), other.trim_end()).ratio() >= AKIN;
        match rest.iter().take(SEARCHED).position(akin) {
            None => found.push((Some(line), None)),
            Some(at) => {
                found.extend(rest[..at].iter().map(|other| (None, Some(*other))));
                found.push((Some(line), Some(rest[at])));
                rest = &rest[at + 1..];
            }
        }
    }
    found.extend(rest.iter().map(|other| (None, Some(*other))));
    found
}

/// A line without its indentation and the comma at its end: where it stands in a document is no
/// matter.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',')
}

/// A bracket or a blank line that went, or came, belongs to the line before it that did and says
/// more, or to the one after it. A line that only got a comma belongs to what came behind it.
fn belongs_to(pairs: &[Pair<'_>], at: usize) -> usize {
    let stays = |(went, came): Pair<'_>| went.is_some() && went.map(bare) == came.map(bare);
    if stays(pairs[at]) {
        let changes = |other: &usize| !stays(pairs[*other]);
        let behind = (at..pairs.len()).find(changes);
        let by = behind.or_else(|| (0..at).rev().find(changes));
        return by.map_or(at, |by| belongs_to(pairs, by));
    }
    let says = |line: Option<&str>| line.is_some_and(says);
    let same = |other: &usize| {
        let (went, came) = pairs[*other];
        (went.is_some(), came.is_some()) == (pairs[at].0.is_some(), pairs[at].1.is_some())
            && (says(went) || says(came))
    };
    let (went, came) = pairs[at];
    if says(went) || says(came) {
        return at;
    }
    let before = (0..at).rev().find(same);
    before
        .or_else(|| (at..pairs.len()).find(same))
        .unwrap_or(at)
}

/// Names and what stands for an id get the number of their first mention: another name in the same
/// place is alike, one name in the place of another is not.
///
/// Where nothing but paths differ, it is the same change wherever they lie and whatever line they
/// stand in.
fn alike(went: Option<&str>, came: Option<&str>, names: &BTreeSet<&str>) -> String {
    let kinds = went.zip(came).and_then(|(went, came)| {
        let moves = moves(went, came, names).map(|moves| {
            // A file is named by an id, whether the scene knows whose it is or not.
            let masked = |(went, came): (String, String)| {
                masked_pair(Some(&any_id(&went)), Some(&any_id(&came)), names)
            };
            moves.into_iter().map(masked).collect()
        });
        moves.or_else(|| other_kinds(went, came, names))
    });
    digest::short(kinds.map_or_else(
        || masked_pair(went, came, names),
        |kinds: BTreeSet<String>| kinds.into_iter().collect::<Vec<_>>().join("\n"),
    ))
}

fn any_id(path: &str) -> String {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        // A constant that every drift uses: it cannot fail later.
        Regex::new(r"<(id#|model:|repo:|workflow:)([^<>\s]+)>").expect("the pattern compiles")
    });
    ID.replace_all(path, "<id#$2>").into_owned()
}

/// What stands for one kind of thing where another kind stood, such as a name for an id, whatever line
/// it is in; none where anything else differs.
fn other_kinds(went: &str, came: &str, names: &BTreeSet<&str>) -> Option<BTreeSet<String>> {
    let [went_words, came_words] = [went, came]
        .map(|line| -> Vec<&str> { WORD.find_iter(bare(line)).map(|it| it.as_str()).collect() });
    let [went_rest, came_rest] = [went, came].map(|line| WORD.replace_all(bare(line), "…"));
    if went_words.len() != came_words.len() || went_rest != came_rest {
        return None;
    }
    let kind = |word: &str| match word.starts_with('<') || names.contains(word) {
        true => kind(word).to_owned(),
        false => word.to_owned(),
    };
    let stands_for = |word: &str| word.starts_with('<');
    let mut others = BTreeSet::new();
    for (went, came) in went_words.into_iter().zip(came_words) {
        if went == came {
            continue;
        }
        if kind(went) == kind(came) || !(stands_for(went) || stands_for(came)) {
            return None;
        }
        others.insert(format!("{} for {}", kind(came), kind(went)));
    }
    (!others.is_empty()).then_some(others)
}

static WORD: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that every drift uses: it cannot fail later.
    Regex::new(r"<[^<>\s]+>|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*").expect("the pattern compiles")
});

fn masked_pair(went: Option<&str>, came: Option<&str>, names: &BTreeSet<&str>) -> String {
    let mut known: Vec<String> = Vec::new();
    let mut masked = |line: &str| {
        let masked = WORD.replace_all(bare(line), |found: &Captures<'_>| {
            let word = &found[0];
            if !word.starts_with('<') && !names.contains(word) {
                return word.to_owned();
            }
            let at = known.iter().position(|it| it == word).unwrap_or_else(|| {
                known.push(word.to_owned());
                known.len() - 1
            });
            format!("<{}{at}>", kind(word))
        });
        masked.into_owned()
    };
    let went = went.map_or_else(
        || "nothing".to_owned(),
        |line| format!("- {}", masked(line)),
    );
    let came = came.map_or_else(
        || "nothing".to_owned(),
        |line| format!("+ {}", masked(line)),
    );
    format!("{went}\n{came}")
}

/// The directories that swamp itself names, wherever a datastore or a repo lies.
const TOPS: [&str; 13] = [
    "audit",
    "auto-definitions",
    "data",
    "definitions-evaluated",
    "files",
    "logs",
    "models",
    "outputs",
    "vault-bundles",
    "vaults",
    "workflow-runs",
    "workflows",
    "workflows-evaluated",
];

/// A path in a line, below what is the trial's own: the directories of its datastores and namespaces.
struct TreePath {
    /// The first of its parts that swamp itself names, such as `definitions-evaluated`.
    top: String,
    /// All its parts.
    parts: Vec<String>,
}

impl TreePath {
    fn of(word: &str, names: &BTreeSet<&str>) -> Option<Self> {
        let path = word.trim_matches(['"', ',', ':', '\'']);
        // A token is one part, whatever stands in it.
        let mut depth = 0;
        let parts = path.split(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            c == '/' && depth == 0
        });
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        let is_own =
            |part: &str| part.is_empty() || part.starts_with(['<', '.']) || names.contains(part);
        // A datastore that the scene has no name for is told by what swamp puts into it.
        let known = parts.iter().find(|part| TOPS.contains(&part.as_str()));
        let top = known.or_else(|| parts.iter().find(|part| !is_own(part)))?;
        let top = top.clone();
        (parts.len() > 1).then_some(Self { top, parts })
    }

    /// Its parts from the top on, without what it lies in.
    fn below_top(&self) -> String {
        let parts = self.parts.iter().skip_while(|part| **part != self.top);
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        parts.join("/")
    }

    /// What of it differs from another path, behind the directory that both lie in.
    fn unlike(&self, other: &Self) -> String {
        let same = |(one, two): &(&String, &String)| one == two;
        let ahead = self.parts.iter().zip(&other.parts).take_while(same).count();
        let shorter = self.parts.len().min(other.parts.len());
        let behind = self.parts.iter().rev().zip(other.parts.iter().rev());
        let behind = behind.take(shorter - ahead).take_while(same).count();
        let parts = self.parts[ahead..self.parts.len() - behind].join("/");
        format!("{} {parts}", self.top)
    }
}

/// What differs in the paths of two lines, a path for a path, or paths that one of them has beside
/// those of the other; none where anything else does.
fn moves(went: &str, came: &str, names: &BTreeSet<&str>) -> Option<Vec<(String, String)>> {
    let [mut went, mut came] = [went, came].map(words);
    let both: Vec<String> = went
        .iter()
        .filter(|it| came.contains(it))
        .cloned()
        .collect();
    for words in [&mut went, &mut came] {
        words.retain(|word| !both.contains(word));
    }
    if went.is_empty() != came.is_empty() {
        // A list of paths that has more of them now, or fewer.
        let whole = |words: &[String]| -> Option<Vec<String>> {
            let paths = words.iter().map(|word| TreePath::of(word, names));
            paths.map(|path| Some(path?.below_top())).collect()
        };
        let nothing = String::new;
        return match went.is_empty() {
            true => Some(
                whole(&came)?
                    .into_iter()
                    .map(|it| (nothing(), it))
                    .collect(),
            ),
            false => Some(
                whole(&went)?
                    .into_iter()
                    .map(|it| (it, nothing()))
                    .collect(),
            ),
        };
    }
    if went.len() != came.len() || went.is_empty() {
        return None;
    }
    let pairs = went.iter().zip(&came).map(|(went, came)| {
        let (went, came) = (TreePath::of(went, names)?, TreePath::of(came, names)?);
        (went.top == came.top).then(|| (went.unlike(&came), came.unlike(&went)))
    });
    pairs.collect()
}

/// The words of a line, each path in braces by itself: `a/{b, c}` is `a/b` and `a/c`.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    // The directories of the braces that are open, and the word so far.
    let (mut above, mut word): (Vec<String>, String) = (Vec::new(), String::new());
    // The last word may end with the line.
    for c in line.chars().chain(['\n']) {
        if c == '{' && (word.ends_with('/') || word.is_empty()) {
            above.push(std::mem::take(&mut word));
            continue;
        }
        let closes = c == '}' && !above.is_empty();
        if !(closes || c == ',' && !above.is_empty() || c.is_whitespace()) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(above.concat() + &std::mem::take(&mut word));
        }
        if closes {
            above.pop();
        }
    }
    words
}

/// What a token stands for: `<repo:first>` for a repo, and `<id#3>` for an id. A name stands for
/// itself.
fn kind(word: &str) -> &str {
    let inner = word.trim_matches(['<', '>']);
    if inner.len() == word.len() {
        return "name";
    }
    inner.split([':', '#']).next().unwrap_or(inner)
}

/// The place of an edit: the index of its trial, its surface, and its place there.
type Place<'a> = (usize, &'a str, usize);

/// The causes of all drifts, those first that show in most trials.
pub(crate) fn causes(entries: &[Entry]) -> Vec<Cause<'_>> {
    grouped(entries, true)
}

/// The same where each kind of edit is told by itself, also one that never shows without another.
pub(crate) fn kinds(entries: &[Entry]) -> Vec<Cause<'_>> {
    grouped(entries, false)
}

fn grouped(entries: &[Entry], by_trials: bool) -> Vec<Cause<'_>> {
    let mut entries: Vec<&Entry> = entries.iter().filter(|it| !it.edits.is_empty()).collect();
    entries.sort_by_key(|entry| (entry.scenario, &entry.backend, &entry.trial));
    let mut places: BTreeMap<&str, BTreeSet<Place<'_>>> = BTreeMap::new();
    let mut one_sided = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate() {
        for edit in &entry.edits {
            let here = (at, edit.surface.as_str(), edit.place);
            places.entry(&edit.alike).or_default().insert(here);
            if edit.went.is_none() || edit.came.is_none() {
                one_sided.insert(edit.alike.as_str());
            }
        }
    }
    // By the trials that they show in: edits that always show together have one cause.
    let mut groups: BTreeMap<(BTreeSet<usize>, Option<&str>), BTreeSet<&str>> = BTreeMap::new();
    for alike in places.keys() {
        let leader = match by_trials {
            true => leader(alike, &places, &one_sided),
            false => alike,
        };
        let trials = places[leader].iter().map(|(at, ..)| *at).collect();
        let kind = (!by_trials).then_some(leader);
        let group = groups.entry((trials, kind)).or_default();
        group.insert(alike);
    }
    let causes = groups.into_iter().map(|((trials, _), alike)| {
        let of_cause = |at: &usize| -> Vec<&Edit> {
            let mut told = BTreeSet::new();
            let edits = entries[*at].edits.iter();
            let edits = edits.filter(|edit| alike.contains(edit.alike.as_str()));
            let edits: Vec<&Edit> = edits
                .filter(|edit| told.insert((&edit.went, &edit.came)))
                .collect();
            // Numbers that moved with a line say less than that line.
            let others = edits.iter().filter(|edit| !is_renumbered(edit));
            let others: BTreeSet<&str> = others.map(|edit| edit.alike.as_str()).collect();
            let moved = |edit: &&Edit| is_renumbered(edit) && others.contains(edit.alike.as_str());
            edits.into_iter().filter(|edit| !moved(edit)).collect()
        };
        // Where it shows by itself, as far as it does anywhere; the first of several.
        let example = trials.iter().min_by_key(|at| {
            let edits = of_cause(at);
            let tells = edits.iter().any(|edit| lines_of(edit).any(tells));
            (!tells, edits.len())
        });
        let rest = trials.iter().filter(|at| Some(*at) != example);
        let shown = example.map(of_cause).unwrap_or_default();
        let said: BTreeSet<&str> = shown.iter().map(|edit| edit.alike.as_str()).collect();
        let all = trials.iter().flat_map(|at| &entries[*at].edits);
        let all = all.filter(|edit| alike.contains(edit.alike.as_str()));
        Cause {
            command: command(all),
            entries: example
                .into_iter()
                .chain(rest)
                .map(|at| entries[*at])
                .collect(),
            more: alike.difference(&said).count(),
            example: shown,
            places: alike.iter().map(|alike| places[alike].len()).sum(),
            alike,
        }
    });
    // They come in the order of their first trials, and a stable sort keeps that.
    let mut causes: Vec<Cause<'_>> = causes.collect();
    causes.sort_by_key(|it| std::cmp::Reverse((it.entries.len(), it.places)));
    causes
}

fn lines_of(edit: &Edit) -> impl Iterator<Item = &str> {
    [&edit.went, &edit.came]
        .into_iter()
        .filter_map(|line| line.as_deref())
}

/// The first words of the command that all of these stand under; none where one stands under none.
fn command<'a>(edits: impl Iterator<Item = &'a Edit>) -> Option<String> {
    let mut common: Option<(Vec<&str>, bool)> = None;
    for edit in edits {
        let line = edit.head.as_deref().or(lines_of(edit).last())?;
        let line = line.strip_prefix("$ ")?;
        let line = line.split_once("  # ").map_or(line, |(line, _)| line);
        let words = || line.split(' ');
        common = Some(match common {
            None => (words().collect(), true),
            Some((first, is_whole)) => {
                let same = |(one, two): &(&&str, &str)| **one == *two;
                let ahead = first.iter().zip(words()).take_while(same).count();
                let is_whole = is_whole && ahead == first.len() && ahead == words().count();
                (first[..ahead].to_vec(), is_whole)
            }
        });
    }
    // The name of the program says nothing.
    let (words, is_whole) = common.filter(|(words, _)| words.len() > 1)?;
    let more = if is_whole { "" } else { " …" };
    Some(words.join(" ") + more)
}

/// The edit that another one belongs to. Lines that only went, or only came, belong to the most
/// frequent one that they are never found without. What came for another line stands for itself.
fn leader<'a>(
    alike: &'a str,
    places: &BTreeMap<&'a str, BTreeSet<Place<'_>>>,
    one_sided: &BTreeSet<&'a str>,
) -> &'a str {
    if !one_sided.contains(alike) {
        return alike;
    }
    let leads = |other: &&&str| places[alike].is_subset(&places[**other]);
    let leaders = one_sided.iter().filter(leads);
    // The last of the largest: of two that are never without each other it is the same one.
    let leader = leaders.max_by_key(|other| places[**other].len());
    leader.map_or(alike, |leader| leader)
}

impl Cause<'_> {
    /// Its example, as a difference.
    pub fn lines(&self) -> Vec<String> {
        self.written(false)
    }

    /// Its example, as a difference, each part under the command or the checkpoint that it is of.
    pub fn lines_under_heads(&self) -> Vec<String> {
        self.written(true)
    }

    fn written(&self, with_heads: bool) -> Vec<String> {
        let (mut lines, mut last) = (Vec::new(), None);
        for edit in &self.example {
            if with_heads && edit.head.is_some() && edit.head != *last.unwrap_or(&None) {
                lines.extend(edit.head.clone());
            }
            last = Some(&edit.head);
            if edit.surface == FAULT {
                lines.extend(edit.came.clone());
                continue;
            }
            lines.extend(edit.went.iter().map(|line| format!("-{line}")));
            lines.extend(edit.came.iter().map(|line| format!("+{line}")));
        }
        lines
    }
}

#[cfg(test)]
#[path = "causes_tests.rs"]
mod tests;
