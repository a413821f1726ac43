//! `swamp data query`.

use serde_json::{Map, Value, json};

use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::query::{Record, Records};
use crate::quirks::Quirk;
use crate::render::{size, table};
use crate::session::Session;

const NOTHING: &str = "No matching data found.";

/// Finds data by a predicate: the records, or what `select` takes of them.
pub fn run(
    predicate: &str,
    select: Option<&str>,
    limit: Option<f64>,
    session: &mut Session,
) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let mut records = Records::open(&repository, session)?;
    if predicate.is_empty() {
        return Err(Failure::refused(
            "A CEL predicate is required in non-interactive mode.\n\
             Usage: swamp data query 'modelName == \"scanner\"'\n\
             Run without arguments in a terminal for interactive mode.",
        ));
    }
    if let Some(select) = select {
        let values = records.project(predicate, select, limit)?;
        let limited = is_limited(values.len(), limit, predicate, &mut records, session)?;
        return selected(&values, limited, session);
    }
    let found = records.query_at_most(predicate, limit)?;
    let limited = is_limited(found.len(), limit, predicate, &mut records, session)?;
    let mut result = json!({
        "predicate": predicate, "results": found, "total": found.len(), "limited": limited,
    });
    if session.faults.on(Fault::RowGainsField) {
        let rows = result["results"].as_array_mut().into_iter().flatten();
        rows.for_each(|row| row["origin"] = "local".into());
    }
    if session.output.is_json() {
        return session.output.json(&result);
    }
    let table = record_table(&found, limited, &records, session);
    session.output.text(&table);
    Ok(())
}

/// Whether there is more than the limit lets through.
fn is_limited(
    total: usize,
    limit: Option<f64>,
    predicate: &str,
    records: &mut Records,
    session: &Session,
) -> Result<bool> {
    let Some(limit) = limit else {
        return Ok(false);
    };
    if session.quirks.on(Quirk::LimitReachedByAll) {
        return Ok(total as f64 >= limit);
    }
    Ok(records.query(predicate)?.len() > total)
}

fn record_table(found: &[Record], limited: bool, records: &Records, session: &Session) -> String {
    if found.is_empty() {
        return NOTHING.to_owned();
    }
    let named = !records.namespace().is_empty();
    let column = named
        && found.iter().any(|record| !record.row.namespace.is_empty())
        && !session.faults.on(Fault::NamespaceColumnHidden)
        || session.faults.on(Fault::NamespaceColumnInSolo);
    let header = if session.quirks.on(Quirk::NamespaceColumnLowerCase) {
        "namespace"
    } else {
        "NAMESPACE"
    };
    let mut headers = vec![
        "name",
        "modelName",
        "specName",
        "dataType",
        "version",
        "size",
    ];
    if column {
        headers.insert(0, header);
    }
    let rows = found.iter().map(|record| {
        let row = &record.row;
        let mut cells = vec![
            row.name.clone(),
            row.model_name.clone(),
            row.spec_name.clone(),
            row.data_type.clone(),
            row.version.to_string(),
            size::terse(row.size),
        ];
        if column {
            cells.insert(0, row.namespace.clone());
        }
        cells
    });
    let table = table::render_rows(&headers, rows);
    let total = found.len();
    let plural = if total == 1 { "" } else { "s" };
    if limited {
        format!("{table}\n\nShowing {total} results (limit reached)")
    } else {
        format!("{table}\n\n{total} result{plural}")
    }
}

/// Shows what was selected. Among maps, what is none is an empty one.
fn selected(values: &[Value], limited: bool, session: &mut Session) -> Result<()> {
    let whole = |value: &Value| value.is_i64() || value.is_u64();
    if session.faults.on(Fault::SelectLosesIntegers) && values.iter().any(whole) {
        return Err(Failure::refused("Do not know how to serialize a BigInt"));
    }
    if session.output.is_json() {
        let maps = first(values).is_some_and(Value::is_object);
        let shaped = values.iter().map(|value| match value {
            Value::Null if maps => Value::Object(Map::new()),
            value => value.clone(),
        });
        return session.output.json(&json!({
            "results": shaped.collect::<Vec<_>>(), "total": values.len(), "limited": limited,
        }));
    }
    let mut shown = match first(values) {
        Some(Value::Object(entries)) => map_table(entries, values),
        Some(Value::Array(_)) => {
            return Err(Failure::not_implemented(
                "data query --select of lists, for people",
            ));
        }
        _ => lines(values),
    };
    if limited {
        let between = if shown.is_empty() { "" } else { "\n\n" };
        let total = values.len();
        shown = format!("{shown}{between}Showing {total} results (limit reached)");
    }
    if !shown.is_empty() {
        shown.push_str("\n\n");
    }
    session.output.text(&shown);
    Ok(())
}

fn first(values: &[Value]) -> Option<&Value> {
    values.iter().find(|value| !value.is_null())
}

fn map_table(first: &Map<String, Value>, values: &[Value]) -> String {
    let columns: Vec<&str> = first.keys().map(String::as_str).collect();
    let rows = values.iter().map(|value| {
        let cells = columns.iter();
        let cells = cells.map(|column| value.get(*column).map(cell).unwrap_or_default());
        cells.collect::<Vec<_>>()
    });
    table::render_rows(&columns, rows)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line each, as Markdown has them: several empty lines are one, and those at the ends none.
fn lines(values: &[Value]) -> String {
    let text: Vec<String> = values.iter().map(cell).collect();
    let text = text.join("\n");
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end().to_owned()
}
