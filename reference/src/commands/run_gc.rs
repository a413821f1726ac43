//! `swamp run gc`.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::workflow_run_search;
use crate::config::yaml;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::log::quote;
use crate::namespace::reach;
use crate::remote::run::Changes;
use crate::remote::structure::around_structure;
use crate::render::size;
use crate::session::Session;
use crate::workflow::{Workflow, recorded};

const CATEGORY: &str = "run gc";

/// The directories with records: of workflows' runs, and of methods'.
const RECORDS: [&str; 2] = ["workflow-runs", "outputs"];

/// Removes records of runs that began so long ago, but for those that still go on.
pub fn run(older_than: &str, dry: bool, confirmed: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let until = workflow_run_search::since(older_than)?;
    if dry {
        return report(&old(&datastore, until)?, true, session);
    }
    around_structure(&repository, &datastore, session, |session, changes| {
        let shares = reach::shares(&datastore, Fault::RunGcCrossesNamespace, session)?;
        let found: Vec<Old> = shares
            .iter()
            .map(|share| old(share, until))
            .collect::<Result<_>>()?;
        // The first is its own.
        if !confirmed && !session.output.is_json() {
            session.output.info(CATEGORY, &preview(&found[0]));
            session.ask()?;
        }
        for (share, found) in shares.iter().zip(&found) {
            collect(share, found, changes)?;
        }
        let workflows = Workflow::all(&repository.dir)?;
        workflows
            .iter()
            .try_for_each(|workflow| recorded::forget(&repository, workflow))?;
        report(&found[0], false, session)
    })
}

/// What is old enough of each kind of [`RECORDS`]: the records, with their sizes.
type Old = [Vec<(PathBuf, u64)>; 2];

fn collect(share: &Datastore, found: &Old, changes: &Changes) -> Result<()> {
    for (kind, found) in RECORDS.into_iter().zip(found) {
        let root = share.own_root().join(kind);
        for (path, _) in found {
            fs::remove_file(path).map_err(|error| Failure::io(path, &error))?;
            changes.mark(path);
            // Its directories go with the last record in them.
            let above = path.ancestors().skip(1).take_while(|dir| *dir != root);
            let _ = above.map_while(|dir| fs::remove_dir(dir).ok()).count();
        }
    }
    Ok(())
}

fn old(share: &Datastore, until: Timestamp) -> Result<Old> {
    let [workflows, outputs] = RECORDS.map(|kind| old_of(share, kind, until));
    Ok([workflows?, outputs?])
}

fn old_of(share: &Datastore, kind: &str, until: Timestamp) -> Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    for path in files::files_below(&share.own_root().join(kind))? {
        let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
        if is_old(&path, &text, until) {
            found.push((path, text.len() as u64));
        }
    }
    Ok(found)
}

fn is_old(path: &Path, text: &str, until: Timestamp) -> bool {
    let record = path.extension().is_some_and(|it| it == "yaml");
    let record = record.then(|| yaml::read(text).ok()).flatten();
    record.is_some_and(|record| {
        let began = record["startedAt"].as_str().and_then(|it| it.parse().ok());
        let goes_on = ["running", "suspended"]
            .iter()
            .any(|it| record["status"] == *it);
        !goes_on && began.is_some_and(|began: Timestamp| began <= until)
    })
}

fn bytes(found: &[(PathBuf, u64)]) -> u64 {
    found.iter().map(|(_, size)| size).sum()
}

/// How many there are of each kind, and how large they are.
fn preview([workflows, outputs]: &Old) -> String {
    let told = |found: &[(PathBuf, u64)], what: &str| {
        let size = quote(&size::spaced(bytes(found)));
        format!("{} {what}(s) ({size})", found.len())
    };
    let total = quote(&size::spaced(bytes(workflows) + bytes(outputs)));
    let (workflows, outputs) = (told(workflows, "workflow run"), told(outputs, "output"));
    format!("Run GC preview: {workflows}, {outputs}, total: {total} reclaimable")
}

fn report([workflows, outputs]: &Old, dry: bool, session: &mut Session) -> Result<()> {
    let total = bytes(workflows) + bytes(outputs);
    if !session.output.is_json() {
        if dry {
            return Err(Failure::not_implemented("run gc --dry-run for people"));
        }
        let size = |bytes| quote(&size::spaced(bytes));
        let told = format!(
            "Run GC complete: deleted {} workflow run(s) ({}), {} output(s) ({}), total: {} items ({})",
            workflows.len(),
            size(bytes(workflows)),
            outputs.len(),
            size(bytes(outputs)),
            workflows.len() + outputs.len(),
            size(total),
        );
        session.output.info(CATEGORY, &told);
        return Ok(());
    }
    session.output.json(&json!({
        "workflowRunsDeleted": workflows.len(), "workflowRunBytesReclaimed": bytes(workflows),
        "outputsDeleted": outputs.len(), "outputBytesReclaimed": bytes(outputs),
        "totalBytesReclaimed": total, "dryRun": dry,
    }))
}
