//! The tables, and how a database gets them.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Result};

/// A catalog of another version is thrown away and filled anew.
const VERSION: &str = "4";

const META: &str =
    "CREATE TABLE IF NOT EXISTS catalog_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);";

const CATALOG: &str = "
CREATE TABLE IF NOT EXISTS catalog (
  namespace TEXT NOT NULL DEFAULT '',
  type_normalized TEXT NOT NULL,
  model_id TEXT NOT NULL,
  data_name TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  is_latest INTEGER NOT NULL DEFAULT 1,
  model_name TEXT NOT NULL,
  spec_name TEXT NOT NULL DEFAULT '',
  data_type TEXT NOT NULL DEFAULT '',
  content_type TEXT NOT NULL DEFAULT '',
  lifetime TEXT NOT NULL DEFAULT '',
  owner_type TEXT NOT NULL DEFAULT '',
  streaming INTEGER NOT NULL DEFAULT 0,
  size INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '{}',
  owner_ref TEXT NOT NULL DEFAULT '',
  workflow_run_id TEXT NOT NULL DEFAULT '',
  workflow_name TEXT NOT NULL DEFAULT '',
  job_name TEXT NOT NULL DEFAULT '',
  step_name TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (namespace, type_normalized, model_id, data_name, version)
);
CREATE INDEX IF NOT EXISTS idx_catalog_model_name ON catalog(model_name);
CREATE INDEX IF NOT EXISTS idx_catalog_spec_name ON catalog(spec_name);
CREATE INDEX IF NOT EXISTS idx_catalog_data_type ON catalog(data_type);
CREATE INDEX IF NOT EXISTS idx_catalog_created_at ON catalog(created_at);
CREATE INDEX IF NOT EXISTS idx_catalog_workflow_run_id ON catalog(workflow_run_id);
CREATE INDEX IF NOT EXISTS idx_catalog_step_name ON catalog(step_name);
CREATE INDEX IF NOT EXISTS idx_namespace ON catalog(namespace);
CREATE INDEX IF NOT EXISTS idx_catalog_is_latest
  ON catalog(namespace, type_normalized, model_id, data_name, is_latest);
CREATE INDEX IF NOT EXISTS idx_catalog_latest_lookup ON catalog(model_name, data_name, is_latest, namespace);
";

/// Makes the database a catalog of this version.
pub fn prepare(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // A catalog can be filled anew from the disk: no command needs to wait until it is safe from a
    // power failure.
    connection.execute_batch("PRAGMA synchronous=OFF")?;
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode != "wal" {
        connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    }
    connection.execute_batch(META)?;
    if get(connection, "schema_version")?.as_deref() != Some(VERSION) {
        connection.execute_batch("DROP TABLE IF EXISTS catalog")?;
        set(connection, "schema_version", VERSION)?;
        unset(connection, "populated")?;
    }
    if !is_complete(connection)? {
        connection.execute_batch(CATALOG)?;
    }
    Ok(())
}

/// Whether the table and its indexes are there: the statements that would make them need not be
/// read then.
fn is_complete(connection: &Connection) -> Result<bool> {
    let sql = "SELECT count(*) FROM sqlite_master WHERE tbl_name = 'catalog' AND sql IS NOT NULL";
    let made = CATALOG.matches("CREATE").count();
    let there: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(usize::try_from(there) == Ok(made))
}

/// Makes the version of the database this one, whatever is in it.
pub fn take_for_current(connection: &Connection) -> Result<()> {
    connection.execute_batch(META)?;
    set(connection, "schema_version", VERSION)
}

/// The columns that the first catalogs had.
const FIRST_COLUMNS: &str = "type_normalized, model_id, data_name, id, version, model_name, spec_name, data_type, \
    content_type, lifetime, owner_type, streaming, size, created_at, tags";

/// Gives the database the table that the first catalogs had: one row for each name, and no version.
pub fn give_first(connection: &mut Connection) -> Result<()> {
    if get(connection, "schema_version")?.is_none() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(&format!(
        "CREATE TABLE first AS SELECT {FIRST_COLUMNS} FROM catalog WHERE is_latest = 1;
         DROP TABLE catalog;
         CREATE TABLE catalog (
           type_normalized TEXT NOT NULL,
           model_id TEXT NOT NULL,
           data_name TEXT NOT NULL,
           id TEXT NOT NULL,
           version INTEGER NOT NULL,
           model_name TEXT NOT NULL,
           spec_name TEXT NOT NULL DEFAULT '',
           data_type TEXT NOT NULL DEFAULT '',
           content_type TEXT NOT NULL DEFAULT '',
           lifetime TEXT NOT NULL DEFAULT '',
           owner_type TEXT NOT NULL DEFAULT '',
           streaming INTEGER NOT NULL DEFAULT 0,
           size INTEGER NOT NULL DEFAULT 0,
           created_at TEXT NOT NULL,
           tags TEXT NOT NULL DEFAULT '{{}}',
           PRIMARY KEY (type_normalized, model_id, data_name)
         );
         INSERT OR REPLACE INTO catalog ({FIRST_COLUMNS}) SELECT {FIRST_COLUMNS} FROM first ORDER BY version;
         DROP TABLE first;
         CREATE INDEX idx_catalog_model_name ON catalog(model_name);
         CREATE INDEX idx_catalog_spec_name ON catalog(spec_name);
         CREATE INDEX idx_catalog_data_type ON catalog(data_type);
         CREATE INDEX idx_catalog_created_at ON catalog(created_at);"
    ))?;
    unset(&transaction, "schema_version")?;
    transaction.commit()
}

/// A value of the table of settings.
pub fn get(connection: &Connection, key: &str) -> Result<Option<String>> {
    connection
        .query_row(
            "SELECT value FROM catalog_meta WHERE key = ?",
            [key],
            |row| row.get(0),
        )
        .optional()
}

/// Sets a value of that table.
pub fn set(connection: &Connection, key: &str, value: &str) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO catalog_meta (key, value) VALUES (?, ?)";
    connection.execute(sql, [key, value]).map(|_| ())
}

/// Removes a value of that table.
pub fn unset(connection: &Connection, key: &str) -> Result<()> {
    let sql = "DELETE FROM catalog_meta WHERE key = ?";
    connection.execute(sql, [key]).map(|_| ())
}
