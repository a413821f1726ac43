//! What is done in a solo repo, and in its twin in a namespace beside a neighbour.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s116_twins_with_data,
    s117_twins_with_workflows,
];

/// A solo repo and its twin in a namespace say the same, and change the same places of the datastore,
/// whatever they do with models and data; what a neighbour has of the same models stays as it is.
///
/// Today `summarise` counts versions that are gone.
fn s116_twins_with_data(t: &Trial) {
    let twins = t.twins(|security| {
        security.add("hello");
        let run = security.as_json().run_model("hello", "echo security");
        run.succeeds();
    });
    twins.each(|repo| repo.add("hello"));
    t.checkpoint("the neighbour has run");

    for command in ["echo one", "echo two"] {
        twins.alike(|repo| repo.as_json().run_model("hello", command));
    }
    twins.checkpoint("both have run twice");
    twins.shown(|repo| repo.data_list("hello"));
    twins.shown(|repo| repo.data_query("name == \"log\""));
    for words in [
        ["data", "list", "hello"].as_slice(),
        &["data", "versions", "hello", "log"],
        &["data", "query", "version > 0"],
        &["data", "search"],
        &["model", "get", "hello"],
        &["model", "search"],
        &["model", "evaluate", "hello"],
        &["model", "output", "hello"],
        &["model", "output", "search"],
        &["model", "method", "history", "search"],
        &["model", "method", "history", "logs", "hello"],
        &["datastore", "lock", "status"],
    ] {
        twins.alike(|repo| repo.as_json().swamp(words));
    }
    twins.checkpoint("looked at");

    twins.alike(|repo| repo.as_json().data_rename("hello", ["log", "kept"]));
    twins.checkpoint("renamed");
    twins.alike(|repo| {
        repo.as_json()
            .data_delete("hello", &["result", "--version", "1"])
    });
    twins.alike(|repo| repo.as_json().data_gc(&["--force"]));
    twins.alike(|repo| repo.as_json().datastore_compact());
    twins.checkpoint("a version is deleted");
    twins.shown(|repo| repo.data_query("true"));

    twins.alike(|repo| {
        repo.as_json()
            .swamp(&["model", "create", "command/shell", "fresh"])
    });
    twins.alike(|repo| repo.as_json().run_model("fresh", "echo hi"));
    twins.checkpoint("a model is made, and has run");
    twins.alike(|repo| {
        repo.as_json()
            .swamp(&["model", "delete", "fresh", "--force"])
    });
    twins.checkpoint("it is deleted");
    let summed = twins.shown(|repo| repo.swamp(&["summarise"]));
    t.planned(
        summed.iter().all(|said| {
            said.stdout
                .contains("\nData (2 items, 2 versions, 1 models)\n")
        }),
        Deviation {
            id: "summary-counts-removed-versions",
            plan: "summarise counts the versions that are there",
            today: "it takes the number of the latest version for their count",
            severity: Severity::WrongAnswer,
        },
    );
    twins.each(remove_records);
    twins.checkpoint("old records are removed");
}

/// Removes the records of all runs. Their size is another one each time.
fn remove_records(repo: &Repo<'_>) {
    let gc = repo.as_json().swamp(&["run", "gc", "--older-than", "0m"]);
    let removed: Value = gc.succeeds_quietly().parsed();
    assert!(
        removed["totalBytesReclaimed"].as_u64() > Some(0),
        "{removed:#}"
    );
}

/// A solo repo and its twin in a namespace say the same, and change the same places of the datastore,
/// whatever they do with workflows and secrets; what a neighbour has of the same workflow stays as it is.
fn s117_twins_with_workflows(t: &Trial) {
    let twins = t.twins(|security| {
        security.add("pipeline");
        let run = security.swamp(&["workflow", "run", "pipeline"]);
        run.succeeds_quietly();
    });
    twins.each(|repo| repo.add("pipeline"));
    t.checkpoint("the neighbour has run");

    twins.alike(|repo| repo.as_json().workflow_run("pipeline"));
    twins.checkpoint("both have run");
    for words in [
        ["data", "list", "--workflow", "pipeline"].as_slice(),
        &["data", "search", "--workflow", "pipeline"],
        &["data", "get", "worker", "log"],
        &["workflow", "run", "search"],
        &["workflow", "history", "get", "pipeline"],
        &["workflow", "history", "logs", "pipeline"],
    ] {
        twins.alike(|repo| repo.as_json().swamp(words));
    }
    twins.shown(|repo| repo.workflow_validate("pipeline"));
    twins.shown(|repo| repo.swamp(&["doctor", "datastores"]));
    twins.checkpoint("looked at");
    let said = twins.shown(|repo| {
        repo.as_json()
            .swamp(&["model", "delete", "worker", "--force"])
    });
    for said in &said {
        said.assert_code(1);
    }
    twins.each(|repo| {
        let run = repo.swamp(&["workflow", "run", "pipeline"]);
        run.succeeds_quietly();
    });
    twins.checkpoint("both have reports");
    for words in [
        ["report", "search"].as_slice(),
        &["report", "get", "@swamp/workflow-summary"],
    ] {
        twins.alike(|repo| repo.as_json().swamp(words));
    }
    twins.each(remove_records);
    twins.checkpoint("old records are removed");
    for words in [
        ["workflow", "evaluate", "pipeline"].as_slice(),
        &["workflow", "delete", "pipeline", "--force"],
    ] {
        twins.alike(|repo| repo.as_json().swamp(words));
        twins.checkpoint(words[1]);
    }

    twins.alike(|repo| {
        repo.as_json()
            .swamp(&["vault", "create", "local_encryption", "v"])
    });
    twins.alike(|repo| repo.as_json().swamp(&["vault", "put", "v", "KEY", "value"]));
    twins.alike(|repo| repo.as_json().swamp(&["vault", "read-secret", "v", "KEY"]));
    twins.checkpoint("both have a secret");
}
