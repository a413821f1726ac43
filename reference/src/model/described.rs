//! What a type of model says of itself: its version, and its methods with their arguments.

use serde_json::{Map, Value, json};

use super::shell;

/// The entries that a reply about a model of the built-in type has of the type.
pub fn methods() -> Value {
    json!([{ "name": shell::METHOD, "description": shell::ABOUT, "arguments": shell::schema() }])
}

/// The lines that people read of the methods.
pub fn lines() -> Vec<String> {
    let schema = shell::schema();
    let mut lines = vec![
        String::new(),
        "Methods:".to_owned(),
        format!("  {} - {}", shell::METHOD, shell::ABOUT),
        "    Inputs:".to_owned(),
    ];
    let nothing = Map::new();
    let inputs = schema["properties"].as_object().unwrap_or(&nothing);
    let required = schema["required"].as_array();
    lines.extend(inputs.iter().map(|(input, described)| {
        let kind = described["type"].as_str().unwrap_or_default();
        let is_required = required.is_some_and(|names| names.iter().any(|name| name == input));
        let mark = if is_required { " *required" } else { "" };
        format!("      {input} ({kind}){mark}")
    }));
    lines
}
