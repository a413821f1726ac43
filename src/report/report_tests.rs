use super::*;
use crate::report::causes;
use crate::report::ledger::sample;
use crate::scenario::deviation::Severity;

fn run(entries: Vec<Entry>) -> Run {
    Run {
        entries,
        ..Run::default()
    }
}

fn told(run: &Run, verbosity: Verbosity) -> String {
    summary(run, verbosity, Path::new("/t/a ledger.json"))
}

fn known(trial: &str, id: &str) -> Entry {
    let mut known = sample(trial, Status::KnownDeviation);
    known.deviations.push(MetDeviation {
        id: id.into(),
        plan: "goes".into(),
        today: "stays".into(),
        severity: Severity::WrongAnswer,
    });
    known
}

fn drifted(trial: &str) -> Entry {
    let mut drifted = sample(trial, Status::Drifted);
    drifted.drifted = vec!["cli".into(), "tree".into()];
    drifted.sandbox = Some("/t/x y".into());
    drifted.next = Some("if it is intended: cargo insta review".into());
    drifted
}

#[test]
fn a_green_run_has_a_row_for_its_phase_and_nothing_to_do() {
    let mut entries = vec![sample("a", Status::Passed), sample("b", Status::Passed)];
    entries[1].start_ms = 130;
    let run = run(entries);
    let text = told(&run, Verbosity::Counts);
    let row = text
        .lines()
        .find(|line| line.contains("namespace commands"))
        .unwrap();
    let cells: Vec<&str> = row.split(['│', '┆']).map(str::trim).collect();
    assert_eq!(
        cells[1..=8],
        ["B", "namespace commands", "2", "0", "0", "0", "0", "0.17 s"]
    );
    assert!(text.contains("next:\n  nothing"), "{text}");
    assert!(run.is_green());
}

#[test]
fn each_ending_is_told_and_says_what_to_do() {
    let mut failed = sample("f", Status::Failed);
    failed.reason = Some("hung\nmore\nand more".into());
    let mut skipped = sample("s", Status::Skipped);
    skipped.reason = Some("no engine".into());
    let mut missing = sample("m", Status::NotRun);
    missing.reason = Some("killed".into());
    let mut all = run(vec![
        drifted("d"),
        failed,
        skipped,
        missing,
        known("k", "kept"),
    ]);
    all.complaints.push("a golden is missing".into());
    all.left_behind.push("`sleep 600`".into());
    all.notes.push("another run's".into());
    let text = told(&all, Verbosity::Counts);
    for part in [
        "drifted: d (cli, tree)",
        "sandbox: /t/x y",
        "replay:  sh '/t/x y/notes/repro.sh'",
        "failed: f\n  hung\n  more",
        "skipped: 1 trial(s): no engine",
        "known deviations from the plan: 1 in 1 trial(s)",
        "not run: 1 trial(s): killed, such as m",
        "the suite itself: a golden is missing",
        "left behind by swamp: `sleep 600`",
        "see what swamp started",
        "another run's",
        "not run ┆",
        "cargo insta review",
        "say what the skipped trials lack",
        "run it again",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains("and more") && !text.contains("nothing:"),
        "{text}"
    );
    for status in [Status::Drifted, Status::Failed, Status::NotRun] {
        assert!(!run(vec![sample("x", status)]).is_green());
    }
}

#[test]
fn the_last_screen_names_one_drift_among_many_trials_with_deviations() {
    let mut entries: Vec<Entry> = ["B", "C", "D", "E", "F", "G", "H"]
        .iter()
        .flat_map(|phase| {
            (0..16).map(move |n| Entry {
                phase: (*phase).into(),
                ..known(&format!("{phase}{n}"), &format!("known-{phase}{n}"))
            })
        })
        .collect();
    for n in 0..40 {
        let mut skipped = sample(&format!("s{n}"), Status::Skipped);
        skipped.reason = Some("no engine".into());
        entries.push(skipped);
    }
    entries.insert(50, drifted("the::one"));
    let run = run(entries);
    let text = told(&run, Verbosity::Counts);
    assert!(text.lines().count() <= 24, "{text}");
    assert!(text.contains("drifted: the::one (cli, tree)"), "{text}");
    assert!(!text.contains("known-B1"), "{text}");
    let all = told(&run, Verbosity::All);
    for part in ["known-B1: stays (planned: goes)", "skipped: s7: no engine"] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let last: Vec<&str> = all.lines().rev().take(12).collect();
    assert!(last.iter().any(|line| line.contains("the::one")), "{all}");
}

#[test]
fn of_many_red_trials_each_is_named() {
    let red = run((0..30).map(|n| drifted(&format!("trial-{n}"))).collect());
    let text = told(&red, Verbosity::Counts);
    for n in 0..30 {
        assert!(
            text.contains(&format!("drifted: trial-{n} ")),
            "{n}: {text}"
        );
    }
    assert_eq!(text.matches("replay:").count(), IN_FULL);
    assert!(text.contains("sandboxes of 20 more red trial(s)"), "{text}");
    assert!(text.contains("'/t/a ledger.json'"), "{text}");
    let few = run((0..10).map(|n| drifted(&format!("trial-{n}"))).collect());
    let text = told(&few, Verbosity::Counts);
    assert!(!text.contains("more red trial"), "{text}");
    assert_eq!(text.matches("cargo insta review").count(), 1);
}

#[test]
fn however_much_is_red_two_screens_tell_it() {
    let drift = |n: u32| {
        // Numbers alone would be the same change.
        let word = "x".repeat(n as usize + 1);
        let lines: String = (0..40).map(|line| format!("{word} {line}\n")).collect();
        Entry {
            edits: causes::edits("cli", &word, &lines, &BTreeSet::new()),
            report: Some(lines),
            ..drifted(&format!("trial-{n}"))
        }
    };
    let failed = |n: u32| {
        let mut failed = sample(&format!("failed-{n}"), Status::Failed);
        failed.reason = Some(format!("reason {n}\nmore"));
        failed
    };
    let all = run((0..90).map(drift).chain((0..60).map(failed)).collect());
    let text = told(&all, Verbosity::Counts);
    assert!(text.lines().count() <= 120, "{text}");
    let left_out = "more: /t/report.html\n";
    assert!(text.contains(left_out), "{text}");
    let number = text.split(left_out).next().unwrap().rsplit(' ').nth(1);
    let number: usize = number.unwrap().parse().unwrap();
    let told = ["drifted: ", "failed: "].map(|word| text.matches(word).count());
    assert_eq!(number + told[0] + told[1], 150, "all are counted: {text}");
}

#[test]
fn the_first_lines_that_differ_stand_with_the_trial_and_those_alike_are_told_once() {
    let drift = |n: u32, backend: &str, (went, came): (&str, &str)| Entry {
        scenario: n,
        backend: backend.into(),
        edits: causes::edits("cli", went, came, &BTreeSet::new()),
        ..drifted(&format!("trial-{n}"))
    };
    let same = ("already", "allready");
    let long = "é".repeat(500);
    let long = ("short", long.as_str());
    let mut entries = vec![
        drift(1, "filesystem", same),
        drift(2, "filesystem", long),
        drift(3, "filesystem", same),
        drift(18, "s3", same),
        drift(4, "filesystem", same),
    ];
    let text = told(&run(entries.clone()), Verbosity::Counts);
    for part in [
        "drifted: trial-1 (cli, tree)\n  -already\n  +allready\n  sandbox: /t/x y\n",
        "y/notes/repro.sh'\n  and 3 more trial(s) the same: 3 4 on filesystem, 18 on s3\n",
        "2 different changes in 5 trial(s), those first that show in most:\n1. drifted: trial-1 ",
        "\n2. drifted: trial-2 (cli, tree)\n  -short\n  +é",
        "sandboxes of 3 more red trial(s)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let wide = text.lines().find(|line| line.starts_with("  +é")).unwrap();
    assert_eq!(
        (wide.chars().count(), wide.chars().last()),
        (100, Some('…'))
    );
    // After ten that differ, each has one line.
    entries = (0..12)
        .map(|n| drift(n, "s3", (&format!("{n}"), &format!("{n} more"))))
        .collect();
    let text = told(&run(entries), Verbosity::Counts);
    assert!(text.contains("  -9\n  +9 more\n  sandbox: "), "{text}");
    assert!(
        text.contains("trial-10 (cli, tree)\n  -10\n12. drifted: trial-11 "),
        "{text}"
    );
}

#[test]
fn what_to_do_next_fits_a_failure_without_a_difference() {
    let mut failed = sample("f", Status::Failed);
    failed.reason = Some("`swamp x` left behind what nothing speaks of:\n  made y".into());
    failed.sandbox = Some("/t/f".into());
    failed.next = Some("say so in the table\nor not".into());
    let text = told(&run(vec![failed.clone()]), Verbosity::Counts);
    assert!(!text.contains("read the differences"), "{text}");
    let next = "next:\n  read above what failed; replay it with the repro script of its sandbox\n  \
                or not\n  say so in the table\n";
    assert!(text.contains(next), "{text}");
    let alike = (0..3).map(|n| Entry {
        reason: Some(format!("/t/f{n}/w/ds: no such file")),
        sandbox: Some(format!("/t/f{n}")),
        ..failed.clone()
    });
    let text = told(&run(alike.collect()), Verbosity::Counts);
    assert!(
        text.contains("failed: f\n  <sandbox>/w/ds: no such file\n"),
        "{text}"
    );
    assert!(text.contains("and 2 more trial(s) the same"), "{text}");
    let many = (0..12).map(|n| Entry {
        trial: format!("f{n}"),
        reason: Some(format!("`swamp {n}` left:\n  made {n}\n  more")),
        ..failed.clone()
    });
    let text = told(&run(many.collect()), Verbosity::Counts);
    assert!(
        text.contains("failed: f11\n  made 11\nsandboxes of 2 more"),
        "{text}"
    );
    let compared = Entry {
        reason: Some("`assert_eq!(a, 0)` failed: {\n  \"a\": 6\n}\n  left: 6\n right: 0".into()),
        ..failed.clone()
    };
    let text = told(&run(vec![compared]), Verbosity::Counts);
    let sides = "failed: f\n  `assert_eq!(a, 0)` failed\n  left: 6\n  right: 0\n";
    assert!(text.contains(sides), "{text}");
    let text = told(&run(vec![failed, drifted("d")]), Verbosity::Counts);
    assert!(text.contains("read the differences;"), "{text}");
}

#[test]
fn seconds_are_short() {
    assert_eq!(
        [0, 999, 1234, 12345].map(seconds),
        ["0.00 s", "0.99 s", "1.23 s", "12.3 s"]
    );
}
