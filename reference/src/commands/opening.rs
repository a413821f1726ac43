//! What commands need of a repository before they begin.

use crate::catalog::Catalog;
use crate::errors::Result;
use crate::faults::Fault;
use crate::files;
use crate::quirks::Quirk;
use crate::remote::Remote;
use crate::repository::Repository;
use crate::session::Session;

impl Session {
    /// The same for commands that work with data or models: they open its catalog even where they
    /// do not look into it, so a broken one fails them all.
    pub fn repository_with_catalog(&self) -> Result<Repository> {
        let repository = self.repository_in_order()?;
        Catalog::open(&repository.dir)?;
        if let Some(remote) = Remote::of(&repository, &self.env)? {
            // The cache of a bucket is there from the first look at it on.
            files::ensure_dir(&remote.cache)?;
        }
        Ok(repository)
    }

    /// The same, with a datastore that can be one; its catalog is not opened yet.
    pub fn repository_in_order(&self) -> Result<Repository> {
        let repository = self.repository()?;
        self.mend_catalog(&repository)?;
        Ok(repository)
    }

    /// Makes a catalog that cannot be read anew, unless swamp's failure is to be shown.
    pub fn mend_catalog(&self, repository: &Repository) -> Result<()> {
        if self.faults.on(Fault::CatalogRebuildKeepsStale) {
            Catalog::take_for_current(&repository.dir)?;
        }
        if self.quirks.on(Quirk::CorruptCatalogBreaksAll) || Catalog::open(&repository.dir).is_ok()
        {
            return Ok(());
        }
        Catalog::remove(&repository.dir)
    }
}
