//! The pages of what two swamps show, one beside the other or together.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{Facets, difference, first, list, page};
use crate::report::compare::{self, Change, Comparison, Failing, grouped, verdict};
use crate::report::two::Found;

/// The comparison as a page.
pub fn compared(it: &Comparison) -> String {
    let swamps = [("old", &it.old), ("new", &it.new)].map(|(name, side)| {
        let (swamp, calls, seconds) = (&side.swamp, side.calls, side.seconds);
        format!("{name}: {swamp} ({calls} calls of it, {seconds} s)")
    });
    let lists = [
        (compare::COMMANDS_GONE, grouped(&it.commands_gone)),
        (compare::COMMANDS_NEW, grouped(&it.commands_new)),
        (compare::NOT_COMPARED, it.not_compared.clone()),
    ];
    let body = html! {
        (list(&swamps))
        (choices(&[&it.changes, &it.checks]))
        (changes(compare::CHANGES, &it.changes))
        (changes(compare::CHECKS, &it.checks))
        (failing(compare::FAILING, &it.failing, |it| format!("on the {} one", it.on)))
        (deviations(compare::DEVIATIONS_GONE, &it.deviations_gone))
        (deviations(compare::DEVIATIONS_NEW, &it.deviations_new))
        @for (head, items) in &lists { (headed(head, items)) }
    };
    page(&verdict(it), &body)
}

/// What two swamps show together, as a page.
pub fn together(it: &Found) -> String {
    let [changes_head, checks_head, failing_head] = it.heads();
    let swamps = [
        format!("older: {}", it.older),
        format!("newer: {}", it.newer),
    ];
    let body = html! {
        (list(&swamps))
        (choices(&[&it.changes, &it.checks]))
        (changes(changes_head, &it.changes))
        (changes(checks_head, &it.checks))
        (failing(failing_head, &it.failing, |failing| it.fails_with(failing)))
        @for (head, ids) in it.deviations() { (deviations(head, ids)) }
        @for (head, items) in it.lists() { (headed(head, items)) }
    };
    page(&it.verdict(), &body)
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
                            (index + 1) ". In " (change.trials) " trial(s); phase " (change.phases) " "
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

fn failing(head: &str, failing: &[Failing], with: impl Fn(&Failing) -> String) -> Markup {
    html! {
        @if !failing.is_empty() { h2 { (head) } }
        @for it in failing {
            details open {
                summary { (with(it)) " " (first(&it.why)) small { (it.trials.join(", ")) } }
                (difference(it.why.iter().map(String::as_str)))
            }
        }
    }
}

fn deviations(head: &str, ids: &BTreeMap<String, String>) -> Markup {
    let told = ids.iter().map(|(id, today)| format!("{id}: {today}"));
    headed(head, &told.collect::<Vec<_>>())
}

fn headed(head: &str, items: &[String]) -> Markup {
    html! {
        @if !items.is_empty() {
            h2 { (head) }
            (list(items))
        }
    }
}
