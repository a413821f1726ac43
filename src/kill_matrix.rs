//! The kill matrix: which scenario notices which fault of the reference, and on which surface.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::digest;
use crate::ledger::{Entry, Status};

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

/// What stands in the README before and after the matrix.
const MARKS: (&str, &str) = (
    "<!-- kill matrix: begin -->\n",
    "<!-- kill matrix: end -->\n",
);

/// The run without the trials in which the system under test crashed: a crash is no kill. To be
/// called while the sandboxes of the run are there.
pub fn judged(mut run: Run) -> Run {
    run.entries.retain(|entry| !crashed(entry));
    run
}

/// What went red, by scenario: `c`, `t` and `b` for the surfaces, `e` for an expectation.
fn red(run: &Run) -> BTreeMap<u32, BTreeSet<char>> {
    let mut red: BTreeMap<u32, BTreeSet<char>> = BTreeMap::new();
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

/// What is wrong with the faults: one that nobody notices, a scenario that is red under each.
pub fn complaints(runs: &[Run]) -> Vec<String> {
    let reds: Vec<BTreeMap<u32, BTreeSet<char>>> = runs.iter().map(red).collect();
    let mut complaints: Vec<String> = runs
        .iter()
        .zip(&reds)
        .filter(|(_, red)| red.is_empty())
        .map(|(run, _)| format!("{}: no scenario notices it", run.fault.name))
        .collect();
    if let Some((first, others)) = reds.split_first() {
        let always = first
            .keys()
            .filter(|id| others.iter().all(|red| red.contains_key(id)));
        complaints.extend(always.map(|id| format!("scenario {id} is red under every fault")));
    }
    complaints
}

/// The matrix as Markdown. `scenarios` are the ids of the plan; those that notice nothing are
/// listed.
pub fn render(runs: &[Run], scenarios: &BTreeSet<u32>) -> String {
    let mut out =
        "| fault | what it does | scenarios that go red |\n| --- | --- | --- |\n".to_owned();
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

/// What a matrix depends on: scenarios, goldens, the reference, the harness.
const INPUTS: [&str; 5] = ["fixtures", "reference/src", "snapshots", "src", "tests/cli"];

/// The line below a matrix that binds it to the tree at `root` that it was made from. A matrix
/// takes as long as thirty runs; by this line a check sees whether one is due.
///
/// # Errors
/// A file of the tree cannot be read.
pub fn seal(root: &Path, matrix: &str) -> std::io::Result<String> {
    let mut all = Vec::new();
    for input in INPUTS {
        for entry in walkdir::WalkDir::new(root.join(input)).sort_by_file_name() {
            let entry = entry?;
            if entry.file_type().is_file() {
                let inner = entry.path().strip_prefix(root).unwrap_or(entry.path());
                all.extend(inner.to_string_lossy().bytes());
                all.extend(std::fs::read(entry.path())?);
            }
        }
    }
    all.extend(matrix.bytes());
    Ok(format!(
        "\n<!-- of the tree and the table {} -->\n",
        digest::short(all)
    ))
}

/// The matrix that stands in `readme`, and its seal.
pub fn found(readme: &str) -> Option<(&str, &str)> {
    let (_, rest) = readme.split_once(MARKS.0)?;
    let (section, _) = rest.split_once(MARKS.1)?;
    let at = section.rfind("\n<!-- of the tree")?;
    Some(section.split_at(at))
}

/// `readme` with `matrix` in its place.
///
/// # Errors
/// The README has no place for it.
pub fn placed(readme: &str, matrix: &str) -> Result<String, String> {
    let (begin, end) = MARKS;
    let parts = readme
        .split_once(begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let Some((before, after)) = parts else {
        return Err(format!("there is no {}…{}", begin.trim(), end.trim()));
    };
    Ok(format!("{before}{begin}{matrix}{end}{after}"))
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
        assert_eq!(
            render(&runs(), &all),
            "| fault | what it does | scenarios that go red |\n| --- | --- | --- |\n\
             | `one` | Does. | 1\u{a0}bcet |\n| `two` | Does. | 2\u{a0}c |\n\n\
             No fault turns these red: 3.\n"
        );
        assert_eq!(complaints(&runs()), Vec::<String>::new());
    }

    #[test]
    fn a_fault_that_nobody_notices_and_a_scenario_that_is_always_red_are_told() {
        let quiet = run("quiet", vec![entry(1, "passed", &[], "")]);
        assert_eq!(complaints(&[quiet]), ["quiet: no scenario notices it"]);
        let red = |name| run(name, vec![entry(7, "drifted", &["cli"], "")]);
        assert_eq!(
            complaints(&[red("a"), red("b")]),
            ["scenario 7 is red under every fault"]
        );
    }

    #[test]
    fn a_seal_breaks_with_the_tree_and_with_the_table() {
        let root = tempfile::tempdir().unwrap();
        for input in INPUTS {
            std::fs::create_dir_all(root.path().join(input)).unwrap();
        }
        let file = root.path().join("tests/cli/a.rs");
        std::fs::write(&file, "one").unwrap();
        let sealed = seal(root.path(), "| table |\n").unwrap();
        let readme = format!("a\n{}| table |\n{sealed}{}z\n", MARKS.0, MARKS.1);
        assert_eq!(found(&readme), Some(("| table |\n", sealed.as_str())));
        assert_ne!(seal(root.path(), "| other |\n").unwrap(), sealed);
        std::fs::write(&file, "two").unwrap();
        assert_ne!(seal(root.path(), "| table |\n").unwrap(), sealed);
    }

    #[test]
    fn the_matrix_has_its_place_in_the_readme() {
        let readme = format!("a\n{}old\n{}z\n", MARKS.0, MARKS.1);
        let placed = placed(&readme, "new\n").unwrap();
        assert_eq!(placed, format!("a\n{}new\n{}z\n", MARKS.0, MARKS.1));
        assert!(super::placed("nothing", "new\n").is_err());
        assert_eq!(found(&placed), None);
    }
}
