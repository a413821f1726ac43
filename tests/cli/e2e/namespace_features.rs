//! Phase F: what meets namespaces without being about them. Scenarios 33 to 38, and what was found on
//! the way.

use serde_json::Value;
use swamp_uat::prelude::*;

use super::neighbours::{files, neighbours, own, rows};

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s33_workflow,
    s38_extension_model needs typescript,
    s34_gc on all,
    s35_delete on all,
    s36_compact on filesystem_and_s3,
    s81_solo_repo_beside_a_namespace,
    s83_extension_model_in_a_bucket on buckets needs typescript,
    s88_workflow_in_a_bucket on buckets,
    s89_prune on filesystem_and_s3,
    s90_prune_after_a_migration,
    s94_rename on filesystem_and_s3,
];

/// The versions in one group of a `data list`.
fn versions(listed: &Value, group: &str) -> Vec<Value> {
    let groups = listed["groups"].as_array().into_iter().flatten();
    groups
        .filter(|of| of["type"] == group)
        .flat_map(|of| of["items"].as_array().into_iter().flatten())
        .map(|item| item["version"].clone())
        .collect()
}

/// A workflow of several steps in a namespaced repo: all data that it writes carries the
/// namespace, in the datastore and in the catalog.
///
/// Today `data list --workflow` shows the newest data instead of the workflow's, outputs stay in
/// the repo, and the catalog has one latest version for every step.
fn s33_workflow(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "pipeline");
    t.checkpoint("infra is set");

    infra.workflow_validate("pipeline").snapshot_code(0);
    infra.workflow_run("pipeline").snapshot_code(0);
    t.layout("run");
    let data = "infra/data/command/shell";
    let written: Vec<String> = ds.files().into_keys().collect();
    assert!(written.iter().all(|path| path.starts_with("infra/")));
    assert_eq!(written.iter().filter(|p| p.ends_with("/raw")).count(), 6);
    assert!(
        written
            .iter()
            .any(|path| path.starts_with("infra/workflow-runs/"))
    );
    assert!(written.iter().any(|path| path.starts_with(data)));
    t.planned(
        outputs(&ds, "infra/outputs/") == 3 && !infra.path().join(".swamp/outputs").exists(),
        Deviation {
            id: "workflow-outputs-stay-local",
            plan: "the outputs of a workflow's steps lie in the datastore, as those of a run by \
                   hand do",
            today: "they stay in the repo, and nobody else sees them",
            severity: Severity::WrongAnswer,
        },
    );

    let listed: Value = infra
        .as_json()
        .data_list_of_workflow("pipeline")
        .snapshot_rows(1)
        .parsed();
    let told = infra.data_list_of_workflow("pipeline").snapshot();
    t.planned(
        ["resource", "file"].map(|group| versions(&listed, group)) == [[1, 2, 3], [1, 2, 3]]
            && listed["total"] == 6
            && told.is_done()
            && [
                "result  v1  worker",
                "result  v2  worker",
                "result  v3  worker",
            ]
            .iter()
            .all(|item| told.stdout.contains(item)),
        Deviation {
            id: "workflow-list-shows-latest",
            plan: "the data of a workflow is what its steps wrote: versions 1, 2 and 3",
            today: "every step is shown with the newest version of the name",
            severity: Severity::WrongAnswer,
        },
    );
    let found = infra
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(0);
    let queried: Value = found.parsed();
    assert_all_of(&queried, "infra");
    t.planned(
        found.finds(&["infra worker log 3", "infra worker result 3"]),
        Deviation {
            id: "several-latest-per-name",
            plan: "a model has one latest version of a name, so that a query gives two rows",
            today: "it has one for every step that wrote it",
            severity: Severity::WrongAnswer,
        },
    );
}

/// How many records of a run lie below `prefix`.
fn outputs(ds: &Store, prefix: &str) -> usize {
    let files = ds.files().into_keys();
    files
        .filter(|path| path.starts_with(prefix) && path.ends_with(".yaml"))
        .count()
}

/// Asserts that a query found something, all of it in `namespace`.
#[track_caller]
fn assert_all_of(queried: &Value, namespace: &str) {
    let rows = queried["results"].as_array().expect("rows");
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row["namespace"], namespace, "{row:#}");
    }
}

/// `data gc` collects what has expired and what is too much in the own namespace, and nothing in
/// another: neither files nor rows. Without a yes it collects nothing.
///
/// Today people are told that more versions were too much than were: it counts the expired too.
fn s34_gc(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security, foreign_rows) = neighbours(t, &ds);
    let foreign = files(&ds, "security");
    let before = files(&ds, "infra");

    let dry: Value = infra.as_json().data_gc(&["--dry-run"]).snapshot().parsed();
    assert_eq!(dry["versionsDeleted"], 3);
    let told = infra.data_gc(&["--dry-run"]).snapshot();
    infra.data_gc(&[]).snapshot_code(1);
    assert_eq!(files(&ds, "infra"), before);
    t.planned(
        told.is_done()
            && told.stdout.contains(" 1 expired items")
            && told.stdout.contains(" 2 excess versions"),
        Deviation {
            id: "gc-counts-expired-as-excess",
            plan: "of four versions where two are to be kept, 2 are too many",
            today: "it says 3: it counts the version of the expired item too",
            severity: Severity::Wording,
        },
    );

    infra.data_gc(&["--yes"]).snapshot_code(0);
    t.checkpoint("infra collected");
    assert_eq!(own(&infra, "infra"), ["capped 3", "capped 4", "kept 1"]);
    assert_eq!(files(&ds, "security"), foreign);
    assert_eq!(rows(&infra, "security"), foreign_rows);
    let again: Value = infra.as_json().data_gc(&["--force"]).snapshot().parsed();
    assert_eq!(again["versionsDeleted"], 0);

    // What the other has to collect is still there for it.
    let collected: Value = security.as_json().data_gc(&["--force"]).snapshot().parsed();
    assert_eq!(collected["versionsDeleted"], 3);
    t.checkpoint("security collected");
}

/// `data delete` removes a version, a name, names by their prefix and all of a model in the own
/// namespace, and nothing in another, though that has the same model by its id.
///
/// Today deleting all of nothing is refused in garbled words.
fn s35_delete(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security, _) = neighbours(t, &ds);
    let (foreign, foreign_rows) = (files(&ds, "security"), rows(&infra, "security"));
    let delete = |what: &[&str]| infra.data_delete("hello", what);
    let delete_json = |what: &[&str]| infra.as_json().data_delete("hello", what);

    delete(&["kept"]).snapshot_code(1);
    delete_json(&["nosuch"]).snapshot_code(1);
    delete_json(&["capped", "--version", "9"]).snapshot_code(1);
    delete_json(&["--all", "--dry-run"]).snapshot_code(0);
    assert_eq!(own(&infra, "infra").len(), 6);

    delete_json(&["capped", "--version", "4"]).snapshot_code(0);
    delete(&["kept", "--force"]).snapshot_code(0);
    assert_eq!(
        own(&infra, "infra"),
        ["brief 1", "capped 1", "capped 2", "capped 3"]
    );
    t.checkpoint("a version and a name deleted");
    delete(&["--prefix", "br", "--force"]).snapshot_code(0);
    delete_json(&["--all"]).snapshot_code(0);
    assert_eq!(own(&infra, "infra"), Vec::<String>::new());
    t.checkpoint("all deleted");

    let empty = delete(&["--all", "--force"]).snapshot();
    assert_eq!(empty.code, 1);
    t.planned(
        empty.refuses(&["No data", "hello"]) && !empty.stderr.contains("matching any data"),
        Deviation {
            id: "delete-all-garbled",
            plan: "where a model has no data, deleting all of it says so",
            today: "it says: No data matching any data found",
            severity: Severity::Wording,
        },
    );
    assert_eq!(files(&ds, "security"), foreign);
    assert_eq!(rows(&infra, "security"), foreign_rows);
    let listed: Value = security
        .as_json()
        .data_list("hello")
        .succeeds_quietly()
        .parsed();
    assert_eq!(listed["total"], 3);
}

/// `datastore compact` works on a catalog with the rows of several namespaces: all of them are as
/// they were, and the datastore too.
fn s36_compact(t: &Trial) {
    let ds = t.store("ds");
    let (infra, ..) = neighbours(t, &ds);
    let both = |repo| [rows(repo, "infra"), rows(repo, "security")];
    let (before, contents) = (both(&infra), ds.files());

    // How much there was to reclaim is SQLite's affair.
    let compacted: Value = infra.as_json().datastore_compact().succeeds().parsed();
    assert_eq!(compacted["vacuumSkipped"], false);
    assert_eq!(both(&infra), before);
    let again = infra.datastore_compact().snapshot();
    assert_eq!(again.code, 0);
    assert_eq!(both(&infra), before);
    assert_eq!(ds.files(), contents);
    infra.data_query("true").in_no_order().snapshot();
    t.checkpoint("compacted");
}

/// A model written in TypeScript, in the repo: what its methods write, resources and files, lies
/// in the namespace, and is found there.
///
/// The reference runs it with a `deno`; where there is none, this is skipped.
fn s38_extension_model(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "probe");
    t.checkpoint("infra is set");

    infra.as_json().run_probe("kept", "k", 1).snapshot_code(0);
    infra.run_probe("kept", "k", 2).snapshot_code(0);
    infra.as_json().run_probe("note", "t", 3).snapshot_code(0);
    infra.as_json().run_probe("none", "x", 4).snapshot_code(1);
    t.layout("written");
    assert!(ds.files().keys().all(|path| path.starts_with("infra/")));

    infra.data_list("p").snapshot();
    infra.data_get("p", "k").snapshot_code(0);
    let written = "modelType == \"@uat/probe\"";
    let queried = infra
        .as_json()
        .data_query(written)
        .in_no_order()
        .snapshot_rows(0);
    let queried: Value = queried.parsed();
    assert_eq!(queried["total"], 2);
    assert_all_of(&queried, "infra");
}

/// A solo repo and a namespace share a datastore, with the same data of the same model: what each
/// collects or deletes of its own, the other still has.
fn s81_solo_repo_beside_a_namespace(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "hello");
    infra.seed(&ds, "infra", "stock");
    let solo = t.repo("solo").on(&ds);
    solo.add("hello");
    solo.seed(&ds, ".", "stock");
    let (of_infra, of_solo) = (|| files(&ds, "infra"), || files(&ds, "data"));
    let (stocked, beside) = (of_infra(), of_solo());
    assert!(!stocked.is_empty() && !beside.is_empty());
    t.checkpoint("stocked");
    let deleted = |repo: &Repo<'_>, what: &[&str]| -> Value {
        let collected: Value = repo
            .as_json()
            .data_gc(&["--force"])
            .succeeds_quietly()
            .parsed();
        assert_eq!(collected["versionsDeleted"], 3);
        repo.as_json()
            .data_delete("hello", what)
            .succeeds_quietly()
            .parsed()
    };

    assert_eq!(deleted(&solo, &["kept"])["versionsDeleted"], 1);
    assert_eq!(of_infra(), stocked);
    let left = of_solo();
    assert_ne!(left, beside);
    t.checkpoint("the solo repo collected and deleted");

    assert_eq!(deleted(&infra, &["--all"])["totalVersionsDeleted"], 3);
    assert_eq!(of_solo(), left);
    t.checkpoint("infra did so");
}

/// In a bucket, what a model written in TypeScript writes lies below the namespace, and another
/// machine finds it.
///
/// The reference runs it with a `deno`; where there is none, this is skipped.
fn s83_extension_model_in_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "probe");
    t.checkpoint("infra is set up");

    infra.as_json().run_probe("kept", "k", 1).succeeds();
    infra.as_json().run_probe("note", "t", 2).succeeds();
    t.checkpoint("written");
    assert!(ds.keys().iter().all(|key| key.starts_with("infra/")));
    ds.assert_consistent(&infra, "infra");

    let reader = infra.on_another_machine("reader");
    reader.as_json().sync(Sync::Pull).snapshot_code(0);
    reader.data_get("p", "k").snapshot_code(0);
    let found = reader
        .as_json()
        .data_query("modelType == \"@uat/probe\"")
        .succeeds_quietly();
    found.assert_finds(&["infra p k 1", "infra p t 1"]);
}

/// In a bucket, all that a workflow writes lies below the namespace: data, and the record, which says
/// how it ended.
///
/// Today the record says that the workflow is running, until something else is pushed.
fn s88_workflow_in_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "pipeline");
    t.checkpoint("infra is set up");

    infra.as_json().workflow_run("pipeline").succeeds();
    let keys = ds.keys();
    assert!(
        keys.iter().all(|key| key.starts_with("infra/")),
        "{keys:#?}"
    );
    assert_eq!(keys.iter().filter(|key| key.ends_with("/raw")).count(), 6);
    let is_record = |key: &&String| key.starts_with("infra/workflow-runs/");
    let record = || {
        let keys = ds.keys();
        let record = keys.iter().find(is_record).expect("a record of the run");
        String::from_utf8_lossy(&ds.content(record)).into_owned()
    };
    let says = |record: &str, status: &str| record.contains(&format!("\nstatus: {status}\n"));
    let at_its_end = record();
    infra.as_json().sync(Sync::Push).snapshot_code(0);
    let pushed_again = record();
    assert!(
        says(&pushed_again, "succeeded"),
        "pushed again, the record of the run was to say that it succeeded:\n{pushed_again}"
    );
    // All of it: of its jobs and steps, too.
    let is_whole = at_its_end == pushed_again;
    assert!(
        is_whole || says(&at_its_end, "running"),
        "at its end, the record of the run was to be whole, or to say that it runs:\n{at_its_end}"
    );
    t.planned(
        is_whole,
        Deviation {
            id: "workflow-record-stays-running",
            plan: "once a workflow has ended, its record in the bucket says how",
            today: "it says that the workflow is running: what was pushed is the record as it stood \
                    before the last step",
            severity: Severity::WrongAnswer,
        },
    );
    t.checkpoint("run, and pushed once more");
    ds.assert_consistent(&infra, "infra");

    let found = infra.as_json().data_query("true").succeeds_quietly();
    assert_all_of(&found.parsed(), "infra");
}

/// `data prune` removes what models that are gone have in the own namespace, and nothing else: what
/// a workflow's step wrote for a model that it made itself stays, and so does what another namespace
/// has of the model that is gone. Without a yes it removes nothing.
///
/// Today it asks in garbled words, and on another machine it takes what the workflow's step wrote for
/// an orphan's: the model has not reached the bucket.
fn s89_prune(t: &Trial) {
    let ds = t.store("ds");
    let (infra, security, _) = neighbours(t, &ds);
    infra.add("generated");
    infra.as_json().workflow_run("generated").succeeds();
    let in_a_bucket = t.backend().kind() != Kind::Filesystem;
    if in_a_bucket {
        // Of the workflow, the bucket has not got the last word yet.
        infra.as_json().sync(Sync::Push).succeeds();
    }
    infra.remove("models");
    let (foreign, foreign_rows) = (files(&ds, "security"), rows(&infra, "security"));
    let generated = ["log 1", "result 1"];
    t.checkpoint("hello is gone, and a workflow made a model");
    if in_a_bucket {
        let early = infra.on_another_machine("early");
        early.as_json().sync(Sync::Pull).succeeds();
        let found = early.as_json().data_prune(&["--dry-run"]).succeeds();
        t.planned(
            found.parsed::<Value>()["modelsReclaimed"] == 1,
            Deviation {
                id: "generated-model-not-pushed",
                plan: "on another machine, too, a model that a workflow made is known, and its \
                       data is no orphan's",
                today: "the model stays on the machine that ran the workflow, so that data prune \
                        on another one would remove live data",
                severity: Severity::WrongAnswer,
            },
        );
    }

    let before = files(&ds, "infra/data");
    infra.data_prune(&["--dry-run"]).snapshot_code(0);
    infra
        .as_json()
        .data_prune(&["--dry-run"])
        .in_no_order()
        .snapshot_code(0);
    let told = infra.data_prune(&[]).snapshot_code(1);
    assert_eq!(files(&ds, "infra/data"), before);
    t.planned(
        told.refuses(&["--yes"])
            && told.stdout.contains("1 orphaned model(s)")
            && told.stdout.contains("hello (command/shell/"),
        Deviation {
            id: "prune-preview-garbled",
            plan: "before it asks, it names each model that is gone: hello (command/shell/…)",
            today: "it says \"hello \"(\"command/shell\"/\"…\")",
            severity: Severity::Wording,
        },
    );

    infra.data_prune(&["--yes"]).snapshot_code(0);
    t.checkpoint("pruned");
    assert_eq!(own(&infra, "infra"), generated);
    assert_eq!(files(&ds, "security"), foreign);
    assert_eq!(rows(&infra, "security"), foreign_rows);
    infra.data_prune(&["--force"]).snapshot_code(0);

    // Whoever has the model has its data.
    reclaims_nothing(&security);
    assert_eq!(files(&ds, "security"), foreign);
    if in_a_bucket {
        let other = infra.on_another_machine("other");
        other.as_json().sync(Sync::Pull).succeeds();
        reclaims_nothing(&other);
        assert_eq!(own(&other, "infra"), generated);
    }
}

/// Asserts that `data prune` finds nothing to remove.
#[track_caller]
fn reclaims_nothing(repo: &Repo<'_>) {
    let pruned: Value = repo.as_json().data_prune(&["--force"]).succeeds().parsed();
    assert_eq!(pruned["versionsDeleted"], 0, "{pruned:#}");
}

/// A model that a step made before its repo had a namespace has its data still when both were
/// migrated; what a neighbour has of a model that only this repo has lost, stays.
fn s90_prune_after_a_migration(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").on(&ds).with_run("hello", "echo hi");
    infra.add("generated");
    infra.as_json().workflow_run("generated").succeeds_quietly();
    infra.as_json().namespace_set("infra").succeeds_quietly();
    infra
        .as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    // Its rows of the time before are another finding's.
    infra.wipe_catalog();
    let security = t.team(&ds, "security", "hello");
    security
        .as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    infra.remove("models");
    let foreign = files(&ds, "security");
    t.checkpoint("migrated, and hello is gone");

    // How many bytes a run wrote depends on how long it took.
    let pruned: Value = infra.as_json().data_prune(&[]).succeeds_quietly().parsed();
    assert_eq!(pruned["modelsReclaimed"], 1, "{pruned:#}");
    assert_eq!(pruned["versionsDeleted"], 2, "{pruned:#}");
    t.checkpoint("pruned");
    assert_eq!(own(&infra, "infra"), ["log 1", "result 1"]);
    assert_eq!(files(&ds, "security"), foreign);
    reclaims_nothing(&security);
}

/// `data rename` gives data of the own namespace another name, to which the old one leads; what
/// another namespace has under that name stays as it is.
///
/// Today there is no way back to a name, and of a name that leads to another one an old version is
/// copied.
fn s94_rename(t: &Trial) {
    let ds = t.store("ds");
    let (infra, ..) = neighbours(t, &ds);
    let (foreign, foreign_rows) = (files(&ds, "security"), rows(&infra, "security"));
    let rename = |names: [&str; 2]| infra.data_rename("hello", names);

    rename(["kept", "brief"]).snapshot_code(1);
    infra
        .as_json()
        .data_rename("hello", ["capped", "old"])
        .snapshot_code(0);
    t.checkpoint("capped renamed");
    infra
        .swamp(&[
            "data",
            "rename",
            "--model",
            "hello",
            "--name",
            "kept",
            "--new-name",
            "held",
        ])
        .snapshot_code(0);
    let led: Value = infra
        .as_json()
        .data_get("hello", "capped")
        .succeeds_quietly()
        .parsed();
    assert_eq!(
        (&led["name"], &led["content"]["n"]),
        (&"old".into(), &4.into())
    );
    assert_eq!(own(&infra, "infra"), ["brief 1", "held 1", "old 1"]);

    let back = rename(["held", "kept"]).snapshot();
    t.planned(
        back.code == 0 && back.stdout.contains("Renamed \"held\" -> \"kept\""),
        Deviation {
            id: "rename-back-refused",
            plan: "data can get the name back that it had, which leads to it",
            today: "the name counts as taken",
            severity: Severity::WrongAnswer,
        },
    );
    let again = rename(["capped", "third"]).snapshot();
    let newest = |name: &str| {
        let dir = format!("infra/data/command/shell/00000000-0000-4000-8000-000000000001/{name}");
        ds.holds(&format!("{dir}/1/raw"), "{\"n\":4}")
    };
    assert!(newest("old"));
    t.planned(
        again.refuses(&["capped", "already", "old"]) && !newest("third"),
        Deviation {
            id: "rename-of-forward-copies-old",
            plan: "a name that leads to another one is refused: it has been renamed already",
            today: "the name now leads to a copy of its first version, which is long out of date",
            severity: Severity::WrongAnswer,
        },
    );
    t.checkpoint("more renamed");
    assert_eq!(files(&ds, "security"), foreign);
    assert_eq!(rows(&infra, "security"), foreign_rows);
}
