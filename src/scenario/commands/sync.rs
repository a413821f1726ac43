//! The commands of a datastore in a bucket, on a repo handle.

use crate::scenario::ran::Ran;
use crate::scenario::repo::Repo;

/// Which way `swamp datastore sync` goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Both ways.
    Both,
    /// `--push`: to the bucket.
    Push,
    /// `--pull`: from the bucket.
    Pull,
}

impl<'t> Repo<'t> {
    /// `swamp datastore sync [--push|--pull]`
    pub fn sync(&self, way: Sync) -> Ran<'t> {
        let mut args = vec!["datastore", "sync"];
        args.extend(match way {
            Sync::Both => None,
            Sync::Push => Some("--push"),
            Sync::Pull => Some("--pull"),
        });
        self.swamp(&args)
    }

    /// `swamp datastore migrate-index`
    pub fn migrate_index(&self) -> Ran<'t> {
        self.swamp(&["datastore", "migrate-index"])
    }

    /// `swamp datastore status`
    pub fn datastore_status(&self) -> Ran<'t> {
        self.swamp(&["datastore", "status"])
    }

    /// `swamp datastore lock status`
    pub fn lock_status(&self) -> Ran<'t> {
        self.swamp(&["datastore", "lock", "status"])
    }

    /// `swamp datastore lock release --force`
    pub fn lock_release(&self) -> Ran<'t> {
        self.swamp(&["datastore", "lock", "release", "--force"])
    }

    /// `swamp datastore compact`
    pub fn datastore_compact(&self) -> Ran<'t> {
        self.swamp(&["datastore", "compact"])
    }
}
