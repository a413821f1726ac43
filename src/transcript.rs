//! The cli surface: the commands of a trial, and what they said.

use crate::ran::Output;
use crate::redact::Redactor;
use crate::shell::quote;

/// One command of the transcript, redacted.
pub(crate) fn entry(output: &Output, redactor: &mut Redactor) -> String {
    let words: Vec<String> = output
        .args
        .iter()
        .map(|arg| quote_redacted(&redactor.text(arg)))
        .collect();
    format!(
        "$ swamp {}  # in {}\n[exit {}]\n[stdout]\n{}[stderr]\n{}",
        words.join(" "),
        output.repo,
        output.code,
        closed(&redactor.said(&output.stdout, output.took)),
        closed(&redactor.said(&output.stderr, output.took)),
    )
}

/// The golden's text.
pub(crate) fn render(entries: &[String]) -> String {
    entries.join("\n")
}

/// A stream with its end marked: white space at the end shows, and so does a missing line break.
fn closed(stream: &str) -> String {
    format!("{stream}[EOF]\n")
}

/// Tokens such as `<sandbox>` are for people and would only be harder to read in quotes.
fn quote_redacted(word: &str) -> String {
    let bare: String = word.chars().filter(|c| !"<>".contains(*c)).collect();
    if quote(&bare) == bare {
        word.to_owned()
    } else {
        quote(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Aliases, World};

    fn redactor() -> Redactor {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let world = World {
            literals: vec![("/w".into(), "<sandbox>".into(), crate::redact::Rule::Path)],
            version: "1.2.3".into(),
            window: epoch..=epoch,
            longest: std::time::Duration::ZERO,
        };
        Redactor::new(world, Aliases::default())
    }

    #[test]
    fn a_command_is_shown_with_its_repo_its_code_and_both_streams() {
        let output = Output {
            repo: "infra".into(),
            args: vec!["set".into(), "in fra".into(), "/w/ds".into(), String::new()],
            code: 2,
            stdout: "at /w/ds\n\n".into(),
            stderr: "no end".into(),
            took: crate::redact::Took::default(),
            beside_others: false,
        };
        assert_eq!(
            entry(&output, &mut redactor()),
            "$ swamp set 'in fra' <sandbox>/ds ''  # in infra\n[exit 2]\n\
             [stdout]\nat <sandbox>/ds\n\n[EOF]\n[stderr]\nno end[EOF]\n"
        );
    }

    #[test]
    fn commands_stand_apart() {
        assert_eq!(render(&["a\n".into(), "b\n".into()]), "a\n\nb\n");
    }
}
