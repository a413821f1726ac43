//! The cli surface: what happened in a trial, in order. A command that was shown has what it said;
//! one that was asserted alone is one line, and so is what the suite did to the world between
//! commands, and each checkpoint. What is normal is not printed: exit 0, an empty stream.

use crate::render::output::Output;
use crate::render::redact::{Redactor, Took};
use crate::render::twins::{self, Names};
use crate::shell::quote;

/// One thing that happened in a trial.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// A command of swamp began.
    Command(Command),
    /// The suite did something to the world.
    Did(String),
    /// A checkpoint, by its place among them.
    Look(usize),
}

/// A command of swamp.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    /// Its place among the commands of the trial.
    pub index: usize,
    pub repo: String,
    /// Variables of its own.
    pub env: Vec<(&'static str, String)>,
    /// The arguments after `swamp`.
    pub args: Vec<String>,
    /// The file of the repo that was its standard input.
    pub stdin: Option<String>,
    /// Whether file permissions bound it even if root ran it.
    pub bound: bool,
    /// Whether its repo was in a namespace when it began.
    pub namespaced: bool,
    pub end: End,
}

/// How a command ended, as far as the transcript tells.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// Nobody has looked yet.
    Open,
    /// With this exit code, which somebody asserted.
    Asserted(i32),
    Shown(Box<Output>),
    /// Not shown, and what its twin said is held against it.
    Heard(Box<Output>),
    /// It is the twin of the command before it: shown as far as it said something else.
    Twin(Box<Twin>),
    /// It was killed, or done before that: which of both is chance.
    Killed,
}

/// What the twin of a command said.
#[derive(Debug, Clone)]
pub(crate) struct Twin {
    pub output: Output,
    pub names: Names,
    /// Whether the command before it is shown.
    pub shown: bool,
}

/// A checkpoint, as the transcript tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub name: String,
    /// Whether it is as the one before it, on all other surfaces.
    pub unchanged: bool,
}

/// One line of the transcript, redacted if there is a redactor, or a command with what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// What it is all about, in one or several lines.
    Text(String),
    /// A command that is not shown: its words, its repo, and how it ended.
    Quiet {
        words: String,
        repo: String,
        end: String,
    },
    Look(usize),
}

/// What redacts, if anything does.
struct Voice<'a>(Option<&'a mut Redactor>);

impl Voice<'_> {
    fn text(&mut self, raw: &str) -> String {
        match &mut self.0 {
            Some(redactor) => redactor.text(raw),
            None => raw.to_owned(),
        }
    }

    fn said(&mut self, raw: &str, took: Took) -> String {
        match &mut self.0 {
            Some(redactor) => redactor.said(raw, took),
            None => raw.to_owned(),
        }
    }

    fn word(&mut self, raw: &str) -> String {
        quote_redacted(&self.text(raw))
    }
}

/// What is to say of `lines`, redacted if there is a redactor.
pub(crate) fn entries(lines: &[Line], redactor: Option<&mut Redactor>) -> Vec<Entry> {
    let mut voice = Voice(redactor);
    let mut entries = Vec::new();
    // What the last command said that can have a twin.
    let mut last = String::new();
    let mut ids = twins::Ids::default();
    for line in lines {
        match line {
            Line::Did(what) => entries.push(Entry::Text(format!("# {}\n", voice.text(what)))),
            Line::Look(index) => entries.push(Entry::Look(*index)),
            Line::Command(command) => {
                let told = told(command, &mut voice);
                let entry = match &command.end {
                    End::Twin(it) if voice.0.is_some() => {
                        let said = said(&it.output, &mut voice);
                        let other = twins::difference(&last, &said, &it.names, &mut ids);
                        Some(as_twin(&mut entries, &told, it.output.code, other))
                    }
                    end => {
                        match end {
                            End::Shown(output) | End::Heard(output) => {
                                last = said(output, &mut voice)
                            }
                            End::Twin(it) => last = said(&it.output, &mut voice),
                            End::Open | End::Asserted(_) | End::Killed => {}
                        }
                        entry(end, &told, &last)
                    }
                };
                entries.extend(entry);
            }
        }
    }
    entries
}

/// What is to say of the twin of the command that the last of `entries` is of, which said so much
/// else.
fn as_twin(entries: &mut [Entry], told: &Told, code: i32, other: Option<String>) -> Entry {
    match (other, entries.last_mut()) {
        (Some(other), _) => Entry::Text(told.head("alike but for this") + &other),
        (None, Some(Entry::Quiet { end, .. })) => {
            *end = format!("exit {code}, not shown, alike");
            told.quiet(end)
        }
        (None, _) => Entry::Text(told.head("alike")),
    }
}

/// The words of a command, as they are told.
struct Told {
    words: Vec<String>,
    /// Its repo, and what is special about the call.
    repo: String,
}

impl Told {
    fn quiet(&self, end: &str) -> Entry {
        let words: Vec<String> = self.words.iter().map(|word| bounded(word)).collect();
        Entry::Quiet {
            words: words.join(" "),
            repo: self.repo.clone(),
            end: end.to_owned(),
        }
    }

    /// The line above what it said.
    fn head(&self, how: &str) -> String {
        let how = if how.is_empty() {
            String::new()
        } else {
            format!(": {how}")
        };
        format!("{}  # in {}{how}\n", self.words.join(" "), self.repo)
    }
}

fn told(command: &Command, voice: &mut Voice<'_>) -> Told {
    let mut words = vec!["$".to_owned()];
    for (name, value) in &command.env {
        words.push(format!("{name}={}", voice.word(value)));
    }
    words.push("swamp".to_owned());
    words.extend(command.args.iter().map(|arg| voice.word(arg)));
    words.extend(command.stdin.iter().map(|file| format!("<{file}")));
    let bound = if command.bound {
        ", bound by file permissions"
    } else {
        ""
    };
    let repo = format!("{}{bound}", command.repo);
    Told { words, repo }
}

/// What is to say of a command that has no twin before it, which `said` that.
fn entry(end: &End, told: &Told, said: &str) -> Option<Entry> {
    match end {
        End::Open => None,
        End::Asserted(code) => Some(told.quiet(&format!("exit {code}, not shown"))),
        End::Heard(output) => Some(told.quiet(&format!("exit {}, not shown", output.code))),
        End::Killed => Some(told.quiet("killed on its way, or done by then")),
        End::Shown(_) | End::Twin(_) => Some(Entry::Text(told.head("") + said)),
    }
}

/// What a command said, and its exit code where it is not 0.
fn said(output: &Output, voice: &mut Voice<'_>) -> String {
    let stdout = voice.said(&output.stdout, output.took);
    let stderr = voice.said(&output.stderr, output.took);
    let mut text = String::new();
    if output.code != 0 {
        text.push_str(&format!("[exit {}]\n", output.code));
    }
    if !stdout.is_empty() {
        text.push_str(&closed(&stdout));
    }
    if !stderr.is_empty() {
        text.push_str(&format!("[stderr]\n{}", closed(&stderr)));
    }
    if stdout.is_empty() && stderr.is_empty() {
        text.push_str("[no output]\n");
    }
    text
}

/// A stream with its end marked: white space at the end shows, and so does a missing line break.
fn closed(stream: &str) -> String {
    format!("{stream}[EOF]\n")
}

/// A word of a command that is not shown, as far as anybody reads it.
fn bounded(word: &str) -> String {
    const LONGEST: usize = 200;
    let length = word.chars().count();
    if length <= LONGEST {
        return word.to_owned();
    }
    let beginning: String = word.chars().take(40).collect();
    format!("{beginning}…({length} characters)")
}

/// The golden's text, with what is known of the checkpoints.
pub(crate) fn render(entries: &[Entry], looks: &[Look]) -> String {
    let mut out = String::new();
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let mut same = 1;
        match first {
            Entry::Text(text) => out.push_str(text),
            Entry::Look(index) => {
                let look = looks.get(*index);
                let name = look.map_or("", |look| look.name.as_str());
                let unchanged = look.is_some_and(|look| look.unchanged);
                let end = if unchanged { ": nothing changed" } else { "" };
                out.push_str(&format!("== {name}{end}\n"));
            }
            Entry::Quiet { words, end, .. } => {
                let is_same = |entry: &&Entry| {
                    matches!(entry, Entry::Quiet { words: other, end: how, .. }
                        if other == words && how == end)
                };
                same = rest.iter().take_while(is_same).count();
                let repos = repos(&rest[..same]);
                out.push_str(&format!("{words}  # in {repos} ({end})\n"));
            }
        }
        rest = &rest[same..];
    }
    out
}

/// The repos in which the same command ran, each once.
fn repos(entries: &[Entry]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        let Entry::Quiet { repo, .. } = entry else {
            continue;
        };
        match counts.iter_mut().find(|(known, _)| known == repo) {
            Some((_, count)) => *count += 1,
            None => counts.push((repo, 1)),
        }
    }
    let named = counts.iter().map(|(repo, count)| match count {
        1 => (*repo).to_owned(),
        count => format!("{repo} {count} times"),
    });
    named.collect::<Vec<_>>().join(", ")
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
    use crate::render::redact::{Aliases, World};

    fn redactor() -> Redactor {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let world = World {
            literals: vec![(
                "/w".into(),
                "<sandbox>".into(),
                crate::render::redact::Rule::Path,
            )],
            versions: vec!["1.2.3".into()],
            window: epoch..=epoch,
            longest: std::time::Duration::ZERO,
        };
        Redactor::new(world, Aliases::default())
    }

    fn command(repo: &str, args: &[&str], end: End) -> Line {
        Line::Command(Command {
            index: 1,
            repo: repo.into(),
            env: Vec::new(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            stdin: None,
            bound: false,
            namespaced: false,
            end,
        })
    }

    fn said(code: i32, stdout: &str, stderr: &str) -> End {
        End::Shown(Box::new(Output {
            repo: "infra".into(),
            args: Vec::new(),
            code,
            stdout: stdout.into(),
            stderr: stderr.into(),
            took: Took::default(),
            beside_others: false,
        }))
    }

    fn text_of(lines: &[Line]) -> String {
        render(&entries(lines, Some(&mut redactor())), &[])
    }

    fn text(lines: &[Line]) -> String {
        let looks = [("fresh", false), ("later", true)].map(|(name, unchanged)| Look {
            name: name.into(),
            unchanged,
        });
        render(&entries(lines, Some(&mut redactor())), &looks)
    }

    #[test]
    fn a_command_that_is_shown_has_its_streams_and_its_code_where_there_are_any() {
        let shown = |end| text(&[command("infra", &["set", "in fra", "/w/ds", ""], end)]);
        let head = "$ swamp set 'in fra' <sandbox>/ds ''  # in infra\n";
        for (end, told) in [
            (
                said(2, "at /w/ds\n\n", "no end"),
                "[exit 2]\nat <sandbox>/ds\n\n[EOF]\n[stderr]\nno end[EOF]\n",
            ),
            (said(0, "done\n", ""), "done\n[EOF]\n"),
            (said(0, "", "warned\n"), "[stderr]\nwarned\n[EOF]\n"),
            (said(0, "", ""), "[no output]\n"),
            (said(0, "\n", ""), "\n[EOF]\n"),
            (said(1, "", ""), "[exit 1]\n[no output]\n"),
        ] {
            assert_eq!(shown(end), format!("{head}{told}"));
        }
    }

    #[test]
    fn what_is_not_shown_is_one_line_and_what_is_the_same_is_told_once() {
        let init = |repo| command(repo, &["init"], End::Asserted(0));
        assert_eq!(
            text(&[
                init("infra"),
                init("infra"),
                init("security"),
                Line::Look(0),
                Line::Did("wrote /w/x".into()),
                command("infra", &["set"], End::Asserted(1)),
                command("infra", &["set"], End::Killed),
                command("infra", &["set"], End::Open),
                Line::Look(1),
            ]),
            "$ swamp init  # in infra 2 times, security (exit 0, not shown)\n\
             == fresh\n# wrote <sandbox>/x\n\
             $ swamp set  # in infra (exit 1, not shown)\n\
             $ swamp set  # in infra (killed on its way, or done by then)\n\
             == later: nothing changed\n"
        );
    }

    #[test]
    fn of_a_twin_only_what_it_said_otherwise_is_told() {
        let names = Names {
            first: vec![("solo".into(), "<repo>".into())],
            second: vec![("infra".into(), "<repo>".into())],
        };
        let output = |text: &str| match said(0, text, "") {
            End::Shown(output) => output,
            _ => unreachable!("it is shown"),
        };
        let twin = |first: End, text: &str| {
            let second = End::Twin(Box::new(Twin {
                output: *output(text),
                names: names.clone(),
                shown: true,
            }));
            text_of(&[
                command("solo", &["get"], first),
                command("infra", &["get"], second),
            ])
        };
        let heard = |text: &str| End::Heard(output(text));
        for (first, second, told) in [
            (
                heard("of solo\n"),
                "of infra\n",
                "$ swamp get  # in solo, infra (exit 0, not shown, alike)\n",
            ),
            (
                said(0, "of solo\n", ""),
                "of infra\n",
                "$ swamp get  # in solo\nof solo\n[EOF]\n$ swamp get  # in infra: alike\n",
            ),
            (
                heard("of solo\n"),
                "of infra\nof security\n",
                "$ swamp get  # in solo (exit 0, not shown)\n\
                 $ swamp get  # in infra: alike but for this\n+ of security\n",
            ),
        ] {
            assert_eq!(twin(first, second), told);
        }
    }

    #[test]
    fn variables_and_the_bounds_of_a_command_are_told_and_a_long_word_is_not_spelled_out() {
        let mut line = command("infra", &[&"a".repeat(1000)], End::Asserted(0));
        if let Line::Command(command) = &mut line {
            command.env = vec![("TIMEOUT", "5 s".into())];
            command.bound = true;
        }
        assert_eq!(
            text(&[line]),
            format!(
                "$ TIMEOUT='5 s' swamp {}…(1000 characters)  # in infra, bound by file permissions \
                 (exit 0, not shown)\n",
                "a".repeat(40)
            )
        );
    }
}
