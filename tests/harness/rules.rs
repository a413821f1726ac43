//! The rules that make a golden trustworthy, each tried on the whole suite from outside.

use std::path::{Path, PathBuf};

use crate::common::{REFERENCE, Scratch, all_said, rewrite, wait_for};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use swamp_uat::golden;
use swamp_uat::report::ledger::Status;

const CLI: &str = "datastore/namespace/commands/s03_set_already_set@cli.snap";
const TREE: &str = "datastore/namespace/commands/s03_set_already_set@tree.snap";

/// A golden that shows what lies where.
const LAYOUT: &str = "datastore/namespace/commands/s05_set_different_slugs@tree.snap";

fn pending(dir: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|end| end == "new"))
        .collect()
}

#[test]
fn one_word_of_a_golden_makes_the_run_fail_and_names_the_surface() {
    for (golden, surface, from, to) in [
        (CLI, "cli", "already", "allready"),
        (CLI, "cli", "[exit 1]", "[exit 2]"),
        (CLI, "cli", "exit 0, not shown", "exit 1, not shown"),
        (CLI, "cli", ": nothing changed", ""),
        (TREE, "tree", ": nothing changed", ""),
        (LAYOUT, "tree", "audit/", "audits/"),
        (LAYOUT, "tree", "  namespace: infra", "  namespace: infrb"),
    ] {
        let scratch = Scratch::new();
        let goldens = scratch.goldens();
        rewrite(&goldens.join(golden), from, to);
        let run = scratch
            .suite()
            .arg("commands")
            .env("SWAMP_UAT_SNAPSHOTS", &goldens)
            .assert()
            .code(101);
        let said = all_said(run.get_output());
        assert!(
            said.contains(&format!("drift on the surface {surface}:")),
            "{said}"
        );
        let shows = |sign: char, text: &str| {
            let mut lines = said.lines().filter(|line| line.starts_with(sign));
            lines.any(|line| line[1..].contains(text))
        };
        assert!(shows('-', to) && shows('+', from), "{said}");
        let drifted: Vec<_> = scratch
            .ledger()
            .into_iter()
            .filter(|entry| entry.status == Status::Drifted)
            .collect();
        assert_eq!(drifted.len(), 1, "only one scenario drifts");
        assert_eq!(drifted[0].drifted, [surface]);
    }
}

#[test]
fn a_drift_on_the_reference_leaves_nothing_to_review() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    rewrite(&goldens.join(CLI), "already", "allready");
    for bin in [None, Some(REFERENCE)] {
        let mut suite = scratch.suite();
        suite.envs(bin.map(|bin| ("SWAMP_BIN", bin)));
        suite
            .arg("s03")
            .env("SWAMP_UAT_SNAPSHOTS", &goldens)
            .env("SWAMP_UAT_COMMIT", "cafe")
            .env("INSTA_UPDATE", "always")
            .env("INSTA_FORCE_PASS", "1")
            .assert()
            .code(101);
        assert_eq!(pending(&goldens), Vec::<PathBuf>::new());
        let golden = std::fs::read_to_string(goldens.join(CLI)).unwrap();
        assert!(golden.contains("allready"), "the golden was written over");
    }
}

#[test]
fn a_drift_on_a_released_swamp_is_pending_with_its_provenance() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    rewrite(&goldens.join(CLI), "already", "allready");
    rewrite(&goldens.join(TREE), "nothing changed", "all changed");
    scratch
        .suite()
        .arg("s03")
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .env("SWAMP_BIN", scratch.released(""))
        .env("INSTA_UPDATE", "new")
        .assert()
        .code(101);
    let mut written = pending(&goldens);
    written.sort();
    assert_eq!(written.len(), 2, "both surfaces: {written:?}");
    for path in written {
        let text = std::fs::read_to_string(&path).unwrap();
        for part in [
            "scenario: 3",
            "phase: B",
            "backend: filesystem",
            "swamp: 0.1.0-sha.cafe",
            "commit: cafe",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let accepted = path.with_extension("");
        std::fs::rename(&path, &accepted).unwrap();
        assert!(
            golden::load(&accepted).unwrap().is_some(),
            "what is accepted is sound"
        );
    }
    scratch
        .suite()
        .arg("s03")
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .assert()
        .success();
}

#[test]
fn under_check_a_released_swamp_writes_nothing() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    rewrite(&goldens.join(CLI), "already", "allready");
    scratch
        .suite()
        .arg("s03")
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .env("SWAMP_BIN", scratch.released(""))
        .env("INSTA_UPDATE", "no")
        .assert()
        .code(101);
    assert_eq!(pending(&goldens), Vec::<PathBuf>::new());
}

#[test]
fn what_moves_by_itself_is_never_recorded() {
    for moves in [
        "echo ${#HOME}",
        // As the seconds since the machine was started, which begin within those of the clock.
        "now=$(date +%s%3N); [ -e $began ] || echo $now > $began; echo up $(((now - $(cat $began)) / 1000))",
    ] {
        let scratch = Scratch::new();
        let goldens = scratch.goldens();
        let began = scratch.path("began");
        let moving = format!(
            "began={}\ncase \"$*\" in *'namespace set infra') {moves};; esac",
            began.display()
        );
        let run = scratch
            .suite()
            .arg("s03")
            .env("SWAMP_UAT_SNAPSHOTS", &goldens)
            .env("SWAMP_BIN", scratch.released(&moving))
            .env("INSTA_UPDATE", "new")
            .assert()
            .code(101);
        let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        assert!(said.contains("second world"), "{moves}: {said}");
        assert_eq!(pending(&goldens), Vec::<PathBuf>::new(), "{moves}");
    }
}

#[test]
fn an_unavailable_backend_is_skipped_with_its_reason_and_keeps_its_goldens() {
    let scratch = Scratch::new();
    let references = scratch.path("references");
    let run = scratch
        .suite()
        .arg("::filesystem")
        .env("SWAMP_UAT_PRETEND_MISSING", "filesystem")
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", &references)
        .assert()
        .success();
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let all = scratch.trials().len();
    assert!(all > 0);
    let expected = format!("skipped on filesystem: {all} trial(s): SWAMP_UAT_PRETEND_MISSING");
    assert!(told.contains(&expected), "{told}");
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(said.contains(&format!("{all} ignored")), "{said}");
    let ledger = scratch.ledger();
    assert_eq!(ledger.len(), all);
    assert!(
        ledger
            .iter()
            .all(|e| e.status == Status::Skipped && e.reason.is_some())
    );
    let references = std::fs::read_to_string(references).unwrap();
    for golden in [CLI, TREE] {
        assert!(
            references.lines().any(|line| line.ends_with(golden)),
            "{golden}"
        );
    }
}

#[test]
fn a_required_backend_that_is_unavailable_is_a_failure() {
    let scratch = Scratch::new();
    let run = scratch
        .suite()
        .arg("::filesystem")
        .env("SWAMP_UAT_PRETEND_MISSING", "filesystem")
        .env("SWAMP_UAT_REQUIRE", "filesystem")
        .assert()
        .code(101);
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(
        said.contains("the backend filesystem is required and unavailable"),
        "{said}"
    );
    let ledger = scratch.ledger();
    assert_eq!(ledger.len(), scratch.trials().len());
    assert!(ledger.iter().all(|entry| entry.status == Status::Failed));
}

#[test]
fn a_golden_of_no_scenario_and_a_missing_one_are_told() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    std::fs::copy(goldens.join(CLI), goldens.join("s99_left_over@cli.snap")).unwrap();
    std::fs::remove_file(goldens.join(TREE)).unwrap();
    let run = scratch
        .suite()
        .arg("suite::")
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .assert()
        .code(101);
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(
        said.contains("s99_left_over@cli.snap: it belongs to no scenario"),
        "{said}"
    );
    assert!(
        said.contains(&format!("{TREE}: the golden is missing")),
        "{said}"
    );
}

#[test]
fn the_binary_lists_and_filters_as_any_test_binary_does() {
    let scratch = Scratch::new();
    let name = "datastore::namespace::commands::s03_set_already_set::filesystem";
    let listed = scratch.trials();
    assert!(listed.iter().any(|trial| trial == name), "{listed:?}");
    for (args, passed) in [
        (vec!["--exact", name], 1),
        (vec!["--exact", "s03_set_already_set"], 0),
        (vec!["s03", "--test-threads", "1"], 1),
        (vec!["--ignored"], 0),
    ] {
        let run = scratch.suite().args(&args).assert().success();
        let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        assert!(
            said.contains(&format!("ok. {passed} passed")),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn a_seed_draws_another_order() {
    let order = |seed: &str| {
        let scratch = Scratch::new();
        let mut suite = scratch.suite();
        suite
            .args(["commands", "--test-threads", "1"])
            .env("SWAMP_UAT_SHUFFLE", seed);
        suite.assert().success();
        let trials: Vec<u32> = scratch
            .ledger()
            .iter()
            .map(|entry| entry.scenario)
            .collect();
        trials
    };
    let drawn = order("1");
    assert_eq!(drawn, order("1"));
    assert_ne!(drawn, order("2"));
    assert_ne!(drawn, (1..=11).collect::<Vec<u32>>());
}

#[test]
fn ctrl_c_leaves_no_process_and_no_sandbox() {
    let scratch = Scratch::new();
    let pid_file = scratch.path("pid");
    let hanging = scratch.released(&format!(
        "sleep 600 & echo $! > {}; wait",
        pid_file.display()
    ));
    let mut suite = scratch
        .std_suite()
        .arg("s03")
        .env("SWAMP_BIN", hanging)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started =
        wait_for(|| std::fs::read_to_string(&pid_file).is_ok_and(|pid| pid.ends_with('\n')));
    assert!(started, "the hanging swamp was not started");
    kill(Pid::from_raw(suite.id().cast_signed()), Signal::SIGINT).unwrap();
    assert_eq!(suite.wait().unwrap().code(), Some(130));
    let pid: i32 = std::fs::read_to_string(&pid_file)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    // A process that is dead and not yet reaped is gone as well.
    let gone = wait_for(|| {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or_else(
            |_| kill(Pid::from_raw(pid), None).is_err(),
            |s| s.contains(") Z "),
        )
    });
    assert!(gone, "a process of the trial lives on");
    let left: Vec<_> = std::fs::read_dir(scratch.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_kept_sandbox_has_a_script_that_replays_the_trial() {
    let scratch = Scratch::new();
    scratch
        .suite()
        .arg("s03")
        .env("SWAMP_UAT_KEEP", "1")
        .assert()
        .success();
    let kept = PathBuf::from(scratch.ledger()[0].sandbox.clone().unwrap());
    let replay = std::process::Command::new("sh")
        .arg(kept.join("notes/repro.sh"))
        .arg(scratch.path("again"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&replay.stdout).into_owned()
        + &String::from_utf8_lossy(&replay.stderr);
    assert!(
        said.contains("Namespace is already set to \"infra\"."),
        "{said}"
    );
    assert!(scratch.path("again/ds/infra/.namespace.json").is_file());
}

#[test]
fn a_replay_shows_what_it_runs_and_removes_its_directory() {
    let scratch = Scratch::new();
    let mut suite = scratch.suite();
    suite.args(["s03", "--skip", "::s3", "--skip", "::gcs"]);
    suite.env("SWAMP_UAT_KEEP", "1").assert().success();
    let kept = PathBuf::from(scratch.ledger()[0].sandbox.clone().unwrap());
    std::fs::create_dir(scratch.path("replays")).unwrap();
    let place = scratch.path("replays").canonicalize().unwrap();
    let replay = |dir: Option<&std::path::Path>| {
        let mut sh = std::process::Command::new("sh");
        sh.arg(kept.join("notes/repro.sh")).args(dir);
        let output = sh.env("TMPDIR", &place).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = replay(None);
    let root = said
        .lines()
        .find_map(|line| line.strip_prefix("in "))
        .unwrap();
    assert!(root.starts_with(&*place.to_string_lossy()), "{said}");
    let shown = format!("infra$ swamp datastore setup filesystem --path {root}/ds");
    assert!(said.contains(&shown), "{shown:?} is missing in:\n{said}");
    let end = format!("removed {root}");
    assert!(said.lines().last().unwrap().starts_with(&end), "{said}");
    let left = || std::fs::read_dir(&place).unwrap().count();
    assert_eq!(left(), 0, "{said}");
    let named = place.join("named");
    let said = replay(Some(&named));
    assert!(
        !said.contains("removed /") && named.join("ds").is_dir(),
        "{said}"
    );
    assert_eq!(left(), 1);
}

#[test]
fn cargo_uat_sums_up_and_writes_junit() {
    let scratch = Scratch::new();
    let run = scratch.uat().assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    for part in [
        "namespace commands",
        "known deviations from the plan",
        "next:",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        told.contains("under test: the reference, version"),
        "{told}"
    );
    assert!(scratch.path("junit.xml").is_file());
}

#[test]
fn the_doctor_says_what_is_here_and_what_is_missing() {
    let scratch = Scratch::new();
    let ill = scratch
        .uat()
        .arg("doctor")
        .env("SWAMP_UAT_PRETEND_MISSING", "filesystem")
        .assert()
        .code(1);
    let said = String::from_utf8_lossy(&ill.get_output().stdout).into_owned();
    for part in [
        "under test:  the reference",
        "filesystem: unavailable: SWAMP_UAT_PRETEND_MISSING",
        "insta:",
        "cargo-insta:",
        "deno:",
        "missing:",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
