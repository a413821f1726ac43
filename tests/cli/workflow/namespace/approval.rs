//! Runs that wait for a person, and what becomes of them in a namespace.

use serde_json::Value;
use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s104_suspended_run,
    s105_suspended_run_elsewhere on s3,
];

/// The step of the fixture `gated` that waits for a person.
const GATE: [&str; 2] = ["gated", "gate"];

/// Runs the workflow of the fixture `gated` up to where it waits, and gives the id of the run.
fn wait(repo: &Repo<'_>) -> String {
    let ran = repo.as_json().workflow_run("gated").succeeds();
    waits(&ran.parsed_among_notes())
}

/// The id of a run, which waits for a person.
fn waits(run: &Value) -> String {
    assert_eq!(run["status"], "suspended");
    run["id"].as_str().expect("a run has an id").to_owned()
}

/// The ids of the runs that wait for a person.
fn waiting(repo: &Repo<'_>) -> Vec<Value> {
    let said = repo.as_json().workflow_approvals().succeeds_quietly();
    ids(&said.parsed())
}

fn ids(approvals: &Value) -> Vec<Value> {
    let rows = approvals["approvals"].as_array().into_iter().flatten();
    rows.map(|row| row["runId"].clone()).collect()
}

/// What the last run printed, in all, and in the order of its steps.
fn printed(repo: &Repo<'_>) -> Vec<String> {
    let words = ["workflow", "history", "logs", "gated"];
    let log: Value = repo.as_json().swamp(&words).succeeds_quietly().parsed();
    let lines = log["lines"].as_array().into_iter().flatten();
    let lines = lines.filter_map(|line| line.as_str()?.split_once("execute: "));
    lines.map(|(_, printed)| printed.to_owned()).collect()
}

/// What the fixture `gated` prints, when each of its steps finds what the one before has written.
const PRINTED: [&str; 3] = [
    "prepared",
    "gated shipped what is prepared",
    "told of gated shipped what is prepared",
];

/// The status of each run, the newest first.
fn statuses(repo: &Repo<'_>) -> Vec<Value> {
    let said = repo
        .as_json()
        .swamp(&["workflow", "run", "search"])
        .succeeds_quietly();
    let said: Value = said.parsed();
    let rows = said["results"].as_array().into_iter().flatten();
    rows.map(|row| row["status"].clone()).collect()
}

/// A run that waits for a person is found, approved and resumed, and another one is rejected; what is
/// asked is asked with the inputs of each run, and each step finds what the one before has written. A
/// neighbour's run of the same workflow is not found, and stays as it is, though all is called from
/// the neighbour's repo.
fn s104_suspended_run(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "gated"));
    let foreign = wait(&security);
    let untouched = files(&ds, "security");
    let infra = infra.called_from(&security);
    infra.workflow_run("gated").snapshot_code(0);
    t.checkpoint("both wait");

    infra.nothing_changes(&ds, || {
        infra.workflow_approvals().snapshot_code(0);
        infra.as_json().workflow_approvals().snapshot_code(0);
        infra.workflow_resume("gated", &[]).snapshot_code(1);
        let refused = infra.workflow_approve(["gated", "prepare"], &[]).snapshot();
        t.planned(
            refused.refuses(&["prepare", "is not awaiting approval"]),
            Deviation {
                id: "refused-decision-crashes",
                plan: "to decide about a step that does not wait is refused in words",
                today: "it is a crash, with a stack trace of swamp's source",
                severity: Severity::Crash,
            },
        );
        let refused = infra
            .workflow_approve(GATE, &["--run", &foreign])
            .fails_with_any_code();
        refused.assert_error_says(&foreign);
    });

    infra.workflow_approve(GATE, &[]).snapshot_code(0);
    t.checkpoint("approved");
    infra
        .workflow_resume("gated", &["--timeout", "1m"])
        .snapshot_code(0);
    assert_eq!(printed(&infra), PRINTED);
    t.checkpoint("resumed");

    let json = infra.as_json();
    let second: Value = json.workflow_run("gated").snapshot_rows(0).parsed();
    let that = [
        "workflow",
        "run",
        "gated",
        "--input",
        "what=that",
        "--skip-reports",
    ];
    let third = waits(&json.swamp(&that).succeeds().parsed_among_notes());
    let asked: Value = json.workflow_approvals().succeeds_quietly().parsed();
    let prompts = asked["approvals"].as_array().into_iter().flatten();
    let prompts: Vec<_> = prompts.map(|it| &it["prompt"]).collect();
    assert_eq!(prompts, ["Ship that?", "Ship it?"]);
    json.workflow_reject(GATE, &["--reason", "not today", "--run", &waits(&second)])
        .snapshot_code(0);
    json.workflow_approve(GATE, &["--reason", "go", "--run", &third])
        .snapshot_code(0);
    let run: Value = json
        .workflow_resume("gated", &["--run", &third])
        .snapshot_rows(1)
        .parsed();
    assert_eq!(run["id"], third.as_str());
    assert_eq!(run["status"], "succeeded");
    infra.workflow_approvals().snapshot_code(0);
    infra.workflow_resume("gated", &[]).snapshot_code(1);
    assert_eq!(statuses(&infra), ["succeeded", "failed", "succeeded"]);
    json.swamp(&["workflow", "run", "search", "--status", "failed"])
        .snapshot_code(0);
    t.checkpoint("all decided");

    assert_eq!(waiting(&security), [foreign.as_str()]);
    assert_eq!(files(&ds, "security"), untouched);
}

/// A run that waits on one machine is found, approved and resumed on another one, through the
/// bucket, and nowhere waits any more; a neighbour's is not found.
///
/// Today the other machine does not find it, and what it decides is not known elsewhere until the
/// run goes on.
fn s105_suspended_run_elsewhere(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "gated"));
    wait(&security);
    security.as_json().sync(Sync::Push).succeeds();
    let run = wait(&infra);
    let untouched = files(&ds, "security");

    let reader = infra.on_another_machine("reader");
    reader.as_json().sync(Sync::Pull).succeeds();
    let found = || reader.as_json().workflow_approvals().snapshot_code(0);
    let runs = |said: &Output| ids(&said.parsed());
    t.planned(
        runs(&found()) == [run.as_str()],
        Deviation {
            id: "workflow-record-stays-running",
            plan: "a run that waits does so in the bucket, too",
            today: "there it is running, until something else is pushed",
            severity: Severity::WrongAnswer,
        },
    );
    infra.as_json().sync(Sync::Push).succeeds();
    reader.as_json().sync(Sync::Pull).succeeds();
    t.checkpoint("waits in the bucket");
    t.planned(
        runs(&found()) == [run.as_str()],
        Deviation {
            id: "approvals-go-by-old-index",
            plan: "workflow approvals finds a run that waits, as soon as its record is pulled",
            today: "where an earlier record of the run was pulled and asked about, it is not found: \
                    an index of the repo still says that it runs",
            severity: Severity::WrongAnswer,
        },
    );

    reader
        .workflow_approve(GATE, &["--run", &run])
        .snapshot_code(0);
    assert_eq!(waiting(&infra), [run.as_str()]);
    infra.as_json().sync(Sync::Pull).succeeds();
    t.planned(
        waiting(&infra).is_empty() && statuses(&infra) == ["suspended"],
        Deviation {
            id: "decision-stays-local",
            plan: "what was decided on one machine is known on another one that pulls",
            today: "it stays on that machine until something else is pushed: until then the run can \
                    be rejected elsewhere",
            severity: Severity::WrongAnswer,
        },
    );
    t.checkpoint("approved elsewhere");
    let ran = reader.as_json().workflow_resume("gated", &[]).succeeds();
    let ran: Value = ran.parsed_among_notes();
    assert_eq!([&ran["id"], &ran["status"]], [run.as_str(), "succeeded"]);
    reader.as_json().sync(Sync::Push).succeeds();
    t.checkpoint("resumed elsewhere");

    infra.as_json().sync(Sync::Pull).succeeds();
    assert_eq!(waiting(&infra), [] as [Value; 0]);
    infra
        .swamp(&["workflow", "approve", "gated", "gate", "--run", &run])
        .snapshot_code(1);
    assert_eq!(files(&ds, "security"), untouched);
}
