//! `swamp data delete`.

use serde_json::{Value, json};

use crate::args::Delete;
use crate::catalog::Catalog;
use crate::data::removal::Place;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::log::quote;
use crate::model::definition::{self, Definition};
use crate::namespace::reach;
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
pub fn run(args: Delete, session: &mut Session) -> Result<()> {
    let model = args.for_model.or(args.model).unwrap_or_default();
    let wanted = match (args.for_name.or(args.name), args.prefix) {
        // No version has the number zero, so that is what others become.
        (Some(name), _) => Wanted::Name(name, args.version.map(|text| text.parse().unwrap_or(0))),
        (None, Some(prefix)) => Wanted::Prefix(prefix),
        (None, None) => Wanted::All,
    };
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
                confirmed: args.yes || args.force || session.output.is_json(),
                definition: &definition,
                changes,
            };
            match wanted {
                Wanted::Name(name, version) => call.delete_one(&name, version, session),
                batch => call.delete_many(&batch, args.dry_run, session),
            }
        },
    )
}

/// The data of the model: the own, and by the fault that of all other namespaces behind it.
fn places(datastore: &Datastore, definition: &Definition, session: &Session) -> Result<Vec<Place>> {
    let shares = reach::shares(datastore, Fault::DeleteCrossesNamespace, session)?;
    let place = |share: &Datastore| Place::of(share, &definition.model_type(), definition.id());
    Ok(shares.iter().map(place).collect())
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
            session.ask()?;
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
            session.ask()?;
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
