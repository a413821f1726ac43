//! What each command does.

pub mod catalog_pull;
mod confirmation;
pub mod data_delete;
pub mod data_gc;
pub mod data_get;
pub mod data_list;
pub mod data_query;
pub mod data_search;
pub mod data_versions;
pub mod datastore_compact;
pub mod datastore_setup;
pub mod datastore_status;
pub mod datastore_sync;
pub mod doctor_datastores;
pub mod lock_release;
pub mod lock_status;
mod migration;
pub mod model_create;
pub mod model_evaluate;
pub mod model_method_run;
pub mod namespace_list;
pub mod namespace_migrate;
pub mod namespace_set;
pub mod namespace_unset;
pub mod repo_init;
pub mod repo_upgrade;
#[cfg(test)]
mod tests;
pub mod vault_create;
pub mod vault_list_keys;
pub mod vault_put;
pub mod vault_read_secret;
pub mod version;
pub mod workflow_run;
pub mod workflow_validate;
