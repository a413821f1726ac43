//! Values that replies and files of swamp hold, as types that refuse what they cannot be.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// A random UUID (version 4), in its usual form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Id(pub String);

impl TryFrom<String> for Id {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let groups: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let digits = |group: &&str| group.bytes().all(digit);
        let random = || groups[2].starts_with('4') && groups[3].starts_with(['8', '9', 'a', 'b']);
        if lengths == [8, 4, 4, 4, 12] && groups.iter().all(digits) && random() {
            Ok(Self(text))
        } else {
            Err(format!("\"{text}\" is no UUID"))
        }
    }
}

/// A time as swamp writes it: `2026-11-22T09:16:48.148Z`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Time(pub Timestamp);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let told = |why: &str| format!("\"{text}\" is no time in UTC with milliseconds: {why}");
        let time: Timestamp = text
            .parse()
            .map_err(|e: jiff::Error| told(&e.to_string()))?;
        if format!("{time:.3}") == text {
            Ok(Self(time))
        } else {
            Err(told(&format!("it would be {time:.3}")))
        }
    }
}

/// A SHA-256, in hex digits; empty where none is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Digest(pub String);

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 64 && text.bytes().all(hex) {
            Ok(Self(text))
        } else {
            Err(format!("\"{text}\" is no SHA-256"))
        }
    }
}

/// The one who runs a command without an account.
pub(crate) const NOBODY: &str = "ghost";

/// The type of models that run a command of the shell. What it prints is logged.
pub(crate) const SHELL: &str = "command/shell";

/// How a run or a part of it ended, or how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    Skipped,
    Pending,
    Running,
    WaitingApproval,
    Suspended,
}

impl Outcome {
    /// Whether what is so is over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}

/// For an optional field: it is absent or has a value; null is neither.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_an_id_a_time_or_a_digest_is_refused() {
        let id = |text: &str| Id::try_from(text.to_owned()).is_ok();
        assert!(id("0f8fad5b-d9cb-469f-a165-70867728950e"));
        assert!(!id("0f8fad5b-d9cb-469f-a165-70867728950") && !id("") && !id("g"));
        assert!(!id("0f8fad5bd-9cb-469f-a165-70867728950e"));
        let time = |text: &str| Time::try_from(text.to_owned()).is_ok();
        assert!(time("2026-11-22T09:16:48.148Z"));
        for odd in [
            "2026-11-22T09:16:48Z",
            "2026-11-22",
            "now",
            "2026-13-22T09:16:48.148Z",
        ] {
            assert!(!time(odd), "{odd}");
        }
        let digest = |text: &str| Digest::try_from(text.to_owned()).is_ok();
        assert!(digest(&"0a".repeat(32)) && !digest(&"0A".repeat(32)) && !digest("0a"));
    }
}
