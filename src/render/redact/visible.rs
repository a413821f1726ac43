//! What nobody can see is shown by name. Goldens and differences are read by people, and two
//! lines that look the same must be the same. No rule: nothing volatile goes.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Characters without a shape of their own: control characters but for the line break, every
/// blank but the plain one, joiners, byte order marks, changes of direction, private characters,
/// what Unicode gives no meaning to. What joins or colours an emoji stays within it.
static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\p{Extended_Pictographic}(?:[\u{FE0F}\u{200D}\u{1F3FB}-\u{1F3FF}]*",
        r"\p{Extended_Pictographic})*\u{FE0F}?",
        r"|([\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}",
        r"[\p{Zs}--[ ]]--[\n]])"
    ))
});

/// Shows every hidden character of `raw` by its name.
pub(crate) fn visible(raw: &str) -> String {
    let ordinary = |byte: &u8| matches!(byte, b'\n' | b' '..=b'~');
    if raw.as_bytes().iter().all(ordinary) {
        return raw.to_owned();
    }
    let shown = HIDDEN.replace_all(raw, |found: &Captures<'_>| {
        let hidden = found
            .get(1)
            .and_then(|hidden| hidden.as_str().chars().next());
        hidden.map_or_else(|| found[0].to_owned(), name)
    });
    shown.into_owned()
}

/// As [`visible`], for one line of a list: a line break in a file's name would make it two.
pub(super) fn visible_line(raw: &str) -> String {
    visible(raw).replace('\n', "<LF>")
}

fn name(hidden: char) -> String {
    match hidden {
        '\u{1b}' => "<ESC>".to_owned(),
        '\r' => "<CR>".to_owned(),
        '\t' => "<TAB>".to_owned(),
        other => format!("<U+{:04X}>", other as u32),
    }
}

fn pattern(text: &str) -> Regex {
    // A constant of this file that a unit test compiles: it cannot fail later.
    Regex::new(text).expect("the pattern compiles")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_named_and_line_ends_stay() {
        assert_eq!(
            visible("a\u{1b}[31mb\r\n\tc\u{7f}\u{0}\u{85}"),
            "a<ESC>[31mb<CR>\n<TAB>c<U+007F><U+0000><U+0085>"
        );
    }

    #[test]
    fn what_has_no_shape_is_named() {
        for (hidden, shown) in [
            ('\u{FEFF}', "<U+FEFF>"),
            ('\u{A0}', "<U+00A0>"),
            ('\u{AD}', "<U+00AD>"),
            ('\u{200B}', "<U+200B>"),
            ('\u{200D}', "<U+200D>"),
            ('\u{202E}', "<U+202E>"),
            ('\u{2028}', "<U+2028>"),
            ('\u{2066}', "<U+2066>"),
            ('\u{3000}', "<U+3000>"),
            ('\u{3164}', "<U+3164>"),
            ('\u{FE0F}', "<U+FE0F>"),
            ('\u{34F}', "<U+034F>"),
            ('\u{E000}', "<U+E000>"),
            ('\u{E0041}', "<U+E0041>"),
            ('\u{2800}', "<U+2800>"),
        ] {
            assert_eq!(visible(&format!("a{hidden}b")), format!("a{shown}b"));
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "plain\n text é ß",
            "日本 ─│┌┐└┘├┤┬┴┼ ✓ ✗ ● → — · …",
            "e\u{301} Ω я ש ع",
            "😀 ❤\u{FE0F} 👩\u{200D}👩\u{200D}👧 👍🏽 🇩🇪",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn a_line_of_a_list_stays_one() {
        assert_eq!(visible_line("a\nb\r"), "a<LF>b<CR>");
    }
}
