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

/// Brings in what was written past the catalog, if there is reason to think that there is such
/// data.
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

/// Brings in what others have. They do not tell when they write: their directories are read each
/// time.
pub fn fill_foreign(catalog: &mut Catalog, datastore: &Datastore, quirks: &Quirks) -> Result<()> {
    for claim in manifest::list(&datastore.path, quirks)? {
        if datastore.namespace.as_ref() != Some(&claim.namespace) {
            let root = data_of(datastore, &claim.namespace);
            catalog.put_all(&rows_below(&root.0, &claim.namespace)?)?;
        }
    }
    Ok(())
}

/// Brings in the newest versions of one name of one model alone, from the own namespace.
pub fn fill_name(
    catalog: &mut Catalog,
    datastore: &Datastore,
    faults: &Faults,
    model: &str,
    name: &str,
) -> Result<()> {
    if faults.on(Fault::CatalogNotRebuilt) {
        return Ok(());
    }
    let own = datastore.namespace.as_deref().unwrap_or_default();
    let mut rows = rows_below(&datastore.data().0, own)?;
    rows.retain(|row| row.is_latest && row.model_name == model && row.name == name);
    catalog.put_all(&rows)
}

/// The data of a namespace of the datastore; the empty one is solo mode.
pub fn data_of(datastore: &Datastore, namespace: &str) -> DataRoot {
    DataRoot(datastore.path.join(namespace).join("data"))
}

/// Whether a row is of data that is gone from the disk. Of a namespace that never was on this disk,
/// but in the cloud, that is so only where the data is our own now.
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
