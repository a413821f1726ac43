//! `data gc`, `data delete`, `datastore compact` and locks, with their quirks and faults.

use std::fs;
use std::process;

use serde_json::{Value, json};

use crate::catalog::{Catalog, Row};
use crate::faults::Fault;
use crate::quirks::Quirk;
use crate::testing::{Ran, World, model_id};

/// `a` in `infra` and `b` in `security`, each with a model `m` that has `old` (expired), `many` (three versions, of which
/// two are kept) and `kept`.
fn filled(world: World) -> World {
    for (repo, namespace) in [("a", "infra"), ("b", "security")] {
        world.define(repo, "m", "");
        assert_eq!(world.namespace(repo, &["set", namespace]).code, 0);
        for (name, versions, more) in [
            ("old", 1, "lifetime: 1m\ngarbageCollection: 10\n"),
            ("many", 3, "lifetime: infinite\ngarbageCollection: 2\n"),
            ("kept", 1, "lifetime: infinite\ngarbageCollection: 10\n"),
        ] {
            for version in 1..=versions {
                put(&world, namespace, name, version, more);
            }
        }
        assert_eq!(world.run(repo, &["data", "query", "true"]).code, 0);
    }
    world
}

fn put(world: &World, namespace: &str, name: &str, version: u64, more: &str) {
    let dir = data(world, namespace).join(name).join(version.to_string());
    fs::create_dir_all(&dir).expect("a directory");
    fs::write(dir.join("raw"), "{\"n\":1}").expect("content");
    let text = format!(
        "id: i{version}\nname: {name}\nversion: {version}\ncontentType: application/json\n{more}tags:\n  modelName: m\n\
         ownerDefinition:\n  ownerType: manual\n  ownerRef: r\ncreatedAt: '2020-01-01T00:00:00.000Z'\nsize: 7\n"
    );
    fs::write(dir.join("metadata.yaml"), text).expect("metadata");
    fs::write(dir.with_file_name("latest"), version.to_string()).expect("the marker");
}

fn data(world: &World, namespace: &str) -> std::path::PathBuf {
    let place = format!("ds/{namespace}/data/command/shell/{}", model_id("m"));
    world.path(&place)
}

/// What is left in a namespace: names and versions.
fn left(world: &World, namespace: &str) -> Vec<String> {
    let place = format!("ds/{namespace}/data/command/shell/{}", model_id("m"));
    let tree = world.tree(&place).into_iter();
    tree.filter_map(|path| path.strip_suffix("/raw").map(str::to_owned))
        .collect()
}

fn all() -> [&'static str; 5] {
    ["kept/1", "many/1", "many/2", "many/3", "old/1"]
}

fn gc(world: &World, words: &[&str]) -> Ran {
    world.run("a", &[&["data", "gc"], words].concat())
}

fn delete(world: &World, words: &[&str]) -> Ran {
    world.run("a", &[&["data", "delete", "m"], words].concat())
}

#[test]
fn garbage_goes_from_the_own_namespace_alone() {
    let world = filled(World::with_two_repositories());
    let expected = json!({
        "dataEntriesExpired": 1, "versionsDeleted": 2, "bytesReclaimed": 14, "dryRun": true,
        "expiredEntries": [{
            "type": "command/shell", "modelId": model_id("m"), "dataName": "old", "reason": "duration-expired",
            "versionCount": 1,
        }],
        "walPagesTotal": 0, "walPagesCheckpointed": 0,
    });
    assert_eq!(gc(&world, &["--dry-run", "--json"]).json(), expected);
    let asked = gc(&world, &[]);
    assert!(asked.err.contains("stdin is not a terminal"), "{asked:?}");
    assert!(asked.out.contains("1 models with 1 excess versions"));
    assert_eq!(left(&world, "infra"), all());
    let done = gc(&world, &["-y"]);
    let sentence = "GC complete: deleted 1 expired items, 2 excess versions reclaimed (14 bytes)";
    assert!(done.out.contains(sentence), "{done:?}");
    assert_eq!(left(&world, "infra"), ["kept/1", "many/2", "many/3"]);
    assert_eq!(left(&world, "security"), all());
    assert_eq!(gc(&world, &[]).out, "Nothing to clean up.\n");
    assert!(world.path("ds/.locks").is_dir());
}

#[test]
fn without_the_quirk_expired_versions_are_no_excess() {
    let world = filled(World::without(Quirk::GcCountsExpiredAsExcess));
    assert!(gc(&world, &["-f"]).out.contains(", 1 excess versions"));
}

#[test]
fn the_fault_collects_what_is_not_its_own() {
    let world = filled(World::with_two_repositories()).with_fault(Fault::GcCrossesNamespace);
    assert_eq!(gc(&world, &["--json"]).json()["versionsDeleted"], 4);
    assert_eq!(left(&world, "security"), ["kept/1", "many/2", "many/3"]);
}

#[test]
fn data_is_deleted_by_version_name_and_prefix() {
    let world = filled(World::with_two_repositories());
    for (words, message) in [
        (&["none"][..], "No data named \"none\" exists for model m"),
        (&["many", "--version", "9"], "(available versions: 1, 2, 3)"),
        (
            &["--prefix", "zz"],
            "No data matching prefix \"zz\" found for model m",
        ),
        (&["many", "--dry-run"], "--dry-run is only supported with"),
        (
            &["--prefix", "a", "--all"],
            "Cannot combine --prefix and --all.",
        ),
    ] {
        let error = delete(&world, &[words, &["--json"]].concat()).error();
        assert!(error.contains(message), "{error}");
    }
    assert!(
        delete(&world, &["many"])
            .err
            .contains("stdin is not a terminal")
    );
    assert_eq!(delete(&world, &["many", "--version", "3", "-y"]).code, 0);
    assert_eq!(
        fs::read(data(&world, "infra").join("many/latest")).ok(),
        Some(b"2".to_vec())
    );
    let latest = [
        "data",
        "query",
        "name == \"many\"",
        "--select",
        "version",
        "--json",
    ];
    assert_eq!(world.run("a", &latest).json()["results"], json!([2]));
    let dry = delete(&world, &["--all", "--dry-run", "--json"]).json();
    assert_eq!(
        (&dry["totalDeleted"], &dry["totalVersionsDeleted"]),
        (&json!(3), &json!(4))
    );
    assert!(
        delete(&world, &["--prefix", "k", "-f"])
            .out
            .contains("Deleted 1 data artifact(s)")
    );
    assert_eq!(left(&world, "infra"), ["many/1", "many/2", "old/1"]);
    assert_eq!(delete(&world, &["--all", "-y"]).code, 0);
    assert!(left(&world, "infra").is_empty() && data(&world, "infra").is_dir());
    assert_eq!(left(&world, "security"), all());
    let none = delete(&world, &["--all", "--json"]).error();
    assert_eq!(none, "No data matching any data found for model m");
}

#[test]
fn a_deletion_has_a_quirk_and_a_fault() {
    let world = World::without(Quirk::DeleteAllGarbled);
    world.define("a", "m", "");
    let none = delete(&world, &["--all", "--json"]).error();
    assert_eq!(none, "No data found for model m");
    let world = filled(World::with_two_repositories()).with_fault(Fault::DeleteCrossesNamespace);
    assert_eq!(delete(&world, &["many", "--json"]).code, 0);
    assert_eq!(left(&world, "security"), ["kept/1", "old/1"]);
}

/// The namespaces in the catalog of `a`, which gets a row of another one first.
fn compacted(world: &World) -> Vec<String> {
    let foreign = Row {
        namespace: "security".to_owned(),
        tags: "{}".to_owned(),
        ..Row::default()
    };
    let mut catalog = Catalog::open(&world.path("a")).expect("a catalog");
    catalog.put_all(&[foreign]).expect("a write");
    drop(catalog);
    let ran = world.run("a", &["datastore", "compact", "--json"]).json();
    assert_eq!(ran["vacuumSkipped"], false);
    let catalog = Catalog::open(&world.path("a")).expect("a catalog");
    assert_eq!(catalog.is_populated(), Ok(false));
    let rows = catalog.rows().expect("rows").into_iter();
    let mut namespaces: Vec<_> = rows.map(|row| row.namespace).collect();
    namespaces.dedup();
    namespaces
}

#[test]
fn compacting_keeps_foreign_rows_but_for_the_fault() {
    let world = filled(World::with_two_repositories());
    assert_eq!(compacted(&world), ["infra", "security"]);
    let world = filled(World::with_two_repositories()).with_fault(Fault::CompactLosesForeignRows);
    assert_eq!(compacted(&world), ["infra"]);
}

fn hold(world: &World, key: &str) {
    let path = world.path("ds").join(key);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    let info = json!({
        "holder": "alice@box", "hostname": "box", "pid": process::id(), "acquiredAt": "2099-01-01T00:00:00.000Z",
        "ttlMs": 30000, "nonce": "n",
    });
    fs::write(path, info.to_string()).expect("a lock");
}

fn status(world: &World, repo: &str) -> Vec<Value> {
    let shown = world.run(repo, &["datastore", "lock", "status", "--json"]);
    let documents = serde_json::Deserializer::from_str(&shown.out).into_iter();
    documents.map(|one| one.expect("JSON")).collect()
}

#[test]
fn locks_are_shown_and_released() {
    let world = filled(World::with_two_repositories());
    hold(&world, ".locks/infra.lock");
    hold(
        &world,
        &format!("infra/data/command/shell/{}/.lock", model_id("m")),
    );
    let shown = status(&world, "a");
    assert_eq!(shown.len(), 2);
    assert_eq!(
        shown[0]["lockScope"],
        format!("command/shell/{}", model_id("m"))
    );
    assert_eq!(shown[1]["info"]["holder"], "alice@box");
    assert_eq!(
        status(&world, "b"),
        [json!({ "held": false, "datastoreType": "filesystem" })]
    );
    let release = ["datastore", "lock", "release", "--force", "--json"];
    assert_eq!(world.run("a", &release).json()["released"], true);
    assert_eq!(world.run("a", &release).json()["reason"], "no lock held");
    let bad = world.run("a", &[&release[..], &["--model", "bad"]].concat());
    assert!(bad.error().starts_with("Invalid --model format: \"bad\"."));
    fs::write(world.path("ds/.locks/infra.lock"), "{oops").expect("a file");
    assert_eq!(status(&world, "a")[1]["held"], false);
    assert_eq!(world.run("a", &release).json()["released"], false);
}

#[test]
fn locks_have_quirks() {
    let world = filled(World::without(Quirk::LockStatusConcatenatesJson));
    hold(
        &world,
        &format!("infra/data/command/shell/{}/.lock", model_id("m")),
    );
    let shown = status(&world, "a");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["modelLocks"].as_array().map(Vec::len), Some(1));

    let world = filled(World::without(Quirk::LockStatusHidesKey));
    assert_eq!(status(&world, "a")[0]["lockKey"], ".locks/infra.lock");

    let world = filled(World::without(Quirk::UnreadableLockIsNone));
    hold(&world, ".locks/infra.lock");
    fs::write(world.path("ds/.locks/infra.lock"), "{oops").expect("a file");
    assert_eq!(status(&world, "a")[0]["held"], true);
    let release = ["datastore", "lock", "release", "--force", "--json"];
    assert_eq!(world.run("a", &release).json()["released"], true);
    assert!(!world.path("ds/.locks/infra.lock").exists());
}

#[test]
fn with_the_fault_namespaces_share_one_lock() {
    let world =
        filled(World::with_two_repositories()).with_fault(Fault::LockSharedAcrossNamespaces);
    hold(&world, ".datastore.lock");
    assert_eq!(status(&world, "b")[0]["held"], true);
}
