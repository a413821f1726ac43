//! What is wrong with an expression, and where, in swamp's form: the line with a caret below.

use std::fmt;

/// An expression that does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError(String);

impl SyntaxError {
    /// The error `message` at byte `at` of `source`.
    pub fn new(message: impl Into<String>, source: &str, at: usize) -> Self {
        Self(mark(&message.into(), source, at))
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SyntaxError {}

/// `message` with the line of `source` that byte `at` is in, and a caret below that byte.
pub fn mark(message: &str, source: &str, at: usize) -> String {
    let before = source.get(..at).unwrap_or(source);
    let number = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = source[line_start..].split('\n').next().unwrap_or_default();
    // Columns are those of JavaScript, where an emoji counts twice.
    let column = before[line_start..].encode_utf16().count();
    format!(
        "{message}\n\n> {number:>4} | {line}\n{}^",
        " ".repeat(9 + column)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_the_place() {
        assert_eq!(mark("no", "a ==", 4), "no\n\n>    1 | a ==\n             ^");
        assert_eq!(mark("no", "a\nbc", 3), "no\n\n>    2 | bc\n          ^");
        assert_eq!(mark("no", "🐊 (", 4), "no\n\n>    1 | 🐊 (\n           ^");
    }

    #[test]
    fn a_place_outside_is_the_end() {
        assert_eq!(mark("no", "ab", 9), "no\n\n>    1 | ab\n           ^");
    }
}
