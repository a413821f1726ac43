//! The box that shows people what a method has produced.

use serde_json::{Map, Value};

/// Values are cut at this length.
const LONGEST_VALUE: usize = 60;
/// So many attributes of one piece of data are shown.
const MOST_ATTRIBUTES: usize = 10;
const NARROWEST: usize = 20;
const WIDEST: usize = 80;

/// One piece of data.
#[derive(Debug)]
pub struct Piece {
    /// Its name.
    pub name: String,
    /// Its content, where that is a JSON object.
    pub attributes: Map<String, Value>,
}

/// The lines of the box for the data of `model`; none where there is nothing to show. `arguments` are shown where the
/// model has global ones.
pub fn lines(pieces: &[Piece], arguments: Option<&Map<String, Value>>, model: &str) -> Vec<String> {
    let mut entries = Vec::new();
    if let Some(arguments) = arguments {
        entries.push(" Arguments".to_owned());
        let width = widest(arguments.keys());
        for (name, value) in arguments {
            entries.push(format!("    {name:<width$}   {}", argument(value)));
        }
    }
    if !pieces.is_empty() {
        if !entries.is_empty() {
            entries.push(String::new());
        }
        entries.push(" Data produced".to_owned());
        entries.extend(data_entries(pieces, model));
    }
    if entries.is_empty() {
        return Vec::new();
    }
    boxed(&entries)
}

/// The lines of the box for data of which only the name and the source are shown; none where there is none.
pub fn sources(pieces: &[(String, String)]) -> Vec<String> {
    if pieces.is_empty() {
        return Vec::new();
    }
    let width = widest(pieces.iter().map(|(name, _)| name));
    let mut entries = vec![" Data produced".to_owned()];
    let entry = |(name, source): &(String, String)| format!("  {name:<width$}    from {source}");
    entries.extend(pieces.iter().map(entry));
    boxed(&entries)
}

fn data_entries(pieces: &[Piece], model: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut complex = Vec::new();
    for piece in pieces {
        entries.push(format!("  {}", piece.name));
        let width = widest(piece.attributes.keys().take(MOST_ATTRIBUTES));
        for (name, value) in piece.attributes.iter().take(MOST_ATTRIBUTES) {
            entries.push(format!("    {name:<width$}   {}", attribute(value)));
        }
        let hidden = piece.attributes.len().saturating_sub(MOST_ATTRIBUTES);
        if hidden > 0 {
            entries.push(format!("    +{hidden} more"));
        }
        let nested = |value: &Value| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(entries) => !entries.is_empty(),
            _ => false,
        };
        if hidden > 0 || piece.attributes.values().any(nested) {
            complex.push(format!("  → swamp data get {model} {}", piece.name));
        }
    }
    if !complex.is_empty() {
        entries.push(String::new());
        entries.extend(complex);
    }
    entries
}

fn boxed(entries: &[String]) -> Vec<String> {
    let length = |text: &String| text.chars().count();
    let inner = entries.iter().map(length).max().unwrap_or(0);
    let inner = inner.clamp(NARROWEST, WIDEST) + 2;
    let line = "─".repeat(inner);
    let mut lines = vec![String::new(), format!("  ┌{line}┐")];
    lines.extend(entries.iter().map(|entry| format!("  │{entry:<inner$}│")));
    lines.push(format!("  │{:inner$}│", ""));
    lines.push(format!("  └{line}┘"));
    lines
}

fn widest<'a>(names: impl Iterator<Item = &'a String>) -> usize {
    let length = |name: &String| name.chars().count();
    names.map(length).max().unwrap_or(1).max(1)
}

fn attribute(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => format!("{} items", items.len()),
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(_) => "object".to_owned(),
        other => argument(other),
    }
}

fn argument(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        Value::Array(_) | Value::Object(_) => cut(&value.to_string()),
        other => other.to_string(),
    }
}

/// The first line of a text, and not too much of it.
fn cut(text: &str) -> String {
    let first = text.split('\n').next().unwrap_or_default();
    if first.chars().count() > LONGEST_VALUE {
        let kept: String = first.chars().take(LONGEST_VALUE).collect();
        format!("{kept}...")
    } else if text.contains('\n') {
        format!("{first}...")
    } else {
        first.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn piece(attributes: Value) -> Piece {
        Piece {
            name: "result".to_owned(),
            attributes: attributes.as_object().cloned().unwrap_or_default(),
        }
    }

    #[test]
    fn values_are_aligned_and_cut() {
        let long = "x".repeat(70);
        let shown = lines(
            &[piece(
                json!({"exitCode": 0, "stdout": "a\nb", "long": long, "none": null}),
            )],
            None,
            "m",
        );
        assert_eq!(shown[2].trim_end_matches(['│', ' ']), "  │ Data produced");
        assert_eq!(shown[4].trim_end_matches(['│', ' ']), "  │    exitCode   0");
        assert!(shown[5].contains("stdout     a...  "));
        assert!(shown[6].contains(&format!("{}...", "x".repeat(60))));
        assert!(shown[7].contains("none       null"));
    }

    #[test]
    fn what_does_not_fit_leads_to_data_get() {
        let shown = lines(&[piece(json!({"a": [1, 2], "b": {}}))], None, "m").join("\n");
        assert!(shown.contains("a   2 items"));
        assert!(shown.contains("→ swamp data get m result"));
        assert!(lines(&[], None, "m").is_empty());
    }

    #[test]
    fn arguments_come_first() {
        let arguments = json!({"region": "eu", "n": {"x": 1}});
        let shown = lines(&[], arguments.as_object(), "m");
        assert!(shown[2].contains("Arguments"));
        assert!(shown[4].contains("n        {\"x\":1}"));
    }
}
