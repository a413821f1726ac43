use std::collections::BTreeSet;

use super::*;
use crate::report::ledger::{Status, sample};

const NAME: &str = "x::s01_a::s3";
const CLI: &str = "$ swamp init  # (exit 0, not shown)\n== fresh\n$ swamp list\nhello\n[EOF]\n";
const TREE: &str = "== fresh: all of it\n[ds]\na/hello.yaml\n== listed: nothing changed\n[EOF]\n";

fn played(cli: &str, tree: &str, by_older: usize) -> PlayedTrial {
    let surfaces = [("cli", cli), ("tree", tree)];
    let surfaces = surfaces.map(|(surface, text)| (surface.to_owned(), text.to_owned()));
    let entry = sample(NAME, Status::Passed);
    PlayedTrial {
        by_older,
        ..PlayedTrial::new(&entry, &BTreeSet::new(), surfaces.into_iter(), false)
    }
}

fn side(trial: PlayedTrial) -> Side {
    Side {
        swamp: "2.0".into(),
        played: vec![trial],
        ..Side::default()
    }
}

fn against_alone(upgraded: PlayedTrial, stated: &[Stated]) -> Found {
    found("1.0", &side(played(CLI, TREE, 0)), &side(upgraded), stated)
}

#[test]
fn what_the_older_one_said_and_wrote_in_the_scene_is_no_difference() {
    let cli = CLI.replace(
        "$ swamp init  # (exit 0, not shown)",
        "$ swamp init\nold words\n[EOF]",
    );
    let tree = TREE.replace("a/hello.yaml", "a/0-1.yaml");
    let found = against_alone(played(&cli, &tree, 1), &[]);
    assert!(found.is_empty(), "{found:?}");
    let said = found.answer().text();
    assert!(
        said.starts_with("Nothing differs in 1 trial(s)\n  older: 1.0\n  newer: 2.0\n"),
        "{said}"
    );
}

#[test]
fn what_comes_of_it_later_is_one() {
    let cli = CLI.replace("hello", "nothing");
    let tree = TREE.replace("listed: nothing changed", "listed\n[ds]\n- a/0-1.yaml");
    let found = against_alone(played(&cli, &tree, 1), &[]);
    let lines: Vec<&str> = found
        .findings
        .changes
        .iter()
        .flat_map(|it| &it.lines)
        .map(String::as_str)
        .collect();
    for line in ["-hello", "+nothing", "+- a/0-1.yaml"] {
        assert!(lines.contains(&line), "{lines:?}");
    }
    assert_eq!((found.findings.compared, found.findings.differ), (1, 1));
    let said = found.answer().markdown();
    assert!(
        said.contains(" finding(s) in 1 of 1 trial(s)") && said.contains("```diff"),
        "{said}"
    );
}

#[test]
fn what_is_stated_is_told_as_such_and_what_is_stated_in_vain_too() {
    let stated = |lines: &str, within: Option<&str>| Stated {
        why: format!("known: {lines}"),
        lines: lines.into(),
        within: within.map(str::to_owned),
    };
    let other = played(&CLI.replace("hello", "nothing"), TREE, 1);
    let all = [stated("-hello\n+noth*", None), stated("+more", Some("s02"))];
    let found = against_alone(other.clone(), &all);
    assert!(found.is_empty(), "{found:?}");
    let said = found.answer().text();
    assert!(said.contains("trial(s) but what is stated\n"), "{said}");
    assert!(
        said.contains("Found, and expected:\n  known: -hello"),
        "{said}"
    );
    // The same is asked of a trial that was played.
    let found = against_alone(other, &[all[0].clone(), stated("+more", Some("s01"))]);
    assert!(!found.is_empty());
    let said = found.answer().text();
    assert!(
        said.contains("; 1 that is stated does not show any more\n"),
        "{said}"
    );
    assert!(
        said.contains("not found any more: drop it:\n  known: +more"),
        "{said}"
    );
}

#[test]
fn a_trial_in_which_one_of_the_two_plays_nothing_says_nothing() {
    let none = against_alone(played("", "", 0), &[]);
    assert_eq!(
        (none.findings.compared, none.findings.changes.len()),
        (0, 0)
    );
    assert_eq!(
        none.findings.not_compared,
        [format!(
            "1 trial(s), such as {NAME}: no command sets its scene"
        )]
    );
    let all = against_alone(played("", "", 3), &[]);
    assert!(all.findings.not_compared[0].ends_with("no command comes after its scene"));
    let mut failed = played("", "", 3);
    failed.ended_early = true;
    failed.entry.reason = Some("it is refused\nin words".into());
    let failed = against_alone(failed, &[]);
    assert!(
        failed.findings.not_compared[0]
            .ends_with("the older one does not set the scene: it is refused"),
        "{failed:?}"
    );
}

#[test]
fn a_trial_that_fails_after_the_scene_is_told() {
    let mut failed = played("== fresh\n", "", 1);
    failed.ended_early = true;
    failed.entry.status = Status::Failed;
    failed.entry.reason = Some("nothing is listed".into());
    let found = against_alone(failed, &[]);
    assert_eq!(found.findings.failing.len(), 1, "{found:?}");
    let said = found.answer().text();
    assert!(
        said.contains("with both together and not otherwise: "),
        "{said}"
    );
    assert!(said.contains("nothing is listed"), "{said}");
}
