//! Phase F, beyond the plan: what commands print with `--json` while a scene is set. Elsewhere these
//! documents are held against their form, and not shown.

use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on all;
    s86_documents_of_a_datastore,
    s87_documents_of_a_repo on filesystem,
];

/// What a repo says in JSON when it gets a datastore in a namespace, runs a model, lists versions and
/// compacts: each document once, whole.
fn s86_documents_of_a_datastore(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo("infra").as_json();
    repo.set_up_datastore_as(&ds, "infra").snapshot_code(0);
    repo.add("hello");
    repo.run_model("hello", "echo hi").snapshot_code(0);
    repo.data_versions("hello", "log").snapshot_code(0);
    repo.datastore_compact().snapshot_code(0);
    t.checkpoint("with data");
}

/// What a repo on one machine says in JSON when it is made, gets a datastore and a vault with a secret,
/// and runs a workflow: each document once, whole.
fn s87_documents_of_a_repo(t: &Trial) {
    let ds = t.store("ds");
    let repo = t.repo_shown("infra").as_json();
    repo.set_up_datastore(&ds).snapshot_code(0);
    repo.swamp(&["vault", "create", "local_encryption", "v"])
        .snapshot_code(0);
    repo.swamp(&["vault", "put", "v", "K", "s3cret"])
        .snapshot_code(0);
    repo.namespace_set("infra").succeeds_quietly();
    repo.add("pipeline");
    repo.workflow_run("pipeline").snapshot_rows(1);
    t.checkpoint("with a vault and a workflow that has run");
}
