//! Namespaces: their names, the manifests that claim them in a datastore, and moving data into them
//! and out again.

pub mod json_error;
pub mod manifest;
pub mod migrate;
pub mod reach;
pub mod slug;
