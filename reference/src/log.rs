//! Log levels, and the form of a log line.

/// How important a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the usual ones")]
pub enum Level {
    Info,
    Warning,
    Error,
    Fatal,
}

impl Level {
    fn abbreviation(self) -> &'static str {
        match self {
            Self::Info => "INF",
            Self::Warning => "WRN",
            Self::Error => "ERR",
            Self::Fatal => "FTL",
        }
    }
}

/// A log line; `category` is separated by blanks.
pub fn line(time: &str, level: Level, category: &str, message: &str) -> String {
    format!(
        "{time} [{}] {}: {message}",
        level.abbreviation(),
        category.replace(' ', "·")
    )
}

/// A text in quotes, as a value stands in a log line: in those quotes that need no escaping, double
/// ones first.
pub fn quote(text: &str) -> String {
    let quote = ['"', '\'', '`']
        .into_iter()
        .find(|quote| !text.contains(*quote))
        .unwrap_or('"');
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_time_level_and_category() {
        assert_eq!(
            line("T", Level::Info, "datastore namespace set", "done"),
            "T [INF] datastore·namespace·set: done"
        );
    }

    #[test]
    fn quotes_avoid_escapes() {
        assert_eq!(quote("infra"), "\"infra\"");
        assert_eq!(quote("say \"x\""), "'say \"x\"'");
        assert_eq!(quote("\"it's\""), "`\"it's\"`");
        assert_eq!(quote("a\nb\\"), "\"a\\nb\\\\\"");
        assert_eq!(quote("\"'`"), "\"\\\"'`\"");
    }
}
