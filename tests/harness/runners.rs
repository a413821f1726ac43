//! How a run is started, followed and summed up: filters, arguments, the last screen, the build.

use std::process::Command as StdCommand;

use crate::common::{Scratch, refuses};
use crate::said::{CLI, drifting, said, scenarios};

#[test]
fn several_filters_run_what_any_of_them_names() {
    let name = "datastore::namespace::commands::s03_set_already_set::filesystem";
    for (args, ids) in [
        (vec!["s03", "s04"], vec![3, 4]),
        (vec!["s03", "s04", "--skip", "s04"], vec![3]),
        (vec![name, "s04", "--exact"], vec![3]),
        (
            vec!["--no-capture", "-Z", "unstable-options", "s03"],
            vec![3],
        ),
    ] {
        let scratch = Scratch::new();
        said(scratch.suite().args(&args)).has(0, &[&format!("ok. {} passed", ids.len())]);
        assert_eq!(scenarios(&scratch), ids, "{args:?}");
    }
    let scratch = Scratch::new();
    said(scratch.uat().args(["s03", "s04", "--", "--skip", "s04"])).has(0, &["next:"]);
    assert_eq!(scenarios(&scratch), [3]);
}

#[test]
fn a_number_of_threads_that_is_none_is_refused() {
    let scratch = Scratch::new();
    let refused = ["next:", "1 or more"];
    said(scratch.suite().args(["s03", "--test-threads", "0"])).has(2, &refused);
    said(scratch.uat().args(["s03", "--", "--test-threads", "0"])).has(2, &refused);
    for bad in ["0", "many"] {
        said(scratch.suite().arg("s03").env("RUST_TEST_THREADS", bad)).has(2, &refused);
    }
    said(
        scratch
            .suite()
            .args(["s03", "--test-threads", "99999999999"]),
    )
    .has(0, &["1 passed"]);
}

#[test]
fn after_the_first_failure_no_trial_begins_if_the_user_wants_that() {
    let scratch = Scratch::new();
    let goldens = drifting(&scratch);
    let mut suite = scratch.suite();
    suite
        .args(["s03", "s04", "s05", "--fail-fast", "--test-threads", "1"])
        .env("SWAMP_UAT_SNAPSHOTS", goldens);
    said(&mut suite).has(
        101,
        &["1 failed; 2 ignored", "skipped: 2 trial(s): --fail-fast"],
    );
}

#[test]
fn cargo_uat_is_never_green_where_nothing_ran() {
    let exact = ["s03", "--", "--exact"];
    for (args, why) in [
        (&["nosuch"][..], "contains nosuch"),
        (&["nosuch", "--", "--format", "json"], "contains nosuch"),
        (
            &["nosuch", "--", "--logfile", "/dev/null"],
            "contains nosuch",
        ),
        (
            &["nosuch", "--", "-q", "--color", "always"],
            "contains nosuch",
        ),
        (&["--", "--bench"], "--bench"),
        (&["--", "--ignored", "--skip", "::"], "--ignored"),
        (&["--", "--skip", ""], "--skip"),
        (&exact, "--exact"),
    ] {
        let scratch = Scratch::new();
        said(scratch.uat().args(args)).has(2, &["no trial ran", "found:", "next:", why]);
    }
    let scratch = Scratch::new();
    let mut skipped = scratch.uat();
    skipped
        .args(["s03"])
        .env("SWAMP_UAT_PRETEND_MISSING", "filesystem");
    said(&mut skipped).has(
        2,
        &[
            "every trial that this selects was skipped",
            "PRETEND_MISSING",
        ],
    );
}

#[test]
fn a_filter_that_matches_nothing_is_named_before_any_trial() {
    let scratch = Scratch::new();
    for (args, found) in [
        (&["s03", "zzz"][..], "a name that contains zzz"),
        (&["zzz", "s03", "yyy"], "a name that contains zzz or yyy"),
        (
            &["s03", "zzz", "--", "--exact"],
            "the name s03 or zzz (--exact)",
        ),
        (&["S03", "--", "s04"], "a name that contains S03"),
    ] {
        let uat = &mut scratch.uat();
        refuses(
            uat.args(args),
            &["no trial ran", "no trial has ", found, "-- --list"],
        );
    }
    for args in [&[""][..], &["s03", ""]] {
        refuses(
            scratch.uat().args(args),
            &["no trial ran", "is empty", "leave it out to run all"],
        );
    }
    // Under cargo test a filter may be meant for another test binary.
    let direct = said(scratch.suite().args(["s03", "zzz"]));
    direct.has(0, &["1 passed", "no trial has a name that contains zzz"]);
    let other = said(scratch.suite().arg("zzz"));
    other.has(0, &["0 passed"]);
    assert!(!other.err.contains("zzz"), "{}", other.err);
    for mut command in [scratch.suite(), scratch.uat()] {
        let by_cargo = command.get_program().to_string_lossy().ends_with("/uat");
        command.args(["s03"]).args(by_cargo.then_some("--"));
        let done = said(command.args(["--skip", "s04", "--skip", "zzz"]));
        done.has(0, &["--skip zzz leaves nothing out"]);
        assert!(!done.err.contains("--skip s04"), "{}", done.err);
    }
    // What is left out by name is there all the same.
    said(scratch.uat().args(["s03", "s04", "--", "--skip", "s04"])).has(0, &["next:"]);
}

#[test]
fn a_misspelt_command_is_told_from_a_filter() {
    let scratch = Scratch::new();
    for (args, command) in [
        (&["docter"][..], "doctor"),
        (&["clena"], "clean"),
        (&["finding"], "findings"),
        (&["kill_matrix"], "kill-matrix"),
        (&["emulator", "up"], "emulators"),
        (&["s03", "clean"], "clean"),
    ] {
        let advice = format!("did you mean `cargo uat {command}`?");
        refuses(scratch.uat().args(args), &["no trial ran", &advice]);
    }
    let far = said(scratch.uat().arg("zzz"));
    assert!(!far.err.contains("did you mean"), "{}", far.err);
}

#[test]
fn without_cargo_its_absence_is_named() {
    let scratch = Scratch::new();
    for command in [&["s03"][..], &["doctor"], &["findings"]] {
        let uat = &mut scratch.uat();
        uat.args(command)
            .env_remove("CARGO")
            .env("PATH", "/nowhere");
        let parts = [
            "no program \"cargo\"",
            "PATH is \"/nowhere\"",
            "PATH",
            ".cargo/bin",
        ];
        refuses(uat, &parts);
    }
    let uat = &mut scratch.uat();
    uat.arg("s03").env_remove("CARGO").env_remove("PATH");
    refuses(uat, &["no program \"cargo\"", "PATH is unset"]);
    let uat = &mut scratch.uat();
    uat.arg("s03").env("CARGO", "/no/cargo");
    refuses(
        uat,
        &[
            "no program \"/no/cargo\"",
            "CARGO is \"/no/cargo\"",
            "unset CARGO",
        ],
    );
}

#[test]
fn the_table_is_there_in_whatever_form_the_outcomes_are_written() {
    for args in [
        &["--format", "json"][..],
        &["-q"],
        &["--logfile", "/dev/null"],
        &["--color", "always", "--nocapture"],
    ] {
        let scratch = Scratch::new();
        let done = said(scratch.uat().args(["s03", "--"]).args(args));
        done.has(0, &["namespace commands", "next:\n  nothing"]);
    }
}

#[test]
fn the_last_screen_names_the_one_drift() {
    let scratch = Scratch::new();
    let goldens = drifting(&scratch);
    for mut command in [scratch.uat(), scratch.suite()] {
        let args = ["--skip", "::s3", "--skip", "::gcs"];
        if command.get_program().to_string_lossy().ends_with("/uat") {
            command.arg("--");
        }
        let done = said(command.args(args).env("SWAMP_UAT_SNAPSHOTS", &goldens));
        done.has(101, &["known deviations from the plan: "]);
        let both = if done.out.contains("ledger:") {
            &done.out
        } else {
            &done.err
        };
        let last: Vec<&str> = both.lines().rev().take(24).collect();
        let drift =
            "drifted: datastore::namespace::commands::s03_set_already_set::filesystem (cli)";
        assert!(last.contains(&drift), "{both}");
        assert!(!both.contains("(planned:"), "{both}");
    }
    let known = said(scratch.uat().args(["s52", "--verbose"]));
    known.has(0, &["known deviation: 52 ", "(planned: "]);
}

#[test]
fn skipped_trials_have_one_line_for_each_reason() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.args(["s18", "s19", "s03"])
        .env("SWAMP_UAT_PRETEND_MISSING", "s3,gcs");
    let done = said(&mut uat);
    let missing = "skipped: 2 trial(s): SWAMP_UAT_PRETEND_MISSING names";
    done.has(0, &[&format!("{missing} s3"), &format!("{missing} gcs")]);
    assert!(
        !done.out.contains("... ignored") && !done.out.contains("s18"),
        "{}",
        done.out
    );
}

#[test]
fn a_fault_of_the_suite_itself_stands_on_the_last_screen() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    std::fs::copy(goldens.join(CLI), goldens.join("s99_left_over@cli.snap")).unwrap();
    let mut uat = scratch.uat();
    uat.args(["s03", "suite::"])
        .env("SWAMP_UAT_SNAPSHOTS", goldens);
    let done = said(&mut uat);
    done.has(
        101,
        &["the suite itself: s99_left_over@cli.snap: it belongs to no scenario"],
    );
    assert!(!done.out.contains("nothing: all is"), "{}", done.out);
    let junit = std::fs::read_to_string(scratch.path("junit.xml")).unwrap();
    assert!(junit.contains("99_left_over"), "{junit}");
}

#[test]
fn a_build_for_cargo_uat_is_the_build_for_the_scenarios() {
    let features = |edges: &str| {
        let output = StdCommand::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--prefix", "none"])
            .args(["--format", "{p} {f}", "--edges", edges])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = text
            .lines()
            .map(|line| line.trim_end_matches(" (*)").to_owned());
        lines.collect::<std::collections::BTreeSet<String>>()
    };
    let (uat, scenarios) = (features("normal,build"), features("normal,build,dev"));
    let other: Vec<&String> = uat.difference(&scenarios).collect();
    assert!(
        uat.len() > 100 && other.is_empty(),
        "built twice, as tests want other features: {other:?}"
    );
}

#[test]
fn the_build_shows_from_the_first_second() {
    let scratch = Scratch::new();
    // A compiler that answers questions and compiles nothing: the first crate ends the build.
    let compiler = scratch.script(
        "compiler",
        "for word; do case $word in */src/*|src/*|*build.rs) exit 1;; esac; done\nexec \"$@\"",
    );
    let output = StdCommand::new(env!("CARGO"))
        .args(["uat", "--version"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", scratch.path("target"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("RUSTC_WRAPPER", compiler)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("Compiling"), "{said}");
}

#[test]
fn with_a_format_for_machines_nothing_else_goes_to_standard_output() {
    let scratch = Scratch::new();
    let run = said(scratch.uat().args(["s03", "--", "--format", "json"]));
    run.has(0, &["ledger: "]);
    assert!(
        run.err.contains("nothing: all is as the goldens say"),
        "{}",
        run.err
    );
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines.len() > 2, "{}", run.out);
    for line in lines {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
    }
}

#[test]
fn a_word_that_names_nothing_is_told_with_what_was_asked_for() {
    let scratch = Scratch::new();
    let parts = ["no trial ran: s03 s9999 was asked for", "contains s9999"];
    refuses(scratch.uat().args(["s03", "s9999"]), &parts);
}

#[test]
fn the_doctor_says_which_context_of_docker_is_not_there() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.arg("doctor")
        .env_remove("DOCKER_HOST")
        .env("DOCKER_CONTEXT", "lost");
    let doctor = said(&mut uat);
    assert!(
        doctor
            .out
            .contains("docker:      none: docker's context lost: "),
        "{}",
        doctor.out
    );
}
