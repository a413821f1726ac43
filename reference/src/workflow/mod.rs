//! Workflows: jobs of steps, each of which runs a method of a model. The slice that is here runs them one after the
//! other, so it takes workflows alone that want just that.

pub mod clock;
pub mod definition;
pub mod narrator;
pub mod outcome;
pub mod step;

pub use definition::Workflow;
pub use narrator::Narrator;
pub use outcome::{Outcome, Status};
