//! What each command does.

pub mod datastore_setup;
pub mod namespace_list;
pub mod namespace_migrate;
pub mod namespace_set;
pub mod namespace_unset;
pub mod repo_init;
#[cfg(test)]
mod tests;
pub mod version;
