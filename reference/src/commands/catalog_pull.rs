//! `swamp datastore catalog pull`.

use serde_json::json;

use crate::catalog::{Catalog, Row};
use crate::errors::{Failure, Result};
use crate::log::{Level, quote};
use crate::quirks::Quirk;
use crate::remote::keys::{self, EXPORT};
use crate::remote::{Remote, catalog_export};
use crate::session::Session;

const CATEGORY: &str = "datastore catalog pull";

/// Brings in the catalogs of other namespaces.
pub fn run(list: &str, session: &mut Session) -> Result<()> {
    let names: Vec<&str> = list.split(',').map(str::trim).collect();
    let repository = session.repository()?;
    session.datastore(&repository)?;
    let Some(remote) = Remote::of(&repository, &session.env)? else {
        return Err(Failure::refused(
            "Catalog pull requires a remote datastore (e.g. S3). Filesystem datastores don't need catalog synchronization.",
        ));
    };
    let count = names.len();
    let message = format!("Pulling catalogs from {count} namespace(s)...");
    session.output.info(CATEGORY, &message);
    let mut found = Vec::new();
    for name in &names {
        found.extend(export_of(&remote, name, session)?.map(|rows| (*name, rows)));
    }
    let mut catalog = Catalog::open(&repository.dir)?;
    let mut total = 0;
    for (name, rows) in &found {
        if !session.quirks.on(Quirk::DeletedForeignRowsStay) {
            catalog.remove_where(|row| row.namespace == *name)?;
        }
        catalog.put_all(rows)?;
        total += rows.len();
        let message = format!(
            "Upserted {} row(s) from namespace {}",
            rows.len(),
            quote(name)
        );
        session.output.info(CATEGORY, &message);
    }
    let is_found = |name: &&str| found.iter().any(|(found, _)| found == name);
    let skipped: Vec<&str> = names.into_iter().filter(|name| !is_found(name)).collect();
    for name in &skipped {
        let message = format!("Namespace {} has no catalog export (skipped)", quote(name));
        session.output.log(Level::Warning, CATEGORY, &message);
    }
    catalog.close();
    let message = format!(
        "Foreign catalog pull complete: {total} row(s) from {} namespace(s)",
        found.len()
    );
    session.output.info(CATEGORY, &message);
    if !session.output.is_json() {
        return Ok(());
    }
    let pulled: Vec<_> = found
        .iter()
        .map(|(name, rows)| json!({ "namespace": name, "rows": rows.len() }))
        .collect();
    session
        .output
        .json(&json!({ "pulled": pulled, "skipped": skipped, "totalRows": total }))
}

/// The catalog of a namespace. By the quirk, one that cannot be had is none.
fn export_of(remote: &Remote, name: &str, session: &Session) -> Result<Option<Vec<Row>>> {
    let object = match remote.bucket.get(&keys::within(Some(name), EXPORT)) {
        Ok(object) => object,
        Err(problem)
            if problem.is_missing() || session.quirks.on(Quirk::SwallowedBackendErrors) =>
        {
            return Ok(None);
        }
        Err(problem) => return Err(problem.into()),
    };
    let rows = catalog_export::parse(&object.bytes);
    if session.quirks.on(Quirk::ExportTrustsNamespace) {
        return Ok(rows);
    }
    Ok(rows.map(|rows| {
        let mine = |row| Row {
            namespace: name.to_owned(),
            ..row
        };
        rows.into_iter().map(mine).collect()
    }))
}
