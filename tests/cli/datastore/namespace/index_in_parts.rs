//! Phase D, beyond the plan: the index of a bucket in parts, which are what counts from then on.

use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::D, on buckets;
    s108_index_in_parts,
];

/// The second version of what the model of the fixture `hello` gives, in a local copy of `infra`.
const SECOND: &str = "infra/data/command/shell/00000000-0000-4000-8000-000000000001/result/2/raw";

/// The index of a namespace in a bucket is cut into parts: what runs write, before and after, reaches
/// other machines, a neighbour's index stays whole, and to do it again changes nothing. A repo without
/// a bucket is refused.
///
/// Today, done again, it makes the parts from what the whole index was before: what was written since
/// is out of reach for all other machines.
fn s108_index_in_parts(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "hello"));
    for repo in [&infra, &security] {
        repo.as_json().run_model("hello", "echo one").succeeds();
    }
    let untouched = files(&ds, "security");
    t.checkpoint("both have run");

    infra
        .called_from(&security)
        .migrate_index()
        .snapshot_code(0);
    t.checkpoint("in parts");
    infra.as_json().run_model("hello", "echo two").succeeds();
    let reader = infra.on_another_machine("reader");
    reader.as_json().sync(Sync::Pull).succeeds();
    assert!(reader.text_in_cache(SECOND).is_some());
    t.checkpoint("run once more, and pulled");

    let in_parts = files(&ds, "infra");
    infra.as_json().migrate_index().snapshot_code(0);
    let is_as_it_was = files(&ds, "infra") == in_parts;
    let late = infra.on_another_machine("late");
    late.as_json().sync(Sync::Pull).succeeds();
    t.planned(
        is_as_it_was && late.text_in_cache(SECOND).is_some(),
        Deviation {
            id: "migrate-index-starts-over",
            plan: "migrate-index of an index that is in parts already changes nothing",
            today: "it makes the parts anew from the whole index, to which nobody has written since \
                    the first time: what was written since lies in the bucket, and no other machine \
                    gets it",
            severity: Severity::DataLoss,
        },
    );
    t.checkpoint("in parts again, and pulled");
    assert_eq!(files(&ds, "security"), untouched);

    let local = t.repo("local");
    local.migrate_index().snapshot_code(1);
}
