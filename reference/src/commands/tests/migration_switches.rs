//! The quirks and faults of migrations.

use std::fs;

use serde_json::json;

use super::migration::{data_files, prepared, set_up};
use crate::faults::Fault;
use crate::quirks::Quirk;
use crate::testing::{World, model_id};

/// A repository without a datastore of its own, with a secret and a catalog.
fn in_repository(world: &World) {
    assert_eq!(
        world
            .run("c", &["repo", "init", "--tool", "none", "--json"])
            .code,
        0
    );
    assert_eq!(world.seed("c", "hello", "echo one").code, 0);
    fs::create_dir_all(world.path("c/.swamp/secrets/x")).expect("a directory");
    fs::write(world.path("c/.swamp/secrets/x/.key"), "k").expect("a secret");
    fs::write(world.path("c/.swamp/data/_catalog.db"), "c").expect("a catalog");
    assert_eq!(world.namespace("c", &["set", "infra"]).code, 0);
}

#[test]
fn quirk_same_model_collides() {
    let world = set_up();
    assert_eq!(world.seed("a", "hello", "echo two").code, 0);
    let before = world.tree("ds");
    let error = world.namespace("a", &["migrate", "--confirm"]).error();
    let mut lines: Vec<_> = error.lines().skip(1).collect();
    lines.sort_unstable();
    let place = format!("  data/command/shell/{}", model_id("hello"));
    let expected = [
        "log/1/metadata.yaml",
        "log/1/raw",
        "result/1/metadata.yaml",
        "result/1/raw",
    ];
    assert_eq!(lines, expected.map(|path| format!("{place}/{path}")));
    assert!(
        error.starts_with("Cannot migrate: 4 file(s) already exist"),
        "{error}"
    );
    assert_eq!(world.tree("ds"), before);

    let world = prepared(World::without(Quirk::SameModelCollides));
    assert_eq!(world.seed("a", "hello", "echo two").code, 0);
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    for (version, text) in [("1", "one"), ("2", "two")] {
        let shown = world
            .run(
                "a",
                &[
                    "data",
                    "get",
                    "hello",
                    "log",
                    "--version",
                    version,
                    "--json",
                ],
            )
            .json();
        assert_eq!(shown["content"], format!("[stdout]\n{text}"));
        assert_eq!(shown["version"].to_string(), version);
    }
    let list = world.run("a", &["data", "list", "hello", "--json"]).json();
    assert_eq!(list["groups"][0]["items"][0]["version"], 2);
}

#[test]
fn quirk_wants_single_namespace_to_migrate() {
    let world = set_up();
    assert_eq!(world.namespace("b", &["set", "security"]).code, 0);
    let error = world.namespace("a", &["migrate"]).error();
    assert!(error.starts_with("Local cache contains data from other namespaces: security.\n"));

    let world = prepared(World::without(Quirk::WantsSingleNamespaceToMigrate));
    assert_eq!(world.namespace("b", &["set", "security"]).code, 0);
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    assert!(!world.path("ds/data").exists());
}

#[test]
fn quirk_reverse_leaves_empty_namespace_dir() {
    for (world, stays) in [
        (set_up(), true),
        (
            prepared(World::without(Quirk::ReverseLeavesEmptyNamespaceDir)),
            false,
        ),
    ] {
        for words in [
            ["migrate", "--confirm"].as_slice(),
            &["unset", "--migrate", "--confirm"],
        ] {
            assert_eq!(world.namespace("a", words).code, 0);
        }
        assert_eq!(world.path("ds/infra").is_dir(), stays);
    }
}

#[test]
fn quirk_migrate_moves_vault() {
    let world = World::new();
    in_repository(&world);
    assert_eq!(world.namespace("c", &["migrate", "--confirm"]).code, 0);
    assert_eq!(world.read("c/.swamp/infra/secrets/x/.key"), "k");
    assert_eq!(world.read("c/.swamp/infra/data/_catalog.db"), "c");

    let world = World::without(Quirk::MigrateMovesVault);
    in_repository(&world);
    let done = world.namespace("c", &["migrate", "--confirm"]).json();
    assert_eq!(world.read("c/.swamp/secrets/x/.key"), "k");
    assert!(world.path("c/.swamp/data/_catalog.db").is_file());
    assert!(!world.path("c/.swamp/infra/data/_catalog.db").exists());
    assert!(world.path("c/.swamp/infra/data/command").is_dir());
    let data = done["migratedDirectories"].as_array().expect("names");
    assert!(!data.contains(&json!("secrets")), "{done}");
    assert_eq!(
        world
            .namespace("c", &["unset", "--migrate", "--confirm"])
            .code,
        0
    );
    assert!(world.path("c/.swamp/data/_catalog.db").is_file());
    assert!(!world.path("c/.swamp/infra/data/_catalog.db").exists());
    assert_eq!(
        world.run("c", &["data", "list", "hello", "--json"]).json()["total"],
        2
    );
}

#[test]
fn fault_migrate_drops_file() {
    let world = set_up().with_fault(Fault::MigrateDropsFile);
    let before = data_files(&world, "ds").len();
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    assert_eq!(data_files(&world, "ds").len(), before - 1);
}

#[test]
fn fault_migrate_preview_lies() {
    let world = set_up().with_fault(Fault::MigratePreviewLies);
    let preview = world.namespace("a", &["migrate"]).json();
    let done = world.namespace("a", &["migrate", "--confirm"]).json();
    assert_ne!(preview["totalFiles"], done["totalFiles"]);
}

#[test]
fn fault_reverse_overwrites() {
    let world = set_up().with_fault(Fault::ReverseOverwrites);
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    let latest = format!("ds/data/command/shell/{}/log/latest", model_id("hello"));
    fs::create_dir_all(world.path(&latest).parent().expect("a parent")).expect("a directory");
    fs::write(world.path(&latest), "intruder").expect("an intruder");
    assert_eq!(
        world
            .namespace("a", &["unset", "--migrate", "--confirm"])
            .code,
        0
    );
    assert_eq!(world.read(&latest), "1");
}
