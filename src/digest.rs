//! Digests of files, goldens and trees.

use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes`, in hex digits.
pub(crate) fn full(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The first 16 digits of [`full`], for people to compare.
pub(crate) fn short(bytes: impl AsRef<[u8]>) -> String {
    let mut digest = full(bytes);
    digest.truncate(16);
    digest
}
