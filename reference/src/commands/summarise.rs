//! `swamp summarise`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::Timestamp;

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
use crate::workflow::produced::RunRecord;

/// Sums up what was done since then: the runs of methods and of workflows, and the data.
pub fn run(since: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_people()?;
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let from = workflow_run_search::since(since)?;
    let shares = reach::shares(&datastore, Fault::SearchCrossesNamespace, session)?;
    let methods = methods(&repository, &shares, from)?;
    let workflows = workflows(&repository, &shares, from)?;
    let by_number = session.quirks.on(Quirk::SummaryCountsRemovedVersions);
    let data = data(&shares, from, by_number)?;
    let mut lines = vec![format!("Activity summary (last {since})"), String::new()];
    lines.extend(section("Direct Model Method Executions", methods));
    lines.push(String::new());
    lines.extend(section("Workflow Runs", workflows));
    lines.push(String::new());
    lines.push(data);
    session.output.text(&lines.join("\n"));
    Ok(())
}

/// What there were runs of, each with its line, and how many.
type Counted = BTreeMap<String, usize>;

fn section(title: &str, counted: Counted) -> Vec<String> {
    let total: usize = counted.values().sum();
    if total == 0 {
        return vec![format!("{title}: none")];
    }
    let mut lines = vec![format!("{title} ({total} total: {total} succeeded)")];
    lines.extend(
        counted
            .iter()
            .map(|(line, count)| format!("{line}   ✓ {count}")),
    );
    lines
}

/// Whether it happened since then.
fn is_since(time: &str, from: Timestamp) -> bool {
    time.parse::<Timestamp>().is_ok_and(|time| time >= from)
}

fn check(status: &str) -> Result<()> {
    if status == "succeeded" {
        return Ok(());
    }
    Err(Failure::not_implemented("to sum up runs that failed"))
}

fn methods(repository: &Repository, shares: &[Datastore], from: Timestamp) -> Result<Counted> {
    let mut counted = Counted::new();
    for share in shares {
        for path in files::files_below(&share.own_root().join("outputs"))? {
            let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
            let Ok(record) = yaml::read(&text) else {
                continue;
            };
            let text = |key: &str| record[key].as_str().unwrap_or_default();
            if is_since(text("startedAt"), from) {
                check(text("status"))?;
                let model = definition::require(&repository.dir, text("definitionId"))?;
                let (name, model_type) = (model.name(), model.model_type());
                let line = format!("  Model: {name} ({model_type})\n    {}", text("methodName"));
                *counted.entry(line).or_default() += 1;
            }
        }
    }
    Ok(counted)
}

fn workflows(repository: &Repository, shares: &[Datastore], from: Timestamp) -> Result<Counted> {
    let mut counted = Counted::new();
    for workflow in Workflow::all(&repository.dir)? {
        for share in shares {
            let runs = RunRecord::all(share, &workflow.id)?.into_iter();
            for run in runs.filter(|run| is_since(run.text("startedAt"), from)) {
                check(run.text("status"))?;
                *counted.entry(format!("  {}", workflow.name)).or_default() += 1;
            }
        }
    }
    Ok(counted)
}

/// The data whose latest version was written since then. By the quirk the number of that stands for how
/// many versions there are.
fn data(shares: &[Datastore], from: Timestamp, by_number: bool) -> Result<String> {
    let (mut items, mut versions, mut models) = (0, 0, BTreeSet::new());
    for share in shares {
        for it in walk_versions(&share.data().0)? {
            let data = share.data();
            let there = it.is_latest(&data)? && !it.metadata.is_deleted();
            if there && is_since(&it.metadata.created_at, from) {
                items += 1;
                versions += if by_number {
                    it.version
                } else {
                    let model = data.model(&it.model_type, &it.model_id);
                    model.versions(&it.name)?.len() as u64
                };
                models.insert((share.namespace.clone(), it.model_id));
            }
        }
    }
    let models = models.len();
    Ok(format!(
        "Data ({items} items, {versions} versions, {models} models)"
    ))
}
