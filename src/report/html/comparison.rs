//! The page of what two swamps show, one beside the other or together.

use maud::{Markup, html};

use super::{Facets, difference, first, list, page};
use crate::report::answer::{Answer, Change, Deviation};

/// The answer as a page.
pub fn answer(it: &Answer<'_>) -> String {
    let [changes_head, checks_head, failing_head] = it.heads;
    let findings = it.findings;
    let body = html! {
        (list(it.intro()))
        (choices(&[&findings.changes, &findings.checks]))
        (changes(changes_head, &findings.changes))
        (changes(checks_head, &findings.checks))
        @if !findings.failing.is_empty() { h2 { (failing_head) } }
        @for failing in &findings.failing {
            details open {
                summary {
                    ((it.fails)(failing.on)) " " (first(&failing.why)) small { (failing.trials.join(", ")) }
                }
                (difference(failing.why.iter().map(String::as_str)))
            }
        }
        @for (head, them) in it.deviations() { (deviations(head, them)) }
        @for (head, items) in &it.lists {
            @if !items.is_empty() {
                h2 { (head) }
                (list(items))
            }
        }
    };
    page(&it.verdict, &body)
}

fn deviations(head: &str, them: &[Deviation]) -> Markup {
    html! {
        @if !them.is_empty() {
            h2 { (head) }
            ul {
                @for it in them { li { (it.told()) (list(it.more())) } }
            }
        }
    }
}

fn changes(head: &str, changes: &[Change]) -> Markup {
    html! {
        @if !changes.is_empty() {
            section {
                h2 { (head) }
                @for (index, change) in changes.iter().enumerate() {
                    details data-phase=(change.phases) data-backend=(change.backends)
                        data-surface=(change.surfaces) open
                    {
                        summary {
                            (index + 1) ". In " (change.trials) " trial(s); " (change.place()) " "
                            (first(&change.lines))
                            small { (change.scenarios) }
                        }
                        (difference(change.lines.iter().map(String::as_str)))
                    }
                }
            }
        }
    }
}

/// The filters for all of these changes.
fn choices(changes: &[&[Change]]) -> Markup {
    let mut facets = Facets::default();
    for it in changes.iter().copied().flatten() {
        let [phases, backends, surfaces] =
            [&it.phases, &it.backends, &it.surfaces].map(|words| words.split(' '));
        facets.add(phases, backends, surfaces);
    }
    facets.choices()
}
