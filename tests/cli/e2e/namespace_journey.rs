//! Phase H: what users do from end to end. Two teams share a bucket, a solo repo joins one, and
//! a team leaves.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::H, on buckets;
    s48_two_teams_one_bucket,
    s49_solo_repo_joins,
    s50_leaving,
];

/// The team of that namespace, with one model. It has run the model once and pushed.
fn team<'t>(t: &'t Trial, ds: &Store, namespace: &str, model: &str) -> Repo<'t> {
    let repo = t.team(ds, namespace, model);
    repo.as_json().run_model(model, "echo one").succeeds();
    repo.as_json().sync(Sync::Push).succeeds();
    repo
}

/// A row of the catalog: namespace, name and version.
type Row = (String, String, u64);

/// The rows that a query shows, sorted.
fn rows(queried: &Output) -> Vec<Row> {
    let queried: Value = queried.parsed();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let found = queried["results"].as_array().into_iter().flatten();
    let row = |row: &Value| {
        let version = row["version"].as_u64().unwrap_or_default();
        (text(row, "namespace"), text(row, "name"), version)
    };
    let mut rows: Vec<Row> = found.map(row).collect();
    rows.sort();
    rows
}

/// The `log` and the `result` of `namespace`, in that version.
fn both(namespace: &str, version: u64) -> Vec<Row> {
    ["log", "result"]
        .map(|name| (namespace.to_owned(), name.to_owned(), version))
        .into()
}

/// What `repo` shows of `namespace`, after it has pulled that catalog.
fn pulled(repo: &Repo<'_>, namespace: &str) -> Vec<Row> {
    repo.as_json().catalog_pull(&[namespace]).succeeds_quietly();
    let query = format!("ns == \"{namespace}\"");
    rows(&repo.as_json().data_query(&query).succeeds_quietly())
}

/// Asserts that every key of the bucket, and every file of the teams' caches that is not the
/// cache's own, is where its namespace is.
fn assert_isolated(ds: &Store, teams: [&Repo<'_>; 2]) {
    for key in ds.keys() {
        let top = key.split('/').next().unwrap_or_default();
        assert!(
            teams.iter().any(|team| team.name() == top),
            "the key {key} is below the namespace of no team"
        );
    }
    for team in teams {
        ds.assert_consistent(team, team.name());
        let foreign = teams.into_iter().find(|other| other.name() != team.name());
        let foreign = team.cache().join(foreign.map_or("", Repo::name));
        assert!(
            !foreign.exists(),
            "{} is another team's, and stands in the cache of {}",
            foreign.display(),
            team.name()
        );
    }
}

/// Two teams, one bucket: both write, push, pull each other's catalog and query across. Each sees
/// the metadata of the other and changes nothing of it; what the other writes or deletes shows
/// after the next pull of its catalog. Today what it deleted stays visible for ever.
fn s48_two_teams_one_bucket(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds, "infra", "hello");
    let security = team(t, &ds, "security", "world");
    t.layout("both pushed");
    for (team, other) in [(&infra, "security"), (&security, "infra")] {
        team.catalog_pull(&[other]).snapshot_code(0);
        let all = team.as_json().data_query("true").succeeds_quietly();
        assert_eq!(rows(&all), [both("infra", 1), both("security", 1)].concat());
        let query = format!("ns == \"{other}\"");
        let theirs = team
            .as_json()
            .data_query(&query)
            .in_no_order()
            .snapshot_rows(0);
        assert_eq!(rows(&theirs), both(other, 1));
    }
    infra.namespace_list().snapshot_code(0);
    // Visible is not owned: the model of the other team is none of one's own.
    infra.data_list("world").snapshot_code(1);
    assert_isolated(&ds, [&infra, &security]);

    let own = ds.objects_below("infra/");
    security.as_json().run_model("world", "echo two").succeeds();
    let query = r#"ns == "security""#;
    let before = infra.as_json().data_query(query).succeeds_quietly();
    assert_eq!(rows(&before), both("security", 1));
    assert_eq!(pulled(&infra, "security"), both("security", 2));

    security
        .as_json()
        .data_delete("world", &["log", "--force"])
        .snapshot_code(0);
    infra.catalog_pull(&["security"]).snapshot_code(0);
    let after = infra
        .as_json()
        .data_query(query)
        .in_no_order()
        .snapshot_rows(0);
    t.planned(
        rows(&after) == [("security".to_owned(), "result".to_owned(), 2)]
            && infra.with_the_same_catalog(|| pulled(&infra, "security")) == rows(&after),
        Deviation {
            id: "deleted-foreign-rows-stay",
            plan: "what the other team deleted is gone after a pull of its catalog",
            today: "the pull adds rows and removes none: it stays visible for ever",
            severity: Severity::WrongAnswer,
        },
    );
    assert_eq!(ds.objects_below("infra/"), own);
    assert_isolated(&ds, [&infra, &security]);
    t.checkpoint("security wrote and deleted");
}

/// A solo repo with data joins a bucket where another namespace has data: it sets its namespace,
/// migrates, and sets the bucket up. Its data is visible to itself, and to the others.
///
/// Today that order leaves the data behind. Set up in the bucket with its namespace at once, the
/// repo keeps its data; but its first export is empty, so that the others see none of it until
/// the repo has queried and pushed again.
fn s49_solo_repo_joins(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds, "infra", "hello");
    let planned = t.repo("planned").with_run("world", "echo one");
    let before = planned.listed("world");
    assert_eq!(before["total"], 2);
    planned
        .as_json()
        .namespace_set("planned")
        .succeeds_quietly();
    planned
        .as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    assert!(planned.path().join(".swamp/planned/data/command").is_dir());
    let joined = planned.set_up_datastore_as(&ds, "planned").snapshot();
    assert_eq!(joined.code, 0);
    let visible = planned.listed("world") == before && ds.is_consistent(&planned, "planned");
    t.layout("joined as planned");
    t.planned(
        visible,
        Deviation {
            id: "setup-ignores-namespaced-files",
            plan: "a repo that has set its namespace and migrated takes its data to the bucket",
            today: "the setup looks for data of before the namespace only, copies none, and the \
                    repo has lost sight of what it had",
            severity: Severity::DataLoss,
        },
    );

    let apps = t.repo("apps").with_run("world", "echo one");
    let before = apps.listed("world");
    assert_eq!(before["total"], 2);
    let joined = apps.as_json().set_up_datastore_as(&ds, "apps").snapshot();
    assert_eq!(joined.code, 0);
    apps.sync(Sync::Push).snapshot_code(0);
    assert_eq!(apps.listed("world"), before);
    t.checkpoint("joined at once");
    infra.catalog_pull(&["apps"]).snapshot_code(0);
    let seen = infra
        .as_json()
        .data_query(r#"ns == "apps""#)
        .snapshot_rows(0);
    t.planned(
        rows(&seen) == both("apps", 1),
        Deviation {
            id: "empty-first-export",
            plan: "after the first push of a repo that joined, others see its data",
            today: "its first export has no rows, as nobody has filled its catalog yet",
            severity: Severity::WrongAnswer,
        },
    );

    let own = apps.as_json().data_query("true").succeeds_quietly();
    assert_eq!(rows(&own), both("apps", 1));
    apps.sync(Sync::Push).snapshot_code(0);
    assert_eq!(pulled(&infra, "apps"), both("apps", 1));
    assert_eq!(pulled(&apps, "infra"), both("infra", 1));
    ds.assert_consistent(&apps, "apps");
    ds.assert_consistent(&infra, "infra");
    t.checkpoint("everybody sees everybody");
}

/// A team leaves: `unset --migrate --confirm` makes its repo solo again, with all its data; a new
/// bucket is set up, pushed to, and found whole by a fresh machine. Nothing of the namespace is
/// left: its name is free, and the new bucket does not have it.
///
/// Today the manifest stays in the bucket though swamp says that it was removed, and the last
/// catalog export of the namespace moves along.
fn s50_leaving(t: &Trial) {
    let (shared, own) = (t.store("shared"), t.store("own"));
    let infra = team(t, &shared, "infra", "hello");
    infra.as_json().run_model("hello", "echo two").succeeds();
    let before = infra.listed("hello");
    assert_eq!(before["total"], 2);
    let written = shared.files();
    t.layout("in the namespace");

    let leave = Unset {
        migrate: true,
        confirm: true,
    };
    infra.namespace_unset(leave).snapshot_code(0);
    assert_eq!(infra.listed("hello"), before);
    t.checkpoint("solo again");
    let manifest = "infra/.namespace.json";
    let mut left = shared.files();
    let claimed = left.insert(manifest.to_owned(), written[manifest].clone());
    // The data is not where it is going yet: nothing of it may go from where it was.
    assert_eq!(left, written);
    t.planned(
        claimed.is_none(),
        Deviation {
            id: "unset-keeps-claim-in-bucket",
            plan: "who leaves gives the name back: the manifest in the bucket goes",
            today: "only the local copy of the manifest goes, though swamp says that it was \
                    removed: the name stays taken for ever",
            severity: Severity::WrongAnswer,
        },
    );

    let moved = infra.as_json().set_up_datastore(&own).snapshot();
    assert_eq!(moved.code, 0);
    infra.sync(Sync::Push).snapshot_code(0);
    t.checkpoint("pushed to a bucket of its own");
    let arrived = own.files();
    let data = |key: &str| Some(format!("data/{}", key.strip_prefix("infra/data/")?));
    let expected: Vec<(String, &String)> = written
        .iter()
        .filter_map(|(key, content)| Some((data(key)?, content)))
        .collect();
    assert!(
        expected
            .iter()
            .any(|(key, _)| key.ends_with("/result/2/raw"))
    );
    for (key, content) in expected {
        assert_eq!(arrived.get(&key), Some(content), "{key}");
    }
    t.planned(
        // It had one to take along: who never writes an export leaves nothing behind either.
        written.contains_key("infra/.catalog-export.json")
            && !arrived.is_empty()
            && !arrived.keys().any(|key| key.contains("infra/")),
        Deviation {
            id: "leaving-takes-the-export-along",
            plan: "the bucket of a solo repo has nothing of a namespace that it was in",
            today: "the catalog export of the namespace stays in the cache and is pushed with it",
            severity: Severity::WrongAnswer,
        },
    );

    infra.wipe_cache();
    infra.sync(Sync::Pull).snapshot_code(0);
    assert_eq!(infra.listed("hello"), before);
    let queried = infra
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(0);
    assert_eq!(rows(&queried), both("", 2));
    t.checkpoint("wiped and pulled");
    let held = own.holdings(&infra, "");
    assert_eq!((&held.keys, &held.keys), (&held.index, &held.cache));
}
