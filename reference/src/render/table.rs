//! Tables: a box with a line between any two rows, as wide as its cells.

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('┌', '─', '┬', '┐'))
    .header_lines(ContentLineStyle::new('│', '│', '│'))
    .header_separator(LineStyle::new('├', '─', '┼', '┤'))
    .content_lines(ContentLineStyle::new('│', '│', '│'))
    .row_separator(LineStyle::new('├', '─', '┼', '┤'))
    .bottom_border(LineStyle::new('└', '─', '┴', '┘'));

/// Lays out a table. Cells are never wrapped, however narrow the terminal is.
pub fn render<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    render_rows(&header, rows)
}

/// The same for a number of columns that is not known beforehand.
pub fn render_rows<R>(header: &[&str], rows: impl IntoIterator<Item = R>) -> String
where
    R: IntoIterator<Item = String>,
{
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["infra", "*"], ["a", ""]].map(|row| row.map(str::to_owned));
        let expected = "\
┌───────┬─────────┐
│ name  │ current │
├───────┼─────────┤
│ infra │ *       │
├───────┼─────────┤
│ a     │         │
└───────┴─────────┘";
        assert_eq!(render(["name", "current"], rows), expected);
    }

    #[test]
    fn a_long_cell_is_not_wrapped() {
        let long = "x".repeat(300);
        let table = render(["h"], [[long.clone()]]);
        assert_eq!(table.lines().count(), 5);
        assert!(table.contains(&long));
    }
}
