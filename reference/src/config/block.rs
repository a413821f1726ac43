//! Block scalars: strings with line breaks, and strings too long for one line.

/// How much deeper the text stands than its key.
const STEP: usize = 2;

/// The text with its own line breaks, indented by `indent`.
pub fn literal(text: &str, indent: usize) -> String {
    layout('|', text, text, indent)
}

/// The text broken at spaces where a line is longer than `width`.
pub fn folded(text: &str, width: usize, indent: usize) -> String {
    layout('>', &fold(text, width), text, indent)
}

/// The header, then the text. The header says what becomes of the line breaks at the end of the
/// text.
fn layout(style: char, laid_out: &str, original: &str, indent: usize) -> String {
    let mut out = String::from(style);
    if original.trim_start_matches('\n').starts_with(' ') {
        out.push_str(&STEP.to_string());
    }
    if original == "\n" || original.ends_with("\n\n") {
        out.push('+');
    } else if !original.ends_with('\n') {
        out.push('-');
    }
    let body = laid_out.strip_suffix('\n').unwrap_or(laid_out);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
    out
}

/// Breaks long lines; an original line break between two lines that start flush doubles.
fn fold(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut previous_flush = false;
    let mut breaks = 0;
    for (index, line) in text.split('\n').enumerate() {
        breaks += usize::from(index > 0);
        if line.is_empty() {
            continue;
        }
        let flush = !line.starts_with(' ');
        let doubled = breaks > 0 && flush && previous_flush;
        out.extend(std::iter::repeat_n('\n', breaks + usize::from(doubled)));
        if flush {
            fold_line(&mut out, line, width)
        } else {
            out.push_str(line)
        }
        previous_flush = flush;
        breaks = 0;
    }
    out.extend(std::iter::repeat_n('\n', breaks));
    out
}

/// Breaks one line greedily at single spaces; what has no space stays long.
fn fold_line(out: &mut String, line: &str, width: usize) {
    let mut used = 0;
    for word in words(line) {
        let length = word.encode_utf16().count();
        match word.strip_prefix(' ') {
            Some(word) if used > 0 && used + length > width => {
                out.push('\n');
                out.push_str(word);
                used = length - 1;
            }
            _ => {
                out.push_str(word);
                used += length;
            }
        }
    }
}

/// The pieces between which a line may be broken. All but the first one start with the space to
/// break at, one that no other space follows.
fn words(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest
        .char_indices()
        .skip(1)
        .find(|&(at, c)| c == ' ' && rest[at + 1..].starts_with(|next| next != ' '))
        .map(|(at, _)| at)
    {
        let (word, next) = rest.split_at(at);
        found.push(word);
        rest = next;
    }
    found.push(rest);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_the_last_space_that_fits() {
        assert_eq!(folded("aa bb cc dd", 5, 2), ">-\n  aa bb\n  cc dd");
        assert_eq!(folded("aaaaaaaa b", 5, 0), ">-\naaaaaaaa\nb");
        assert_eq!(folded("aaa  bbb c", 4, 0), ">-\naaa \nbbb\nc");
    }

    #[test]
    fn the_header_keeps_the_end_of_the_text() {
        assert_eq!(literal("a\nb", 2), "|-\n  a\n  b");
        assert_eq!(literal("a\nb\n", 2), "|\n  a\n  b");
        assert_eq!(literal("a\n\n", 2), "|+\n  a\n");
        assert_eq!(literal(" a\nb", 2), "|2-\n   a\n  b");
    }

    #[test]
    fn original_breaks_survive_folding() {
        assert_eq!(fold("a\nb\n\nc\n  d\ne\n", 80), "a\n\nb\n\n\nc\n  d\ne\n");
    }
}
