//! The audit of a redacted text: what should have been redacted and was not fails the trial,
//! before it can become a golden that moves by itself.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// Something volatile that redaction left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it looks like: `UUID`, `temp path`, ….
    pub what: &'static str,
    /// The text that was found.
    pub text: String,
    /// The line it stands in, counted from 1.
    pub line: usize,
    /// How sure it is.
    pub weight: Weight,
}

/// What speaks for a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It can be nothing else.
    Sure,
    /// A name of this machine, where only a name of a machine stands: `somebody@build`.
    Telling,
    /// A name of this machine, that may be a word too.
    Word,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {} {}", self.line, self.what, self.text)
    }
}

impl Finding {
    /// What it means and what to do next, for people.
    pub fn advice(&self) -> &'static str {
        match (self.weight, self.what) {
            (_, "secret") => {
                "swamp shows a secret of your environment. It is hidden in all that the suite \
                 wrote; what swamp itself wrote lies in the sandbox\n  next: withdraw the secret \
                 if others can see that, and report it"
            }
            (Weight::Sure, _) => {
                "this is another one in another run or on another machine, or of another time than \
                 the trial's; a golden with it would not last\n  next: if swamp is right to print \
                 it, give it a rule in src/render/redact/; if not, it is a bug of swamp"
            }
            (Weight::Telling | Weight::Word, _) => {
                "this machine has that name; a golden with it would hold here alone\n  next: if \
                 swamp means the machine, give it a rule in src/render/redact/; if it is only a word that \
                 is the same, run the suite where that is no name (as root: `unshare --uts sh -c \
                 'hostname another-name; cargo uat'`, another user, another directory)"
            }
        }
    }

    /// Whether it says nothing, as swamp's words are so: `golden` has the very line it stands
    /// in, or the `words` of all goldens (in lower case) have it and nothing tells that it means the machine.
    pub fn is_only_a_word(
        &self,
        text: &str,
        golden: &str,
        words: impl Fn() -> &'static str,
    ) -> bool {
        if self.weight == Weight::Sure {
            return false;
        }
        let line = text.lines().nth(self.line.saturating_sub(1));
        if line.is_some_and(|line| golden.lines().any(|other| other == line)) {
            return true;
        }
        self.weight == Weight::Word && words().contains(&self.text.to_lowercase())
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
        ("epoch", r"\b1[6-9]\d{8}(?:\d{3}){0,3}\b"),
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
    texts: Vec<(&'static str, String)>,
    names: Vec<Name>,
}

/// A name of this machine, with the patterns that find it.
#[derive(Debug, Clone)]
struct Name {
    what: &'static str,
    name: String,
    /// Where only the machine can be meant.
    telling: Option<Regex>,
    /// As a word of its own.
    word: Option<Regex>,
}

impl Auditor {
    /// Also looks for `text`, described by `what`, wherever it stands: something that no word
    /// is alike, such as the name of the sandbox.
    pub fn forbid(&mut self, what: &'static str, text: &str) {
        if text.chars().count() >= 4 {
            self.texts.push((what, text.to_owned()));
        }
    }

    /// Also looks for the name of a machine, in whatever case: as a word of its own, and after
    /// `@`. A name of fewer than four characters is an ordinary word, and found in the latter
    /// form only.
    pub fn forbid_host(&mut self, name: &str) {
        self.forbid_name(
            "host name",
            name,
            r#"(?:@|\bhost(?:_?name)?["']?\s*[:=]\s*["']?)NAME"#,
        );
    }

    /// Also looks for the name of a user: as a word of its own, and before `@`.
    pub fn forbid_user(&mut self, name: &str) {
        self.forbid_name(
            "user name",
            name,
            r#"(?:NAME@|\b(?:user(?:_?name)?|login|holder)["']?\s*[:=]\s*["']?NAME)"#,
        );
    }

    /// Also looks for a path of this machine: an absolute one, by its whole components.
    pub fn forbid_path(&mut self, what: &'static str, path: &str) {
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            return;
        }
        let word = format!(
            r#"(?:^|[\s"'`(\[=:,]|file://){}(?:$|[^\w-])"#,
            regex::escape(path)
        );
        self.names.push(Name {
            what,
            name: path.to_owned(),
            telling: None,
            word: Regex::new(&word).ok(),
        });
    }

    fn forbid_name(&mut self, what: &'static str, name: &str, telling: &str) {
        if name.is_empty() || self.names.iter().any(|known| known.name == name) {
            return;
        }
        let escaped = format!(r"\b{}\b", regex::escape(name));
        let pattern = |text: &str| RegexBuilder::new(text).case_insensitive(true).build().ok();
        let long = name.chars().count() >= 4;
        self.names.push(Name {
            what,
            name: name.to_owned(),
            telling: pattern(&telling.replace("NAME", &escaped)),
            word: long.then(|| pattern(&escaped)).flatten(),
        });
    }

    /// All that redaction left in `text`.
    pub fn findings(&self, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        // Most texts have no name of this machine in any form.
        let lower = text.to_lowercase();
        let is_there = |name: &&Name| lower.contains(&name.name.to_lowercase());
        let names: Vec<&Name> = self.names.iter().filter(is_there).collect();
        for (index, line) in text.lines().enumerate() {
            let mut found = |what, text: &str, weight| {
                findings.push(Finding {
                    what,
                    text: text.to_owned(),
                    line: index + 1,
                    weight,
                });
            };
            for (what, text) in &self.texts {
                if line.contains(text.as_str()) {
                    found(what, text, Weight::Sure);
                }
            }
            for name in &names {
                let is_in = |pattern: &Option<Regex>| {
                    pattern
                        .as_ref()
                        .is_some_and(|pattern| pattern.is_match(line))
                };
                if is_in(&name.telling) {
                    found(name.what, &name.name, Weight::Telling);
                } else if is_in(&name.word) {
                    found(name.what, &name.name, Weight::Word);
                }
            }
            for (what, shape) in SHAPES.iter() {
                for hit in shape.find_iter(line) {
                    found(what, hit.as_str(), Weight::Sure);
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auditor() -> Auditor {
        let mut auditor = Auditor::default();
        auditor.forbid("sandbox name", "swamp-uat-a1B2");
        auditor.forbid_host("vm-beaver");
        auditor.forbid_host("vm");
        auditor.forbid_host("data");
        auditor.forbid_user("model");
        auditor.forbid_path("workspace path", "/work");
        auditor.forbid_path("home of the user", "/data/");
        auditor
    }

    fn whats(text: &str) -> Vec<&'static str> {
        auditor().findings(text).iter().map(|f| f.what).collect()
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
            ("1779440000123456789", "epoch"),
            ("in /tmp/abc/ds", "temp path"),
            ("in /var/folders/ab", "temp path"),
            ("http://127.0.0.1:4566/x", "loopback address"),
            ("localhost", "loopback address"),
            ("by vm-beaver", "host name"),
            ("by VM-Beaver", "host name"),
            ("ghost@vm (pid 7)", "host name"),
            ("\"hostname\": \"vm\"", "host name"),
            ("model@somewhere", "user name"),
            ("in /work/repo", "workspace path"),
            ("\"/work\"", "workspace path"),
            ("HOME=/data", "home of the user"),
            ("xswamp-uat-a1B2y", "sandbox name"),
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
            "metadata models",
            "/workflows and infra/work/x and <sandbox>/work",
            "infra/files",
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

    #[test]
    fn a_name_that_is_a_word_of_swamp_says_nothing() {
        let excused = |text: &str, golden: &str, words: &'static str| {
            let findings = auditor().findings(text);
            assert!(!findings.is_empty(), "{text}");
            let mut findings = findings.iter();
            findings.all(|finding| finding.is_only_a_word(text, golden, || words))
        };
        // The golden has the line: whatever stands there, it is not of this machine.
        assert!(excused("x\nby a@data", "by a@data\nx", ""));
        // A new line, with a word that goldens have.
        assert!(excused("DATA moved", "", "no data here"));
        assert!(excused("at /data now", "", "below /data"));
        assert!(!excused("DATA moved", "", "nothing"));
        // Only a machine can be meant.
        assert!(!excused("by a@data", "by b@data", "no data here"));
        assert!(!excused("model@x", "", "no model here"));
        // A shape is no name: no golden may have it.
        assert!(!excused("at 09:16:48", "at 09:16:48", "at 09:16:48"));
    }
}
