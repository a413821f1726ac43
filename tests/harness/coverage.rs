//! `cargo uat coverage`: what it takes, and what it says where a document is not what it should be.

use crate::common::{REFERENCE, Scratch, refuses};
use crate::said::said;
use serde_json::{Value, json};
use swamp_uat::commands::FILE;
use swamp_uat::workspace_root;

#[test]
fn coverage_is_of_a_whole_run_that_is_there() {
    let scratch = Scratch::new();
    let coverage = || {
        let mut uat = scratch.uat();
        uat.args(["coverage", "--check"]);
        uat
    };
    refuses(
        &mut coverage(),
        &["ledger.json cannot be read", "run `cargo uat`"],
    );
    said(scratch.uat().arg("s03")).has(0, &[]);
    refuses(
        &mut coverage(),
        &["must be of a whole run", "it lacks", "run `cargo uat`"],
    );

    // As if each trial had done what this one did.
    let list = said(scratch.suite().arg("--list"));
    let names = list
        .out
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let mut ledger = scratch.ledger();
    let one = ledger.remove(0);
    assert!(
        one.calls
            .iter()
            .any(|call| call.command == "datastore namespace set")
    );
    let whole = names
        .filter(|name| !name.starts_with("suite::"))
        .map(|name| {
            let mut entry = one.clone();
            entry.trial = name.to_owned();
            serde_json::to_string(&entry).unwrap()
        });
    let whole: Vec<String> = whole.collect();
    std::fs::write(scratch.path("ledger.json"), whole.join("\n")).unwrap();
    let stale = said(&mut coverage());
    stale.has(
        1,
        &["docs/coverage.md is not current; run `cargo uat coverage`"],
    );
    let figures = |line: &str| line.starts_with("+Of ") && line.contains(" are called; ");
    assert!(stale.err.lines().any(figures), "{}", stale.err);

    let red = whole.join("\n").replace("\"passed\"", "\"failed\"");
    std::fs::write(scratch.path("ledger.json"), red).unwrap();
    refuses(&mut coverage(), &["about a suite that is green"]);
    let server = whole
        .join("\n")
        .replace("\"datastore namespace set\"", "\"serve reload\"");
    std::fs::write(scratch.path("ledger.json"), server).unwrap();
    refuses(
        &mut coverage(),
        &[
            "serve reload: it is said to touch no datastore",
            "excluded.txt",
        ],
    );
}

#[test]
fn the_commands_are_those_of_a_real_swamp() {
    let scratch = Scratch::new();
    let record = |swamp: Option<&std::path::Path>| {
        let mut uat = scratch.uat();
        uat.args(["coverage", "--record", "--check"]);
        uat.envs(swamp.map(|swamp| ("SWAMP_BIN", swamp)));
        uat
    };
    refuses(&mut record(None), &["SWAMP_BIN is unset", "set SWAMP_BIN"]);
    refuses(
        &mut record(Some(REFERENCE.as_ref())),
        &["SWAMP_BIN is the reference"],
    );
    let mute = scratch.released("if [ \"$1\" = help ]; then echo Usage: swamp; exit; fi");
    refuses(
        &mut record(Some(&mute)),
        &["the help of SWAMP_BIN was to be read"],
    );

    // The help of a swamp that has all of today's commands, and one more.
    let there = std::fs::read_to_string(workspace_root().join(FILE)).unwrap();
    let lines = there.lines().filter(|line| !line.starts_with('#'));
    let nodes = lines.chain(["verse --loud"]).map(|line| {
        let (options, name): (Vec<&str>, Vec<&str>) =
            line.split(' ').partition(|word| word.starts_with('-'));
        let flags = options
            .iter()
            .map(|names| json!({ "flags": names.replace(',', ", ") }));
        json!({ "name": name.join(" "), "options": flags.collect::<Vec<_>>(), "arguments": [],
            "subcommands": [] })
    });
    let nodes: Vec<Value> = nodes.collect();
    let root = json!({ "name": "swamp", "options": [], "arguments": [], "subcommands": nodes });
    let help = json!({ "root": root });
    let newer = scratch.released(&format!(
        "if [ \"$1\" = help ]; then echo '{help}'; exit; fi"
    ));
    let stale = said(&mut record(Some(&newer)));
    stale.has(
        1,
        &["commands/tree.txt is not current; run `cargo uat coverage --record`"],
    );
    let changed = stale
        .err
        .lines()
        .filter(|line| line.starts_with(['+', '-']));
    let changed: Vec<&str> = changed.filter(|line| line.contains(" -")).collect();
    assert_eq!(changed, ["+verse --loud"], "{}", stale.err);
    let now = std::fs::read_to_string(workspace_root().join(FILE)).unwrap();
    assert_eq!(now, there, "a check writes nothing");
}
