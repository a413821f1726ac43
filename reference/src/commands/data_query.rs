//! `swamp data query`.

use serde_json::json;

use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::query::{Record, Records};
use crate::quirks::Quirk;
use crate::render::{size, table};
use crate::session::Session;

const NOTHING: &str = "No matching data found.";

/// Finds data by a predicate.
pub fn run(predicate: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let mut records = Records::open(&repository, session)?;
    if predicate.is_empty() {
        return Err(Failure::refused(
            "A CEL predicate is required in non-interactive mode.\n\
             Usage: swamp data query 'modelName == \"scanner\"'\n\
             Run without arguments in a terminal for interactive mode.",
        ));
    }
    let found = records.query(predicate)?;
    let mut result = json!({
        "predicate": predicate, "results": found, "total": found.len(), "limited": false,
    });
    if session.faults.on(Fault::RowGainsField) {
        let rows = result["results"].as_array_mut().into_iter().flatten();
        rows.for_each(|row| row["origin"] = "local".into());
    }
    if session.output.is_json() {
        return session.output.json(&result);
    }
    let table = record_table(&found, &records, session);
    session.output.text(&table);
    Ok(())
}

fn record_table(found: &[Record], records: &Records, session: &Session) -> String {
    if found.is_empty() {
        return NOTHING.to_owned();
    }
    let named = !records.namespace().is_empty();
    let column = named
        && found.iter().any(|record| !record.row.namespace.is_empty())
        && !session.faults.on(Fault::NamespaceColumnHidden)
        || session.faults.on(Fault::NamespaceColumnInSolo);
    let header = if session.quirks.on(Quirk::NamespaceColumnLowerCase) {
        "namespace"
    } else {
        "NAMESPACE"
    };
    let mut headers = vec![
        "name",
        "modelName",
        "specName",
        "dataType",
        "version",
        "size",
    ];
    if column {
        headers.insert(0, header);
    }
    let rows = found.iter().map(|record| {
        let row = &record.row;
        let mut cells = vec![
            row.name.clone(),
            row.model_name.clone(),
            row.spec_name.clone(),
            row.data_type.clone(),
            row.version.to_string(),
            size::terse(row.size),
        ];
        if column {
            cells.insert(0, row.namespace.clone());
        }
        cells
    });
    let table = table::render_rows(&headers, rows);
    let total = found.len();
    let plural = if total == 1 { "" } else { "s" };
    format!("{table}\n\n{total} result{plural}")
}
