//! The report as one page for a browser, which needs nothing but itself: it opens offline, and without
//! its script it shows all that it has.

mod comparison;
mod run;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::error::BadInput;
use crate::excerpt::excerpt;
use crate::report::answer::phase;
use crate::report::ledger::{self, Entry};
use crate::report::recorder::Run;
use crate::report::telling;

pub use comparison::answer;

/// How many lines of what swamp said in a trial a page has at most: as many of its head as of its tail.
const LINES: usize = 400;

/// How many characters of such a line.
const WIDTH: usize = 500;

/// What every such page begins with.
const HEAD: &str =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>swamp-uat";

/// Whether the file is a page of this suite.
pub fn is_own(path: &Path) -> bool {
    ledger::contents(path).is_ok_and(|text| text.starts_with(HEAD))
}

/// Refuses to write over what is no page of this suite.
///
/// # Errors
/// Another program's file stands there.
pub fn check(place: &Path) -> Result<(), BadInput> {
    ledger::check_beside("the page", &ledger::page_beside(place), is_own)
}

/// Writes the page of a run beside the ledger at `place`.
///
/// # Errors
/// It cannot be written.
pub fn write(run: &Run, place: &Path) -> io::Result<()> {
    check(place).map_err(io::Error::other)?;
    ledger::replace(&ledger::page_beside(place), run::page(run, said).as_bytes())
}

/// What swamp said in a trial, from the notes in its sandbox. No secret is in them.
fn said(entry: &Entry) -> Option<String> {
    let notes = Path::new(entry.sandbox.as_ref()?).join("notes");
    let file = notes.join("cli.raw.txt");
    let text = ledger::contents(&file).ok()?;
    let shown = excerpt(&text, LINES / 2, WIDTH);
    Some(match shown == text {
        true => shown,
        false => format!("{shown}\nall of it: {}", file.display()),
    })
}

fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "swamp-uat: " (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                h1 { (title) }
                (body)
                script { (PreEscaped(include_str!("script.js"))) }
            }
        }
    };
    page.into_string()
}

/// Lines of a difference, or of what was said, with what went and what came marked.
fn difference<'a>(lines: impl IntoIterator<Item = &'a str>) -> Markup {
    html! {
        pre {
            @for line in lines {
                span class=[mark(line)] { (line) "\n" }
            }
        }
    }
}

/// The first line of a difference that says something, beside what it belongs to while that is folded.
fn first(lines: &[String]) -> Markup {
    html! {
        @if let Some(line) = telling(lines) {
            code class=[mark(line)] { (line) }
        }
    }
}

fn mark(line: &str) -> Option<&'static str> {
    match line.chars().next() {
        _ if ["--- golden", "+++ now"].contains(&line) => None,
        Some('-') => Some("went"),
        Some('+') => Some("came"),
        _ => None,
    }
}

fn list(items: impl IntoIterator<Item = impl maud::Render>) -> Markup {
    let mut items = items.into_iter().peekable();
    html! {
        @if items.peek().is_some() {
            ul { @for item in items { li { (item) } } }
        }
    }
}

/// What the filters go by: the phases, the backends and the surfaces of some trials.
#[derive(Default)]
struct Facets {
    phases: BTreeSet<String>,
    backends: BTreeSet<String>,
    surfaces: Vec<String>,
}

impl Facets {
    fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut facets = Self::default();
        for entry in entries {
            let surfaces = entry.edits.iter().map(|edit| edit.surface.as_str());
            facets.add([entry.phase.as_str()], [entry.backend.as_str()], surfaces);
        }
        facets
    }

    fn add<'a>(
        &mut self,
        phases: impl IntoIterator<Item = &'a str>,
        backends: impl IntoIterator<Item = &'a str>,
        surfaces: impl IntoIterator<Item = &'a str>,
    ) {
        self.phases.extend(phases.into_iter().map(str::to_owned));
        self.backends
            .extend(backends.into_iter().map(str::to_owned));
        for surface in surfaces {
            if !self.surfaces.iter().any(|known| known == surface) {
                self.surfaces.push(surface.to_owned());
            }
        }
    }

    // As the attributes have them.

    fn phases(&self) -> String {
        words(&self.phases)
    }

    fn backends(&self) -> String {
        words(&self.backends)
    }

    fn surfaces(&self) -> String {
        words(&self.surfaces)
    }

    /// A choice for each filter that has one. The script shows them: without that they do nothing.
    fn choices(&self) -> Markup {
        let (phases, backends) = (self.phases.iter(), self.backends.iter());
        html! {
            @if !self.phases.is_empty() {
                fieldset id="filters" hidden {
                    legend { "Show only" }
                    (choice("phase", phases))
                    (choice("backend", backends))
                    (choice("surface", self.surfaces.iter()))
                    output {}
                }
            }
        }
    }
}

fn choice<'a>(name: &str, values: impl Iterator<Item = &'a String>) -> Markup {
    html! {
        label {
            (name) " "
            select name=(name) {
                option value="" { "all" }
                @for value in values {
                    option value=(value) { (phase(value).as_ref().unwrap_or(value)) }
                }
            }
        }
    }
}

fn words<'a>(values: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<&str> = values.into_iter().map(String::as_str).collect();
    words.join(" ")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
