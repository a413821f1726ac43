//! Models of a repo in a namespace: made, shown, found, removed.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

use crate::cli::e2e::deviations::EDIT_NAMES_OLD_FILE;
use crate::cli::e2e::neighbours::files;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on all;
    s97_models on filesystem,
    s103_model_delete on filesystem_and_s3,
];

/// What `fresh` is to be under another name.
const RENAMED: &str =
    "id: any\nname: renamed\nversion: 1\ntags: {}\nglobalArguments: {}\nmethods: {}\n";

/// A model is made, shown, found and changed in a namespaced repo. Its definition lies in the repo, and
/// the datastore stays as it is.
///
/// Today `model edit` names a file that is gone.
fn s97_models(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.team(&ds, "infra", "hello");
    t.team(&ds, "security", "hello");
    t.checkpoint("both have the model");
    let empty = ds.files();
    let model = |words: &[&str]| infra.swamp(&[&["model"], words].concat());
    let model_json = |words: &[&str]| infra.as_json().swamp(&[&["model"], words].concat());

    model(&["create", "command/shell", "fresh"]).snapshot_code(0);
    model_json(&["create", "command/shell", "fresh"]).snapshot_code(1);
    let region = ["--global-arg", "region=eu"];
    let other = [&["create", "command/shell", "other"], &region[..]].concat();
    model_json(&other).snapshot_code(0);
    model(&["get", "hello"]).snapshot_code(0);
    let got: Value = model_json(&["get", "other"]).snapshot_code(0).parsed();
    assert_eq!(got["globalArguments"], json!({ "region": "eu" }));
    model_json(&["get", "nosuch"]).snapshot_code(1);
    model(&["search", "FRE"]).snapshot_code(0);
    let all = model_json(&["search", "--all"]).succeeds_quietly();
    let all: Value = all.parsed();
    assert_eq!(all["results"].as_array().map(Vec::len), Some(3), "{all:#}");
    model(&["validate", "hello"]).snapshot_code(0);
    model_json(&["cancel", "--all"]).snapshot_code(0);
    infra.write("renamed.yaml", RENAMED);
    let given = infra.given("renamed.yaml");
    let edited = given.swamp(&["model", "edit", "fresh"]).snapshot_code(0);
    t.planned(
        edited.stdout.contains("shell/renamed.yaml"),
        EDIT_NAMES_OLD_FILE,
    );
    assert_eq!(ds.files(), empty);
}

/// With a model go its data and the records of its runs in the own namespace, once that is asked for.
/// A neighbour that has the same model by its id keeps what it has of it.
///
/// Today what is deleted so stays in the bucket.
fn s103_model_delete(t: &Trial) {
    let ds = t.store("ds");
    let [infra, _] = ["infra", "security"].map(|namespace| {
        let repo = t.team(&ds, namespace, "hello");
        repo.as_json()
            .run_model("hello", &format!("echo {namespace}"))
            .succeeds();
        repo
    });
    let foreign = files(&ds, "security");
    t.checkpoint("both have run");
    let model = |words: &[&str]| infra.swamp(&[&["model"], words].concat());
    let model_json = |words: &[&str]| infra.as_json().swamp(&[&["model"], words].concat());

    model_json(&["create", "command/shell", "fresh"]).succeeds_quietly();
    model(&["delete", "hello", "--yes"]).snapshot_code(1);
    model(&["delete", "fresh"]).snapshot_code(1);
    model(&["delete", "fresh", "--yes"]).snapshot_code(0);
    assert!(
        ds.files()
            .keys()
            .any(|path| path.starts_with("infra/data/"))
    );
    model_json(&["delete", "hello", "--force"]).snapshot_code(0);
    t.checkpoint("hello is gone");
    model(&["get", "hello"]).snapshot_code(1);
    assert_eq!(files(&ds, "security"), foreign);
    let left = files(&ds, "infra").into_keys();
    let left: Vec<String> = left
        .filter(|path| ["/data/", "/outputs/"].iter().any(|dir| path.contains(dir)))
        .collect();
    if t.backend().kind() == Kind::Filesystem {
        assert!(left.is_empty(), "{left:#?}");
    } else {
        t.planned(
            left.is_empty(),
            Deviation {
                id: "model-delete-stays-in-bucket",
                plan: "what model delete removes is gone from the bucket, too",
                today: "data and records of runs stay there",
                severity: Severity::WrongAnswer,
            },
        );
    }
}
