//! What a run is given on its command line: inputs, tags, and what was evaluated before.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s112_inputs_and_tags_of_runs,
];

/// Runs take their inputs from a file and from JSON, or run what was evaluated before; data and runs
/// of workflows are found by the tags that they were given, in the own namespace alone.
///
/// Today the record of a run of what was evaluated before names another definition.
fn s112_inputs_and_tags_of_runs(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|namespace| {
        let repo = t.team(&ds, namespace, "hello");
        repo.add("pipeline");
        repo
    });
    let words = ["model", "method", "run", "hello", "execute"];
    let run = |repo: &Repo<'_>, options: &[&str]| -> Value {
        let ran = repo.as_json().swamp(&[&words, options].concat());
        ran.succeeds_quietly().parsed()
    };
    let printed = |ran: &Value| ran["dataArtifacts"][0]["attributes"]["stdout"].clone();
    // Whatever keeps it from making a report: with one, it would say so.
    let none = ["--skip-reports"];
    let no_report = ["--skip-report", "@swamp/method-summary"];
    let no_summary = ["--skip-report-label", "summary"];
    let other_report = ["--report", "@swamp/other"];
    let other_label = ["--report-label", "other"];
    let given = ["--input", "run=echo security", "--tag", "team=blue"];
    run(&security, &[&given[..], &none].concat());
    let foreign = files(&ds, "security");
    infra.write("inputs.yaml", "run: echo from a file\n");
    infra.write("inputs.json", "{\"run\": \"echo from stdin\"}\n");
    t.checkpoint("security has run");

    for refused in [
        ["--input-file", "nosuch.yaml"],
        ["--tag", "blue"],
        ["--timeout", "soon"],
        ["--input", "nothing"],
    ] {
        infra
            .as_json()
            .swamp(&[&words[..], &none, &refused].concat())
            .snapshot_code(1);
    }
    infra
        .as_json()
        .swamp(&[&words[..], &none, &["--last-evaluated"]].concat())
        .snapshot_code(1);
    let tagged = [
        "--input-file",
        "inputs.yaml",
        "--tag",
        "team=blue",
        "--timeout",
        "1m",
    ];
    let tagged = [&tagged[..], &no_report].concat();
    assert_eq!(printed(&run(&infra, &tagged)), "from a file");
    let of_json = ["--input", r#"{"run":"echo from JSON"}"#];
    let of_json = run(&infra, &[of_json, no_summary].concat());
    assert_eq!(printed(&of_json), "from JSON");
    let piped = infra
        .given("inputs.json")
        .swamp(&[&words[..], &["--stdin"], &other_report].concat())
        .succeeds_quietly();
    assert!(piped.stdout.contains("from stdin\n"), "{}", piped.stdout);
    let model = "models/command/shell/hello.yaml";
    let given = "methods: {execute: {arguments: {run: echo one}}}";
    infra.edit(model, ["methods: {}", given]);
    let one = run(&infra, &other_label);
    assert_eq!(printed(&one), "one");
    infra.edit(model, ["echo one", "echo two"]);
    let once_more = run(&infra, &[&none[..], &["--last-evaluated"]].concat());
    assert_eq!(printed(&once_more), "one");
    assert_eq!(printed(&run(&infra, &none)), "two");
    let definition = |ran: &Value| -> Value {
        let id = ran["outputId"].as_str().unwrap_or_default();
        let record = infra.as_json().swamp(&["model", "output", "get", id]);
        let record: Value = record.succeeds_quietly().parsed();
        record["provenance"]["definitionHash"].clone()
    };
    t.planned(
        definition(&once_more) == definition(&one),
        Deviation {
            id: "last-evaluated-names-another",
            plan: "the record of a run names the definition that ran",
            today: "with `--last-evaluated` it names the one that is in the repo now",
            severity: Severity::WrongAnswer,
        },
    );
    let by_tag = infra
        .as_json()
        .data_query(r#"tags.team == "blue" && version > 0"#);
    assert!(
        by_tag
            .in_no_order()
            .snapshot_rows(0)
            .finds(&["infra hello log 1", "infra hello result 1"])
    );

    let workflow = |name: &str, options: &[&str]| {
        let words = ["workflow", "run", name];
        infra.as_json().swamp(&[&words, options].concat())
    };
    infra.add("generated");
    infra.write("who.json", "{\"who\": \"somebody\"}\n");
    infra.write("who.yaml", "who: me\n");
    let given = [
        "--input-file",
        "who.yaml",
        "--input",
        "why=now",
        "--tag",
        "team=red",
        "--report-label",
        "other",
    ];
    let ran: Value = workflow("generated", &given).snapshot_code(0).parsed();
    let words = ["workflow", "run", "pipeline", "--stdin"];
    let piped = infra.as_json().given("who.json");
    let piped = piped.swamp(&[&words[..], &other_report].concat());
    let piped: Value = piped.succeeds_quietly().parsed();
    infra.edit(
        "workflows/workflow-pipeline.yaml",
        ["echo one", "echo other"],
    );
    let again = ["--last-evaluated", "--timeout", "1m"];
    let no_attestation = ["--skip-report-label", "attestation"];
    let again = [&again[..], &no_summary, &no_attestation].concat();
    workflow("pipeline", &again).succeeds_quietly();
    let said = infra
        .as_json()
        .data_query(r#"stepName == "one" && name == "result" && version > 3"#);
    let said: Value = said.succeeds_quietly().parsed();
    assert_eq!(said["results"][0]["content"]["stdout"], "one", "{said:#}");
    let found = |options: &[&str]| {
        let words = ["workflow", "run", "search"];
        infra.as_json().swamp(&[&words, options].concat())
    };
    infra.nothing_changes(&ds, || {
        let by_tag: Value = found(&["--tag", "team=red"]).snapshot_code(0).parsed();
        assert_eq!(by_tag["results"][0]["runId"], ran["id"]);
        let by_input: Value = found(&["--input", "who=me"]).succeeds_quietly().parsed();
        assert_eq!(by_input, by_tag);
        let words = ["workflow", "history", "search", "--input", "who=somebody"];
        let by_stdin = infra.as_json().swamp(&words).succeeds_quietly();
        let by_stdin: Value = by_stdin.parsed();
        assert_eq!(by_stdin["results"].as_array().map(Vec::len), Some(1));
        assert_eq!(by_stdin["results"][0]["runId"], piped["id"]);
        let none: Value = found(&["--tag", "team=blue"]).succeeds_quietly().parsed();
        assert_eq!(none["results"], json!([]));
    });
    assert_eq!(files(&ds, "security"), foreign);
    t.checkpoint("infra has run");
}
