//! Help texts, laid out as swamp lays them out.

use super::spec::{Opt, Spec};

/// Descriptions are wrapped at this width.
const DESCRIPTION_WIDTH: usize = 80;
/// What a command says about itself is wrapped at this width.
const ABOUT_WIDTH: usize = 140;

/// The help text of the command at `path` (the words behind `swamp`).
pub fn text(spec: &Spec, path: &str, version: &str, globals: &[Opt]) -> String {
    let mut usage = spec.shown_as.map_or_else(|| path.to_owned(), str::to_owned);
    for argument in spec.arguments {
        usage.push(' ');
        usage.push_str(&argument.shown());
    }
    for option in spec.options.iter().filter(|option| option.required) {
        usage.push_str(&format!(
            " --{}{}",
            option.long,
            option
                .value
                .map_or(String::new(), |value| format!(" <{value}>"))
        ));
    }
    let mut out = String::from("\n");
    out.push_str(&columns(
        &[
            vec!["Usage:".into(), usage],
            vec!["Version:".into(), version.into()],
        ],
        0,
        &[1],
        usize::MAX,
    ));
    let about: Vec<_> = spec
        .about
        .split('\n')
        .map(|line| vec![line.to_owned()])
        .collect();
    section(
        &mut out,
        "Description",
        columns(&about, 2, &[], ABOUT_WIDTH),
    );
    section(
        &mut out,
        "Options",
        options(globals.iter().chain(spec.options)),
    );
    section(&mut out, "Commands", commands(spec.children()));
    let examples: Vec<_> = spec
        .examples
        .iter()
        .map(|(name, line)| vec![(*name).to_owned(), (*line).to_owned()])
        .collect();
    section(
        &mut out,
        "Examples",
        columns(&examples, 2, &[1], usize::MAX),
    );
    out
}

fn section(out: &mut String, title: &str, body: String) {
    if !body.is_empty() {
        out.push_str(&format!("\n{title}:\n\n{body}"));
    }
}

fn options<'a>(options: impl Iterator<Item = &'a Opt> + Clone) -> String {
    let any_value = options.clone().any(|option| option.value.is_some());
    let rows: Vec<_> = options
        .map(|option| {
            let forms: Vec<_> = option.forms().collect();
            let mut row = vec![forms.join(", ")];
            if any_value {
                row.push(
                    option
                        .value
                        .map_or(String::new(), |value| format!("<{value}>")),
                );
            }
            row.push("-".into());
            row.push(option.help.into());
            row.push(match option.default {
                // Swamp colours the value, whatever NO_COLOR says.
                Some(value) => format!("(Default: \x1b[33m{value}\x1b[39m)"),
                None if option.required => "(required)".into(),
                None => String::new(),
            });
            row
        })
        .collect();
    columns(
        &rows,
        2,
        if any_value { &[2, 2, 1, 2] } else { &[2, 1, 2] },
        DESCRIPTION_WIDTH,
    )
}

fn commands(children: &[Spec]) -> String {
    let any_argument = children.iter().any(|child| !child.arguments.is_empty());
    let rows: Vec<_> = children
        .iter()
        .map(|child| {
            let mut row = vec![child.names.join(", ")];
            if any_argument {
                row.push(child.shown_arguments());
            }
            row.push("-".into());
            row.push(child.about.lines().next().unwrap_or_default().into());
            row
        })
        .collect();
    columns(
        &rows,
        2,
        if any_argument { &[2, 2, 1] } else { &[2, 1] },
        DESCRIPTION_WIDTH,
    )
}

/// Aligns the cells of each column; `gaps` is what stands between one column and the next. No cell is wider than
/// `widest`. Every line is padded to the full width, the last column too.
fn columns(rows: &[Vec<String>], indent: usize, gaps: &[usize], widest: usize) -> String {
    let rows: Vec<Vec<Vec<String>>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| wrap(cell, widest)).collect())
        .collect();
    let widths: Vec<usize> = (0..=gaps.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).flatten();
            cells.map(|line| shown_width(line)).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for row in &rows {
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            out.push_str(&" ".repeat(indent));
            for (column, width) in widths.iter().enumerate() {
                let cell = row
                    .get(column)
                    .and_then(|cell| cell.get(line))
                    .map_or("", String::as_str);
                let gap = gaps.get(column).copied().unwrap_or(0);
                out.push_str(cell);
                let padding = (width + gap).saturating_sub(shown_width(cell));
                out.extend(std::iter::repeat_n(' ', padding));
            }
            out.push('\n');
        }
    }
    out
}

/// How wide a text is on the screen: colours take no room.
fn shown_width(text: &str) -> usize {
    let mut width = 0;
    let mut in_colour = false;
    for c in text.chars() {
        match c {
            '\x1b' => in_colour = true,
            'm' if in_colour => in_colour = false,
            _ if !in_colour => width += 1,
            _ => {}
        }
    }
    width
}

/// Breaks a text between words, so that no line is longer than `width` where that can be had.
fn wrap(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else {
            continue;
        };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::spec::{Argument, Run};

    const OPTIONS: &[Opt] = &[
        Opt::flag("yes", "Do it").short('y'),
        Opt::valued("dir", "path", "Where").required(),
    ];

    #[test]
    fn the_header_is_as_wide_as_its_longest_line() {
        let spec =
            Spec::new(&["set"], "Sets.", Run::Missing).taking(const { &[Argument::one("slug")] });
        let short = text(&spec, "swamp set", "1.0", &[]);
        assert!(short.starts_with(
            "\nUsage:   swamp set <slug>\nVersion: 1.0             \n\nDescription:\n\n  Sets.\n"
        ));
        let long = text(&spec, "swamp", "1.0.0-a-long-version", &[]);
        assert!(
            long.starts_with("\nUsage:   swamp <slug>        \nVersion: 1.0.0-a-long-version\n")
        );
    }

    #[test]
    fn options_are_aligned_and_padded() {
        let spec = Spec {
            options: OPTIONS,
            ..Spec::new(&["x"], "X", Run::Missing)
        };
        let help = text(&spec, "swamp x", "1", &[]);
        assert!(help.contains("Usage:   swamp x --dir <path>\n"), "{help}");
        let expected = "\nOptions:\n\n  -y, --yes          - Do it            \n  --dir      <path>  - Where  (required)\n";
        assert!(help.ends_with(expected), "{help}");
    }

    #[test]
    fn long_texts_are_wrapped_between_words() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("aaaaaaa b", 5), ["aaaaaaa", "b"]);
        assert_eq!(wrap("aa b", 5), ["aa b"]);
    }
}
