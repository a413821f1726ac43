//! Moving a datastore's directories into the directory of a namespace, or out of it again.

pub mod execute;
pub mod merge;
pub mod plan;
mod renumber;

pub use execute::{Interrupted, Watcher, execute};
pub use plan::Plan;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Out of the namespace, not into it.
    pub reverse: bool,
    /// Not only a preview.
    pub confirm: bool,
}
