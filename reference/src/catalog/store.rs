//! The database.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::row::{COLUMNS, Row};
use super::schema;
use crate::datastore;
use crate::errors::{Failure, Result, SQLITE};
use crate::files;

const POPULATED: &str = "populated";

/// An open catalog.
#[derive(Debug)]
pub struct Catalog {
    connection: ManuallyDrop<Connection>,
    closes: bool,
}

impl Catalog {
    /// Where the catalog of a repository is, whatever its datastore.
    pub fn path(repo: &Path) -> PathBuf {
        datastore::local_dir(repo).join("data/_catalog.db")
    }

    /// Opens the catalog of a repository; creates it where there is none.
    pub fn open(repo: &Path) -> Result<Self> {
        let path = Self::path(repo);
        if let Some(dir) = path.parent() {
            files::ensure_dir(dir)?;
        }
        let mut connection = Connection::open(&path).map_err(failure)?;
        schema::prepare(&mut connection).map_err(failure)?;
        Ok(Self {
            connection: ManuallyDrop::new(connection),
            // Tests are many calls in one process.
            closes: cfg!(test),
        })
    }

    /// Gives a catalog of another version the version of this one, as if there was no difference.
    pub fn take_for_current(repo: &Path) -> Result<()> {
        if !Self::path(repo).exists() {
            return Ok(());
        }
        let connection = Connection::open(Self::path(repo)).map_err(failure)?;
        schema::take_for_current(&connection).map_err(failure)
    }

    /// Gives the catalog of a repository the table that the first ones had.
    pub fn give_first_schema(repo: &Path) -> Result<()> {
        if !Self::path(repo).exists() {
            return Ok(());
        }
        let mut connection = Connection::open(Self::path(repo)).map_err(failure)?;
        schema::give_first(&mut connection).map_err(failure)
    }

    /// Removes the catalog of a repository: the next one that is opened is new.
    pub fn remove(repo: &Path) -> Result<()> {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut path = Self::path(repo).into_os_string();
            path.push(suffix);
            files::remove_if_there(Path::new(&path))?;
        }
        Ok(())
    }

    /// Closes it: nothing stays beside it.
    pub fn close(mut self) {
        self.closes = true;
    }

    /// Whether everything that lies in the own namespace has a row.
    pub fn is_populated(&self) -> Result<bool> {
        let value = schema::get(&self.connection, POPULATED).map_err(failure)?;
        Ok(value.as_deref() == Some("true"))
    }

    /// Remembers that it is.
    pub fn mark_populated(&self) -> Result<()> {
        schema::set(&self.connection, POPULATED, "true").map_err(failure)
    }

    /// Forgets it: the next query fills the catalog again. The rows stay.
    pub fn invalidate(&self) -> Result<()> {
        schema::unset(&self.connection, POPULATED).map_err(failure)
    }

    /// All rows, in the order in which they came in.
    pub fn rows(&self) -> Result<Vec<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM catalog ORDER BY rowid");
        let mut statement = self.connection.prepare(&sql).map_err(failure)?;
        let rows = statement.query_map([], Row::read).map_err(failure)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failure)
    }

    /// The newest version of a model's data, in one namespace or in any.
    pub fn latest(
        &self,
        model_name: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Result<Option<Row>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM catalog WHERE model_name = ?1 AND data_name = ?2 AND is_latest = 1 \
             AND (?3 IS NULL OR namespace = ?3) ORDER BY rowid DESC LIMIT 1"
        );
        self.connection
            .query_row(&sql, (model_name, name, namespace), Row::read)
            .optional()
            .map_err(failure)
    }

    /// Adds the newest version of its name. What the same step made before is no longer the latest.
    pub fn put_newest(&mut self, row: &Row) -> Result<()> {
        self.change(|transaction| {
            transaction.execute(
                "UPDATE catalog SET is_latest = 0 WHERE namespace = ? AND type_normalized = ? AND model_id = ? \
                 AND data_name = ? AND step_name = ? AND is_latest = 1",
                [&row.namespace, &row.model_type, &row.model_id, &row.name, &row.step_name],
            )?;
            put(transaction, &Row { is_latest: true, ..row.clone() })
        })
    }

    /// Takes all versions of a row's name for old ones, whatever step made them.
    pub fn forget_latest(&mut self, row: &Row) -> Result<()> {
        let sql = "UPDATE catalog SET is_latest = 0 WHERE namespace = ? AND type_normalized = ? AND model_id = ? AND \
                   data_name = ?";
        let key = [&row.namespace, &row.model_type, &row.model_id, &row.name];
        self.change(|transaction| transaction.execute(sql, key).map(|_| ()))
    }

    /// Adds rows as they are; rows for the same versions give way, all others stay.
    pub fn put_all(&mut self, rows: &[Row]) -> Result<()> {
        self.change(|transaction| rows.iter().try_for_each(|row| put(transaction, row)))
    }

    /// Removes the rows that `goes` says so of.
    pub fn remove_where(&mut self, goes: impl Fn(&Row) -> bool) -> Result<()> {
        let rows = self.rows()?;
        self.change(|transaction| {
            rows.iter().filter(|row| goes(row)).try_for_each(|row| {
                let sql = "DELETE FROM catalog WHERE namespace = ? AND type_normalized = ? AND model_id = ? \
                    AND data_name = ? AND version = ?";
                let version = row.version.cast_signed();
                let key = (&row.namespace, &row.model_type, &row.model_id, &row.name, version);
                transaction.execute(sql, key).map(|_| ())
            })
        })
    }

    /// Writes the database anew, without the space that removed rows left. Gives by how many bytes
    /// it shrank.
    pub fn compact(&self) -> Result<u64> {
        let shrink = || {
            let pages = |connection: &Connection| {
                connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))
            };
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.connection.query_row(checkpoint, [], |_| Ok(()))?;
            let before = pages(&self.connection)?;
            self.connection.execute_batch("VACUUM")?;
            self.connection.query_row(checkpoint, [], |_| Ok(()))?;
            let size: i64 = self
                .connection
                .query_row("PRAGMA page_size", [], |row| row.get(0))?;
            Ok((before - pages(&self.connection)?).max(0) * size)
        };
        shrink().map(i64::cast_unsigned).map_err(failure)
    }

    /// Does all of `work` or nothing, one writer after the other.
    fn change(&mut self, work: impl FnOnce(&Transaction) -> rusqlite::Result<()>) -> Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failure)?;
        work(&transaction).map_err(failure)?;
        transaction.commit().map_err(failure)
    }
}

impl Drop for Catalog {
    /// Leaves the connection open until the process ends, unless it is to be closed: swamp does so,
    /// and a migration of the default datastore stumbles over the write-ahead log and its
    /// index, which stay beside the database.
    fn drop(&mut self) {
        if self.closes
            && let Ok(other) = Connection::open_in_memory()
        {
            drop(std::mem::replace(&mut *self.connection, other));
        }
    }
}

fn put(transaction: &Transaction, row: &Row) -> rusqlite::Result<()> {
    let places = vec!["?"; COLUMNS.split(',').count()].join(", ");
    let sql = format!("INSERT OR REPLACE INTO catalog ({COLUMNS}) VALUES ({places})");
    transaction.execute(&sql, row.params()).map(|_| ())
}

fn failure(error: rusqlite::Error) -> Failure {
    let message = match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        other => other.to_string(),
    };
    Failure::Broken {
        kind: SQLITE,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn row(namespace: &str, name: &str, version: u64) -> Row {
        Row {
            namespace: namespace.to_owned(),
            model_name: "m".to_owned(),
            model_id: "id".to_owned(),
            name: name.to_owned(),
            version,
            is_latest: true,
            tags: "{}".to_owned(),
            ..Row::default()
        }
    }

    fn shown(catalog: &Catalog) -> Vec<String> {
        let rows = catalog.rows().expect("rows").into_iter();
        rows.map(|r| {
            format!(
                "{}:{}{}{}",
                r.namespace,
                r.name,
                r.version,
                if r.is_latest { "!" } else { "" }
            )
        })
        .collect()
    }

    #[test]
    fn rows_keep_their_order_and_one_version_is_the_latest() {
        let repo = tempfile::tempdir().expect("a temporary directory");
        let mut catalog = Catalog::open(repo.path()).expect("a catalog");
        for row in [row("a", "log", 1), row("b", "log", 1), row("a", "log", 2)] {
            catalog.put_newest(&row).expect("a write");
        }
        let of_a_step = Row {
            step_name: "s".to_owned(),
            ..row("a", "log", 3)
        };
        catalog.put_newest(&of_a_step).expect("a write");
        assert_eq!(shown(&catalog), ["a:log1", "b:log1!", "a:log2!", "a:log3!"]);

        let latest = |namespace| catalog.latest("m", "log", namespace).expect("a query");
        assert_eq!(latest(Some("a")), Some(of_a_step.clone()));
        assert_eq!(latest(None).map(|row| row.version), Some(3));
        assert_eq!(latest(Some("c")), None);

        catalog
            .remove_where(|row| row.namespace == "a")
            .expect("a write");
        assert_eq!(shown(&catalog), ["b:log1!"]);
    }

    #[test]
    fn invalidation_keeps_the_rows() {
        let repo = tempfile::tempdir().expect("a temporary directory");
        let mut catalog = Catalog::open(repo.path()).expect("a catalog");
        assert_eq!(catalog.is_populated(), Ok(false));
        catalog.put_all(&[row("", "log", 1)]).expect("a write");
        catalog.mark_populated().expect("a write");
        let beside = Catalog::path(repo.path()).with_file_name("_catalog.db-shm");
        assert!(beside.exists());
        catalog.close();
        assert!(!beside.exists());
        let catalog = Catalog::open(repo.path()).expect("a catalog");
        assert_eq!(catalog.is_populated(), Ok(true));
        catalog.invalidate().expect("a write");
        assert_eq!(catalog.is_populated(), Ok(false));
        assert_eq!(shown(&catalog), [":log1!"]);
    }

    #[test]
    fn another_schema_is_dropped() {
        let repo = tempfile::tempdir().expect("a temporary directory");
        let mut catalog = Catalog::open(repo.path()).expect("a catalog");
        catalog.put_all(&[row("", "log", 1)]).expect("a write");
        catalog.mark_populated().expect("a write");
        schema::set(&catalog.connection, "schema_version", "3").expect("a write");
        drop(catalog);
        let catalog = Catalog::open(repo.path()).expect("a catalog");
        assert_eq!(catalog.is_populated(), Ok(false));
        assert!(shown(&catalog).is_empty());
    }

    #[test]
    fn the_first_schema_has_the_newest_of_each_name_and_gives_way_to_that_of_today() {
        let repo = tempfile::tempdir().expect("a temporary directory");
        let mut catalog = Catalog::open(repo.path()).expect("a catalog");
        let old = Row {
            is_latest: false,
            ..row("", "log", 1)
        };
        catalog.put_all(&[old, row("", "log", 2)]).expect("a write");
        catalog.mark_populated().expect("a write");
        drop(catalog);
        for _ in 0..2 {
            Catalog::give_first_schema(repo.path()).expect("a write");
            let connection = Connection::open(Catalog::path(repo.path())).expect("a database");
            let said = |key| schema::get(&connection, key).expect("a query");
            assert_eq!(
                (said("schema_version"), said(POPULATED)),
                (None, Some("true".into()))
            );
            let versions = "SELECT group_concat(version) FROM catalog";
            let versions: String = connection
                .query_row(versions, [], |row| row.get(0))
                .expect("a query");
            assert_eq!(versions, "2");
        }
        let catalog = Catalog::open(repo.path()).expect("a catalog");
        assert_eq!(catalog.is_populated(), Ok(false));
        assert!(shown(&catalog).is_empty());
    }

    #[test]
    fn what_is_no_database_is_not_opened() {
        let repo = tempfile::tempdir().expect("a temporary directory");
        let path = Catalog::path(repo.path());
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, "garbage, and enough of it to be no header").expect("a file");
        let error = Catalog::open(repo.path()).expect_err("no database");
        assert_eq!(error.to_string(), "file is not a database");
    }
}
