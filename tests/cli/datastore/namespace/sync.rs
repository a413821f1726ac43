//! Phase D: sync of a shared bucket, each repo in its namespace. What a scenario leaves behind is
//! checked without a golden too: bucket, index and cache must hold the same.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::D, on buckets;
    s18_kill_switch,
    s19_isolation_in_the_bucket,
    s20_index_per_namespace,
    s21_foreign_keys_survive,
    s22_second_push_is_a_no_op,
    s23_foreign_catalog,
    s24_solo_unchanged,
];

/// The teams `infra` (model `hello`) and `security` (model `world`) on one bucket. Both have
/// written and pushed.
fn two_teams<'t>(t: &'t Trial, ds: &Store) -> (Repo<'t>, Repo<'t>) {
    let infra = t.team(ds, "infra", "hello");
    let security = t.team(ds, "security", "world");
    infra.as_json().run_model("hello", "echo infra").succeeds();
    infra.as_json().sync(Sync::Push).succeeds();
    security
        .as_json()
        .run_model("world", "echo security")
        .succeeds();
    security.as_json().sync(Sync::Push).succeeds();
    (infra, security)
}

/// The first parts of all keys.
fn top_level(ds: &Store) -> Vec<String> {
    let mut parts: Vec<String> = ds
        .keys()
        .iter()
        .map(|key| key.split('/').next().unwrap_or_default().to_owned())
        .collect();
    parts.dedup();
    parts
}

/// THE KILL SWITCH: `infra` writes and syncs, `security` writes and syncs, `security` loses its
/// cache and pulls. `data list` and `data query` return its own data, not 0 rows.
fn s18_kill_switch(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "hello");
    let security = t.team(&ds, "security", "world");
    infra.as_json().run_model("hello", "echo infra").snapshot();
    infra.as_json().sync(Sync::Push).snapshot_code(0);
    security
        .as_json()
        .run_model("world", "echo security")
        .snapshot();
    security.as_json().sync(Sync::Push).snapshot_code(0);
    t.layout("both pushed");
    let listed = security.as_json().data_list("world").succeeds_quietly();
    let queried: Value = security
        .as_json()
        .data_query("true")
        .succeeds_quietly()
        .parsed();

    security.wipe_cache();
    security.wipe_catalog();
    // `data list` walks files and cannot see a catalog that was not filled again. This query
    // makes the empty catalog count as filled, as it was in production.
    let empty: Value = security
        .as_json()
        .data_query("true")
        .succeeds_quietly()
        .parsed();
    assert_eq!(empty["total"], 0);
    t.checkpoint("the cache is gone");

    security.sync(Sync::Pull).snapshot_code(0);
    assert_eq!(
        security
            .as_json()
            .data_list("world")
            .succeeds_quietly()
            .stdout,
        listed.stdout
    );
    let pulled = security
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(0);
    assert_eq!(sorted(&pulled.parsed()), sorted(&queried));
    assert_eq!(pulled.parsed::<Value>()["total"], 2);
    t.checkpoint("pulled");
    ds.assert_consistent(&infra, "infra");
    ds.assert_consistent(&security, "security");
}

/// The rows of a query, in an order of their own.
fn sorted(queried: &Value) -> Vec<String> {
    let rows = queried["results"].as_array().into_iter().flatten();
    let mut rows: Vec<String> = rows.map(Value::to_string).collect();
    rows.sort();
    rows
}

/// Isolation in the bucket: with two teams on it, every key is below `infra/` or `security/`.
fn s19_isolation_in_the_bucket(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security) = two_teams(t, &ds);
    t.layout("both pushed");
    assert_eq!(top_level(&ds), ["infra", "security"]);
    // Not only what they push: a command that looks must not write elsewhere either.
    infra.namespace_list().snapshot();
    let from = infra.called_from(&security);
    from.datastore_status().snapshot();
    infra.lock_status().snapshot();
    from.swamp(&["datastore", "sync", "--timeout", "600", "--confirm"])
        .snapshot_code(0);
    assert_eq!(top_level(&ds), ["infra", "security"]);
    t.checkpoint("looked and synced");
    ds.assert_consistent(&infra, "infra");
    ds.assert_consistent(&security, "security");
}

/// An index per namespace, none for all: each lists exactly the keys of its own namespace, each
/// catalog export exactly the rows of it, each manifest its repo.
fn s20_index_per_namespace(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security) = two_teams(t, &ds);
    t.layout("both pushed");
    let keys = ds.keys();
    assert!(!keys.contains(".datastore-index.json"));
    assert!(!keys.iter().any(|key| key.starts_with("_index/")));
    for (repo, model) in [(&infra, "hello"), (&security, "world")] {
        let namespace = repo.name();
        ds.assert_consistent(repo, namespace);

        let exported = ds.read_json(&format!("{namespace}/.catalog-export.json"));
        let mut rows: Vec<(&str, &str)> = exported
            .as_array()
            .into_iter()
            .flatten()
            .filter(|row| row["namespace"] == namespace && row["version"] == 1)
            .filter_map(|row| Some((row["model_name"].as_str()?, row["data_name"].as_str()?)))
            .collect();
        rows.sort_unstable();
        assert_eq!(rows, [(model, "log"), (model, "result")]);
        assert_eq!(exported.as_array().map(Vec::len), Some(2));

        let manifest = ds.read_json(&format!("{namespace}/.namespace.json"));
        assert_eq!(manifest["namespace"], namespace);
        assert_eq!(manifest["repoId"], repo.id());
    }
    security.as_json().namespace_list().snapshot_code(0);
}

/// Deletion across namespaces: `infra` pushes again, with something deleted on its side, and not
/// one object of `security` is touched.
fn s21_foreign_keys_survive(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security) = two_teams(t, &ds);
    t.checkpoint("both pushed");
    let (foreign, contents) = (ds.objects_below("security/"), ds.files());
    assert!(!foreign.is_empty());
    let own = ds.keys();

    infra.as_json().run_model("hello", "echo again").succeeds();
    infra
        .as_json()
        .swamp(&["datastore", "sync", "--push", "--yes"])
        .snapshot_code(0);
    assert_eq!(ds.objects_below("security/"), foreign);
    t.checkpoint("infra pushed again");

    infra
        .as_json()
        .data_delete("hello", &["log", "--force"])
        .snapshot_code(0);
    infra.sync(Sync::Both).snapshot_code(0);
    t.checkpoint("infra deleted");
    assert_eq!(ds.objects_below("security/"), foreign);
    let gone: Vec<String> = own.difference(&ds.keys()).cloned().collect();
    assert!(
        !gone.is_empty() && gone.iter().all(|key| key.contains("/log/")),
        "{gone:#?}"
    );
    let now = ds.files();
    for object in &foreign {
        assert_eq!(
            now.get(&object.key),
            contents.get(&object.key),
            "{}",
            object.key
        );
    }
    ds.assert_consistent(&infra, "infra");
    ds.assert_consistent(&security, "security");
}

/// The fast path: of two pushes without a change the second is a no-op. It pushes 0 files, and
/// writes no object.
///
/// Today it takes no fast path in a namespace: it reads the index and lists the bucket, twice.
fn s22_second_push_is_a_no_op(t: &Trial) {
    let ds = t.store("ds");
    let (through, network) = t.behind_network(&ds);
    let infra = t.team(&through, "infra", "hello");
    infra.as_json().run_model("hello", "echo infra").succeeds();
    infra.sync(Sync::Push).snapshot_code(0);
    t.checkpoint("pushed");
    let (objects, _) = (ds.objects(), network.take_seen());

    let again = infra.as_json().sync(Sync::Push).snapshot();
    assert_eq!(
        again.parsed::<Value>(),
        json!({ "mode": "push", "filesPushed": 0 })
    );
    let seen = network.take_seen();
    let written: Vec<&Request> = seen
        .iter()
        .filter(|seen| seen.writes() && !seen.names(".locks/infra.lock"))
        .collect();
    assert_eq!(written, Vec::<&Request>::new());
    assert_eq!(ds.objects(), objects);

    // The sidecar is the namespace's own: a pull after it finds nothing to do either.
    let pulled = infra.as_json().sync(Sync::Pull).snapshot();
    assert_eq!(
        pulled.parsed::<Value>(),
        json!({ "mode": "pull", "filesPulled": 0 })
    );
    t.checkpoint("pushed again");
    ds.assert_consistent(&infra, "infra");
    t.planned(
        asks_for_the_index_alone(&seen) && sees_a_change(&infra, &ds),
        Deviation {
            id: "namespaced-push-never-fast",
            plan: "a push without a change sees that in its sidecar, and does not list the bucket",
            today: "in a namespace every push reads the index and lists the whole bucket, twice",
            severity: Severity::Wording,
        },
    );
}

/// Whether these requests, but for those for the lock, do no more than ask whether the index is
/// still the known one: no listing, no object of data, nothing read twice.
fn asks_for_the_index_alone(seen: &[Request]) -> bool {
    let lists =
        |seen: &&Request| seen.target.contains("list-type=2") || seen.target.contains("/o?");
    let known = ["infra/.datastore-index.json", "infra/_index/_meta.json"];
    let mut read = BTreeSet::new();
    let mut others = seen
        .iter()
        .filter(|seen| seen.method != "HEAD" && !seen.names(".locks/infra.lock"));
    !seen.is_empty()
        && others.all(|seen| {
            !seen.writes()
                && !lists(&seen)
                && known.iter().any(|name| seen.names(name))
                && read.insert(&seen.target)
        })
}

/// Whether what a run writes still reaches the bucket: to be fast is not to be blind.
fn sees_a_change(infra: &Repo<'_>, ds: &Store) -> bool {
    infra
        .as_json()
        .run_model("hello", "echo changed")
        .succeeds();
    let pushed: Value = infra.as_json().sync(Sync::Push).succeeds().parsed();
    let keys = ds.keys();
    let arrived = |end: &&str| keys.iter().any(|key| key.ends_with(end));
    pushed == json!({ "mode": "push", "filesPushed": 0 })
        && ["/result/2/raw", "/log/2/raw"].iter().all(arrived)
        && ds.is_consistent(infra, "infra")
}

/// A foreign catalog: `infra` pushes, `security` pulls the catalog of `infra`, and a query for
/// `ns == "infra"` shows its metadata.
fn s23_foreign_catalog(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security) = two_teams(t, &ds);
    t.checkpoint("both pushed");
    let foreign = r#"ns == "infra""#;
    let unknown: Value = security
        .as_json()
        .data_query(foreign)
        .succeeds_quietly()
        .parsed();
    assert_eq!(unknown["total"], 0);

    security.catalog_pull(&["infra", "nobody"]).snapshot_code(0);
    security
        .as_json()
        .catalog_pull(&["infra", "nobody"])
        .snapshot_code(0);
    let seen = security
        .as_json()
        .data_query(foreign)
        .in_no_order()
        .snapshot_rows(0);
    let foreign = ["infra hello log 1", "infra hello result 1"];
    seen.assert_finds(&foreign);
    let all = security
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(0);
    let own = ["security world log 1", "security world result 1"];
    all.assert_finds(&[foreign, own].concat());
    // What is known of others is not exported as one's own.
    security
        .as_json()
        .run_model("world", "echo more")
        .succeeds();
    let exported = ds.read_json("security/.catalog-export.json");
    let rows = exported.as_array().expect("a list of rows");
    let own = |row: &Value| row["namespace"] == "security";
    assert!(!rows.is_empty() && rows.iter().all(own), "{exported:#}");
    t.checkpoint("pulled the catalog");
    ds.assert_consistent(&infra, "infra");
    ds.assert_consistent(&security, "security");
}

/// Solo mode on the same backend is as it always was: push, pull and list without a namespace
/// anywhere.
fn s24_solo_unchanged(t: &Trial) {
    let ds = t.store("ds");
    let solo = t.repo("solo").on(&ds);
    solo.add("hello");
    solo.as_json().run_model("hello", "echo solo").succeeds();
    solo.sync(Sync::Push).snapshot_code(0);
    t.layout("pushed");
    assert!(!ds.keys().iter().any(|key| key.ends_with(".namespace.json")));
    let listed = solo.as_json().data_list("hello").succeeds_quietly();
    assert_eq!(listed.parsed::<Value>().get("namespace"), None);
    solo.data_list("hello").snapshot();

    solo.wipe_cache();
    solo.as_json().sync(Sync::Pull).snapshot_code(0);
    assert_eq!(
        solo.as_json().data_list("hello").succeeds_quietly().stdout,
        listed.stdout
    );
    solo.data_query("true").in_no_order().snapshot_code(0);
    solo.namespace_list().snapshot_code(0);
    t.checkpoint("wiped and pulled");
    ds.assert_consistent(&solo, "");
}
