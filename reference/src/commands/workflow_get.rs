//! `swamp workflow get`.

use serde_json::{Map, Value, json};

use crate::errors::Result;
use crate::session::Session;
use crate::workflow::{Workflow, graph};

/// Shows a workflow: as JSON in both modes, or as boxes in the order in which they run.
pub fn run(name: &str, as_graph: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let workflow = Workflow::require(&repository.dir, name)?;
    if as_graph {
        session.output.is_for_people()?;
        let drawn = graph::of(&workflow)?;
        session.output.text(&drawn);
        return Ok(());
    }
    let entries = &workflow.entries;
    let jobs = entries["jobs"].as_array().into_iter().flatten();
    let job = |job: &Value| {
        let steps = job["steps"].as_array().into_iter().flatten();
        let step = |step: &Value| present(step, &["name", "description", "dependsOn", "task"]);
        let mut told = present(job, &["name", "description", "dependsOn"]);
        told.insert("steps".to_owned(), steps.map(step).collect());
        Value::Object(told)
    };
    let jobs: Value = jobs.map(job).collect();
    let whole = Value::Object(entries.clone());
    let mut told = present(
        &whole,
        &[
            "id",
            "name",
            "description",
            "version",
            "inputs",
            "trigger",
            "tags",
        ],
    );
    told.insert("jobs".to_owned(), jobs);
    told.insert("path".to_owned(), json!(workflow.path));
    session.output.json(&told)
}

/// The entries of those names that are there.
fn present(of: &Value, names: &[&str]) -> Map<String, Value> {
    let there = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), of.get(name)?.clone())));
    there.collect()
}
