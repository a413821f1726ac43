//! What each command does. Where no scenario shows a result to people, a command is
//! refused without `--json`, and the other way round.

pub mod catalog_pull;
pub mod data_delete;
pub mod data_gc;
pub mod data_get;
pub mod data_list;
pub mod data_prune;
pub mod data_query;
pub mod data_rename;
pub mod data_versions;
pub mod datastore_compact;
pub mod datastore_setup;
pub mod datastore_setup_extension;
pub mod datastore_status;
pub mod datastore_sync;
pub mod doctor_datastores;
pub mod extension_source_add;
pub mod lock_release;
pub mod lock_status;
mod migration;
pub mod model_evaluate;
pub mod model_method_run;
pub mod namespace_list;
pub mod namespace_migrate;
pub mod namespace_set;
pub mod namespace_unset;
mod opening;
pub mod repo_init;
pub mod repo_upgrade;
pub mod vault_create;
pub mod vault_put;
pub mod vault_read_secret;
pub mod workflow_run;
pub mod workflow_validate;
