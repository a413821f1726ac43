//! The report as one page for a browser, which needs nothing but itself: it opens offline, and without
//! its script it shows all that it has.

mod comparison;
mod run;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::error::BadInput;
use crate::report::ledger::{self, Entry};
use crate::report::recorder::Run;

pub use comparison::{compared, together};

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
    ledger::replace(&ledger::page_beside(place), run::page(run).as_bytes())
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
        pre tabindex="0" {
            @for line in lines {
                span class=[mark(line)] { (line) "\n" }
            }
        }
    }
}

fn mark(line: &str) -> Option<&'static str> {
    match line.chars().next() {
        Some('-') => Some("went"),
        Some('+') => Some("came"),
        _ => None,
    }
}

/// What a filter goes by: the phases, the backends and the surfaces of some trials.
#[derive(Default)]
struct Facets([BTreeSet<String>; 3]);

/// The names of the filters, in the order of [`Facets`].
const FILTERS: [&str; 3] = ["phase", "backend", "surface"];

impl Facets {
    fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut facets = Self::default();
        for entry in entries {
            let [phases, backends, surfaces] = &mut facets.0;
            phases.insert(entry.phase.clone());
            backends.insert(entry.backend.clone());
            surfaces.extend(entry.edits.iter().map(|edit| edit.surface.clone()));
        }
        facets
    }

    /// The values of each, as an attribute has them.
    fn words(&self) -> [String; 3] {
        let words = |values: &BTreeSet<String>| values.iter().cloned().collect::<Vec<_>>();
        self.0.each_ref().map(|values| words(values).join(" "))
    }

    /// A choice for each filter that has one. The script shows it: without that it does nothing.
    fn choices(&self) -> Markup {
        html! {
            fieldset id="filters" hidden {
                legend { "Show only" }
                @for (name, values) in FILTERS.iter().zip(&self.0) {
                    label {
                        (name) " "
                        select name=(name) {
                            option value="" { "all" }
                            @for value in values { option value=(value) { (value) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
