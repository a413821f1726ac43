//! `swamp model evaluate`.

use std::path::PathBuf;

use clap::ArgMatches;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalog_seam;
use crate::cli::{flag, text};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::expressions::{Evaluator, Strictness};
use crate::files;
use crate::log::quote;
use crate::model::definition::{self, Definition};
use crate::quirks::Quirk;
use crate::remote::run::{self as around, Changes};
use crate::remote::structure::around_structure;
use crate::session::{Repository, Session};

const CATEGORY: &str = "model evaluate";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    name: String,
    r#type: String,
    had_expressions: bool,
    output_path: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_arguments: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct All {
    items: Vec<Item>,
    total: usize,
    evaluated: usize,
}

/// Evaluates the expressions of one definition, or of all.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    if text(matches, "server")
        .or_else(|| session.env.get("SWAMP_SERVE_URL"))
        .is_some()
    {
        return Err(Failure::not_implemented("model evaluate --server"));
    }
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let wanted = text(matches, "model_id_or_name").filter(|_| !flag(matches, "all"));
    let definitions = match &wanted {
        Some(name) => vec![definition::require(&repository.dir, name)?],
        None => {
            let all = definition::all(&repository.dir)?;
            all.into_iter().map(|(definition, _)| definition).collect()
        }
    };
    let (repository, datastore) = (&repository, &datastore);
    let (Some(_), Some(only)) = (&wanted, definitions.first()) else {
        return around_structure(repository, datastore, session, |session, changes| {
            if datastore.namespace.is_some() {
                // Whoever had the lock of the namespace may have left the catalog behind.
                catalog_seam::invalidate(repository)?;
            }
            let items = evaluate(&definitions, false, repository, changes, session)?;
            report_all(items, session)
        });
    };
    let model_type = only.model_type();
    let model = around::Model {
        model_type: &model_type,
        id: only.id(),
    };
    let category = Some(CATEGORY);
    around::around_model(
        repository,
        datastore,
        model,
        category,
        session,
        |session, changes| {
            let items = evaluate(&definitions, true, repository, changes, session)?;
            items.iter().try_for_each(|item| report_one(item, session))
        },
    )
}

/// Evaluates definitions and stores what comes out; `whole`: with their arguments.
fn evaluate(
    definitions: &[Definition],
    whole: bool,
    repository: &Repository,
    changes: &Changes,
    session: &Session,
) -> Result<Vec<Item>> {
    let datastore = session.datastore(repository)?;
    let evaluator = Evaluator::open(repository, session)?;
    let strictness = if session.quirks.on(Quirk::EvaluateSwallowsErrors) {
        Strictness::Lenient
    } else {
        Strictness::Pedantic
    };
    let mut items = Vec::new();
    for definition in definitions {
        let evaluated = evaluator.definition(definition, None, strictness)?;
        items.push(Item {
            id: definition.id().to_owned(),
            name: definition.name().to_owned(),
            r#type: definition.model_type(),
            had_expressions: evaluated.had_expressions,
            output_path: save(&evaluated.value, &datastore, changes)?,
            global_arguments: whole.then(|| evaluated.value.global_arguments()),
        });
    }
    Ok(items)
}

/// Stores an evaluated definition where a run would.
fn save(definition: &Definition, datastore: &Datastore, changes: &Changes) -> Result<PathBuf> {
    let dir = datastore
        .own_root()
        .join("definitions-evaluated")
        .join(definition.model_type());
    files::ensure_dir(&dir)?;
    let path = dir.join(format!("{}.yaml", definition.name()));
    files::write_atomically(&path, &definition.to_yaml())?;
    changes.mark(&path);
    Ok(path)
}

fn report_one(item: &Item, session: &mut Session) -> Result<()> {
    if session.output.is_json() {
        return session.output.json(item);
    }
    let (name, model_type) = (quote(&item.name), quote(&item.r#type));
    let done = format!("Evaluated model definition: {name} ({model_type})");
    session.output.info(CATEGORY, &done);
    let what = if item.had_expressions {
        "  Expressions evaluated"
    } else {
        "  No expressions to evaluate"
    };
    session.output.info(CATEGORY, what);
    let path = quote(&item.output_path.to_string_lossy());
    session.output.info(CATEGORY, &format!("  Output: {path}"));
    Ok(())
}

fn report_all(items: Vec<Item>, session: &mut Session) -> Result<()> {
    let total = items.len();
    let evaluated = items.iter().filter(|item| item.had_expressions).count();
    if session.output.is_json() {
        return session.output.json(&All {
            items,
            total,
            evaluated,
        });
    }
    let done = format!("Evaluated {evaluated} of {total} model definitions");
    session.output.info(CATEGORY, &done);
    for item in items {
        let status = if item.had_expressions {
            "[evaluated]"
        } else {
            "[no expressions]"
        };
        let (name, model_type) = (quote(&item.name), quote(&item.r#type));
        let line = format!("  {name} ({model_type}) {}", quote(status));
        session.output.info(CATEGORY, &line);
        let path = quote(&item.output_path.to_string_lossy());
        session
            .output
            .info(CATEGORY, &format!("    Output: {path}"));
    }
    Ok(())
}
