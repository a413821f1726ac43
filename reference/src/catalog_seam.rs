//! Where commands that move data tell the catalog so. The catalog itself comes with the query commands; until then
//! there is nothing to invalidate.

use crate::errors::Result;
use crate::session::Repository;

/// Makes the next query fill the catalog from the disk.
pub fn invalidate(_repository: &Repository) -> Result<()> {
    Ok(())
}
