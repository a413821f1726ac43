//! `swamp model delete`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::catalog::Catalog;
use crate::catalog::backfill::data_of;
use crate::config::yaml;
use crate::data::removal::Place;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::log::quote;
use crate::model::definition::{self, Definition};
use crate::quirks::Quirk;
use crate::remote::run::{self as around, Changes};
use crate::repository::Repository;
use crate::session::Session;

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
    let namespace = datastore.namespace.clone().unwrap_or_default();
    let own = Place {
        data: data_of(datastore, &namespace).model(&model_type, model.id()),
        model_type: model_type.clone(),
        model_id: model.id().to_owned(),
        namespace,
    };
    let data = own.data.all_latest()?;
    if !data.is_empty() && !force {
        return Err(Failure::refused(format!(
            "Model '{name}' has {} associated data artifact(s). Delete the data first, or use --force to delete all.",
            data.len()
        )));
    }
    if !yes && !force && !session.output.is_json() {
        return Err(Failure::nobody_to_ask());
    }
    let records = records(datastore, model)?;
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
    for piece in &data {
        own.remove_name(&mut catalog, &piece.name)?;
    }
    fs::remove_file(path).map_err(|error| Failure::io(path, &error))?;
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

/// The records of the runs of a model.
fn records(datastore: &Datastore, model: &Definition) -> Result<Vec<PathBuf>> {
    let dir = datastore
        .own_root()
        .join("outputs")
        .join(model.model_type());
    let mut found = files::files_below(&dir)?;
    found.retain(|path| {
        let record = fs::read_to_string(path).ok();
        let record = record.and_then(|text| yaml::read(&text).ok());
        record.is_some_and(|record| record["definitionId"] == model.id())
    });
    Ok(found)
}
