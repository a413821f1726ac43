//! The runs of methods, as a repo in a namespace finds and shows them.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s98_outputs,
    s99_outputs_from_a_bucket on s3,
];

/// Runs the model of the fixture `hello`, and gives the id of the run.
fn run(repo: &Repo<'_>, command: &str) -> String {
    let ran = repo.as_json().run_model("hello", command).succeeds();
    // Behind its reply a datastore in a bucket may have said something else.
    let mut lines = ran.stdout.lines();
    let id = lines.find_map(|line| line.strip_prefix("  \"outputId\": \"")?.strip_suffix("\","));
    id.expect("a run has an id").to_owned()
}

/// The records of runs are found and shown, by the id of a run and by its model, with what each run
/// wrote and logged; those of a neighbour that has the same model are not, though all is called from
/// the neighbour's repo.
fn s98_outputs(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "hello"));
    let foreign = run(&security, "echo security");
    let first = run(&infra, "echo one; echo '{\"line\":1}'");
    let second = run(&infra, "echo two");
    t.checkpoint("all have run");
    let infra = infra.called_from(&security);
    let model = |words: &[&str]| infra.swamp(&[&["model"], words].concat());
    let model_json = |words: &[&str]| infra.as_json().swamp(&[&["model"], words].concat());

    infra.nothing_changes(&ds, || {
        let newest = model_json(&["output", "hello"]).snapshot_code(0);
        assert_eq!(newest.parsed::<Value>()["id"], second.as_str());
        let shown = model_json(&["output", "get", &first]).snapshot_code(0);
        let told = model_json(&["method", "history", "get", &first]).succeeds_quietly();
        for found in [shown.parsed::<Value>(), told.parsed()] {
            assert_eq!(found["id"], first.as_str());
        }
        model(&["output", "search", "HELLO"]).snapshot_code(0);
        let found: Value = model_json(&["method", "history", "search"])
            .snapshot_code(0)
            .parsed();
        assert_eq!(
            found["results"].as_array().map(Vec::len),
            Some(2),
            "{found:#}"
        );
        model(&["output", "get", &foreign]).snapshot_code(1);
        model_json(&["output", "get", "nosuch"]).snapshot_code(1);

        model(&["output", "data", &first, "--name", "log"]).snapshot_code(0);
        model_json(&["output", "data", &second, "--field", "stdout"]).snapshot_code(0);
        model(&["output", "data", &second, "--name", "log", "--version", "1"]).snapshot_code(0);
        model(&["output", "data", &second, "--name", "nosuch"]).snapshot_code(1);
        model(&["output", "data", &foreign]).snapshot_code(1);
        model(&["method", "history", "logs", "hello"]).snapshot_code(0);
        model_json(&["method", "history", "logs", &first, "--tail", "1"]).snapshot_code(0);
        model(&["method", "history", "logs", &foreign]).snapshot_code(1);
        let logs = model(&["output", "logs", &second, "--tail", "1"]).snapshot();
        t.planned(
            logs.code == 0 && logs.stdout.contains("two"),
            Deviation {
                id: "output-logs-miss-shell-logs",
                plan: "model output logs shows what the run has written as its log",
                today: "it finds none where a shell model ran, whose log is tagged as a file",
                severity: Severity::WrongAnswer,
            },
        );
    });

    let failed = infra.run_model("hello", "echo three; exit 3").fails(1);
    failed.assert_error_says("Command exited with code 3");
}

/// Another machine finds the runs that lie in the bucket, and what they wrote, but for their logs.
fn s99_outputs_from_a_bucket(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "hello"));
    run(&security, "echo security");
    let first = run(&infra, "echo one");
    t.checkpoint("all have run");

    let reader = infra.on_another_machine("reader");
    reader.as_json().sync(Sync::Pull).succeeds();
    let model = |words: &[&str]| reader.swamp(&[&["model"], words].concat());
    model(&["output", "search"]).snapshot_code(0);
    model(&["output", "data", &first, "--field", "stdout"]).snapshot_code(0);
    model(&["method", "history", "get", "hello"]).snapshot_code(0);
    model(&["method", "history", "logs", "hello"]).snapshot_code(0);
    t.checkpoint("looked at from elsewhere");
}
