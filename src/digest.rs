//! Digests of files, goldens and trees.

use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes`, in hex digits.
pub fn full(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// `bytes` in hex digits.
fn hex(bytes: &[u8]) -> String {
    // Thousands of files are digested: a piece of text for each byte would cost more than the rest.
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(digits.map(digit));
    text
}

/// The first 16 digits of [`full`], for people to compare.
pub fn short(bytes: impl AsRef<[u8]>) -> String {
    let mut digest = full(bytes);
    digest.truncate(16);
    digest
}
