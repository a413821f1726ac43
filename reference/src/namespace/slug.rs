//! What a namespace may be called.

use crate::datastore::DIRECTORIES;
use crate::quirks::{Quirk, Quirks};

const LONGEST: usize = 64;

/// Checks a slug; the error is the message for the user.
pub fn check(slug: &str, quirks: &Quirks) -> Result<(), String> {
    if slug.is_empty() {
        return Err(if quirks.on(Quirk::EmptySlugLeaksConstant) {
            "Namespace cannot be empty — use SOLO_NAMESPACE instead".to_owned()
        } else {
            "Namespace cannot be empty".to_owned()
        });
    }
    // Swamp counts as JavaScript does.
    let length = slug.encode_utf16().count();
    if length > LONGEST {
        return Err(format!(
            "Namespace must be at most {LONGEST} characters, got {length}"
        ));
    }
    if !matches_pattern(slug) {
        return Err(format!(
            "Namespace must match [a-z0-9][a-z0-9-]*: {}",
            serde_json::Value::from(slug)
        ));
    }
    if !quirks.on(Quirk::ReservedSlugsAccepted) && DIRECTORIES.contains(&slug) {
        return Err(format!(
            "Namespace \"{slug}\" is reserved: a directory of the datastore has this name"
        ));
    }
    Ok(())
}

/// Lower-case letters, digits and hyphens, but no hyphen at either end.
fn matches_pattern(slug: &str) -> bool {
    slug.chars()
        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_slugs_pass() {
        let longest = "a".repeat(64);
        for slug in [
            "infra",
            "a",
            "0",
            "a--b",
            "team-1",
            longest.as_str(),
            "data",
        ] {
            assert_eq!(check(slug, &Quirks::default()), Ok(()), "{slug}");
        }
    }

    #[test]
    fn bad_slugs_are_quoted_in_the_message() {
        for slug in [
            "Infra", "in_fra", "in.fra", "in fra", "in/fra", "infra:x", "*", "infra-", "-infra",
            "..", "é", "a\n",
        ] {
            let message = check(slug, &Quirks::default()).expect_err(slug);
            assert_eq!(
                message,
                format!(
                    "Namespace must match [a-z0-9][a-z0-9-]*: {}",
                    serde_json::json!(slug)
                )
            );
        }
    }

    #[test]
    fn length_is_checked_before_the_pattern() {
        let message = check(&"A".repeat(65), &Quirks::default()).expect_err("too long");
        assert_eq!(message, "Namespace must be at most 64 characters, got 65");
        let message = check(&"\u{1f40a}".repeat(33), &Quirks::default()).expect_err("too long");
        assert_eq!(message, "Namespace must be at most 64 characters, got 66");
    }
}
