//! Phase C, beyond the plan: the way back in a bucket, and commands that come once too often.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::C, on buckets;
    s78_way_back_is_taken_in_a_bucket,
    s79_left_twice on filesystem_and_s3,
    s80_set_twice_in_a_bucket,
    s107_out_of_a_bucket on s3,
];

const LEAVE: Unset = Unset {
    migrate: true,
    confirm: true,
};

const REVERSE: Migrate = Migrate {
    confirm: true,
    reverse: true,
};

/// The team `infra` with the model `hello`, which has run once.
fn team<'t>(t: &'t Trial, ds: &Store) -> Repo<'t> {
    let infra = t.team(ds, "infra", "hello");
    infra.as_json().run_model("hello", "echo hi").succeeds();
    infra
}

/// In the local copy of a bucket, too, a file at the un-namespaced path makes the way back
/// impossible: it is refused, and nothing moves, here or in the bucket.
fn s78_way_back_is_taken_in_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds);
    let taken = "data/command/shell/x/intruder";
    infra.write_to_cache(taken, "not swamp's\n");
    let before = (ds.files(), ds.holdings(&infra, "infra"), infra.swamp_yaml());
    t.checkpoint("in infra, with an intruder");

    infra.namespace_unset(LEAVE).snapshot_code(1);
    infra.as_json().namespace_unset(LEAVE).snapshot_code(1);
    infra.as_json().namespace_migrate(REVERSE).snapshot_code(1);

    let now = (ds.files(), ds.holdings(&infra, "infra"), infra.swamp_yaml());
    assert_eq!(now, before);
    assert_eq!(infra.text_in_cache(taken).as_deref(), Some("not swamp's\n"));
    t.checkpoint("after the refusals");
}

/// A repo that has left is solo: to leave once more is an error, whatever the options, and changes
/// nothing; its data is where it was.
fn s79_left_twice(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds);
    infra.as_json().namespace_unset(LEAVE).succeeds_quietly();
    let listed = infra.listed("hello");
    assert_eq!(listed["total"], 2);
    let before = (ds.files(), infra.swamp_yaml());
    t.checkpoint("left");

    infra.namespace_unset(Unset::default()).snapshot_code(1);
    infra.as_json().namespace_unset(LEAVE).snapshot_code(1);
    infra.as_json().namespace_migrate(REVERSE).snapshot_code(1);

    assert_eq!((ds.files(), infra.swamp_yaml()), before);
    assert_eq!(infra.listed("hello"), listed);
    t.checkpoint("left once more");
}

/// In a bucket, too, setting the namespace that is already set is an error, on the machine that set
/// it and on another one. No object is written.
fn s80_set_twice_in_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds);
    let elsewhere = infra.on_another_machine("elsewhere");
    let (objects, yaml) = (ds.objects(), infra.swamp_yaml());
    t.checkpoint("in infra");

    infra.namespace_set("infra").snapshot_code(1);
    elsewhere.as_json().namespace_set("infra").snapshot_code(1);

    assert_eq!(ds.objects(), objects);
    assert_eq!(
        [infra.swamp_yaml(), elsewhere.swamp_yaml()],
        [yaml.clone(), yaml]
    );
    t.checkpoint("after the refusals");
}

/// A repo leaves its bucket for a directory: its data and the records of its runs come along, its
/// secrets are still there, and the bucket keeps what it has, for other machines.
///
/// Today nothing comes along, its namespace is gone, and nothing says so; and into the bucket it does
/// not go in JSON alone.
fn s107_out_of_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra");
    let json = infra.as_json();
    for words in [
        &["vault", "create", "local_encryption", "v"][..],
        &["vault", "put", "v", "token", "s3cret"],
    ] {
        json.swamp(words).succeeds_quietly();
    }
    // Its secrets stay with it when it goes into the bucket, too.
    let set_up = json.set_up_datastore_as(&ds, "infra").succeeds();
    t.planned(
        serde_json::from_str::<Value>(&set_up.stdout).is_ok(),
        Deviation {
            id: "setup-advice-behind-json",
            plan: "standard output of a command with --json is one JSON document",
            today: "behind that of a setup in a bucket stands advice for people, where the repo has a \
                    vault whose key stays on this machine",
            severity: Severity::WrongAnswer,
        },
    );
    infra.add("hello");
    json.run_model("hello", "echo hi").succeeds();
    let reader = infra.on_another_machine("reader");
    let local = t.store_in_a_directory("local");
    let untouched = ds.files();
    t.checkpoint("in the bucket");

    let moved: Value = json.set_up_in_directory(&local).snapshot_code(0).parsed();
    t.checkpoint("in a directory");
    let listed = json.data_list("hello").snapshot_code(0);
    let runs = json
        .swamp(&["model", "output", "search"])
        .succeeds_quietly();
    let runs: Value = runs.parsed();
    let is_told = moved["warnings"]
        .as_array()
        .is_some_and(|it| !it.is_empty());
    let came_along = listed.lists(&["result 1", "log 1"])
        && runs["results"].as_array().map(Vec::len) == Some(1)
        && infra.swamp_yaml().contains("namespace: infra");
    t.planned(
        is_told || came_along,
        Deviation {
            id: "data-stays-in-bucket",
            plan: "a repo that leaves its bucket for a directory takes its namespace, its data and \
                   the records of its runs along, or is told that it does not",
            today: "it has no data and no runs any more, and nothing says so",
            severity: Severity::WrongAnswer,
        },
    );
    let read = ["vault", "read-secret", "v", "token"];
    let secret: Value = json.swamp(&read).succeeds_quietly().parsed();
    assert_eq!(secret["value"], "s3cret");
    assert_eq!(ds.files(), untouched);

    reader.as_json().sync(Sync::Pull).succeeds();
    let listed = reader.as_json().data_list("hello").succeeds_quietly();
    listed.assert_lists(&["result 1", "log 1"]);
}
