//! The catalog of a repo when the trial is over: its tables are those that swamp makes, and no row
//! is about data that cannot be.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// What swamp keeps in a catalog.
const TABLES: [&str; 2] = ["catalog", "catalog_meta"];

/// What is wrong with the catalog at `path`. One that nobody can read is what a scenario made of it.
pub(super) fn fault(path: &Path) -> Option<String> {
    let catalog = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let names = |sql: &str| -> Option<Vec<String>> {
        let mut found = catalog.prepare(sql).ok()?;
        let names = found.query_map([], |row| row.get(0)).ok()?;
        names.collect::<Result<_, _>>().ok()
    };
    let tables = names(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view', 'trigger') ORDER BY name",
    )?;
    if tables != TABLES {
        return Some(format!("its tables are {tables:?}, and must be {TABLES:?}"));
    }
    let odd = names(
        "SELECT data_name || ' ' || version FROM catalog \
         WHERE version < 1 OR size < 0 OR data_name = '' OR model_id = '' OR id = '' \
            OR is_latest NOT IN (0, 1) OR streaming NOT IN (0, 1) OR NOT json_valid(tags)",
    )?;
    (!odd.is_empty()).then(|| format!("these rows are about data that cannot be: {odd:?}"))
}
