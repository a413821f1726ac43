//! What scenarios put into a datastore past swamp: data that would take swamp many runs to write,
//! and the files of others.

use std::fs;

use jiff::Timestamp;
use walkdir::WalkDir;

use crate::repo::Repo;
use crate::repro::Step;
use crate::store::{Place, Store};
use crate::trial::Trial;

/// What stands in a fixture for the time at which it is put to use: a time of the trial, as those
/// that swamp writes.
const NOW: &str = "<now>";

impl Repo<'_> {
    /// Puts the data of the fixture below `namespace` into `store`, where the repo would write
    /// it: the directory, or the local copy of a bucket.
    ///
    /// # Panics
    /// There is no such fixture, or a file cannot be written.
    #[track_caller]
    pub fn seed(&self, store: &Store, namespace: &str, fixture: &str) {
        let root = crate::workspace_root().join("fixtures").join(fixture);
        let now = format!("{:.3}", Timestamp::now());
        for entry in WalkDir::new(&root).sort_by_file_name() {
            let entry = entry.unwrap_or_else(|e| panic!("the fixture {fixture}: {e}"));
            if !entry.file_type().is_file() {
                continue;
            }
            let inner = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            let text = fs::read_to_string(entry.path())
                .unwrap_or_else(|e| panic!("{}: {e}", entry.path().display()));
            let path = format!("{namespace}/{}", inner.display());
            self.write_locally(store, &path, &text.replace(NOW, &now));
        }
    }

    #[track_caller]
    fn write_locally(&self, store: &Store, path: &str, text: &str) {
        match &store.place {
            Place::Directory(_) => self
                .trial()
                .write(&format!("{}/{path}", store.name()), text),
            Place::Bucket(_) => {
                let file = self.cache().join(path);
                crate::fixture::write(&file, text)
                    .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
                self.trial().note(Step::WriteToCache {
                    repo: self.name().to_owned(),
                    home: self.home().map(str::to_owned),
                    path: path.to_owned(),
                    text: text.to_owned(),
                });
            }
        }
    }
}

impl Trial {
    /// Writes a file of a datastore, or an object of its bucket, as somebody else than this
    /// swamp.
    ///
    /// # Panics
    /// It cannot be written.
    #[track_caller]
    pub fn put(&self, store: &Store, path: &str, text: &str) {
        match &store.place {
            Place::Directory(_) => self.write(&format!("{}/{path}", store.name()), text),
            Place::Bucket(bucket) => {
                store.put(&format!("{}{path}", bucket.prefix), text.as_bytes());
                self.note(Step::Told(format!("put {path} into the bucket")));
            }
        }
    }

    /// Takes away what [`Trial::put`] wrote.
    ///
    /// # Panics
    /// It cannot be removed.
    #[track_caller]
    pub fn take(&self, store: &Store, path: &str) {
        match &store.place {
            Place::Directory(_) => self.remove(&format!("{}/{path}", store.name())),
            Place::Bucket(bucket) => {
                store.remove(&format!("{}{path}", bucket.prefix));
                self.note(Step::Told(format!("removed {path} from the bucket")));
            }
        }
    }
}
