//! Long text for people: its head and its tail, and how much lies between them.

/// Cuts `text` down to `lines` lines from its head and as many from its tail, and each line to
/// `width` characters. What is short enough stays as it is.
pub fn excerpt(text: &str, lines: usize, width: usize) -> String {
    let count = text.lines().count();
    let ends = if text.ends_with('\n') { "\n" } else { "" };
    if count <= 2 * lines + 1 {
        if text.len() <= width || text.lines().all(|line| line.len() <= width) {
            return text.to_owned();
        }
        let all: Vec<String> = text.lines().map(|line| cut(line, width)).collect();
        return all.join("\n") + ends;
    }
    let mut shown: Vec<String> = text.lines().take(lines).map(|l| cut(l, width)).collect();
    let left_out = count - 2 * lines;
    shown.push(format!("… {left_out} lines are not shown …"));
    shown.extend(text.lines().skip(count - lines).map(|l| cut(l, width)));
    shown.join("\n") + ends
}

/// The first characters of a line that is too wide, and how many follow.
pub(crate) fn cut(line: &str, width: usize) -> String {
    // Bytes are counted first: to count the characters of a line of megabytes takes a while.
    if line.len() <= width {
        return line.to_owned();
    }
    match line.char_indices().nth(width) {
        None => line.to_owned(),
        Some((end, _)) => {
            let rest = line[end..].chars().count();
            format!("{}… {rest} characters are not shown …", &line[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_stays_as_it_is() {
        for text in ["", "a", "a\n", "a\nb\nc", "é\né\né\n"] {
            assert_eq!(excerpt(text, 1, 2), text);
        }
    }

    #[test]
    fn of_many_lines_the_first_and_the_last_are_shown() {
        let text: String = (1..=10).map(|n| format!("{n}\n")).collect();
        assert_eq!(
            excerpt(&text, 2, 80),
            "1\n2\n… 6 lines are not shown …\n9\n10\n"
        );
    }

    #[test]
    fn of_a_wide_line_the_beginning_is_shown() {
        assert_eq!(
            excerpt("éééééé\nb", 5, 4),
            "éééé… 2 characters are not shown …\nb"
        );
        let megabytes = "x".repeat(3 << 20);
        assert!(excerpt(&megabytes, 10, 100).len() < 200);
    }
}
