use super::*;
use crate::report::ledger::sample;

const NAME: &str = "x::s18_a::s3";

fn played(cli: &str, by_older: usize) -> PlayedTrial {
    let surfaces = [("cli".to_owned(), cli.to_owned())];
    let entry = sample(NAME, Status::Passed);
    PlayedTrial {
        by_older,
        repos: 2,
        ..PlayedTrial::new(&entry, &BTreeSet::new(), surfaces.into_iter(), false)
    }
}

fn side(swamp: &str, trial: PlayedTrial) -> Side {
    Side {
        swamp: swamp.into(),
        played: vec![trial],
        ..Side::default()
    }
}

const OLD: &str =
    "$ swamp push  # in infra\nold push\n$ swamp pull  # in security\nold pull\n3 files\n[EOF]\n";
const NEW: &str =
    "$ swamp push  # in infra\nnew push\n$ swamp pull  # in security\nnew pull\n3 files\n[EOF]\n";
const BOTH: &str =
    "$ swamp push  # in infra\nold push\n$ swamp pull  # in security\nnew pull\n3 files\n[EOF]\n";

fn among(both: PlayedTrial) -> Found {
    let [old, new] = [("1.0", OLD), ("2.0", NEW)].map(|(swamp, cli)| side(swamp, played(cli, 0)));
    found(&old, &new, &side("both", both), &[])
}

#[test]
fn what_each_says_alone_is_a_difference_of_versions() {
    let found = among(played(BOTH, 1));
    assert!(found.is_empty(), "{found:?}");
    assert_eq!((found.findings.compared, found.findings.differ), (1, 0));
    assert!(found.answer().text().contains("older: 1.0\n  newer: 2.0\n"));
}

#[test]
fn what_neither_says_alone_is_found() {
    let found = among(played(&BOTH.replace("3 files", "2 files"), 1));
    assert_eq!(found.findings.changes.len(), 1, "{found:?}");
    assert_eq!(
        found.findings.changes[0].lines,
        ["$ swamp pull  # in security", "-3 files", "+2 files"]
    );
    let lost = among(played(&BOTH.replace("3 files\n", ""), 1));
    assert_eq!(
        lost.findings.changes[0].lines,
        ["$ swamp pull  # in security", "-3 files"]
    );
    let more = among(played(&BOTH.replace("new pull", "other pull"), 1));
    assert_eq!(
        more.findings.changes[0].lines,
        ["$ swamp pull  # in security", "+other pull"]
    );
}

#[test]
fn a_fault_that_one_shows_alone_is_none_of_the_two() {
    let fault = |alike: &str| Edit {
        surface: causes::FAULT.to_owned(),
        place: 0,
        went: None,
        came: Some(format!("{alike} was left behind")),
        alike: alike.to_owned(),
        head: None,
    };
    let with = |cli: &str, by_older: usize, faults: &[Edit]| {
        let mut trial = played(cli, by_older);
        trial.entry.edits = faults.to_vec();
        trial
    };
    let old = side("1.0", with(OLD, 0, &[fault("a")]));
    let new = side("2.0", with(NEW, 0, &[]));
    let both = |faults: &[Edit]| side("both", with(BOTH, 1, faults));
    assert!(found(&old, &new, &both(&[fault("a")]), &[]).is_empty());
    let found = found(&old, &new, &both(&[fault("a"), fault("b")]), &[]);
    assert_eq!(found.findings.checks.len(), 1, "{found:?}");
    assert_eq!(found.findings.checks[0].lines, ["b was left behind"]);
}

#[test]
fn a_trial_that_one_repo_plays_or_that_fails_alone_is_not_compared() {
    for by_older in [0, 3] {
        let found = among(played(BOTH, by_older));
        assert_eq!(found.findings.compared, 0);
        assert!(
            found.findings.not_compared[0].ends_with(": one repo plays it"),
            "{found:?}"
        );
    }
    let mut failed = played(OLD, 0);
    failed.entry.status = Status::Failed;
    failed.entry.reason = Some("no lock".into());
    let newer = side("2.0", played(NEW, 0));
    let found = found(
        &side("1.0", failed),
        &newer,
        &side("both", played(BOTH, 1)),
        &[],
    );
    assert!(
        found.findings.not_compared[0].ends_with("it fails with the older one alone: no lock"),
        "{found:?}"
    );
}

#[test]
fn a_trial_that_fails_with_both_alone_is_told_and_what_it_did_not_come_to_is_not() {
    let mut failed = played("$ swamp push  # in infra\nold push\n", 1);
    failed.ended_early = true;
    failed.entry.status = Status::Failed;
    failed.entry.reason = Some("it was refused".into());
    let found = among(failed);
    assert_eq!(
        (found.findings.failing.len(), found.findings.changes.len()),
        (1, 0),
        "{found:?}"
    );
    assert!(
        found
            .answer()
            .text()
            .contains("with both together and not otherwise: ")
    );
}
