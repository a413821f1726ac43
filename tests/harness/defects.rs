//! Scripts that show a defect with swamp alone, as `cargo uat repro` prints them: each ends with 1
//! on the reference, with 0 where the reference has the defect switched off, and with 2 where it
//! cannot be run.

use std::path::Path;
use std::process::{Command, Output};

use swamp_uat::kind::Kind;
use swamp_uat::report::findings;

use crate::backends::start;
use crate::common::{REFERENCE, Scratch, refuses};

fn known() -> Vec<findings::Known> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("FINDINGS.md");
    findings::read(&std::fs::read_to_string(path).unwrap())
}

fn printed(scratch: &Scratch, id: &str) -> String {
    let printed = scratch.uat().args(["repro", id]).assert().success();
    String::from_utf8(printed.get_output().stdout.clone()).unwrap()
}

/// How a script ends on `swamp`.
fn played(scratch: &Scratch, script: &str, swamp: &Path, s3: &str) -> Output {
    let path = scratch.path("script");
    std::fs::write(&path, script).unwrap();
    let mut sh = Command::new("sh");
    sh.arg(path)
        .env("SWAMP_BIN", swamp)
        .env_remove("SWAMP_UAT_EXTENSIONS");
    sh.env("HOME", scratch.path("tmp"))
        .env("TMPDIR", scratch.path("tmp"));
    sh.env("SWAMP_UAT_S3_ENDPOINT", s3).output().unwrap()
}

#[track_caller]
fn shows(scratch: &Scratch, id: &str, script: &str, s3: &str) {
    let without = scratch.script(
        "without",
        &format!("SWAMP_REFERENCE_QUIRKS_OFF={id} exec {REFERENCE} \"$@\""),
    );
    let cases = [
        (Path::new(REFERENCE), 1),
        (&without, 0),
        (Path::new("/bin/false"), 2),
        (Path::new("/no/such/swamp"), 2),
    ];
    for (swamp, code) in cases {
        let ended = played(scratch, script, swamp, s3);
        let said = String::from_utf8_lossy(&ended.stdout);
        assert_eq!(
            ended.status.code(),
            Some(code),
            "{id}, {}: {said}",
            swamp.display()
        );
        let marked = said.lines().any(|line| line.starts_with("> "));
        assert_eq!(marked, code == 1, "{id}, {}: {said}", swamp.display());
    }
}

#[test]
fn a_script_by_hand_shows_each_data_loss() {
    let s3 = start(Kind::S3);
    let by_hand = known()
        .into_iter()
        .filter(|defect| defect.by_hand.is_some());
    let ids: Vec<String> = by_hand.map(|defect| defect.id).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let scratch = Scratch::new();
        shows(&scratch, &id, &printed(&scratch, &id), &s3.endpoint);
    }
}

#[test]
fn a_script_from_a_replay_shows_a_defect() {
    let s3 = start(Kind::S3);
    // A wrong answer, a line that is missing, a lock of now, and a bucket.
    for id in [
        "unset-keeps-manifest",
        "workflow-outputs-stay-local",
        "unreadable-lock-is-none",
        "unset-keeps-claim-in-bucket",
    ] {
        let scratch = Scratch::new();
        shows(&scratch, id, &printed(&scratch, id), &s3.endpoint);
    }
}

#[test]
fn a_defect_that_no_line_tells_is_replayed_for_its_reader() {
    let s3 = start(Kind::S3);
    let scratch = Scratch::new();
    let script = printed(&scratch, "sync-log-on-stdout");
    let ended = played(&scratch, &script, Path::new(REFERENCE), &s3.endpoint);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("compare it with what is planned"), "{said}");
}

/// What is printed was tried on the reference, with the defect and without.
#[test]
#[ignore = "it takes minutes; to be run by hand when src/report/evidence.rs or src/report/repro.rs change"]
fn every_defect_has_a_script() {
    let scratch = Scratch::new();
    for defect in known() {
        let printed = scratch.uat().args(["repro", &defect.id]).output().unwrap();
        let said = String::from_utf8_lossy(&printed.stderr);
        assert_eq!(printed.status.code(), Some(0), "{}: {said}", defect.id);
    }
}

#[test]
fn a_defect_that_is_not_known_is_refused_and_all_that_are_can_be_listed() {
    let scratch = Scratch::new();
    let near = "did you mean `cargo uat repro stranded-push`?";
    refuses(scratch.uat().args(["repro", "stranded-pull"]), &[near]);
    refuses(scratch.uat().args(["repro", "zzz"]), &["repro --list"]);
    for args in [&["repro"][..], &["repro", "--list"]] {
        let listed = scratch.uat().args(args).assert().success();
        let lines = String::from_utf8_lossy(&listed.get_output().stdout)
            .lines()
            .count();
        assert_eq!(lines, known().len());
    }
}
