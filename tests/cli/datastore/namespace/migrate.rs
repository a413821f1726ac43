//! Phase C: data migration, on a filesystem datastore. Scenarios 12 to 17, and what was found on
//! the way.

use std::collections::BTreeMap;

use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::C, on filesystem;
    s12_forward_round_trip,
    s13_data_integrity,
    s14_dry_run_accuracy,
    s15_reverse_round_trip,
    s16_conflict_on_reverse,
    s17_data_written_before_migrate,
    s51_query_after_migrate,
    s52_default_datastore,
    s59_beside_another_namespace,
];

const LEAVE: Unset = Unset {
    migrate: true,
    confirm: true,
};

/// A solo repo with data sets a namespace: its data is out of sight. `migrate --confirm` moves
/// every file below the namespace, and nothing else; then the list is as before, with the
/// namespace. A second migration has nothing to do.
fn s12_forward_round_trip(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    t.layout("solo, with data");
    repo.data_list("hello").snapshot();
    let before = repo.listed("hello");
    assert_eq!(before["total"], 2);

    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo.data_list("hello").snapshot();
    let orphaned = repo.as_json().data_list("hello").snapshot_rows(0);
    assert_eq!(orphaned.parsed::<serde_json::Value>()["total"], 0);
    t.checkpoint("infra is set");

    repo.namespace_migrate(Migrate::CONFIRM).snapshot_code(0);
    t.checkpoint("migrated");
    repo.data_list("hello").snapshot();
    let migrated: serde_json::Value = repo.as_json().data_list("hello").snapshot().parsed();
    assert_eq!(migrated["namespace"], "infra");
    assert_eq!(migrated["total"], 2);
    assert_eq!(repo.listed("hello"), before);

    repo.namespace_migrate(Migrate::CONFIRM).snapshot();
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot();
    t.checkpoint("migrated twice");
}

/// Of two models with two versions each, lists are identical before and after the migration but
/// for the namespace, and every file is identical to the byte.
fn s13_data_integrity(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    repo.add("world");
    for (model, command) in [
        ("hello", "echo two"),
        ("world", "echo 1"),
        ("world", "echo 2"),
    ] {
        repo.as_json().run_model(model, command).succeeds_quietly();
    }
    let (lists, files) = (
        ["hello", "world"].map(|model| repo.listed(model)),
        ds.files(),
    );
    assert!(lists.iter().all(|list| list["total"] == 2), "{lists:#?}");
    let versions = repo
        .as_json()
        .data_versions("hello", "result")
        .succeeds_quietly()
        .stdout;
    let elsewhere = t.directory("elsewhere");
    t.checkpoint("solo, with data");

    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo.as_json()
        .called_from(&elsewhere)
        .swamp(&["datastore", "namespace", "migrate", "--yes"])
        .snapshot();
    t.checkpoint("migrated");
    assert!(elsewhere.is_empty());

    assert_eq!(["hello", "world"].map(|model| repo.listed(model)), lists);
    assert_eq!(
        repo.as_json()
            .data_versions("hello", "result")
            .succeeds_quietly()
            .stdout,
        versions
    );
    let moved = files
        .into_iter()
        .map(|(path, content)| (format!("infra/{path}"), content))
        .collect();
    let mut after = ds.files();
    after.retain(|path, _| path != "infra/.namespace.json");
    assert_eq!(after, moved);
    for model in ["hello", "world"] {
        repo.data_get(model, "log").snapshot();
    }
}

/// Without `--confirm` nothing is moved; what the preview says is what `--confirm` then does.
fn s14_dry_run_accuracy(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    repo.as_json().namespace_set("infra").succeeds_quietly();
    t.checkpoint("infra is set");

    let preview: NamespaceMigrate = repo.nothing_changes(&ds, || {
        repo.namespace_migrate(Migrate::default()).snapshot_code(0);
        let json = repo.as_json().namespace_migrate(Migrate::default());
        json.snapshot().parsed()
    });
    t.checkpoint("after the preview");

    let result: NamespaceMigrate = repo
        .as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot()
        .parsed();
    t.checkpoint("migrated");
    let (NamespaceMigrate::Preview(preview), NamespaceMigrate::Result(result)) = (preview, result)
    else {
        panic!("the first is a preview, the second a result");
    };
    let previewed: Vec<&str> = preview
        .directories
        .iter()
        .map(|d| d.subdir.as_str())
        .collect();
    assert_eq!(previewed, result.migrated_directories);
    assert_eq!(preview.total_files, result.total_files);
    assert_eq!(preview.total_bytes, result.total_bytes);
    let files: u64 = preview.directories.iter().map(|d| d.file_count).sum();
    let bytes: u64 = preview.directories.iter().map(|d| d.total_bytes).sum();
    assert_eq!((files, bytes), (preview.total_files, preview.total_bytes));
}

/// After a migration, `unset --migrate --confirm` brings everything back: the list is identical
/// to the byte, and so is `.swamp.yaml`. Today an empty directory of the namespace stays.
fn s15_reverse_round_trip(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    let list = repo.as_json().data_list("hello").succeeds_quietly();
    list.assert_lists(&["log 1", "result 1"]);
    let (yaml, files, solo) = (repo.swamp_yaml(), ds.files(), repo.state_with(&ds));
    t.checkpoint("solo, with data");

    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    t.checkpoint("migrated");
    ds.assert_has("infra/data/command");
    let migrated = repo.state_with(&ds);
    let preview = Unset {
        migrate: true,
        confirm: false,
    };
    repo.namespace_unset(preview).snapshot_code(0);
    let previewed: NamespaceMigrate = repo.as_json().namespace_unset(preview).snapshot().parsed();
    assert!(matches!(previewed, NamespaceMigrate::Preview(preview) if preview.reverse));
    repo.state_with(&ds)
        .assert_same_as(&migrated, "after the preview");

    let leave = ["datastore", "namespace", "unset", "--migrate", "--yes"];
    let result: NamespaceMigrate = repo.as_json().swamp(&leave).snapshot().parsed();
    assert!(matches!(result, NamespaceMigrate::Result(result) if result.reverse));
    t.checkpoint("solo again");

    assert_eq!(
        repo.as_json().data_list("hello").snapshot_rows(0).stdout,
        list.stdout
    );
    assert_eq!(repo.swamp_yaml(), yaml);
    assert_eq!(ds.files(), files);
    repo.as_json().namespace_list().snapshot();
    t.planned(
        !ds.path().join("infra").exists() && repo.state_with(&ds) == solo,
        Deviation {
            id: "reverse-leaves-empty-namespace-dir",
            plan: "after the way back the datastore is as it was before the namespace",
            today: "an empty directory of the namespace stays",
            severity: Severity::Wording,
        },
    );
}

/// A file at the un-namespaced path makes the way back impossible: it is refused, as a preview
/// too, and nothing moves.
fn s16_conflict_on_reverse(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    t.write("ds/data/x/intruder", "not swamp's\n");
    t.checkpoint("migrated, with an intruder");

    let preview = Unset {
        migrate: true,
        confirm: false,
    };
    let reverse = Migrate {
        confirm: true,
        reverse: true,
    };
    repo.nothing_changes(&ds, || {
        for repo in [&repo, &repo.as_json()] {
            repo.namespace_unset(LEAVE).snapshot_code(1);
            repo.namespace_unset(preview).snapshot_code(1);
            repo.namespace_migrate(reverse).snapshot_code(1);
        }
    });
    t.checkpoint("after the refusals");
}

/// Data that is written after `set` goes below the namespace, and what was there before is out of
/// sight until `migrate` brings both together. Today that works for different models only: data
/// of the same model starts again at version 1, and collides.
fn s17_data_written_before_migrate(t: &Trial) {
    let (ds, ds_same) = (t.store("ds"), t.store("ds-same"));
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    let old = repo.listed("hello");
    assert_eq!(old["total"], 2);
    let same = t.repo("same").on(&ds_same).with_run("hello", "echo hi");
    t.checkpoint("solo, with data");
    for repo in [&repo, &same] {
        repo.as_json().namespace_set("infra").succeeds_quietly();
    }
    repo.add("world");
    repo.as_json()
        .run_model("world", "echo new")
        .succeeds_quietly();
    same.as_json()
        .run_model("hello", "echo again")
        .succeeds_quietly();
    t.checkpoint("written after set");
    let new = repo.listed("world");
    assert_eq!(new["total"], 2);
    assert_eq!(repo.listed("hello")["total"], 0);

    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    assert_eq!(repo.listed("hello"), old);
    assert_eq!(repo.listed("world"), new);
    for model in ["hello", "world"] {
        repo.data_list(model).snapshot();
    }

    let (before, contents) = (same.state_with(&ds_same), contents(&ds_same));
    assert_eq!(contents.len(), 4, "a log and a result, old and new");
    let refused = same
        .namespace_migrate(Migrate::CONFIRM)
        .in_no_order()
        .snapshot();
    if refused.code != 0 {
        same.state_with(&ds_same)
            .assert_same_as(&before, "after the refusal");
    }
    t.checkpoint("after migrate");
    let results = same
        .as_json()
        .data_versions("hello", "result")
        .succeeds_quietly();
    t.planned(
        refused.is_done()
            && results.parsed::<serde_json::Value>()["total"] == 2
            && same
                .as_json()
                .data_list("hello")
                .succeeds_quietly()
                .lists(&["log 2", "result 2"])
            && self::contents(&ds_same) == contents
            && !ds_same.path().join("data").exists(),
        Deviation {
            id: "same-model-collides",
            plan: "migrate brings old and new data of one model together",
            today: "both start at version 1: migrate refuses, and no command brings them together",
            severity: Severity::DataLoss,
        },
    );
}

/// The contents of all versions of all data, wherever they lie.
fn contents(store: &Store) -> Vec<String> {
    let files = store.files().into_iter();
    let data = files.filter(|(path, _)| path.ends_with("/raw"));
    let mut contents: Vec<String> = data.map(|(_, content)| content).collect();
    contents.sort();
    contents
}

/// A query gives every row once, before and after a migration and after the way back. Today the
/// catalog keeps the rows of the layout before, so that every row comes twice.
fn s51_query_after_migrate(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    t.checkpoint("solo, with data");
    let solo = repo.data_query("true").in_no_order().snapshot();
    assert!(solo.stdout.ends_with("\n2 results\n"));
    // What the table shows of a row is also that of a row which is stale.
    let once = |said: &Output, namespace: &str| {
        let row = |name: &str| format!("{namespace}hello {name} 1");
        said.stdout.ends_with("\n2 results\n")
            && repo
                .as_json()
                .data_query("true")
                .succeeds_quietly()
                .finds(&[&row("log"), &row("result")])
    };

    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    let migrated = repo.data_query("true").in_no_order().snapshot();
    let migrated = once(&migrated, "infra ");

    repo.as_json().namespace_unset(LEAVE).succeeds_quietly();
    let back = repo.data_query("true").in_no_order().snapshot();
    let back = once(&back, "");
    let ghosts = repo.data_query("ns == \"infra\"").in_no_order().snapshot();
    t.checkpoint("solo again");
    t.planned(
        migrated
            && back
            && ghosts.is_done()
            && ghosts.stdout == "No matching data found.\n"
            && repo.with_the_same_catalog(|| repo.data_query("true").succeeds_quietly().is_done()),
        Deviation {
            id: "stale-rows-after-migrate",
            plan: "a query gives every row once, in the namespace that it is in",
            today: "rows of the layout before stay in the catalog: every row comes twice, and \
                    a solo repo has rows of a namespace that is gone",
            severity: Severity::WrongAnswer,
        },
    );
}

/// On the default datastore, inside of the repo, a migration moves the data and leaves alone what
/// is always local: a secret is read as before. Today the secrets and the catalog move too.
fn s52_default_datastore(t: &Trial) {
    let ds = t.store("infra/.swamp");
    let repo = t.repo("infra");
    repo.add("hello");
    repo.as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    repo.as_json()
        .swamp(&["vault", "create", "local_encryption", "v"])
        .succeeds_quietly();
    repo.as_json()
        .swamp(&["vault", "put", "v", "K", "s3cret"])
        .succeeds_quietly();
    let read = ["vault", "read-secret", "v", "K"];
    let before = repo.as_json().swamp(&read).snapshot();
    let value = |said: &Output| said.document().map(|read| read["value"].clone());
    assert_eq!((before.code, value(&before)), (0, Some("s3cret".into())));
    t.checkpoint("solo, with data and a secret");
    repo.as_json().namespace_set("infra").snapshot();
    t.checkpoint("infra is set");

    let migrated = repo.namespace_migrate(Migrate::CONFIRM).snapshot();
    t.checkpoint("migrated");
    repo.data_list("hello").snapshot();
    let after = repo.as_json().swamp(&read).snapshot();
    t.planned(
        after.code == 0
            && value(&after) == Some("s3cret".into())
            // A migration that moves nothing leaves the secret alone too.
            && migrated.is_done()
            && repo.as_json().data_list("hello").succeeds_quietly().lists(&["log 1", "result 1"])
            && ds.path().join("infra/data/command").is_dir()
            && !ds.path().join("data/command").exists(),
        Deviation {
            id: "migrate-moves-vault",
            plan: "a secret that was there before a migration is there after it",
            today: "the vault's secrets and key are moved below the namespace, where nothing \
                    looks for them: the secret is not found",
            severity: Severity::DataLoss,
        },
    );
}

/// A solo repo joins a datastore where another namespace is registered: it sets its own and
/// migrates, and the other is left alone. Today the migration is refused, with advice that
/// cannot be followed, so that the repo's data stays out of its reach.
fn s59_beside_another_namespace(t: &Trial) {
    let ds = t.store("ds");
    // Both are set up while the datastore is empty: on one with data, set-up fails.
    let repo = t.repo("infra").on(&ds);
    let other = t.repo("security").on(&ds);
    repo.add("hello");
    repo.as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    other.as_json().namespace_set("security").succeeds_quietly();
    repo.as_json().namespace_set("infra").succeeds_quietly();
    ds.assert_has("security/.namespace.json");
    let (before, files) = (repo.state_with(&ds), ds.files());
    t.checkpoint("two namespaces");

    let preview = repo.namespace_migrate(Migrate::default()).snapshot();
    let said = repo.namespace_migrate(Migrate::CONFIRM).snapshot();
    if said.code != 0 {
        repo.state_with(&ds)
            .assert_same_as(&before, "after the refusal");
        repo.swamp(&["datastore", "sync", "--pull"]).snapshot();
    }
    t.checkpoint("after migrate");
    t.planned(
        preview.is_done()
            && said.is_done()
            && repo
                .as_json()
                .data_list("hello")
                .succeeds_quietly()
                .lists(&["log 1", "result 1"])
            && ds.files() == below_infra(files),
        Deviation {
            id: "wants-single-namespace-to-migrate",
            plan: "a solo repo with data joins a datastore that another namespace is in",
            today: "migrate is refused as soon as another namespace is registered; the advice, \
                    datastore sync --pull, does not work on a filesystem datastore",
            severity: Severity::DataLoss,
        },
    );
}

/// These files, after a migration into `infra` beside `security`.
fn below_infra(files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let moved = |path: String| {
        let stays = path.starts_with("infra/") || path.starts_with("security/");
        if stays { path } else { format!("infra/{path}") }
    };
    let files = files.into_iter();
    files
        .map(|(path, content)| (moved(path), content))
        .collect()
}
