//! What models have produced: versions of named data, each with its metadata, below `data` in the
//! datastore.

pub mod collection;
pub mod layout;
pub mod lifetime;
pub mod metadata;
pub mod orphans;
pub mod removal;
pub mod renaming;
pub mod store;
pub mod walk;

pub use layout::{DataRoot, ModelData};
pub use metadata::Metadata;
pub use walk::{Stored, walk_versions};
