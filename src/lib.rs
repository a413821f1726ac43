//! The harness of swamp-uat: it drives a swamp binary through scenarios and compares what a
//! user can see (command output, datastore tree, bucket keys) with reviewed goldens.
//!
//! Scenarios live in `tests/`; they see a [`scenario::trial::Trial`] and the handles it gives out.
//! `docs/architecture.md` has the wings of the harness, and which may look at which.

pub mod backend;
pub mod commands;
pub mod digest;
pub mod error;
pub mod excerpt;
pub mod forms;
pub mod golden;
pub mod kind;
pub mod machine;
mod read;
pub mod render;
pub mod report;
pub mod root;
pub mod run;
pub mod scenario;
mod secret;
pub mod settings;
pub mod shell;
mod words;
mod world;

/// What a scenario file needs.
pub mod prelude {
    pub use crate::backend::store::Store;
    pub use crate::forms::schemas::{
        NamespaceEntry, NamespaceList, NamespaceMigrate, NamespaceSet, NamespaceUnset,
    };
    pub use crate::kind::Kind;
    pub use crate::machine::net::proxy::{Fate, Request};
    pub use crate::render::output::Output;
    pub use crate::scenario::commands::namespace::{Migrate, Unset};
    pub use crate::scenario::commands::sync::Sync;
    pub use crate::scenario::deviation::{Deviation, Severity};
    pub use crate::scenario::network::Network;
    pub use crate::scenario::repo::Repo;
    pub use crate::scenario::trial::Trial;
    pub use crate::scenario::twins::Twins;
    pub use crate::scenario::{Phase, Scenario};
    pub use crate::scenarios;
}

pub use root::workspace_root;
