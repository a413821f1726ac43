//! Secrets of the user's environment: they are hidden in whatever the suite writes down or
//! prints, and a swamp that shows one fails its trial.

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use crate::read;
use crate::words;

/// What stands in the place of a secret.
pub(crate) const HIDDEN: &str = "<secret>";

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
    let variables = std::env::vars_os().map(|(name, value)| {
        (
            name.to_string_lossy().into(),
            value.to_string_lossy().into(),
        )
    });
    Secrets::among(variables, words::of_the_suite)
});

/// `text` without the secrets of the environment.
pub(crate) fn hide(text: &str) -> Cow<'_, str> {
    SECRETS.hide(text)
}

/// The variables whose secrets stand in `text`.
pub(crate) fn shown_in(text: &str) -> Vec<&'static str> {
    let shown = SECRETS
        .0
        .iter()
        .filter(|secret| secret.forms.is_match(text));
    shown.map(|secret| secret.variable.as_str()).collect()
}

/// Whether any stands in `text`.
pub(crate) fn is_in(text: &str) -> bool {
    SECRETS.0.iter().any(|secret| secret.forms.is_match(text))
}

/// The secrets that stand in files below `root`, for people: whatever a command wrote there.
pub(crate) fn in_files_below(root: &Path) -> Vec<String> {
    if SECRETS.0.is_empty() {
        return Vec::new();
    }
    let files = walkdir::WalkDir::new(root).into_iter().flatten();
    files
        .filter(|file| file.file_type().is_file())
        .filter_map(|file| Some((file.path().to_owned(), read::bytes(file.path()).ok()?)))
        .flat_map(|(path, bytes)| {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            shown_in(&String::from_utf8_lossy(&bytes))
                .into_iter()
                .map(move |variable| format!("the secret of {variable} stands in the file {name}"))
        })
        .collect()
}

/// Hides the secrets in the files of a directory: raw outputs that are kept.
pub(crate) fn hide_in_files(dir: &Path) {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    for path in files
        .map(|file| file.path())
        .filter(|_| !SECRETS.0.is_empty())
    {
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        if is_in(&text)
            && let Err(e) = std::fs::write(&path, hide(&text).as_bytes())
        {
            eprintln!("swamp-uat: {}: {e}", path.display());
        }
    }
}

/// Secrets, each with the forms in which it can appear.
#[derive(Debug)]
struct Secrets(Vec<Secret>);

#[derive(Debug)]
struct Secret {
    variable: String,
    forms: Regex,
}

/// Variables that hold secrets, by a word of their names.
static SECRETIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PAT|AUTH|CREDENTIALS?)(?:_|$)",
    )
});

/// Who one is, in a URL: `http://user:password@proxy`. Alone, it is a token.
static IN_URL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[a-z0-9]://(?:[^/@:\s]*:([^@\s]+)|([^/@:\s]+))@"));

fn pattern(text: &str) -> Regex {
    // A constant of this file that a unit test compiles: it cannot fail later.
    Regex::new(text).expect("the pattern compiles")
}

impl Secrets {
    /// The secrets among `variables`. A value that the suite's own files have (`suite` gives
    /// their text) is an ordinary word, and so is a short one: a key such as `dummy` or `x`
    /// must not be looked for in all that swamp says.
    fn among(
        variables: impl Iterator<Item = (String, String)>,
        suite: impl Fn() -> &'static str,
    ) -> Self {
        let mut secrets = Vec::new();
        for (variable, value) in variables {
            let of_name = SECRETIVE.is_match(&variable) && !value.starts_with('/');
            let whole = of_name.then(|| value.clone());
            let in_url = IN_URL.captures_iter(&value).flat_map(|found| {
                let written = found
                    .get(1)
                    .or(found.get(2))
                    .map_or("", |found| found.as_str());
                [written.to_owned(), percent_decoded(written)]
            });
            let is_secret = |value: &String| is_long_enough(value) && !suite().contains(value);
            for value in whole.into_iter().chain(in_url).filter(is_secret) {
                let forms = Secret::forms(&value);
                secrets.extend(forms.map(|forms| Secret {
                    variable: variable.clone(),
                    forms,
                }));
            }
        }
        Self(secrets)
    }

    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.0 {
            if secret.forms.is_match(&text) {
                text = Cow::Owned(secret.forms.replace_all(&text, HIDDEN).into_owned());
            }
        }
        text
    }
}

/// Whether a value is too long, or too odd, to be an ordinary word.
fn is_long_enough(value: &str) -> bool {
    let odd = value.contains(|c: char| c.is_ascii_alphabetic())
        && value.contains(|c: char| !c.is_ascii_alphabetic());
    match value.chars().count() {
        0..4 => false,
        4..8 => odd,
        _ => true,
    }
}

/// Where a long text may be broken: at the end of a line, of a table's cell, of a JSON string's
/// line.
const BREAK: &str = r"(?:[ \t│|]*(?:\\\r?\n|\r?\n|\\n)[ \t│|>]*)?";

impl Secret {
    /// All forms of `value`: itself, as it stands in a URL, in JSON and in hex digits, in Base64
    /// whatever stands before it; broken over lines or not.
    fn forms(value: &str) -> Option<Regex> {
        let bytes = value.as_bytes();
        let hex = |byte: &u8| format!("{byte:02x}");
        let mut forms: Vec<String> = vec![value.to_owned(), percent_encoded(value)];
        forms.push(
            serde_json::Value::from(value)
                .to_string()
                .trim_matches('"')
                .to_owned(),
        );
        if value.chars().count() >= 8 {
            forms.push(bytes.iter().map(hex).collect());
            forms.extend((0..3).flat_map(|before| base64(bytes, before)));
        }
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let short = value.chars().count() < 8;
        let alternatives: Vec<String> = forms
            .iter()
            .map(|form| {
                let letters: Vec<String> = form
                    .chars()
                    .map(|c| regex::escape(&c.to_string()))
                    .collect();
                let edge = |c| if short && word(c) { r"\b" } else { "" };
                let (before, after) = (edge(form.chars().next()), edge(form.chars().last()));
                format!("{before}{}{after}", letters.join(BREAK))
            })
            .collect();
        // Escapes of URLs and hex digits come in either case.
        RegexBuilder::new(&alternatives.join("|"))
            .case_insensitive(true)
            .size_limit(1 << 26)
            .build()
            .ok()
    }
}

/// The digits that `bytes` surely have in Base64 after `before` bytes of something else, in both
/// alphabets.
fn base64(bytes: &[u8], before: usize) -> [String; 2] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, before)
        .chain(bytes.iter().copied())
        .collect();
    let bit = |at: usize| {
        padded
            .get(at / 8)
            .map_or(0, |byte| usize::from(byte >> (7 - at % 8)) & 1)
    };
    // The digits that hold bits of these bytes alone.
    let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    let digits: String = (first..last)
        .map(|digit| (0..6).fold(0, |value, at| (value << 1) | bit(digit * 6 + at)))
        .map(|value| char::from(DIGITS[value % DIGITS.len()]))
        .collect();
    let of_urls = digits.replace('+', "-").replace('/', "_");
    [digits, of_urls]
}

fn percent_encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value
        .bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn percent_decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let escaped = more.get(..2).filter(|_| *first == b'%');
        let escaped = escaped.and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-0aZ/9+x?=longer than 7";

    fn secrets(variables: &[(&str, &str)]) -> Secrets {
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Secrets::among(variables, || "a token of the suite: ordinary-word")
    }

    fn hidden(text: &str) -> String {
        secrets(&[("SWAMP_API_KEY", KEY)]).hide(text).into_owned()
    }

    #[test]
    fn a_key_is_hidden_in_every_form() {
        for text in [
            KEY.to_owned(),
            "sk-0aZ%2F9%2Bx%3F%3Dlonger%20than%207".to_owned(),
            "sk-0aZ%2f9%2bx%3f%3dlonger%20than%207".to_owned(),
            "sk-0aZ/9\n+x?=lo\nnger than 7".to_owned(),
            "sk-0aZ/9+x?=lo   \n    nger than 7".to_owned(),
            "sk-0aZ/9+x?=lo\\nnger than 7".to_owned(),
            "sk-0aZ/9+x?=lo │\n│ nger than 7".to_owned(),
            // printf '%s' "$KEY" | base64
            "c2stMGFaLzkreD89bG9uZ2VyIHRoYW4gNw==".to_owned(),
            KEY.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ] {
            let shown = hidden(&format!("key {text}, end"));
            assert!(shown.starts_with("key <secret>"), "{text}: {shown}");
            assert!(shown.ends_with(", end"), "{text}: {shown}");
        }
        // printf '%s' "a:$KEY" | base64, and after "ab:"
        for text in [
            "YTpzay0wYVovOSt4Pz1sb25nZXIgdGhhbiA3",
            "YWI6c2stMGFaLzkreD89bG9uZ2VyIHRoYW4gNw==",
        ] {
            assert!(
                hidden(text).contains("<secret>"),
                "{text}: {}",
                hidden(text)
            );
        }
        assert_eq!(hidden("sk-0aZ/9+x"), "sk-0aZ/9+x");
    }

    #[test]
    fn which_variables_hold_secrets_follows_from_their_names_and_urls() {
        for (name, value, secret) in [
            ("GITHUB_TOKEN", "ghp_0123456789", "ghp_0123456789"),
            ("AWS_SECRET_ACCESS_KEY", "abcdefghij", "abcdefghij"),
            ("AWS_ACCESS_KEY_ID", "AKIA0123456789", "AKIA0123456789"),
            ("DB_PASSWORD", "hunter2", "hunter2"),
            ("HTTPS_PROXY", "http://me:hunter2@proxy:3128", "hunter2"),
            ("https_proxy", "http://me:p%40ss1word@proxy", "p@ss1word"),
            ("ALL_PROXY", "socks5://me:a/b1c2d3@proxy", "a/b1c2d3"),
            (
                "NPM_CONFIG_REGISTRY",
                "https://0a1b2c3d4e@host/",
                "0a1b2c3d4e",
            ),
        ] {
            let secrets = secrets(&[(name, value)]);
            assert_eq!(
                secrets.hide(&format!("x {secret} y")),
                "x <secret> y",
                "{name}"
            );
        }
    }

    #[test]
    fn ordinary_words_are_no_secrets() {
        for (name, value) in [
            ("SWAMP_API_KEY", "dummy"),
            ("SWAMP_API_KEY", "x"),
            ("SWAMP_API_KEY", ""),
            ("SWAMP_API_KEY", "ordinary-word"),
            ("SSH_AUTH_SOCK", "/tmp/ssh-0123456789/agent.1"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/google/key.json"),
            ("HTTPS_PROXY", "http://proxy:3128"),
            ("KEYBOARD", "a-long-value-0"),
            ("PATH", "/usr/bin:/bin-0123"),
        ] {
            assert!(secrets(&[(name, value)]).0.is_empty(), "{name}={value}");
        }
    }

    #[test]
    fn a_short_secret_is_found_as_a_word_alone() {
        let secrets = secrets(&[("PASS", "ab12")]);
        assert_eq!(secrets.hide("ab12 xab12 ab123"), "<secret> xab12 ab123");
    }
}
