//! From what was seen to the text that is compared.

pub mod change;
pub(crate) mod difference;
pub(crate) mod documents;
pub mod order;
pub mod output;
pub mod redact;
pub(crate) mod rows;
pub mod surface;
pub(crate) mod transcript;
pub mod tree;
pub(crate) mod twins;
pub(crate) mod yaml;
