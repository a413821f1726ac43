//! `swamp workflow evaluate`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::quote;
use crate::model::definition;
use crate::remote::run::{self as around};
use crate::remote::structure::around_structure;
use crate::session::Session;
use crate::workflow::definition::Task;
use crate::workflow::{Workflow, evaluated};

const CATEGORY: &str = "workflow evaluate";

/// Evaluates a workflow, or all of them, and stores what comes out in the datastore.
pub fn run(name: Option<&str>, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let Some(name) = name else {
        session.output.is_for_programs()?;
        let items = around_structure(&repository, &datastore, session, |session, _| {
            let workflows = Workflow::all(&repository.dir)?.into_iter();
            let stored = workflows.map(|workflow| {
                let path = store(&workflow, &datastore, session)?;
                Ok(item(&workflow, &path))
            });
            stored.collect::<Result<Vec<Value>>>()
        })?;
        return session.output.json(&json!({
            "items": items, "total": items.len(), "evaluated": 0,
        }));
    };
    let workflow = Workflow::require(&repository.dir, name)?;
    let steps = workflow.jobs.iter().flat_map(|job| &job.steps);
    let mut models = steps.filter_map(|step| match &step.task {
        Task::Method(method) => Some(method.model()),
        Task::Approval(_) => None,
    });
    let model = models.next().unwrap_or_default();
    if models.any(|other| other != model) {
        let what = "to evaluate a workflow of several models";
        return Err(Failure::not_implemented(what));
    }
    let definition = definition::require(&repository.dir, model)?;
    let locked = around::Model {
        model_type: &definition.model_type(),
        id: definition.id(),
    };
    let category = Some(CATEGORY);
    around::around_model(
        &repository,
        &datastore,
        locked,
        category,
        session,
        |session, _| {
            let path = store(&workflow, &datastore, session)?;
            tell(&workflow, &path, session)
        },
    )
}

/// No push is told of it: it reaches a bucket with the next command that looks at all files.
fn store(workflow: &Workflow, datastore: &Datastore, session: &Session) -> Result<PathBuf> {
    if workflow.to_yaml().contains("${{") {
        return Err(Failure::not_implemented(
            "to evaluate an expression of a workflow",
        ));
    }
    let mut datastore = datastore.clone();
    if session.faults.on(Fault::EvaluatedWorkflowUnnamespaced) {
        datastore.namespace = None;
    }
    evaluated::write(&evaluated::dir(&datastore), workflow)
}

fn item(workflow: &Workflow, path: &Path) -> Value {
    json!({
        "id": workflow.id, "name": workflow.name, "hadExpressions": false, "outputPath": path,
    })
}

fn tell(workflow: &Workflow, path: &Path, session: &mut Session) -> Result<()> {
    if session.output.is_json() {
        return session.output.json(&item(workflow, path));
    }
    for line in [
        format!("Evaluated workflow definition: {}", quote(&workflow.name)),
        "  No expressions to evaluate".to_owned(),
        format!("  Output: {}", quote(&path.to_string_lossy())),
    ] {
        session.output.info(CATEGORY, &line);
    }
    Ok(())
}
