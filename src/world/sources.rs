//! What swamp made of the models and workflows of a repo, held against those.

use std::fs;

use serde_json::{Value, json};
use walkdir::WalkDir;

use super::Done;
use super::records::repos;
use crate::forms::record::WorkflowRun;
use crate::forms::reply::{ensure, same};

/// The models and workflows of the repos that commands ran in.
fn sources(done: &Done<'_>, dir: &str) -> Vec<Value> {
    let files = repos(done).flat_map(|repo| WalkDir::new(repo.join(dir)));
    let files = files.flatten().filter(|file| file.file_type().is_file());
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    texts
        .filter_map(|text| serde_yaml_ng::from_str(&text).ok())
        .collect()
}

/// Whether a model or a workflow, as it was evaluated, is one of those in `dir`: with all that it has
/// there, but for expressions, and nothing more but what is empty, or was given to it.
pub(super) fn held(it: &Value, dir: &str, done: &Done<'_>) -> Result<(), String> {
    // A pull brings those of others.
    if !done.wrote() {
        return Ok(());
    }
    let mut sources = sources(done, dir);
    sources.retain(|source| source["id"] == it["id"]);
    if sources.is_empty() && dir == "models" {
        sources = made_by_steps(done, it);
    }
    let source = sources.first().ok_or("no repo has a source of it")?;
    let mut given: Vec<String> = Vec::new();
    for (_, args, _) in &done.commands {
        given.extend(args.iter().cloned());
    }
    for workflow in self::sources(done, "workflows") {
        texts(&workflow, &mut given);
    }
    covers(source, it, "", &given)
}

/// What the steps of workflows say of a model that they make for themselves, with what every such
/// model has.
fn made_by_steps(done: &Done<'_>, it: &Value) -> Vec<Value> {
    let workflows = sources(done, "workflows");
    let all = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let jobs = workflows.iter().flat_map(|workflow| all(workflow, "jobs"));
    let steps = jobs.flat_map(|job| all(&job, "steps"));
    let tasks = steps.map(|step| step["task"].clone());
    let made = tasks.filter(|task| task["modelName"] == it["name"] && it["name"].is_string());
    made.map(|task| {
        json!({
            "type": task["modelType"], "typeVersion": it["typeVersion"], "id": it["id"],
            "name": task["modelName"], "version": 1,
        })
    })
    .collect()
}

/// All texts in a document.
fn texts(it: &Value, found: &mut Vec<String>) {
    match it {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|it| texts(it, found)),
        Value::Object(all) => all.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

fn covers(source: &Value, it: &Value, place: &str, given: &[String]) -> Result<(), String> {
    match (source, it) {
        (Value::String(text), _) if text.contains("${{") => Ok(()),
        (Value::Object(source), Value::Object(it)) => {
            for (name, value) in source {
                let place = format!("{place}/{name}");
                let is = it.get(name);
                let is = is.ok_or_else(|| format!("{place} of its source is not in it"))?;
                covers(value, is, &place, given)?;
            }
            let mut more = it.iter().filter(|(name, _)| !source.contains_key(*name));
            more.try_for_each(|(name, value)| was_given(value, &format!("{place}/{name}"), given))
        }
        (Value::Array(source), Value::Array(it)) => {
            same(&format!("the length of {place}"), &it.len(), &source.len())?;
            let pairs = source.iter().zip(it);
            let mut pairs = pairs.enumerate();
            pairs.try_for_each(|(at, (source, it))| {
                covers(source, it, &format!("{place}/{at}"), given)
            })
        }
        _ => same(place, it, source),
    }
}

/// Whether what is in no source is empty, or was an input of a command or of a step.
fn was_given(it: &Value, place: &str, given: &[String]) -> Result<(), String> {
    match it {
        Value::Object(all) => {
            let mut all = all.iter();
            all.try_for_each(|(name, it)| was_given(it, &format!("{place}/{name}"), given))
        }
        Value::Array(all) => all.iter().try_for_each(|it| was_given(it, place, given)),
        Value::Null | Value::Bool(false) => Ok(()),
        Value::Number(number) if number.as_u64() == Some(0) => Ok(()),
        _ => {
            let text = it.as_str().map_or_else(|| it.to_string(), str::to_owned);
            // An expression in it was evaluated.
            let known = |given: &String| given.contains(&text) || given.contains("${{");
            ensure(
                given.iter().any(known),
                &format!("{place} is {it}, which nobody gave it"),
            )
        }
    }
}

/// Whether a run was of a workflow that its repo has, with its jobs and steps.
pub(super) fn of_run(it: &WorkflowRun, done: &Done<'_>) -> Result<(), String> {
    if !done.wrote() {
        return Ok(());
    }
    let sources = sources(done, "workflows");
    let mut of_id = sources
        .iter()
        .filter(|source| source["id"] == *it.workflow_id.0);
    let source = of_id.next().ok_or("no repo has its workflow")?;
    same(
        "its workflow's name",
        &Some(it.workflow_name.as_str()),
        &source["name"].as_str(),
    )?;
    for job in &it.jobs {
        let source = named(&source["jobs"], &job.job_name)?;
        for step in &job.steps {
            let source = named(&source["steps"], &step.step_name)?;
            let Some(output) = &step.output else { continue };
            let task = &source["task"];
            same(
                "the method of a step",
                &Some(output.method.as_str()),
                &task["methodName"].as_str(),
            )?;
            // One that it has, or one that the step makes.
            let model = task["modelIdOrName"].as_str();
            let model = model.or(task["modelName"].as_str());
            same("the model of a step", &Some(output.model.as_str()), &model)?;
        }
    }
    Ok(())
}

fn named<'a>(all: &'a Value, name: &str) -> Result<&'a Value, String> {
    let mut all = all.as_array().into_iter().flatten();
    all.find(|it| it["name"] == *name)
        .ok_or_else(|| format!("its workflow has no {name}"))
}
