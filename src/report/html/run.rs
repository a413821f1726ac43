//! The page of a run: its changes, what failed for another reason, and each red trial with what it
//! showed side by side.

use maud::{Markup, html};

use super::{Facets, difference, page as whole};
use crate::report::causes::{Cause, FAULT, causes};
use crate::report::ledger::Entry;
use crate::report::markdown::verdict;
use crate::report::recorder::Run;
use crate::report::{alike, counts, next, numbers, shown, title};

/// How many of the first changes are unfolded.
const UNFOLDED: usize = 3;

pub(super) fn page(run: &Run) -> String {
    let causes = causes(&run.entries);
    let alike = alike(&run.entries);
    let red: Vec<&Entry> = run
        .entries
        .iter()
        .filter(|it| it.report.is_some())
        .collect();
    let body = html! {
        ul { @for line in counts(run) { li { (line) } } }
        @if !red.is_empty() { (Facets::of(red.iter().copied()).choices()) }
        @if !causes.is_empty() {
            h2 { "Changes, those first that show in most trials" }
            @for (index, it) in causes.iter().enumerate() { (cause(index, it)) }
        }
        @if !alike.is_empty() {
            h2 { "Trials that failed for another reason" }
            @for (said, entries) in &alike { (failed(said, entries)) }
        }
        @let more = run.left_behind.iter().chain(&run.complaints);
        ul { @for line in more { li { (line) } } }
        h2 { "Next" }
        (difference(next(run)))
        @if !red.is_empty() {
            h2 { "Each red trial" }
            @for entry in red { (trial(entry)) }
        }
    };
    whole(&verdict(run), &body)
}

fn cause(index: usize, cause: &Cause<'_>) -> Markup {
    let [phase, backend, surface] = Facets::of(cause.entries.iter().copied()).words();
    let trials = cause.entries.len();
    html! {
        details data-phase=(phase) data-backend=(backend) data-surface=(surface) open[index < UNFOLDED] {
            summary {
                (index + 1) ". In " (trials) " trial(s)"
                small { (numbers(&cause.entries)) }
            }
            (difference(shown(cause).iter().map(String::as_str)))
            (links(&cause.entries))
        }
    }
}

fn failed(said: &[String], entries: &[&Entry]) -> Markup {
    let [phase, backend, surface] = Facets::of(entries.iter().copied()).words();
    html! {
        details data-phase=(phase) data-backend=(backend) data-surface=(surface) open {
            summary { (entries.len()) " trial(s)" small { (numbers(entries)) } }
            (difference(said.iter().map(String::as_str)))
            (links(entries))
        }
    }
}

fn links(entries: &[&Entry]) -> Markup {
    html! {
        ul { @for entry in entries { li { a href=(format!("#{}", entry.trial)) { (entry.trial) } } } }
    }
}

fn trial(entry: &Entry) -> Markup {
    let [phase, backend, surface] = Facets::of([entry]).words();
    let (mut surfaces, mut last) = (Vec::new(), None);
    for edit in &entry.edits {
        if last != Some(&edit.surface) {
            surfaces.push(&edit.surface);
            last = Some(&edit.surface);
        }
    }
    html! {
        details id=(entry.trial) data-phase=(phase) data-backend=(backend) data-surface=(surface) {
            summary { (title(entry)) }
            @for surface in surfaces.into_iter().filter(|it| *it != FAULT) {
                h3 { (surface) }
                div.sides {
                    div.head { "golden" } div.head { "now" }
                    @for edit in entry.edits.iter().filter(|it| it.surface == *surface) {
                        div.went[edit.went.is_some()] { (edit.went.as_deref().unwrap_or_default()) }
                        div.came[edit.came.is_some()] { (edit.came.as_deref().unwrap_or_default()) }
                    }
                }
            }
            h3 { "as the run told it" }
            (difference(entry.report.as_deref().unwrap_or_default().lines()))
        }
    }
}
