//! The harness of swamp-uat: it drives a swamp binary through scenarios and compares what a
//! user can see (command output, datastore tree, bucket keys) with reviewed goldens.
//!
//! Scenarios live in `tests/`; they see a [`trial::Trial`] and the handles it gives out. The
//! harness knows no scenario, and nothing but [`under_test`] knows that there is a reference.

pub mod args;
pub mod backend;
mod causes;
pub mod change;
pub mod data;
pub mod deviation;
mod difference;
mod digest;
pub mod doctor;
mod ending;
pub mod error;
pub mod evidence;
mod exact;
pub mod excerpt;
pub mod exec;
mod find;
pub mod findings;
pub mod fixture;
pub mod golden;
mod golden_dir;
pub mod junit;
pub mod kill_matrix;
pub mod leash;
pub mod ledger;
pub mod leftovers;
mod limits;
mod marker;
mod metadata;
pub mod namespace;
pub mod net;
pub mod network;
mod observed;
pub mod order;
mod outcome;
pub mod outlet;
pub mod paths;
pub mod pending;
mod plan;
pub mod play;
pub mod ran;
mod read;
mod record;
pub mod redact;
mod reply;
pub mod repo;
pub mod report;
mod repro;
pub mod root;
mod rows;
pub mod run;
pub mod sandbox;
pub mod scenario;
pub mod schemas;
mod second_world;
mod secret;
mod seed;
pub mod settings;
pub mod shell;
pub mod store;
mod strays;
pub mod suite;
pub mod surface;
pub mod sync;
mod transcript;
pub mod tree;
pub mod trial;
pub mod under_test;
mod variables;
mod words;
mod world;
mod yaml;

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

pub use root::workspace_root;
