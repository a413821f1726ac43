//! The box that shows people what a method has produced.

use serde_json::{Map, Value};

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

/// The lines of the box for data; none where there is none.
pub fn lines(pieces: &[Piece]) -> Vec<String> {
    if pieces.is_empty() {
        return Vec::new();
    }
    let mut entries = vec![" Data produced".to_owned()];
    for piece in pieces {
        entries.push(format!("  {}", piece.name));
        entries.extend(fields(&piece.attributes));
    }
    boxed(&entries)
}

/// The lines of the box for arguments, and for data of which only the name and the source are shown;
/// none where there is no data.
pub fn sources(arguments: &Map<String, Value>, pieces: &[(String, String)]) -> Vec<String> {
    if pieces.is_empty() {
        return Vec::new();
    }
    let mut entries = Vec::new();
    if !arguments.is_empty() {
        entries.push(" Arguments".to_owned());
        entries.extend(fields(arguments));
        entries.push(String::new());
    }
    let width = widest(pieces.iter().map(|(name, _)| name));
    entries.push(" Data produced".to_owned());
    let entry = |(name, source): &(String, String)| format!("  {name:<width$}    from {source}");
    entries.extend(pieces.iter().map(entry));
    boxed(&entries)
}

fn fields(values: &Map<String, Value>) -> impl Iterator<Item = String> {
    let width = widest(values.keys());
    values.iter().map(move |(name, value)| {
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        format!("    {name:<width$}   {value}")
    })
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
