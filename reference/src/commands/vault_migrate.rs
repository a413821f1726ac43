//! `swamp vault migrate`.

use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Refuses to move the secrets of a vault to one of another type: there is only one type here.
pub fn run(name: &str, wanted: &str, session: &mut Session) -> Result<()> {
    Opened::of(name, &format!("'{name}'"), session)?;
    Err(Failure::refused(if wanted == TYPE {
        format!("Vault '{name}' is already using type '{TYPE}'. Cannot migrate to the same type.")
    } else {
        format!(
            "Unknown vault type: {wanted}. Available types: {TYPE}. Use 'swamp vault type search' to see available \
             types."
        )
    }))
}
