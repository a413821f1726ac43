//! The harness of swamp-uat: it drives a swamp binary through scenarios and compares what a
//! user can see (command output, datastore tree, bucket keys) with reviewed goldens.
//!
//! Scenarios live in `tests/`; they see a [`trial::Trial`] and the handles it gives out. The
//! harness knows no scenario, and nothing but [`under_test`] knows that there is a reference.

pub mod backend;
pub mod change;
pub mod data;
pub mod deviation;
mod digest;
pub mod doctor;
pub mod error;
pub mod exec;
pub mod findings;
pub mod fixture;
pub mod golden;
pub mod junit;
pub mod kill_matrix;
pub mod ledger;
pub mod namespace;
pub mod net;
mod observed;
pub mod order;
mod outcome;
mod plan;
pub mod play;
pub mod ran;
pub mod redact;
pub mod repo;
pub mod report;
mod repro;
pub mod sandbox;
pub mod scenario;
pub mod schemas;
mod seed;
pub mod settings;
pub mod store;
pub mod suite;
pub mod surface;
pub mod sync;
mod transcript;
pub mod tree;
pub mod trial;
pub mod under_test;

/// What a scenario file needs.
pub mod prelude {
    pub use crate::backend::Kind;
    pub use crate::deviation::{Deviation, Severity};
    pub use crate::namespace::{Migrate, Unset};
    pub use crate::net::proxy::{Fate, Seen};
    pub use crate::ran::Output;
    pub use crate::repo::Repo;
    pub use crate::scenario::{Phase, Scenario};
    pub use crate::scenarios;
    pub use crate::schemas::{
        NamespaceEntry, NamespaceList, NamespaceMigrate, NamespaceSet, NamespaceUnset,
    };
    pub use crate::store::Store;
    pub use crate::sync::Sync;
    pub use crate::trial::{Network, Trial};
}

/// The root of this workspace: where `snapshots/` and `target/` are.
pub fn workspace_root() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
}
