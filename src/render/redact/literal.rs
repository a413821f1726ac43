//! Replacing a literal text, as a whole name only.

use super::Rule;

/// Replaces `literal` by `token` where it stands as a whole: `/tmp/a` is not found in `/tmp/ab`
/// or in `/x/tmp/a`, and `1.2` not in `1.2.3`'s neighbours `11.2` and `1.21`.
pub(super) fn replace(text: &str, literal: &str, token: &str, rule: Rule) -> String {
    if literal.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(literal) {
        let (before, found) = rest.split_at(at);
        let after = &found[literal.len()..];
        out.push_str(before);
        // `out` and not `before`: at the start of a later piece the character in front is there.
        let whole = !out.ends_with(is_name) && !after.starts_with(is_name);
        if whole {
            rule.fires();
            out.push_str(token);
        } else {
            out.push_str(literal);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> String {
        replace(text, "/tmp/a", "<root>", Rule::Path)
    }

    #[test]
    fn a_whole_name_is_replaced_everywhere() {
        let before = Rule::Path.count();
        assert_eq!(path("/tmp/a"), "<root>");
        assert_eq!(
            path("x /tmp/a/ds \"/tmp/a\":/tmp/a."),
            "x <root>/ds \"<root>\":<root>."
        );
        assert!(Rule::Path.count() >= before + 4);
    }

    #[test]
    fn a_part_of_a_longer_name_is_left() {
        for text in [
            "/tmp/ab", "/tmp/a-b", "/tmp/a_b", "/tmp/a1", "x/tmp/a", "-/tmp/a",
        ] {
            assert_eq!(path(text), text);
        }
        assert_eq!(path("/tmp/ab/tmp/a"), "/tmp/ab/tmp/a");
    }

    #[test]
    fn an_empty_literal_matches_nothing() {
        assert_eq!(replace("abc", "", "<x>", Rule::Version), "abc");
    }

    #[test]
    fn a_version_is_not_found_inside_another() {
        let version = |text: &str| replace(text, "1.2.0", "<version>", Rule::Version);
        assert_eq!(version("v 1.2.0, (1.2.0)"), "v <version>, (<version>)");
        assert_eq!(version("11.2.0 1.2.01 1.2.0-rc"), "11.2.0 1.2.01 1.2.0-rc");
    }
}
