//! The rules of a play, each with a fake swamp that breaks it.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::golden::pending::Writes;
use crate::machine::under_test::Extensions;
use crate::scenario::Phase;
use crate::scenario::deviation::{Deviation, Severity};

/// What a fake swamp does to set a scene: in the form that every swamp has to say it in.
const SCENE: &str = r#"
case "$1 $2" in
'repo init')
    now=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
    cat > .swamp.yaml <<END
swampVersion: 1.2.3
initializedAt: "$now"
repoId: 0f8fad5b-d9cb-469f-a165-70867728950e
tools: []
gitignoreManaged: true
END
    sed "s|PWD|$PWD|; s|NOW|$now|" <<'END'
{
  "path": "PWD",
  "version": "1.2.3",
  "initializedAt": "NOW",
  "skillsCopied": [],
  "instructionsFileCreated": false,
  "settingsCreated": false,
  "gitignoreAction": "created",
  "tools": [],
  "removedTools": [],
  "tool": "none",
  "nextSteps": [
    "Run `swamp --help` to see available commands",
    "Join & participate in the community: swamp auth login"
  ]
}
END
    ;;
'datastore setup')
    mkdir -p "$5/data"
    printf 'datastore:\n  type: filesystem\n  path: %s\n' "$5" >> .swamp.yaml
    cat <<END
{
  "type": "filesystem",
  "path": "$5",
  "filesCopied": 0,
  "filesPulled": 0,
  "bytesCopied": 0,
  "directoriesMigrated": [
    "definitions-evaluated",
    "workflows-evaluated",
    "data",
    "outputs",
    "workflow-runs",
    "audit"
  ],
  "errors": [],
  "sourcePath": "$PWD/.swamp",
  "destinationPath": "$5",
  "warnings": []
}
END
    ;;"#;

/// A scratch directory with a fake swamp and a directory for goldens.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    /// A fake swamp that can `repo init` and `datastore setup`, and does `body` for the rest.
    fn new(body: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let script = format!("#!/bin/sh\n{SCENE}\n*) {body};;\nesac\n");
        let path = dir.path().join("swamp");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { dir }
    }

    fn context(&self, system: System) -> Context {
        let mut settings = Settings::from_lookup(|_| None).unwrap();
        settings.snapshots = self.dir.path().join("goldens");
        // What is kept for a review lies beside it: not among that of the user.
        settings.ledger = self.dir.path().join("ledger.json");
        settings.timeout = Duration::from_secs(20);
        Context {
            settings,
            under_test: UnderTest {
                system,
                path: self.dir.path().join("swamp"),
                version: "1.2.3".into(),
                commit: Some("cafe".into()),
                switches: Vec::new(),
                extensions: Extensions::BuiltIn,
                deno_cache: None,
            },
            older: None,
            insta_may_write: true,
            kept: None,
            started: Instant::now(),
        }
    }

    /// Plays on the reference and clears up what a failure keeps.
    fn judge(&self, run: fn(&Trial)) -> Judged {
        self.judge_with(&self.context(System::Reference), run)
    }

    fn judge_with(&self, context: &Context, run: fn(&Trial)) -> Judged {
        let judged = judge(context, &scenario(run), Kind::Filesystem);
        let kept = judged.entry.sandbox.is_some();
        assert!(kept || judged.failure.is_none(), "{:?}", judged.failure);
        if let Some(kept) = &judged.entry.sandbox {
            let notes = Path::new(kept).join("notes");
            assert!(notes.join("repro.sh").is_file());
            assert!(notes.join("cli.txt").is_file() && notes.join("tree.raw.txt").is_file());
            std::fs::remove_dir_all(kept).unwrap();
        }
        judged
    }

    /// Writes goldens with these texts, as if swamp had given them.
    fn goldens(&self, cli: &str, tree: &str) {
        let dir = self.dir.path().join("goldens/some/area");
        std::fs::create_dir_all(&dir).unwrap();
        for (surface, text) in [("cli", cli), ("tree", tree)] {
            let digest = golden::digest(text);
            let seal = golden::seal(["1", "B", "filesystem", "v", "cafe", &digest]);
            std::fs::write(
                dir.join(format!("s01_sample@{surface}.snap")),
                format!(
                    "---\nsource: x\ninfo:\n  scenario: 1\n  phase: B\n  backend: filesystem\n  \
                     swamp: v\n  commit: cafe\n  digest: {digest}\n  seal: {seal}\n---\n{text}"
                ),
            )
            .unwrap();
        }
    }

    fn pending(&self) -> usize {
        walkdir::WalkDir::new(self.dir.path())
            .into_iter()
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "new"))
            .count()
    }
}

fn scenario(run: fn(&Trial)) -> Scenario {
    Scenario {
        function: "s01_sample",
        module: "some::area",
        file: "tests/cli/none.rs",
        phase: Phase::B,
        backends: &[Kind::Filesystem],
        waits: false,
        locks: false,
        typescript: false,
        run,
    }
}

/// A scenario with something on both surfaces.
fn plain(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    repo.swamp(&["hello"]).snapshot();
    t.layout("done");
}

const CLI: &str = "$ swamp repo init --tool none --json  # in infra (exit 0, not shown)\n\
                   $ swamp datastore setup filesystem --path <sandbox>/ds --json  # in infra (exit 0, not shown)\n\
                   $ swamp hello  # in infra\nhi\n[EOF]\n== done\n";
const TREE: &str = "== done: all of it\n[ds]\ndata/\n[infra/.swamp.yaml: datastore]\n\
                    datastore:\n  type: filesystem\n  path: <sandbox>/ds\n[EOF]\n";

#[test]
fn a_trial_that_is_as_its_goldens_say_passes_and_leaves_nothing() {
    let bench = Bench::new("echo hi");
    bench.goldens(CLI, TREE);
    let judged = bench.judge(plain);
    assert_eq!(judged.failure, None);
    assert_eq!(judged.entry.status, Status::Passed);
    assert_eq!((judged.entry.commands, judged.entry.sandbox), (3, None));
}

#[test]
fn every_surface_is_compared_even_if_the_first_drifts() {
    let bench = Bench::new("echo hi");
    bench.goldens(
        &CLI.replace("hi", "hello"),
        &TREE.replace("data/", "outputs/"),
    );
    let judged = bench.judge(plain);
    assert_eq!(judged.entry.status, Status::Drifted);
    assert_eq!(judged.entry.drifted, ["cli", "tree"]);
    let failure = judged.failure.unwrap();
    for part in [
        "drift on the surface cli",
        "-hello\n+hi",
        "raw output of what differs:\n  | $ swamp hello",
        "drift on the surface tree",
        "-outputs/\n+data/",
        "notes/repro.sh",
    ] {
        assert!(failure.contains(part), "{part}: {failure}");
    }
    assert!(
        failure
            .trim_end()
            .lines()
            .rev()
            .take(4)
            .any(|line| line == "next:"),
        "{failure}"
    );
}

#[test]
fn a_drift_of_the_second_surface_alone_is_seen() {
    let bench = Bench::new("echo hi");
    bench.goldens(CLI, &TREE.replace("data/", "data/x"));
    assert_eq!(bench.judge(plain).entry.drifted, ["tree"]);
}

#[test]
fn a_golden_that_is_not_there_is_a_drift() {
    let bench = Bench::new("echo hi");
    let judged = bench.judge(plain);
    assert_eq!(judged.entry.drifted, ["cli", "tree"]);
    assert!(judged.failure.unwrap().contains("there is no golden yet"));
}

#[test]
fn the_reference_writes_no_pending_snapshot() {
    let bench = Bench::new("echo hi");
    bench.goldens(&CLI.replace("hi", "hello"), TREE);
    let judged = bench.judge(plain);
    assert!(judged.failure.unwrap().contains("never on the reference"));
    assert_eq!(bench.pending(), 0);
}

#[test]
fn nothing_is_recorded_without_the_commit_of_swamp() {
    let bench = Bench::new("echo hi");
    let mut context = bench.context(System::Real);
    context.under_test.commit = None;
    let judged = bench.judge_with(&context, plain);
    assert!(judged.failure.unwrap().contains("SWAMP_UAT_COMMIT"));
    assert_eq!(bench.pending(), 0);
}

#[test]
fn what_differs_in_a_second_world_is_not_recorded() {
    // The length of a path and the name of the home are what redaction cannot see.
    // Letters: a number may be the hour that it is, or a time, which is another finding.
    let by_chance = "od -An -N8 -tx1 /dev/urandom | tr -d ' ' | tr 0-9 g-p";
    for volatile in ["echo $PWD | sed s/./x/g", "basename $HOME", by_chance] {
        let bench = Bench::new(volatile);
        let judged = bench.judge_with(&bench.context(System::Real), plain);
        let failure = judged.failure.unwrap();
        assert!(failure.contains("second world"), "{volatile}: {failure}");
        assert_eq!(judged.entry.status, Status::Failed);
        assert_eq!(bench.pending(), 0);
    }
}

#[test]
fn what_is_of_this_machine_or_of_this_hour_is_not_recorded() {
    let mut volatile = vec![
        "date +%A",
        "date '+it is %a, %H o.clock'",
        "date +%H:%M",
        "date '+%-I:%M %p'",
        "date +%H",
        "date '+%d %B'",
        "date +week-%G-W%V",
        "date +%Y/%m/%d",
        "echo at $PATH",
        "uname -r",
        "id -un | sed s/$/@here/",
        "id -un",
        "date +%B",
        "echo days $(( $(date +%s) / 86400 ))",
    ];
    // With one processor there is no world with fewer of them.
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        volatile.push("nproc");
    }
    for volatile in volatile {
        let bench = Bench::new(volatile);
        let judged = bench.judge_with(&bench.context(System::Real), plain);
        let failure = judged.failure.unwrap();
        assert_eq!(judged.entry.status, Status::Failed, "{volatile}: {failure}");
        assert!(failure.contains("next:"), "{volatile}: {failure}");
        assert_eq!(bench.pending(), 0, "{volatile}");
    }
    let bench = Bench::new("echo hi");
    let mut context = bench.context(System::Real);
    // In CI insta writes nothing.
    context.insta_may_write = pending::ask(bench.dir.path()).unwrap() == Writes::Something;
    let stored = if context.insta_may_write { 2 } else { 0 };
    let judged = bench.judge_with(&context, plain);
    assert_eq!(
        (judged.entry.status, bench.pending()),
        (Status::Drifted, stored)
    );
}

#[test]
fn what_redaction_leaves_fails_the_trial() {
    for left in [
        "2020-01-01T00:00:00.000Z",
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
    ] {
        let bench = Bench::new(&format!("echo {left}"));
        bench.goldens(&CLI.replace("hi", left), TREE);
        let judged = bench.judge(plain);
        assert_eq!(judged.entry.status, Status::Failed, "{left}");
        assert!(
            judged
                .failure
                .unwrap()
                .contains("unredacted, on the surface cli")
        );
    }
}

#[test]
fn a_command_that_nobody_looked_at_fails_the_trial() {
    let bench = Bench::new("echo hi");
    bench.goldens(CLI, TREE);
    let judged = bench.judge(|t| {
        plain(t);
        let _ = t.directory("infra").swamp(&["more"]);
    });
    let failure = judged.failure.unwrap();
    assert!(failure.contains("`swamp more` in infra was neither snapshotted nor asserted"));
}

/// Ends early, after the first of two commands and before the checkpoint.
fn broken_off(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    repo.swamp(&["hello"]).snapshot();
    t.planned(true, KEPT);
    assert_eq!(1, 2, "arithmetic");
}

#[test]
fn a_failed_assertion_is_told_with_its_place_and_all_else_that_is_known() {
    let bench = Bench::new("echo hi");
    bench.goldens(&format!("{CLI}\n{CLI}"), TREE);
    let judged = bench.judge(broken_off);
    let failure = judged.failure.unwrap();
    assert!(
        failure.contains("arithmetic") && failure.contains("play_tests.rs:"),
        "{failure}"
    );
    assert!(
        failure.contains("kept: now behaves as planned"),
        "{failure}"
    );
    assert_eq!(judged.entry.status, Status::Failed);
    // As far as it came, it came as its goldens say.
    assert!(judged.entry.drifted.is_empty(), "{failure}");
}

#[test]
fn a_trial_that_ends_early_is_compared_as_far_as_it_came() {
    let bench = Bench::new("echo hi");
    bench.goldens(&CLI.replace("hi", "hello"), TREE);
    let judged = bench.judge(broken_off);
    assert_eq!(judged.entry.drifted, ["cli"]);
    let failure = judged.failure.unwrap();
    assert!(
        failure.contains("arithmetic") && failure.contains("-hello\n+hi"),
        "{failure}"
    );
}

#[test]
fn an_arrangement_that_fails_or_complains_fails_the_trial() {
    for body in ["exit 1", "echo hm >&2"] {
        let bench = Bench::new(body);
        let judged = bench.judge(|t| {
            t.directory("infra").swamp(&["seed"]).succeeds_quietly();
        });
        assert_eq!(judged.entry.status, Status::Failed, "{body}");
        assert!(judged.failure.unwrap().contains("swamp seed"));
    }
}

#[test]
fn a_hang_fails_the_trial_and_shows_what_was_said() {
    let bench = Bench::new("echo before; sleep 600");
    let mut context = bench.context(System::Reference);
    context.settings.timeout = Duration::from_secs(1);
    let failure = bench.judge_with(&context, plain).failure.unwrap();
    assert!(
        failure.contains("SWAMP_UAT_TIMEOUT") && failure.contains("before"),
        "{failure}"
    );
}

const KEPT: Deviation = Deviation {
    id: "kept",
    plan: "it goes",
    today: "it stays",
    severity: Severity::WrongAnswer,
};

#[test]
fn a_known_deviation_passes_and_is_counted() {
    let bench = Bench::new("echo hi");
    bench.goldens(CLI, TREE);
    let judged = bench.judge(|t| {
        plain(t);
        t.planned(false, KEPT);
    });
    assert_eq!(judged.failure, None);
    assert_eq!(judged.entry.status, Status::KnownDeviation);
    assert_eq!(judged.entry.deviations[0].id, "kept");
}

#[test]
fn a_deviation_that_is_gone_fails_the_trial() {
    let bench = Bench::new("echo hi");
    bench.goldens(CLI, TREE);
    let judged = bench.judge(|t| {
        plain(t);
        t.planned(true, KEPT);
    });
    assert_eq!(judged.entry.status, Status::Failed);
    assert!(
        judged
            .failure
            .unwrap()
            .contains("kept: now behaves as planned: drop the deviation")
    );
}

#[test]
fn a_sandbox_is_kept_when_the_user_wants_it() {
    let bench = Bench::new("echo hi");
    bench.goldens(CLI, TREE);
    let mut context = bench.context(System::Reference);
    context.settings.keep = true;
    let judged = bench.judge_with(&context, plain);
    assert_eq!(judged.failure, None);
    assert!(judged.entry.sandbox.is_some());
}

#[test]
fn a_panic_inside_of_another_catch_is_told_to_the_inner_one() {
    let outer = caught(|| {
        assert!(caught(|| panic!("inner")).unwrap_err().contains("inner"));
        7
    });
    assert_eq!(outer, Ok(7));
}
