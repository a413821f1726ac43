//! What a red run tells: enough to see what is wrong without looking for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{REFERENCE, Scratch, refuses};
use crate::said::{drifting, said};

/// A reference that does `does` in the repo after a namespace was set.
fn after_set(scratch: &Scratch, does: &str) -> PathBuf {
    let body = format!(
        "{REFERENCE} \"$@\"; code=$?\n\
         case \"$*\" in 'datastore namespace set'*) {does};; esac\n\
         exit $code"
    );
    scratch.script("swamp", &body)
}

const TRIAL: &str = "s03_set_already_set::filesystem";

#[test]
fn a_change_that_no_golden_shows_is_shown_before_and_after() {
    let scratch = Scratch::new();
    let does = "sed -i 's|^.swamp/|.swamp/x|' .gitignore; echo sk-9f8e7d6c >> .gitignore; \
                printf 'one\\ntwo' > notes; head -c 300 /dev/zero > zeros; \
                ln -s notes link; mkdir dir; : > sixth";
    let mut suite = scratch.suite();
    suite.arg(TRIAL).env("SWAMP_BIN", after_set(&scratch, does));
    // A secret of the user's is in none of it.
    let run = said(suite.env("SWAMP_API_KEY", "sk-9f8e7d6c"));
    run.has(
        101,
        &[
            "changed infra/.gitignore: no such command may touch it\n    it was a file of ",
            "\n    - .swamp/\n    + .swamp/x\n    + <secret>\n",
            "made infra/notes: a file that the table does not know\n    it is a file of 7 bytes \
             with the permissions 644\n    | one\n    | two[EOF]\n",
            "made infra/dir: a directory that the table does not know\n    it is a directory with",
            "it is a link to notes\n",
        ],
    );
    let ledger = std::fs::read_to_string(scratch.path("ledger.json")).unwrap();
    for text in [&run.out, &run.err, &ledger] {
        assert!(!text.contains("sk-9f8e7d6c"), "{text}");
    }
    // Of many, the first are shown, and all are named.
    assert!(run.err.contains("made infra/sixth"), "{}", run.err);
    assert!(!run.err.contains("what it holds is no text"), "{}", run.err);
}

#[test]
fn a_trial_that_failed_without_a_drift_says_what_to_do_on_the_last_screen() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.arg(TRIAL);
    uat.env("SWAMP_BIN", after_set(&scratch, "echo x > x"));
    let run = said(&mut uat);
    let (_, last) = run.out.rsplit_once("\nnext:\n").unwrap();
    assert!(last.contains("read above what failed"), "{last}");
    assert!(last.contains("the table of src/world/table.rs"), "{last}");
    assert!(!run.out.contains("read the differences"), "{}", run.out);
}

#[test]
fn the_last_screen_has_the_first_line_that_drifted() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.arg(TRIAL);
    let run = said(uat.env("SWAMP_UAT_SNAPSHOTS", drifting(&scratch)));
    assert_eq!(run.code, Some(101), "{}", run.out);
    let (_, screen) = run.out.rsplit_once("\ndrifted: ").unwrap();
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[0].contains("s03_set_already_set"), "{screen}");
    let changed = (lines[1].trim(), lines[2].trim());
    assert!(
        changed.0.starts_with('-') && changed.0.contains("allready"),
        "{screen}"
    );
    assert!(
        changed.1.starts_with('+') && changed.1.contains("already"),
        "{screen}"
    );
}

#[test]
fn sandboxes_that_the_last_screen_does_not_list_are_found_as_it_says() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.args([
        "commands::",
        "migrate::",
        "--",
        "--skip",
        "::s3",
        "--skip",
        "::gcs",
    ]);
    let run = said(uat.env("SWAMP_REFERENCE_FAULT", "set-skips-manifest"));
    assert_eq!(run.code, Some(101), "{}", run.out);
    let mut lines = run
        .out
        .lines()
        .skip_while(|line| !line.contains("are not listed here"));
    assert!(lines.next().is_some(), "{}", run.out);
    let command = lines.next().unwrap();
    let found = Command::new("sh").args(["-c", command]).output().unwrap();
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    let entries = scratch.ledger();
    let kept = entries.iter().filter(|entry| entry.sandbox.is_some());
    let kept: Vec<String> = kept
        .map(|entry| format!("{} {}", entry.trial, entry.sandbox.clone().unwrap()))
        .collect();
    assert!(kept.len() > 10, "{kept:?}");
    assert_eq!(found.lines().collect::<Vec<_>>(), kept);
}

#[test]
fn a_ledger_in_a_directory_that_is_not_there_is_refused() {
    let scratch = Scratch::new();
    let absent = scratch.path("absent");
    let name = absent.to_string_lossy().into_owned();
    for mut command in [scratch.suite(), scratch.uat()] {
        command.arg("s03");
        command.env("SWAMP_UAT_LEDGER", absent.join("ledger.json"));
        refuses(
            &mut command,
            &["cannot be written", &format!("there is no {name}")],
        );
        assert!(!Path::new(&absent).exists());
    }
}

#[test]
fn clean_says_what_it_would_remove_and_how_far_it_is() {
    let scratch = Scratch::new();
    let mut suite = scratch.suite();
    suite
        .arg(TRIAL)
        .env("SWAMP_UAT_KEEP", "1")
        .assert()
        .success();
    let run = said(scratch.uat().args(["clean", "--dry-run"]));
    let sandbox = scratch.ledger()[0].sandbox.clone().unwrap();
    let line = run
        .out
        .lines()
        .find(|line| line.contains(&sandbox))
        .unwrap();
    for part in [TRIAL, " KiB", " old"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let run = said(scratch.uat().arg("clean"));
    let told = "removing what runs left: 0 of 1 directories";
    assert!(run.err.contains(told), "{}", run.err);
    assert!(!Path::new(&sandbox).exists());
}

#[test]
fn a_run_leaves_a_report_for_a_pull_request_and_writes_over_nobody_elses() {
    let scratch = Scratch::new();
    let step = scratch.path("step.md");
    std::fs::write(&step, "of an earlier step\n").unwrap();
    // What it records is dropped with them.
    let goldens = scratch.goldens();
    let swamp = scratch.released("case \"$*\" in *list*) echo more;; esac");
    for mut command in [scratch.suite(), scratch.uat()] {
        command.args(["s06", "s07"]).env("SWAMP_BIN", &swamp);
        command.env("GITHUB_STEP_SUMMARY", &step);
        command.env("SWAMP_UAT_SNAPSHOTS", &goldens);
        command.env("GITHUB_ACTIONS", "true");
        let run = said(&mut command);
        let annotation = "::error file=tests/cli/datastore/namespace/commands.rs,line=";
        let lines = run.err.lines().filter(|line| line.starts_with(annotation));
        assert!(lines.count() >= 2, "{}", run.err);
        let report = std::fs::read_to_string(scratch.path("report.md")).unwrap();
        assert!(
            report.starts_with("# swamp-uat: red: 1 drifted, 1 failed\n"),
            "{report}"
        );
        assert!(
            report.contains("+more") && report.contains("<details>"),
            "{report}"
        );
        let told = std::fs::read_to_string(&step).unwrap();
        assert!(told.starts_with("of an earlier step\n") && told.ends_with(&report));
    }
    std::fs::write(scratch.path("report.md"), "mine\n").unwrap();
    let mut uat = scratch.uat();
    refuses(uat.arg("s06"), &["none of swamp-uat's, and would be lost"]);
    let run = said(scratch.suite().arg("s06"));
    assert!(run.err.contains("could not be written"), "{}", run.err);
    assert_eq!(
        std::fs::read_to_string(scratch.path("report.md")).unwrap(),
        "mine\n"
    );
}

#[test]
fn what_a_run_left_red_is_run_again_alone() {
    let scratch = Scratch::new();
    let broken = scratch.released("case \"$*\" in *list*) echo more;; esac");
    let goldens = scratch.goldens();
    let mut uat = scratch.uat();
    uat.args(["s03", "s06", "s07"]).env("SWAMP_BIN", &broken);
    uat.env("SWAMP_UAT_SNAPSHOTS", &goldens);
    said(&mut uat).has(101, &["s07_list_with_entries"]);
    let mut again = scratch.uat();
    again.arg("rerun").env("SWAMP_BIN", &broken);
    again.env("SWAMP_UAT_SNAPSHOTS", &goldens);
    said(&mut again).has(101, &["[2/2]"]);
    let run = said(scratch.uat().arg("rerun"));
    run.has(0, &["[2/2]"]);
    assert!(!run.out.contains("s03_"), "{}", run.out);
    said(scratch.uat().arg("rerun")).has(0, &["nothing to run again"]);
}
