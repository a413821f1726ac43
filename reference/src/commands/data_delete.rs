//! `swamp data delete`.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::confirmation;
use crate::catalog::Catalog;
use crate::catalog::backfill::data_of;
use crate::cli::{self, flag, text};
use crate::data::removal::Place;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::quote;
use crate::model::definition::{self, Definition};
use crate::namespace::manifest;
use crate::quirks::Quirk;
use crate::remote::run::{self as around, Changes};
use crate::session::Session;

const CATEGORY: &str = "data delete";

/// What is to be deleted.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Prefix(String),
    Name(String, Option<u64>),
}

/// One call: what it works with.
struct Call<'a> {
    definition: &'a Definition,
    places: Vec<Place>,
    catalog: Catalog,
    confirmed: bool,
    changes: &'a Changes,
}

/// Deletes data of a model: a name or a version of it, names by prefix, or all.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let (model, wanted, dry) = wanted(matches)?;
    if text(matches, "server").is_some() && !matches!(wanted, Wanted::Name(..)) {
        return Err(Failure::refused(
            "Batch delete (--prefix, --all) is not supported with --server. Use single-item delete instead.",
        ));
    }
    cli::refuse(matches, "data delete", &["server", "token", "ca-cert"])?;
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let definition = definition::require(&repository.dir, &model)?;
    let model_type = definition.model_type();
    let category = Some(CATEGORY);
    let model = around::Model {
        model_type: &model_type,
        id: definition.id(),
    };
    around::around_model(
        &repository,
        &datastore,
        model,
        category,
        session,
        |session, changes| {
            let call = Call {
                places: places(&datastore, &definition, session)?,
                catalog: Catalog::open(&repository.dir)?,
                confirmed: flag(matches, "yes")
                    || flag(matches, "force")
                    || session.output.is_json(),
                definition: &definition,
                changes,
            };
            match wanted {
                Wanted::Name(name, version) => call.delete_one(&name, version, session),
                batch => call.delete_many(&batch, dry, session),
            }
        },
    )
}

/// The model, what is to be deleted of it and whether to do so.
fn wanted(matches: &ArgMatches) -> Result<(String, Wanted, bool)> {
    let model = text(matches, "model").or_else(|| text(matches, "model_id_or_name"));
    let name = text(matches, "name").or_else(|| text(matches, "data_name"));
    let version = text(matches, "version");
    let dry = flag(matches, "dry-run");
    let batch = match (text(matches, "prefix"), flag(matches, "all")) {
        (None, false) => None,
        (None, true) => Some(Wanted::All),
        (Some(prefix), all) => {
            if all && model.is_some() && name.is_none() && version.is_none() {
                return Err(Failure::refused(
                    "Cannot combine --prefix and --all. Use one or the other.",
                ));
            }
            Some(Wanted::Prefix(prefix))
        }
    };
    if let Some(batch) = batch {
        let problem = if model.is_none() {
            "Model is required for batch delete. Use positional argument (swamp data delete <model> --prefix <prefix>) \
             or flag (--model <model>)."
        } else if name.is_some() {
            "Cannot combine data name with --prefix or --all. Use --prefix/--all for batch delete, or specify a data \
             name for single delete."
        } else if version.is_some() {
            "Cannot combine --version with --prefix or --all. Version-specific delete only applies to single data names."
        } else {
            return Ok((model.unwrap_or_default(), batch, dry));
        };
        return Err(Failure::refused(problem));
    }
    let (Some(model), Some(name)) = (model, name) else {
        return Err(Failure::refused(
            "Both model and data name are required. Use positional arguments (swamp data delete <model> <name>) or \
             flags (--model <model> --name <name>).",
        ));
    };
    if dry {
        return Err(Failure::refused(
            "--dry-run is only supported with --prefix or --all.",
        ));
    }
    // No version has the number zero, so that is what others become.
    let version = version.map(|version| version.parse().unwrap_or(0));
    Ok((model, Wanted::Name(name, version), dry))
}

/// The data of the model: the own, and by the fault that of all other namespaces behind it.
fn places(datastore: &Datastore, definition: &Definition, session: &Session) -> Result<Vec<Place>> {
    let place = |namespace: String| Place {
        data: data_of(datastore, &namespace).model(&definition.model_type(), definition.id()),
        model_type: definition.model_type(),
        model_id: definition.id().to_owned(),
        namespace,
    };
    let own = datastore.namespace.clone().unwrap_or_default();
    let mut places = vec![place(own.clone())];
    if session.faults.on(Fault::DeleteCrossesNamespace) {
        let claims = manifest::list(&datastore.path, &session.quirks)?.into_iter();
        let others = claims.map(|claim| claim.namespace);
        places.extend(others.filter(|other| *other != own).map(place));
    }
    Ok(places)
}

impl Call<'_> {
    fn own(&self) -> Result<&Place> {
        let own = self.places.first();
        own.ok_or_else(|| Failure::broken("no data directory"))
    }

    fn result(&self, more: &Value) -> Value {
        let mut result = json!({
            "modelId": self.definition.id(), "modelName": self.definition.name(),
            "modelType": self.definition.model_type(),
        });
        if let (Value::Object(result), Value::Object(more)) = (&mut result, more) {
            result.extend(more.clone());
        }
        result
    }

    /// The model as log lines name it.
    fn shown(&self, between: &str) -> String {
        let (name, model_type) = (self.definition.name(), self.definition.model_type());
        format!("{between} {} ({})", quote(name), quote(&model_type))
    }

    fn delete_one(mut self, name: &str, version: Option<u64>, session: &mut Session) -> Result<()> {
        let versions = self.own()?.data.versions(name)?;
        let model = self.definition.name();
        if versions.is_empty() {
            return Err(Failure::refused(format!(
                "No data named \"{name}\" exists for model {model}"
            )));
        }
        if !self.confirmed {
            let what = match version {
                Some(version) => format!("version {version} of \"{name}\""),
                None => format!("{} version(s) of \"{name}\"", versions.len()),
            };
            let question = format!("About to delete {what} from {model}. Proceed?");
            if !confirmation::ask(&question, session)? {
                return cancelled(session);
            }
        }
        if let Some(version) = version.filter(|version| !versions.contains(version)) {
            let available: Vec<_> = versions.iter().map(u64::to_string).collect();
            return Err(Failure::refused(format!(
                "Version {version} does not exist for \"{name}\" (available versions: {})",
                available.join(", ")
            )));
        }
        for place in &self.places {
            match version {
                Some(version) => {
                    self.changes.mark(&place.data.version_dir(name, version));
                    place.remove_versions(&mut self.catalog, name, &[version])?;
                }
                None => {
                    self.changes.mark(&place.data.name_dir(name));
                    place.remove_name(&mut self.catalog, name)?;
                }
            }
        }
        let count = version.map_or(versions.len(), |_| 1);
        if session.output.is_json() {
            let mut more = json!({ "dataName": name });
            if let Some(version) = version {
                more["version"] = version.into();
            }
            more["versionsDeleted"] = count.into();
            return session.output.json(&self.result(&more));
        }
        let what = version.map_or(format!("{count} version(s)"), |version| {
            format!("version {version}")
        });
        let message = format!("Deleted {what} of {}{}", quote(name), self.shown(" for"));
        session.output.info(CATEGORY, &message);
        Ok(())
    }

    fn delete_many(mut self, wanted: &Wanted, dry: bool, session: &mut Session) -> Result<()> {
        let mut names: Vec<(String, usize)> = Vec::new();
        for newest in self.own()?.data.all_latest()? {
            let matches = match wanted {
                Wanted::Prefix(prefix) => newest.name.starts_with(prefix.as_str()),
                _ => true,
            };
            if matches {
                let versions = self.own()?.data.versions(&newest.name)?;
                names.push((newest.name, versions.len()));
            }
        }
        let model = self.definition.name();
        let filter = match wanted {
            Wanted::Prefix(prefix) => Some(format!("prefix \"{prefix}\"")),
            _ => None,
        };
        if names.is_empty() {
            return Err(Failure::refused(match filter {
                Some(filter) => format!("No data matching {filter} found for model {model}"),
                None if session.quirks.on(Quirk::DeleteAllGarbled) => {
                    format!("No data matching any data found for model {model}")
                }
                None => format!("No data found for model {model}"),
            }));
        }
        let versions: usize = names.iter().map(|(_, count)| count).sum();
        if !self.confirmed && !dry {
            let question = format!(
                "About to delete {} data artifact(s) ({versions} version(s)) matching {} from {model}. Proceed?",
                names.len(),
                filter.as_deref().unwrap_or("all data")
            );
            if !confirmation::ask(&question, session)? {
                return cancelled(session);
            }
        }
        if !dry {
            for place in &self.places {
                for (name, _) in &names {
                    self.changes.mark(&place.data.name_dir(name));
                    place.remove_name(&mut self.catalog, name)?;
                }
            }
        }
        if session.output.is_json() {
            let more = json!({
                "totalDeleted": names.len(), "totalVersionsDeleted": versions, "failed": [], "dryRun": dry,
            });
            return session.output.json(&self.result(&more));
        }
        let what = if dry { "Would delete" } else { "Deleted" };
        let message = format!(
            "{what} {} data artifact(s) ({versions} version(s)){}",
            names.len(),
            self.shown(" from")
        );
        session.output.info(CATEGORY, &message);
        Ok(())
    }
}

fn cancelled(session: &mut Session) -> Result<()> {
    session.output.info(CATEGORY, "Delete cancelled.");
    Ok(())
}
