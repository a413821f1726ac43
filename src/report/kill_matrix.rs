//! The kill matrix: which scenario notices which fault of the reference, and on which surface.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::report::ledger::{Entry, Status};

/// A fault, and what it does, in one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// One run of the suite with a fault switched on.
#[derive(Debug, Clone)]
pub struct Run {
    /// The fault.
    pub fault: Fault,
    /// How each trial ended.
    pub entries: Vec<Entry>,
}

impl Run {
    /// The scenarios that went red.
    pub fn caught_by(&self) -> BTreeSet<u32> {
        red(self).into_keys().collect()
    }
}

/// The run without the trials in which the system under test crashed: a crash is no kill. To be
/// called while the sandboxes of the run are there.
pub fn judged(mut run: Run) -> Run {
    run.entries.retain(|entry| !crashed(entry));
    run
}

/// What went red, by scenario: `c`, `t` and `b` for the surfaces, `e` for an expectation.
fn red(run: &Run) -> Row {
    let mut red = Row::new();
    for entry in &run.entries {
        let mut marks: BTreeSet<char> = entry
            .drifted
            .iter()
            .filter_map(|surface| surface.chars().next())
            .collect();
        if entry.status == Status::Failed {
            marks.insert('e');
        }
        if !marks.is_empty() {
            red.entry(entry.scenario).or_default().extend(marks);
        }
    }
    red
}

/// Whether the system under test crashed in the trial: by what failed, or by the transcript that
/// the trial left in its sandbox.
fn crashed(entry: &Entry) -> bool {
    let crash = "panicked at";
    let reason = entry.reason.as_deref().unwrap_or_default();
    let transcript = entry.sandbox.as_ref().map(|sandbox| {
        std::fs::read_to_string(Path::new(sandbox).join("notes/cli.raw.txt")).unwrap_or_default()
    });
    reason.contains(crash) || transcript.is_some_and(|text| text.contains(crash))
}

/// What is wrong with the faults: one that fewer than two scenarios notice, so that nobody would once
/// that one changes; a scenario that is red under each.
pub fn complaints(runs: &[Run]) -> Vec<String> {
    let reds: Vec<Row> = runs.iter().map(red).collect();
    let mut complaints: Vec<String> = runs
        .iter()
        .zip(&reds)
        .filter_map(|(run, red)| {
            let mut by = red.keys();
            let who = match (by.next(), by.next()) {
                (None, _) => "no scenario notices it".to_owned(),
                (Some(id), None) => format!("scenario {id} alone notices it"),
                _ => return None,
            };
            Some(format!("{}: {who}", run.fault.name))
        })
        .collect();
    if let Some((first, others)) = reds.split_first() {
        let always = first
            .keys()
            .filter(|id| others.iter().all(|red| red.contains_key(id)));
        complaints.extend(always.map(|id| format!("scenario {id} is red under every fault")));
    }
    complaints
}

/// What stands above the rows.
const HEAD: &str = "\
# Which scenario notices which fault

The reference can be given faults: regressions of the past, and those one would fear. Each row is a
run of the suite with one of them. It names the scenarios that went red, and where: on the surface
**c**li, **t**ree or **b**ucket, or by an **e**xpectation that stands in the scenario or in the
harness. The runs are on the filesystem and on S3, as GCS plays the same scenarios. A crash counts
for nothing.

`cargo uat kill-matrix` writes this file. With `--check` it switches each fault on again, runs the
scenarios of its row, and says what differs.

| fault | what it does | scenarios that go red |
| --- | --- | --- |
";

/// The matrix as Markdown. `scenarios` are the ids of the plan; those that notice nothing are
/// listed.
pub fn render(runs: &[Run], scenarios: &BTreeSet<u32>) -> String {
    let mut out = HEAD.to_owned();
    let mut catchers: BTreeSet<u32> = BTreeSet::new();
    for run in runs {
        let red = red(run);
        catchers.extend(red.keys());
        let cells: Vec<String> = red
            .iter()
            .map(|(id, marks)| format!("{id}\u{a0}{}", marks.iter().collect::<String>()))
            .collect();
        let (name, doc) = (run.fault.name, run.fault.doc);
        out.push_str(&format!("| `{name}` | {doc} | {} |\n", cells.join(", ")));
    }
    let idle: Vec<String> = scenarios
        .difference(&catchers)
        .map(u32::to_string)
        .collect();
    if !idle.is_empty() {
        out.push_str(&format!(
            "\nNo fault turns these red: {}.\n",
            idle.join(", ")
        ));
    }
    out
}

/// The scenarios that a matrix names for a fault, each with the marks of where it goes red.
pub type Row = BTreeMap<u32, BTreeSet<char>>;

/// The rows of a matrix that [`render`] wrote, by the name of the fault.
///
/// # Errors
/// The line that is no row of a matrix.
pub fn read(matrix: &str) -> Result<BTreeMap<String, Row>, String> {
    let rows = matrix.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| row(line).ok_or_else(|| line.to_owned()))
        .collect()
}

fn row(line: &str) -> Option<(String, Row)> {
    let cells: Vec<&str> = line.split(" | ").collect();
    let [name, _, red] = cells.as_slice() else {
        return None;
    };
    let name = name.strip_prefix("| `")?.strip_suffix('`')?;
    let red = red.strip_suffix(" |")?.split(", ").map(|cell| {
        let (id, marks) = cell.split_once('\u{a0}')?;
        Some((id.parse().ok()?, marks.chars().collect()))
    });
    Some((name.to_owned(), red.collect::<Option<_>>()?))
}

/// What the row of a fault says and the run of its scenarios does not show; a line for each
/// scenario. One that goes red on more surfaces than that, by chance or by a stricter suite, is
/// caught all the same.
pub fn differences(row: &Row, run: &Run) -> Vec<String> {
    let found = red(run);
    let text = |marks: &BTreeSet<char>| -> String { marks.iter().collect() };
    row.iter()
        .filter_map(|(id, marks)| {
            let said = (run.fault.name, text(marks));
            match found.get(id) {
                Some(found) if found.is_superset(marks) => None,
                Some(found) => Some((id, said, format!("red ({})", text(found)))),
                None => Some((id, said, "green".to_owned())),
            }
        })
        .map(|(id, (fault, marks), found)| {
            format!("{fault}: scenario {id} is red ({marks}) in the matrix, and was {found}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(scenario: u32, status: &str, drifted: &[&str], reason: &str) -> Entry {
        let line = serde_json::json!({
            "trial": "t", "scenario": scenario, "phase": "B", "backend": "s3", "status": status,
            "drifted": drifted, "reason": reason, "commands": 0, "command_ms": 0, "start_ms": 0,
            "wall_ms": 0,
        });
        serde_json::from_value(line).unwrap()
    }

    fn run(name: &'static str, entries: Vec<Entry>) -> Run {
        let fault = Fault { name, doc: "Does." };
        Run { fault, entries }
    }

    fn runs() -> Vec<Run> {
        let runs = vec![
            run(
                "one",
                vec![
                    entry(1, "failed", &["tree", "bucket"], "assertion failed"),
                    entry(1, "drifted", &["cli"], ""),
                    entry(2, "passed", &[], ""),
                    entry(3, "failed", &["cli"], "thread 'main' panicked at x"),
                ],
            ),
            run("two", vec![entry(2, "drifted", &["cli"], "")]),
        ];
        runs.into_iter().map(judged).collect()
    }

    #[test]
    fn a_cell_says_on_which_surface_and_a_crash_is_none() {
        let all = BTreeSet::from([1, 2, 3]);
        let matrix = render(&runs(), &all);
        assert_eq!(
            matrix.strip_prefix(HEAD).unwrap(),
            "| `one` | Does. | 1\u{a0}bcet |\n| `two` | Does. | 2\u{a0}c |\n\n\
             No fault turns these red: 3.\n"
        );
    }

    #[test]
    fn a_fault_that_fewer_than_two_notice_and_a_scenario_that_is_always_red_are_told() {
        let red = |name, by: &[u32]| {
            let entries = by.iter().map(|id| entry(*id, "drifted", &["cli"], ""));
            run(name, entries.collect())
        };
        let good = [red("a", &[1, 2]), red("b", &[3, 4])];
        assert_eq!(complaints(&good), Vec::<String>::new());
        let quiet = run("quiet", vec![entry(1, "passed", &[], "")]);
        assert_eq!(complaints(&[quiet]), ["quiet: no scenario notices it"]);
        assert_eq!(
            complaints(&[red("a", &[7, 8]), red("b", &[7])]),
            [
                "b: scenario 7 alone notices it",
                "scenario 7 is red under every fault"
            ]
        );
    }

    #[test]
    fn a_matrix_is_read_as_it_was_written() {
        let rows = read(&render(&runs(), &BTreeSet::new())).unwrap();
        let names: Vec<&String> = rows.keys().collect();
        assert_eq!(names, ["one", "two"]);
        for run in runs() {
            assert_eq!(differences(&rows[run.fault.name], &run), [""; 0]);
        }
        let broken = "| `one` | Does. | 1 bc |";
        assert_eq!(read(broken).unwrap_err(), broken);
    }

    #[test]
    fn what_a_row_claims_must_be_so_again() {
        let row = Row::from([1, 2, 3].map(|id| (id, BTreeSet::from(['c']))));
        let entries = vec![
            entry(1, "drifted", &["tree"], ""),
            entry(2, "passed", &[], ""),
            entry(3, "drifted", &["cli", "tree"], ""),
        ];
        assert_eq!(
            differences(&row, &run("one", entries)),
            [
                "one: scenario 1 is red (c) in the matrix, and was red (t)",
                "one: scenario 2 is red (c) in the matrix, and was green",
            ]
        );
    }
}
