//! `cargo uat compare`: two swamps against each other, without a golden.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::common::{REFERENCE, Scratch, refuses};

fn compared(scratch: &Scratch, args: &[&Path], more: &[&str]) -> (Output, String) {
    let mut uat = scratch.uat();
    uat.arg("compare").args(args).args(more);
    let output = uat.assert().get_output().clone();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, out)
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A copy of the reference: another file, with the same bytes.
fn copy(scratch: &Scratch) -> PathBuf {
    let to = scratch.path("old-swamp");
    std::fs::copy(REFERENCE, &to).expect("a copy");
    to
}

#[test]
fn nothing_differs_between_two_that_do_the_same_and_what_was_played_is_not_played_again() {
    let scratch = Scratch::new();
    let old = copy(&scratch);
    let (first, out) = compared(&scratch, &[&old, Path::new(REFERENCE)], &["s01", "s05"]);
    assert_eq!(first.status.code(), Some(0), "{out}{}", told(&first));
    assert!(out.starts_with("Nothing differs in 2 trial(s)\n"), "{out}");
    let said = told(&first);
    assert!(said.contains("OLD: 2 trial(s) are played on"), "{said}");
    // The second one has the same bytes.
    assert!(
        said.contains("NEW: 2 trial(s) were played before"),
        "{said}"
    );
    let (again, _) = compared(&scratch, &[&old, Path::new(REFERENCE)], &["s01", "s05"]);
    assert!(!told(&again).contains("are played on"), "{}", told(&again));
    let (more, _) = compared(&scratch, &[&old, &old], &["s01", "s05", "s02"]);
    assert!(
        told(&more).contains("OLD: 1 trial(s) are played on"),
        "{}",
        told(&more)
    );
    // The last run of this checkout is what it was, and nothing waits for a review.
    assert!(!scratch.path("ledger.json").exists());
}

#[test]
fn a_change_is_told_once_in_each_form() {
    let scratch = Scratch::new();
    let old = copy(&scratch);
    let faulty = format!("SWAMP_REFERENCE_FAULT=extra-directory exec {REFERENCE} \"$@\"");
    let new = scratch.script("new-swamp", &faulty);
    let filters = ["s01", "s12", "s38"];
    let (output, out) = compared(&scratch, &[&old, &new], &filters);
    assert_eq!(output.status.code(), Some(1), "{out}{}", told(&output));
    let first = out.lines().next().unwrap_or_default();
    assert!(first.starts_with("1 change(s) in "), "{out}");
    let is_head = |line: &str| line.starts_with("== ") || line.starts_with("$ swamp ");
    let lines: Vec<&str> = out.lines().map(str::trim_start).collect();
    let under = lines.windows(2).find(|it| it[1].starts_with('-'));
    assert!(under.is_some_and(|it| is_head(it[0])), "{out}");
    assert!(
        out.contains("\n  phases of the plan: B namespace commands; "),
        "{out}"
    );
    let (_, json) = compared(
        &scratch,
        &[&old, &new],
        &[&filters[..], &["--format", "json"]].concat(),
    );
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON alone");
    assert_eq!(json["compared"], 3);
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(1), "{json}");
    let (_, md) = compared(
        &scratch,
        &[&old, &new],
        &[&filters[..], &["--format", "md"]].concat(),
    );
    assert!(
        md.starts_with("# 1 change(s) in ") && md.contains("```diff"),
        "{md}"
    );
    // It is the summary of a step that asks for one, in which the plays have no part.
    let summary = scratch.path("summary.md");
    let mut uat = scratch.uat();
    uat.arg("compare").args([&old, &new]).args(filters);
    uat.args(["--format", "html"]);
    uat.env("GITHUB_STEP_SUMMARY", &summary).assert().code(1);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    let changes = |text: &str| text.split_once("\n## ").map(|(_, it)| it.to_owned());
    assert_eq!(changes(&summary), changes(&md));
    // A script may call another program tomorrow: it is played anew.
    let (last, _) = compared(&scratch, &[&old, &new], &filters);
    assert!(
        told(&last).contains("NEW: 3 trial(s) are played on"),
        "{}",
        told(&last)
    );
    let played = scratch.path("played");
    let kept = std::fs::read_dir(played).expect("what was played");
    assert_eq!(kept.count(), 1, "what is of no use any more is removed");
}

#[test]
fn a_swamp_that_fails_where_the_other_does_not_is_part_of_the_answer() {
    let scratch = Scratch::new();
    let fails = "if [ \"$3\" = set ]; then echo no >&2; exit 1; fi";
    let new = scratch.script("new-swamp", &format!("{fails}\nexec {REFERENCE} \"$@\""));
    let (output, out) = compared(&scratch, &[&copy(&scratch), &new], &["s01"]);
    assert_eq!(output.status.code(), Some(1), "{out}{}", told(&output));
    assert!(
        out.contains("Trials that fail on one of them alone"),
        "{out}"
    );
    assert!(out.contains("on the new one: "), "{out}");
    let (_, why) = out.split_once("::filesystem\n").expect("what failed");
    assert!(
        why.contains("of `swamp datastore namespace set infra --json`: "),
        "{out}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_played() {
    let scratch = Scratch::new();
    let none = scratch.path("none");
    let old = copy(&scratch);
    let compare = |args: &[&Path]| {
        let mut uat = scratch.uat();
        uat.arg("compare").args(args);
        uat
    };
    refuses(&mut compare(&[&old, &none]), &["NEW is \"", "none"]);
    refuses(&mut compare(&[&none, &old]), &["OLD is \"", "none"]);
    let other = scratch.script("other", "echo hello");
    refuses(&mut compare(&[&old, &other]), &["NEW is \"", "hello"]);
    refuses(&mut compare(&[&old, &old, Path::new("s9999")]), &["s9999"]);
    assert!(!scratch.path("ledger.json").exists());
}
