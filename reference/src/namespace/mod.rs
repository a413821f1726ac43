//! Namespaces: their names, and the manifests that claim them in a datastore.

pub mod manifest;
pub mod slug;
