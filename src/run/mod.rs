//! One run: which trials, in which order, and how each is played and judged.

mod assertion;
pub(crate) mod ending;
pub(crate) mod find;
pub mod play;
pub(crate) mod schedule;
pub mod suite;
