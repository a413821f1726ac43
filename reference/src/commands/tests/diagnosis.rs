//! `doctor datastores`, `datastore status`, `repo upgrade` and broken files, with their quirks and faults.

use std::fs;

use serde_json::{Value, json};

use super::claimed;
use crate::catalog::Catalog;
use crate::faults::Fault;
use crate::quirks::Quirk;
use crate::testing::{Ran, World};

fn doctor(world: &World, words: &[&str]) -> Ran {
    world.run("a", &[&["doctor", "datastores"], words].concat())
}

fn documents(ran: &Ran) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_str(&ran.out).into_iter();
    documents.map(|one| one.expect("JSON")).collect()
}

/// The data of `hello` at the root of the datastore and, where `both`, a copy in the namespace.
fn half_migrated(world: World, both: bool) -> World {
    assert_eq!(world.seed("a", "hello", "true").code, 0);
    assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);
    for name in ["data", "outputs", "definitions-evaluated"] {
        for path in world.tree(&format!("ds/{name}")) {
            let (from, to) = (
                format!("ds/{name}/{path}"),
                format!("ds/infra/{name}/{path}"),
            );
            if both && world.path(&from).is_file() {
                fs::create_dir_all(world.path(&to).parent().expect("a parent"))
                    .expect("a directory");
                fs::copy(world.path(&from), world.path(&to)).expect("a copy");
            }
        }
    }
    world
}

#[test]
fn unmigrated_data_is_found_and_duplicates_are_removed() {
    let world = half_migrated(World::with_two_repositories(), true);
    let found = doctor(&world, &["--json"]);
    assert_eq!(
        (found.code, found.json()["overallStatus"].as_str()),
        (1, Some("fail"))
    );
    let shown = doctor(&world, &[]).out;
    let expected = "✗ Un-migrated data found at root level (definitions-evaluated, data, outputs).";
    assert!(shown.contains(expected), "{shown}");
    let preview = documents(&doctor(&world, &["--repair", "--json"]));
    assert_eq!(preview[0]["status"], "unmigrated_preview");
    assert_eq!(preview[1], json!({ "status": "catalog_not_needed" }));
    let done = doctor(&world, &["--repair", "-y"]).out;
    assert!(
        done.contains("duplicate file(s) from definitions-evaluated, data, outputs"),
        "{done}"
    );
    assert_eq!(doctor(&world, &[]).code, 0);
    assert_eq!(doctor(&world, &["-y"]).code, 1);
}

#[test]
fn what_differs_stays() {
    for (quirk, left) in [(None, false), (Some(Quirk::RepairStopsHalfway), true)] {
        let world = quirk.map_or_else(World::with_two_repositories, World::without);
        let world = half_migrated(world, true);
        let id = crate::testing::model_id("hello");
        let latest = world.path(&format!("ds/infra/data/command/shell/{id}/log/latest"));
        fs::write(latest, "7").expect("a file");
        let error = doctor(&world, &["--repair", "-y", "--json"]).error();
        assert!(
            error.starts_with("Root-level \"data/\" contains files that differ"),
            "{error}"
        );
        assert_eq!(world.path("ds/definitions-evaluated").exists(), left);
    }
    let world = half_migrated(World::without(Quirk::RepairClaimsDuplicates), false);
    assert!(
        doctor(&world, &["--repair"])
            .out
            .contains("  Keep data/ (differs from infra/data/)")
    );
    let world = half_migrated(World::without(Quirk::RepairConcatenatesJson), false);
    let one = doctor(&world, &["--repair", "--json"]).json();
    assert_eq!(one["repairs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn missing_rows_are_found_where_the_data_is() {
    for (quirk, code) in [(None, 0), (Some(Quirk::DoctorCountsLocalData), 1)] {
        let world = quirk.map_or_else(World::with_two_repositories, World::without);
        assert_eq!(world.seed("a", "hello", "true").code, 0);
        let mut catalog = Catalog::open(&world.path("a")).expect("a catalog");
        catalog
            .remove_where(|row| row.name == "log")
            .expect("a write");
        drop(catalog);
        assert_eq!(doctor(&world, &[]).code, code);
        if code == 1 {
            let fixed = documents(&doctor(&world, &["--repair", "-y", "--json"]));
            assert_eq!(fixed[0]["result"]["missingRecords"], 1);
            assert!(!Catalog::path(&world.path("a")).exists());
        }
    }
}

#[test]
fn the_status_names_the_place() {
    let world = World::with_two_repositories();
    let shown = world.run("a", &["datastore", "status"]).out;
    assert!(
        shown.starts_with("Datastore Status\n  Type:    filesystem\n"),
        "{shown}"
    );
    fs::remove_dir_all(world.path("ds")).expect("the datastore");
    let gone = world.run("a", &["datastore", "status", "--json"]).json();
    assert_eq!(gone["healthy"], false);
    fs::write(world.path("ds"), "").expect("a file");
    let error = world.run("a", &["datastore", "status", "--json"]).error();
    assert!(error.starts_with("Datastore path is not a directory: "));
}

#[test]
fn an_old_repository_is_upgraded() {
    let world = World::with_two_repositories();
    let old = world.read("a/.swamp.yaml");
    let version = old.lines().next().unwrap_or_default();
    fs::write(
        world.path("a/.swamp.yaml"),
        old.replace(version, "swampVersion: 20250101.000000.0"),
    )
    .expect("a marker");
    let done = world.run("a", &["repo", "upgrade", "--json"]).json();
    assert_eq!(done["previousVersion"], "20250101.000000.0");
    assert_eq!(done["changedFiles"], json!([".swamp.yaml"]));
    let new = world.read("a/.swamp.yaml");
    assert!(
        new.starts_with(version) && new.contains("\nupgradedAt: "),
        "{new}"
    );
    assert!(
        world
            .run("a", &["repo", "upgrade"])
            .out
            .contains("Upgraded swamp repository: ")
    );
    assert_eq!(world.run("home", &["repo", "upgrade"]).code, 1);
}

#[test]
fn a_corrupt_catalog_breaks_all_or_is_made_anew() {
    for (quirk, code) in [(None, 1), (Some(Quirk::CorruptCatalogBreaksAll), 0)] {
        let world = quirk.map_or_else(World::with_two_repositories, World::without);
        assert_eq!(world.seed("a", "hello", "true").code, 0);
        let path = Catalog::path(&world.path("a"));
        fs::write(&path, "garbage, and enough of it to be no header").expect("a file");
        let ran = world.run("a", &["data", "query", "true", "--json"]);
        assert_eq!(ran.code, code);
        if code == 1 {
            let error: Value = serde_json::from_str(&ran.err).expect("JSON");
            assert_eq!(error["code"], "ERR_SQLITE_ERROR");
        } else {
            assert_eq!(ran.json()["total"], 2);
        }
    }
}

#[test]
fn a_lost_claim_can_be_made_again_only_without_the_quirk() {
    for (quirk, code) in [(None, 1), (Some(Quirk::SetCannotReclaim), 0)] {
        let world = quirk.map_or_else(World::with_two_repositories, World::without);
        assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);
        fs::remove_file(world.path(super::MANIFEST)).expect("the manifest");
        assert_eq!(world.namespace("a", &["set", "infra"]).code, code);
        assert_eq!(world.path(super::MANIFEST).exists(), code == 0);
    }
}

#[test]
fn broken_files_have_faults() {
    let world = claimed().with_fault(Fault::CorruptManifestHidesOthers);
    fs::create_dir_all(world.path("ds/bad")).expect("a directory");
    fs::write(world.path("ds/bad/.namespace.json"), "{").expect("a manifest");
    assert_eq!(
        world.namespace("a", &["list"]).json()["namespaces"],
        json!([])
    );

    let world = World::with_two_repositories().with_fault(Fault::CatalogRebuildKeepsStale);
    assert_eq!(world.seed("a", "hello", "true").code, 0);
    assert_eq!(world.run("a", &["data", "query", "true"]).code, 0);
    let path = Catalog::path(&world.path("a"));
    let connection = rusqlite::Connection::open(path).expect("a database");
    let statements = "UPDATE catalog_meta SET value = '3' WHERE key = 'schema_version'; \
                      UPDATE catalog SET data_name = 'stale' WHERE data_name = 'log';";
    connection.execute_batch(statements).expect("a write");
    drop(connection);
    let names = ["data", "query", "true", "--select", "name", "--json"];
    assert_eq!(
        world.run("a", &names).json()["results"],
        json!(["stale", "result"])
    );
}
