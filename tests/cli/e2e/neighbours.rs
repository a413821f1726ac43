//! Two namespaces with the same data side by side, and what of it is whose.

use std::collections::BTreeMap;

use serde_json::Value;
use swamp_uat::prelude::*;

/// Two repos on one datastore, `infra` and `security`, with the same model by its id too, and the
/// same data of it: `capped` has four versions of which two are to be kept, `brief` one that has
/// expired, `kept` one. The catalog of `infra` has the rows of both; those of `security` are given, too.
pub fn neighbours<'t>(t: &'t Trial, ds: &Store) -> (Repo<'t>, Repo<'t>, Vec<String>) {
    let (infra, security) = match t.backend().kind() {
        Kind::Filesystem => {
            // No command brings foreign rows into a catalog here. These stay from a time when
            // the repo had that namespace itself.
            let infra = t.repo("infra").on_as(ds, "security");
            infra.seed(ds, "security", "stock");
            infra.as_json().data_query("true").succeeds_quietly();
            infra.as_json().namespace_set("infra").succeeds_quietly();
            t.take(ds, "security/.namespace.json");
            infra.seed(ds, "infra", "stock");
            // It makes the next query look at the disk again.
            infra.as_json().datastore_compact().succeeds_quietly();
            (infra, t.repo("security").on_as(ds, "security"))
        }
        Kind::S3 | Kind::Gcs => {
            let teams = ["infra", "security"].map(|namespace| {
                let repo = t.repo(namespace).on_as(ds, namespace);
                repo.seed(ds, namespace, "stock");
                // An export has what the catalog has, which this query fills.
                repo.as_json().data_query("true").succeeds_quietly();
                repo.as_json().sync(Sync::Push).succeeds();
                repo
            });
            teams[0]
                .as_json()
                .catalog_pull(&["security"])
                .succeeds_quietly();
            teams.into()
        }
    };
    for repo in [&infra, &security] {
        repo.add("hello");
    }
    assert_eq!(rows(&infra, "infra").len(), 6);
    let foreign = rows(&infra, "security");
    assert_eq!(foreign.len(), 6);
    t.checkpoint("stocked");
    (infra, security, foreign)
}

/// The rows of a namespace that the catalog of `repo` has, of all versions. Their content is in
/// files, and not in the catalog.
pub fn rows(repo: &Repo<'_>, namespace: &str) -> Vec<String> {
    let predicate = format!("ns == \"{namespace}\" && version > 0");
    let found: Value = repo
        .as_json()
        .data_query(&predicate)
        .succeeds_quietly()
        .parsed();
    let rows = found["results"].as_array().cloned().unwrap_or_default();
    let mut rows: Vec<String> = rows
        .into_iter()
        .map(|mut row| {
            row["content"].take();
            row.to_string()
        })
        .collect();
    rows.sort();
    rows
}

/// The names and versions of the repo's own rows.
pub fn own(repo: &Repo<'_>, namespace: &str) -> Vec<String> {
    let short = |row: &String| {
        let row: Value = serde_json::from_str(row).unwrap_or_default();
        format!("{} {}", row["name"], row["version"]).replace('"', "")
    };
    let mut short: Vec<String> = rows(repo, namespace).iter().map(short).collect();
    short.sort();
    short
}

/// The files, or objects, of a namespace, by their contents.
pub fn files(ds: &Store, namespace: &str) -> BTreeMap<String, String> {
    let mut files = ds.files();
    files.retain(|path, _| path.starts_with(&format!("{namespace}/")));
    files
}
