//! `swamp summarise`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::workflow_run_search;
use crate::config::yaml;
use crate::data::walk_versions;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::model::definition;
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::Workflow;
use crate::workflow::history;
use crate::workflow::produced::RunRecord;

/// Sums up what was done since then: the runs of methods and of workflows, and the data.
pub fn run(since: &str, limit: Option<usize>, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let from = workflow_run_search::since(since)?;
    let limit = session.at_most(limit.unwrap_or(usize::MAX));
    let shares = reach::shares(&datastore, Fault::SearchCrossesNamespace, session)?;
    let methods = methods(&repository, &shares, from, limit)?;
    let workflows = workflows(&repository, &shares, from, limit)?;
    let by_number = session.quirks.on(Quirk::SummaryCountsRemovedVersions);
    let data = data(&shares, from, by_number)?;
    let from = format!("{from:.3}");
    let summed = json!({
        "since": from, "methodExecutions": methods, "workflows": workflows, "data": data,
    });
    session
        .output
        .result(&summed, || for_people(&summed, since))
}

/// Whether it happened since then.
fn is_since(time: &str, from: Timestamp) -> bool {
    time.parse::<Timestamp>().is_ok_and(|time| time >= from)
}

/// Some runs, of which so many are told; what is told of each was `counted` before.
fn told(mut counted: Value, mut runs: Vec<Value>, limit: usize) -> Result<Value> {
    if runs.iter().any(|run| run["status"] != "succeeded") {
        return Err(Failure::not_implemented("to sum up runs that failed"));
    }
    let total = runs.len();
    runs.truncate(limit);
    counted["succeeded"] = total.into();
    counted["failed"] = 0.into();
    counted["total"] = total.into();
    let truncated = runs.len() < total;
    counted["runs"] = runs.into();
    if truncated {
        counted["truncated"] = true.into();
    }
    Ok(counted)
}

fn methods(
    repository: &Repository,
    shares: &[Datastore],
    from: Timestamp,
    limit: usize,
) -> Result<Vec<Value>> {
    let mut found: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for share in shares {
        for path in files::files_below(&share.own_root().join("outputs"))? {
            let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
            let Ok(record) = yaml::read(&text) else {
                continue;
            };
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            if is_since(&text("startedAt"), from) {
                let of = (text("definitionId"), text("methodName"));
                found.entry(of).or_default().push(json!({
                    "id": record["id"], "definitionId": record["definitionId"],
                    "startedAt": record["startedAt"], "durationMs": record["durationMs"],
                    "status": record["status"], "triggeredBy": record["provenance"]["triggeredBy"],
                }));
            }
        }
    }
    let mut all = Vec::new();
    for ((id, method), mut runs) in found {
        let model = definition::require(&repository.dir, &id)?;
        runs.sort_by(|a, b| b["startedAt"].as_str().cmp(&a["startedAt"].as_str()));
        let total = runs.len();
        let method = told(json!({ "method": method }), runs, limit)?;
        all.push(json!({
            "modelName": model.name(), "type": model.model_type(), "succeeded": total, "failed": 0,
            "total": total, "methods": [method],
        }));
    }
    Ok(all)
}

fn workflows(
    repository: &Repository,
    shares: &[Datastore],
    from: Timestamp,
    limit: usize,
) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for workflow in Workflow::all(&repository.dir)? {
        let mut runs = Vec::new();
        for share in shares {
            let records = RunRecord::all(share, &workflow.id)?.into_iter();
            runs.extend(records.filter(|run| is_since(run.text("startedAt"), from)));
        }
        if runs.is_empty() {
            continue;
        }
        let runs = runs.iter().map(of_workflow).collect();
        all.push(told(json!({ "workflowName": workflow.name }), runs, limit)?);
    }
    Ok(all)
}

fn of_workflow(run: &RunRecord) -> Value {
    let whole = history::whole(run);
    let list = |of: &Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
    let records = list(&run.entries, "jobs").into_iter();
    let models = records.flat_map(|job| list(&job, "steps"));
    let mut models = models.map(|step| step["output"]["model"].clone());
    let mut steps = Vec::new();
    for job in list(&whole, "jobs") {
        for step in list(&job, "steps") {
            steps.push(json!({
                "jobName": job["name"], "stepName": step["name"],
                "modelName": models.next().unwrap_or_default(), "status": step["status"],
                "durationMs": step["duration"],
            }));
        }
    }
    let entries = &run.entries;
    json!({
        "id": entries["id"], "startedAt": entries["startedAt"], "completedAt": entries["completedAt"],
        "status": entries["status"], "steps": steps,
    })
}

/// The data whose latest version was written since then. By the quirk the number of that stands for how
/// many versions there are.
fn data(shares: &[Datastore], from: Timestamp, by_number: bool) -> Result<Value> {
    let mut models = BTreeSet::new();
    let mut types: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for share in shares {
        for it in walk_versions(&share.data().0)? {
            let model = share.data().model(&it.model_type, &it.model_id);
            let is_latest = model.latest(&it.name)? == Some(it.version);
            let there = is_latest && !it.metadata.is_deleted();
            if there && is_since(&it.metadata.created_at, from) {
                let of_type = types.entry(it.model_type).or_default();
                of_type.0 += 1;
                of_type.1 += if by_number {
                    it.version
                } else {
                    model.versions(&it.name)?.len() as u64
                };
                models.insert((share.namespace.clone(), it.model_id));
            }
        }
    }
    let told: Vec<Value> = types
        .iter()
        .map(|(model_type, (items, versions))| {
            json!({ "modelType": model_type, "items": items, "versions": versions })
        })
        .collect();
    let sum = |of: fn(&(u64, u64)) -> u64| types.values().map(of).sum::<u64>();
    Ok(json!({
        "totalItems": sum(|it| it.0), "totalVersions": sum(|it| it.1), "uniqueModels": models.len(),
        "byModelType": told,
    }))
}

fn for_people(summed: &Value, since: &str) -> String {
    let list = |of: &Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
    let text = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
    let counted = |of: &[Value]| {
        let total: u64 = of.iter().filter_map(|it| it["total"].as_u64()).sum();
        format!("({total} total: {total} succeeded)")
    };
    let (models, workflows) = (list(summed, "methodExecutions"), list(summed, "workflows"));
    let mut lines = vec![format!("Activity summary (last {since})"), String::new()];
    lines.push(format!(
        "Direct Model Method Executions {}",
        counted(&models)
    ));
    for model in &models {
        lines.push(format!(
            "  Model: {} ({})",
            text(model, "modelName"),
            text(model, "type")
        ));
        for method in list(model, "methods") {
            lines.push(format!(
                "    {}   ✓ {}",
                text(&method, "method"),
                method["total"]
            ));
        }
    }
    lines.push(String::new());
    lines.push(if workflows.is_empty() {
        "Workflow Runs: none".to_owned()
    } else {
        format!("Workflow Runs {}", counted(&workflows))
    });
    for workflow in &workflows {
        let name = text(workflow, "workflowName");
        lines.push(format!("  {name}   ✓ {}", workflow["total"]));
    }
    let data = &summed["data"];
    let [items, versions, models] =
        ["totalItems", "totalVersions", "uniqueModels"].map(|key| &data[key]);
    lines.push(String::new());
    lines.push(format!(
        "Data ({items} items, {versions} versions, {models} models)"
    ));
    lines.join("\n")
}
