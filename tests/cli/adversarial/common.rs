//! What the adversarial scenarios have in common.

use serde_json::Value;
use swamp_uat::prelude::*;

/// A repo named after its namespace, whose model has run once.
pub fn team<'t>(t: &'t Trial, ds: &Store, namespace: &str, model: &str) -> Repo<'t> {
    let repo = t.team(ds, namespace, model);
    let command = format!("echo {namespace}");
    repo.as_json().run_model(model, &command).succeeds();
    repo
}

/// The data that `data query true` has, as `namespace name version`, sorted.
pub fn queried(repo: &Repo<'_>) -> Vec<String> {
    let found: Value = repo
        .as_json()
        .data_query("true")
        .succeeds_quietly()
        .parsed();
    let field = |row: &Value, name: &str| row[name].to_string().replace('"', "");
    let rows = found["results"].as_array().into_iter().flatten();
    let mut rows: Vec<String> = rows
        .map(|row| {
            ["namespace", "name", "version"]
                .map(|name| field(row, name))
                .join(" ")
        })
        .collect();
    rows.sort();
    rows
}
