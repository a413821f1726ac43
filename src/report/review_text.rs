//! A review for people: its causes, what each shows, and what became of the goldens.

use std::collections::BTreeSet;

use crate::golden;
use crate::golden::waiting::RefusedGolden;
use crate::report::LINES;
use crate::report::ledger::Edit;
use crate::report::review::{Done, Review, ReviewedGolden, Stand, list as listed};

/// How many goldens are named that go on waiting.
const NAMED: usize = 20;

/// Every cause that waits, with its example.
pub fn list(review: &Review) -> String {
    let waiting = review.waiting();
    let mut out = format!(
        "{} change(s) in {} pending golden(s), numbered as in report.md:\n",
        waiting.len(),
        review.goldens.len()
    );
    for number in &waiting {
        out.push_str(&format!("\n{}\n", title(review, *number)));
        for line in example(review, *number) {
            out.push_str(&format!("     {line}\n"));
        }
    }
    let elsewhere = review.causes.len() - waiting.len();
    if elsewhere > 0 {
        out.push_str(&format!(
            "\n{elsewhere} more change(s) of report.md wait in no golden: faults, drifts of trials \
             that failed, or reviewed already\n"
        ));
    }
    out
}

/// A cause in a line: its number, how far it is decided, and where it shows.
pub fn title(review: &Review, number: usize) -> String {
    let goldens = review.showing(number).count();
    let cause = review.causes.iter().find(|it| it.number == number);
    let shows = cause.map_or("", |it| it.shows.as_str());
    let word = word(review.stand(number));
    format!("{number}. {word}; in {goldens} pending golden(s); {shows}")
}

fn word(stand: Stand) -> &'static str {
    match stand {
        Stand::Open => "open",
        Stand::Accepted => "accepted",
        Stand::Rejected => "rejected",
        Stand::Mixed => "accepted in some, rejected in others",
    }
}

/// The lines of a cause as the report has them; of a new golden its first.
pub fn example(review: &Review, number: usize) -> Vec<String> {
    let cause = review.causes.iter().find(|it| it.number == number);
    let lines = cause.map_or(&[][..], |it| &it.lines);
    if !lines.is_empty() {
        return lines.to_vec();
    }
    let mut text: Vec<String> = review.showing(number).flat_map(text_of).collect();
    if text.len() > LINES {
        let more = text.len() - LINES;
        text.truncate(LINES);
        text.push(format!("… and {more} more line(s)"));
    }
    text
}

/// The goldens of a cause, each with what it waits for beside it.
pub fn goldens(review: &Review, number: usize) -> Vec<String> {
    let goldens = review.showing(number).map(|golden| {
        let others: BTreeSet<usize> = golden.causes.values().copied().collect();
        let others = others.into_iter().filter(|other| *other != number);
        let others: Vec<String> = others
            .map(|other| format!("{other} ({})", word(review.stand_in(golden, other))))
            .collect();
        let name = &golden.waiting.name;
        match others.as_slice() {
            [] => name.clone(),
            others => format!("{name}, with change {}", others.join(", ")),
        }
    });
    goldens.collect()
}

/// All of a cause: each golden with every edit of it there, and the lines around them.
pub fn whole(review: &Review, number: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (golden, told) in review.showing(number).zip(goldens(review, number)) {
        lines.push(told);
        lines.extend(
            edits(golden, number)
                .into_iter()
                .map(|it| format!("  {it}")),
        );
    }
    lines
}

/// The edits of a cause, as a difference; of a new golden its text.
fn edits(golden: &ReviewedGolden, number: usize) -> Vec<String> {
    if golden.edits.is_empty() {
        return text_of(golden);
    }
    let alike: BTreeSet<&str> = golden.alike_of(number).collect();
    let own = golden.edits.iter();
    let own: Vec<&Edit> = own
        .filter(|edit| alike.contains(edit.alike.as_str()))
        .collect();
    let texts = golden.waiting.golden_text();
    let texts = texts.and_then(|was| Ok((was, golden.waiting.text()?)));
    let around = match texts {
        Ok((Some(was), now)) => hunks(&was, &now, &own),
        // A new golden beside the one for all, which it was compared with.
        Ok((None, _)) => Vec::new(),
        Err(why) => vec![why],
    };
    // A long difference is cut, and so is a long line: what no hunk shows stands behind them.
    let shown: BTreeSet<&String> = around.iter().collect();
    let rest = own.into_iter().map(changed);
    let rest: Vec<String> = rest
        .filter(|lines| !lines.iter().all(|line| shown.contains(line)))
        .flatten()
        .collect();
    [around, rest].concat()
}

/// The hunks of the difference of two texts in which one of these edits is, each with the command or
/// the checkpoint that it is below.
fn hunks(was: &str, now: &str, own: &[&Edit]) -> Vec<String> {
    let changed: BTreeSet<String> = own.iter().flat_map(|edit| changed(edit)).collect();
    let mut hunks: Vec<Vec<String>> = Vec::new();
    for line in golden::difference(was, now).unwrap_or_default().lines() {
        if let Some(place) = line.strip_prefix("@@ -") {
            hunks.push(vec![format!("{line}{}", head(was, place))]);
        } else if let Some(hunk) = hunks.last_mut() {
            // What comes before the first one is the header of all.
            hunk.push(line.to_owned());
        }
    }
    hunks.retain(|hunk| hunk.iter().any(|line| changed.contains(line)));
    hunks.concat()
}

/// The last command or checkpoint before a place, which begins with the number of its line.
fn head(text: &str, place: &str) -> String {
    let number = place.split([',', ' ']).next();
    let before = number.and_then(|it| it.parse::<usize>().ok()).unwrap_or(0);
    let lines = text.lines().take(before.saturating_sub(1));
    let heads = lines.filter(|line| line.starts_with("$ ") || line.starts_with("== "));
    heads
        .last()
        .map_or_else(String::new, |line| format!(" {line}"))
}

/// An edit as the lines of a difference.
fn changed(edit: &Edit) -> Vec<String> {
    let went = edit.went.iter().map(|line| format!("-{line}"));
    let came = edit.came.iter().map(|line| format!("+{line}"));
    went.chain(came).collect()
}

fn text_of(golden: &ReviewedGolden) -> Vec<String> {
    match golden.waiting.text() {
        Ok(text) => text.lines().map(|line| format!("+{line}")).collect(),
        Err(why) => vec![why],
    }
}

/// What became of what, and what goes on waiting for what.
pub fn summary(review: &Review) -> String {
    let Done {
        accepted, rejected, ..
    } = &review.done;
    let goldens = &review.goldens;
    let mut out = format!(
        "{} golden(s) accepted, {} rejected, {} wait\n",
        accepted.len(),
        rejected.len(),
        goldens.len()
    );
    for golden in goldens.iter().take(NAMED) {
        let why = waits_for(review, golden);
        out.push_str(&format!("  {}: {why}\n", golden.waiting.name));
    }
    if goldens.len() > NAMED {
        out.push_str(&format!("  and {} more\n", goldens.len() - NAMED));
    }
    out
}

fn waits_for(review: &Review, golden: &ReviewedGolden) -> String {
    let numbers: BTreeSet<usize> = golden.causes.values().copied().collect();
    let of = |wanted: &[Stand]| -> Vec<usize> {
        let numbers = numbers.iter().copied();
        let has = |number: &usize| wanted.contains(&review.stand_in(golden, *number));
        numbers.filter(has).collect()
    };
    let open = of(&[Stand::Open]);
    if !open.is_empty() {
        return format!("for change {}", listed(&open));
    }
    format!(
        "change {} is accepted and {} rejected, and a golden goes by whole: `cargo insta review` shows \
         it",
        listed(&of(&[Stand::Accepted])),
        listed(&of(&[Stand::Rejected, Stand::Mixed]))
    )
}

/// What cannot be reviewed here, and why, with what to do about it; nothing where all can.
pub fn problems(review: &Review) -> String {
    let mut out = String::new();
    for (name, why) in &review.done.failed {
        out.push_str(&format!("left as it is: {name}: {why}\n"));
    }
    for RefusedGolden { pending, why } in &review.refused {
        let inner = pending.strip_prefix(crate::workspace_root());
        let inner = inner.unwrap_or(pending).display();
        out.push_str(&format!("refused: {inner}: {why}\n"));
    }
    if !review.refused.is_empty() {
        out.push_str("next: remove what is refused, or record it on a real swamp\n");
    }
    if let Some(first) = review.unknown.first() {
        out.push_str(&format!(
            "{} pending golden(s) not shown by cause, such as {first}: no run here handed them in \
             against the golden that is there now\nnext: `cargo insta review` shows them; or play their \
             scenarios again on the same swamp\n",
            review.unknown.len()
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_shown_with_the_lines_around_it_and_without_those_of_other_causes() {
        let text = |one: &str, three: &str| {
            format!("$ swamp a\n1\n2\n3\n{one}\n5\n6\n7\n8\n$ swamp b\n1\n2\n3\n{three}\n[EOF]")
        };
        let (was, now) = (text("one", "three"), text("two", "four"));
        let edit = |went: &str, came: &str| Edit {
            surface: "cli".into(),
            place: 0,
            went: Some(went.into()),
            came: Some(came.into()),
            alike: went.into(),
            head: None,
        };
        let (three, none) = (edit("three", "four"), edit("five", "six"));
        let shown = [
            "@@ -11,5 +11,5 @@ $ swamp b",
            " 1",
            " 2",
            " 3",
            "-three",
            "+four",
            " [EOF]",
        ];
        assert_eq!(hunks(&was, &now, &[&three]), shown);
        assert_eq!(hunks(&was, &now, &[&none]), Vec::<String>::new());
    }
}
