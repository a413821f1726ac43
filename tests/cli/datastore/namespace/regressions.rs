//! Phase G: bugs that swamp's namespaces had, by their names, and the way of a solo repo to a
//! namespace. Scenarios 39 to 41 and 47, and what was found on the way.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::G, on buckets;
    s39_pull_fills_the_catalog,
    s40_push_lands_below_the_namespace,
    s41_setup_respects_the_namespace,
    s47_solo_to_namespace,
    s95_namespace_in_the_config,
    s96_what_else_the_config_may_name on s3,
    s70_old_claim_after_a_change on filesystem,
];

/// How many rows `data query` has for `predicate`.
fn rows(repo: &Repo<'_>, predicate: &str) -> Value {
    let queried: Value = repo
        .as_json()
        .data_query(predicate)
        .succeeds_quietly()
        .parsed();
    queried["total"].clone()
}

/// PR #1386: a writer pushes, a reader on another machine pulls, the catalog is filled again and
/// the data is visible, that of the first version and that of the second.
///
/// Today the second version's `latest` is not pulled: list and get stay at the first, and a query
/// is at the second.
fn s39_pull_fills_the_catalog(t: &Trial) {
    let ds = t.store("ds");
    let writer = t.repo("writer").on_as(&ds, "infra");
    writer.add("hello");
    writer.as_json().run_model("hello", "echo one").succeeds();
    writer.sync(Sync::Push).snapshot_code(0);
    let reader = writer.on_another_machine("reader");
    // The query makes the empty catalog count as filled, as it was in production.
    assert_eq!(rows(&reader, "true"), 0);
    t.checkpoint("pushed");

    reader.sync(Sync::Pull).snapshot_code(0);
    t.checkpoint("pulled");
    reader.data_list("hello").snapshot();
    assert_eq!(reader.listed("hello"), writer.listed("hello"));
    let seen = reader
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(0);
    let written = writer
        .as_json()
        .data_query("true")
        .in_no_order()
        .succeeds_quietly();
    assert_eq!(seen.parsed::<Value>(), written.parsed::<Value>());
    assert_eq!(seen.parsed::<Value>()["total"], 2);

    writer.as_json().run_model("hello", "echo two").succeeds();
    reader.as_json().sync(Sync::Pull).snapshot_code(0);
    t.checkpoint("pulled again");
    let queried = reader.data_query("true").in_no_order().snapshot();
    assert_eq!(queried.code, 0);
    // Not `result`, whose checksum is another one each time.
    let got: Value = reader
        .as_json()
        .data_get("hello", "log")
        .snapshot()
        .parsed();
    reader.data_list("hello").snapshot();
    t.planned(
        got["version"] == 2
            && got["content"]
                .as_str()
                .is_some_and(|text| text.ends_with("two"))
            && reader
                .as_json()
                .data_list("hello")
                .succeeds_quietly()
                .lists(&["log 2", "result 2"])
            && reader.listed("hello") == writer.listed("hello"),
        Deviation {
            id: "stale-latest",
            plan: "list and get on the reader show what the writer wrote last",
            today: "they stay at version 1: a pull compares sizes, and a `latest` of 1 and of 2 \
                    are of one size",
            severity: Severity::WrongAnswer,
        },
    );
    ds.assert_consistent(&reader, "infra");
}

/// Bug #534: an explicit `sync --push` puts data below `infra/`, whether a run could not push it
/// or it came into the cache past swamp.
fn s40_push_lands_below_the_namespace(t: &Trial) {
    let ds = t.store("ds");
    let (through, network) = t.behind_network(&ds);
    let infra = t.team(&through, "infra", "hello");
    t.checkpoint("set up");
    // A run pushes by itself: unless that fails, there is nothing left for an explicit push. It
    // tries again after 503, and not after 403.
    network.intercept("refused every upload with 403", |seen| {
        let uploads = seen.writes() && seen.names("infra/") && !seen.names("/.lock");
        if uploads {
            Fate::Refuse(403)
        } else {
            Fate::Pass
        }
    });
    infra.as_json().run_model("hello", "echo infra").succeeds();
    network.up();
    assert!(!ds.keys().iter().any(|key| key.contains("/data/")));
    t.checkpoint("nothing is pushed yet");

    let pushed: Value = infra.as_json().sync(Sync::Push).snapshot().parsed();
    assert_ne!(pushed["filesPushed"], 0);
    t.checkpoint("pushed what the run did not");
    ds.assert_consistent(&infra, "infra");

    infra.write_to_cache("infra/outputs/command/shell/execute/by-hand.yaml", "a: 1\n");
    let pushed: Value = infra.as_json().sync(Sync::Push).snapshot().parsed();
    assert_eq!(pushed, json!({ "mode": "push", "filesPushed": 1 }));
    t.checkpoint("pushed a file of the cache");
    ds.assert_consistent(&infra, "infra");

    let keys = ds.keys();
    assert!(
        keys.iter().all(|key| key.starts_with("infra/")),
        "{keys:#?}"
    );
    let by_hand = "infra/outputs/command/shell/execute/by-hand.yaml";
    assert_eq!(ds.content(by_hand), b"a: 1\n");
}

/// Bug #536: `datastore setup extension` respects the namespace: the data of a solo repo lands
/// below it; one that the repo has already is kept, with its data; one of another repo is refused,
/// as it is by `namespace set`.
///
/// Today data that was migrated before is left behind, a namespace of another repo is joined, and
/// `namespace set` changes `.swamp.yaml` before it refuses.
fn s41_setup_respects_the_namespace(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").with_run("hello", "echo infra");
    let before = infra.listed("hello");
    assert_eq!(before["total"], 2);
    t.checkpoint("solo, with data");
    let setup = infra.set_up_datastore_as(&ds, "infra").snapshot();
    assert_eq!(setup.code, 0);
    t.checkpoint("infra is set up");
    assert_eq!(infra.as_json().data_list("hello").snapshot_rows(0).code, 0);
    assert_eq!(infra.listed("hello"), before);
    ds.assert_consistent(&infra, "infra");

    let security = t.repo("security").with_run("hello", "echo security");
    let before = security.listed("hello");
    assert_eq!(before["total"], 2);
    security
        .as_json()
        .namespace_set("security")
        .succeeds_quietly();
    security
        .as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    let migrated = security.path().join(".swamp/security/data/command");
    assert!(migrated.is_dir());
    // Without --namespace.
    let setup = security.set_up_datastore(&ds).snapshot();
    assert_eq!(setup.code, 0);
    t.checkpoint("security, which was migrated before, is set up without --namespace");
    assert!(security.swamp_yaml().contains("\n  namespace: security\n"));
    security.as_json().data_list("hello").snapshot_rows(0);
    t.planned(
        security.listed("hello") == before && ds.is_consistent(&security, "security"),
        Deviation {
            id: "setup-ignores-namespaced-files",
            plan: "setup takes along the data that the repo has in its namespace",
            today: "it stays behind in the repo, below .swamp/security, out of sight: the list is \
                    empty, and nothing says so",
            severity: Severity::DataLoss,
        },
    );
    let keys = ds.keys();
    let ours = |key: &String| key.starts_with("infra/") || key.starts_with("security/");
    assert!(keys.iter().all(ours), "{keys:#?}");

    let yaml = security.swamp_yaml();
    let refused = security.as_json().namespace_set("infra").snapshot();
    assert_eq!(refused.code, 1);
    t.planned(
        // As today, it is for this reason that it is refused.
        refused
            .message()
            .is_some_and(|message| message.contains("\"infra\" is already registered"))
            && security.swamp_yaml() == yaml,
        Deviation {
            id: "set-switches-before-conflict",
            plan: "a refused `namespace set` leaves the repo in the namespace that it had",
            today: ".swamp.yaml names the namespace of the other repo already",
            severity: Severity::WrongAnswer,
        },
    );

    let (other, manifest) = (t.repo("other"), ds.content("infra/.namespace.json"));
    let solo = other.swamp_yaml();
    let joined = other.set_up_datastore_as(&ds, "infra").snapshot();
    assert_eq!(ds.content("infra/.namespace.json"), manifest);
    t.checkpoint("two that wanted infra too");
    t.planned(
        joined.refuses(&["\"infra\" is already registered", &infra.id()])
            && other.swamp_yaml() == solo
            && !other.cache().exists(),
        Deviation {
            id: "setup-ignores-ownership",
            plan: "setup refuses a namespace that another repo has registered",
            today: "it joins it and pulls its data: a warning, which --json does not have, and \
                    exit 0",
            severity: Severity::WrongAnswer,
        },
    );
}

/// The namespace in the JSON of `--config`, as the plan words the setup, does what `--namespace`
/// does: `.swamp.yaml` keeps it, its manifest is registered, and the data of a solo repo lands below
/// it. What the repo writes afterwards does, too, and another machine finds both.
fn s95_namespace_in_the_config(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").with_run("hello", "echo one");
    t.checkpoint("solo, with data");
    let config = json!({ "namespace": "infra" });
    infra
        .set_up_datastore_with(&ds, &config, &[])
        .snapshot_code(0);
    t.checkpoint("infra is set up");
    assert!(infra.swamp_yaml().contains("\n  namespace: infra\n"));

    infra.as_json().run_model("hello", "echo two").succeeds();
    infra.as_json().sync(Sync::Push).snapshot_code(0);
    t.checkpoint("written and pushed");
    let keys = ds.keys();
    assert!(
        keys.iter().all(|key| key.starts_with("infra/")),
        "{keys:#?}"
    );
    ds.assert_consistent(&infra, "infra");
    infra.wipe_cache();
    infra.as_json().sync(Sync::Pull).snapshot_code(0);
    assert_eq!(infra.listed("hello")["total"], 2);
    assert_eq!(rows(&infra, "true"), 2);
}

/// Of `--namespace` and the namespace in the JSON of `--config`, the first counts; one in the JSON
/// that is no slug, or no text, is refused, and nothing changes.
fn s96_what_else_the_config_may_name(t: &Trial) {
    let ds = t.store("ds");
    let [infra, refused, number] =
        ["infra", "refused", "number"].map(|name| t.repo(name).with_run("hello", "echo hi"));
    t.checkpoint("solo, with data");
    let before = refused.swamp_yaml();
    let config = json!({ "namespace": "No Slug" });
    let ran = refused.as_json().set_up_datastore_with(&ds, &config, &[]);
    ran.snapshot_code(1);
    assert_eq!((refused.swamp_yaml(), ds.keys().len()), (before, 0));

    let config = json!({ "namespace": "other" });
    let named = ["--namespace", "infra"];
    infra
        .as_json()
        .set_up_datastore_with(&ds, &config, &named)
        .snapshot_code(0);
    t.checkpoint("infra is set up");
    assert!(infra.swamp_yaml().contains("\n  namespace: infra\n"));
    let keys = ds.keys();
    assert!(
        keys.iter().all(|key| key.starts_with("infra/")),
        "{keys:#?}"
    );

    let before = number.swamp_yaml();
    let config = json!({ "namespace": 7 });
    let said = number
        .as_json()
        .set_up_datastore_with(&ds, &config, &[])
        .snapshot();
    t.checkpoint("a number is named");
    t.planned(
        said.code == 1
            && said
                .message()
                .is_some_and(|message| message.contains("namespace"))
            && number.swamp_yaml() == before
            && ds.keys() == keys,
        Deviation {
            id: "config-namespace-is-no-text",
            plan: "a namespace in `--config` that is no text is refused",
            today: "it is not read: the data lands at the root of the bucket that others share",
            severity: Severity::WrongAnswer,
        },
    );
}

/// The upgrade journey: a solo repo of an old swamp is upgraded and lists the same data; it sets
/// a namespace, migrates, is set up on a bucket and pushes; a fresh cache pulls, and the data is
/// visible.
///
/// Today nothing is there after the setup: it leaves migrated data behind. To set the bucket up
/// with `--namespace` at once, without migrating first, works.
fn s47_solo_to_namespace(t: &Trial) {
    let ds = t.store("ds");
    let infra = old_solo(t, "infra");
    t.checkpoint("solo, of an old swamp");
    let before = infra.as_json().data_list("hello").succeeds_quietly().stdout;
    infra.as_json().swamp(&["repo", "upgrade"]).snapshot_code(0);
    assert_eq!(
        infra.as_json().data_list("hello").snapshot_rows(0).stdout,
        before
    );
    assert_eq!(rows(&infra, "true"), 2);

    let before = infra.listed("hello");
    assert_eq!(before["total"], 2);
    infra.as_json().namespace_set("infra").succeeds_quietly();
    assert_eq!(infra.listed("hello")["total"], 0);
    infra
        .as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot();
    assert_eq!(infra.listed("hello"), before);
    let infra = infra.on(&ds);
    infra.as_json().sync(Sync::Push).snapshot_code(0);
    t.layout("set, migrated, set up, pushed");
    infra.wipe_cache();
    infra.as_json().sync(Sync::Pull).snapshot_code(0);
    t.checkpoint("pulled into a fresh cache");
    infra.as_json().data_list("hello").snapshot_rows(0);
    t.planned(
        infra.listed("hello") == before && ds.is_consistent(&infra, "infra"),
        Deviation {
            id: "setup-ignores-namespaced-files",
            plan: "a solo repo that sets a namespace, migrates and moves to a bucket has its data \
                   there",
            today: "it has none: the setup leaves the migrated data behind in the repo",
            severity: Severity::DataLoss,
        },
    );

    let security = old_solo(t, "security");
    let before = security.listed("hello");
    assert_eq!(before["total"], 2);
    security.as_json().swamp(&["repo", "upgrade"]).succeeds();
    let security = security.on_as(&ds, "security");
    security.as_json().sync(Sync::Push).snapshot_code(0);
    security.wipe_cache();
    security.as_json().sync(Sync::Pull).snapshot_code(0);
    t.checkpoint("the other was set up with --namespace, pushed and pulled");
    security.as_json().data_list("hello").snapshot_rows(0);
    assert_eq!(security.listed("hello"), before);
    assert_eq!(rows(&security, "true"), 2);
    ds.assert_consistent(&security, "security");
}

/// As [`solo`], as an older swamp left it: an older version in `.swamp.yaml`, a catalog of the
/// first schema, and `latest` as a link.
fn old_solo<'t>(t: &'t Trial, name: &str) -> Repo<'t> {
    let repo = t.repo(name).with_run("hello", &format!("echo {name}"));
    let yaml: String = repo
        .swamp_yaml()
        .lines()
        .map(|line| match line.split_once(": ") {
            Some(("swampVersion", _)) => "swampVersion: 20250101.000000.0\n".to_owned(),
            _ => format!("{line}\n"),
        })
        .collect();
    repo.write(".swamp.yaml", &yaml);
    repo.alter_catalog("UPDATE catalog_meta SET value = '1' WHERE key = 'schema_version'");
    let data = format!("{name}/.swamp/data/command/shell/00000000-0000-4000-8000-000000000001");
    for item in ["log", "result"] {
        t.remove(&format!("{data}/{item}/latest"));
        t.link(&format!("{data}/{item}/latest"), "1");
    }
    repo
}

/// A repo that changes its namespace gives up the one it had. Today its claim stays, so that no
/// other repo can have it, and this one can leave its own no more.
fn s70_old_claim_after_a_change(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    t.checkpoint("fresh");
    let unset = repo.swamp_yaml();
    repo.as_json().namespace_set("one").succeeds_quietly();
    repo.namespace_set("two").snapshot_code(0);
    t.checkpoint("one, then two");
    let claims = ["one", "two"].map(|slug| ds.path().join(slug).join(".namespace.json").exists());
    repo.as_json().namespace_list().snapshot_code(0);
    let left = repo.namespace_unset(Unset::default()).snapshot();
    t.checkpoint("after unset");
    t.planned(
        claims == [false, true]
            && left.is_done()
            && repo.swamp_yaml() == unset
            && !ds.path().join("one").exists(),
        Deviation {
            id: "set-keeps-old-manifest",
            plan: "to change the namespace gives the old one up, and the new one can be left again",
            today: "the manifest of the old one stays, and unset is refused for ever, as if \
                    another repo had it",
            severity: Severity::WrongAnswer,
        },
    );
}
