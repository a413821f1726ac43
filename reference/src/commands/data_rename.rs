//! `swamp data rename`.

use serde_json::json;

use crate::args::Rename;
use crate::catalog::{Catalog, notify};
use crate::data::removal::Place;
use crate::data::renaming;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::{Level, quote};
use crate::model::definition::{self, Definition};
use crate::namespace::reach;
use crate::remote::run::{self as around, Changes};
use crate::repository::Repository;
use crate::session::Session;

const CATEGORY: &str = "data rename";

/// Gives data another name; the old one leads to it.
pub fn run(args: Rename, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let model = args.for_model.or(args.model).unwrap_or_default();
    let name = args.for_name.or(args.name).unwrap_or_default();
    let new_name = args.for_new_name.or(args.new_name).unwrap_or_default();
    let definition = definition::require(&repository.dir, &model)?;
    let model_type = definition.model_type();
    let locked = around::Model {
        model_type: &model_type,
        id: definition.id(),
    };
    around::around_model(
        &repository,
        &datastore,
        locked,
        Some(CATEGORY),
        session,
        |session, changes| {
            let names = [name.as_str(), new_name.as_str()];
            rename(
                &repository,
                &datastore,
                &definition,
                names,
                changes,
                session,
            )
        },
    )
}

fn rename(
    repository: &Repository,
    datastore: &Datastore,
    definition: &Definition,
    [name, new_name]: [&str; 2],
    changes: &Changes,
    session: &mut Session,
) -> Result<()> {
    if name == new_name {
        return Err(Failure::refused("Old name and new name must be different."));
    }
    let model_type = definition.model_type();
    let shares = reach::shares(datastore, Fault::RenameCrossesNamespace, session)?;
    for foreign in &shares[1..] {
        let data = foreign.data().model(&model_type, definition.id());
        let _ = renaming::rename(&data, [name, new_name], &session.quirks);
    }
    let own = Place::of(datastore, &model_type, definition.id());
    let (copied, stored) = renaming::rename(&own.data, [name, new_name], &session.quirks)?;
    [name, new_name]
        .iter()
        .for_each(|name| changes.mark(&own.data.name_dir(name)));
    let (id, quirks) = (definition.id(), session.quirks.clone());
    notify::stored(repository, datastore, &model_type, id, &stored, &quirks)?;
    own.forget_name(&mut Catalog::open(&repository.dir)?, name)?;
    let (warning, version) = (
        format!(
            "Any workflows or models that produce data under \"{name}\" will overwrite the forward reference. \
             Update them to use \"{new_name}\" instead."
        ),
        stored.version,
    );
    if session.output.is_json() {
        return session.output.json(&json!({
            "oldName": name, "newName": new_name, "modelId": definition.id(),
            "modelName": definition.name(), "modelType": model_type, "copiedVersion": copied,
            "newVersion": version, "warning": warning,
        }));
    }
    let (old, new) = (quote(name), quote(new_name));
    let (model, kind) = (quote(definition.name()), quote(&model_type));
    let output = &mut session.output;
    output.info(
        CATEGORY,
        &format!("Renamed {old} -> {new} for {model} ({kind})"),
    );
    output.info(
        CATEGORY,
        &format!("Version {copied} copied as v{version} under new name"),
    );
    output.info(CATEGORY, &format!("Old name {old} now forwards to {new}"));
    output.log(Level::Warning, CATEGORY, &quote(&warning));
    Ok(())
}
