//! `swamp workflow run search`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::args::RunSearch;
use crate::data::lifetime;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::model::inputs;
use crate::namespace::reach;
use crate::session::Session;
use crate::workflow::history;

/// What a run is found by.
const SEARCHED: [&str; 3] = ["workflowName", "runId", "status"];

/// Finds runs of workflows, the newest first. The result is JSON in both modes.
pub fn run(args: RunSearch, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let tags = inputs::tags(&args.tag)?;
    let inputs = inputs::parse(None, &args.input, &session.cwd)?;
    let since = args.since.as_deref().map(since).transpose()?;
    let query = args.query.clone().unwrap_or_default();
    let mut runs = Vec::new();
    for share in reach::shares(&datastore, Fault::SearchCrossesNamespace, session)? {
        runs.extend(history::all(&repository.dir, &share)?);
    }
    let mut found: Vec<Map<String, Value>> = runs.iter().map(history::row).collect();
    found.retain(|row| {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let is = |name: &str, wanted: &Option<String>| {
            let same = |wanted: &String| wanted.eq_ignore_ascii_case(text(name));
            wanted.as_ref().is_none_or(same)
        };
        let wanted = query.to_lowercase();
        let has = |name: &&str| text(name).to_lowercase().contains(&wanted);
        let started = text("startedAt").parse::<Timestamp>().ok();
        let has_all = |name: &str, wanted: &Map<String, Value>| {
            let there = row.get(name);
            let has =
                |(key, value): (&String, &Value)| there.and_then(|it| it.get(key)) == Some(value);
            wanted.iter().all(has)
        };
        has_all("tags", &tags)
            && has_all("inputs", &inputs)
            && is("status", &args.status)
            && is("workflowName", &args.workflow)
            && since.is_none_or(|since| started.is_some_and(|started| started >= since))
            && SEARCHED.iter().any(has)
    });
    found.truncate(session.at_most(args.limit.unwrap_or(usize::MAX)));
    session
        .output
        .json(&json!({ "query": query, "results": found }))
}

/// The moment that lies so long back: `1h`, `7d`.
pub fn since(duration: &str) -> Result<Timestamp> {
    let back = lifetime::milliseconds(duration).ok_or_else(|| {
        Failure::refused(format!(
            "Invalid duration format: \"{duration}\". Expected format like 1h, 1d, 7d, 1w, 1mo"
        ))
    })?;
    let then = Timestamp::now().as_millisecond() - back;
    Timestamp::from_millisecond(then).map_err(|error| Failure::broken(error.to_string()))
}
