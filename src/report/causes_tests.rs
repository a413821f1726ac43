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
