//! Phase C: data migration, on a filesystem datastore. Scenarios 12 to 17, and what was found on
//! the way.

use std::collections::BTreeMap;

use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    "datastore::namespace::migrate", Phase::C, [Kind::Filesystem];
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

/// A repo on `store` with a model `hello` that has run once.
fn solo_with_data<'t>(t: &'t Trial, name: &str, store: &Store) -> Repo<'t> {
    let repo = t.repo(name).on(store);
    repo.add("hello");
    repo.json().run_model("hello", "echo hi").ok();
    repo
}

/// The data of `model`, as `data list --json` has it, without the namespace.
fn listed(repo: &Repo<'_>, model: &str) -> serde_json::Value {
    let mut list: serde_json::Value = repo.json().data_list(model).ok().json();
    assert!(list["total"].is_u64(), "{list:#}");
    list.as_object_mut().map(|list| list.remove("namespace"));
    list
}

/// A solo repo with data sets a namespace: its data is out of sight. `migrate --confirm` moves
/// every file below the namespace, and nothing else; then the list is as before, with the
/// namespace. A second migration has nothing to do.
fn s12_forward_round_trip(t: &Trial) {
    let ds = t.store("ds");
    let repo = solo_with_data(t, "infra", &ds);
    t.layout("solo, with data");
    repo.data_list("hello").snapshot();
    let before = listed(&repo, "hello");
    assert_eq!(before["total"], 2);

    repo.json().namespace_set("infra").ok();
    repo.data_list("hello").snapshot();
    let orphaned = repo.json().data_list("hello").snapshot_rows(0);
    assert_eq!(orphaned.json::<serde_json::Value>()["total"], 0);
    t.checkpoint("infra is set");

    assert_eq!(repo.namespace_migrate(Migrate::CONFIRM).snapshot().code, 0);
    t.checkpoint("migrated");
    repo.data_list("hello").snapshot();
    let migrated: serde_json::Value = repo.json().data_list("hello").snapshot().json();
    assert_eq!(migrated["namespace"], "infra");
    assert_eq!(migrated["total"], 2);
    assert_eq!(listed(&repo, "hello"), before);

    repo.namespace_migrate(Migrate::CONFIRM).snapshot();
    repo.json().namespace_migrate(Migrate::CONFIRM).snapshot();
    t.checkpoint("migrated twice");
}

/// Of two models with two versions each, lists are identical before and after the migration but
/// for the namespace, and every file is identical to the byte.
fn s13_data_integrity(t: &Trial) {
    let ds = t.store("ds");
    let repo = solo_with_data(t, "infra", &ds);
    repo.add("world");
    for (model, command) in [
        ("hello", "echo two"),
        ("world", "echo 1"),
        ("world", "echo 2"),
    ] {
        repo.json().run_model(model, command).ok();
    }
    let (lists, files) = (
        ["hello", "world"].map(|model| listed(&repo, model)),
        ds.files(),
    );
    assert!(lists.iter().all(|list| list["total"] == 2), "{lists:#?}");
    let versions = repo.json().data_versions("hello", "result").ok().stdout;
    t.checkpoint("solo, with data");

    repo.json().namespace_set("infra").ok();
    repo.json().namespace_migrate(Migrate::CONFIRM).snapshot();
    t.checkpoint("migrated");

    assert_eq!(["hello", "world"].map(|model| listed(&repo, model)), lists);
    assert_eq!(
        repo.json().data_versions("hello", "result").ok().stdout,
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
        repo.json().data_list(model).snapshot_rows(0);
        repo.data_get(model, "log").snapshot();
    }
}

/// Without `--confirm` nothing is moved; what the preview says is what `--confirm` then does.
fn s14_dry_run_accuracy(t: &Trial) {
    let ds = t.store("ds");
    let repo = solo_with_data(t, "infra", &ds);
    repo.json().namespace_set("infra").ok();
    let before = repo.state_with(&ds);
    t.checkpoint("infra is set");

    assert_eq!(
        repo.namespace_migrate(Migrate::default()).snapshot().code,
        0
    );
    let preview: NamespaceMigrate = repo
        .json()
        .namespace_migrate(Migrate::default())
        .snapshot()
        .json();
    repo.state_with(&ds)
        .assert_same_as(&before, "after the preview");
    t.checkpoint("after the preview");

    let result: NamespaceMigrate = repo
        .json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot()
        .json();
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
    let repo = solo_with_data(t, "infra", &ds);
    let list = repo.json().data_list("hello").ok();
    assert!(list.lists(&["log 1", "result 1"]), "{}", list.stdout);
    let (yaml, files, solo) = (repo.swamp_yaml(), ds.files(), repo.state_with(&ds));
    t.checkpoint("solo, with data");

    repo.json().namespace_set("infra").ok();
    repo.json().namespace_migrate(Migrate::CONFIRM).ok();
    t.checkpoint("migrated");
    assert!(ds.path().join("infra/data/command").is_dir());
    let migrated = repo.state_with(&ds);
    let preview = Unset {
        migrate: true,
        confirm: false,
    };
    assert_eq!(repo.namespace_unset(preview).snapshot().code, 0);
    let previewed: NamespaceMigrate = repo.json().namespace_unset(preview).ok().json();
    assert!(matches!(previewed, NamespaceMigrate::Preview(preview) if preview.reverse));
    repo.state_with(&ds)
        .assert_same_as(&migrated, "after the preview");

    let result: NamespaceMigrate = repo.json().namespace_unset(LEAVE).snapshot().json();
    assert!(matches!(result, NamespaceMigrate::Result(result) if result.reverse));
    t.checkpoint("solo again");

    assert_eq!(
        repo.json().data_list("hello").snapshot_rows(0).stdout,
        list.stdout
    );
    assert_eq!(repo.swamp_yaml(), yaml);
    assert_eq!(ds.files(), files);
    repo.json().namespace_list().snapshot();
    t.deviates(
        Deviation {
            id: "reverse-leaves-empty-namespace-dir",
            plan: "after the way back the datastore is as it was before the namespace",
            today: "an empty directory of the namespace stays",
            severity: Severity::Wording,
        },
        !ds.path().join("infra").exists() && repo.state_with(&ds) == solo,
    );
}

/// A file at the un-namespaced path makes the way back impossible: it is refused, as a preview
/// too, and nothing moves.
fn s16_conflict_on_reverse(t: &Trial) {
    let ds = t.store("ds");
    let repo = solo_with_data(t, "infra", &ds);
    repo.json().namespace_set("infra").ok();
    repo.json().namespace_migrate(Migrate::CONFIRM).ok();
    t.write("ds/data/x/intruder", "not swamp's\n");
    let before = repo.state_with(&ds);
    t.checkpoint("migrated, with an intruder");

    let preview = Unset {
        migrate: true,
        confirm: false,
    };
    let reverse = Migrate {
        confirm: true,
        reverse: true,
    };
    for repo in [&repo, &repo.json()] {
        assert_eq!(repo.namespace_unset(LEAVE).snapshot().code, 1);
        assert_eq!(repo.namespace_unset(preview).snapshot().code, 1);
        assert_eq!(repo.namespace_migrate(reverse).snapshot().code, 1);
    }

    repo.state_with(&ds)
        .assert_same_as(&before, "after the refusals");
    t.checkpoint("after the refusals");
}

/// Data that is written after `set` goes below the namespace, and what was there before is out of
/// sight until `migrate` brings both together. Today that works for different models only: data
/// of the same model starts again at version 1, and collides.
fn s17_data_written_before_migrate(t: &Trial) {
    let (ds, ds_same) = (t.store("ds"), t.store("ds-same"));
    let repo = solo_with_data(t, "infra", &ds);
    let old = listed(&repo, "hello");
    assert_eq!(old["total"], 2);
    let same = solo_with_data(t, "same", &ds_same);
    t.checkpoint("solo, with data");
    for repo in [&repo, &same] {
        repo.json().namespace_set("infra").ok();
    }
    repo.add("world");
    repo.json().run_model("world", "echo new").ok();
    same.json().run_model("hello", "echo again").ok();
    t.checkpoint("written after set");
    let new = listed(&repo, "world");
    assert_eq!(new["total"], 2);
    assert_eq!(listed(&repo, "hello")["total"], 0);

    assert_eq!(repo.namespace_migrate(Migrate::CONFIRM).snapshot().code, 0);
    assert_eq!(listed(&repo, "hello"), old);
    assert_eq!(listed(&repo, "world"), new);
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
    let results = same.json().data_versions("hello", "result").ok();
    t.deviates(
        Deviation {
            id: "same-model-collides",
            plan: "migrate brings old and new data of one model together",
            today: "both start at version 1: migrate refuses, and no command brings them together",
            severity: Severity::DataLoss,
        },
        refused.is_done()
            && results.json::<serde_json::Value>()["total"] == 2
            && same
                .json()
                .data_list("hello")
                .ok()
                .lists(&["log 2", "result 2"])
            && self::contents(&ds_same) == contents
            && !ds_same.path().join("data").exists(),
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
    let repo = solo_with_data(t, "infra", &ds);
    t.checkpoint("solo, with data");
    let solo = repo.data_query("true").in_no_order().snapshot();
    assert!(solo.stdout.ends_with("\n2 results\n"));
    // What the table shows of a row is also that of a row which is stale.
    let once = |said: &Output, namespace: &str| {
        let row = |name: &str| format!("{namespace}hello {name} 1");
        said.stdout.ends_with("\n2 results\n")
            && repo
                .json()
                .data_query("true")
                .ok()
                .finds(&[&row("log"), &row("result")])
    };

    repo.json().namespace_set("infra").ok();
    repo.json().namespace_migrate(Migrate::CONFIRM).ok();
    let migrated = repo.data_query("true").in_no_order().snapshot();
    let migrated = once(&migrated, "infra ");

    repo.json().namespace_unset(LEAVE).ok();
    let back = repo.data_query("true").in_no_order().snapshot();
    let back = once(&back, "");
    let ghosts = repo.data_query("ns == \"infra\"").in_no_order().snapshot();
    t.checkpoint("solo again");
    t.deviates(
        Deviation {
            id: "stale-rows-after-migrate",
            plan: "a query gives every row once, in the namespace that it is in",
            today: "rows of the layout before stay in the catalog: every row comes twice, and \
                    a solo repo has rows of a namespace that is gone",
            severity: Severity::WrongAnswer,
        },
        migrated
            && back
            && ghosts.is_done()
            && ghosts.stdout == "No matching data found.\n"
            && repo.with_the_same_catalog(|| repo.data_query("true").ok().is_done()),
    );
}

/// On the default datastore, inside of the repo, a migration moves the data and leaves alone what
/// is always local: a secret is read as before. Today the secrets and the catalog move too.
fn s52_default_datastore(t: &Trial) {
    let ds = t.store("infra/.swamp");
    let repo = t.repo("infra");
    repo.add("hello");
    repo.json().run_model("hello", "echo hi").ok();
    repo.json()
        .swamp(&["vault", "create", "local_encryption", "v"])
        .ok();
    repo.json()
        .swamp(&["vault", "put", "v", "K", "s3cret"])
        .ok();
    let read = ["vault", "read-secret", "v", "K"];
    let before = repo.json().swamp(&read).snapshot();
    let value = |said: &Output| said.document().map(|read| read["value"].clone());
    assert_eq!((before.code, value(&before)), (0, Some("s3cret".into())));
    t.checkpoint("solo, with data and a secret");
    repo.json().namespace_set("infra").snapshot();
    t.checkpoint("infra is set");

    let migrated = repo.namespace_migrate(Migrate::CONFIRM).snapshot();
    t.checkpoint("migrated");
    repo.data_list("hello").snapshot();
    let after = repo.json().swamp(&read).snapshot();
    t.deviates(
        Deviation {
            id: "migrate-moves-vault",
            plan: "a secret that was there before a migration is there after it",
            today: "the vault's secrets and key are moved below the namespace, where nothing \
                    looks for them: the secret is not found",
            severity: Severity::DataLoss,
        },
        after.code == 0
            && value(&after) == Some("s3cret".into())
            // A migration that moves nothing leaves the secret alone too.
            && migrated.is_done()
            && repo.json().data_list("hello").ok().lists(&["log 1", "result 1"])
            && ds.path().join("infra/data/command").is_dir()
            && !ds.path().join("data/command").exists(),
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
    repo.json().run_model("hello", "echo hi").ok();
    other.json().namespace_set("security").ok();
    repo.json().namespace_set("infra").ok();
    assert!(ds.path().join("security/.namespace.json").is_file());
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
    t.deviates(
        Deviation {
            id: "wants-single-namespace-to-migrate",
            plan: "a solo repo with data joins a datastore that another namespace is in",
            today: "migrate is refused as soon as another namespace is registered; the advice, \
                    datastore sync --pull, does not work on a filesystem datastore",
            severity: Severity::DataLoss,
        },
        preview.is_done()
            && said.is_done()
            && repo
                .json()
                .data_list("hello")
                .ok()
                .lists(&["log 1", "result 1"])
            && ds.files() == below_infra(files),
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
