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
