//! The JSON that swamp prints, as types that refuse unknown fields and missing ones: a field
//! that comes or goes is a change that scripts of users feel.

use serde::Deserialize;

use crate::forms::reply::values::present;

/// `namespace list --json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NamespaceList {
    /// The namespaces that are registered in the datastore, by slug.
    pub namespaces: Vec<NamespaceEntry>,
    /// The repo's own namespace. Absent, and never null, where it has none.
    #[serde(default, deserialize_with = "present")]
    pub current_namespace: Option<String>,
}

/// One namespace of a [`NamespaceList`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NamespaceEntry {
    /// The slug.
    pub namespace: String,
    /// The UUID of the repo that registered it; empty on extension datastores.
    pub repo_id: String,
    /// When it was registered: ISO, UTC, milliseconds; empty on extension datastores.
    pub registered_at: String,
    /// Whether it is the repo's own.
    pub is_current: bool,
}

/// `namespace set --json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NamespaceSet {
    /// The slug that was set.
    pub namespace: String,
    /// The datastore, as an absolute path.
    pub datastore_path: String,
    /// What the user should do about data that is there already, where there is a warning.
    #[serde(default, deserialize_with = "present")]
    pub warning: Option<String>,
    /// Whether the namespace was not registered in the datastore.
    pub registration_skipped: bool,
}

/// `namespace unset --json`, without `--migrate`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NamespaceUnset {
    /// The slug that the repo had.
    pub previous_namespace: String,
}

/// `namespace migrate --json` and `namespace unset --migrate --json`. Which of the two shapes
/// comes does not follow from `--confirm` alone: a confirmed migration with nothing to do
/// prints a preview.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum NamespaceMigrate {
    /// What would be moved.
    Preview(MigratePreview),
    /// What was moved.
    Result(MigrateResult),
}

/// What a migration would move.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MigratePreview {
    /// The namespace.
    pub namespace: String,
    /// The datastore, as an absolute path.
    pub datastore_path: String,
    /// Whether data goes back to the un-namespaced layout.
    pub reverse: bool,
    /// Whether `--confirm` was given.
    pub confirm: bool,
    /// The directories, in swamp's fixed order.
    pub directories: Vec<MigrateDirectory>,
    /// Files in all of them.
    pub total_files: u64,
    /// Bytes in all of them.
    pub total_bytes: u64,
    /// Whether the datastore is an extension's (S3, GCS).
    pub is_extension_datastore: bool,
}

/// One directory of a [`MigratePreview`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MigrateDirectory {
    /// Its name below the datastore.
    pub subdir: String,
    /// Where it is, as an absolute path.
    pub source: String,
    /// Where it would go, as an absolute path.
    pub destination: String,
    /// Files in it.
    pub file_count: u64,
    /// Bytes in it.
    pub total_bytes: u64,
}

/// What a migration moved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MigrateResult {
    /// The namespace.
    pub namespace: String,
    /// The datastore, as an absolute path.
    pub datastore_path: String,
    /// Whether data went back to the un-namespaced layout.
    pub reverse: bool,
    /// The directories that were moved, in swamp's fixed order.
    pub migrated_directories: Vec<String>,
    /// Files in all of them.
    pub total_files: u64,
    /// Bytes in all of them.
    pub total_bytes: u64,
    /// Whether the datastore is an extension's (S3, GCS).
    pub is_extension_datastore: bool,
    /// What was left behind because it was at the destination already; absent if nothing was.
    #[serde(default, deserialize_with = "present")]
    pub warnings: Option<Vec<MigrateWarning>>,
}

/// Files that a migration left where they were.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MigrateWarning {
    /// The directory below the datastore.
    pub subdir: String,
    /// Where it is, as an absolute path.
    pub source: String,
    /// Where it should have gone, as an absolute path.
    pub destination: String,
    /// The files that stayed, below `source`.
    pub skipped_paths: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;

    fn list() -> Value {
        json!({
            "namespaces": [{
                "namespace": "infra", "repoId": "r", "registeredAt": "t", "isCurrent": true
            }],
            "currentNamespace": "infra"
        })
    }

    fn set() -> Value {
        json!({
            "namespace": "infra", "datastorePath": "/ds", "warning": "w",
            "registrationSkipped": false
        })
    }

    fn preview() -> Value {
        json!({
            "namespace": "infra", "datastorePath": "/ds", "reverse": false, "confirm": false,
            "directories": [{
                "subdir": "data", "source": "/ds/data", "destination": "/ds/infra/data",
                "fileCount": 6, "totalBytes": 10
            }],
            "totalFiles": 6, "totalBytes": 10, "isExtensionDatastore": false
        })
    }

    fn result() -> Value {
        json!({
            "namespace": "infra", "datastorePath": "/ds", "reverse": true,
            "migratedDirectories": ["data"], "totalFiles": 6, "totalBytes": 10,
            "isExtensionDatastore": false,
            "warnings": [{
                "subdir": "bundles", "source": "/a", "destination": "/b", "skippedPaths": ["k"]
            }]
        })
    }

    /// Every object in `value`, changed by `change`, one at a time.
    fn variants(value: &Value, change: &dyn Fn(&mut Value, &str)) -> Vec<(String, Value)> {
        fn pointers(value: &Value, at: &str, out: &mut Vec<(String, String)>) {
            match value {
                Value::Object(map) => {
                    for (key, inner) in map {
                        out.push((at.to_owned(), key.clone()));
                        pointers(inner, &format!("{at}/{key}"), out);
                    }
                }
                Value::Array(items) => {
                    for (index, inner) in items.iter().enumerate() {
                        pointers(inner, &format!("{at}/{index}"), out);
                    }
                }
                _ => {}
            }
        }
        let mut at = Vec::new();
        pointers(value, "", &mut at);
        at.into_iter()
            .map(|(pointer, key)| {
                let mut changed = value.clone();
                change(changed.pointer_mut(&pointer).unwrap(), &key);
                (format!("{pointer}/{key}"), changed)
            })
            .collect()
    }

    fn refuses_all_but<T: DeserializeOwned>(good: &Value, optional: &[&str]) {
        let parse = |value: &Value| serde_json::from_value::<T>(value.clone()).is_ok();
        assert!(parse(good), "{good}");
        for (field, without) in variants(good, &|object, key| {
            object.as_object_mut().unwrap().remove(key);
        }) {
            assert_eq!(
                parse(&without),
                optional.contains(&field.as_str()),
                "without {field}"
            );
        }
        for (field, null) in variants(good, &|object, key| object[key] = Value::Null) {
            assert!(!parse(&null), "{field} is null");
        }
        for (field, more) in variants(good, &|object, _| object["surprise"] = json!(1)) {
            assert!(!parse(&more), "a surprise beside {field}");
        }
    }

    #[test]
    fn each_schema_refuses_unknown_missing_and_null_fields() {
        refuses_all_but::<NamespaceList>(&list(), &["/currentNamespace"]);
        refuses_all_but::<NamespaceSet>(&set(), &["/warning"]);
        refuses_all_but::<NamespaceUnset>(&json!({"previousNamespace": "infra"}), &[]);
        refuses_all_but::<NamespaceMigrate>(&preview(), &[]);
        refuses_all_but::<NamespaceMigrate>(&result(), &["/warnings"]);
    }

    #[test]
    fn the_two_shapes_of_a_migration_are_told_apart() {
        let parse = |value| serde_json::from_value::<NamespaceMigrate>(value).unwrap();
        assert!(matches!(parse(preview()), NamespaceMigrate::Preview(p) if p.total_files == 6));
        assert!(matches!(parse(result()), NamespaceMigrate::Result(r) if r.reverse));
    }
}
