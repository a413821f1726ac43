//! The namespace commands as a user meets them, with each quirk and each fault.

mod behaviour;
mod collection;
mod diagnosis;
mod extensions;
mod faults;
mod migration;
mod migration_switches;
mod models;
mod query;
mod query_switches;
mod quirks;
mod usage;
mod vaults;
mod workflow;

use crate::testing::World;

const MANIFEST: &str = "ds/infra/.namespace.json";

/// Two repositories; `a` has claimed `infra`.
fn claimed() -> World {
    let world = World::with_two_repositories();
    assert_eq!(world.namespace("a", &["set", "infra"]).code, 0);
    world
}
