use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::report::ledger::{Status, sample};

fn names<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

fn entry(n: u32, edits: Vec<Edit>) -> Entry {
    Entry {
        scenario: n,
        edits,
        ..sample(&format!("trial-{n}"), Status::Drifted)
    }
}

/// What the causes of drifts from one text to another are: how many trials each has, and its lines.
fn found(drifts: &[(&str, &str, &[&str])]) -> Vec<(usize, Vec<String>)> {
    let entries = drifts
        .iter()
        .zip(1..)
        .map(|((golden, now, given), n)| entry(n, edits("tree", golden, now, &names(given))));
    let entries: Vec<Entry> = entries.collect();
    let causes = causes(&entries);
    let said = causes.iter().map(|it| (it.entries.len(), it.lines()));
    said.collect()
}

#[test]
fn the_same_change_under_other_names_is_one_cause() {
    let change = |model: &str, id: &str| {
        (
            format!("top {model}\n  evaluated/{id}.yaml\n  {model}/raw\n"),
            format!("top {model}\n  evaluated/{model}.yaml\n  {model}/raw\n"),
        )
    };
    let (hello, world) = (
        change("hello", "<model:hello>"),
        change("world", "<model:world>"),
    );
    let causes = found(&[
        (&hello.0, &hello.1, &["hello"]),
        (&world.0, &world.1, &["world"]),
    ]);
    let lines = ["-  evaluated/<model:hello>.yaml", "+  evaluated/hello.yaml"];
    assert_eq!(causes, [(2, lines.map(str::to_owned).to_vec())]);
}

#[test]
fn a_file_of_another_name_is_one_cause_wherever_its_path_stands() {
    let tree = |line: &str| line.replace("NAME", "hello");
    let id = |line: &str, model: &str| line.replace("NAME", &format!("<model:{model}>"));
    let one = "> definitions-evaluated/command/shell/NAME.yaml\n";
    let below = "+ security/definitions-evaluated/command/shell/NAME.yaml\n";
    let said =
        "  \"path\": \"<sandbox>/ds/infra/definitions-evaluated/command/shell/NAME.yaml\",\n";
    let typed = "infra/definitions-evaluated/@uat/probe/NAME.yaml\n";
    let names: &[&str] = &["hello", "world", "ds", "infra", "security"];
    let mut drifts: Vec<(String, String, &[&str])> = Vec::new();
    for (line, model) in [
        (one, "hello"),
        (below, "hello"),
        (said, "team/hello"),
        (typed, "hello"),
    ] {
        drifts.push((tree(line), id(line, model), names));
    }
    drifts.push((
        "+ definitions-evaluated/command/shell/{hello.yaml, world.yaml}\n".into(),
        "+ definitions-evaluated/command/shell/{<model:hello>.yaml, <model:world>.yaml}\n".into(),
        names,
    ));
    // The same elsewhere is another change, and so is more than that.
    let other = "+ outputs/command/shell/NAME.yaml\n";
    drifts.push((tree(other), id(other, "hello"), names));
    drifts.push((tree(one), id(one, "hello").replace('>', "+"), names));
    let drifts = drifts.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), *c));
    let causes = found(&drifts.collect::<Vec<_>>());
    let counts: Vec<usize> = causes.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [5, 1, 1], "{causes:?}");
}

#[test]
fn one_more_path_in_a_list_is_one_cause_whatever_else_the_list_has() {
    let (solo, team) = (
        "{audit/, data/}",
        "ds/{data/, infra/{files/, outputs/}, logs/}",
    );
    let causes = found(&[
        (solo, "{audit/, data/, reports/}", &["ds", "infra"]),
        (
            team,
            "ds/{data/, infra/{files/, outputs/, reports/}, logs/}",
            &["ds", "infra"],
        ),
        // Another one, and one that went, are other changes.
        (solo, "{audit/, data/, other/}", &["ds", "infra"]),
        ("{audit/, data/, reports/}", solo, &["ds", "infra"]),
        // So is what is no path.
        ("a b", "a b c", &[]),
    ]);
    let counts: Vec<usize> = causes.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [2, 1, 1, 1], "{causes:?}");
}

#[test]
fn a_fault_is_told_once_whichever_command_and_model_shows_it() {
    let id = "00000000-0000-4000-8000-000000000001";
    let root = "/dev/shm/swamp-uat-x/root";
    let left = |command: &str, place: &str, model: &str| {
        format!(
            "`swamp {command}` in infra left behind what nothing speaks of:\n  made \
             {root}/{place}/{id}.yaml: it would be {model}.yaml\n    it is a file\n  {model} has 3 rows"
        )
    };
    let of = |found: &[String], model: &str| {
        let roles = [(id.to_owned(), format!("model:{model}"))];
        entry(
            1,
            faults(
                Path::new(root),
                found,
                &roles,
                &names(&[model, "ds", "infra"]),
            ),
        )
    };
    let mut entries = vec![
        of(
            &[
                left("model method run a", "ds/infra/evaluated/x", "a"),
                left("model method run a --json", "ds/infra/evaluated/x", "a"),
            ],
            "a",
        ),
        of(&[left("model method run b", "ds/evaluated/y", "b")], "b"),
        of(&["b has 4 rows".to_owned()], "b"),
    ];
    (0..).zip(&mut entries).for_each(|(n, it)| it.scenario = n);
    let causes = causes(&entries);
    let said: Vec<(usize, Vec<String>)> = causes
        .iter()
        .map(|it| (it.entries.len(), it.lines()))
        .collect();
    assert_eq!(
        said,
        [
            (3, vec!["a has 3 rows".to_owned()]),
            (
                2,
                vec!["made ds/infra/evaluated/x/<model:a>.yaml: it would be a.yaml".to_owned()]
            ),
        ]
    );
}

#[test]
fn another_id_in_the_place_of_one_is_another_cause() {
    let causes = found(&[
        ("id <id#1> <id#2>\n", "id <id#2> <id#1>\n", &[]),
        ("id <id#3> <id#4>\n", "id <id#3> <id#3>\n", &[]),
        ("id <id#5> <id#6>\n", "id <id#6> <id#5>\n", &[]),
    ]);
    let counts: Vec<usize> = causes.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [2, 1]);
    let kinds = found(&[
        ("by <id#1>\n", "by <time#1>\n", &[]),
        ("by <id#1>\n", "by <repo:a>\n", &[]),
    ]);
    assert_eq!(kinds.len(), 2);
}

#[test]
fn changes_that_meet_in_one_trial_are_told_apart_where_another_has_only_one() {
    let lines = |lines: [&str; 2]| lines.map(str::to_owned).to_vec();
    for beside in ["a\nkeep\nb\n", "a\nb\n"] {
        let now = beside.replace('a', "a!").replace('b', "b!");
        let causes = found(&[(beside, &now, &[]), ("x\na\n", "x\na!\n", &[])]);
        assert_eq!(
            causes,
            [(2, lines(["-a", "+a!"])), (1, lines(["-b", "+b!"]))]
        );
    }
    // What is always together is one, wherever it stands.
    let always: (&str, &str, &[&str]) = ("{\n}\nx\n", "{\n  one\n}\nx\ntwo\n", &[]);
    let causes = found(&[always; 3]);
    assert_eq!(causes, [(3, vec!["+  one".to_owned(), "+two".to_owned()])]);
}

#[test]
fn lines_that_went_with_others_belong_to_them() {
    let causes = found(&[
        ("a\nentry\nz\n", "a\nz\n", &[]),
        ("a\nentry\n]\nz\n", "a\nz\n", &[]),
        ("a\n[\nentry\n]\nz\n", "a\nz\n", &[]),
    ]);
    assert_eq!(causes, [(3, vec!["-entry".to_owned()])]);
    // Alone it is a change of its own.
    let causes = found(&[
        ("a\nentry\n]\nz\n", "a\nz\n", &[]),
        ("a\n]\nz\n", "a\nz\n", &[]),
    ]);
    assert_eq!(causes.len(), 2);
}

#[test]
fn a_line_that_came_stands_with_the_one_that_it_came_for() {
    let made = edits(
        "cli",
        "one two three\nfour\n",
        "new\none two 3\nfour five\n",
        &names(&[]),
    );
    let pairs: Vec<(Option<&str>, Option<&str>)> = made
        .iter()
        .map(|it| (it.went.as_deref(), it.came.as_deref()))
        .collect();
    assert_eq!(
        pairs,
        [
            (None, Some("new")),
            (Some("one two three"), Some("one two 3")),
            (Some("four"), Some("four five")),
        ]
    );
    assert!(edits("cli", "a\n[EOF]", "a\n[EOF]\n\n", &names(&[])).is_empty());
}

/// Small texts of few words, so that the same edits meet often.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["hello", "world", "<id#1>", "<id#2>", "size", "7"]);
    let line = prop::collection::vec(word, 1..4).prop_map(|words| words.join(" ") + "\n");
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

fn run() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((text(), text()), 0..6)
}

fn entries(run: &[(String, String)], given: &[&str]) -> Vec<Entry> {
    let entries = run.iter().zip(1..);
    let entries =
        entries.map(|((golden, now), n)| entry(n, edits("cli", golden, now, &names(given))));
    entries.collect()
}

/// How many trials and places each cause has.
fn counts(entries: &[Entry]) -> Vec<(usize, usize)> {
    let causes = causes(entries);
    causes
        .iter()
        .map(|it| (it.entries.len(), it.places))
        .collect()
}

proptest! {
    #[test]
    fn no_edit_is_lost_and_none_is_in_two_causes(run in run()) {
        let entries = entries(&run, &["hello", "world"]);
        let causes = causes(&entries);
        let told = |cause: &Cause<'_>| -> BTreeSet<String> {
            cause.example.iter().map(|it| it.alike.clone()).collect()
        };
        let kinds: usize = causes.iter().map(|it| told(it).len() + it.more).sum();
        let all = entries.iter().flat_map(|it| &it.edits).map(|it| &it.alike);
        prop_assert_eq!(kinds, all.collect::<BTreeSet<_>>().len());
        let places: usize = causes.iter().map(|it| it.places).sum();
        let all = entries.iter().flat_map(|it| it.edits.iter().map(move |edit| (it.scenario, edit.place, &edit.alike)));
        prop_assert_eq!(places, all.collect::<BTreeSet<_>>().len());
        let drifted = causes.iter().flat_map(|it| &it.entries).map(|it| it.scenario);
        let red = entries.iter().filter(|it| !it.edits.is_empty()).map(|it| it.scenario);
        prop_assert_eq!(drifted.collect::<BTreeSet<_>>(), red.collect::<BTreeSet<_>>());
    }

    #[test]
    fn an_edit_takes_the_old_text_to_the_new_one((golden, now) in (text(), text())) {
        let edits = edits("cli", &golden, &now, &names(&[]));
        let gone = edits.iter().filter(|it| it.went.is_some()).count();
        let new = edits.iter().filter(|it| it.came.is_some()).count();
        let lines = |text: &str| text.trim_end().lines().count().max(1);
        prop_assert_eq!(lines(&golden) + new, lines(&now) + gone);
    }

    #[test]
    fn the_order_of_trials_and_other_names_change_no_cause(run in run()) {
        let made = entries(&run, &["hello", "world"]);
        let told = counts(&made);
        let backwards: Vec<Entry> = made.into_iter().rev().collect();
        prop_assert_eq!(&told, &counts(&backwards));
        let renamed: Vec<(String, String)> = run
            .iter()
            .map(|(golden, now)| {
                let other = |text: &str| text.replace("hello", "elsewhere").replace("<id#2>", "<id#9>");
                (other(golden), other(now))
            })
            .collect();
        prop_assert_eq!(told, counts(&entries(&renamed, &["elsewhere", "world"])));
    }
}

#[test]
fn other_numbers_of_ids_belong_to_the_id_that_came_before_them() {
    let golden = "a\nid <id#1>\nkeep\nby <id#2>\nend\n";
    let now = "a\nnew <id#1>\nid <id#2>\nkeep\nby <id#3>\nend\n";
    let alike = |now: &str| -> Vec<String> {
        let edits = edits("cli", golden, now, &names(&[]));
        edits.into_iter().map(|edit| edit.alike).collect()
    };
    let moved = alike(now);
    assert_eq!(moved.last(), moved.get(moved.len() - 2), "{moved:?}");
    // One that stands where another stood is a change of its own.
    let swapped = alike("a\nnew\nid <id#2>\nkeep\nby <id#1>\nend\n");
    assert_ne!(
        swapped.last(),
        swapped.get(swapped.len() - 2),
        "{swapped:?}"
    );
}

#[test]
fn a_comma_and_the_depth_of_a_document_are_no_change_of_their_own() {
    let causes = found(&[
        ("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", &[]),
        (
            "[\n    \"a\": 1\n]\n",
            "[\n    \"a\": 1,\n    \"b\": 2\n]\n",
            &[],
        ),
    ]);
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert_eq!(causes[0].0, 2);
}

#[test]
fn a_name_for_an_id_is_one_cause_in_every_line() {
    let names = &["hello", "world"];
    let causes = found(&[
        ("model <model:hello> v1\n", "model hello v1\n", names),
        (
            "  \"name\": \"<model:world>\",\n",
            "  \"name\": \"world\"\n",
            names,
        ),
        ("model <model:hello> v1\n", "model hello v2\n", names),
        ("model <model:hello> v1\n", "model <id#1> v1\n", names),
    ]);
    let counts: Vec<usize> = causes.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [2, 1, 1], "{causes:?}");
}

#[test]
fn a_missing_field_is_one_fault_in_every_file_and_reply_and_another_field_is_another() {
    let of = |found: &[&str]| {
        let found: Vec<String> = found.iter().map(|it| (*it).to_owned()).collect();
        entry(
            1,
            faults(Path::new("/root"), &found, &[], &names(&["ds", "x"])),
        )
    };
    let mut entries = vec![
        of(&["made ds/runs/x/run.yaml: missing field `by`, as swamp_uat::forms::Run"]),
        of(&["the reply of `swamp a` in x (exit 0) is not of its form: missing field `by`"]),
        of(&[
            "the reply of `swamp b` in x (exit 1) is not of its form: ds/runs/x/r.yaml: missing field `by`",
        ]),
        of(&["made ds/runs/x/run.yaml: missing field `of`, as swamp_uat::forms::Run"]),
        of(&["removed ds/runs/x/run.yaml: no such command may remove it"]),
        of(&["removed ds/data/x/run.yaml: no such command may remove it"]),
    ];
    (0..).zip(&mut entries).for_each(|(n, it)| it.scenario = n);
    let counts: Vec<usize> = causes(&entries).iter().map(|it| it.entries.len()).collect();
    assert_eq!(counts, [3, 1, 1, 1]);
}

#[test]
fn an_edit_has_the_command_or_the_checkpoint_that_it_stands_under() {
    let made = |surface, golden: &str, now: &str| {
        let edits = edits(surface, golden, now, &names(&[]));
        edits.into_iter().map(|edit| edit.head).collect::<Vec<_>>()
    };
    let head = |text: &str| Some(text.to_owned());
    let golden = "$ swamp a  # in x\n[exit 1]\none\n$ swamp b\ntwo\n[EOF]\n";
    let now = "$ swamp a  # in x\n[exit 1]\n1\n$ swamp b\n2\n$ swamp c\n3\n[EOF]\n";
    assert_eq!(
        made("cli", golden, now),
        [
            head("$ swamp a  # in x"),
            head("$ swamp b"),
            head("$ swamp b"),
            // It is one itself.
            None,
            head("$ swamp c"),
        ]
    );
    assert_eq!(
        made(
            "tree",
            "== set\n[ds]\n+ a\n[infra]\n+ b\n",
            "== set\n[ds]\n+ a\n[infra]\n+ c\n"
        ),
        [head("== set [infra]")]
    );
    assert_eq!(made("cli", "a\n", "b\n"), [None]);
}

#[test]
fn a_cause_has_the_first_words_of_the_command_that_all_of_it_stands_under() {
    let of = |one: &str, other: &str| {
        let entries = [one, other].into_iter().zip(1..).map(|(command, n)| {
            let text = |x: u32| format!("$ swamp {command}  # in repo{n}\nx: {x}\n");
            entry(n, edits("cli", &text(1), &text(2), &names(&[])))
        });
        let entries: Vec<Entry> = entries.collect();
        let causes = causes(&entries);
        assert_eq!(causes.len(), 1);
        let under = causes[0].lines_under_heads();
        assert_eq!(under[0], format!("$ swamp {one}  # in repo1"));
        assert_eq!(&under[1..], causes[0].lines());
        causes[0].command.clone()
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(of("data list", "data list"), said("swamp data list"));
    assert_eq!(of("data list --a", "data list"), said("swamp data list …"));
    assert_eq!(of("data get x", "data list"), said("swamp data …"));
    assert_eq!(of("data get x", "model get x"), None);
}

#[test]
fn the_example_is_one_that_says_something() {
    // The shorter one says only that it ended otherwise.
    let entries = [
        entry(1, edits("cli", "a\n", "[exit 1]\na\n", &names(&[]))),
        entry(
            2,
            edits("cli", "a\n", "[exit 1]\nno lock\na\n", &names(&[])),
        ),
    ];
    let causes = causes(&entries);
    let shown: Vec<Vec<String>> = causes.iter().map(Cause::lines).collect();
    assert_eq!(shown, [["+[exit 1]", "+no lock"]]);
    for (line, expected) in [
        ("+[EOF]", false),
        ("-[exit 1]", false),
        ("+}", false),
        ("$ swamp a", false),
        ("+x: 1", true),
    ] {
        assert_eq!(tells(line), expected, "{line}");
    }
}

#[test]
fn ids_that_are_mentioned_in_another_order_are_the_same_ids() {
    let golden = "path <id#1>\nid <id#2>\nby <id#1>\nend\n";
    let now = "path fresh\nid <id#1>\nby <id#2>\nend\n";
    let made = edits("cli", golden, now, &names(&[]));
    let alike: BTreeSet<&str> = made.iter().map(|it| it.alike.as_str()).collect();
    assert_eq!((made.len(), alike.len()), (3, 1), "{made:?}");
    // They are not told beside the line that moved them.
    let entries = [entry(1, made)];
    assert_eq!(causes(&entries)[0].lines(), ["-path <id#1>", "+path fresh"]);
    // One for two is another id.
    let one = edits(
        "cli",
        golden,
        "path fresh\nid <id#1>\nby <id#1>\nend\n",
        &names(&[]),
    );
    let alike: BTreeSet<&str> = one.iter().map(|it| it.alike.as_str()).collect();
    assert!(alike.len() > 1, "{one:?}");
}

#[test]
fn a_check_of_two_kinds_is_two_and_a_datastore_without_a_name_makes_no_third() {
    let of = |found: &[&str], given: &[&str]| {
        let found: Vec<String> = found.iter().map(|it| (*it).to_owned()).collect();
        entry(1, faults(Path::new("/root"), &found, &[], &names(given)))
    };
    let made =
        "made ds/definitions-evaluated/x/hello.yaml: by what it holds it would be hello.yaml";
    let not_latest = "the row of result 1 is not the latest";
    let mut entries = vec![
        of(&[made, not_latest], &["hello", "ds"]),
        of(&[made, not_latest], &["hello"]),
    ];
    (0..).zip(&mut entries).for_each(|(n, it)| it.scenario = n);
    let told = |causes: Vec<Cause<'_>>| -> Vec<(usize, usize)> {
        let counts = causes.iter().map(|it| (it.entries.len(), it.lines().len()));
        counts.collect()
    };
    assert_eq!(told(kinds(&entries)), [(2, 1), (2, 1)]);
    assert_eq!(told(causes(&entries)), [(2, 2)]);
}
