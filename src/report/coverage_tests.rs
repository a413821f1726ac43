use super::*;
use crate::render::output::Output;
use crate::render::redact::Took;
use crate::report::ledger::{Status, sample};

fn tree() -> Tree {
    Tree::parse(
        "data list --run --server --type\ndata prune --dry-run\nserve --port\nserve reload\n",
    )
}

fn excluded() -> Excluded {
    Excluded::parse("# x\nserve, serve *: a server\n--server: it goes to a server\n")
}

fn way(command: &str, options: &[&str], namespaced: bool, seen: Seen) -> Call {
    Call {
        command: command.to_owned(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        namespaced,
        seen,
    }
}

fn entry(scenario: u32, backend: &str, calls: &[Call]) -> Entry {
    Entry {
        scenario,
        backend: backend.to_owned(),
        calls: calls.to_vec(),
        ..sample(&format!("s{scenario:02}::{backend}"), Status::Passed)
    }
}

/// What is wrong, in the words of the error.
fn complaint(checked: Result<(), BadInput>) -> String {
    checked.map_or_else(|bad| bad.to_string(), |()| String::new())
}

#[test]
fn a_trial_takes_down_each_way_to_call_a_command_once() {
    let command = |line: &str, namespaced: bool, end: End| {
        Line::Command(Command {
            index: 1,
            repo: "infra".into(),
            env: Vec::new(),
            args: line.split(' ').map(str::to_owned).collect(),
            stdin: None,
            bound: false,
            namespaced,
            end,
        })
    };
    let shown = |code: i32| {
        End::Shown(Box::new(Output {
            repo: "infra".into(),
            args: Vec::new(),
            code,
            stdout: String::new(),
            stderr: String::new(),
            took: Took::default(),
            beside_others: false,
        }))
    };
    let transcript = [
        command("repo init --tool none --json", false, End::Asserted(0)),
        command("data list early", false, shown(0)),
        Line::Look(0),
        command("data list hello --type x", true, End::Asserted(0)),
        command("data list world --type y --json", true, End::Asserted(1)),
        command("data list hello --typo", true, shown(2)),
        command("data list hello --typo", true, End::Asserted(2)),
        command("data get", true, End::Open),
        command("data gc", true, End::Killed),
        command("data nonsense", true, shown(1)),
    ];
    let ways = [
        way("data gc", &[], true, Seen::Scene),
        way("data list", &[], false, Seen::Shown),
        way("data list", &["--type"], true, Seen::Asserted),
        way("repo init", &["--tool"], false, Seen::Scene),
    ];
    assert_eq!(calls(&transcript), ways);
    let without = [command("data gc", false, End::Asserted(0))];
    assert_eq!(calls(&without)[0].seen, Seen::Asserted, "no scene was set");
}

#[test]
fn a_row_says_where_and_how_a_command_was_called_and_what_it_never_got() {
    let list = |options: &[&str], namespaced, seen| way("data list", options, namespaced, seen);
    let entries = [
        entry(
            3,
            "s3",
            &[list(&[], true, Seen::Shown), list(&[], true, Seen::Scene)],
        ),
        entry(1, "filesystem", &[list(&["--type"], false, Seen::Asserted)]),
        entry(2, "filesystem", &[list(&[], true, Seen::Asserted)]),
    ];
    let text = render(&tree(), &excluded(), &entries);
    for part in [
        "Of 2 commands that touch a datastore, 1 are called; 1 are shown in a namespaced repo.\nOf \
         their 3 own options, 1 are given.\n",
        "| `data list` | 1-3 | asserted | shown | filesystem, s3 | `--run` |\n",
        "\n- `data prune`\n\n",
        "| `serve`, `serve *` | a server |\n| `--server` | it goes to a server |\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let nothing = render(&tree(), &excluded(), &[]);
    assert!(
        nothing.contains("\n- `data list`\n- `data prune`\n"),
        "{nothing}"
    );
}

#[test]
fn many_scenarios_fit_into_a_row() {
    for (numbers, told) in [
        (vec![7], "7"),
        (vec![1, 2, 4, 5, 6], "1-2, 4-6"),
        (vec![1, 3, 5, 7, 9, 11, 12], "1, 3, 5, 7, 9, 11-12"),
        (vec![1, 3, 5, 7, 9, 11, 13, 14, 16], "1, 3, 5, 7, 9, 11, +3"),
    ] {
        assert_eq!(folded(&numbers.into_iter().collect()), told);
    }
}

#[test]
fn a_wrong_line_about_what_touches_no_datastore_is_an_error() {
    let list = way("data list", &["--server"], false, Seen::Shown);
    let calls = [entry(
        1,
        "s3",
        &[list, way("serve reload", &[], true, Seen::Scene)],
    )];
    for (text, entries, told) in [
        (
            "data lost: x\n",
            &calls[..0],
            "data lost: swamp has no such",
        ),
        ("data: x\n", &[], "data: swamp has no such"),
        ("lost *: x\n", &[], "lost *: swamp has no such"),
        ("--lost: x\n", &[], "--lost: swamp has no such"),
        ("serve\n", &[], "serve: there is no reason"),
        (
            "serve *: x\nserve reload: y\n",
            &[],
            "serve reload: it is named twice",
        ),
        (
            "serve *: x\n",
            &calls,
            "serve reload: it is said to touch no datastore, and is called in 1",
        ),
        ("--server: x\n", &calls, "data list --server: it is said to"),
    ] {
        let found = complaint(check_excluded(&Excluded::parse(text), &tree(), entries));
        assert!(found.contains(told), "{text}: {found}");
    }
    let checked = check_excluded(&excluded(), &tree(), &[]);
    assert_eq!(complaint(checked), "");
}

#[test]
fn what_is_checked_in_is_about_commands_that_there_are() {
    let checked = check_excluded(&Excluded::of_swamp(), Tree::of_swamp(), &[]);
    assert_eq!(complaint(checked), "");
}

#[test]
fn a_ledger_that_is_not_of_a_whole_run_gives_no_document() {
    let call = way("data list", &[], false, Seen::Shown);
    let both = [entry(1, "s3", &[call]), entry(2, "s3", &[])];
    let trials = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let all = trials(&["s01::s3", "s02::s3"]);
    let check = |entries: &[Entry], trials: &[String]| {
        complaint(check_whole(entries, trials, Path::new("/ledger")))
    };
    assert_eq!(check(&both, &all), "");
    let lacking = check(&both[..1], &all);
    assert!(
        lacking.contains("it lacks 1 of 2 trials, such as s02::s3"),
        "{lacking}"
    );
    let strange = check(&both, &all[..1]);
    assert!(
        strange.contains("the suite has no trial s02::s3"),
        "{strange}"
    );
    let old = check(&both[1..], &all[1..]);
    assert!(old.contains("does not say which commands"), "{old}");
}
