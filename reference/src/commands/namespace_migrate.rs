//! `swamp datastore namespace migrate`.

use clap::ArgMatches;

use crate::cli::flag;
use crate::errors::{Failure, Result};
use crate::log::Level;
use crate::namespace::manifest;
use crate::session::Session;

const ADVICE: &str = ".
These were absorbed during an unscoped setup. They must not be migrated under your namespace.

To clean up:
  swamp datastore sync --pull    # re-sync from remote (scoped to your namespace)";

/// Refuses in solo mode, and where others are registered. The migration itself is not implemented yet.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    session.output.log(
        Level::Debug,
        "datastore namespace migrate",
        "Executing datastore namespace migrate command",
    );
    let repository = session.repository()?;
    let datastore = session.datastore(&repository)?;
    let Some(namespace) = datastore.namespace else {
        return Err(Failure::refused(
            "No namespace is configured. Run 'swamp datastore namespace set <slug>' first.",
        ));
    };
    if !flag(matches, "reverse") {
        let claims = manifest::list(&datastore.path, &session.quirks)?;
        let others: Vec<_> = claims
            .iter()
            .map(|claim| claim.namespace.as_str())
            .filter(|name| *name != namespace)
            .collect();
        if !others.is_empty() {
            return Err(Failure::refused(format!(
                "Local cache contains data from other namespaces: {}{ADVICE}",
                others.join(", ")
            )));
        }
    }
    Err(Failure::not_implemented("namespace migrate"))
}
