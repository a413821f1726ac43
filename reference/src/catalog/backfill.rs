//! Filling the catalog from the disk.

use std::collections::HashMap;
use std::path::Path;

use super::{Catalog, Row};
use crate::data::{DataRoot, Stored, walk_versions};
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::faults::{Fault, Faults};
use crate::namespace::manifest;
use crate::quirks::{Quirk, Quirks};

/// Brings in what was written past the catalog, if there is reason to think that there is such data.
pub fn fill(
    catalog: &mut Catalog,
    datastore: &Datastore,
    quirks: &Quirks,
    faults: &Faults,
) -> Result<()> {
    let own = datastore.namespace.as_deref().unwrap_or_default();
    if !quirks.on(Quirk::NoForeignRowsOnFilesystem) {
        fill_foreign(catalog, datastore, quirks)?;
    }
    if catalog.is_populated()? || faults.on(Fault::CatalogNotRebuilt) {
        return Ok(());
    }
    let mut rows = rows_below(&datastore.data().0, own)?;
    if !quirks.on(Quirk::StaleRowsAfterMigrate) {
        catalog.remove_where(|row| is_stale(datastore, own, &rows, row))?;
    }
    if !quirks.on(Quirk::SeveralLatestPerName) {
        keep_one_latest(&mut rows);
    }
    catalog.put_all(&rows)?;
    catalog.mark_populated()
}

/// Brings in what others have. They do not tell when they write: their directories are read each time.
pub fn fill_foreign(catalog: &mut Catalog, datastore: &Datastore, quirks: &Quirks) -> Result<()> {
    for claim in manifest::list(&datastore.path, quirks)? {
        if datastore.namespace.as_ref() != Some(&claim.namespace) {
            let root = data_of(datastore, &claim.namespace);
            catalog.put_all(&rows_below(&root.0, &claim.namespace)?)?;
        }
    }
    Ok(())
}

/// The data of a namespace of the datastore; the empty one is solo mode.
pub fn data_of(datastore: &Datastore, namespace: &str) -> DataRoot {
    DataRoot(datastore.path.join(namespace).join("data"))
}

/// Whether a row is of data that is gone from the disk. Of a namespace that never was on this disk, but in the cloud,
/// that is so only where the data is our own now.
fn is_stale(datastore: &Datastore, own: &str, rows: &[Row], row: &Row) -> bool {
    let was_here = row.namespace == own
        || datastore.path.join(&row.namespace).is_dir()
        || rows.iter().any(|ours| ours.id == row.id);
    was_here && !is_on_disk(datastore, row)
}

fn is_on_disk(datastore: &Datastore, row: &Row) -> bool {
    let model = data_of(datastore, &row.namespace).model(&row.model_type, &row.model_id);
    model.version_dir(&row.name, row.version).is_dir()
}

fn rows_below(root: &Path, namespace: &str) -> Result<Vec<Row>> {
    let found = walk_versions(root)?;
    let mut newest: HashMap<(&str, &str, &str), u64> = HashMap::new();
    let mut alive: HashMap<(&str, &str, &str), bool> = HashMap::new();
    // Versions come in rising order: the last one decides.
    for stored in &found {
        let step = stored.metadata.owner_definition.step_name.as_deref();
        let key = (stored.model_id.as_str(), stored.name.as_str());
        newest.insert((key.0, key.1, step.unwrap_or_default()), stored.version);
        alive.insert(
            (&stored.model_type, key.0, key.1),
            !stored.metadata.is_deleted(),
        );
    }
    let lives = |stored: &&Stored| {
        let key = (
            stored.model_type.as_str(),
            stored.model_id.as_str(),
            stored.name.as_str(),
        );
        !stored.metadata.is_deleted() && alive.get(&key) == Some(&true)
    };
    let rows = found.iter().filter(lives).map(|stored| {
        let mut row = Row::of(namespace, stored);
        let key = (
            row.model_id.as_str(),
            row.name.as_str(),
            row.step_name.as_str(),
        );
        row.is_latest = newest.get(&key) == Some(&row.version);
        row
    });
    Ok(rows.collect())
}

/// Leaves the highest version of each name the latest; they come in rising order.
fn keep_one_latest(rows: &mut [Row]) {
    for at in 1..rows.len() {
        let (before, rest) = rows.split_at_mut(at);
        let (Some(older), Some(newer)) = (before.last_mut(), rest.first()) else {
            continue;
        };
        if older.model_type == newer.model_type
            && older.model_id == newer.model_id
            && older.name == newer.name
        {
            older.is_latest = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Disk(tempfile::TempDir);

    impl Disk {
        fn new() -> Self {
            Self(tempfile::tempdir().expect("a temporary directory"))
        }

        fn put(&self, namespace: &str, model: &str, version: u64, more: &str) {
            let dir = self
                .0
                .path()
                .join(namespace)
                .join("data/command/shell")
                .join(model);
            let dir = dir.join("log").join(version.to_string());
            fs::create_dir_all(&dir).expect("a directory");
            let text = format!(
                "id: i\nname: log\nversion: {version}\ncontentType: text/plain\nlifetime: infinite\n\
                 garbageCollection: 10\ntags:\n  modelName: {model}\nownerDefinition:\n  ownerType: manual\n  \
                 ownerRef: r\n{more}createdAt: '2026-11-22T13:01:15.311Z'\n"
            );
            fs::write(dir.join("metadata.yaml"), text).expect("metadata");
        }

        fn claim(&self, namespace: &str) {
            let dir = self.0.path().join(namespace);
            fs::create_dir_all(&dir).expect("a directory");
            let text = format!(
                "{{\"namespace\":\"{namespace}\",\"repoId\":\"r\",\"registeredAt\":\"t\"}}"
            );
            fs::write(dir.join(manifest::FILE_NAME), text).expect("a manifest");
        }

        /// The rows after a backfill of the catalog in `repo`.
        fn filled(&self, namespace: Option<&str>, quirks: &Quirks, faults: &Faults) -> Vec<String> {
            let datastore = Datastore {
                path: self.0.path().to_path_buf(),
                namespace: namespace.map(str::to_owned),
            };
            let mut catalog = Catalog::open(&self.0.path().join("repo")).expect("a catalog");
            fill(&mut catalog, &datastore, quirks, faults).expect("a backfill");
            let rows = catalog.rows().expect("rows").into_iter();
            let mut shown: Vec<_> = rows
                .map(|r| {
                    format!(
                        "{}:{}{}{}",
                        r.namespace,
                        r.model_name,
                        r.version,
                        if r.is_latest { "!" } else { "" }
                    )
                })
                .collect();
            shown.sort();
            shown
        }

        fn invalidate(&self) {
            let catalog = Catalog::open(&self.0.path().join("repo")).expect("a catalog");
            catalog.invalidate().expect("a write");
        }
    }

    const STEP: &str = "  stepName: s\n";

    #[test]
    fn every_step_has_its_latest_and_tombstones_have_no_row() {
        let disk = Disk::new();
        for (version, step) in [(1, ""), (2, STEP), (3, STEP)] {
            disk.put("", "m", version, step);
        }
        disk.put("", "gone", 1, "");
        disk.put("", "gone", 2, "lifecycle: deleted\n");
        let (quirks, faults) = (Quirks::default(), Faults::default());
        assert_eq!(disk.filled(None, &quirks, &faults), [":m1!", ":m2", ":m3!"]);
    }

    #[test]
    fn rows_of_another_layout_stay_only_with_the_quirk() {
        let (quirks, faults) = (Quirks::default(), Faults::default());
        let disk = Disk::new();
        disk.put("", "m", 1, "");
        assert_eq!(disk.filled(None, &quirks, &faults), [":m1!"]);
        fs::remove_dir_all(disk.0.path().join("data")).expect("the old place");
        disk.put("infra", "m", 1, "");
        assert_eq!(disk.filled(Some("infra"), &quirks, &faults), [":m1!"]);
        disk.invalidate();
        assert_eq!(
            disk.filled(Some("infra"), &quirks, &faults),
            [":m1!", "infra:m1!"]
        );
        disk.invalidate();
        let off = Quirks::without(&[Quirk::StaleRowsAfterMigrate]);
        assert_eq!(disk.filled(Some("infra"), &off, &faults), ["infra:m1!"]);
    }

    #[test]
    fn foreign_directories_are_read_only_without_the_quirk() {
        let (quirks, faults) = (Quirks::default(), Faults::default());
        let disk = Disk::new();
        for namespace in ["infra", "security"] {
            disk.claim(namespace);
            disk.put(namespace, "m", 1, "");
        }
        assert_eq!(disk.filled(Some("infra"), &quirks, &faults), ["infra:m1!"]);
        let off = Quirks::without(&[Quirk::NoForeignRowsOnFilesystem]);
        let both = ["infra:m1!", "security:m1!"];
        assert_eq!(disk.filled(Some("infra"), &off, &faults), both);
    }

    #[test]
    fn the_fault_leaves_the_catalog_empty() {
        let disk = Disk::new();
        disk.put("", "m", 1, "");
        let faults = Faults::with(&[Fault::CatalogNotRebuilt]);
        assert!(disk.filled(None, &Quirks::default(), &faults).is_empty());
    }
}
