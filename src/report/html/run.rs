//! The page of a run: its changes, what failed for another reason, and each red trial with what it
//! showed side by side and what swamp said.

use maud::{Markup, html};

use super::{Facets, difference, first, list, page as whole};
use crate::report::causes::{Cause, FAULT, causes};
use crate::report::ledger::{Edit, Entry};
use crate::report::markdown::verdict;
use crate::report::recorder::Run;
use crate::report::{alike, counts, next, numbers, shown, title};

/// How many of the first changes are unfolded.
const UNFOLDED: usize = 3;

/// How many trials of one change are shown without unfolding.
const LINKS: usize = 5;

/// `raw` gives what swamp said in a trial, where that is known.
pub(super) fn page(run: &Run, raw: impl Fn(&Entry) -> Option<String>) -> String {
    let causes = causes(&run.entries);
    let alike = alike(&run.entries);
    let is_told = |entry: &&Entry| entry.report.is_some();
    let told: Vec<&Entry> = run.entries.iter().filter(is_told).collect();
    let more: Vec<&String> = run.left_behind.iter().chain(&run.complaints).collect();
    let body = html! {
        (list(counts(run)))
        (Facets::of(run.entries.iter().filter(|entry| entry.is_red())).choices())
        @if !causes.is_empty() {
            section {
                h2 { "Changes, those first that show in most trials" }
                @for (index, it) in causes.iter().enumerate() { (cause(index, it)) }
            }
        }
        @if !alike.is_empty() {
            section {
                h2 { "Trials that failed for another reason" }
                @for (said, entries) in &alike { (failed(said, entries)) }
            }
        }
        @if !more.is_empty() {
            h2 { "Of no trial" }
            (list(more))
        }
        h2 { "Next" }
        (list(next(run)))
        @if !told.is_empty() {
            section {
                h2 { "Each red trial" }
                @for entry in told { (trial(entry, raw(entry).as_deref())) }
            }
        }
    };
    whole(&verdict(run), &body)
}

fn cause(index: usize, cause: &Cause<'_>) -> Markup {
    let facets = Facets {
        surfaces: surfaces(cause.example.iter().copied()),
        ..Facets::of(cause.entries.iter().copied())
    };
    let title = format!("{}. In", index + 1);
    let lines = shown(cause, cause.lines());
    group(&facets, &title, &lines, &cause.entries, index < UNFOLDED)
}

fn failed(said: &[String], entries: &[&Entry]) -> Markup {
    let facets = Facets::of(entries.iter().copied());
    group(&facets, "In", said, entries, true)
}

/// Trials of which the same is said.
fn group(
    facets: &Facets,
    title: &str,
    said: &[String],
    entries: &[&Entry],
    is_open: bool,
) -> Markup {
    html! {
        details data-phase=(facets.phases()) data-backend=(facets.backends())
            data-surface=(facets.surfaces()) open[is_open]
        {
            summary {
                (title) " " (entries.len()) " trial(s) " (first(said)) small { (numbers(entries)) }
            }
            (difference(said.iter().map(String::as_str)))
            (links(entries))
        }
    }
}

/// The trials of a group, folded where they are many. A filter that leaves none of them hides the group.
fn links(entries: &[&Entry]) -> Markup {
    html! {
        details.trials open[entries.len() <= LINKS] {
            summary { "the trials" }
            ul {
                @for entry in entries {
                    li data-phase=(entry.phase) data-backend=(entry.backend) {
                        @if entry.report.is_some() {
                            a href=(format!("#{}", entry.trial)) { (entry.trial) }
                        } @else {
                            (entry.trial)
                        }
                    }
                }
            }
        }
    }
}

fn trial(entry: &Entry, raw: Option<&str>) -> Markup {
    let facets = Facets::of([entry]);
    html! {
        details id=(entry.trial) data-phase=(facets.phases()) data-backend=(facets.backends())
            data-surface=(facets.surfaces())
        {
            summary { (title(entry)) }
            @for surface in surfaces(&entry.edits).iter().filter(|it| *it != FAULT) {
                h3 { (surface) }
                (sides(entry.edits.iter().filter(|it| it.surface == *surface)))
            }
            h3 { "As the run told it" }
            (difference(entry.report.as_deref().unwrap_or_default().lines()))
            @if let Some(raw) = raw {
                details {
                    summary { "What swamp said, command by command, before redaction" }
                    pre { (raw) }
                }
            }
        }
    }
}

/// Edits of one surface, what went beside what came. A line is drawn between two places.
fn sides<'a>(edits: impl Iterator<Item = &'a Edit>) -> Markup {
    let mut last = None;
    html! {
        div.sides {
            div.head { "golden" } div.head { "now" }
            @for edit in edits {
                @let elsewhere = last.replace(edit.place).is_some_and(|last| last != edit.place);
                @if elsewhere { div.gap {} }
                div.went[edit.went.is_some()] { (edit.went.as_deref().unwrap_or_default()) }
                div.came[edit.came.is_some()] { (edit.came.as_deref().unwrap_or_default()) }
            }
        }
    }
}

/// Each surface once, in the order of the edits.
fn surfaces<'a>(edits: impl IntoIterator<Item = &'a Edit>) -> Vec<String> {
    let mut surfaces: Vec<String> = Vec::new();
    for edit in edits {
        if !surfaces.contains(&edit.surface) {
            surfaces.push(edit.surface.clone());
        }
    }
    surfaces
}
