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
    let words = [
        "model",
        "method",
        "run",
        "hello",
        "execute",
        "--skip-reports",
    ];
    let run = |repo: &Repo<'_>, options: &[&str]| -> Value {
        let ran = repo.as_json().swamp(&[&words, options].concat());
        ran.succeeds_quietly().parsed()
    };
    let printed = |ran: &Value| ran["dataArtifacts"][0]["attributes"]["stdout"].clone();
    run(
        &security,
        &["--input", "run=echo security", "--tag", "team=blue"],
    );
    let foreign = files(&ds, "security");
    infra.write("inputs.yaml", "run: echo from a file\n");
    t.checkpoint("security has run");

    for refused in [
        ["--input-file", "nosuch.yaml"],
        ["--tag", "blue"],
        ["--timeout", "soon"],
        ["--input", "nothing"],
    ] {
        infra
            .as_json()
            .swamp(&[&words[..], &refused].concat())
            .snapshot_code(1);
    }
    infra
        .as_json()
        .swamp(&[&words[..], &["--last-evaluated"]].concat())
        .snapshot_code(1);
    let tagged = [
        "--input-file",
        "inputs.yaml",
        "--tag",
        "team=blue",
        "--timeout",
        "1m",
    ];
    assert_eq!(printed(&run(&infra, &tagged)), "from a file");
    let of_json = run(&infra, &["--input", r#"{"run":"echo from JSON"}"#]);
    assert_eq!(printed(&of_json), "from JSON");
    let model = "models/command/shell/hello.yaml";
    // What only quotes an expression is none.
    let given = "methods: {execute: {arguments: {run: 'echo one # ${{ env.* }}'}}}";
    infra.edit(model, ["methods: {}", given]);
    let one = run(&infra, &[]);
    assert_eq!(printed(&one), "one");
    infra.edit(model, ["echo one", "echo two"]);
    let once_more = run(&infra, &["--last-evaluated"]);
    assert_eq!(printed(&once_more), "one");
    assert_eq!(printed(&run(&infra, &[])), "two");
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
        let words = ["workflow", "run", name, "--skip-reports"];
        infra.as_json().swamp(&[&words, options].concat())
    };
    infra.add("generated");
    infra.write("who.yaml", "who: me\n");
    let given = [
        "--input-file",
        "who.yaml",
        "--input",
        "why=@team/now",
        "--tag",
        "team=red",
    ];
    let ran: Value = workflow("generated", &given).snapshot_rows(1).parsed();
    workflow("pipeline", &[]).succeeds_quietly();
    infra.edit(
        "workflows/workflow-pipeline.yaml",
        ["echo one", "echo other"],
    );
    workflow("pipeline", &["--last-evaluated", "--timeout", "1m"]).succeeds_quietly();
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
        let none: Value = found(&["--tag", "team=blue"]).succeeds_quietly().parsed();
        assert_eq!(none["results"], json!([]));
    });
    assert_eq!(files(&ds, "security"), foreign);
    t.checkpoint("infra has run");
}
