//! Where commands that write or move data tell the catalog so. The catalog itself comes with the query commands; until
//! then there is nothing to tell.

use crate::data::Metadata;
use crate::errors::Result;
use crate::session::Repository;

/// Makes the next query fill the catalog from the disk.
pub fn invalidate(_repository: &Repository) -> Result<()> {
    Ok(())
}

/// Enters a new version.
pub fn stored(
    _repository: &Repository,
    _model_type: &str,
    _model_id: &str,
    _metadata: &Metadata,
) -> Result<()> {
    Ok(())
}
