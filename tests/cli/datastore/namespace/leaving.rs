//! Phase B and C, beyond the plan: the way back in a bucket, and commands that come once too often.

use swamp_uat::prelude::*;

/// The scenarios of this file that need a bucket.
pub const SCENARIOS: &[Scenario] = scenarios![
    "datastore::namespace::leaving", Phase::C, [Kind::S3, Kind::Gcs];
    s78_way_back_is_taken_in_a_bucket,
    s80_set_twice_in_a_bucket,
];

/// The scenarios of this file that run wherever a datastore can be.
pub const EVERYWHERE: &[Scenario] = scenarios![
    "datastore::namespace::leaving", Phase::C, [Kind::Filesystem, Kind::S3, Kind::Gcs];
    s79_left_twice,
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
    infra.json().run_model("hello", "echo hi").succeeds();
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

    assert_eq!(infra.namespace_unset(LEAVE).snapshot().code, 1);
    assert_eq!(infra.json().namespace_unset(LEAVE).snapshot().code, 1);
    assert_eq!(infra.json().namespace_migrate(REVERSE).snapshot().code, 1);

    let now = (ds.files(), ds.holdings(&infra, "infra"), infra.swamp_yaml());
    assert_eq!(now, before);
    let intruder = std::fs::read_to_string(infra.cache().join(taken));
    assert_eq!(intruder.ok().as_deref(), Some("not swamp's\n"));
    t.checkpoint("after the refusals");
}

/// A repo that has left is solo: to leave once more is an error, whatever the options, and changes
/// nothing; its data is where it was.
fn s79_left_twice(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds);
    infra.json().namespace_unset(LEAVE).ok();
    let listed = infra.json().data_list("hello").ok();
    assert!(listed.lists(&["log 1", "result 1"]), "{}", listed.stdout);
    let before = (ds.files(), infra.swamp_yaml());
    t.checkpoint("left");

    assert_eq!(infra.namespace_unset(Unset::default()).snapshot().code, 1);
    assert_eq!(infra.json().namespace_unset(LEAVE).snapshot().code, 1);
    assert_eq!(infra.json().namespace_migrate(REVERSE).snapshot().code, 1);

    assert_eq!((ds.files(), infra.swamp_yaml()), before);
    let now = infra.json().data_list("hello").ok();
    assert_eq!(now.stdout, listed.stdout);
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

    assert_eq!(infra.namespace_set("infra").snapshot().code, 1);
    assert_eq!(elsewhere.json().namespace_set("infra").snapshot().code, 1);

    assert_eq!(ds.objects(), objects);
    assert_eq!(
        [infra.swamp_yaml(), elsewhere.swamp_yaml()],
        [yaml.clone(), yaml]
    );
    t.checkpoint("after the refusals");
}
