//! Vaults of the type `local_encryption`: secrets in files of the repository, encrypted with a key
//! beside them.

pub mod audit;
mod crypto;
pub mod opened;
pub mod registry;
pub mod secrets;

pub use opened::Opened;

/// The name of the type.
pub const TYPE: &str = "local_encryption";
/// What people call it.
pub const TYPE_NAME: &str = "Local Encryption";
