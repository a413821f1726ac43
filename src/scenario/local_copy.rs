//! What swamp keeps of a datastore on this machine, and what a scenario does to it past swamp: the
//! catalog, and the cache of a bucket.

use crate::read;
use crate::scenario::fixture;
use crate::scenario::repo::Repo;
use crate::scenario::steps::Step;

impl Repo<'_> {
    /// Removes the catalog of the repo: swamp fills it again from what it has locally.
    ///
    /// # Panics
    /// There is none.
    #[track_caller]
    pub fn wipe_catalog(&self) {
        for end in ["", "-wal", "-shm"] {
            let path = format!("{}/.swamp/data/_catalog.db{end}", self.name());
            if self.trial().path(&path).exists() {
                self.trial().remove(&path);
            } else {
                assert!(!end.is_empty(), "there is no {path}");
            }
        }
    }

    /// Asserts that `what` works with the catalog that is there, and makes no new one: a swamp that
    /// starts from nothing each time has nothing stale, nothing broken and nothing of others.
    ///
    /// # Panics
    /// There is no catalog, or it is another one afterwards.
    #[track_caller]
    pub fn with_the_same_catalog<T>(&self, what: impl FnOnce() -> T) -> T {
        self.alter_catalog("INSERT INTO catalog_meta (key, value) VALUES ('uat', 'is here')");
        let done = what();
        // It panics where no row is changed.
        self.alter_catalog("DELETE FROM catalog_meta WHERE key = 'uat'");
        done
    }

    /// Writes a file into the local copy of its datastore, past swamp.
    ///
    /// # Panics
    /// It cannot be written.
    #[track_caller]
    pub fn write_to_cache(&self, path: &str, text: &str) {
        let file = self.cache().join(path);
        fixture::write(&file, text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.trial().note(Step::WriteToCache {
            repo: self.name().to_owned(),
            home: self.home().map(str::to_owned),
            path: path.to_owned(),
            text: text.to_owned(),
        });
    }

    /// What a file of the local copy holds, where it is there and is a text.
    pub fn text_in_cache(&self, path: &str) -> Option<String> {
        read::text(&self.cache().join(path)).ok()
    }

    /// Changes the catalog of the repo with SQL, past swamp: what another version left, or a
    /// hand.
    ///
    /// # Panics
    /// There is none, or SQLite refused.
    #[track_caller]
    pub fn alter_catalog(&self, sql: &str) {
        let path = self.path().join(".swamp/data/_catalog.db");
        let told = |e: rusqlite::Error| -> usize { panic!("{}: {e}", path.display()) };
        let open = rusqlite::Connection::open_with_flags(
            &path,
            rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE,
        );
        let changed = open.and_then(|catalog| catalog.execute(sql, []));
        let changed = changed.unwrap_or_else(told);
        assert!(changed > 0, "{sql}: no row was changed");
        let name = self.name();
        let step = format!("changed the catalog of {name}: {sql}");
        self.trial().note(Step::Told(step));
    }
}
