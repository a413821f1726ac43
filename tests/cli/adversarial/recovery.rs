//! Phase G: what is half done, or lost, is put right. Scenarios 45 and 46, and what was found on the way.

use swamp_uat::prelude::*;

use super::common::{queried, team};

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::G, on filesystem;
    s45_half_migrated,
    s46_catalog_is_lost on all,
    s85_catalog_of_another_version,
];

const HELLO: &str = "data/command/shell/00000000-0000-4000-8000-000000000001";
const WORLD: &str = "data/command/shell/00000000-0000-4000-8000-000000000002";

/// Half of the data is in the namespace, and half is not: a whole directory, one model, copies on
/// both sides. `migrate` handles the rest. Where a file differs on both sides it moves nothing and
/// names the file, and so does `doctor --repair`. (For a file in a directory's place see 53.)
///
/// Today the repair calls everything a duplicate before it looks, and removes what is one before
/// it meets what is none.
fn s45_half_migrated(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").on(&ds);
    for (model, command) in [("hello", "echo hello"), ("world", "echo world")] {
        repo.add(model);
        repo.as_json().run_model(model, command).succeeds_quietly();
    }
    let lists = ["hello", "world"].map(|model| repo.listed(model));
    assert!(lists.iter().all(|list| list["total"] == 2), "{lists:#?}");
    let whole = || assert_eq!(["hello", "world"].map(|model| repo.listed(model)), lists);
    repo.as_json().namespace_set("infra").succeeds_quietly();
    let migrate = || repo.namespace_migrate(Migrate::CONFIRM);
    let doctor = |words: &[&str]| repo.swamp(&[&["doctor", "datastores"], words].concat());

    t.rename("ds/data", "ds/infra/data");
    t.checkpoint("A: data is moved, the other directories are not");
    whole();
    doctor(&[]).snapshot_code(1);
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    t.checkpoint("A: migrated");

    t.rename(&format!("ds/infra/{WORLD}"), &format!("ds/{WORLD}"));
    t.checkpoint("B: one model is not moved");
    assert_eq!(repo.listed("hello"), lists[0]);
    assert_eq!(repo.listed("world")["total"], 0);
    migrate().snapshot_code(0);
    whole();
    t.checkpoint("B: migrated");

    let duplicate = || {
        for name in ["definitions-evaluated", "data"] {
            t.copy(&format!("ds/infra/{name}"), &format!("ds/{name}"));
        }
    };
    duplicate();
    t.checkpoint("C: copies are on both sides");
    migrate().snapshot_code(0);
    whole();
    t.checkpoint("C: migrated");
    duplicate();
    doctor(&["--repair", "-y"]).snapshot_code(0);
    doctor(&[]).snapshot_code(0);
    t.checkpoint("C: copied again, and repaired by the doctor");

    duplicate();
    t.write(&format!("ds/{HELLO}/log/latest"), "7");
    t.checkpoint("D: a file differs");
    differs(t, &repo, &ds);
    t.remove(&format!("ds/{HELLO}/log/latest"));
    migrate().snapshot_code(0);
    whole();
    t.checkpoint("D: migrated without it");
}

/// State D: nothing may be moved or removed.
fn differs(t: &Trial, repo: &Repo<'_>, ds: &Store) {
    let before = repo.state_with(ds);
    let refused = repo
        .namespace_migrate(Migrate::CONFIRM)
        .in_no_order()
        .snapshot();
    assert_eq!(refused.code, 1);
    let repair = ["doctor", "datastores", "--repair"];
    let previewed = repo.swamp(&repair).snapshot();
    let document = repo.as_json().swamp(&repair).snapshot();
    repo.state_with(ds)
        .assert_same_as(&before, "after the refusal and the previews");
    t.planned(
        previewed.stdout.contains("Remove definitions-evaluated/ ")
            && !previewed.stdout.contains("Remove data/")
            && previewed
                .stdout
                .lines()
                .any(|line| line.contains("data/") && line.contains("differ")),
        Deviation {
            id: "repair-claims-duplicates",
            plan: "the preview of a repair says what it would remove",
            today: "it calls every directory a duplicate, also one that the repair then refuses",
            severity: Severity::WrongAnswer,
        },
    );
    t.planned(
        document.code == 0
            && document.document().is_some_and(|one| {
                let told = one.to_string();
                told.contains("\"definitions-evaluated\"") && told.contains("\"data\"")
            }),
        Deviation {
            id: "repair-concatenates-json",
            plan: "a repair with --json prints one document",
            today: "it prints one for each thing that it repairs, one after another",
            severity: Severity::WrongAnswer,
        },
    );
    let repaired = repo
        .swamp(&["doctor", "datastores", "--repair", "-y"])
        .snapshot();
    assert_eq!(repaired.code, 1);
    t.checkpoint("D: refused by both");
    t.planned(
        repaired.refuses(&["\"data/\"", "differ"]) && repo.state_with(ds) == before,
        Deviation {
            id: "repair-stops-halfway",
            plan: "a repair that is refused removes nothing",
            today: "it removes the directories before the one that differs",
            severity: Severity::WrongAnswer,
        },
    );
}

/// The catalog is deleted: the next query fills it with what the namespace has, rows of others
/// are lost, and `catalog pull` brings them back. So it is with a catalog of another version.
///
/// On a filesystem datastore there are no rows of others. Today a catalog that is no database is
/// not filled again but fails every command, and the doctor counts data where there is none.
fn s46_catalog_is_lost(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds, "infra", "hello");
    match t.backend().kind() {
        Kind::Filesystem => catalog_of_a_directory(t, &infra),
        Kind::S3 | Kind::Gcs => catalog_of_a_bucket(t, &ds, &infra),
    }
}

/// What a catalog of an older version has: its version, and names that no query of today knows.
const OF_ANOTHER_VERSION: [&str; 2] = [
    "UPDATE catalog_meta SET value = '1' WHERE key = 'schema_version'",
    "UPDATE catalog SET data_name = 'old-' || data_name",
];

fn catalog_of_a_bucket(t: &Trial, ds: &Store, infra: &Repo<'_>) {
    let security = team(t, ds, "security", "world");
    t.checkpoint("both have written");
    let own = ["security log 1", "security result 1"];
    let all = ["infra log 1", "infra result 1", own[0], own[1]];
    security.as_json().catalog_pull(&["infra"]).succeeds();
    assert_eq!(queried(&security), all);

    security.wipe_catalog();
    security.data_query("true").in_no_order().snapshot_code(0);
    assert_eq!(queried(&security), own);
    security.catalog_pull(&["infra"]).snapshot_code(0);
    security.data_query("true").in_no_order().snapshot_code(0);
    assert_eq!(queried(&security), all);

    OF_ANOTHER_VERSION
        .iter()
        .for_each(|sql| security.alter_catalog(sql));
    assert_eq!(queried(&security), own);
    security.as_json().catalog_pull(&["infra"]).succeeds();
    assert_eq!(queried(&security), all);
    t.checkpoint("pulled again");
    ds.assert_consistent(infra, "infra");
    ds.assert_consistent(&security, "security");
}

fn catalog_of_a_directory(t: &Trial, infra: &Repo<'_>) {
    t.checkpoint("infra has written");
    let own = ["infra log 1", "infra result 1"];
    assert_eq!(queried(infra), own);
    infra.wipe_catalog();
    infra.data_query("true").in_no_order().snapshot_code(0);
    assert_eq!(queried(infra), own);
    infra.catalog_pull(&["security"]).snapshot();
    OF_ANOTHER_VERSION
        .iter()
        .for_each(|sql| infra.alter_catalog(sql));
    assert_eq!(queried(infra), own);

    infra.alter_catalog("DELETE FROM catalog WHERE data_name = 'log'");
    let doctor = infra.swamp(&["doctor", "datastores"]).snapshot();
    t.planned(
        doctor.code == 1
            && doctor.stdout.contains("missing 1 record")
            && is_content_with_a_whole_catalog(infra),
        Deviation {
            id: "doctor-counts-local-data",
            plan: "the doctor notices that the catalog lacks rows of data that is there",
            today: "it looks for the data in the repo, finds none and is content, while the query \
                    lacks rows",
            severity: Severity::WrongAnswer,
        },
    );

    infra.wipe_catalog();
    infra.write(
        ".swamp/data/_catalog.db",
        "garbage, and enough of it to be no database\n",
    );
    let query = infra
        .as_json()
        .data_query("true")
        .in_no_order()
        .snapshot_rows(0);
    let list = infra.as_json().data_list("hello").snapshot_rows(0);
    let doctor = infra
        .as_json()
        .swamp(&["doctor", "datastores", "--repair"])
        .snapshot();
    t.planned(query.finds(&["infra hello log 1", "infra hello result 1"])
            && list.lists(&["log 1", "result 1"])
            && doctor.is_done()
            && infra.with_the_same_catalog(|| queried(infra)) == own,
Deviation {
            id: "corrupt-catalog-breaks-all",
            plan: "a catalog that is no database is filled again from the data, as one that is gone",
            today: "it fails every command that works with data, and the doctor's repair too",
            severity: Severity::Crash,
        },
);
    infra.wipe_catalog();
    assert_eq!(queried(infra), own);
    t.checkpoint("the catalog was removed");
}

/// Whether the doctor is content with a catalog that has all rows.
fn is_content_with_a_whole_catalog(infra: &Repo<'_>) -> bool {
    infra.wipe_catalog();
    queried(infra);
    infra
        .swamp(&["doctor", "datastores"])
        .succeeds_quietly()
        .is_done()
}

/// A catalog of another version counts for nothing, whatever command finds it first: an expression,
/// a run, `data gc` or `datastore compact`. Afterwards a query has the rows of the data there is.
fn s85_catalog_of_another_version(t: &Trial) {
    let ds = t.store("ds");
    let infra = team(t, &ds, "infra", "hello");
    infra.add("readers");
    assert_eq!(queried(&infra), ["infra log 1", "infra result 1"]);
    t.checkpoint("infra has written");
    let age = || {
        OF_ANOTHER_VERSION
            .iter()
            .for_each(|sql| infra.alter_catalog(sql));
    };

    age();
    let evaluated = infra.as_json().model_evaluate("spanning").snapshot();
    let evaluated: serde_json::Value = evaluated.parsed();
    let seen = &evaluated["globalArguments"];
    assert_eq!(seen["all"], serde_json::json!(["infra:hello"]));
    assert_eq!(seen["counted"], 2);
    age();
    infra.as_json().datastore_compact().succeeds();
    assert_eq!(queried(&infra), ["infra log 1", "infra result 1"]);
    age();
    infra.as_json().data_gc(&["--force"]).succeeds();
    assert_eq!(queried(&infra), ["infra log 1", "infra result 1"]);
    age();
    infra
        .as_json()
        .run_model("hello", "echo on")
        .succeeds_quietly();
    assert_eq!(queried(&infra), ["infra log 2", "infra result 2"]);
    infra.data_query("true").in_no_order().snapshot();
    t.checkpoint("found by four commands");
}
