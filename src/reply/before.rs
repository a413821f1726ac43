//! What was there before a command that counts what it found: the number that it prints cannot be
//! more.

use std::fs;
use std::path::Path;

use super::datastore::{MOVED_BY_SETUP, is_catalog};

/// What a repo had before a command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Before {
    /// The files in the directories that a setup moves, and their bytes, without the catalog.
    pub moved: (u64, u64),
    /// The bytes of the catalog, and of its log.
    pub catalog: (u64, u64),
}

impl Before {
    /// Looks, if the command with these arguments counts something.
    pub fn of(args: &[String], repo: &Path) -> Self {
        let words: Vec<&str> = args.iter().take(2).map(String::as_str).collect();
        let mut before = Self::default();
        match words.as_slice() {
            ["datastore", "setup"] => {
                for name in MOVED_BY_SETUP {
                    let (files, bytes) =
                        super::datastore::held_but(&repo.join(".swamp").join(name), |path| {
                            is_catalog(path)
                        });
                    before.moved.0 += files;
                    before.moved.1 += bytes;
                }
            }
            ["datastore", "compact"] => {
                let size = |end: &str| {
                    let path = repo.join(format!(".swamp/data/_catalog.db{end}"));
                    fs::metadata(path).map_or(0, |data| data.len())
                };
                before.catalog = (size(""), size("-wal"));
            }
            _ => {}
        }
        before
    }
}
