//! Vaults of the type `local_encryption`: secrets in files of the repository, encrypted with a key
//! beside them.

mod crypto;
pub mod registry;
pub mod secrets;

/// The name of the type.
pub const TYPE: &str = "local_encryption";
/// What people call it.
pub const TYPE_NAME: &str = "Local Encryption";
