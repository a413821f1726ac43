//! YAML as swamp writes it: block style, sequences indented below their key, strings quoted with `"` where a plain
//! scalar would read back as something else, long strings as folded blocks. No library at hand gives this layout, and
//! the suite compares the file byte for byte.

use serde_json::{Map, Number, Value};

use super::scalar;

const INDENT: usize = 2;
/// A line is folded beyond this width, less its indentation, but never below [`MIN_WIDTH`].
const WIDTH: usize = 80;
const MIN_WIDTH: usize = 40;

/// Reads a YAML document; the order of keys is kept.
pub fn read(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        // As swamp's reader: `yes` is a word, `007` is seven.
        strict_booleans: true,
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Writes a mapping as a YAML document.
pub fn write(document: &Map<String, Value>) -> String {
    if document.is_empty() {
        return "{}\n".to_owned();
    }
    let mut out = String::new();
    mapping(&mut out, document, 0, false);
    out
}

/// Writes the entries of a mapping. The first one continues the current line where `inline` says so (after `- `).
fn mapping(out: &mut String, entries: &Map<String, Value>, level: usize, inline: bool) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if !(inline && index == 0) {
            indent(out, level);
        }
        out.push_str(&key_text(key));
        out.push(':');
        match value {
            Value::Object(nested) if !nested.is_empty() => {
                out.push('\n');
                mapping(out, nested, level + 1, false);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                sequence(out, items, level + 1, false);
            }
            scalar => {
                out.push(' ');
                scalar_line(out, scalar, level + 1);
            }
        }
    }
}

/// Writes the items of a sequence, with the same rule for the first line.
fn sequence(out: &mut String, items: &[Value], level: usize, inline: bool) {
    for (index, item) in items.iter().enumerate() {
        if !(inline && index == 0) {
            indent(out, level);
        }
        out.push_str("- ");
        match item {
            Value::Object(nested) if !nested.is_empty() => mapping(out, nested, level + 1, true),
            Value::Array(nested) if !nested.is_empty() => sequence(out, nested, level + 1, true),
            scalar => scalar_line(out, scalar, level + 1),
        }
    }
}

fn indent(out: &mut String, level: usize) {
    out.extend(std::iter::repeat_n(' ', level * INDENT));
}

/// Writes what fits behind a key or a dash, to the end of the line; `level` is where a block scalar's text stands.
fn scalar_line(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::String(text) => out.push_str(&string(text, level)),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        Value::Number(number) => out.push_str(&number_text(number)),
        other => out.push_str(&other.to_string()),
    }
    out.push('\n');
}

/// JavaScript knows no difference between `7` and `7.0`.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e21 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

/// A key is always written on one line.
fn key_text(key: &str) -> String {
    if key.is_empty() {
        return "''".to_owned();
    }
    if key.chars().all(is_printable) && is_plain(key) { key.to_owned() } else { quoted(key) }
}

fn string(text: &str, level: usize) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if scalar::is_old_boolean(text) {
        return format!("'{text}'");
    }
    if text.chars().any(|c| c != '\n' && !is_printable(c)) {
        return quoted(text);
    }
    let width = WIDTH.saturating_sub(level * INDENT).max(MIN_WIDTH);
    let long = text
        .split('\n')
        .any(|line| line.encode_utf16().count() > width && !line.starts_with(' '));
    if long {
        block('>', &fold(text, width), text, level)
    } else if text.contains('\n') {
        block('|', text, text, level)
    } else if is_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A block scalar: header, then the text indented. The header says what becomes of the line breaks at the end.
fn block(style: char, laid_out: &str, original: &str, level: usize) -> String {
    let mut out = String::from(style);
    if original.trim_start_matches('\n').starts_with(' ') {
        out.push_str(&INDENT.to_string());
    }
    if original == "\n" || original.ends_with("\n\n") {
        out.push('+');
    } else if !original.ends_with('\n') {
        out.push('-');
    }
    let body = laid_out.strip_suffix('\n').unwrap_or(laid_out);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(&mut out, level);
            out.push_str(line);
        }
    }
    out
}

/// Breaks long lines at spaces; an original line break between two lines that start flush doubles.
fn fold(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut previous_flush = false;
    let mut pending = 0;
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            pending += 1;
        }
        if line.is_empty() {
            continue;
        }
        let flush = !line.starts_with(' ');
        out.extend(std::iter::repeat_n('\n', pending));
        if pending > 0 && flush && previous_flush {
            out.push('\n');
        }
        fold_line(&mut out, line, width);
        previous_flush = flush;
        pending = 0;
    }
    out.extend(std::iter::repeat_n('\n', pending));
    out
}

/// Breaks one line greedily at single spaces; what has no space stays long.
fn fold_line(out: &mut String, line: &str, width: usize) {
    if line.starts_with(' ') {
        out.push_str(line);
        return;
    }
    let mut used = 0;
    let mut rest = line;
    loop {
        // A break may only stand at a space that no other space follows.
        let next_break = rest
            .char_indices()
            .skip(1)
            .find(|&(at, c)| c == ' ' && rest[at + 1..].starts_with(|next| next != ' '))
            .map(|(at, _)| at);
        let word = &rest[..next_break.unwrap_or(rest.len())];
        let length = word.encode_utf16().count();
        if used > 0 && used + length > width && word.starts_with(' ') {
            out.push('\n');
            out.push_str(&word[1..]);
            used = length - 1;
        } else {
            out.push_str(word);
            used += length;
        }
        match next_break {
            Some(at) => rest = &rest[at..],
            None => return,
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\0' => out.push_str("\\0"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\x1b' => out.push_str("\\e"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{85}' => out.push_str("\\N"),
            '\u{a0}' => out.push_str("\\_"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&match c as u32 {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            }),
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
