//! `swamp datastore namespace migrate`.

use super::migration;
use crate::errors::{Failure, Result};
use crate::namespace::migrate::Request;
use crate::session::Session;

const CATEGORY: &str = "datastore namespace migrate";

/// Moves the data of a solo repository into its new namespace, or with `--reverse` out of it.
pub fn run(confirm: bool, reverse: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    let Some(namespace) = datastore.namespace.clone() else {
        return Err(Failure::refused(
            "No namespace is configured. Run 'swamp datastore namespace set <slug>' first.",
        ));
    };
    let request = Request { reverse, confirm };
    if !request.reverse {
        migration::check_alone(&datastore, &namespace, session)?;
    }
    migration::run(
        &repository,
        &datastore,
        &namespace,
        request,
        CATEGORY,
        session,
    )
}
