//! A change that no golden shows, for people: what was there, what is, and the first lines that
//! differ. What was there is known of a small text alone, which every look keeps.

use std::path::Path;

use similar::{ChangeTag, TextDiff};

use super::look::{Change, Entry, Kind};
use crate::excerpt::cut;
use crate::read;
use crate::render::redact;
use crate::secret;

/// How many lines of a content are shown, and how many characters of each.
const LINES: usize = 6;
const WIDTH: usize = 120;

/// How much of a file that is there now is read.
const MOST: u64 = 64 << 10;

/// What a change of the file at `path` was, a line each; no secret of the user is among it.
pub(super) fn lines(path: &Path, change: &Change) -> Vec<String> {
    match change {
        Change::Rewritten(_) => Vec::new(),
        Change::Made(entry) | Change::Moved(_, entry) => {
            let mut lines = vec![format!("it is {}", facts(entry))];
            if entry.kind == Kind::File {
                lines.extend(now(path));
            }
            lines
        }
        Change::Left(entry) | Change::Gone(entry) => {
            let mut lines = vec![format!("it was {}", facts(entry))];
            let was = entry.text.as_deref().map(whole);
            lines.extend(was.iter().flat_map(|text| first(text, "- ")));
            lines
        }
        Change::Altered(old, new) => {
            let mut lines = vec![format!("it was {}, and is {}", facts(old), facts(new))];
            if new.kind == Kind::File && !old.holds_the_same(new) {
                lines.extend(altered(old, path));
            }
            lines
        }
    }
}

/// What an entry is, in a few words.
fn facts(entry: &Entry) -> String {
    let kind = redact::visible(&entry.kind.to_string());
    match entry.kind {
        Kind::Link(_) => kind,
        Kind::File => format!(
            "{kind} of {} bytes with the permissions {:o}",
            entry.size(),
            entry.mode
        ),
        _ => format!("{kind} with the permissions {:o}", entry.mode),
    }
}

/// How the content of a file differs from what it was.
fn altered(old: &Entry, path: &Path) -> Vec<String> {
    let Some(was) = old.text.as_deref().map(whole) else {
        let mut lines = vec!["what it held is not kept; it begins now with".to_owned()];
        lines.extend(now(path));
        return lines;
    };
    match content(path) {
        Ok(is) => difference(&was, &is),
        Err(why) => vec![why],
    }
}

/// The first lines that differ.
fn difference(was: &str, is: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(was, is);
    let changes = diff.iter_all_changes();
    let changes = changes.filter(|change| change.tag() != ChangeTag::Equal);
    let lines: Vec<String> = changes
        .map(|change| {
            let sign = if change.tag() == ChangeTag::Delete {
                "-"
            } else {
                "+"
            };
            let line = change.value().trim_end_matches('\n');
            format!("{sign} {}", cut(line, WIDTH))
        })
        .collect();
    bounded(lines, "lines differ")
}

/// The first lines of what is there now.
fn now(path: &Path) -> Vec<String> {
    match content(path) {
        Ok(text) => first(&text, "| "),
        Err(why) => vec![why],
    }
}

fn first(text: &str, sign: &str) -> Vec<String> {
    let lines = text
        .lines()
        .map(|line| format!("{sign}{}", cut(line, WIDTH)));
    bounded(lines.collect(), "lines")
}

fn bounded(mut lines: Vec<String>, what: &str) -> Vec<String> {
    // A line that says that there is one more is no shorter than that one.
    if lines.len() > LINES + 1 {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("… {more} more {what}"));
    }
    lines
}

/// What the file holds now, as far as it is shown; or why it is not.
fn content(path: &Path) -> Result<String, String> {
    let (bytes, is_all) =
        read::beginning(path, MOST).map_err(|e| format!("what it holds cannot be read: {e}"))?;
    let text = match str::from_utf8(&bytes) {
        Ok(text) => text,
        // A character that is cut off at the end.
        Err(e) if !is_all && e.error_len().is_none() => {
            str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Err("what it holds is no text".to_owned()),
    };
    if text.contains('\0') {
        return Err("what it holds is no text".to_owned());
    }
    Ok(match is_all {
        true => whole(text),
        false => safe(text),
    })
}

/// A whole content, with a mark at its end: whether its last line ends is seen.
fn whole(text: &str) -> String {
    safe(text) + "[EOF]"
}

/// Secrets are hidden before anything is cut: what is left of one would not be known for it.
fn safe(text: &str) -> String {
    redact::visible(&secret::hide(text))
}
