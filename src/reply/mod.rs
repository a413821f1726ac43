//! The replies of commands whose output no golden shows: those that set a scene, and those that a
//! scenario asserts something about. Each is read as the type of its command, and its values are
//! held against what is known. What has no type is refused, so that a new command gets one.

mod checks;
mod datastore;
mod forms;
mod notes;
mod repos;
mod runs;
pub(crate) mod values;

use std::cell::OnceCell;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::marker::Marker;
use crate::ran::Output;
use forms::{DataQuery, Refused, Row};
use notes::Stream;

/// What is known of a command besides its output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The sandbox.
    pub root: &'a Path,
    /// The home it ran with.
    pub home: &'a Path,
    /// The version under test, as it prints it.
    pub version: &'a str,
    /// When the trial began.
    pub since: jiff::Timestamp,
}

/// What is wrong with a reply, in one sentence.
type Fault = String;

/// What is wrong with the reply that `output` is.
pub(crate) fn fault(output: &Output, scene: &Scene<'_>) -> Option<String> {
    let said = Said::new(output, scene);
    let found = if output.code == 0 {
        said.success()
    } else {
        said.failure()
    };
    found.err().map(|why| {
        let indented = |text: &str| -> String {
            let lines = text.lines().take(30);
            lines.map(|line| format!("\n    | {line}")).collect()
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

    /// What stands behind an option.
    fn value_of(&self, option: &str) -> Option<&str> {
        let mut args = self.output.args.iter();
        args.find(|arg| *arg == option)?;
        args.next().map(String::as_str)
    }

    /// Every value of an input of that name: `--input name=value`.
    fn input(&self, name: &str) -> Option<&str> {
        let args = self.output.args.iter();
        args.filter_map(|arg| arg.strip_prefix(name)?.strip_prefix('='))
            .next()
    }

    fn success(&self) -> Result<(), Fault> {
        let text = notes::without(&self.output.stdout, Stream::Out)?;
        notes::only(&self.output.stderr, Stream::Err)?;
        if self.is_json() {
            checks::success(self, &text)?;
            is_laid_out(&text)
        } else {
            notes::human(&self.words, &self.output.stdout)
        }
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
        let rest = notes::without(stderr, Stream::Err)?;
        if self.is_json() {
            ensure(stdout.is_empty(), "a failure prints nothing on stdout")?;
            let refused: Refused = parse(&rest)?;
            is_laid_out(&rest)?;
            ensure(!refused.error.is_empty(), "the error is empty")?;
            let stack = refused.stack.is_none_or(|stack| stack.contains("    at "));
            ensure(stack, "the stack names no place")
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

    /// The rows of a query, or what was selected of them.
    fn rows(&self, text: &str) -> Result<(), Fault> {
        fn counted<T: DeserializeOwned>(text: &str) -> Result<DataQuery<T>, Fault> {
            let found: DataQuery<T> = parse(text)?;
            same("total", found.total, found.results.len())?;
            same("limited", found.limited, false)?;
            Ok(found)
        }
        let asked = self.words.get(2).map(|word| (*word).to_owned());
        if self.has("--select") {
            same("predicate", counted::<Value>(text)?.predicate, None)
        } else {
            let found = counted::<Row>(text)?;
            same("predicate", found.predicate, asked)?;
            for row in &found.results {
                self.is_no_later("createdAt", row.created_at.0)?;
                same("ownerType", row.owner_type.as_str(), "model-method")?;
                let version = row.version.to_string();
                let data = self.datastore()?.join(&row.namespace).join("data");
                let raw = [&row.model_type, &row.model_id.0, &row.name, &version, "raw"]
                    .iter()
                    .fold(data, |path, part| path.join(part));
                // Of another namespace or a bucket there may be no copy.
                if let Ok(there) = std::fs::metadata(raw) {
                    same("size", row.size, there.len())?;
                }
            }
            Ok(())
        }
    }

    /// Whether a time is none of the future. A scenario may have dated data back.
    fn is_no_later(&self, field: &str, time: jiff::Timestamp) -> Result<(), Fault> {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
        ensure(
            time <= soon,
            &format!("{field} is {time}, which is yet to come"),
        )
    }

    /// Whether a time is one of this trial.
    fn is_of_now(&self, field: &str, time: jiff::Timestamp) -> Result<(), Fault> {
        // The clock of files is coarser than that of the processor.
        let slack = jiff::SignedDuration::from_secs(2);
        let now = jiff::Timestamp::now();
        ensure(
            self.scene.since - slack <= time && time <= now + slack,
            &format!(
                "{field} is {time}, and the trial began at {}",
                self.scene.since
            ),
        )
    }
}

/// `text` as the JSON of `T`, and nothing else.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|e| format!("{e}, as {}", std::any::type_name::<T>()))
}

/// Whether `text` is a JSON document as swamp lays it out: two blanks a level, and one newline at its
/// end.
fn is_laid_out(text: &str) -> Result<(), Fault> {
    let document: Value = parse(text)?;
    let laid_out = serde_json::to_string_pretty(&document).map_err(|e| e.to_string())?;
    ensure(
        text.strip_suffix('\n') == Some(laid_out.as_str()),
        "its JSON is not laid out with two blanks a level and one newline at its end",
    )
}

fn ensure(holds: bool, why: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// Whether a field is what it must be.
fn same<A, B>(field: &str, is: A, must: B) -> Result<(), Fault>
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
