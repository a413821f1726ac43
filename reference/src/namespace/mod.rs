//! Namespaces: their names, and the manifests that claim them in a datastore.

mod json_error;
pub mod manifest;
pub mod slug;
