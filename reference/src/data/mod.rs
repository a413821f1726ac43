//! What models have produced: versions of named data, each with its metadata, below `data` in the datastore.

pub mod layout;
pub mod metadata;
pub mod store;
pub mod walk;

pub use layout::{DataRoot, ModelData};
pub use metadata::Metadata;
pub use walk::{Stored, walk_versions};
