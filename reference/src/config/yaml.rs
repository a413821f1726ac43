//! YAML as swamp writes it: block style, sequences indented below their key, strings quoted where a
//! plain scalar would read back as something else, long strings as folded blocks. No library at
//! hand gives this layout, and the suite compares the files byte for byte.

use serde_json::{Map, Number, Value};

use super::text::{self, INDENT, Quotes};

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
pub fn write(document: &Map<String, Value>, quotes: Quotes) -> String {
    if document.is_empty() {
        return "{}\n".to_owned();
    }
    let mut writer = Writer {
        out: String::new(),
        quotes,
    };
    writer.mapping(document, 0, false);
    writer.out
}

struct Writer {
    out: String,
    quotes: Quotes,
}

impl Writer {
    /// Writes the entries of a mapping. The first one continues the current line where `inline`
    /// says so (after `- `).
    fn mapping(&mut self, entries: &Map<String, Value>, level: usize, inline: bool) {
        for (index, (key, value)) in entries.iter().enumerate() {
            if !(inline && index == 0) {
                self.indent(level);
            }
            self.out.push_str(&text::key(key, self.quotes));
            self.out.push(':');
            match value {
                Value::Object(nested) if !nested.is_empty() => {
                    self.out.push('\n');
                    self.mapping(nested, level + 1, false);
                }
                Value::Array(items) if !items.is_empty() => {
                    self.out.push('\n');
                    self.sequence(items, level + 1, false);
                }
                scalar => {
                    self.out.push(' ');
                    self.scalar_line(scalar, level + 1);
                }
            }
        }
    }

    /// Writes the items of a sequence, with the same rule for the first line.
    fn sequence(&mut self, items: &[Value], level: usize, inline: bool) {
        for (index, item) in items.iter().enumerate() {
            if !(inline && index == 0) {
                self.indent(level);
            }
            self.out.push_str("- ");
            match item {
                Value::Object(nested) if !nested.is_empty() => {
                    self.mapping(nested, level + 1, true)
                }
                Value::Array(nested) if !nested.is_empty() => {
                    self.sequence(nested, level + 1, true)
                }
                scalar => self.scalar_line(scalar, level + 1),
            }
        }
    }

    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n(' ', level * INDENT));
    }

    /// Writes what fits behind a key or a dash, to the end of the line; `level` is where a block
    /// scalar's text stands.
    fn scalar_line(&mut self, value: &Value, level: usize) {
        match value {
            Value::String(string) => self.out.push_str(&text::scalar(string, level, self.quotes)),
            Value::Object(_) => self.out.push_str("{}"),
            Value::Array(_) => self.out.push_str("[]"),
            Value::Number(number) => self.out.push_str(&number_text(number)),
            other => self.out.push_str(&other.to_string()),
        }
        self.out.push('\n');
    }
}

/// JavaScript knows no difference between `7` and `7.0`.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e21 => {
            format!("{float:.0}")
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        match read(text).expect("a document") {
            Value::Object(document) => write(&document, Quotes::Double),
            other => panic!("not a mapping: {other}"),
        }
    }

    /// The line for one value under the key `k`.
    fn line(text: &str) -> String {
        let mut document = Map::new();
        document.insert("k".into(), text.into());
        write(&document, Quotes::Double)
    }

    #[test]
    fn sequences_are_indented_and_order_is_kept() {
        let text = "z: 1\na:\n  - one\n  - k: v\n    l:\n      - 1\n  - - a\n    - b\nm:\n  'n': {}\n  o: []\n  p: null\n  q: true\n";
        assert_eq!(rewritten(text), text);
        assert_eq!(rewritten("{}"), "{}\n");
    }

    #[test]
    fn what_swamp_wrote_is_rewritten_byte_for_byte() {
        let text = "swampVersion: 20260206.200442.0\ninitializedAt: \"2026-11-22T12:07:59.008Z\"\nrepoId: 1e940cee-46ba-4a0f-9cac-85b8bca81f6b\ntools: []\ngitignoreManaged: true\ndatastore:\n  type: filesystem\n  path: /tmp/w/ds\n  directories:\n    - data\n    - outputs\n  namespace: \"0\"\n";
        assert_eq!(rewritten(text), text);
    }

    #[test]
    fn strings_that_read_as_something_else_are_quoted() {
        for text in [
            "0",
            "1e3",
            "0x1f",
            "true",
            "null",
            "2026-11-22",
            " lead",
            "trail ",
            "- a",
            "a: b",
            "a #b",
            "@a",
            "[",
            "'q'",
        ] {
            assert_eq!(line(text), format!("k: \"{text}\"\n"));
        }
        for text in ["infra", "1-0", "a'b\"c", "/tmp/d s", "=a", "0o7", "é"] {
            assert_eq!(line(text), format!("k: {text}\n"));
        }
        // The only ones with single quotes.
        for text in ["", "y", "no", "off"] {
            assert_eq!(line(text), format!("k: '{text}'\n"));
        }
    }

    #[test]
    fn long_strings_are_folded_blocks() {
        let path = format!("/tmp/{}", "x".repeat(80));
        assert_eq!(line(&path), format!("k: >-\n  {path}\n"));
        let words = format!("{} {} end", "a".repeat(70), "b".repeat(20));
        assert_eq!(
            line(&words),
            format!("k: >-\n  {}\n  {} end\n", "a".repeat(70), "b".repeat(20))
        );
        assert_eq!(line(&"y".repeat(78)), format!("k: {}\n", "y".repeat(78)));
    }

    #[test]
    fn every_layout_reads_back_as_it_was() {
        let long = "w ".repeat(60);
        for text in [
            "a\nb",
            "a\nb\n",
            "a\n\n",
            "\n",
            "  a\nb",
            long.trim(),
            &format!("{long}\n\n  x\ny\n"),
            "a\u{2028}b",
            "~",
            "=",
            "k: [v",
        ] {
            let written = line(text);
            let back = read(&written).expect("what was written");
            assert_eq!(back["k"], *text, "{written}");
        }
    }

    #[test]
    fn numbers_are_written_as_javascript_does() {
        assert_eq!(
            rewritten("a: 7.0\nb: 1e3\nc: 1.50\nd: 007\ne: yes\n"),
            "a: 7\nb: 1000\nc: 1.5\nd: 7\ne: 'yes'\n"
        );
    }
}
