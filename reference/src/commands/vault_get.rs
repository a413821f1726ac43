//! `swamp vault get` and `swamp vault describe`.

use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::vault::{Opened, TYPE};

/// Shows what is known of a vault; where its file lies, too, if that is asked for. The result is JSON
/// in both modes.
pub fn run(name: &str, wanted: Option<&str>, with_path: bool, session: &mut Session) -> Result<()> {
    let vault = Opened::of(name, &format!("'{name}'"), session)?.vault;
    if let Some(wanted) = wanted.filter(|wanted| *wanted != TYPE) {
        return Err(Failure::refused(format!(
            "Vault '{name}' found but has type '{TYPE}', not '{wanted}'"
        )));
    }
    let mut described = vault.described();
    if with_path {
        described["storagePath"] = vault.storage_path().into();
    }
    session.output.json(&described)
}
