//! Which key is for what.

use super::bucket::Listed;
use crate::namespace::manifest;

/// The catalog of a namespace, for others.
pub const EXPORT: &str = ".catalog-export.json";
/// The index of a namespace, and of the cache.
pub const INDEX: &str = ".datastore-index.json";
/// What the cache remembers of the last sync.
pub const SIDECAR: &str = ".datastore-sync-state.json";

/// The directories whose content a namespace may take over from the root of the bucket.
const DATA_DIRS: [&str; 10] = [
    "data",
    "outputs",
    "definitions-evaluated",
    "workflow-runs",
    "workflows-evaluated",
    "auto-definitions",
    "audit",
    "telemetry",
    "logs",
    "files",
];

/// Whether a file is the sync's own business, and none of what is synced.
pub fn is_internal(path: &str) -> bool {
    let own = [INDEX, ".push-queue.json", ".datastore.lock", SIDECAR];
    if own.contains(&path) || matches!(first(path), "_index" | "_control") {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name, ".lock" | manifest::FILE_NAME)
        || name == "_catalog.db"
        || name.starts_with("_catalog.db-")
}

/// Whether a file is the content of data.
pub fn is_content(path: &str) -> bool {
    first(path) == "data" && path.ends_with("/raw")
}

/// The first segment of a path.
pub fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// A path in a namespace as it is seen from the root; in solo mode they are the same.
pub fn within(namespace: Option<&str>, path: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}/{path}"),
        None => path.to_owned(),
    }
}

/// The part of the index that an entry is in; none where it has no place in any.
pub fn partition(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    if segments.len() < 2 {
        return (!path.is_empty()).then(|| "_root".to_owned());
    }
    match segments[0] {
        "data" | "outputs" | "definitions-evaluated" if segments.len() >= 4 => {
            let dropped = if segments.len() >= 6 { 3 } else { 1 };
            Some(segments[..segments.len() - dropped].join("--"))
        }
        "workflow-runs" if segments.len() >= 3 => Some(format!("workflow-runs--{}", segments[1])),
        "workflows-evaluated" | "auto-definitions" | "audit" | "telemetry" | "logs" | "files" => {
            Some(segments[0].to_owned())
        }
        _ => None,
    }
}

/// The parts of the index that are about one model.
pub fn partitions_of_model(model_type: &str, model_id: &str) -> [String; 3] {
    let slug = model_type.replace('/', "--");
    ["data", "outputs", "definitions-evaluated"].map(|dir| format!("{dir}--{slug}--{model_id}"))
}

/// The namespaces that are claimed in a bucket, in the order of its listing.
pub fn namespaces(listing: &[Listed]) -> Vec<String> {
    let claims = listing.iter().filter_map(|object| {
        object
            .key
            .strip_suffix(manifest::FILE_NAME)?
            .strip_suffix('/')
    });
    claims
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether an object at the root of the bucket is data that a namespace takes over: `others` are
/// the namespaces beside it, `known` what the index at the root lists.
pub fn is_taken_over(key: &str, namespace: &str, others: &[String], known: &[String]) -> bool {
    let top = first(key);
    top != namespace
        && !is_internal(key)
        && !others.iter().any(|other| other == top)
        && DATA_DIRS.contains(&top)
        && (known.is_empty() || known.iter().any(|path| path == key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_a_models_directory_where_the_path_is_deep_enough() {
        let of = |path: &str| partition(path).unwrap_or_else(|| "none".to_owned());
        assert_eq!(
            of("data/command/shell/ID/log/1/raw"),
            "data--command--shell--ID"
        );
        assert_eq!(
            of("data/command/shell/ID/log/latest"),
            "data--command--shell"
        );
        assert_eq!(of("data/a/b/c"), "data--a--b");
        assert_eq!(
            of("outputs/command/shell/execute/ID-T.yaml"),
            "outputs--command--shell--execute"
        );
        assert_eq!(
            of("definitions-evaluated/command/shell/web.yaml"),
            "definitions-evaluated--command--shell"
        );
        assert_eq!(of("workflow-runs/W/R.yaml"), "workflow-runs--W");
        assert_eq!(of("audit/x.jsonl"), "audit");
        assert_eq!(of(".catalog-export.json"), "_root");
        for path in [
            "",
            "data/extra.txt",
            "data/a/b",
            "workflow-runs/x",
            "other/x/y/z",
        ] {
            assert_eq!(of(path), "none", "{path}");
        }
    }

    #[test]
    fn the_syncs_own_files_are_internal_at_their_places() {
        for path in [
            ".datastore-index.json",
            ".datastore-sync-state.json",
            ".datastore.lock",
            "_index/_meta.json",
            "_control/x",
            "infra/.namespace.json",
            "infra/data/t/m/.lock",
            "data/_catalog.db-wal",
        ] {
            assert!(is_internal(path), "{path}");
        }
        for path in [
            ".catalog-export.json",
            "infra/.datastore-index.json",
            "infra/_index/_meta.json",
            "data/_catalog.dbx",
            "data/t/m/log/1/raw",
        ] {
            assert!(!is_internal(path), "{path}");
        }
    }

    #[test]
    fn only_data_at_the_root_is_taken_over() {
        let others = ["security".to_owned()];
        let taken = |key: &str, known: &[String]| is_taken_over(key, "infra", &others, known);
        assert!(taken("data/t/t/m/log/1/raw", &[]));
        assert!(taken(
            "data/t/t/m/log/1/raw",
            &["data/t/t/m/log/1/raw".to_owned()]
        ));
        assert!(!taken("data/t/t/m/log/1/raw", &["data/other".to_owned()]));
        for key in [
            "infra/data/x",
            "security/data/x",
            "_index/x.json",
            ".datastore-index.json",
            "stray/x",
        ] {
            assert!(!taken(key, &[]), "{key}");
        }
    }

    #[test]
    fn claims_are_found_at_any_depth() {
        let listed = |key: &str| Listed {
            key: key.to_owned(),
            size: 0,
            modified: None,
        };
        let listing = [
            "a/.namespace.json",
            ".namespace.json",
            "b/data/x",
            "c/d/.namespace.json",
        ];
        assert_eq!(namespaces(&listing.map(listed)), ["a", "c/d"]);
    }
}
