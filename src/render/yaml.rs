//! The styles in which YAML writes a text. A path with blanks is folded where it is longer than a
//! line, and one with odd characters is quoted, so that how it looks hangs on the path.

/// `yaml` with those values of keys on one line, without quotes, of which `is_of_the_trial`
/// holds. All others stay to the letter.
pub(crate) fn plain(yaml: &str, is_of_the_trial: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut lines = yaml.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let mut raw = line.to_owned();
        let indent = indent_of(line);
        // What a scalar goes on with is further in, or empty within it.
        while let Some(more) = lines.next_if(|more| indent_of(more) > indent && key(line).is_some())
        {
            raw.push_str(more);
        }
        let value = key(&raw).and_then(|(key, value)| Some((key, text_of(value)?)));
        match value {
            Some((key, value)) if is_of_the_trial(&value) => {
                out.push_str(&format!("{key} {value}\n"));
            }
            _ if raw.len() > line.len() => {
                // Another mapping: its own values are looked at one by one.
                let (first, rest) = raw.split_at(line.len());
                out.push_str(first);
                out.push_str(&if is_scalar(line) {
                    rest.to_owned()
                } else {
                    plain(rest, is_of_the_trial)
                });
            }
            _ => out.push_str(&raw),
        }
    }
    out
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The key with its colon, and what stands behind.
fn key(raw: &str) -> Option<(&str, &str)> {
    let (key, value) = raw.split_once(':')?;
    let name = key.trim_start();
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_-".contains(c));
    is_name.then(|| (&raw[..=key.len()], value))
}

/// Whether a text begins behind the key of `line`.
fn is_scalar(line: &str) -> bool {
    key(line).is_some_and(|(_, value)| !value.trim().is_empty())
}

/// The text that a value stands for, in whatever style; none where it is no text.
fn text_of(value: &str) -> Option<String> {
    let (first, rest) = value.split_once('\n').unwrap_or((value, ""));
    let first = first.trim();
    let folded = |lines: &str| {
        let lines: Vec<&str> = lines.lines().map(str::trim).collect();
        lines.join(" ")
    };
    match first.chars().next()? {
        '>' => {
            let lines: Vec<&str> = rest.lines().map(str::trim_start).collect();
            Some(lines.join(" "))
        }
        '\'' => {
            let whole = folded(value.trim());
            let inner = whole.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(inner.replace("''", "'"))
        }
        '"' => {
            // A backslash at the end of a line joins it with the next one.
            let joined: Vec<&str> = value.trim().lines().map(str::trim_start).collect();
            let joined = joined.join("\n").replace("\\\n", "").replace('\n', " ");
            serde_json::from_str(&as_json(&joined)).ok()
        }
        '|' => None,
        _ => Some(folded(value.trim())),
    }
}

/// A text in double quotes as JSON has it, which knows no escaped blank.
fn as_json(quoted: &str) -> String {
    let mut out = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some(' ')) => out.push(' '),
            (c, escaped) => {
                out.push(c);
                out.extend(escaped);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(yaml: &str) -> String {
        plain(yaml, &|value| value.contains("/t/a"))
    }

    #[test]
    fn a_path_of_the_trial_is_plain_in_whatever_style() {
        for value in [
            "/t/a b/ds",
            ">-\n    /t/a b/ds",
            ">-\n    /t/a\n    b/ds",
            "'/t/a b/ds'",
            "\"/t/a b/ds\"",
            "\"/t/a\\\n    \\ b/ds\"",
            "'/t/a\n    b/ds'",
        ] {
            assert_eq!(
                of(&format!(
                    "datastore:\n  type: f\n  path: {value}\n  namespace: n\n"
                )),
                "datastore:\n  type: f\n  path: /t/a b/ds\n  namespace: n\n",
                "{value}"
            );
        }
        assert_eq!(of("path: '/t/a''b'\n"), "path: /t/a'b\n");
        assert_eq!(of("path: \"/t/a\\\"b\"\n"), "path: /t/a\"b\n");
    }

    #[test]
    fn all_else_stays_to_the_letter() {
        for yaml in [
            "datastore:\n  path: '/other'\n",
            "datastore:\n  path: >-\n    /other\n    dir\n  n: \"x\"\n",
            "datastore:\n  directories:\n    - data\n    - '/t/b'\n\n  x: y\n",
            "(there is no .swamp.yaml)\n",
            "",
        ] {
            assert_eq!(of(yaml), yaml);
        }
    }
}
