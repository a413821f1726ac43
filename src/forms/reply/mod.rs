//! The replies of commands. Each is read as the type of its command, and its values are held against
//! what is known. What has no type is refused, so that a new command gets one.
//!
//! A reply that a golden shows is read too: the golden has its words, and a token for each id, time,
//! duration and size that is another one in every run. Of what is said to people there the golden
//! is the form, and only the values are read.

mod approvals;
mod before;
mod checks;
mod data;
mod datastore;
pub(crate) mod forms;
mod models;
mod notes;
mod people;
mod reports;
mod repos;
mod runs;
mod search;
mod upkeep;
pub(crate) mod values;
mod vaults;
mod workflows;

use std::cell::OnceCell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::excerpt::cut;
use crate::forms::exact;
use crate::forms::marker::Marker;
use crate::render::output::Output;
pub(crate) use before::Before;
use forms::Refused;
use notes::Stream;

/// What is known of a command besides its output.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The sandbox.
    pub root: &'a Path,
    /// The home it ran with.
    pub home: &'a Path,
    /// The version under test, as it prints it.
    pub version: &'a str,
    /// What the locks say that are in buckets now.
    pub locks: &'a dyn Fn() -> Vec<String>,
    /// What was there before it; not known of a command that ran beside others.
    pub before: Option<&'a Before>,
    /// Whether a golden shows its output.
    pub shown: bool,
}

/// What is wrong with a reply, in one sentence.
type Fault = String;

/// What is wrong with the reply that `output` is.
pub(crate) fn fault(output: &Output, scene: &Scene<'_>) -> Option<String> {
    let said = Said::new(output, scene);
    let found = match (output.code, scene.shown) {
        (0, _) => said.success(),
        (_, true) => said.shown_failure(),
        (_, false) => said.failure(),
    };
    let found = found.and_then(|()| people::values(&said));
    found.err().map(|why| {
        let indented = |text: &str| -> String {
            let lines = text.lines().take(30);
            lines
                .map(|line| format!("\n    | {}", cut(line, 1_000)))
                .collect()
        };
        format!(
            "the reply of `swamp {}` in {} (exit {}) is not of its form: {why}{}{}",
            shortened(&output.args.join(" ")),
            output.repo,
            output.code,
            indented(&output.stdout),
            indented(&output.stderr),
        )
    })
}

/// Some scenarios have arguments that are longer than a page.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 200;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let shown: String = text.chars().take(SHOWN).collect();
    format!("{shown}…")
}

/// A command and what it said, taken apart.
struct Said<'a> {
    output: &'a Output,
    scene: &'a Scene<'a>,
    /// The arguments that are no options and come before the first one.
    words: Vec<&'a str>,
    /// The `.swamp.yaml` of its repo, once somebody asked for it.
    marker: OnceCell<Result<Marker, Fault>>,
}

impl<'a> Said<'a> {
    fn new(output: &'a Output, scene: &'a Scene<'a>) -> Self {
        let words = output.args.iter().map(String::as_str);
        Self {
            output,
            scene,
            words: words.take_while(|word| !word.starts_with('-')).collect(),
            marker: OnceCell::new(),
        }
    }

    fn is_json(&self) -> bool {
        self.has("--json")
    }

    fn has(&self, option: &str) -> bool {
        self.output.args.iter().any(|arg| arg == option)
    }

    /// Whether it was told to go on without asking.
    fn is_confirmed(&self) -> bool {
        ["--confirm", "--yes"].iter().any(|option| self.has(option))
    }

    /// What stands behind an option.
    fn value_of(&self, option: &str) -> Option<&str> {
        let mut args = self.output.args.iter();
        args.find(|arg| *arg == option)?;
        args.next().map(String::as_str)
    }

    /// The model and the name of the data that it was asked about by options.
    fn named(&self) -> [&str; 2] {
        ["--model", "--name"].map(|option| self.value_of(option).unwrap_or_default())
    }

    /// The inputs that it was given: those of a file, those of `--input name=value`, and those of
    /// `--input` and an object of JSON.
    fn inputs(&self) -> Result<Map<String, Value>, Fault> {
        let mut inputs = Map::new();
        if let Some(file) = self.value_of("--input-file") {
            let path = self.repo().join(file);
            let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let of_file = exact::yaml(&text)?;
            inputs.extend(of_file.as_object().cloned().unwrap_or_default());
        }
        let args = self.output.args.windows(2);
        for pair in args.filter(|pair| pair[0] == "--input") {
            if let Ok(Value::Object(of_json)) = serde_json::from_str(&pair[1]) {
                inputs.extend(of_json);
            } else if let Some((name, value)) = pair[1].split_once('=') {
                inputs.insert(name.to_owned(), value.into());
            }
        }
        Ok(inputs)
    }

    /// Whether a part of the command took as long as it says.
    fn took(&self, milliseconds: u64) -> Result<(), Fault> {
        // The two are taken from clocks of two kinds.
        let longest = self.output.took.time + Duration::from_millis(250);
        ensure(
            Duration::from_millis(milliseconds) <= longest,
            &format!("a duration is {milliseconds} ms, and the command took {longest:?} at most"),
        )
    }

    fn success(&self) -> Result<(), Fault> {
        if !self.scene.shown {
            notes::only(self.output, Stream::Err)?;
        }
        if self.is_json() {
            self.documents()
        } else if self.scene.shown {
            Ok(())
        } else {
            notes::human(&self.words, &self.output.stdout)
        }
    }

    /// What it printed with `--json`: one document, but for the commands that have several.
    fn documents(&self) -> Result<(), Fault> {
        let text = if self.scene.shown {
            notes::without_shown(self.output, Stream::Out)
        } else {
            notes::without(self.output, Stream::Out)
        };
        let replies = match self.words.as_slice() {
            ["datastore", "lock", "status"] | ["doctor", "datastores"] => {
                exact::all_printed(&text)?
            }
            // On one line, unlike all others.
            ["workflow", "approve" | "reject", ..] | ["model", "cancel"] => {
                vec![exact::json(&text)?]
            }
            _ => vec![exact::printed(&text)?],
        };
        let mut replies = replies.iter();
        replies.try_for_each(|reply| checks::success(self, reply))
    }

    /// A failure that a golden shows. It may have said something before it failed.
    fn shown_failure(&self) -> Result<(), Fault> {
        let stdout = &self.output.stdout;
        if !self.is_json() || self.output.code == 2 {
            return Ok(());
        }
        if !stdout.is_empty() {
            self.documents()?;
        }
        // A workflow that failed is a reply.
        let told = notes::without_shown(self.output, Stream::Err);
        if !told.is_empty() || stdout.is_empty() {
            self.refused(&told)
        } else {
            Ok(())
        }
    }

    /// The JSON that a failure prints.
    fn refused(&self, text: &str) -> Result<(), Fault> {
        let refused: Refused = exact::read(&exact::printed(text)?)?;
        ensure(!refused.error.is_empty(), "the error is empty")?;
        let stack = refused.stack.is_none_or(|stack| stack.contains("    at "));
        ensure(stack, "the stack names no place")
    }

    fn failure(&self) -> Result<(), Fault> {
        let Output { stdout, stderr, .. } = self.output;
        // The parser of the command line speaks to people, also with `--json`.
        if self.output.code == 2 {
            let help = stdout.starts_with("\nUsage:");
            return ensure(help, "a wrong command line prints its help on stdout").and_then(|()| {
                let told = stderr.starts_with("  error: ") && stderr.ends_with("\n\n");
                ensure(told, "a wrong command line prints `  error: …` on stderr")
            });
        }
        let rest = notes::without(self.output, Stream::Err);
        if self.is_json() {
            ensure(stdout.is_empty(), "a failure prints nothing on stdout")?;
            self.refused(&rest)
        } else {
            ensure(
                rest.starts_with("\nError: ") || notes::is_fatal(&rest),
                "a failure prints `Error: …`, or a line of the log, on stderr",
            )?;
            ensure(
                rest.ends_with('\n') && !rest.ends_with("\n\n") && !rest.contains('\r'),
                "a failure ends with one newline, and has no carriage return",
            )
        }
    }

    /// Whether a time is one of the command's.
    fn is_of_the_command(&self, what: &str, time: jiff::Timestamp) -> Result<(), Fault> {
        let slack = jiff::SignedDuration::from_millis(250);
        let took = &self.output.took;
        let until = took.since + jiff::SignedDuration::try_from(took.time).unwrap_or_default();
        ensure(
            took.since - slack <= time && time <= until + slack,
            &format!(
                "{what} is {time}, and the command ran from {:.3} to {until:.3}",
                took.since
            ),
        )
    }

    /// Whether a time is none of the future. A scenario may have dated data back.
    fn is_no_later(&self, field: &str, time: jiff::Timestamp) -> Result<(), Fault> {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
        ensure(
            time <= soon,
            &format!("{field} is {time}, which is yet to come"),
        )
    }
}

/// Whether something holds; if not, why that is wrong.
pub(crate) fn ensure(holds: bool, why: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// Whether a field is what it must be.
pub(crate) fn same<A, B>(field: &str, is: A, must: B) -> Result<(), Fault>
where
    A: PartialEq<B> + std::fmt::Debug,
    B: std::fmt::Debug,
{
    if is == must {
        Ok(())
    } else {
        Err(format!("{field} is {is:?}, and must be {must:?}"))
    }
}

#[cfg(test)]
mod tests;
