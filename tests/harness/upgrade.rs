//! `cargo uat upgrade` and `cargo uat mixed`: two swamps in one trial.

use std::path::PathBuf;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::{REFERENCE, Scratch, refuses, wait_for};
use crate::said::said;

/// What was answered: the exit code, standard output and standard error.
fn answered(scratch: &Scratch, args: &[&str]) -> (Option<i32>, String, String) {
    let run = said(scratch.uat().args(args));
    (run.code, run.out, run.err)
}

/// The file that a run of `definitions-evaluated` moves where the older one has set the scene.
const MOVED: &str = "-> definitions-evaluated/command/shell/*.yaml\n+> definitions-evaluated/command/shell/*.yaml\n";

fn stated(scratch: &Scratch, items: &[(&str, &str)]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|(why, lines)| serde_json::json!({ "why": why, "lines": lines }))
        .collect();
    let path = scratch.path("stated.json");
    std::fs::write(&path, serde_json::json!(items).to_string()).expect("a file");
    path.display().to_string()
}

#[test]
fn what_an_older_one_left_shows_in_an_upgrade_and_may_be_stated() {
    let scratch = Scratch::new();
    let upgrade = ["upgrade", "--reference=evaluated-by-id", "s12", "s01"];
    let (code, out, told) = answered(&scratch, &upgrade);
    assert_eq!(code, Some(1), "{out}{told}");
    assert!(
        out.starts_with("1 finding(s) in 1 of 2 trial(s)\n"),
        "{out}"
    );
    for line in [
        "     -> definitions-evaluated/command/shell/hello.yaml\n",
        "     +> definitions-evaluated/command/shell/<model:hello>.yaml\n",
    ] {
        assert!(out.contains(line), "{out}");
    }
    assert!(
        told.contains("the scene is set by the reference, "),
        "{told}"
    );
    // No trace of it stays.
    let left = std::fs::read_dir(scratch.path("played")).expect("what was played");
    assert_eq!(left.count(), 1);

    let known = ("its name is new", MOVED);
    let file = stated(&scratch, &[known]);
    let with = |file: &str| answered(&scratch, &[&upgrade[..], &["--stated", file]].concat());
    let (code, out, _) = with(&file);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("Found, and expected:\n  its name is new\n"),
        "{out}"
    );
    let (code, out, _) = with(&stated(&scratch, &[known, ("it was so once", "+more")]));
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("drop it:\n  it was so once\n"), "{out}");
}

#[test]
fn an_upgrade_from_the_first_catalog_and_from_links_shows_both() {
    let scratch = Scratch::new();
    let ways = "--reference=first-catalog,linked-latest";
    let (code, out, told) = answered(&scratch, &["upgrade", ways, "s52", "--format", "json"]);
    assert_eq!(code, Some(1), "{out}{told}");
    let found: serde_json::Value = serde_json::from_str(&out).expect("JSON alone");
    let lines = |list: &str| found[list][0]["lines"].to_string();
    assert!(lines("changes").contains("/log/latest -> 1"), "{out}");
    assert!(
        lines("checks").contains("_catalog.db: its indexes"),
        "{out}"
    );
    assert_eq!(found["how"], "upgrade");
}

#[test]
fn nothing_shows_where_both_are_the_same() {
    let scratch = Scratch::new();
    let old = scratch.path("old-swamp");
    std::fs::copy(REFERENCE, &old).expect("a copy");
    let old = old.display().to_string();
    for (task, filters) in [("upgrade", ["s12", "s43"]), ("mixed", ["s05", "s43"])] {
        let args = [&[task, &old, REFERENCE][..], &filters].concat();
        let (code, out, told) = answered(&scratch, &args);
        assert_eq!(code, Some(0), "{out}{told}");
        assert!(out.starts_with("Nothing differs in 2 trial(s)\n"), "{out}");
        assert!(
            told.contains("OLD and NEW: 2 trial(s) are played on"),
            "{told}"
        );
        let (_, _, again) = answered(&scratch, &args);
        assert!(!again.contains("are played on"), "{again}");
    }
}

#[test]
fn what_is_broken_off_is_no_answer_and_is_not_kept() {
    let scratch = Scratch::new();
    let begun = scratch.path("begun");
    let hangs = format!(
        "[ \"$3\" != set ] || {{ touch {}; sleep 600; }}",
        begun.display()
    );
    let swamp = scratch.script("new-swamp", &format!("{hangs}\nexec {REFERENCE} \"$@\""));
    let mut uat = scratch.std_uat();
    uat.arg("upgrade").arg(&swamp).arg(&swamp).arg("s01");
    uat.stdout(Stdio::piped()).stderr(Stdio::piped());
    let uat = uat.spawn().expect("it runs");
    assert!(wait_for(|| begun.exists()), "nothing was played");
    kill(Pid::from_raw(uat.id().cast_signed()), Signal::SIGINT).expect("a signal");
    let output = uat.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("you broke it off"), "{told}");
    assert!(output.stdout.is_empty());
    let kept = walkdir::WalkDir::new(scratch.path("played"));
    let kept: Vec<_> = kept
        .into_iter()
        .flatten()
        .map(|it| it.into_path())
        .collect();
    assert!(
        !kept.iter().any(|it| it.to_string_lossy().contains("s01")),
        "{kept:?}"
    );
}

/// A swamp that leaves a file in the datastore, and one that says so where there is such a file.
fn writer_and_reader(scratch: &Scratch) -> [PathBuf; 2] {
    let leaves = "[ \"$3\" != set ] || touch ../ds/left";
    let meets = "[ \"$3\" != set ] || [ ! -e ../ds/left ] || echo it is there >&2";
    [("old-swamp", leaves), ("new-swamp", meets)]
        .map(|(name, before)| scratch.script(name, &format!("{before}\nexec {REFERENCE} \"$@\"")))
}

#[test]
fn of_a_mixed_fleet_what_neither_shows_alone_is_found() {
    let scratch = Scratch::new();
    let swamps = writer_and_reader(&scratch).map(|path| path.display().to_string());
    // One repo plays the first.
    let args = ["mixed", &swamps[0], &swamps[1], "s12", "s05"];
    let (code, out, told) = answered(&scratch, &args);
    assert_eq!(code, Some(1), "{out}{told}");
    assert!(
        out.starts_with("1 finding(s) in 1 of 1 trial(s)\n"),
        "{out}"
    );
    assert!(out.contains("     +it is there\n"), "{out}");
    // The file itself shows where the older one plays alone.
    assert!(!out.contains("+left"), "{out}");
    assert!(
        told.contains("every other repo is used by the reference, "),
        "{told}"
    );
}

#[test]
fn what_cannot_be_played_is_refused() {
    let scratch = Scratch::new();
    let uat = |args: &[&str]| {
        let mut uat = scratch.uat();
        uat.args(args);
        uat
    };
    for task in ["upgrade", "mixed"] {
        refuses(&mut uat(&[task, REFERENCE]), &["two swamps", "--reference"]);
        refuses(&mut uat(&[task, REFERENCE, "none"]), &["NEW is \"none\""]);
        let unknown = "--reference=linked-first";
        refuses(
            &mut uat(&[task, unknown]),
            &["linked-first", "linked-latest"],
        );
        refuses(&mut uat(&[task, "--reference", "s9999"]), &["s9999"]);
        let none = ["--reference", "s01", "--stated", "none.yaml"];
        refuses(&mut uat(&[&[task][..], &none].concat()), &["none.yaml"]);
    }
    // It sets a scene, and that is all; and one repo is no fleet.
    refuses(
        &mut uat(&["upgrade", "--reference", "s55"]),
        &["no command comes after"],
    );
    refuses(
        &mut uat(&["mixed", "--reference", "s12"]),
        &["both play a part"],
    );
}
