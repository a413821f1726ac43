//! Locks on a filesystem datastore: files that say who holds them.
//!
//! What changes one model takes that model's lock; what changes the structure of a namespace's data
//! waits until no model is locked and takes the lock of the whole namespace (see [`drain`]).
//! Namespaces do not wait for each other.

pub mod drain;
pub mod file;
pub mod info;
pub mod key;

pub use drain::{of_model, structural};
pub use file::{timed_out, timeout};
pub use info::{Info, TTL};
