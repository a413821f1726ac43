//! The difference between a golden and what is there now, for people: also where two lines look
//! the same and are not.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use similar::{ChangeTag, DiffOp, TextDiff};

/// The difference of two texts, with what is said of lines that look alike; none if they are
/// the same.
pub(crate) fn between(golden: &str, now: &str) -> Option<String> {
    (golden != now).then(|| {
        let diff = lines(golden, now);
        let shown = diff
            .unified_diff()
            .context_radius(3)
            .header("golden", "now")
            .to_string();
        shown + &look_alikes(&diff)
    })
}

/// The difference of two texts, line by line.
pub(crate) fn lines<'a>(golden: &'a str, now: &'a str) -> TextDiff<'a, 'a, str> {
    TextDiff::configure()
        // Of megabytes, a difference that is not the shortest one will do.
        .timeout(Duration::from_secs(2))
        .diff_lines(golden, now)
}

/// What differs in the lines that look the same, by the names of the characters.
fn look_alikes(diff: &TextDiff<'_, '_, str>) -> String {
    let mut notes = Vec::new();
    for op in diff.ops() {
        if let DiffOp::Replace {
            old_index,
            old_len,
            new_index,
            new_len,
        } = *op
        {
            // Lines that came or went beside it shift the others: of few, each may be the double.
            let few = old_len * new_len <= MOST_PAIRS;
            let beside = |from: usize| match few {
                true => new_index..new_index + new_len,
                false => {
                    let to = new_index + (from - old_index);
                    to..(to + 1).min(new_index + new_len)
                }
            };
            notes.extend((old_index..old_index + old_len).filter_map(|from| {
                let golden = diff.old_slice(from)?;
                let said = beside(from)
                    .find_map(|to| told_apart(golden, diff.new_slice(to)?))
                    .or_else(|| {
                        let to = new_index + (from - old_index);
                        let now = diff.new_slice(to).filter(|_| to < new_index + new_len);
                        now.and_then(mixed).or_else(|| mixed(golden))
                    });
                Some(format!("  line {} of the golden: {}\n", from + 1, said?))
            }));
        } else if let DiffOp::Insert {
            old_index,
            new_index,
            new_len,
        } = *op
        {
            notes.extend((new_index..new_index + new_len).filter_map(|to| {
                let said = mixed(diff.new_slice(to)?)?;
                Some(format!("  after line {old_index} of the golden: {said}\n"))
            }));
        }
    }
    for op in diff.ops() {
        if let DiffOp::Delete {
            old_index, old_len, ..
        } = *op
        {
            notes.extend((old_index..old_index + old_len).filter_map(|from| {
                let said = mixed(diff.old_slice(from)?)?;
                Some(format!("  line {} of the golden: {said}\n", from + 1))
            }));
        }
    }
    if notes.is_empty() {
        return String::new();
    }
    format!(
        "these lines look alike; what differs in them:\n{}",
        notes.concat()
    )
}

/// Letters, marks, digits and punctuation outside of ASCII: those that have a double elsewhere.
/// Frames of tables and symbols do not.
static DOUBLE: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that every difference uses: it cannot fail later.
    Regex::new(r"[\p{L}\p{M}\p{N}\p{P}&&[^\x00-\x7F]]").expect("the pattern compiles")
});

/// So many pairs of lines are compared where a part of the text is another one.
const MOST_PAIRS: usize = 400;

/// A letter of another script in a word of Latin letters, which it looks like one of.
static MIXED: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that every difference uses: it cannot fail later.
    Regex::new(r"[A-Za-z]([\p{Cyrillic}\p{Greek}])|([\p{Cyrillic}\p{Greek}])[A-Za-z]")
        .expect("the pattern compiles")
});

/// What in a line looks like Latin letters and is not, within a word of such.
fn mixed(line: &str) -> Option<String> {
    let found = MIXED.captures(line)?;
    let letter = found.get(1).or(found.get(2))?;
    let at = line[..letter.start()].chars().count() + 1;
    Some(format!("character {at} is {}", by_name(letter.as_str())))
}

/// More than this is no look-alike, but another text.
const MOST: usize = 8;

/// What tells two lines apart that look the same; none if they do not.
fn told_apart(golden: &str, now: &str) -> Option<String> {
    let (golden, now) = (golden.trim_end_matches('\n'), now.trim_end_matches('\n'));
    if golden.trim_end() == now.trim_end() {
        let blanks = |line: &str| line.chars().count() - line.trim_end().chars().count();
        let (before, after) = (blanks(golden), blanks(now));
        return Some(format!("blanks at its end: {before}, now {after}"));
    }
    let (mut gone, mut come, mut at) = (String::new(), String::new(), 0);
    for change in TextDiff::from_chars(golden, now).iter_all_changes() {
        let side = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => &mut gone,
            ChangeTag::Insert => &mut come,
        };
        if at == 0 {
            at = change.old_index().or(change.new_index())? + 1;
        }
        side.push_str(change.value());
    }
    let plain = |text: &str| text.contains(|c: char| c.is_ascii_graphic());
    let few = gone.chars().count().max(come.chars().count()) <= MOST;
    let letters = |text: &str| text.chars().filter(|c| !is_mark(*c)).count();
    let few = few && letters(&gone) == letters(&come);
    let double = DOUBLE.is_match(&gone) || DOUBLE.is_match(&come);
    (few && double && !(plain(&gone) && plain(&come))).then(|| {
        format!(
            "from character {at} on: {}, now {}",
            by_name(&gone),
            by_name(&come)
        )
    })
}

/// Whether it is drawn onto the character before it.
fn is_mark(c: char) -> bool {
    MARK.is_match(c.encode_utf8(&mut [0; 4]))
}

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that every difference uses: it cannot fail later.
    Regex::new(r"\p{M}").expect("the pattern compiles")
});

fn by_name(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<String> = text
        .chars()
        .map(|c| format!("{c:?} U+{:04X}", c as u32))
        .collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(golden: &str, now: &str) -> Option<String> {
        let said = between(&format!("x\n{golden}\n"), &format!("x\n{now}\n"))?;
        let (_, note) = said.split_once("look alike; what differs in them:\n")?;
        Some(note.trim().to_owned())
    }

    #[test]
    fn the_same_text_has_no_difference() {
        assert_eq!(between("a\nb\n", "a\nb\n"), None);
        let diff = between("a\nb\n", "a\nc\n").unwrap();
        assert!(diff.contains("-b\n+c"), "{diff}");
    }

    #[test]
    fn a_look_alike_is_told_by_its_name() {
        assert_eq!(
            note("data", "d\u{430}ta").unwrap(),
            "line 2 of the golden: from character 2 on: 'a' U+0061, now '\u{430}' U+0430"
        );
        for (golden, now, said) in [
            ("é", "e\u{301}", "U+00E9, now 'e' U+0065 '\\u{301}' U+0301"),
            ("a-b", "a\u{2010}b", "'-' U+002D, now '‐' U+2010"),
            ("it's", "it\u{2019}s", "U+2019"),
            ("A", "\u{391}", "U+0391"),
            ("17", "1\u{FF17}", "U+FF17"),
        ] {
            let told = note(golden, now).unwrap_or_else(|| panic!("{golden} {now}"));
            assert!(told.contains(said), "{told}");
        }
    }

    #[test]
    fn a_look_alike_is_told_beside_other_differences_too() {
        for (golden, now) in [
            // Something else in the line is another one, too.
            ("data is 17", "d\u{430}ta is 18"),
            // A line came before it.
            ("data", "more\nd\u{430}ta"),
            // It is a new line, or one that went.
            ("data\nwent", "d\u{430}ta"),
            ("", "d\u{430}ta"),
            ("d\u{430}ta", ""),
        ] {
            let told = note(golden, now).unwrap_or_else(|| panic!("{golden} {now}"));
            assert!(told.contains("U+0430"), "{told}");
        }
    }

    #[test]
    fn blanks_at_the_end_of_a_line_are_told() {
        assert_eq!(
            note("a", "a  ").unwrap(),
            "line 2 of the golden: blanks at its end: 0, now 2"
        );
    }

    #[test]
    fn what_differs_for_everybody_to_see_needs_no_word() {
        for (golden, now) in [
            ("one", "two"),
            ("├───┤", "├────┤"),
            ("│ a │", "│ a  │"),
            ("✓ done", "✗ done"),
            ("— timed out", "and timed out"),
        ] {
            assert_eq!(note(golden, now), None, "{golden} {now}");
        }
    }
}
