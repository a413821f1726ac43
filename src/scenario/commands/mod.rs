//! The commands of swamp, as methods of a repo.

pub mod data;
pub mod namespace;
pub mod sync;
pub mod workflow;
