//! The commands that the scenarios are about, on a repo handle. Each gives an output that must
//! be snapshotted or asserted.

use crate::scenario::ran::Ran;
use crate::scenario::repo::Repo;

/// Options of `swamp datastore namespace unset`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unset {
    /// `--migrate`: move the data back to the un-namespaced layout.
    pub migrate: bool,
    /// `--confirm`: do it, not only show it.
    pub confirm: bool,
}

/// Options of `swamp datastore namespace migrate`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Migrate {
    /// `--confirm`: do it, not only show it.
    pub confirm: bool,
    /// `--reverse`: from the namespaced to the un-namespaced layout.
    pub reverse: bool,
}

impl Migrate {
    /// `--confirm` alone: moves the data into the namespace.
    pub const CONFIRM: Self = Self {
        confirm: true,
        reverse: false,
    };
}

impl<'t> Repo<'t> {
    /// `swamp datastore namespace set <slug>`
    pub fn namespace_set(&self, slug: &str) -> Ran<'t> {
        self.swamp(&["datastore", "namespace", "set", slug])
    }

    /// `swamp datastore namespace unset [--migrate] [--confirm]`
    pub fn namespace_unset(&self, options: Unset) -> Ran<'t> {
        let mut args = vec!["datastore", "namespace", "unset"];
        args.extend(options.migrate.then_some("--migrate"));
        args.extend(options.confirm.then_some("--confirm"));
        self.swamp(&args)
    }

    /// `swamp datastore namespace migrate [--confirm] [--reverse]`
    pub fn namespace_migrate(&self, options: Migrate) -> Ran<'t> {
        let mut args = vec!["datastore", "namespace", "migrate"];
        args.extend(options.confirm.then_some("--confirm"));
        args.extend(options.reverse.then_some("--reverse"));
        self.swamp(&args)
    }

    /// `swamp datastore namespace list`, which the plan still calls `datastore namespaces`.
    pub fn namespace_list(&self) -> Ran<'t> {
        self.swamp(&["datastore", "namespace", "list"])
    }

    /// `swamp datastore catalog pull --namespaces <a,b>`
    pub fn catalog_pull(&self, namespaces: &[&str]) -> Ran<'t> {
        let namespaces = namespaces.join(",");
        self.swamp(&["datastore", "catalog", "pull", "--namespaces", &namespaces])
    }
}
