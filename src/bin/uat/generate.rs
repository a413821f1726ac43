//! `cargo uat kill-matrix`, `cargo uat findings`, `cargo uat plan` and `cargo uat coverage`: documents that
//! the suite writes; and `cargo uat repro`, which has a run write a script.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};

use swamp_uat::backend::emulator;
use swamp_uat::commands::{self, Tree};
use swamp_uat::error::BadInput;
use swamp_uat::kind::Kind;
use swamp_uat::machine::under_test::{System, UnderTest};
use swamp_uat::machine::{environment, exec, leash};
use swamp_uat::report::coverage::{self, Excluded};
use swamp_uat::report::evidence;
use swamp_uat::report::findings;
use swamp_uat::report::kill_matrix;
use swamp_uat::report::kill_matrix::{Fault, Run};
use swamp_uat::report::ledger;
use swamp_uat::report::ledger::{Entry, Status};
use swamp_uat::settings::Settings;
use swamp_uat::shell;
use swamp_uat::workspace_root;

use crate::{beside_this, build_suite, exit_code};

/// One run of the whole suite in a temporary directory of its own, which is kept as long as this.
struct Suite {
    binary: PathBuf,
    dir: swamp_uat::machine::leftovers::Dir,
    /// The backends in a bucket that it may ask for.
    clouds: Vec<Kind>,
}

impl Suite {
    fn new(clouds: &[Kind]) -> Result<Self, BadInput> {
        Ok(Self {
            binary: build_suite()?,
            dir: swamp_uat::machine::temp_dir::make()?,
            clouds: clouds.to_vec(),
        })
    }

    /// Runs all trials but those that `args` leave out, with `env`; how each ended. What is empty in
    /// `env` is not set.
    fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Result<Vec<Entry>, BadInput> {
        let bad = |found: String| {
            BadInput::new(
                format!("the scenario binary {}", self.binary.display()),
                found,
                "run `cargo uat` to see what it says",
            )
        };
        let path = self.dir.path().join("ledger.json");
        let mut command = Command::new(&self.binary);
        command
            .args(args)
            .current_dir(workspace_root())
            .envs(env.iter().copied())
            .env("INSTA_WORKSPACE_ROOT", workspace_root())
            // Nothing is recorded here, and every sandbox goes with the directory.
            .env("INSTA_UPDATE", "no")
            .env("SWAMP_UAT_LEDGER", &path)
            .env("TMPDIR", self.dir.path())
            // What is red here is meant to be.
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (name, _) in env.iter().filter(|(_, value)| value.is_empty()) {
            command.env_remove(name);
        }
        for &kind in &self.clouds {
            if let Ok(found) = emulator::of(kind) {
                command.env(kind.variable(), &found.endpoint);
            }
        }
        let ended = leash::spawn(&mut command).and_then(|(mut child, _held)| child.wait());
        let status = ended.map_err(|e| bad(e.to_string()))?;
        match status.code() {
            Some(0 | 101) => ledger::read(&path),
            _ => Err(bad(format!("it ended with {status}"))),
        }
    }

    /// Removes what the sandboxes of the last run left.
    fn clear(&self) {
        let entries = std::fs::read_dir(self.dir.path()).into_iter().flatten();
        for entry in entries.flatten() {
            // Best effort: all of it goes with the directory in the end.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// What a fault turns red on S3 it turns red on GCS, where the scenarios are the same: one of them
/// is enough, for so many runs.
const ONE_CLOUD: [&str; 2] = ["--skip", "::gcs"];

/// Where the matrix stands, below the root of the workspace.
const MATRIX: &str = "docs/kill-matrix.md";

/// Runs the suite on the reference once for each fault, and writes the matrix; or runs what the
/// matrix that is there names, and says what is not so.
pub fn kill_matrix(check: bool) -> Result<ExitCode, BadInput> {
    if Settings::from_env()?.swamp_bin.is_some() {
        return Err(BadInput::new(
            "the kill matrix switches faults of the reference on",
            "SWAMP_BIN names another swamp",
            "unset SWAMP_BIN",
        ));
    }
    let suite = Suite::new(&Kind::CLOUD)?;
    let complaints = if check {
        checked(&suite)?
    } else {
        written(&suite)?
    };
    emulator::stop_all();
    if complaints.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{}", complaints.join("\n"));
    let next = if check {
        "run `cargo uat kill-matrix`, and read what it changes there"
    } else {
        "nothing was written"
    };
    eprintln!("{MATRIX}: {next}");
    Ok(ExitCode::FAILURE)
}

/// One run of the trials that `args` ask for, with a fault switched on.
fn faulty(suite: &Suite, fault: Fault, args: &[&str]) -> Result<Run, BadInput> {
    let args: Vec<&str> = ONE_CLOUD.iter().chain(args).copied().collect();
    let entries = suite.run(&args, &[("SWAMP_REFERENCE_FAULT", fault.name)])?;
    // The transcripts of crashes lie in the sandboxes, which go after this.
    let run = kill_matrix::judged(Run { fault, entries });
    println!("{}: {:?}", fault.name, run.caught_by());
    suite.clear();
    Ok(run)
}

fn faults() -> impl Iterator<Item = Fault> {
    swamp_reference::faults::TABLE.iter().map(|fault| Fault {
        name: fault.name,
        doc: fault.doc,
    })
}

/// Writes the matrix, or says what is wrong with the faults.
fn written(suite: &Suite) -> Result<Vec<String>, BadInput> {
    let green = all_green(suite.run(&ONE_CLOUD, &[])?)?;
    suite.clear();
    let runs = faults()
        .map(|fault| faulty(suite, fault, &[]))
        .collect::<Result<Vec<Run>, BadInput>>()?;
    let complaints = kill_matrix::complaints(&runs);
    if complaints.is_empty() {
        let planned: BTreeSet<u32> = green
            .iter()
            .map(|e| e.scenario)
            .filter(|id| *id <= 50)
            .collect();
        let matrix = kill_matrix::render(&runs, &planned);
        let path = workspace_root().join(MATRIX);
        settle(&[(path, matrix)], false, "cargo uat kill-matrix")?;
    }
    Ok(complaints)
}

/// What the matrix says of a fault and the scenarios of its row do not show.
fn checked(suite: &Suite) -> Result<Vec<String>, BadInput> {
    let path = workspace_root().join(MATRIX);
    let text = read(&path)?;
    let rows = kill_matrix::read(&text).map_err(|line| {
        BadInput::new(
            format!("the matrix in {}", path.display()),
            format!("this is no row of it: {line}"),
            "run `cargo uat kill-matrix`",
        )
    })?;
    let known: BTreeSet<&str> = faults().map(|fault| fault.name).collect();
    let mut complaints: Vec<String> = rows
        .keys()
        .filter(|name| !known.contains(name.as_str()))
        .map(|name| format!("{name}: the reference has no such fault"))
        .collect();
    for fault in faults() {
        let Some(row) = rows.get(fault.name) else {
            complaints.push(format!("{}: the matrix has no row of it", fault.name));
            continue;
        };
        if !text.contains(&format!("| `{}` | {} |", fault.name, fault.doc)) {
            complaints.push(format!("{}: it does something else by now", fault.name));
        }
        let filters: Vec<String> = row.keys().map(|id| format!("s{id:02}_")).collect();
        let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
        let run = faulty(suite, fault, &filters)?;
        complaints.extend(kill_matrix::differences(row, &run));
    }
    Ok(complaints)
}

/// Runs the suite, and writes what its deviations say, or compares it with what is there.
pub fn findings(check: bool) -> Result<ExitCode, BadInput> {
    Settings::from_env()?;
    let suite = Suite::new(&Kind::CLOUD)?;
    let entries = all_green(suite.run(&[], &[("SWAMP_UAT_KEEP", "1")])?)?;
    emulator::stop_all();
    let found = findings::of(&entries);
    let root = workspace_root();
    let swamp = swamp_uat::golden::recorded_on(&root.join("snapshots"));
    let path = root.join(FINDINGS);
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let document = findings::render(&found, &swamp, &there);
    let without = findings::without_script(&found, &document);
    let code = settle(&[(path, document.clone())], check, "cargo uat findings")?;
    for id in &without {
        eprintln!(
            "{FINDINGS}: {id} loses data, and has no script by hand: write one at the end, below \
             \"### `{id}`\""
        );
    }
    Ok(if without.is_empty() {
        code
    } else {
        ExitCode::FAILURE
    })
}

/// Writes `docs/plan.md` from what the scenarios say of themselves, or compares it with what is there.
pub fn plan(check: bool) -> Result<ExitCode, BadInput> {
    let text = answer_of(&build_suite()?, "--print-plan")?;
    settle(
        &[(workspace_root().join("docs/plan.md"), text)],
        check,
        "cargo uat plan",
    )
}

/// What the scenario binary prints for `asked`; it runs nothing.
fn answer_of(binary: &Path, asked: &str) -> Result<String, BadInput> {
    let mut command = Command::new(binary);
    let output = command.arg(asked).current_dir(workspace_root()).output();
    let bad = |found: String| {
        let tried = format!("{} {asked}", binary.display());
        BadInput::new(tried, found, "run `cargo uat` to see what it says")
    };
    let output = output.map_err(|e| bad(e.to_string()))?;
    if !output.status.success() {
        return Err(bad(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes `docs/coverage.md` from the ledger of the last run, or compares it with what is there.
pub fn coverage(check: bool) -> Result<ExitCode, BadInput> {
    let place = Settings::from_env()?.ledger;
    let entries = ledger::read(&place)?;
    let output = answer_of(&build_suite()?, "--list")?;
    let names = output
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let trials = names.filter(|name| !name.starts_with("suite::"));
    let trials: Vec<String> = trials.map(str::to_owned).collect();
    coverage::check_whole(&entries, &trials, &place)?;
    let entries = all_green(entries)?;
    let (tree, excluded) = (Tree::of_swamp(), Excluded::of_swamp());
    coverage::check_excluded(&excluded, tree, &entries)?;
    let text = coverage::render(tree, &excluded, &entries);
    settle(
        &[(workspace_root().join("docs/coverage.md"), text)],
        check,
        "cargo uat coverage",
    )
}

/// Writes `commands/tree.txt` from what the help of a real swamp says, or compares it with what is
/// there.
pub fn commands(check: bool) -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    let tried = "the commands are those of a real swamp";
    let next = "set SWAMP_BIN to the path of a swamp binary";
    let real = |found: &str| BadInput::new(tried, found, next);
    if settings.swamp_bin.is_none() {
        return Err(real("SWAMP_BIN is unset"));
    }
    let swamp = UnderTest::resolve(&settings, &beside_this("swamp-reference"))?;
    if swamp.system == System::Reference {
        return Err(real("SWAMP_BIN is the reference"));
    }
    let tree = help(&settings, &swamp).map_err(|found| {
        let tried = "the help of SWAMP_BIN was to be read: `$SWAMP_BIN help`";
        BadInput::new(tried, found, next)
    })?;
    settle(
        &[(workspace_root().join(commands::FILE), tree.to_string())],
        check,
        "cargo uat coverage --record",
    )
}

/// The commands and the options that the help of a swamp has.
///
/// # Errors
/// It could not be asked, or answers otherwise: what was found.
pub fn help(settings: &Settings, swamp: &UnderTest) -> Result<Tree, String> {
    let dir = swamp_uat::machine::temp_dir::make().map_err(|e| e.to_string())?;
    let spec = exec::Spec {
        program: swamp.path.clone(),
        args: vec!["help".into()],
        cwd: dir.path().to_owned(),
        env: environment::of(dir.path(), &[]),
        stdin: None,
        stdout: dir.path().join("stdout"),
        stderr: dir.path().join("stderr"),
    };
    let done = exec::run(&spec, settings.timeout).map_err(|e| e.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Tree::from_help(&String::from_utf8_lossy(&done.stdout))
}

/// Where the findings stand, below the root of the workspace.
const FINDINGS: &str = "FINDINGS.md";

/// Prints the script that shows the defect `id`; without one, the defects.
pub fn repro(id: Option<&str>) -> Result<ExitCode, BadInput> {
    Settings::from_env()?;
    let known = findings::read(&read(&workspace_root().join(FINDINGS))?);
    let Some(id) = id else {
        for defect in known {
            println!("{}: {}", defect.id, defect.today);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let defect = findings::named(&known, id)?;
    let script = match &defect.by_hand {
        Some(script) => findings::printed(defect, script),
        None => {
            let script = shown_by_a_trial(defect);
            emulator::stop_all();
            script?
        }
    };
    print!("{script}");
    Ok(ExitCode::SUCCESS)
}

/// The script that the replay of a trial makes. The trial runs on the reference, and so do the
/// replays, with the defect and without, until it is sure that the script tells them apart.
fn shown_by_a_trial(defect: &findings::Known) -> Result<String, BadInput> {
    let id = &defect.id;
    let number = format!("s{:0>2}", defect.scenario);
    let next = format!("run `cargo uat {number}`: the scenario shows it");
    let bad = |found: String| BadInput::new(format!("a script that shows {id}"), found, &next);
    let backend = Kind::from_name(&defect.backend);
    let cloud = backend.filter(|kind| Kind::CLOUD.contains(kind));
    eprintln!(
        "{id}: running scenario {} on the reference first",
        defect.scenario
    );
    let suite = Suite::new(cloud.as_slice())?;
    let missing = Kind::CLOUD.into_iter().filter(|kind| Some(*kind) != cloud);
    let missing: Vec<&str> = missing.map(Kind::name).collect();
    let env = [
        ("SWAMP_UAT_KEEP", "1"),
        ("SWAMP_UAT_PRETEND_MISSING", &missing.join(",")),
        ("SWAMP_UAT_REQUIRE", ""),
        ("SWAMP_BIN", ""),
        ("SWAMP_REFERENCE_FAULT", ""),
        ("SWAMP_REFERENCE_QUIRKS_OFF", ""),
        ("SWAMP_REFERENCE_OLDER", ""),
    ];
    let mut entries = suite.run(&[&format!("{number}_")], &env)?;
    entries.retain(|entry| entry.backend == defect.backend);
    let entries = all_green(entries)?;
    let met = entries.iter().find_map(|entry| {
        let met = entry.deviations.iter().find(|met| met.id == *id);
        met.zip(entry.sandbox.as_ref())
    });
    let (met, sandbox) = met.ok_or_else(|| {
        bad("its scenario does not meet it: FINDINGS.md is not current".to_owned())
    })?;
    let repro = read(&Path::new(sandbox).join("notes/repro.sh"))?;
    let stage = Stage {
        dir: suite.dir.path(),
        quirk: id,
        cloud,
    };
    let failed = |e: std::io::Error| bad(e.to_string());
    let recording = evidence::recording(&repro);
    let with = stage.record(&recording, true).map_err(failed)?;
    let again = stage.record(&recording, true).map_err(failed)?;
    let without = stage.record(&recording, false).map_err(failed)?;
    let script = evidence::script(&repro, met, [&with, &again], &without);
    let Some(script) = script else {
        return Ok(evidence::unmarked(&repro, met));
    };
    for (quirk, code) in [(true, 1), (false, 0)] {
        let (_, ended) = stage.play(&script, quirk).map_err(failed)?;
        if ended.status.code() != Some(code) {
            return Err(bad(format!(
                "the script was to end with exit code {code}, and said in the end: {}",
                tail(&[ended.stdout, ended.stderr].concat())
            )));
        }
    }
    Ok(script)
}

/// The last lines of what a script said, and the lines that it marked.
fn tail(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let lines: Vec<&str> = said.lines().collect();
    let last = lines.len().saturating_sub(5);
    let kept = lines.iter().enumerate();
    let kept = kept.filter(|(at, line)| *at >= last || line.starts_with("> "));
    kept.map(|(_, line)| format!("\n{line}")).collect()
}

/// Where scripts are played on the reference.
struct Stage<'a> {
    dir: &'a Path,
    quirk: &'a str,
    cloud: Option<Kind>,
}

impl Stage<'_> {
    /// Plays `script` with the quirk on or off: where, and how it ended.
    fn play(&self, script: &str, on: bool) -> std::io::Result<(PathBuf, Output)> {
        let place = tempfile::tempdir_in(self.dir)?.keep().canonicalize()?;
        std::fs::create_dir(place.join("said"))?;
        std::fs::write(place.join("script"), script)?;
        // A script hands no variable on to swamp.
        let off = if on { "" } else { self.quirk };
        let reference = shell::quote(&beside_this("swamp-reference").to_string_lossy());
        let swamp = place.join("swamp");
        std::fs::write(
            &swamp,
            format!("#!/bin/sh\nSWAMP_REFERENCE_QUIRKS_OFF={off} exec {reference} \"$@\"\n"),
        )?;
        std::fs::set_permissions(&swamp, PermissionsExt::from_mode(0o755))?;
        let mut command = Command::new("sh");
        command.arg(place.join("script")).arg(place.join("world"));
        command
            .env("SWAMP_BIN", &swamp)
            .env("SAID", place.join("said"));
        command
            .env("TMPDIR", &place)
            .env_remove("SWAMP_UAT_EXTENSIONS");
        if let Some((kind, Ok(found))) = self.cloud.map(|kind| (kind, emulator::of(kind))) {
            command.env(kind.variable(), &found.endpoint);
        }
        let ended = command.output()?;
        Ok((place, ended))
    }

    /// What each step of a recording said.
    fn record(&self, script: &str, on: bool) -> std::io::Result<evidence::Said> {
        let (place, _) = self.play(script, on)?;
        evidence::read(&place.join("said"), &place.join("world").to_string_lossy())
    }
}

/// The entries, if no trial went red.
fn all_green(entries: Vec<Entry>) -> Result<Vec<Entry>, BadInput> {
    let red: Vec<&str> = entries
        .iter()
        .filter(|e| !matches!(e.status, Status::Passed | Status::KnownDeviation))
        .map(|e| e.trial.as_str())
        .collect();
    if red.is_empty() {
        return Ok(entries);
    }
    Err(BadInput::new(
        "the document is about a suite that is green, on every backend",
        format!("these are not: {}", red.join(", ")),
        "run `cargo uat`, and correct what it says",
    ))
}

fn read(path: &Path) -> Result<String, BadInput> {
    std::fs::read_to_string(path).map_err(|e| {
        BadInput::new(
            format!("{} was to be read", path.display()),
            e.to_string(),
            "restore it, and run this again",
        )
    })
}

/// Writes the files, or says which are not what they should be.
fn settle(files: &[(PathBuf, String)], check: bool, command: &str) -> Result<ExitCode, BadInput> {
    let mut stale = false;
    for (path, text) in files {
        let there = std::fs::read_to_string(path).unwrap_or_default();
        if there == *text {
            continue;
        }
        if check {
            stale = true;
            eprintln!("{} is not current; run `{command}`", path.display());
            if let Some(diff) = swamp_uat::golden::difference(&there, text) {
                eprintln!("{diff}");
            }
            continue;
        }
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(path, text));
        written.map_err(|e| {
            BadInput::new(
                format!("{} was to be written", path.display()),
                e.to_string(),
                "make it writable, and run this again",
            )
        })?;
        println!("written: {}", path.display());
    }
    Ok(exit_code(i32::from(stale)))
}
