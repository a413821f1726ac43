//! The audit of a redacted text: what should have been redacted and was not fails the trial,
//! before it can become a golden that moves by itself.

use std::sync::LazyLock;

use regex::Regex;

/// Something volatile that redaction left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it looks like: `UUID`, `temp path`, ….
    pub what: &'static str,
    /// The text that was found.
    pub text: String,
    /// The line it stands in, counted from 1.
    pub line: usize,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {} {}", self.line, self.what, self.text)
    }
}

/// Wider than the rules on purpose: whatever is of the kind, in whatever format.
static SHAPES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        (
            "UUID",
            r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ),
        ("time", r"\d{4}-\d{2}-\d{2}[T ]\d{2}[:-]\d{2}[:-]\d{2}"),
        ("clock", r"\b\d{2}:\d{2}:\d{2}\b"),
        ("date", r"\b20\d{2}-\d{2}-\d{2}\b"),
        ("epoch", r"\b1[6-9]\d{8}(?:\d{3})?\b"),
        ("temp path", r"/(?:tmp|var/folders|private/var)/[^\s\x22']*"),
        (
            "loopback address",
            r"(?:127\.0\.0\.1|\[::1\]|\blocalhost\b)(?::\d+)?",
        ),
    ]
    .map(|(what, pattern)| (what, Regex::new(pattern).expect("the pattern compiles")))
    .into()
});

/// Looks for the shapes of volatile things, and for the names of this machine and this sandbox.
#[derive(Debug, Clone, Default)]
pub struct Auditor {
    names: Vec<(&'static str, String)>,
}

impl Auditor {
    /// Also looks for `name`, a name of this machine or sandbox, described by `what`. Names of
    /// fewer than four characters are passed over: they are found in ordinary words.
    pub fn forbid(&mut self, what: &'static str, name: &str) {
        if name.chars().count() >= 4 {
            self.names.push((what, name.to_owned()));
        }
    }

    /// All that redaction left in `text`.
    pub fn findings(&self, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let mut found = |what, text: &str| {
                findings.push(Finding {
                    what,
                    text: text.to_owned(),
                    line: index + 1,
                });
            };
            for (what, name) in &self.names {
                if line.contains(name.as_str()) {
                    found(what, name);
                }
            }
            for (what, shape) in SHAPES.iter() {
                for hit in shape.find_iter(line) {
                    found(what, hit.as_str());
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(text: &str) -> Vec<&'static str> {
        let mut auditor = Auditor::default();
        auditor.forbid("host name", "vm-beaver");
        auditor.forbid("host name", "vm");
        auditor.findings(text).iter().map(|f| f.what).collect()
    }

    #[test]
    fn every_kind_of_volatile_text_is_found() {
        for (text, what) in [
            ("id 0F8FAD5B-d9cb-469f-a165-70867728950e", "UUID"),
            ("x0f8fad5b-d9cb-469f-a165-70867728950ex", "UUID"),
            ("2026-11-22 09:16:48", "time"),
            ("2026-11-22T09-16-48-148Z", "time"),
            ("at 09:16:48 UTC", "clock"),
            ("on 2026-11-22", "date"),
            ("1779440000", "epoch"),
            ("1779440000123", "epoch"),
            ("in /tmp/abc/ds", "temp path"),
            ("in /var/folders/ab", "temp path"),
            ("http://127.0.0.1:4566/x", "loopback address"),
            ("localhost", "loopback address"),
            ("by vm-beaver", "host name"),
        ] {
            assert!(whats(text).contains(&what), "{text}: {:?}", whats(text));
        }
    }

    #[test]
    fn redacted_and_ordinary_text_passes() {
        for text in [
            "<repo:infra> at <time> on <date> in <sandbox>/ds",
            "typeVersion: 2026.02.09.1",
            "17794400 and 17794400001 and 1479440000",
            "vm",
            "12:30",
            "localhosts",
            "[a-z0-9][a-z0-9-]*",
        ] {
            assert_eq!(whats(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_finding_says_where_it_stands() {
        let findings = Auditor::default().findings("fine\nat 09:16:48");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].to_string(), "line 2: clock 09:16:48");
    }
}
