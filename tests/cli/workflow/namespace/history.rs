//! The runs of workflows, as a repo in a namespace finds and shows them.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s101_workflow_history,
];

/// The runs of workflows are found and shown, by the id of a run and by the workflow; those of a
/// neighbour that has the same workflow are not.
fn s101_workflow_history(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "pipeline"));
    let [foreign, first, second] =
        [&security, &infra, &infra].map(|repo| repo.ran_workflow("pipeline"));
    t.checkpoint("both have run");
    let workflow = |words: &[&str]| infra.swamp(&[&["workflow"], words].concat());
    let found = |words: &[&str]| -> Vec<Value> {
        let said = infra.as_json().swamp(&[&["workflow"], words].concat());
        let found: Value = said.succeeds_quietly().parsed();
        let rows = found["results"].as_array().into_iter().flatten();
        rows.map(|row| row["runId"].clone()).collect()
    };

    infra.nothing_changes(&ds, || {
        workflow(&["run", "search", "pipe", "--limit", "1"]).snapshot_code(0);
        let both = [second.as_str(), first.as_str()];
        assert_eq!(found(&["run", "search"]), both);
        assert_eq!(found(&["history", "search", "pipe"]), both);
        assert_eq!(
            found(&["run", "search", "--status", "succeeded", "--since", "1d"]),
            both
        );
        assert_eq!(found(&["run", "search", "--workflow", "pipeline"]), both);
        assert!(found(&["run", "search", "--status", "failed"]).is_empty());
        assert!(found(&["history", "search", &foreign]).is_empty());
        infra
            .as_json()
            .swamp(&["workflow", "history", "search", "pipe"])
            .snapshot_code(0);
        workflow(&["run", "search", "--since", "yesterday"]).snapshot_code(1);

        workflow(&["history", "get", &second]).snapshot_code(0);
        let json = infra.as_json();
        let newest: Value = json
            .swamp(&["workflow", "history", "get", "pipeline"])
            .snapshot_rows(1)
            .parsed();
        assert_eq!(newest["id"], second.as_str());
        workflow(&["history", "get", &foreign]).snapshot_code(1);
        workflow(&["history", "logs", "pipeline", "--tail", "2"]).snapshot_code(0);
        json.swamp(&["workflow", "history", "logs", &first])
            .snapshot_code(0);
        workflow(&["history", "logs", &foreign]).snapshot_code(1);
    });
}
