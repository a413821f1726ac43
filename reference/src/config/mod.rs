//! The repository's configuration file, `.swamp.yaml`, and the layout it is written in.

mod block;
pub mod marker;
mod scalar;
pub mod text;
pub mod yaml;
