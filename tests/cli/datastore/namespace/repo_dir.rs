//! Commands that are called from another directory than that of the repo.

use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s102_repo_dir,
];

/// With `--repo-dir`, commands that are called from elsewhere do to a repo in a namespace what they do
/// when they are called in it: nothing comes to lie where they were called, or in another namespace.
fn s102_repo_dir(t: &Trial) {
    let ds = t.store("ds");
    let security = t.team(&ds, "security", "hello");
    security
        .as_json()
        .run_model("hello", "echo hi")
        .succeeds_quietly();
    let foreign = files(&ds, "security");
    let elsewhere = t.directory("elsewhere");
    let infra = t.repo("infra");
    infra.add("hello");
    infra.add("pipeline");
    t.checkpoint("security has run");

    let people = infra.called_from(&elsewhere);
    let from = people.as_json();
    from.set_up_datastore(&ds).succeeds_quietly();
    from.namespace_set("infra").succeeds_quietly();
    from.run_model("hello", "echo hi").succeeds_quietly();
    people.workflow_validate("pipeline").snapshot_code(0);
    from.workflow_run("pipeline").succeeds_quietly();
    from.model_evaluate("hello").snapshot_code(0);
    people.data_get("hello", "log").snapshot_code(0);
    for words in [
        ["data", "list", "hello"].as_slice(),
        &["data", "query", "name == \"log\""],
        &["data", "search"],
        &["data", "versions", "hello", "log"],
        &["model", "create", "command/shell", "fresh"],
        &["model", "get", "hello"],
        &["model", "search"],
        &["model", "output", "hello"],
        &["model", "output", "get", "hello"],
        &["model", "output", "search"],
        &["model", "method", "history", "get", "hello"],
        &["model", "method", "history", "logs", "hello"],
        &["model", "method", "history", "search"],
        &["model", "delete", "fresh"],
        &["workflow", "history", "get", "pipeline"],
        &["workflow", "history", "logs", "pipeline"],
        &["workflow", "history", "search"],
        &["workflow", "run", "search"],
        &["datastore", "lock", "status"],
        &["datastore", "namespace", "list"],
        &["data", "rename", "hello", "log", "held"],
        &["data", "delete", "hello", "held"],
        &["data", "gc", "--force"],
        &["data", "prune", "--force"],
        &["datastore", "compact"],
    ] {
        from.swamp(words).succeeds_quietly();
    }
    people.swamp(&["doctor", "datastores"]).snapshot_code(0);
    from.namespace_unset(Unset::default()).snapshot_code(1);
    from.catalog_pull(&["security"]).snapshot_code(1);
    t.checkpoint("used from elsewhere");
    assert_eq!(files(&ds, "security"), foreign);
    assert!(elsewhere.is_empty());
}
