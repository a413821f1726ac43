//! `workflow run`, and the refusal of `datastore catalog pull`.

use std::fs;

use serde_json::{Value, json};

use super::query::two_namespaces;
use crate::faults::Fault;
use crate::quirks::Quirk;
use crate::testing::{Ran, World};

const HEAD: &str = "id: 78297a20-39d3-4a89-ab94-3a286c4141f3\nname: w\ntags: {}\njobs:\n  - name: build\n    steps:\n";

/// Writes a workflow whose job `build` runs these command lines in `onlyinf`, step by step; `ship` follows it.
fn workflow(world: &World, runs: &[&str]) {
    let step = |index: usize, run: &str, after: String| {
        format!(
            "      - name: s{index}\n        task: {{type: model_method, modelIdOrName: onlyinf, methodName: execute, inputs: {{run: '{run}'}}}}\n        dependsOn: [{after}]\n"
        )
    };
    let mut text = HEAD.to_owned();
    for (index, run) in runs.iter().enumerate() {
        let earlier = index.checked_sub(1);
        let after =
            earlier.map(|earlier| format!("{{step: s{earlier}, condition: {{type: succeeded}}}}"));
        text += &step(index, run, after.unwrap_or_default());
    }
    text += "    dependsOn: []\n  - name: ship\n    steps:\n";
    text += &step(9, "echo shipped", String::new());
    text += "    dependsOn: [{job: build, condition: {type: succeeded}}]\nversion: 1\n";
    fs::create_dir_all(world.path("a/workflows")).expect("a directory");
    fs::write(world.path("a/workflows/workflow-any.yaml"), text).expect("a workflow");
}

fn run(world: &World, more: &[&str]) -> Ran {
    let words = ["workflow", "run", "w", "--skip-reports"];
    world.run("a", &[&words, more].concat())
}

#[test]
fn steps_run_in_turn_and_leave_data_and_a_record() {
    let world = two_namespaces(World::with_two_repositories());
    workflow(
        &world,
        &["echo got=${{ data.latest(\"*:onlysec\",\"result\").namespace }}"],
    );
    let ran = run(&world, &["--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let done = ran.json();
    assert_eq!(done["status"], "succeeded");
    assert_eq!(
        done["jobs"][0]["steps"][0]["dataArtifacts"][0]["tags"]["step"],
        "s0"
    );
    let path = done["path"].as_str().unwrap_or_default();
    let record = fs::read_to_string(path).expect("the record");
    assert!(record.contains("stdout: got=security\n"), "{record}");
    assert!(
        record.contains("stepProgress:\n  completed: 2\n  total: 2\n"),
        "{record}"
    );
    // Every step has a latest version of its own.
    let query = [
        "data",
        "query",
        "modelName == \"onlyinf\" && name == \"log\"",
        "--select",
        "stepName",
        "--json",
    ];
    assert_eq!(
        world.run("a", &query).json()["results"],
        json!(["", "s0", "s9"])
    );
    let index =
        world.read("a/.swamp/workflow-runs/78297a20-39d3-4a89-ab94-3a286c4141f3/.runs-index.json");
    let index: Value = serde_json::from_str(&index).expect("the index");
    assert_eq!(
        index["entries"].as_object().map(serde_json::Map::len),
        Some(1)
    );
}

#[test]
fn people_are_told_while_it_goes_on() {
    let world = two_namespaces(World::with_two_repositories());
    workflow(&world, &["echo one"]);
    let shown = run(&world, &[]).out;
    for part in [
        " system │ Starting workflow w · ",
        "\n\n  build │ start ",
        "\n  build │ step s0 · onlyinf · execute · start ",
        "\n  build │ one\n  build │ done s0 in ",
        "\n   ship │ completed in ",
        "\n    │  result    from build  │\n    │  result    from ship   │\n",
        "\n\nTip: Join & participate",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!run(&world, &["-q"]).out.contains("│ one\n"));
}

#[test]
fn a_failure_ends_the_job_and_skips_what_follows() {
    let world = two_namespaces(World::with_two_repositories());
    workflow(&world, &["exit 3", "echo no"]);
    let ran = run(&world, &["--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let done = ran.json();
    let statuses = [
        &done["status"],
        &done["jobs"][0]["steps"][0]["status"],
        &done["jobs"][0]["steps"][1]["status"],
        &done["jobs"][1]["status"],
    ];
    assert_eq!(statuses, ["failed", "failed", "pending", "skipped"]);
    assert_eq!(
        done["jobs"][0]["steps"][0]["error"],
        "Command exited with code 3"
    );
}

#[test]
fn expressions_of_steps_fail_aloud() {
    let world = two_namespaces(World::with_two_repositories());
    for (expression, message) in [
        (
            "data.latest(\"*:shared\",\"result\")",
            "Invalid expression: Ambiguous: \"shared\" exists in namespaces [infra, security], qualify with a namespace prefix",
        ),
        (
            "data.latest(\"security:onlysec\",\"result\").attributes.stdout",
            "Invalid expression: No such key: stdout\n\n>    1 | data.latest(",
        ),
    ] {
        workflow(&world, &[&format!("echo ${{{{ {expression} }}}}")]);
        let ran = run(&world, &[]);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""));
        assert!(
            ran.out.contains(&format!("\n\n system │ {message}")),
            "{}",
            ran.out
        );
    }
    workflow(&world, &["echo ${{ 1 + }}"]);
    let error = run(&world, &["--json"]).error();
    assert!(
        error.starts_with("Workflow execution failed: Invalid expression: Unexpected token: EOF")
    );
}

#[test]
fn what_cannot_be_run_says_so() {
    let world = World::with_two_repositories();
    let error = run(&world, &["--json"]).error();
    assert!(error.starts_with("Workflow not found: w.\n"), "{error}");
    workflow(&world, &["echo one"]);
    assert_eq!(world.run("a", &["workflow", "run", "w"]).code, 70);
    let pull = [
        "datastore",
        "catalog",
        "pull",
        "--namespaces",
        "x",
        "--json",
    ];
    let error = world.run("a", &pull).error();
    assert!(error.starts_with("Catalog pull requires a remote datastore"));
}

/// Names of the latest rows, and what is left where.
fn ran_with(world: World) -> (World, Value) {
    let world = two_namespaces(world);
    workflow(&world, &["echo one"]);
    assert_eq!(run(&world, &["--json"]).code, 0);
    let query = [
        "data",
        "query",
        "modelName == \"onlyinf\" && name == \"log\"",
        "--select",
        "stepName",
        "--json",
    ];
    let latest = world.run("a", &query).json()["results"].clone();
    (world, latest)
}

fn listed(world: &World) -> Vec<String> {
    let list = world
        .run("a", &["data", "list", "--workflow", "w", "--json"])
        .json();
    let items = list["groups"][0]["items"].as_array().cloned();
    let shown = |item: &Value| {
        format!(
            "{}.{} v{}",
            item["jobName"], item["stepName"], item["version"]
        )
    };
    items.unwrap_or_default().iter().map(shown).collect()
}

#[test]
fn a_run_has_quirks() {
    let (world, latest) = ran_with(World::with_two_repositories());
    assert_eq!(latest, json!(["", "s0", "s9"]));
    assert!(
        world
            .path("a/.swamp/workflows-evaluated/workflow-w.yaml")
            .exists()
    );
    assert_eq!(
        listed(&world),
        ["\"build\".\"s0\" v1", "\"ship\".\"s9\" v3"]
    );

    let (world, _) = ran_with(World::without(Quirk::WorkflowListShowsLatest));
    assert_eq!(
        listed(&world),
        ["\"build\".\"s0\" v2", "\"ship\".\"s9\" v3"]
    );

    let (_, latest) = ran_with(World::without(Quirk::SeveralLatestPerName));
    assert_eq!(latest, json!(["s9"]));

    let (world, _) = ran_with(World::without(Quirk::WorkflowOutputsStayLocal));
    assert!(
        world
            .path("ds/infra/workflows-evaluated/workflow-w.yaml")
            .exists()
    );
    assert!(
        !world
            .path("a/.swamp/workflows-evaluated/workflow-w.yaml")
            .exists()
    );
}

#[test]
fn a_run_has_a_fault() {
    let world = World::with_two_repositories().with_fault(Fault::WorkflowDataUnnamespaced);
    let (world, _) = ran_with(world);
    assert!(
        world
            .path("ds/workflow-runs/78297a20-39d3-4a89-ab94-3a286c4141f3")
            .is_dir()
    );
    assert!(!world.tree("ds/data").is_empty());
}

#[test]
fn allowed_failures_and_conditions_decide_what_runs() {
    let world = two_namespaces(World::with_two_repositories());
    workflow(&world, &["exit 3", "echo no"]);
    let path = world.path("a/workflows/workflow-any.yaml");
    let text = fs::read_to_string(&path).expect("the workflow");
    let allowed = text.replacen(
        "dependsOn: []",
        "dependsOn: []\n        allowFailure: true",
        1,
    );
    fs::write(&path, allowed).expect("the workflow");
    let done = run(&world, &["--json"]).json();
    let steps = &done["jobs"][0]["steps"];
    assert_eq!(steps[0]["allowedFailure"], true);
    assert_eq!(
        (&steps[1]["status"], &done["status"]),
        (&json!("skipped"), &json!("succeeded"))
    );
    assert!(
        run(&world, &[])
            .out
            .contains("  build │ skipped (dependency)\n")
    );

    fs::write(&path, text.replace("job: build", "job: ship")).expect("the workflow");
    let ran = run(&world, &["--json"]);
    assert_eq!(
        (ran.code, ran.json()["status"].as_str()),
        (1, Some("failed"))
    );
    let cycle = "Workflow execution failed: Cyclic dependency detected: ship -> ship";
    assert_eq!(ran.error(), cycle);
    let checked = world.run("a", &["workflow", "validate", "w"]);
    assert!(
        checked.out.ends_with("failed\nResult: FAILED\n"),
        "{}",
        checked.out
    );
    let all = world.run("a", &["workflow", "validate", "--json"]).json();
    assert_eq!(
        (&all["totalFailed"], &all["passed"]),
        (&json!(1), &json!(false))
    );
}
