//! `swamp data query`.

use clap::ArgMatches;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::text;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::Level;
use crate::query::{Query, Record, Records, Wanted};
use crate::quirks::Quirk;
use crate::render::{size, table};
use crate::session::Session;

const NOTHING: &str = "No matching data found.";

#[derive(Serialize)]
struct Found<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate: Option<&'a str>,
    results: Results<'a>,
    total: usize,
    limited: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Results<'a> {
    Records(&'a [Record]),
    Values(Vec<Value>),
}

/// Finds data by a predicate.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    if text(matches, "server")
        .or_else(|| session.env.get("SWAMP_SERVE_URL"))
        .is_some()
    {
        return Err(Failure::not_implemented("data query --server"));
    }
    let repository = session.repository_with_catalog()?;
    let mut records = Records::open(&repository, session)?;
    let predicate = text(matches, "predicate")
        .filter(|predicate| !predicate.is_empty())
        .ok_or_else(|| {
            Failure::refused(
                "A CEL predicate is required in non-interactive mode.\n\
                 Usage: swamp data query 'modelName == \"scanner\"'\n\
                 Run without arguments in a terminal for interactive mode.",
            )
        })?;
    let select = text(matches, "select");
    let limit = text(matches, "limit").and_then(|limit| limit.parse().ok());
    let wanted = records.query(&Query {
        predicate: &predicate,
        select: select.as_deref(),
        limit,
    })?;
    let total = match &wanted {
        Wanted::Records(records) => records.len(),
        Wanted::Values(values) => values.len(),
    };
    let limited = limit.is_some_and(|limit| total as f64 >= limit);
    if session.output.is_json() {
        let (predicate, results) = match &wanted {
            Wanted::Records(records) => (Some(predicate.as_str()), Results::Records(records)),
            Wanted::Values(values) => (None, Results::Values(shaped(values))),
        };
        session.output.json(&Found {
            predicate,
            results,
            total,
            limited,
        })?;
    } else {
        let shown = match &wanted {
            Wanted::Records(found) => record_table(found, limited, &records, session),
            Wanted::Values(values) => value_text(values, limited),
        };
        session.output.text(&shown);
    }
    let debug = "Data query command completed";
    session.output.log(Level::Debug, "data query", debug);
    Ok(())
}

fn record_table(found: &[Record], limited: bool, records: &Records, session: &Session) -> String {
    if found.is_empty() {
        return NOTHING.to_owned();
    }
    let named = !records.namespace().is_empty();
    let column = named && found.iter().any(|record| !record.row.namespace.is_empty())
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

/// The values as JSON has them: among maps, what failed is an empty one.
fn shaped(values: &[Value]) -> Vec<Value> {
    let is_map = first(values).is_some_and(Value::is_object);
    let shape = |value: &Value| match value {
        Value::Null if is_map => Value::Object(Map::new()),
        value => value.clone(),
    };
    values.iter().map(shape).collect()
}

fn first(values: &[Value]) -> Option<&Value> {
    values.iter().find(|value| !value.is_null())
}

/// The values for people: a table of maps or of lists, else a line each. Swamp takes this for Markdown, and ends it with
/// empty lines.
fn value_text(values: &[Value], limited: bool) -> String {
    let mut shown = match first(values) {
        Some(Value::Object(entries)) => map_table(entries, values),
        Some(Value::Array(_)) => list_table(values),
        _ => lines(values),
    };
    if limited {
        let separator = if shown.is_empty() { "" } else { "\n\n" };
        let total = values.len();
        shown = format!("{shown}{separator}Showing {total} results (limit reached)");
    }
    if shown.is_empty() {
        shown
    } else {
        shown + "\n\n"
    }
}

fn map_table(first: &Map<String, Value>, values: &[Value]) -> String {
    let columns: Vec<&str> = first.keys().map(String::as_str).collect();
    let cell_of = |value: &Value, column: &str| value.get(column).map(cell).unwrap_or_default();
    if columns.is_empty() {
        // No table in Markdown has no column: the text stays as it is written.
        return vec!["|  |"; 2 + values.len()].join("\n");
    }
    let row = |value: &Value| -> Vec<String> {
        let cells = columns.iter().map(|column| cell_of(value, column));
        cells.collect()
    };
    let rows = values.iter().map(row);
    table::render_rows(&columns, rows)
}

fn list_table(values: &[Value]) -> String {
    let items = |value: &Value| value.as_array().map_or(&[][..], Vec::as_slice).to_vec();
    let most = values.iter().map(|value| items(value).len()).max();
    let headers: Vec<String> = (1..=most.unwrap_or(0)).map(|n| n.to_string()).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let rows = values.iter().map(|value| {
        let mut cells: Vec<String> = items(value).iter().map(cell).collect();
        cells.resize(headers.len(), String::new());
        cells
    });
    table::render_rows(&headers, rows)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Paragraphs: several empty lines are one, those at the ends none.
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
