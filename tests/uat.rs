//! The scenarios, as a test binary: `cargo test --test uat -- --list` names the trials.
//!
//! A scenario is found by its number: `sNN_…` in the file of its area, as the plan files them.

use std::path::Path;
use std::process::ExitCode;

use swamp_uat::root;

mod cli {
    pub mod adversarial {
        mod common;
        pub mod namespace_isolation;
        pub mod recovery;
    }
    pub mod data {
        pub mod namespace {
            pub mod named;
            pub mod pulled;
            pub mod query;
            pub mod search;
        }
    }
    pub mod e2e {
        pub mod deviations;
        pub mod documents;
        pub mod namespace_features;
        pub mod namespace_journey;
        pub mod namespace_locks;
        pub mod neighbours;
        pub mod twins;
        pub mod upkeep;
    }
    pub mod model {
        pub mod namespace {
            pub mod definitions;
            pub mod inputs;
            pub mod outputs;
        }
    }
    pub mod vault {
        pub mod namespace {
            pub mod secrets;
        }
    }
    pub mod workflow {
        pub mod namespace {
            pub mod approval;
            pub mod definitions;
            pub mod history;
            pub mod reports;
        }
    }
    pub mod datastore {
        pub mod namespace {
            pub mod bucket_regressions;
            pub mod commands;
            pub mod hazards;
            pub mod index_in_parts;
            pub mod leaving;
            pub mod migrate;
            pub mod outages;
            pub mod regressions;
            pub mod repo_dir;
            pub mod setup_options;
            pub mod sync;
        }
    }
}

/// The reference, where cargo put it when it built this binary.
const REFERENCE: &str = env!("CARGO_BIN_EXE_swamp-reference");

fn main() -> ExitCode {
    let scenarios = [
        cli::datastore::namespace::commands::SCENARIOS,
        cli::datastore::namespace::migrate::SCENARIOS,
        cli::datastore::namespace::hazards::SCENARIOS,
        cli::datastore::namespace::leaving::SCENARIOS,
        cli::datastore::namespace::repo_dir::SCENARIOS,
        cli::datastore::namespace::setup_options::SCENARIOS,
        cli::datastore::namespace::sync::SCENARIOS,
        cli::datastore::namespace::index_in_parts::SCENARIOS,
        cli::datastore::namespace::outages::SCENARIOS,
        cli::datastore::namespace::bucket_regressions::SCENARIOS,
        cli::data::namespace::query::SCENARIOS,
        cli::data::namespace::pulled::SCENARIOS,
        cli::data::namespace::named::SCENARIOS,
        cli::data::namespace::search::SCENARIOS,
        cli::e2e::documents::SCENARIOS,
        cli::e2e::namespace_features::SCENARIOS,
        cli::e2e::namespace_locks::SCENARIOS,
        cli::e2e::twins::SCENARIOS,
        cli::e2e::upkeep::SCENARIOS,
        cli::model::namespace::definitions::SCENARIOS,
        cli::model::namespace::inputs::SCENARIOS,
        cli::model::namespace::outputs::SCENARIOS,
        cli::vault::namespace::secrets::SCENARIOS,
        cli::workflow::namespace::definitions::SCENARIOS,
        cli::workflow::namespace::history::SCENARIOS,
        cli::workflow::namespace::reports::SCENARIOS,
        cli::workflow::namespace::approval::SCENARIOS,
        cli::datastore::namespace::regressions::SCENARIOS,
        cli::adversarial::namespace_isolation::SCENARIOS,
        cli::adversarial::recovery::SCENARIOS,
        cli::e2e::namespace_journey::SCENARIOS,
    ]
    .concat();
    swamp_uat::run::suite::main(&scenarios, &root::reference(Path::new(REFERENCE)))
}
