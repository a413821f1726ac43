//! The quirks and faults of queries and of `data.*` in expressions.

use std::fs;

use serde_json::json;

use super::query::{define, evaluated, query, run_model, two_namespaces};
use crate::faults::Fault;
use crate::quirks::Quirk;
use crate::testing::World;

#[test]
fn quirk_latest_ignores_namespace() {
    let world = two_namespaces(World::without(Quirk::LatestIgnoresNamespace));
    let values = evaluated(
        &world,
        &[
            "data.latest(\"security:shared\",\"result\").namespace",
            "data.latest(\"nope:shared\",\"result\")",
        ],
    );
    assert_eq!(values, [json!("security"), json!(null)]);
}

#[test]
fn quirk_foreign_content_missing() {
    let world = two_namespaces(World::without(Quirk::ForeignContentMissing));
    let found = query(
        &world,
        "ns == \"security\" && modelName == \"onlysec\" && name == \"result\"",
    );
    assert_eq!(found[0]["content"]["stdout"], "sec-only");
}

#[test]
fn quirk_evaluate_swallows_errors() {
    let world = two_namespaces(World::without(Quirk::EvaluateSwallowsErrors));
    define(
        &world,
        "a",
        9,
        "reader",
        &["data.latest(\"*:shared\",\"result\")"],
    );
    let ran = world.run("a", &["model", "evaluate", "reader", "--json"]);
    assert_eq!(ran.code, 1);
    let ambiguous = "Ambiguous: \"shared\" exists in namespaces [infra, security], qualify with a namespace prefix";
    assert_eq!(ran.error(), format!("Invalid expression: {ambiguous}"));
}

/// `a` and `b` have a namespace and a model each, on the same datastore.
fn two_repositories(world: World) -> World {
    for (repo, namespace, id) in [("a", "infra", 1), ("b", "security", 2)] {
        assert_eq!(world.namespace(repo, &["set", namespace]).code, 0);
        define(&world, repo, id, namespace, &[]);
        run_model(&world, repo, namespace, "hi");
    }
    world
}

#[test]
fn quirk_no_foreign_rows_on_filesystem() {
    let world = two_repositories(World::with_two_repositories());
    assert_eq!(query(&world, "true").len(), 2);
    let world = two_repositories(World::without(Quirk::NoForeignRowsOnFilesystem));
    assert_eq!(query(&world, "ns == \"security\"").len(), 2);
    let foreign = evaluated(
        &world,
        &["data.latest(\"security:security\",\"result\").namespace"],
    );
    assert_eq!(foreign, [json!("security")]);
}

#[test]
fn quirk_stale_rows_after_migrate() {
    for (world, total) in [
        (World::with_two_repositories(), 4),
        (World::without(Quirk::StaleRowsAfterMigrate), 2),
    ] {
        define(&world, "a", 1, "m", &[]);
        run_model(&world, "a", "m", "hi");
        assert_eq!(query(&world, "true").len(), 2);
        assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);
        assert_eq!(world.namespace("a", &["migrate", "--confirm"]).code, 0);
        assert_eq!(query(&world, "true").len(), total);
    }
}

#[test]
fn quirk_namespace_column_lower_case() {
    let world = two_repositories(World::without(Quirk::NamespaceColumnLowerCase));
    let shown = world.run("a", &["data", "query", "true"]).out;
    assert!(shown.contains("│ NAMESPACE │ name   │"), "{shown}");
}

#[test]
fn fault_foreign_rows_leak_into_latest() {
    let world = two_namespaces(World::with_two_repositories());
    let world = world.with_fault(Fault::ForeignRowsLeakIntoLatest);
    let values = evaluated(&world, &["data.latest(\"onlysec\",\"result\").namespace"]);
    assert_eq!(values, [json!("security")]);
}

#[test]
fn fault_wildcard_picks_first() {
    let world = two_namespaces(World::with_two_repositories());
    let world = world.with_fault(Fault::WildcardPicksFirst);
    let values = evaluated(&world, &["data.latest(\"*:shared\",\"result\").namespace"]);
    assert_eq!(values, [json!("security")]);
}

#[test]
fn fault_namespace_column_in_solo() {
    let world = World::with_two_repositories();
    define(&world, "a", 1, "m", &[]);
    run_model(&world, "a", "m", "hi");
    let header = |world: &World| {
        let shown = world.run("a", &["data", "query", "true"]).out;
        shown.lines().nth(1).map(str::to_owned).unwrap_or_default()
    };
    assert!(header(&world).starts_with("│ name   │"));
    let world = world.with_fault(Fault::NamespaceColumnInSolo);
    assert!(header(&world).starts_with("│ namespace │"));
}

#[test]
fn fault_catalog_not_rebuilt() {
    let world = two_repositories(World::with_two_repositories());
    fs::remove_dir_all(world.path("a/.swamp/data")).expect("the catalog");
    let world = world.with_fault(Fault::CatalogNotRebuilt);
    assert_eq!(query(&world, "true").len(), 0);
}
