//! `data query`, `data.*` in expressions and `model evaluate`, in a world with two namespaces in one catalog.

use std::fs;

use serde_json::{Value, json};

use crate::testing::World;

pub(super) fn define(world: &World, repo: &str, id: u8, name: &str, arguments: &[&str]) {
    let dir = world.path(repo).join("models/command/shell");
    fs::create_dir_all(&dir).expect("a directory");
    let mut text = format!(
        "type: command/shell\ntypeVersion: 2026.02.09.1\nid: 00000000-0000-4000-8000-00000000000{id}\nname: {name}\nversion: 1\ntags: {{}}\nmethods: {{}}\n"
    );
    text += if arguments.is_empty() {
        "globalArguments: {}\n"
    } else {
        "globalArguments:\n"
    };
    for (index, argument) in arguments.iter().enumerate() {
        text += &format!("  a{index}: '${{{{ {argument} }}}}'\n");
    }
    fs::write(dir.join(format!("{name}.yaml")), text).expect("a definition");
}

pub(super) fn run_model(world: &World, repo: &str, name: &str, says: &str) {
    let input = format!("run=echo {says}");
    let words = [
        "model",
        "method",
        "run",
        name,
        "execute",
        "--input",
        &input,
        "--skip-reports",
        "--json",
    ];
    let ran = world.run(repo, &words);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// Repository `a` has written as `security` and is `infra` now: `shared` is in both, the others in one.
pub(super) fn two_namespaces(world: World) -> World {
    assert_eq!(query(&world, "true").len(), 0);
    for (namespace, models) in [
        (
            "security",
            [(1, "shared", "sec-shared"), (2, "onlysec", "sec-only")],
        ),
        (
            "infra",
            [(3, "shared", "inf-shared"), (4, "onlyinf", "inf-only")],
        ),
    ] {
        let _ = fs::remove_dir_all(world.path("a/models"));
        assert_eq!(world.namespace("a", &["set", namespace]).code, 0);
        for (id, name, says) in models {
            define(&world, "a", id, name, &[]);
            run_model(&world, "a", name, says);
        }
    }
    world
}

pub(super) fn query(world: &World, predicate: &str) -> Vec<Value> {
    let found = world
        .run("a", &["data", "query", predicate, "--json"])
        .json();
    found["results"].as_array().cloned().unwrap_or_default()
}

/// The values of expressions as global arguments.
pub(super) fn evaluated(world: &World, expressions: &[&str]) -> Vec<Value> {
    define(world, "a", 9, "reader", expressions);
    let found = world
        .run("a", &["model", "evaluate", "reader", "--json"])
        .json();
    let values = found["globalArguments"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    values.into_iter().map(|(_, value)| value).collect()
}

#[test]
fn predicates_see_all_namespaces() {
    let world = two_namespaces(World::with_two_repositories());
    assert_eq!(query(&world, "true").len(), 8);
    let found = query(&world, "ns == \"security\" && name == \"result\"");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["namespace"], "security");
    assert_eq!(found[0]["content"], json!({}));
    let own = query(&world, "attributes.stdout == \"inf-only\"");
    assert_eq!(own[0]["content"]["stdout"], "inf-only");

    let shown = world
        .run(
            "a",
            &["data", "query", "ns == \"security\"", "--limit", "1"],
        )
        .out;
    assert!(shown.contains("│ namespace │ name   │"), "{shown}");
    assert!(
        shown.ends_with("\n\nShowing 1 results (limit reached)\n"),
        "{shown}"
    );
    let error = world
        .run("a", &["data", "query", "namespace == \"x\"", "--json"])
        .error();
    assert!(error.starts_with("Reserved identifier: namespace\n\n>    1 | namespace"));
}

#[test]
fn selections_have_three_shapes() {
    let world = two_namespaces(World::with_two_repositories());
    let select = |expression: &str, more: &[&str]| {
        let words = [
            "data",
            "query",
            "name == \"result\"",
            "--select",
            expression,
        ];
        world.run("a", &[&words, more].concat())
    };
    let expected = json!({
        "results": [{}, {}, {"ns": "infra", "out": "inf-shared"}, {"ns": "infra", "out": "inf-only"}],
        "total": 4, "limited": false,
    });
    let map = "{\"ns\": ns, \"out\": attributes.stdout}";
    assert_eq!(select(map, &["--json"]).json(), expected);
    assert!(select(map, &[]).out.contains("│ ns    │ out        │"));
    assert_eq!(
        select("attributes.stdout", &[]).out,
        "inf-shared\ninf-only\n\n\n"
    );
    assert!(
        select("[ns, name]", &["--limit", "1"])
            .out
            .starts_with("┌──────────┬────────┐\n│ 1        │ 2")
    );
    assert_eq!(select("bogus", &[]).out, "\n");
}

#[test]
fn old_versions_are_shown_on_demand_alone() {
    let world = World::with_two_repositories();
    define(&world, "a", 1, "m", &[]);
    run_model(&world, "a", "m", "one");
    run_model(&world, "a", "m", "two");
    assert_eq!(query(&world, "name == \"log\"").len(), 1);
    assert_eq!(query(&world, "name == \"log\" && version >= 0").len(), 2);
    assert_eq!(
        query(&world, "name == \"log\" && !isLatest")[0]["version"],
        1
    );
    // What was written past the catalog comes in by a backfill.
    fs::remove_dir_all(world.path("a/.swamp/data")).expect("the catalog");
    assert_eq!(query(&world, "version >= 0").len(), 4);
}

#[test]
fn expressions_look_up_data() {
    let world = two_namespaces(World::with_two_repositories());
    let values = evaluated(
        &world,
        &[
            "data.latest(\"shared\",\"result\").attributes.stdout",
            "data.latest(\"onlysec\",\"result\")",
            "data.latest(\"security:shared\",\"result\").namespace",
            "data.latest(\"security:onlysec\",\"result\").attributes",
            "data.version(\"security:shared\",\"result\",1).namespace",
            "data.listVersions(\"security:shared\",\"result\")",
            "data.findBySpec(\"security:shared\",\"result\").size()",
            "data.findByTag(\"specName\",\"result\").size()",
            "data.latest(\"*:onlysec\",\"result\").namespace",
            "data.latest(\"*:nope\",\"result\")",
            "data.query(\"name == \\\"log\\\"\", \"ns\")",
            "data.latest(\"*:shared\",\"result\").namespace",
            "data.latest(\"a:\",\"result\")",
        ],
    );
    let literal = |expression: &str| json!(format!("${{{{ {expression} }}}}"));
    let expected = [
        json!("inf-shared"),
        json!(null),
        json!("infra"),
        json!({}),
        json!("security"),
        json!([1]),
        json!(1),
        json!(2),
        json!("security"),
        json!(null),
        json!(["security", "security", "infra", "infra"]),
        literal("data.latest(\"*:shared\",\"result\").namespace"),
        literal("data.latest(\"a:\",\"result\")"),
    ];
    assert_eq!(values, expected);
}

#[test]
fn arguments_are_evaluated_before_a_run() {
    let world = two_namespaces(World::with_two_repositories());
    let path = world.path("a/models/command/shell/shared.yaml");
    let text = fs::read_to_string(&path).expect("a definition").replace(
        "methods: {}",
        "methods:\n  execute:\n    arguments:\n      run: 'echo ${{ data.latest(\"onlyinf\",\"result\").attributes.stdout }} ${{ env.HOME }}'",
    );
    fs::write(&path, text).expect("a definition");
    let ran = world.run(
        "a",
        &[
            "model",
            "method",
            "run",
            "shared",
            "execute",
            "--skip-reports",
            "--json",
        ],
    );
    let expected = format!("inf-only {}", world.path("home").display());
    assert_eq!(
        ran.json()["dataArtifacts"][0]["attributes"]["stdout"],
        expected
    );
    let stored = world.read("ds/infra/definitions-evaluated/command/shell/shared.yaml");
    assert!(stored.contains("echo inf-only ${{ env.HOME }}"), "{stored}");
}

#[test]
fn all_definitions_are_evaluated() {
    let world = two_namespaces(World::with_two_repositories());
    evaluated(&world, &["1 + 1"]);
    let all = world
        .run("a", &["model", "evaluate", "--all", "--json"])
        .json();
    assert_eq!((&all["total"], &all["evaluated"]), (&json!(3), &json!(1)));
    assert!(all["items"][0].get("globalArguments").is_none());
    let shown = world.run("a", &["model", "evaluate"]).out;
    assert!(
        shown.contains("model·evaluate: Evaluated 1 of 3 model definitions\n"),
        "{shown}"
    );
    assert!(
        shown.contains("  \"reader\" (\"command/shell\") \"[evaluated]\"\n"),
        "{shown}"
    );
    let missing = world.run("a", &["model", "evaluate", "nope", "--json"]);
    assert_eq!(missing.error(), "Model not found: nope");
}
