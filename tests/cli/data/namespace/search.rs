//! `data search` in a namespace, beside another one with data of the same models.

use serde_json::Value;
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s100_data_search,
];

/// The model and the name of each datum that a search found, in order.
fn listed(said: &Output) -> Vec<String> {
    let found: Value = said.parsed();
    let rows = found["results"].as_array().cloned().unwrap_or_default();
    let short = |row: &Value| format!("{} {}", row["modelName"], row["name"]).replace('"', "");
    let mut rows: Vec<String> = rows.iter().map(short).collect();
    rows.sort();
    rows
}

/// `data search` finds data of the own namespace alone, by each of its options.
///
/// Today it finds nothing that a run of a workflow, or of a method, has written.
fn s100_data_search(t: &Trial) {
    let ds = t.store("ds");
    let [infra, _] = ["infra", "security"].map(|namespace| {
        let repo = t.team(&ds, namespace, "hello");
        repo.add("pipeline");
        let ran = repo
            .as_json()
            .run_model("hello", "echo hi")
            .succeeds_quietly();
        let output = ran.parsed::<Value>()["outputId"].clone();
        let output = output.as_str().unwrap_or_default().to_owned();
        let run = repo.ran_workflow("pipeline");
        (repo, [output, run])
    });
    let (infra, [output, run]) = infra;
    t.checkpoint("both have run");
    let search = |options: &[&str]| {
        infra
            .as_json()
            .swamp(&[&["data", "search"], options].concat())
    };
    let found = |options: &[&str]| listed(&search(options).succeeds_quietly());
    let shown = |options: &[&str]| listed(&search(options).snapshot_code(0));

    infra.nothing_changes(&ds, || {
        let first: Value = search(&["--limit", "1", "--type", "file"])
            .snapshot_code(0)
            .parsed();
        assert_eq!(
            (&first["total"], &first["limited"]),
            (&2.into(), &true.into())
        );
        infra
            .swamp(&["data", "search", "nothing-has-this"])
            .snapshot_code(0);
        let all = ["hello log", "hello result", "worker log", "worker result"];
        let logs = ["hello log", "worker log"];
        assert_eq!(found(&[]), all);
        assert_eq!(found(&["--since", "1h"]), all);
        assert_eq!(found(&["--lifetime", "infinite"]), all);
        assert_eq!(found(&["--owner-type", "model-method"]), all);
        let none: [&str; 0] = [];
        for other in [
            ["--lifetime", "ephemeral"],
            ["--owner-type", "manual"],
            ["--type", "resource-of-none"],
        ] {
            assert_eq!(found(&other), none, "{other:?}");
        }
        assert_eq!(found(&["hello"]), all[..2]);
        assert_eq!(found(&["--model", "worker"]), all[2..]);
        assert_eq!(found(&["--workflow", "pipeline"]), all[2..]);
        assert_eq!(
            found(&["--tag", "step=three", "--tag", "job=ship"]),
            all[2..]
        );
        assert_eq!(found(&["--type", "file"]), logs);
        assert_eq!(found(&["--streaming"]), logs);
        let by_all = [
            [
                "--model",
                "worker",
                "--workflow",
                "pipeline",
                "--type",
                "file",
            ]
            .as_slice(),
            &["--since", "1h", "--lifetime", "infinite", "--streaming"],
            &["--owner-type", "model-method", "--tag", "step=three"],
            &["--tag", "job=ship"],
            &["--content-type", "text/plain", "--limit", "1"],
        ];
        assert_eq!(shown(&by_all.concat()), logs[1..]);
        assert_eq!(found(&["--content-type", "text/plain"]), logs);
        search(&["--model", "nosuch"]).snapshot_code(1);
        search(&["--since", "yesterday"]).snapshot_code(1);
        search(&["--tag", "step"]).snapshot_code(1);
        t.planned(
            shown(&["--run", &run]) == all[2..],
            Deviation {
                id: "search-knows-no-run",
                plan: "data search --run finds what that run of a workflow has written",
                today: "it finds nothing: it looks for the run where the model stands",
                severity: Severity::WrongAnswer,
            },
        );
        t.planned(
            shown(&["--output", &output]) == all[..2],
            Deviation {
                id: "search-knows-no-output",
                plan: "data search --output finds what that run of a method has written",
                today: "it finds nothing: it looks for the run where the model stands",
                severity: Severity::WrongAnswer,
            },
        );
    });
}
