//! What stays of a run: its ledger and its JUnit report, however it ended and whatever ran beside it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use crate::common::{Scratch, wait_for};
use crate::said::{drifting, files, said, scenarios};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use swamp_uat::report::ledger::Status;

#[test]
fn a_scenario_binary_that_dies_is_not_green() {
    let scratch = Scratch::new();
    // The swamp of scenario 4, in its second repo, kills the process that runs the trials.
    let deadly = scratch.released("case \"$PWD\" in */second) kill -9 $PPID;; esac");
    let mut running = scratch
        .std_uat()
        .args(["s03", "s04", "s05", "s06", "--", "--test-threads", "1"])
        .env("SWAMP_BIN", deadly)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = running.wait().unwrap();
    let mut out = String::new();
    running
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    assert_eq!(status.code(), Some(1), "{out}");
    for part in [
        "was killed by SIGKILL",
        "not run",
        "not whole",
        "run it again",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("nothing: all is as"), "{out}");
    let ledger = scratch.ledger();
    assert_eq!(ledger.len(), 4, "each trial has a line");
    assert!(ledger.iter().any(|e| e.status == Status::NotRun));
    let junit = std::fs::read_to_string(scratch.path("junit.xml")).unwrap();
    assert!(junit.contains("it did not run"), "{junit}");
}

#[test]
fn a_scenario_binary_that_dies_before_any_trial_is_told_from_one_that_has_none() {
    let scratch = Scratch::new();
    let deadly = scratch.script("swamp", "kill -9 $PPID");
    let mut uat = scratch.uat();
    let done = said(uat.arg("s03").env("SWAMP_BIN", deadly));
    done.has(
        1,
        &[
            "nothing ran",
            "killed by SIGKILL before it named its trials",
        ],
    );
    assert!(!done.out.contains("nothing: all is as"), "{}", done.out);
}

#[test]
fn ctrl_c_leaves_a_ledger_that_says_what_did_not_run() {
    let scratch = Scratch::new();
    let started = scratch.path("started");
    let hanging = scratch.released(&format!("touch {}; sleep 600", started.display()));
    let mut suite = scratch
        .std_suite()
        .args(["s03", "s04"])
        .env("SWAMP_BIN", hanging)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(wait_for(|| started.exists()), "no trial began");
    kill(Pid::from_raw(suite.id().cast_signed()), Signal::SIGINT).unwrap();
    assert_eq!(suite.wait().unwrap().code(), Some(130));
    let ledger = scratch.ledger();
    assert_eq!(ledger.len(), 2);
    assert!(
        ledger.iter().all(|e| e.status == Status::NotRun),
        "{ledger:?}"
    );
    assert!(
        !files(&scratch.path(""))
            .iter()
            .any(|name| name.ends_with(".run"))
    );
}

#[test]
fn two_runs_at_once_keep_their_ledgers_apart() {
    let scratch = Scratch::new();
    let goldens = drifting(&scratch);
    let slow = scratch.released("sleep 0.3");
    let mut green = scratch.std_uat();
    let mut green = green
        .arg("s04")
        .env("SWAMP_BIN", slow)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut red = scratch.uat();
    red.arg("s03").env("SWAMP_UAT_SNAPSHOTS", &goldens);
    let red = said(&mut red);
    red.has(101, &["drifted: datastore::namespace::commands::s03"]);
    assert!(!red.out.contains("s04"), "{}", red.out);
    let mut out = String::new();
    green
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    assert_eq!(green.wait().unwrap().code(), Some(0), "{out}");
    assert!(
        out.contains("nothing: all is as") && !out.contains("s03"),
        "{out}"
    );
}

#[test]
fn a_run_that_is_refused_leaves_no_ledger_of_an_earlier_one() {
    let bad: [(&str, &str, &[&str]); 4] = [
        ("SWAMP_BIN", "/bin/true", &[]),
        ("SWAMP_UAT_TIMEOUT", "soon", &[]),
        ("INSTA_UPDATE", "foo", &[]),
        ("X", "", &["--test-threads", "0"]),
    ];
    for (name, value, args) in bad {
        for uat in [true, false] {
            let scratch = Scratch::new();
            said(scratch.uat().arg("s03")).has(0, &[]);
            assert!(scratch.path("junit.xml").exists());
            let mut command = if uat {
                let mut uat = scratch.uat();
                uat.args(["s03", "--"]);
                uat
            } else {
                scratch.suite()
            };
            said(command.args(args).env(name, value)).has(2, &["next:"]);
            assert_eq!(files(&scratch.path("")), ["tmp"], "{name} {uat}");
        }
    }
}

#[test]
fn only_a_regular_file_is_taken_as_a_ledger() {
    let scratch = Scratch::new();
    let fifo = scratch.path("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for place in [Path::new("/dev/full"), Path::new("/dev/stdout"), &fifo] {
        for mut command in [scratch.suite(), scratch.uat()] {
            command.arg("s03").env("SWAMP_UAT_LEDGER", place);
            said(command.timeout(std::time::Duration::from_secs(120)))
                .has(2, &["cannot be written", "SWAMP_UAT_LEDGER"]);
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_and_is_no_drift() {
    let scratch = Scratch::new();
    for mut command in [scratch.std_uat(), scratch.std_suite()] {
        let mut run = command
            .args(["commands"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(run.stdout.take().unwrap());
        lines.read_line(&mut String::new()).unwrap();
        drop(lines);
        let mut err = String::new();
        run.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(run.wait().unwrap().code(), Some(141), "{err}");
        assert!(!err.contains("panicked"), "{err}");
        assert!(files(&scratch.path("tmp")).is_empty(), "sandboxes stay");
    }
    for mut command in [scratch.std_uat(), scratch.std_suite()] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let run = command.arg("s03").stdout(full).output().unwrap();
        let err = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{err}");
        assert!(
            err.contains("cannot be written") && !err.contains("panicked"),
            "{err}"
        );
    }
}

#[test]
fn junit_has_the_differences() {
    let scratch = Scratch::new();
    let goldens = drifting(&scratch);
    let mut uat = scratch.uat();
    uat.arg("s03").env("SWAMP_UAT_SNAPSHOTS", goldens);
    said(&mut uat).has(101, &[]);
    let junit = std::fs::read_to_string(scratch.path("junit.xml")).unwrap();
    for part in ["message=\"drifted: cli\"", "allready", "repro.sh"] {
        assert!(junit.contains(part), "{part}: {junit}");
    }
}

#[test]
fn the_processes_of_nextest_share_a_ledger_for_each_run() {
    let scratch = Scratch::new();
    let play = |run: &str, id: &str| {
        let mut suite = scratch.suite();
        suite.arg(id).env("NEXTEST", "1").env("NEXTEST_RUN_ID", run);
        said(&mut suite).has(0, &["1 passed"]);
    };
    play("one", "s03");
    play("one", "s04");
    assert_eq!(scenarios(&scratch), [3, 4]);
    play("two", "s03");
    assert_eq!(scenarios(&scratch), [3], "two runs do not add up");
}

#[test]
fn a_run_of_nextest_leaves_its_file_to_the_next_run_at_most() {
    let scratch = Scratch::new();
    let files = || {
        let entries = std::fs::read_dir(scratch.path(".")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".run")).count()
    };
    for run in ["one", "two", "three"] {
        // The shell stands for nextest: it starts the processes, and is gone with the run.
        let suite = scratch.std_suite();
        let mut sh = std::process::Command::new("sh");
        sh.args(["-c", "\"$0\" s03 && \"$0\" s04; exit $?"]);
        sh.arg(suite.get_program());
        for (name, value) in suite.get_envs() {
            match value {
                Some(value) => sh.env(name, value),
                None => sh.env_remove(name),
            };
        }
        sh.env("NEXTEST", "1").env("NEXTEST_RUN_ID", run);
        assert!(sh.output().unwrap().status.success(), "{run}");
        assert_eq!(scenarios(&scratch), [3, 4], "{run}");
        assert_eq!(files(), 1, "{run}");
    }
    scratch.suite().arg("s03").assert().success();
    assert_eq!(files(), 0);
}

#[test]
fn a_file_of_the_users_is_never_taken_for_a_ledger() {
    for (file, said) in [
        ("mine.json", "what stands there is no ledger"),
        ("junit.xml", "what stands there is none of swamp-uat's"),
    ] {
        let scratch = Scratch::new();
        std::fs::write(scratch.path(file), "{\"precious\": true}\n").unwrap();
        let run = scratch
            .uat()
            .arg("s03")
            .env("SWAMP_UAT_LEDGER", scratch.path("mine.json"))
            .assert()
            .code(2);
        let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(told.contains(said), "{told}");
        let kept = std::fs::read_to_string(scratch.path(file)).unwrap();
        assert_eq!(kept, "{\"precious\": true}\n", "{file}");
    }
}
