//! `swamp model delete`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::catalog::Catalog;
use crate::config::yaml;
use crate::data::removal::Place;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::files;
use crate::log::quote;
use crate::model::definition::{self, Definition};
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::remote::run::{self as around, Changes};
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::definition::Workflow;

const CATEGORY: &str = "model delete";

/// Removes a model, with its data and the records of its runs.
pub fn run(name: &str, yes: bool, force: bool, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let found = definition::all(&repository.dir)?.into_iter();
    let mut found = found.filter(|(model, _)| model.name() == name || model.id() == name);
    let Some((model, path)) = found.next() else {
        return Err(Failure::refused(format!("Model not found: {name}")));
    };
    let model_type = model.model_type();
    let locked = around::Model {
        model_type: &model_type,
        id: model.id(),
    };
    around::around_model(
        &repository,
        &datastore,
        locked,
        Some(CATEGORY),
        session,
        |session, changes| {
            let told = [yes, force];
            delete(
                &repository,
                &datastore,
                (&model, &path),
                told,
                changes,
                session,
            )
        },
    )
}

fn delete(
    repository: &Repository,
    datastore: &Datastore,
    (model, path): (&Definition, &Path),
    [yes, force]: [bool; 2],
    changes: &Changes,
    session: &mut Session,
) -> Result<()> {
    let (name, model_type) = (model.name(), model.model_type());
    let workflows = Workflow::all(&repository.dir)?;
    let using = workflows.iter().filter(|workflow| workflow.uses(name));
    let using: Vec<&str> = using.map(|workflow| workflow.name.as_str()).collect();
    if !using.is_empty() {
        return Err(Failure::refused(format!(
            "Model '{name}' is referenced by workflow(s): {}. Remove the model from these workflows before deleting.",
            using.join(", ")
        )));
    }
    let shares = reach::shares(datastore, Fault::DeleteCrossesNamespace, session)?;
    let place = |share: &Datastore| Place::of(share, &model_type, model.id());
    let own = place(datastore);
    let data = own.data.all_latest()?;
    if !data.is_empty() && !force {
        return Err(Failure::refused(format!(
            "Model '{name}' has {} associated data artifact(s). Delete the data first, or use --force to delete all.",
            data.len()
        )));
    }
    if !yes && !force && !session.output.is_json() {
        session.ask()?;
    }
    let mut records = Vec::new();
    for share in &shares {
        records.extend(records_of(share, model)?);
    }
    for record in &records {
        fs::remove_file(record).map_err(|error| Failure::io(record, &error))?;
        // The directories of its method and its type go with the last one in them.
        let above = record.ancestors().skip(1).take(3);
        let _ = above.map_while(|dir| fs::remove_dir(dir).ok()).count();
    }
    let mut catalog = Catalog::open(&repository.dir)?;
    if !session.quirks.on(Quirk::ModelDeleteStaysInBucket) {
        records.iter().for_each(|record| changes.mark(record));
        let names = data.iter().map(|piece| own.data.name_dir(&piece.name));
        names.for_each(|dir| changes.mark(&dir));
    }
    for share in &shares {
        let place = place(share);
        for piece in &data {
            place.remove_name(&mut catalog, &piece.name)?;
        }
    }
    fs::remove_file(path).map_err(|error| Failure::io(path, &error))?;
    // So do those of its type.
    let above = path.ancestors().skip(1);
    let of_type = above.take(Path::new(&model_type).components().count());
    let _ = of_type.map_while(|dir| fs::remove_dir(dir).ok()).count();
    if session.output.is_json() {
        return session.output.json(&json!({
            "deleted": { "id": model.id(), "name": name, "type": model_type, "inputPath": path },
            "resourceDeleted": false, "outputsDeleted": records.len(), "evaluatedInputDeleted": false,
            "dataDeleted": !data.is_empty(), "expiredDataAutoCollected": 0,
        }));
    }
    let message = format!("Deleted model: {} ({})", quote(name), quote(&model_type));
    session.output.info(CATEGORY, &message);
    Ok(())
}

/// The records of the runs of a model in a share of the datastore.
fn records_of(share: &Datastore, model: &Definition) -> Result<Vec<PathBuf>> {
    let dir = share.own_root().join("outputs").join(model.model_type());
    let mut found = files::files_below(&dir)?;
    found.retain(|path| {
        let record = fs::read_to_string(path).ok();
        let record = record.and_then(|text| yaml::read(&text).ok());
        record.is_some_and(|record| record["definitionId"] == model.id())
    });
    Ok(found)
}
