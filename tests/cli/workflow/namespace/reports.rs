//! The reports of runs: written beside the data, found and shown in the own namespace.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s114_reports,
];

/// A run of a method or of a workflow writes reports into the own namespace, where they are found and
/// shown. A neighbour's, of the same names, are neither found nor touched, though all is called from
/// the neighbour's repo.
///
/// Today an earlier version of a report is not found.
fn s114_reports(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.team(&ds, name, "pipeline"));
    let run_workflow = ["workflow", "run", "pipeline"];
    let few = [&run_workflow[..], &["--skip-report-label", "verification"]].concat();
    security.swamp(&few).succeeds_quietly();
    let foreign = files(&ds, "security");
    let is_kept = |report: &str| foreign.keys().any(|path| path.contains(report));
    assert!(is_kept("-workflow-summary") && !is_kept("-attestation"));
    t.checkpoint("security has run");
    let infra = infra.called_from(&security);
    let report = |words: &[&str]| infra.swamp(&[&["report"], words].concat());
    let report_json = |words: &[&str]| infra.as_json().swamp(&[&["report"], words].concat());
    let found = |words: &[&str]| -> Vec<String> {
        let said: Value = report_json(words).succeeds_quietly().parsed();
        let rows = said["results"].as_array().into_iter().flatten();
        let mut names: Vec<String> = rows
            .map(|row| format!("{} {}", row["reportName"], row["version"]).replace('"', ""))
            .collect();
        names.sort();
        names
    };

    let method = ["model", "method", "run", "worker", "execute"];
    let only = [
        "--report-label",
        "summary",
        "--skip-report-label",
        "attestation",
    ];
    let once = [&method[..], &["--input", "run=echo once"], &only].concat();
    infra.swamp(&once).succeeds_quietly();
    t.checkpoint("a method has run");
    infra.swamp(&run_workflow).succeeds_quietly();
    t.checkpoint("a workflow has run");

    infra.nothing_changes(&ds, || {
        report(&["search", "SUMMARY"]).snapshot_code(0);
        let attestation = "@swamp/verification-attestation";
        let workflow_summary = "@swamp/workflow-summary";
        let all = [
            "@swamp/method-summary 4".to_owned(),
            format!("{attestation} 1"),
            format!("{workflow_summary} 1"),
        ];
        assert_eq!(found(&["search"]), all);
        assert_eq!(found(&["search", "--model", "worker"]), all[..1]);
        let of_workflow = ["search", "--workflow", "pipeline", "--scope", "workflow"];
        assert_eq!(found(&of_workflow), all[1..]);
        assert_eq!(found(&["search", "--type", attestation]), all[1..2]);
        let labels = [
            "search",
            "--label",
            "attestation",
            "--label",
            "verification",
        ];
        assert_eq!(found(&labels), all[1..2]);
        report_json(&["get", workflow_summary, "--workflow", "pipeline"]).snapshot_code(0);
        let narrow = ["--max-col-width", "8", "--max-width", "60"];
        report(&[&["get", workflow_summary], &narrow[..]].concat()).snapshot_code(0);
        report(&["get", attestation, "--markdown"]).snapshot_code(0);
        report(&["get", attestation, "--variant", "nosuch"]).snapshot_code(1);
        let newest = ["get", "@swamp/method-summary", "--model", "worker"];
        let newest: Value = report_json(&newest).succeeds_quietly().parsed();
        assert_eq!(newest["json"]["methodArgs"], json!({ "run": "echo three" }));
        let first = ["get", "@swamp/method-summary", "--version", "1"];
        let first = report_json(&first).snapshot();
        t.planned(
            first.code == 0
                && first.parsed::<Value>()["json"]["methodArgs"] == json!({ "run": "echo once" }),
            Deviation {
                id: "report-version-not-found",
                plan: "report get --version shows that version",
                today: "any version but the latest is not found",
                severity: Severity::WrongAnswer,
            },
        );
    });
    // What a workflow reports is no model's, and stays while there is the workflow.
    let pruned = infra.as_json().data_prune(&["--force"]);
    let pruned: Value = pruned.succeeds_quietly().parsed();
    assert_eq!(pruned["versionsDeleted"], 0, "{pruned:#}");
    assert_eq!(files(&ds, "security"), foreign);
}
