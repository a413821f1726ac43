//! Where commands that write or move data tell the catalog so.

use crate::catalog::{Catalog, Row};
use crate::data::Metadata;
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::quirks::{Quirk, Quirks};
use crate::repository::Repository;

/// Makes the next query fill the catalog from the disk.
pub fn invalidate(repository: &Repository) -> Result<()> {
    let catalog = Catalog::open(&repository.dir)?;
    catalog.invalidate()?;
    catalog.close();
    Ok(())
}

/// Enters a new version, the newest of its name.
pub fn stored(
    repository: &Repository,
    datastore: &Datastore,
    model_type: &str,
    model_id: &str,
    metadata: &Metadata,
    quirks: &Quirks,
) -> Result<()> {
    let namespace = datastore.namespace.as_deref().unwrap_or_default();
    let row = Row::new(namespace, model_type, model_id, metadata);
    let mut catalog = Catalog::open(&repository.dir)?;
    if !quirks.on(Quirk::SeveralLatestPerName) {
        catalog.forget_latest(&row)?;
    }
    catalog.put_newest(&row)
}
