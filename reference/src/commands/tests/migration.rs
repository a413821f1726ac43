//! `namespace migrate` and `namespace unset --migrate` as a user meets them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::datastore::{DIRECTORIES, shared};
use crate::testing::World;

/// A repository with data in the solo layout, which then claimed `infra`.
pub fn set_up() -> World {
    prepared(World::with_two_repositories())
}

pub fn prepared(world: World) -> World {
    assert_eq!(world.seed("a", "hello", "echo one").code, 0);
    assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);
    world
}

/// Each file below a place, with its content.
fn contents(world: &World, place: &str) -> BTreeMap<String, Vec<u8>> {
    let root = world.path(place);
    let read = |path: &String| fs::read(root.join(path)).map(|bytes| (path.clone(), bytes));
    world
        .tree(place)
        .iter()
        .filter_map(|path| read(path).ok())
        .collect()
}

pub fn data_files(world: &World, place: &str) -> Vec<Vec<u8>> {
    let mut found: Vec<_> = contents(world, place).into_values().collect();
    found.sort();
    found
}

#[test]
fn data_moves_in_and_out_again_without_a_change() {
    let world = World::with_two_repositories();
    assert_eq!(world.seed("a", "hello", "echo one").code, 0);
    let (before, marker) = (contents(&world, "ds"), world.read("a/.swamp.yaml"));
    let list = world.run("a", &["data", "list", "hello", "--json"]).out;
    assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);

    let moved = world.namespace("a", &["migrate", "--confirm"]).json();
    assert_eq!(moved["migratedDirectories"], json!(shared(DIRECTORIES)));
    assert_eq!(moved["totalFiles"], 8);
    let mut inside = contents(&world, "ds/infra");
    inside.remove(".namespace.json");
    assert_eq!(inside, before);
    let listed = world.run("a", &["data", "list", "hello", "--json"]).json();
    assert_eq!(listed["total"], 2);

    let back = world
        .namespace("a", &["unset", "--migrate", "--confirm"])
        .json();
    assert_eq!(back["reverse"], true);
    assert_eq!(contents(&world, "ds"), before);
    assert_eq!(world.read("a/.swamp.yaml"), marker);
    assert_eq!(
        world.run("a", &["data", "list", "hello", "--json"]).out,
        list
    );
}

#[test]
fn a_preview_changes_nothing_and_tells_the_truth() {
    let world = set_up();
    let before = world.tree("ds");
    let preview = world.namespace("a", &["migrate"]).json();
    assert_eq!(preview["confirm"], false);
    assert_eq!(world.tree("ds"), before);
    let done = world.namespace("a", &["migrate", "-y"]).json();
    for key in ["totalFiles", "totalBytes"] {
        assert_eq!(preview[key], done[key]);
    }
    let again = world.namespace("a", &["migrate", "--confirm"]).json();
    assert_eq!(
        (&again["confirm"], &again["directories"]),
        (&json!(true), &json!([]))
    );
    let people = world.run("a", &["datastore", "namespace", "migrate"]).out;
    assert_eq!(
        people,
        "Nothing to migrate — data is already in the namespace directory.\n"
    );
    let back = world
        .run("a", &["datastore", "namespace", "unset", "--migrate"])
        .out;
    assert!(
        back.starts_with(
            "Reverse migration preview (namespace: \"infra\")\n\n  auto-definitions\n"
        )
    );
    assert!(back.ends_with("\n\nAdd --confirm to execute this migration.\n"));
}

#[test]
fn people_see_each_step() {
    let world = set_up();
    let out = world
        .run("a", &["datastore", "namespace", "migrate", "--confirm"])
        .out;
    let ds = world.path("ds").display().to_string();
    for part in [
        "Migration preview (namespace: \"infra\")\n\n  auto-definitions\n".to_owned(),
        format!("    {ds}/data\n    → {ds}/infra/data\n    6 file(s), "),
        "  ✓ data\n".to_owned(),
        format!("[INF] datastore·namespace·migrate: Migrated \"data\": \"{ds}/data\" → \"{ds}/infra/data\"\n"),
        "Catalog invalidated — will rebuild on next access\n\nMigration complete: 10 directory(s) moved\n  Total: 8 file(s), ".to_owned(),
    ] {
        assert!(out.contains(&part), "{part}: {out}");
    }
    let out = world
        .run("a", &["datastore", "namespace", "unset", "--migrate", "-y"])
        .out;
    assert!(
        out.contains("[INF] datastore·namespace·unset: Removed namespace manifest for \"infra\"\n")
    );
}

#[test]
fn a_conflict_stops_the_way_back_before_anything_moves() {
    let world = set_up();
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    fs::create_dir_all(world.path("ds/outputs/x")).expect("an intruder");
    let (before, marker) = (world.tree("ds"), world.read("a/.swamp.yaml"));
    for words in [
        &["unset", "--migrate", "--confirm"][..],
        &["migrate", "--reverse"],
    ] {
        let error = world.namespace("a", words).error();
        assert!(
            error.starts_with("Cannot reverse-migrate: \"outputs\" already exists at "),
            "{error}"
        );
    }
    assert_eq!(
        (world.tree("ds"), world.read("a/.swamp.yaml")),
        (before, marker)
    );
    fs::remove_dir(world.path("ds/outputs/x")).expect("the intruder");
    assert_eq!(
        world
            .namespace("a", &["unset", "--migrate", "--confirm"])
            .code,
        0
    );
}

#[test]
fn bundles_are_merged_on_the_way_back_and_what_collides_stays() {
    let world = set_up();
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    for (place, text) in [
        ("ds/infra/bundles/k", "1"),
        ("ds/bundles/k", "2"),
        ("ds/infra/bundles/l", "3"),
    ] {
        fs::create_dir_all(world.path(place).parent().expect("a parent")).expect("a directory");
        fs::write(world.path(place), text).expect("a bundle");
    }
    let done = world
        .namespace("a", &["migrate", "--reverse", "--confirm"])
        .json();
    assert_eq!(done["warnings"][0]["skippedPaths"], json!(["k"]));
    assert_eq!(world.read("ds/bundles/k"), "2");
    assert_eq!(world.read("ds/infra/bundles/k"), "1");
    assert_eq!(world.read("ds/bundles/l"), "3");
    assert!(world.read("a/.swamp.yaml").ends_with("namespace: infra\n"));
}

#[test]
fn other_models_are_merged_and_duplicates_removed() {
    let world = set_up();
    assert_eq!(world.seed("a", "new", "echo two").code, 0);
    let all = {
        let mut all = data_files(&world, "ds/data");
        all.extend(data_files(&world, "ds/infra/data"));
        all.sort();
        all
    };
    let copy = "definitions-evaluated/command/shell/hello.yaml";
    fs::copy(
        world.path(&format!("ds/{copy}")),
        world.path(&format!("ds/infra/{copy}")),
    )
    .expect("a duplicate");
    let out = world
        .run("a", &["datastore", "namespace", "migrate", "--confirm"])
        .out;
    assert!(
        out.contains("Removed 1 identical duplicate(s) from \"definitions-evaluated\"/"),
        "{out}"
    );
    assert_eq!(data_files(&world, "ds/infra/data"), all);
    assert!(!world.path("ds/data").exists());
}

#[test]
fn a_failure_half_way_says_how_far_it_came() {
    let world = set_up();
    let all = data_files(&world, "ds");
    fs::write(world.path("ds/infra/outputs"), "in the way").expect("an obstacle");
    let failed = world.namespace("a", &["migrate", "--confirm"]);
    assert_eq!(failed.code, 1);
    let said = failed.json();
    assert_eq!(
        said["succeededDirectories"],
        json!([
            "auto-definitions",
            "definitions-evaluated",
            "workflows-evaluated",
            "data"
        ])
    );
    assert_eq!(said["failedDirectory"], "outputs");
    assert_eq!(said["error"], failed.error());
    fs::remove_file(world.path("ds/infra/outputs")).expect("the obstacle");
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    assert_eq!(data_files(&world, "ds"), all);
}

#[test]
fn many_files_survive_an_interruption_anywhere() {
    let world = set_up();
    for number in 0..2000 {
        let dir = world.path(&format!("ds/data/t/t/m{}/n{number}/1", number % 7));
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(dir.join("raw"), number.to_string()).expect("a file");
    }
    let all = data_files(&world, "ds");
    // As if a merge had been killed: some moved, some not, one copied and not yet removed.
    fs::create_dir_all(world.path("ds/infra/data/t/t/m0")).expect("a directory");
    for name in ["n0", "n7", "n14"] {
        let place = Path::new("data/t/t/m0").join(name);
        fs::rename(
            world.path("ds").join(&place),
            world.path("ds/infra").join(&place),
        )
        .expect("half a merge");
    }
    let copied = "data/t/t/m0/n0/1";
    fs::create_dir_all(world.path(&format!("ds/{copied}"))).expect("a directory");
    fs::copy(
        world.path(&format!("ds/infra/{copied}/raw")),
        world.path(&format!("ds/{copied}/raw")),
    )
    .expect("a copy");
    assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
    assert_eq!(data_files(&world, "ds"), all);
    assert!(!world.path("ds/data").exists());
}
