//! A report's text as a terminal shows it.

use crate::render::table;

/// The text without its marks, with its tables as boxes. Lines are short enough here for any terminal.
pub fn for_terminal(markdown: &str) -> String {
    let plain = markdown.replace("**", "").replace('`', "");
    let blocks = plain.split("\n\n").map(|block| {
        if block.starts_with("| ") {
            return boxed(block);
        }
        let lines = block.lines().map(str::trim_end);
        lines.collect::<Vec<_>>().join("\n")
    });
    let text = blocks.collect::<Vec<_>>().join("\n\n");
    format!("{text}\n\n")
}

/// The text, with what is too long in the cell of a table cut off.
pub fn narrowed(markdown: &str, width: usize) -> String {
    let cut = |cell: &str| {
        let text = cell.trim();
        if text.chars().count() <= width {
            return cell.to_owned();
        }
        let kept: String = text.chars().take(width - 1).collect();
        format!(" {kept}… ")
    };
    let lines = markdown.split('\n').map(|line| {
        let row = line.strip_prefix('|').and_then(|row| row.strip_suffix('|'));
        match row {
            Some(row) if !row.starts_with(" -") => {
                let cells: Vec<String> = row.split('|').map(cut).collect();
                format!("|{}|", cells.join("|"))
            }
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn boxed(block: &str) -> String {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim_matches('|').trim();
        inner.split(" | ").map(str::to_owned).collect()
    };
    let mut lines = block.lines();
    let header = lines.next().map(cells).unwrap_or_default();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table::render_rows(&header, lines.skip(1).map(cells))
}
