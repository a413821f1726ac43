use super::*;
use crate::report::ledger::{Edit, MetDeviation, sample};
use crate::scenario::deviation::Severity;

fn played(trial: &str, cli: &str) -> PlayedTrial {
    let names = BTreeSet::from(["infra", "first"]);
    let surfaces = [("cli".to_owned(), cli.to_owned())];
    let entry = sample(trial, Status::Passed);
    PlayedTrial::new(&entry, &names, surfaces.into_iter(), false)
}

fn side(played: &[PlayedTrial]) -> Side {
    Side {
        swamp: "swamp".into(),
        played: played.to_vec(),
        ..Side::default()
    }
}

const ONE: &str = "$ swamp a\nx: 1\n[EOF]\n";

#[test]
fn equal_sides_have_no_difference() {
    let one = side(&[played("s01_a::s3", ONE)]);
    let found = compare(&one, &one);
    assert!(found.is_empty());
    assert_eq!((found.findings.compared, found.findings.differ), (1, 0));
    assert!(
        found
            .answer()
            .text()
            .starts_with("Nothing differs in 1 trial(s)\n")
    );
}

#[test]
fn a_change_in_several_trials_is_told_once() {
    let old = side(&[played("s01_a::s3", ONE), played("s01_a::gcs", ONE)]);
    let two = ONE.replace("x: 1", "x: 2");
    let new = side(&[played("s01_a::s3", &two), played("s01_a::gcs", &two)]);
    let found = compare(&old, &new);
    assert_eq!(found.findings.changes.len(), 1, "{found:?}");
    assert_eq!(
        found.findings.changes[0].lines,
        ["$ swamp a", "-x: 1", "+x: 2"]
    );
    assert_eq!(
        (found.findings.changes[0].trials, found.findings.differ),
        (2, 2)
    );
    for said in [found.answer().text(), found.answer().markdown()] {
        assert!(said.contains("1 change(s) in 2 of 2 trial(s)"), "{said}");
        assert!(said.contains("-x: 1\n"), "{said}");
    }
    let back = compare(&new, &old);
    assert_eq!(
        back.findings.changes[0].lines,
        ["$ swamp a", "-x: 2", "+x: 1"]
    );
}

#[test]
fn a_trial_that_fails_on_one_side_is_told_and_what_it_did_not_come_to_is_not() {
    let trials = ["s01_a::gcs", "s01_a::s3"];
    let old = side(&trials.map(|trial| played(trial, ONE)));
    let new = side(&trials.map(|trial| {
        let mut cut = played(trial, "$ swamp a\n[EOF]\n");
        cut.entry.status = Status::Failed;
        cut.entry.reason = Some("the lock is held\nby first".into());
        cut.ended_early = true;
        cut
    }));
    for (found, on) in [(compare(&old, &new), "new"), (compare(&new, &old), "old")] {
        assert_eq!(found.findings.changes, []);
        // The same is said of both, once.
        assert_eq!(found.findings.failing.len(), 1);
        assert_eq!(
            (found.findings.failing[0].on, found.findings.differ),
            (on, 2)
        );
        assert_eq!(found.findings.failing[0].trials, trials);
        let said = found.answer().text();
        let told = "one: s01_a::gcs, s01_a::s3\n     the lock is held\n     by first\n";
        assert!(said.contains(told), "{said}");
    }
    let both = compare(&new, &new);
    assert!(both.is_empty());
    assert_eq!(both.failing_on_both, 2);
}

#[test]
fn a_fault_of_both_is_none_of_the_difference() {
    let fault = |alike: &str| Edit {
        surface: causes::FAULT.to_owned(),
        place: 0,
        went: None,
        came: Some(format!("{alike} was left behind")),
        alike: alike.to_owned(),
        head: None,
    };
    let with = |faults: &[Edit]| {
        let mut one = played("s01_a::s3", ONE);
        one.entry.status = Status::Failed;
        one.entry.is_among_edits = true;
        one.entry.edits = faults.to_vec();
        side(&[one])
    };
    let found = compare(&with(&[fault("a")]), &with(&[fault("a"), fault("b")]));
    assert_eq!(
        (found.findings.changes.len(), found.findings.checks.len()),
        (0, 1),
        "{found:?}"
    );
    assert_eq!(
        found.findings.checks[0].lines,
        ["on the new one: b was left behind"]
    );
    assert!(!found.is_empty());
    // One that is gone is a difference, too.
    let found = compare(&with(&[fault("a")]), &with(&[]));
    assert_eq!(
        (found.findings.changes.len(), found.findings.checks.len()),
        (0, 1),
        "{found:?}"
    );
    assert_eq!(
        found.findings.checks[0].lines,
        ["on the old one: a was left behind"]
    );
    let said = found.answer().text();
    let verdict = "0 change(s) in 1 of 1 trial(s), and 1 that the suite's own checks see\n";
    assert!(said.starts_with(verdict), "{said}");
    assert!(
        said.contains("of one of them alone:\n1. in 1 trial(s)"),
        "{said}"
    );
}

#[test]
fn an_option_that_many_commands_gain_is_one_line() {
    let with = |options: &str| {
        let commands = ["data get", "data list", "data put", "model run"];
        let lines = commands.map(|command| format!("{command}{options}"));
        Side {
            commands: Some(Ok(Tree::parse(&lines.join("\n")))),
            ..side(&[played("s01_a::s3", ONE)])
        }
    };
    let few = Tree::parse("data get --a\ndata list --a\ndata put --a\nmodel run");
    let few = Side {
        commands: Some(Ok(few)),
        ..with("")
    };
    let found = compare(&with(""), &with(" --a --b"));
    // A program reads each.
    assert_eq!(found.commands_new.len(), 8);
    let said = found.answer().text();
    let line =
        "new:\n  --a of 4 commands: `data get`, `data list`, `data put` and 1 more\n  --b of 4";
    assert!(said.contains(line), "{said}");
    assert!(
        said.starts_with("No trial of 1 differs; what else does stands below\n"),
        "{said}"
    );
    let said = compare(&with(""), &few).answer().text();
    assert!(
        said.contains("new:\n  data get --a\n  data list --a\n  data put --a\n"),
        "{said}"
    );
}

#[test]
fn deviations_commands_and_what_is_left_out_are_told() {
    let met = |id: &str| MetDeviation {
        id: id.into(),
        plan: "p".into(),
        today: format!("{id} happens"),
        severity: Severity::Wording,
    };
    let with = |id: &str, commands: &str| {
        let mut one = played("s01_a::s3", ONE);
        one.entry.deviations = vec![met(id), met("both")];
        Side {
            commands: Some(Ok(Tree::parse(commands))),
            left_out: BTreeMap::from([("s02_b::gcs".into(), "no GCS\nhere".into())]),
            ..side(&[one])
        }
    };
    let old = with("before", "data list --a\ndata gone");
    let new = with("after", "data list --a --b\nmodel come --x");
    let found = compare(&old, &new);
    assert!(!found.is_empty());
    assert_eq!(found.commands_gone, ["data gone"]);
    assert_eq!(found.commands_new, ["data list --b", "model come"]);
    let said = found.answer().text();
    for part in [
        "gone:\n  before: before happens\n     planned: p\n     in: s01_a::s3\n",
        "new:\n  after: after happens\n",
        "1 trial(s), such as s02_b::gcs, on the new one: no GCS\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let unknown = Side {
        commands: Some(Err("it has no help".into())),
        ..old.clone()
    };
    let found = compare(&old, &unknown);
    assert_eq!(found.commands_gone, Vec::<String>::new());
    assert!(
        found
            .answer()
            .text()
            .contains("their options: it has no help")
    );
}
