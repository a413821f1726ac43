//! Orders that swamp does not promise: the rows of a query after the catalog was filled from
//! the disk, the files in a list of collisions. A scenario that says so has them sorted before
//! comparison; everything else about the output stays as swamp printed it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Random, so that it must not decide an order.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    // A constant that every sorting test uses: it cannot fail later.
    Regex::new("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
        .expect("the pattern compiles")
});

/// What decides the order of a piece of text: the text without ids and times.
fn key(text: &str) -> String {
    ID.replace_all(text, "").into_owned()
}

/// Sorts what in `text` has no promised order: the rows of tables below their header, runs of
/// lines that begin with `  data/` (files in a list), the `results` of a JSON document, and the names
/// of the data of each of its `reclaimedModels`.
pub fn sorted(text: &str) -> String {
    if let Some(json) = sorted_results(text) {
        return json;
    }
    let mut out = String::new();
    let mut run: Vec<&str> = Vec::new();
    let mut separator = None;
    let mut in_body = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with('├') && !in_body {
            // The line below the header: what follows are the rows.
            in_body = true;
            out.push_str(line);
        } else if in_body && line.starts_with('├') {
            separator = Some(line);
        } else if (in_body && line.starts_with('│')) || line.starts_with("  data/") {
            run.push(line);
        } else {
            flush(&mut out, &mut run, separator.take());
            in_body = false;
            out.push_str(line);
        }
    }
    flush(&mut out, &mut run, separator);
    out
}

/// Writes the lines that were gathered, sorted, with the separator between each two.
fn flush(out: &mut String, run: &mut Vec<&str>, separator: Option<&str>) {
    run.sort_by_cached_key(|line| key(line));
    for (index, line) in run.drain(..).enumerate() {
        if index > 0 {
            out.push_str(separator.unwrap_or_default());
        }
        out.push_str(line);
    }
}

/// The document with its `results` sorted; none if `text` is no JSON that printing it again
/// would give to the byte, or has no results.
fn sorted_results(text: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let printed = |document: &Value| Some(format!("{document:#}\n"));
    if printed(&document)? != text {
        return None;
    }
    if let Some(models) = document.get_mut("reclaimedModels") {
        for model in models.as_array_mut()? {
            model["dataNames"]
                .as_array_mut()?
                .sort_by_cached_key(Value::to_string);
        }
        return printed(&document);
    }
    let results = document.get_mut("results")?.as_array_mut()?;
    results.sort_by_cached_key(|row| {
        let field = |name: &str| row.get(name).map(|value| key(&value.to_string()));
        (
            ["namespace", "modelName", "name", "version"].map(field),
            key(&row.to_string()),
        )
    });
    printed(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_below_their_header_with_their_separators() {
        let table =
            "x\n┌───┐\n│ z │\n├───┤\n│ c │\n├───┤\n│ a │\n├───┤\n│ b │\n└───┘\n\n3 results\n";
        assert_eq!(
            sorted(table),
            "x\n┌───┐\n│ z │\n├───┤\n│ a │\n├───┤\n│ b │\n├───┤\n│ c │\n└───┘\n\n3 results\n"
        );
        let tight = "┌───┐\n│ z │\n├───┤\n│ c │\n│ a │\n└───┘\n";
        assert_eq!(sorted(tight), "┌───┐\n│ z │\n├───┤\n│ a │\n│ c │\n└───┘\n");
    }

    #[test]
    fn files_in_a_list_are_sorted_and_all_else_stays() {
        let text = "Error: b\n  data/c\n  data/a\n  other\n  data/z\n  data/y\n";
        assert_eq!(
            sorted(text),
            "Error: b\n  data/a\n  data/c\n  other\n  data/y\n  data/z\n"
        );
    }

    #[test]
    fn results_are_sorted_by_what_they_are_and_not_by_their_ids() {
        let row = |id: &str, model: &str| {
            format!("    {{\n      \"id\": \"{id}\",\n      \"modelName\": \"{model}\"\n    }}")
        };
        let document = |rows: [String; 3]| {
            format!(
                "{{\n  \"results\": [\n{}\n  ],\n  \"a\": 1\n}}\n",
                rows.join(",\n")
            )
        };
        let [one, two] = [
            "00000000-0000-4000-8000-000000000001",
            "ffffffff-0000-4000-8000-000000000002",
        ];
        assert_eq!(
            sorted(&document([row(one, "b"), row(two, "c"), row(two, "a")])),
            document([row(two, "a"), row(one, "b"), row(two, "c")])
        );
    }

    #[test]
    fn a_document_that_is_printed_otherwise_is_left_alone() {
        for text in [
            "{\"results\":[2,1]}\n",
            "{\n  \"rows\": []\n}\n",
            "[\n  2,\n  1\n]\n",
        ] {
            assert_eq!(sorted(text), text);
        }
    }
}
