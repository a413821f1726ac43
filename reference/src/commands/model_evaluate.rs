//! `swamp model evaluate`.

use std::path::PathBuf;

use serde_json::json;

use crate::datastore::Datastore;
use crate::errors::Result;
use crate::expressions::{Evaluator, Strictness};
use crate::files;
use crate::model::definition::{self, Definition};
use crate::quirks::Quirk;
use crate::remote::run::{self as around};
use crate::session::Session;

/// Evaluates the expressions of a definition and stores what comes out where a run would.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let definition = definition::require(&repository.dir, name)?;
    let model_type = definition.model_type();
    let model = around::Model {
        model_type: &model_type,
        id: definition.id(),
    };
    around::around_model(
        &repository,
        &datastore,
        model,
        Some("model evaluate"),
        session,
        |session, _| {
            let strictness = if session.quirks.on(Quirk::EvaluateSwallowsErrors) {
                Strictness::Lenient
            } else {
                Strictness::Strict
            };
            let evaluator = Evaluator::open(&repository, session)?;
            let evaluated = evaluator.definition(&definition, strictness)?;
            let output_path = save(&evaluated.value, &datastore)?;
            session.output.json(&json!({
                "id": definition.id(), "name": name, "type": definition.model_type(),
                "hadExpressions": evaluated.had_expressions, "outputPath": output_path,
                "globalArguments": evaluated.value.global_arguments(),
            }))
        },
    )
}

/// No push is told of it: it reaches a bucket with the next command that looks at all files.
fn save(definition: &Definition, datastore: &Datastore) -> Result<PathBuf> {
    let dir = datastore
        .own_root()
        .join("definitions-evaluated")
        .join(definition.model_type());
    files::ensure_dir(&dir)?;
    let path = dir.join(format!("{}.yaml", definition.name()));
    files::write_atomically(&path, &definition.to_yaml())?;
    Ok(path)
}
