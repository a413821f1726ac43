//! Why a text is no JSON, in the words of swamp's runtime, as far as they are known here.

use serde_json::error::Category;

/// The message for `error`, which a parser met in `text`.
pub fn message(text: &str, error: &serde_json::Error) -> String {
    let own = error.to_string();
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let (line, column) = (error.line(), error.column());
    let position = before + column.saturating_sub(1);
    let place = || format!("in JSON at position {position} (line {line} column {column})");
    if error.classify() == Category::Eof {
        "Unexpected end of JSON input".to_owned()
    } else if own.starts_with("key must be a string") {
        format!("Expected property name or '}}' {}", place())
    } else if own.starts_with("trailing characters") {
        format!(
            "Unexpected non-whitespace character after {}",
            place().trim_start_matches("in ")
        )
    } else if own.starts_with("expected ident") || own.starts_with("expected value") {
        unexpected(text, position).unwrap_or(own)
    } else {
        own
    }
}

/// The message for a character that stands where none may, with what is around it.
fn unexpected(text: &str, position: usize) -> Option<String> {
    const AROUND: usize = 10;
    let found = text.get(position..)?.chars().next()?;
    let (from, to) = match text.len() {
        0..=20 => (0, text.len()),
        length => (
            position.saturating_sub(AROUND),
            length.min(position + AROUND),
        ),
    };
    let before = if from > 0 { "..." } else { "" };
    let behind = if to < text.len() { "..." } else { "" };
    let shown = text.get(from..to)?;
    Some(format!(
        "Unexpected token '{found}', {before}\"{shown}\"{behind} is not valid JSON"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let error = serde_json::from_str::<serde_json::Value>(text).expect_err("no JSON");
        message(text, &error)
    }

    #[test]
    fn the_known_messages() {
        assert_eq!(of(""), "Unexpected end of JSON input");
        assert_eq!(
            of("{ not json"),
            "Expected property name or '}' in JSON at position 2 (line 1 column 3)"
        );
        assert_eq!(
            of("nope"),
            "Unexpected token 'o', \"nope\" is not valid JSON"
        );
        assert_eq!(
            of("{\"a\": x, \"more\": \"of it\"}"),
            "Unexpected token 'x', \"{\"a\": x, \"more\":\"... is not valid JSON"
        );
        assert_eq!(
            of("{\n  x"),
            "Expected property name or '}' in JSON at position 4 (line 2 column 3)"
        );
        assert_eq!(
            of("{}x"),
            "Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)"
        );
    }
}
