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
use crate::repository::Repository;
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
        let found = RECORDS.map(|kind| old(&datastore, kind, until));
        let [workflows, outputs] = found;
        return report([&workflows?, &outputs?], true, session);
    }
    around_structure(&repository, &datastore, session, |session, changes| {
        let old = |kind: &str| old(&datastore, kind, until);
        let found = [old(RECORDS[0])?, old(RECORDS[1])?];
        if !confirmed && !session.output.is_json() {
            session.output.info(CATEGORY, &preview(&found));
            session.ask()?;
        }
        collect(&repository, &datastore, until, changes, session)?;
        report([&found[0], &found[1]], false, session)
    })
}

fn collect(
    repository: &Repository,
    datastore: &Datastore,
    until: Timestamp,
    changes: &Changes,
    session: &Session,
) -> Result<()> {
    for share in reach::shares(datastore, Fault::RunGcCrossesNamespace, session)? {
        for kind in RECORDS {
            for (path, _) in old(&share, kind, until)? {
                fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
                changes.mark(&path);
                // Its directories go with the last record in them.
                let root = share.own_root().join(kind);
                let above = path.ancestors().skip(1).take_while(|dir| *dir != root);
                let _ = above.map_while(|dir| fs::remove_dir(dir).ok()).count();
            }
        }
    }
    let workflows = Workflow::all(&repository.dir)?;
    workflows
        .iter()
        .try_for_each(|workflow| recorded::forget(repository, workflow))
}

/// The records that are old enough, with their sizes.
fn old(share: &Datastore, kind: &str, until: Timestamp) -> Result<Vec<(PathBuf, u64)>> {
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
fn preview([workflows, outputs]: &[Vec<(PathBuf, u64)>; 2]) -> String {
    let told = |found: &[(PathBuf, u64)], what: &str| {
        let size = quote(&size::spaced(bytes(found)));
        format!("{} {what}(s) ({size})", found.len())
    };
    let total = quote(&size::spaced(bytes(workflows) + bytes(outputs)));
    let (workflows, outputs) = (told(workflows, "workflow run"), told(outputs, "output"));
    format!("Run GC preview: {workflows}, {outputs}, total: {total} reclaimable")
}

fn report(found: [&[(PathBuf, u64)]; 2], dry: bool, session: &mut Session) -> Result<()> {
    let [workflows, outputs] = found;
    let total = bytes(workflows) + bytes(outputs);
    session.output.is_for_programs()?;
    session.output.json(&json!({
        "workflowRunsDeleted": workflows.len(), "workflowRunBytesReclaimed": bytes(workflows),
        "outputsDeleted": outputs.len(), "outputBytesReclaimed": bytes(outputs),
        "totalBytesReclaimed": total, "dryRun": dry,
    }))
}
