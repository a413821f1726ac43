//! `docs/coverage.md`: which of swamp's commands and options the scenarios call, and how. It comes
//! from the commands of a real swamp, from the list of those that touch no datastore, and from the
//! ledger of a whole run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use crate::commands::Tree;
use crate::error::BadInput;
use crate::kind::Kind;
use crate::render::transcript::{Command, End, Line};
use crate::report::ledger::{Call, Entry, Seen};

/// Where it is said which commands touch no datastore, below the root of the workspace.
pub const EXCLUDED: &str = "commands/excluded.txt";

/// What a command exits with that the parser of the command line refused: it did not run.
const REFUSED: i32 = 2;

const HEAD: &str = "# The commands that the scenarios call

`cargo uat coverage` writes this file, and the gate checks it with `--check`. It comes from
`commands/tree.txt`, which is what the help of a real swamp says, from `commands/excluded.txt`, which
people write, and from the ledger of a whole run.

";

const OF_ROWS: &str = "
Solo is a call in a repo without a namespace, or in no repo. What a command said is shown in a golden, or
asserted by the scenario; one that only set the scene ran before the first checkpoint, or was killed. A
call that the parser of the command line refused does not count. The last column has the command's own
options that no scenario gives.

| command | scenarios | solo | namespaced | on | never given |
| --- | --- | --- | --- | --- | --- |
";

const OF_UNCALLED: &str = "
## What no scenario calls

";

const OF_EXCLUDED: &str = "
## What touches no datastore

| | because |
| --- | --- |
";

/// The ways in which a trial called commands, by its transcript.
pub(crate) fn calls(transcript: &[Line]) -> Vec<Call> {
    let is_look = |line: &Line| matches!(line, Line::Look(_));
    let scene = transcript.iter().position(is_look).unwrap_or_default();
    let lines = transcript.iter().enumerate();
    let calls = lines.filter_map(|(at, line)| match line {
        Line::Command(command) => call(command, at < scene),
        Line::Did(_) | Line::Look(_) => None,
    });
    calls.collect::<BTreeSet<Call>>().into_iter().collect()
}

fn call(command: &Command, sets_the_scene: bool) -> Option<Call> {
    let seen = match &command.end {
        End::Open | End::Asserted(REFUSED) => return None,
        End::Shown(output) | End::Heard(output) if output.code == REFUSED => return None,
        End::Twin(twin) if twin.output.code == REFUSED => return None,
        End::Shown(_) => Seen::Shown,
        End::Twin(twin) if twin.shown => Seen::Shown,
        End::Killed => Seen::Scene,
        End::Asserted(_) | End::Heard(_) | End::Twin(_) if sets_the_scene => Seen::Scene,
        End::Asserted(_) | End::Heard(_) | End::Twin(_) => Seen::Asserted,
    };
    let (name, options) = Tree::of_swamp().called(&command.args)?;
    Some(Call {
        command: name.to_owned(),
        options: options.into_iter().map(str::to_owned).collect(),
        namespaced: command.namespaced,
        seen,
    })
}

/// Checks that the ledger at `place` is of a whole run of the trials of those names, and of a suite
/// that took down what it called.
///
/// # Errors
/// It is not.
pub fn check_whole(entries: &[Entry], trials: &[String], place: &Path) -> Result<(), BadInput> {
    let bad = |found: String| {
        let tried = format!("the ledger {} must be of a whole run", place.display());
        Err(BadInput::new(
            tried,
            found,
            "run `cargo uat`, and then this again",
        ))
    };
    let ended: BTreeSet<&str> = entries.iter().map(|entry| entry.trial.as_str()).collect();
    let all: BTreeSet<&str> = trials.iter().map(String::as_str).collect();
    if let Some(lacking) = all.difference(&ended).next() {
        let lack = all.difference(&ended).count();
        return bad(format!(
            "it lacks {lack} of {} trials, such as {lacking}",
            all.len()
        ));
    }
    if let Some(strange) = ended.difference(&all).next() {
        return bad(format!("the suite has no trial {strange}"));
    }
    if entries.iter().all(|entry| entry.calls.is_empty()) {
        return bad("it does not say which commands were called".to_owned());
    }
    Ok(())
}

/// What touches no datastore: names of commands, of groups (`serve *`) and of options that many
/// commands have, with the reason.
#[derive(Debug)]
pub struct Excluded(Vec<(Vec<String>, String)>);

impl Excluded {
    /// What is checked in.
    pub fn of_swamp() -> Self {
        Self::parse(include_str!("../../commands/excluded.txt"))
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let split = lines.map(|line| line.split_once(": ").unwrap_or((line, "")));
        let names = |names: &str| names.split(", ").map(str::to_owned).collect();
        Self(
            split
                .map(|(left, why)| (names(left), why.to_owned()))
                .collect(),
        )
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|(names, _)| names)
            .map(String::as_str)
    }

    /// Whether a command or an option is excluded.
    fn has(&self, name: &str) -> bool {
        self.names().any(|line| is_named(line, name))
    }
}

/// Whether what stands in the list names this command or option.
fn is_named(by: &str, name: &str) -> bool {
    match by.strip_suffix('*') {
        Some(group) => name.starts_with(group),
        None => by == name,
    }
}

/// How a command was called.
#[derive(Debug, Default)]
struct Called<'a> {
    scenarios: BTreeSet<u32>,
    /// What became of what it said, at best: in a solo repo, and in a namespaced one.
    seen: [Option<Seen>; 2],
    backends: BTreeSet<&'a str>,
    options: BTreeSet<&'a str>,
}

/// The commands that trials called.
fn called(entries: &[Entry]) -> BTreeMap<&str, Called<'_>> {
    let mut all: BTreeMap<&str, Called<'_>> = BTreeMap::new();
    for entry in entries {
        for call in &entry.calls {
            let called = all.entry(&call.command).or_default();
            called.scenarios.insert(entry.scenario);
            called.backends.insert(&entry.backend);
            called
                .options
                .extend(call.options.iter().map(String::as_str));
            let best = &mut called.seen[usize::from(call.namespaced)];
            *best = (*best).max(Some(call.seen));
        }
    }
    all
}

/// Checks what people wrote against the commands that there are, and against those that were called.
///
/// # Errors
/// A line has no reason, or names nothing that there is; something is named twice; something is called
/// that is said to touch no datastore.
pub fn check_excluded(excluded: &Excluded, tree: &Tree, entries: &[Entry]) -> Result<(), BadInput> {
    let known: BTreeSet<&str> = tree
        .commands()
        .flat_map(|(command, options)| options.into_iter().chain([command]))
        .collect();
    let mut wrong = Vec::new();
    for (names, why) in &excluded.0 {
        if why.is_empty() {
            wrong.push(format!("{}: there is no reason", names.join(", ")));
        }
        for name in names {
            if !known.iter().any(|known| is_named(name, known)) {
                wrong.push(format!("{name}: swamp has no such command or option"));
            }
        }
    }
    for name in &known {
        if excluded.names().filter(|line| is_named(line, name)).count() > 1 {
            wrong.push(format!("{name}: it is named twice"));
        }
    }
    let mut used: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (command, called) in called(entries) {
        let name = |name: &str| match name.starts_with('-') {
            true => format!("{command} {name}"),
            false => name.to_owned(),
        };
        let names = called.options.iter().copied().chain([command]);
        for excluded in names.filter(|name| excluded.has(name)) {
            used.insert(name(excluded), called.scenarios.clone());
        }
    }
    wrong.extend(used.iter().map(|(name, scenarios)| {
        let scenarios = folded(scenarios);
        format!("{name}: it is said to touch no datastore, and is called in {scenarios}")
    }));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(BadInput::new(
        format!("{EXCLUDED} says what touches no datastore, and need not be called"),
        wrong.join("\n"),
        format!("correct those lines of {EXCLUDED}, and run this again"),
    ))
}

/// Numbers for people: `1-3, 5, +12`, where the last says how many more there are.
fn folded(numbers: &BTreeSet<u32>) -> String {
    /// As many fit into a row.
    const SHOWN: usize = 6;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let more: u32 = ranges.iter().skip(SHOWN).map(|(a, b)| b - a + 1).sum();
    let told = ranges.iter().take(SHOWN).map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    let more = (more > 0).then(|| format!("+{more}"));
    told.chain(more).collect::<Vec<_>>().join(", ")
}

fn told(seen: Option<Seen>) -> &'static str {
    match seen {
        None => "",
        Some(Seen::Scene) => "scene",
        Some(Seen::Asserted) => "asserted",
        Some(Seen::Shown) => "shown",
    }
}

/// Names as code.
fn coded<'a>(names: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let names = names.into_iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(between)
}

/// The document, for what swamp has, what touches no datastore, and the ledger of a run.
pub fn render(tree: &Tree, excluded: &Excluded, entries: &[Entry]) -> String {
    let all = called(entries);
    let (mut rows, mut uncalled) = (String::new(), String::new());
    let (mut options_of_all, mut options_given) = (0, 0);
    let (mut commands, mut covered, mut in_namespaces) = (0, 0, 0);
    for (command, mut options) in tree
        .commands()
        .filter(|(command, _)| !excluded.has(command))
    {
        options.retain(|option| !excluded.has(option));
        commands += 1;
        options_of_all += options.len();
        let Some(called) = all.get(command) else {
            let _ = writeln!(uncalled, "- `{command}`");
            continue;
        };
        let never = options.difference(&called.options).copied();
        let backends = Kind::ALL.into_iter().map(Kind::name);
        let backends = backends.filter(|name| called.backends.contains(name));
        let [solo, namespaced] = called.seen;
        covered += 1;
        in_namespaces += usize::from(namespaced == Some(Seen::Shown));
        options_given += options.intersection(&called.options).count();
        let _ = writeln!(
            rows,
            "| `{command}` | {} | {} | {} | {} | {} |",
            folded(&called.scenarios),
            told(solo),
            told(namespaced),
            backends.collect::<Vec<_>>().join(", "),
            coded(never, " "),
        );
    }
    let mut text = HEAD.to_owned();
    let _ = writeln!(
        text,
        "Of {commands} commands that touch a datastore, {covered} are called; {in_namespaces} are shown \
         in a namespaced repo.\nOf their {options_of_all} own options, {options_given} are given."
    );
    text.push_str(OF_ROWS);
    text.push_str(&rows);
    text.push_str(OF_UNCALLED);
    text.push_str(&uncalled);
    text.push_str(OF_EXCLUDED);
    for (names, why) in &excluded.0 {
        let names = coded(names.iter().map(String::as_str), ", ");
        let _ = writeln!(text, "| {names} | {why} |");
    }
    text
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
