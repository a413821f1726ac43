//! Workflows of a repo in a namespace: made, shown, changed, evaluated, removed.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

use crate::cli::e2e::deviations::EDIT_NAMES_OLD_FILE;
use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s109_workflows,
];

/// A workflow that stands for `fresh` under another name, and has what `fresh` has not.
const RENAMED: &str = "\
name: renamed
trigger: {schedule: 0 0 * * *}
inputs: {properties: {who: {type: string, default: me}}}
tags: {}
jobs:
  - name: main
    description: the only job
    steps:
      - name: say
        description: the only step
        task: {type: model_method, modelIdOrName: worker, methodName: execute, inputs: {run: echo hi}}
        dependsOn: []
        weight: 0
        allowFailure: false
    dependsOn: []
    weight: 0
version: 1
";

/// A workflow is made, shown, changed and evaluated in a namespaced repo, and goes with what was
/// evaluated and with the records of its runs. What a neighbour has of the same workflow stays as it is,
/// though all is called from the neighbour's repo.
///
/// Today `workflow run --last-evaluated` does not run what was evaluated last, and `workflow edit` names
/// a file that is gone.
fn s109_workflows(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "pipeline"));
    for repo in [&infra, &security] {
        repo.ran_workflow("pipeline");
    }
    let evaluate = ["workflow", "evaluate", "pipeline"];
    security.swamp(&evaluate).snapshot_code(0);
    let foreign = files(&ds, "security");
    t.checkpoint("both have run");
    let infra = infra.called_from(&security);
    let workflow = |words: &[&str]| infra.swamp(&[&["workflow"], words].concat());
    let workflow_json = |words: &[&str]| infra.as_json().swamp(&[&["workflow"], words].concat());

    infra.nothing_changes(&ds, || {
        workflow(&["create", "fresh"]).snapshot_code(0);
        workflow_json(&["create", "fresh"]).snapshot_code(1);
        workflow(&["get", "pipeline", "--graph"]).snapshot_code(0);
        let checked = infra.workflow_validate("fresh").succeeds_quietly();
        let is_unsure = "Summary: 7 passed, 1 warning(s)\nResult: PASSED\n";
        assert!(checked.stdout.ends_with(is_unsure), "{}", checked.stdout);
        infra.write("renamed.yaml", RENAMED);
        let given = infra.given("renamed.yaml");
        let edited = given.swamp(&["workflow", "edit", "fresh"]).snapshot_code(0);
        t.planned(
            edited.stdout.contains("workflow-renamed.yaml"),
            EDIT_NAMES_OLD_FILE,
        );
        infra
            .with_env("EDITOR", "true")
            .as_json()
            .swamp(&["workflow", "edit", "renamed"])
            .snapshot_code(0);
        workflow(&["get", "renamed"]).snapshot_code(0);
        workflow(&["search", "REN"]).snapshot_code(0);
        // It is called by its own name, and not by that of its file.
        infra.write(
            "workflows/workflow-fresh.yaml",
            &RENAMED.replace(
                "name: renamed",
                "id: 00000000-0000-4000-8000-000000000109\nname: by-hand",
            ),
        );
        workflow_json(&["get", "fresh"]).snapshot_code(1);
        infra.remove("workflows/workflow-fresh.yaml");
    });

    infra.edit(
        "workflows/workflow-pipeline.yaml",
        ["echo one", "echo other"],
    );
    infra.as_json().swamp(&evaluate).snapshot_code(0);
    t.checkpoint("evaluated");
    let words = ["run", "pipeline", "--last-evaluated", "--skip-reports"];
    workflow_json(&words).succeeds_quietly();
    let first_step = r#"stepName == "one" && name == "result" && version > 3"#;
    let said: Value = infra
        .as_json()
        .data_query(first_step)
        .succeeds_quietly()
        .parsed();
    t.planned(
        said["results"][0]["content"]["stdout"] == "other",
        Deviation {
            id: "last-evaluated-is-not-the-last",
            plan: "workflow run --last-evaluated runs what was evaluated last",
            today: "it does not know what workflow evaluate stored in the datastore, and runs what the \
                    last run left in the repo",
            severity: Severity::WrongAnswer,
        },
    );

    workflow(&["delete", "pipeline"]).snapshot_code(1);
    workflow(&["delete", "pipeline", "--yes"]).snapshot_code(0);
    t.checkpoint("pipeline is gone");
    workflow_json(&["evaluate", "--all"]).snapshot_code(0);
    workflow_json(&["delete", "renamed", "--force"]).snapshot_code(0);
    workflow_json(&["delete", "renamed", "--force"]).snapshot_code(1);
    t.checkpoint("renamed is gone");
    let none = |words: &[&str]| {
        let said: Value = workflow_json(words).succeeds_quietly().parsed();
        assert_eq!(said["results"], json!([]));
    };
    none(&["search"]);
    none(&["run", "search"]);
    assert_eq!(files(&ds, "security"), foreign);
}
