//! Tables are as wide as their widest cell, so that a redacted cell needs the table drawn again.
//! A table is only touched if drawing its raw cells again gives the raw table to the byte: how
//! swamp aligns and frames its tables stays under test.

use super::{Rule, numbers};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// A frame line: left end, crossing, right end.
    Frame([char; 3]),
    Row(Vec<String>),
}

const FRAMES: [[char; 3]; 3] = [['┌', '┬', '┐'], ['├', '┼', '┤'], ['└', '┴', '┘']];

/// Gives `text` with `redact` applied to every piece of it: the cells of its tables one by one,
/// and the stretches between the tables.
pub(super) fn map_tables(text: &str, mut redact: impl FnMut(&str) -> String) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with('┌') {
            plain.push_str(line);
            continue;
        }
        let mut raw = line.to_owned();
        while !raw.lines().last().is_some_and(|last| last.starts_with('└')) {
            match lines.next_if(|next| next.starts_with(['│', '├', '└'])) {
                Some(next) => raw.push_str(next),
                None => break,
            }
        }
        match parse(&raw).filter(|table| draw(table) == raw) {
            Some(table) => {
                out.push_str(&redact(&plain));
                plain.clear();
                Rule::Table.fires();
                out.push_str(&draw(&map_cells(table, &mut redact)));
            }
            None => plain.push_str(&raw),
        }
    }
    out.push_str(&redact(&plain));
    out
}

fn map_cells(table: Vec<Line>, redact: &mut impl FnMut(&str) -> String) -> Vec<Line> {
    table
        .into_iter()
        .map(|line| match line {
            Line::Frame(ends) => Line::Frame(ends),
            Line::Row(cells) => {
                let mut cells: Vec<String> = cells.iter().map(|cell| redact(cell)).collect();
                numbers::redact_row(&mut cells);
                Line::Row(cells)
            }
        })
        .collect()
}

fn parse(raw: &str) -> Option<Vec<Line>> {
    raw.lines()
        .map(|line| {
            if let Some(ends) = FRAMES.iter().find(|ends| line.starts_with(ends[0])) {
                return Some(Line::Frame(*ends));
            }
            let inner = line.strip_prefix('│')?.strip_suffix('│')?;
            Some(Line::Row(
                inner
                    .split('│')
                    .map(|cell| cell.trim().to_owned())
                    .collect(),
            ))
        })
        .collect()
}

fn draw(table: &[Line]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in table {
        if let Line::Row(cells) = line {
            widths.resize(widths.len().max(cells.len()), 0);
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
    }
    table
        .iter()
        .map(|line| match line {
            Line::Frame([left, crossing, right]) => {
                let bars: Vec<String> = widths.iter().map(|w| "─".repeat(w + 2)).collect();
                format!("{left}{}{right}\n", bars.join(&crossing.to_string()))
            }
            Line::Row(cells) => {
                let cells: Vec<String> = cells
                    .iter()
                    .zip(&widths)
                    .map(|(cell, width)| {
                        format!(" {cell}{} ", " ".repeat(width - cell.chars().count()))
                    })
                    .collect();
                format!("│{}│\n", cells.join("│"))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "\
┌───────────┬────┐
│ namespace │ id │
├───────────┼────┤
│ infra     │ é1 │
└───────────┴────┘
";

    fn mask(text: &str) -> String {
        map_tables(text, |piece| {
            piece.replace("é1", "<long>").replace("infra", "i")
        })
    }

    #[test]
    fn a_table_is_drawn_again_around_its_redacted_cells() {
        let before = Rule::Table.count();
        assert_eq!(
            mask(&format!("infra\n{RAW}é1\n")),
            "\
i
┌───────────┬────────┐
│ namespace │ id     │
├───────────┼────────┤
│ i         │ <long> │
└───────────┴────────┘
<long>
"
        );
        assert!(Rule::Table.count() > before);
    }

    #[test]
    fn a_table_that_is_drawn_otherwise_is_redacted_where_it_stands() {
        for odd in [
            RAW.replace("│ infra     │", "│     infra │"),
            RAW.replace("│ infra     │", "│infra      │"),
            RAW.replace("├───────────┼", "├──────────┼"),
            RAW.replace("│ é1 │", "│ é1 "),
            RAW.replace('┬', "┼"),
        ] {
            assert_eq!(
                mask(&odd),
                odd.replace("é1", "<long>").replace("infra", "i"),
                "{odd}"
            );
        }
    }

    #[test]
    fn two_tables_one_after_the_other_stay_two() {
        let drawn = mask(&format!("{RAW}{RAW}"));
        assert_eq!(drawn, format!("{}{}", mask(RAW), mask(RAW)));
        assert_eq!(drawn.matches('┌').count(), 2);
    }

    #[test]
    fn text_without_a_table_is_one_piece() {
        let mut pieces = 0;
        let out = map_tables("a\nb│c\n", |piece| {
            pieces += 1;
            piece.to_uppercase()
        });
        assert_eq!((out.as_str(), pieces), ("A\nB│C\n", 1));
    }
}
