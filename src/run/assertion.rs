//! What a failed assertion says: the assertion itself, as the scenario has it. `left == right` says
//! nothing of what was compared.

use std::path::Path;

/// How the standard library starts what a failed comparison says.
const COMPARED: &str = "assertion `left ";

/// A statement of more lines is shown so far.
const LINES: usize = 8;

/// `said`, with the assertion that stands in `file` at `line` and `column` (from 1) in place of the
/// standard library's words, where that is a comparison and the source is at hand.
pub(super) fn named(said: &str, file: &Path, line: u32, column: u32) -> String {
    let words = |said: &str| {
        let (_, rest) = said.strip_prefix(COMPARED)?.split_once("` failed")?;
        let source = std::fs::read_to_string(crate::workspace_root().join(file)).ok()?;
        let statement = statement(&source, line, column)?;
        Some(format!("`{statement}` failed{rest}"))
    };
    words(said).unwrap_or_else(|| said.to_owned())
}

/// The statement of `source` that starts there, in one line and without its semicolon.
fn statement(source: &str, line: u32, column: u32) -> Option<String> {
    let mut lines = source.lines().skip(usize::try_from(line).ok()? - 1);
    let first = lines.next()?;
    let start = usize::try_from(column).ok()? - 1;
    let (start, _) = first.char_indices().nth(start)?;
    let mut statement = String::new();
    for part in std::iter::once(&first[start..]).chain(lines).take(LINES) {
        let part = part.trim();
        let joins = statement.is_empty()
            || statement.ends_with(['(', '['])
            || part.starts_with([')', ']', '.']);
        if !joins {
            statement.push(' ');
        }
        statement.push_str(part);
        if part.ends_with(';') {
            break;
        }
    }
    let statement = statement
        .trim_end_matches(';')
        .replace(",)", ")")
        .replace(",]", "]");
    (!statement.is_empty()).then_some(statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn f() {\n    assert_eq!(\n        said(&infra)[\"keys\"],\n        [\"a\"],\n    );\n    x.reclaims(1);\n}\n";

    #[test]
    fn a_statement_of_several_lines_is_one() {
        let shown = statement(SOURCE, 2, 5).unwrap();
        assert_eq!(shown, "assert_eq!(said(&infra)[\"keys\"], [\"a\"])");
        assert_eq!(statement(SOURCE, 6, 7).unwrap(), "reclaims(1)");
    }

    #[test]
    fn what_is_not_in_the_source_is_not_shown() {
        assert_eq!(statement(SOURCE, 70, 5), None);
        assert_eq!(statement(SOURCE, 2, 500), None);
    }

    #[test]
    fn a_comparison_is_told_by_its_assertion() {
        let line = line!() + 1;
        let right = 2;
        let said =
            format!("assertion `left == right` failed: of three\n  left: 1\n right: {right}");
        let shown = |said| named(said, Path::new("src/run/assertion.rs"), line, 9);
        assert_eq!(
            shown(&said),
            "`let right = 2` failed: of three\n  left: 1\n right: 2"
        );
        assert_eq!(shown("it is gone"), "it is gone");
        assert_eq!(named(&said, Path::new("src/no.rs"), 1, 1), said);
    }
}
