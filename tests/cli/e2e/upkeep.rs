//! What a team does now and then: it looks at what was done, asks the doctors, and removes old records.

use serde_json::Value;
use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on s3;
    s115_upkeep,
];

/// The keys of records of runs in the namespace `infra`.
fn records(ds: &Store) -> Vec<String> {
    let keys = files(ds, "infra").into_keys();
    keys.filter(|key| {
        ["/outputs/", "/workflow-runs/"]
            .iter()
            .any(|dir| key.contains(dir))
    })
    .collect()
}

/// What was done is summed up, workflows, secrets and vaults are in order, and old records of runs are
/// removed, as are those of a workflow that is deleted: in the own namespace alone, and in the bucket too,
/// though all is called from a neighbour's repo.
///
/// Today those of a workflow that is deleted stay in the bucket.
fn s115_upkeep(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "pipeline"));
    for repo in [&security, &infra] {
        repo.as_json().workflow_run("pipeline").succeeds();
        repo.as_json().run_model("worker", "echo hi").succeeds();
        repo.as_json().sync(Sync::Push).succeeds();
    }
    let foreign = files(&ds, "security");
    t.checkpoint("both have run");
    let infra = infra.called_from(&security);
    let json = infra.as_json();

    let since = ["summarise", "--since", "1h", "--limit", "1"];
    infra.swamp(&since).snapshot_code(0);
    json.swamp(&["doctor", "workflows"]).snapshot_code(0);
    json.swamp(&["doctor", "vaults"]).snapshot_code(0);
    json.swamp(&["doctor", "secrets"]).snapshot_code(0);
    json.swamp(&["run", "gc", "--dry-run"]).snapshot_code(0);
    let all = ["run", "gc", "--older-than", "0m"];
    infra.swamp(&all).fails(1);
    let removed: Value = json.swamp(&all).succeeds().parsed();
    let counts = ["workflowRunsDeleted", "outputsDeleted"].map(|count| &removed[count]);
    assert_eq!(counts, [1, 1]);
    t.checkpoint("old records are removed");
    assert!(records(&ds).is_empty(), "{:#?}", records(&ds));

    json.workflow_run("pipeline").succeeds();
    json.sync(Sync::Push).succeeds();
    assert_eq!(records(&ds).len(), 1);
    json.swamp(&["workflow", "delete", "pipeline"])
        .snapshot_code(0);
    json.sync(Sync::Push).succeeds();
    t.checkpoint("pipeline is deleted");
    t.planned(
        records(&ds).is_empty(),
        Deviation {
            id: "workflow-delete-stays-in-bucket",
            plan: "what workflow delete removes is gone from the bucket, too",
            today: "records of its runs stay there",
            severity: Severity::WrongAnswer,
        },
    );
    assert_eq!(files(&ds, "security"), foreign);
}
