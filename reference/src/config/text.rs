//! Strings in YAML: which of the styles (plain, quoted, block) swamp writes a string in.

use super::{block, scalar};

/// How much deeper a nested value stands than its key.
pub(super) const INDENT: usize = 2;

/// A line is folded beyond this width, less its indentation, but never below [`MIN_WIDTH`].
const WIDTH: usize = 80;
const MIN_WIDTH: usize = 40;

/// The quotes for strings that need some and could be printed. `.swamp.yaml` has double ones, all
/// other files single ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Quotes {
    Single,
    Double,
}

/// A key is always written on one line.
pub fn key(key: &str, quotes: Quotes) -> String {
    if key.is_empty() {
        return "''".to_owned();
    }
    if scalar::is_old_boolean(key) {
        return format!("'{key}'");
    }
    if key.chars().all(is_printable) && is_plain(key) {
        key.to_owned()
    } else {
        quoted(key, quotes)
    }
}

/// A string as a value; `level` is where the text of a block stands.
pub fn scalar(text: &str, level: usize, quotes: Quotes) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if scalar::is_old_boolean(text) {
        return format!("'{text}'");
    }
    if text.chars().any(|c| c != '\n' && !is_printable(c)) {
        return escaped(text);
    }
    let width = WIDTH.saturating_sub(level * INDENT).max(MIN_WIDTH);
    let long = text
        .split('\n')
        .any(|line| line.encode_utf16().count() > width && !line.starts_with(' '));
    if long {
        block::folded(text, width, level * INDENT)
    } else if text.contains('\n') {
        block::literal(text, level * INDENT)
    } else if is_plain(text) {
        text.to_owned()
    } else {
        quoted(text, quotes)
    }
}

/// A text that can be printed, in quotes.
fn quoted(text: &str, quotes: Quotes) -> String {
    match quotes {
        Quotes::Single if text.chars().all(is_printable) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        _ => escaped(text),
    }
}

/// A text in double quotes, what cannot be printed escaped.
fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// Whether the text can stand unquoted: no indicator in it, and it does not read as another type.
fn is_plain(text: &str) -> bool {
    const NEVER: &[char] = &[',', '[', ']', '{', '}', ':', '#'];
    const NOT_FIRST: &[char] = &[
        ' ', '\t', '-', '?', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
    ];
    !text.contains(NEVER)
        && !text.starts_with(NOT_FIRST)
        && !text.ends_with([' ', '\t'])
        && !scalar::reads_as_another_type(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_quotes_double_inside() {
        let single = |text: &str| scalar(text, 1, Quotes::Single);
        assert_eq!(single("2026-11-22"), "'2026-11-22'");
        assert_eq!(single("it's: x"), "'it''s: x'");
        assert_eq!(single("a\tb"), "\"a\\tb\"");
        assert_eq!(single("plain"), "plain");
        assert_eq!(key("a: b", Quotes::Single), "'a: b'");
        assert_eq!(key("a\nb", Quotes::Single), "\"a\\nb\"");
    }
}
