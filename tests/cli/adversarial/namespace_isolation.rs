//! Phase G: namespaces in each other's way: two that push at once, a manifest that is broken or
//! gone. Scenarios 42 to 44, and what was found on the way.

use serde_json::Value;
use swamp_uat::prelude::*;

use super::common::{queried, team};

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::G, on buckets;
    s42_two_push_at_once,
    s43_corrupt_manifest on filesystem,
    s44_manifest_is_gone on filesystem,
    s84_claim_beside_a_broken_manifest on filesystem,
];

/// Two repos push from different namespaces at the same time, ten times over: by running a model,
/// and by an explicit push. Neither fails, each takes a lock of its own, and the bucket holds what
/// each wrote and indexed, and nothing else.
fn s42_two_push_at_once(t: &Trial) {
    let ds = t.store("ds");
    let (through, network) = t.behind_network(&ds);
    let infra = team(t, &through, "infra", "hello");
    let security = team(t, &through, "security", "world");
    network.take_seen();
    t.checkpoint("both have written");
    let mut overlapping = 0;
    for round in 1..=10 {
        let run = |model| {
            [
                "model",
                "method",
                "run",
                model,
                "execute",
                "--input",
                "run=echo more",
                "--skip-reports",
            ]
        };
        let push: &[&str] = &["datastore", "sync", "--push"];
        let both = if round % 2 == 0 {
            for repo in [&infra, &security] {
                let namespace = repo.name();
                let path = format!("{namespace}/outputs/command/shell/execute/{round}.yaml");
                repo.write_to_cache(&path, "by: hand\n");
            }
            t.at_once(&[(&infra.as_json(), push), (&security.as_json(), push)])
        } else {
            t.at_once(&[
                (&infra.as_json(), &run("hello")),
                (&security.as_json(), &run("world")),
            ])
        };
        for ran in both {
            ran.succeeds();
        }
        let seen = network.take_seen();
        overlapping += u32::from(overlap(&seen));
        for namespace in ["infra", "security"] {
            let lock = format!(".locks/{namespace}.lock");
            assert!(seen.iter().any(|seen| seen.writes() && seen.names(&lock)));
        }
        ds.assert_consistent(&infra, "infra");
        ds.assert_consistent(&security, "security");
        let keys = ds.keys();
        let ours = |key: &String| key.starts_with("infra/") || key.starts_with("security/");
        assert!(keys.iter().all(ours), "round {round}: {keys:#?}");
    }
    assert!(
        overlapping > 0,
        "in no round did the requests of both alternate"
    );
    t.checkpoint("pushed ten times each");
    for (repo, model) in [(&infra, "hello"), (&security, "world")] {
        let list: Value = repo.as_json().data_list(model).snapshot_rows(0).parsed();
        let groups = list["groups"].as_array().into_iter().flatten();
        let versions: Vec<&Value> = groups.map(|group| &group["items"][0]["version"]).collect();
        assert_eq!(versions, [6, 6], "{list:#}");
    }
    infra.as_json().namespace_list().snapshot_code(0);
}

/// Whether one repo's first request came before the other's last, for both.
fn overlap(seen: &[Request]) -> bool {
    let of = |namespace: &str| {
        let own = |seen: &Request| {
            seen.names(&format!("{namespace}/")) || seen.names(&format!("{namespace}.lock"))
        };
        seen.iter().position(own).zip(seen.iter().rposition(own))
    };
    of("infra")
        .zip(of("security"))
        .is_some_and(|(one, other)| one.0 < other.1 && other.0 < one.1)
}

/// A manifest that is not JSON, empty, a list, an object of nothing, null, 10 MB of `x` or (in
/// this order) a directory is passed over: `namespace list` shows the other namespaces.
///
/// Today it, and every other namespace command, crashes in every repo of the datastore. Commands
/// on data are not concerned.
fn s43_corrupt_manifest(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds, "infra", "hello");
    let security = t.repo("security").on_as(&ds, "security");
    let manifest = "ds/security/.namespace.json";
    let huge = "x".repeat(10_000_000);
    let mut lists = Vec::new();
    for content in ["{ not json", "", "[]", "{}", "null", &huge] {
        t.write(manifest, content);
        // Swamp sorts what it reads, and an entry without a name breaks that unless it is the
        // first one in the directory, whose order is the file system's: one of two is not.
        t.write("ds/security-too/.namespace.json", content);
        lists.push(infra.as_json().namespace_list().snapshot());
    }
    t.remove("ds/security-too");
    t.remove(manifest);
    t.write(&format!("{manifest}/file"), "");
    lists.push(infra.as_json().namespace_list().snapshot());
    let known = |list: &Output| {
        let list: NamespaceList = list.parsed();
        list.namespaces
            .iter()
            .any(|entry| entry.namespace == "infra" && entry.is_current)
    };
    // Where it succeeds, it has no excuse.
    assert!(lists.iter().all(|list| list.code != 0 || known(list)));
    t.planned(
        lists.iter().all(shows_infra_alone),
        Deviation {
            id: "corrupt-manifest-breaks-all",
            plan: "a broken manifest is passed over, and the list shows the other namespaces",
            today: "namespace list, set, unset and migrate crash in every repo of the datastore",
            severity: Severity::Crash,
        },
    );

    t.remove(manifest);
    t.write(manifest, "{ not json");
    t.checkpoint("a manifest is not JSON");
    for repo in [&infra, &security] {
        repo.as_json().namespace_unset(Unset::default()).snapshot();
    }
    infra
        .as_json()
        .namespace_migrate(Migrate::default())
        .snapshot();
    infra.as_json().namespace_set("another").snapshot();
    infra.data_list("hello").snapshot_code(0);
    infra
        .as_json()
        .run_model("hello", "echo on")
        .succeeds_quietly();
    assert_eq!(queried(&infra), ["infra log 2", "infra result 2"]);
    infra.swamp(&["doctor", "datastores"]).snapshot();
    t.checkpoint("all was tried");
}

/// Whether a list with `--json` succeeds and has `infra`, as the repo's own, and nothing else.
fn shows_infra_alone(list: &Output) -> bool {
    let document = list.document().unwrap_or_default();
    let listed = document["namespaces"].as_array();
    list.code == 0
        && document["currentNamespace"] == "infra"
        && listed.is_some_and(|listed| {
            listed.len() == 1 && listed[0]["namespace"] == "infra" && listed[0]["isCurrent"] == true
        })
}

/// The manifest of the own namespace is gone: whatever works on data works on, and only the
/// detection of conflicts is lost, so that another repo gets the namespace.
///
/// Today the repo cannot register its namespace again.
fn s44_manifest_is_gone(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds, "infra", "hello");
    let security = t.repo("security").on_as(&ds, "security");
    t.remove("ds/infra/.namespace.json");
    t.checkpoint("the manifest of infra is gone");

    infra
        .as_json()
        .run_model("hello", "echo on")
        .succeeds_quietly();
    infra.data_list("hello").snapshot_code(0);
    assert_eq!(queried(&infra), ["infra log 2", "infra result 2"]);
    infra.as_json().lock_status().snapshot_code(0);
    infra.swamp(&["doctor", "datastores"]).snapshot_code(0);
    let list: NamespaceList = infra.as_json().namespace_list().snapshot().parsed();
    let names: Vec<&str> = list
        .namespaces
        .iter()
        .map(|entry| entry.namespace.as_str())
        .collect();
    assert_eq!(
        (names, list.current_namespace.as_deref()),
        (vec!["security"], Some("infra"))
    );

    let again = infra.namespace_set("infra").snapshot();
    t.planned(again.is_done()
            && ds.holds("infra/.namespace.json", &infra.id())
            // Once it is there, this is an error again.
            && infra.namespace_set("infra").fails(1).refuses(&["already set"]),
Deviation {
            id: "set-cannot-reclaim",
            plan: "a repo whose manifest is gone registers its namespace again with `namespace set`",
            today: "it is refused, as the namespace is set already: the manifest never comes back",
            severity: Severity::WrongAnswer,
        },
);
    security.namespace_set("infra").snapshot_code(0);
    t.checkpoint("security has taken infra");
}

/// Beside a manifest that is not JSON, nobody loses a claim: a newcomer is refused a namespace that
/// another repo has, and who is not alone cannot leave. A free namespace can be had.
///
/// Today each of these crashes. Nothing is changed.
fn s84_claim_beside_a_broken_manifest(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.repo(name).on_as(&ds, name));
    let newcomer = t.repo("newcomer").on(&ds);
    t.write("ds/broken/.namespace.json", "{ not json");
    t.checkpoint("two claims, and a broken one");

    let (refused, stays) = security.nothing_changes(&ds, || {
        let refused = newcomer.as_json().namespace_set("infra");
        let refused = infra.nothing_changes(&ds, || refused.snapshot_code(1));
        let stays = infra.as_json().namespace_unset(Unset::default());
        (refused, stays.snapshot_code(1))
    });
    let free = newcomer.namespace_set("free").snapshot();
    t.checkpoint("all was tried");
    t.planned(
        refused.refuses(&["\"infra\" is already registered", &infra.id()])
            && stays.refuses(&["2 namespaces (infra, security)"])
            && free.is_done()
            && newcomer.swamp_yaml().ends_with("\n  namespace: free\n"),
        Deviation {
            id: "corrupt-manifest-breaks-all",
            plan: "beside a broken manifest, a claim is refused to others and a free name is given",
            today: "to claim a namespace, or to leave one, is a crash in every repo of the \
                    datastore",
            severity: Severity::Crash,
        },
    );
}
