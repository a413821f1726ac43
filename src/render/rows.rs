//! Rows of data in a JSON document, as a line each: where a scenario is about which data there is,
//! and not about how a row looks.

use serde_json::Value;

/// What stands before such a line.
const MARK: &str = "… ";

/// The document with the rows of its lists as a line each, but for the first `whole` of each list.
/// What is no such document, or is printed in another way than to indent it by two, is left alone.
pub(crate) fn told_apart(text: &str, whole: usize) -> String {
    // A datastore extension may print lines of its own behind it.
    let (text, rest) = match text.find("\n}\n") {
        Some(at) => text.split_at(at + "\n}\n".len()),
        None => (text, ""),
    };
    abridged(text, whole).unwrap_or_else(|| text.to_owned()) + rest
}

/// Whether a document has rows in such a line.
pub(crate) fn is_in_short(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(MARK))
}

fn abridged(text: &str, whole: usize) -> Option<String> {
    let mut document = serde_json::from_str::<Value>(text).ok()?;
    if format!("{document:#}\n") != text {
        return None;
    }
    let mut lists: Vec<Vec<&mut Value>> = Vec::new();
    if let Some(document) = document.as_object_mut() {
        for (name, value) in document {
            match (name.as_str(), value) {
                ("results" | "dataArtifacts", Value::Array(rows)) => {
                    lists.push(rows.iter_mut().collect());
                }
                ("groups", Value::Array(groups)) => {
                    let items = groups.iter_mut().map(|group| below(group, "items"));
                    lists.extend(items.map(Iterator::collect));
                }
                // What the steps of a run made is one list.
                ("jobs", Value::Array(jobs)) => {
                    let steps = jobs.iter_mut().flat_map(|job| below(job, "steps"));
                    let made = steps.flat_map(|step| below(step, "dataArtifacts"));
                    lists.push(made.collect());
                }
                _ => {}
            }
        }
    }
    for row in lists
        .into_iter()
        .flat_map(|rows| rows.into_iter().skip(whole))
    {
        *row = Value::String(format!("{MARK}{}", facts(row)));
    }
    let printed = format!("{document:#}\n");
    let lines = printed.split_inclusive('\n').map(unquoted);
    Some(lines.collect())
}

/// The items of a list in it.
fn below<'a>(value: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = value.get_mut(list).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

/// Which data a row is of: the namespace and the model, where the row has them; name, version, id.
fn facts(row: &Value) -> String {
    let text = |name: &str| match row.get(name) {
        None => None,
        Some(Value::String(text)) if text.is_empty() => Some("-".to_owned()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let named = [
        "namespace",
        "modelName",
        "name",
        "version",
        "id",
        "stepName",
    ];
    let mut facts: Vec<String> = named.iter().filter_map(|name| text(name)).collect();
    facts.extend((row.get("isLatest") == Some(&Value::Bool(true))).then(|| "latest".to_owned()));
    facts.join(" ")
}

/// A line without the quotes of JSON, where it is one of ours.
fn unquoted(line: &str) -> String {
    let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
    let rest = rest.trim_end().trim_end_matches(',');
    match serde_json::from_str::<String>(rest) {
        Ok(row) if row.starts_with(MARK) => format!("{indent}{row}\n"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_by_which_data_it_is_of_and_the_rest_of_the_document_stays() {
        let document = serde_json::json!({
            "predicate": "true",
            "results": [
                { "id": "1", "name": "log", "version": 1, "isLatest": true, "namespace": "" },
                { "id": "2", "name": "log", "version": 2, "isLatest": false, "modelName": "m" },
            ],
            "groups": [{ "type": "file", "items": [{ "id": "3", "name": "x", "size": 1 }] }],
            "total": 2,
        });
        let text = format!("{document:#}\n");
        assert_eq!(
            told_apart(&text, 0),
            "{\n  \"predicate\": \"true\",\n  \"results\": [\n    … - log 1 1 latest\n    \
             … m log 2 2\n  ],\n  \"groups\": [\n    {\n      \"type\": \"file\",\n      \
             \"items\": [\n        … x 3\n      ]\n    }\n  ],\n  \"total\": 2\n}\n"
        );
        let first = told_apart(&text, 1);
        assert!(first.contains("\"isLatest\": true") && first.contains("    … m log 2 2\n"));
        assert!(first.contains("\"size\": 1"));
        assert_eq!(told_apart(&text, 2), text);
        let run = "{\n  \"dataArtifacts\": [\n    {\n      \"id\": \"1\"\n    }\n  ]\n}\nnote\n";
        let told = "{\n  \"dataArtifacts\": [\n    … 1\n  ]\n}\nnote\n";
        assert_eq!(told_apart(run, 0), told);
        let steps = serde_json::json!({ "jobs": [
            { "steps": [{ "dataArtifacts": [{ "name": "log", "version": 1 }] }, {}] },
            { "steps": [{ "dataArtifacts": [{ "name": "log", "version": 2 }] }] },
        ] });
        let told = told_apart(&format!("{steps:#}\n"), 1);
        assert!(
            told.contains("\"version\": 1") && told.contains("… log 2\n"),
            "{told}"
        );
    }

    #[test]
    fn what_is_no_such_document_is_left_alone() {
        for text in [
            "",
            "Error: x\n",
            "{\"results\":[{}]}\n",
            "[\n  1\n]\n",
            "{}\n",
        ] {
            assert_eq!(told_apart(text, 0), text);
        }
    }
}
