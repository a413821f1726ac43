//! What runs leave behind at a backend: buckets at a named endpoint, containers at a Docker engine.

pub mod buckets;
pub mod containers;
