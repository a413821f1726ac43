//! Workflows: jobs of steps, each of which runs a method of a model, or waits for a person. All run
//! one after the other here, as they stand in the file.

pub mod clock;
pub mod definition;
pub mod evaluated;
pub mod execution;
pub mod graph;
pub mod history;
pub mod narrator;
pub mod outcome;
pub mod produced;
pub mod recorded;
pub mod step;

pub use definition::Workflow;
pub use narrator::Narrator;
pub use outcome::{Outcome, Status};
