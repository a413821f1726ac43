//! The ways to name data: by options, by a workflow, by a run of it.

use serde_json::Value;
use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s113_ways_to_name_data,
];

/// Data is shown and listed by the model and the name as options, by the workflow that made it, and by
/// the run of it, and deleted by the model and the name; what a neighbour has of the same model and
/// workflow is not.
///
/// Today a run of a workflow stands for the newest data, and `--run latest` for none.
fn s113_ways_to_name_data(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|namespace| {
        let repo = t.team(&ds, namespace, "hello");
        repo.add("pipeline");
        repo
    });
    let run = |repo: &Repo<'_>| repo.ran_workflow("pipeline");
    for (repo, count) in [(&security, 3), (&infra, 2)] {
        for _ in 0..count {
            repo.as_json()
                .run_model("hello", &format!("echo {}", repo.name()))
                .succeeds_quietly();
        }
    }
    let foreign = run(&security);
    let [first, second] = [run(&infra), run(&infra)];
    let of_security = files(&ds, "security");
    t.checkpoint("both have run");
    let data = |words: &[&str]| infra.swamp(&[&["data"], words].concat());
    let data_json = |words: &[&str]| infra.as_json().swamp(&[&["data"], words].concat());
    let named = ["--model", "hello", "--name", "log"];
    let of_workflow = ["--workflow", "pipeline"];

    infra.nothing_changes(&ds, || {
        let shown: Value = data_json(&[&["get"], &named[..]].concat())
            .succeeds_quietly()
            .parsed();
        assert_eq!(shown["content"], "[stdout]\ninfra");
        assert_eq!(shown["version"], 2);
        data(&["get", "hello", "log", "--no-content"]).snapshot_code(0);
        let bare = ["get", "hello", "result", "--no-content"];
        let bare: Value = data_json(&bare).succeeds_quietly().parsed();
        assert_eq!(bare.get("content"), None);
        let versions: Value = data_json(&[&["versions"], &named[..]].concat())
            .succeeds_quietly()
            .parsed();
        assert_eq!(versions["total"], 2);
        let logs = data_json(&["list", "--model", "hello", "--type", "file"]);
        assert!(logs.succeeds_quietly().lists(&["log 2"]));
        data(&["list", "hello", "--type", "nosuch"]).snapshot_code(0);

        data(&[&["get", "log"], &of_workflow[..]].concat()).snapshot_code(0);
        let of_run =
            |run: &str| data_json(&[&["get", "log"], &of_workflow[..], &["--run", run]].concat());
        let of_first: Value = of_run(&first).snapshot_code(0).parsed();
        t.planned(
            of_first["tags"]["workflowRunId"] == first.as_str(),
            Deviation {
                id: "workflow-list-shows-latest",
                plan: "data of a run of a workflow is what that run made",
                today: "it is the newest data of that name, whichever run made it",
                severity: Severity::WrongAnswer,
            },
        );
        of_run(&foreign).snapshot_code(1);
        let latest = of_run("latest").snapshot();
        let latest = latest.document().unwrap_or_default();
        t.planned(
            latest["tags"]["workflowRunId"] == second.as_str(),
            Deviation {
                id: "run-latest-not-found",
                plan: "`--run latest`, the example of the help, is the latest run",
                today: "no run is called so",
                severity: Severity::WrongAnswer,
            },
        );
        data(&["get", "--workflow", "pipeline"]).snapshot_code(1);
        let listed: Value = data_json(&[&["list"], &of_workflow[..], &["--run", &first]].concat())
            .succeeds_quietly()
            .parsed();
        assert_eq!(listed["runId"], first.as_str());
        assert_eq!(listed["total"], 6, "{listed:#}");
        data(&[&["list"], &of_workflow[..], &["--run", &foreign]].concat()).snapshot_code(1);
    });
    let delete = [&["delete"], &named[..], &["--version", "1"]].concat();
    data(&delete).snapshot_code(1);
    data(&[&delete[..], &["--yes"]].concat()).snapshot_code(0);
    assert_eq!(files(&ds, "security"), of_security);
    t.checkpoint("one is deleted");
}
