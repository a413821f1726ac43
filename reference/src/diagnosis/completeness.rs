//! Whether the catalog has a row for all data.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::Catalog;
use crate::data::{DataRoot, walk_versions};
use crate::datastore::{self, Datastore};
use crate::errors::Result;
use crate::quirks::{Quirk, Quirks};
use crate::repository::Repository;

/// A type of model of which the catalog has less than the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortfall {
    type_normalized: String,
    disk_records: usize,
    catalog_records: usize,
}

/// How much data there is and how much of it the catalog knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Completeness {
    /// Names on the disk.
    pub disk_records: usize,
    /// Latest rows of them.
    pub catalog_records: usize,
    /// Where some are missing.
    pub shortfalls: Vec<Shortfall>,
}

impl Completeness {
    /// Compares the catalog with the disk, without filling it.
    pub fn of(repository: &Repository, datastore: &Datastore, quirks: &Quirks) -> Result<Self> {
        let root = if quirks.on(Quirk::DoctorCountsLocalData) {
            DataRoot(datastore::local_dir(&repository.dir).join("data"))
        } else {
            datastore.data()
        };
        let mut names: Vec<_> = walk_versions(&root.0)?
            .into_iter()
            .map(|stored| (stored.model_type, stored.model_id, stored.name))
            .collect();
        names.dedup();
        let mut on_disk: BTreeMap<String, usize> = BTreeMap::new();
        for (model_type, _, _) in names {
            *on_disk.entry(model_type).or_default() += 1;
        }
        let own = datastore.namespace.as_deref().unwrap_or_default();
        let catalog = Catalog::open(&repository.dir)?;
        let rows = catalog.rows()?;
        catalog.close();
        let known = |model_type: &str| {
            let mine = rows.iter().filter(|row| {
                row.is_latest && row.namespace == own && row.model_type == model_type
            });
            mine.count()
        };
        let mut found = Self {
            disk_records: on_disk.values().sum(),
            catalog_records: 0,
            shortfalls: Vec::new(),
        };
        for (type_normalized, disk_records) in on_disk {
            let catalog_records = known(&type_normalized);
            found.catalog_records += catalog_records.min(disk_records);
            if catalog_records < disk_records {
                found.shortfalls.push(Shortfall {
                    type_normalized,
                    disk_records,
                    catalog_records,
                });
            }
        }
        Ok(found)
    }

    /// How many records are missing.
    pub fn missing(&self) -> usize {
        self.disk_records - self.catalog_records
    }
}
