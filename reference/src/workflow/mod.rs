//! Workflows: jobs of steps, each of which runs a method of a model. What could run at the same time runs one after the
//! other here, in the order that swamp begins it.

pub mod clock;
pub mod condition;
pub mod definition;
pub mod entries;
pub mod execution;
pub mod graph;
pub mod narrator;
pub mod outcome;
pub mod produced;
pub mod step;
pub mod validation;

pub use definition::Workflow;
pub use narrator::Narrator;
pub use outcome::{Outcome, Status};
