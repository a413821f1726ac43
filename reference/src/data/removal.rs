//! Removing versions of data, from the disk and from the catalog.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::layout::{DataRoot, ModelData};
use super::walk::walk_versions;
use crate::catalog::{Catalog, Row};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};

/// The data of one model, with what the catalog calls it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The namespace; empty in solo mode.
    pub namespace: String,
    /// The type of the model.
    pub model_type: String,
    /// The id of the model.
    pub model_id: String,
    /// Its data.
    pub data: ModelData,
}

impl Place {
    /// That of a model in a namespace's share of the datastore.
    pub fn of(share: &Datastore, model_type: &str, model_id: &str) -> Self {
        Self {
            namespace: share.namespace.clone().unwrap_or_default(),
            data: share.data().model(model_type, model_id),
            model_type: model_type.to_owned(),
            model_id: model_id.to_owned(),
        }
    }

    /// The models that have data below `root`, the data of a namespace.
    pub fn all_below(root: &DataRoot, namespace: &str) -> Result<Vec<Self>> {
        let stored = walk_versions(&root.0)?.into_iter();
        let models: BTreeSet<_> = stored
            .map(|stored| (stored.model_type, stored.model_id))
            .collect();
        let places = models.into_iter().map(|(model_type, model_id)| Self {
            namespace: namespace.to_owned(),
            data: root.model(&model_type, &model_id),
            model_type,
            model_id,
        });
        Ok(places.collect())
    }

    /// Removes all versions of a name.
    pub fn remove_name(&self, catalog: &mut Catalog, name: &str) -> Result<()> {
        remove(&self.data.name_dir(name))?;
        self.forget_name(catalog, name)
    }

    /// Takes all rows of a name out of the catalog: it leads to another one now.
    pub fn forget_name(&self, catalog: &mut Catalog, name: &str) -> Result<()> {
        catalog.remove_where(|row| self.is_mine(row, name))
    }

    /// Removes some versions of a name; the newest of those that are left becomes the latest.
    pub fn remove_versions(
        &self,
        catalog: &mut Catalog,
        name: &str,
        versions: &[u64],
    ) -> Result<()> {
        for version in versions {
            remove(&self.data.version_dir(name, *version))?;
        }
        catalog.remove_where(|row| self.is_mine(row, name) && versions.contains(&row.version))?;
        let Some(newest) = self.data.versions(name)?.pop() else {
            return self.remove_name(catalog, name);
        };
        self.data.set_latest(name, newest)?;
        if let Some(metadata) = self.data.find(name, Some(newest))? {
            let row = Row::new(&self.namespace, &self.model_type, &self.model_id, &metadata);
            catalog.put_newest(&row)?;
        }
        Ok(())
    }

    fn is_mine(&self, row: &Row, name: &str) -> bool {
        row.namespace == self.namespace
            && row.model_type == self.model_type
            && row.model_id == self.model_id
            && row.name == name
    }
}

/// Removes a directory with all that is in it. One that is not there is no error.
fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::io(dir, &error)),
        _ => Ok(()),
    }
}
