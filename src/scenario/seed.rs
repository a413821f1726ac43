//! What scenarios put into a datastore past swamp: data that would take swamp many runs to write,
//! and the files of others.

use std::fs;

use indicatif::HumanCount;
use jiff::Timestamp;

use crate::backend::store::{Place, Store};
use crate::scenario::repo::Repo;
use crate::scenario::steps::Step;
use crate::scenario::trial::Trial;

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
        let now = format!("{:.3}", Timestamp::now());
        let told = format!(
            "put the fixture {fixture} below {namespace}/, where {} has its data",
            self.name()
        );
        self.trial().as_one(&told, || {
            for (path, text) in crate::scenario::fixture::files(fixture) {
                let path = format!("{namespace}/{path}");
                self.write_locally(store, &path, &text.replace(NOW, &now));
            }
        });
    }

    #[track_caller]
    fn write_locally(&self, store: &Store, path: &str, text: &str) {
        match &store.place {
            Place::Directory(_) => self
                .trial()
                .write(&format!("{}/{path}", store.name()), text),
            Place::Bucket(_) => self.write_to_cache(path, text),
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
        self.put_as(store, path, text, "");
    }

    /// As [`Trial::put`], and the transcript says `what` it is.
    ///
    /// # Panics
    /// As [`Trial::put`].
    #[track_caller]
    pub fn put_as(&self, store: &Store, path: &str, text: &str, what: &str) {
        let what = if what.is_empty() {
            String::new()
        } else {
            format!(": {what}")
        };
        let told = format!("wrote {}/{path}{what}", store.name());
        self.as_one(&told, || match &store.place {
            Place::Directory(_) => self.write(&format!("{}/{path}", store.name()), text),
            Place::Bucket(bucket) => {
                store.put(&format!("{}{path}", bucket.prefix), text.as_bytes());
                self.note(Step::Told(format!("put {path} into the bucket")));
            }
        });
    }

    /// Writes that many directories below `path` of a datastore on this machine, with that many
    /// files in each. The transcript says how many files it were.
    ///
    /// # Panics
    /// They cannot be written.
    #[track_caller]
    pub fn fill(&self, store: &Store, path: &str, [directories, files]: [usize; 2]) {
        for directory in 0..directories {
            let directory = store.path().join(format!("{path}/{directory:02}"));
            let made = fs::create_dir_all(&directory);
            let written = made.and_then(|()| {
                (0..files).try_for_each(|number| {
                    fs::write(
                        directory.join(number.to_string()),
                        format!("file {number}\n"),
                    )
                })
            });
            written.unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
        }
        let all = HumanCount((directories * files) as u64);
        self.did(&format!("wrote {all} files below {}/{path}", store.name()));
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
                self.note_quietly(Step::Told(format!("removed {path} from the bucket")));
            }
        }
    }
}
