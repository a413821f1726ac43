//! `swamp datastore compact`.

use serde_json::json;

use crate::catalog::Catalog;
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::faults::Fault;
use crate::remote::structure::around_structure;
use crate::repository::Repository;
use crate::session::Session;

const CATEGORY: &str = "datastore compact";

/// Writes the catalog anew, without the space that removed rows left.
pub fn run(session: &mut Session) -> Result<()> {
    let repository = session.repository_in_order()?;
    let datastore = session.datastore(&repository)?;
    around_structure(&repository, &datastore, session, |session, _| {
        compact(&repository, &datastore, session)
    })
}

fn compact(repository: &Repository, datastore: &Datastore, session: &mut Session) -> Result<()> {
    let mut catalog = Catalog::open(&repository.dir)?;
    if datastore.namespace.is_some() {
        catalog.invalidate()?;
    }
    for message in [
        "Checkpointing WAL...",
        "Vacuuming catalog database (this may take a moment)...",
    ] {
        session.output.info(CATEGORY, message);
    }
    if session.faults.on(Fault::CompactLosesForeignRows) {
        let own = datastore.namespace.clone().unwrap_or_default();
        catalog.remove_where(|row| row.namespace != own)?;
    }
    let reclaimed = catalog.compact()?;
    catalog.close();
    if session.output.is_json() {
        return session.output.json(&json!({
            "walPagesTotal": 0, "walPagesCheckpointed": 0, "dbBytesReclaimed": reclaimed, "vacuumSkipped": false,
        }));
    }
    session
        .output
        .info(CATEGORY, "WAL checkpointed and truncated");
    let outcome = if reclaimed > 0 {
        format!("Catalog compacted: reclaimed {reclaimed} bytes")
    } else {
        "Catalog already compact".to_owned()
    };
    session.output.info(CATEGORY, &outcome);
    Ok(())
}
