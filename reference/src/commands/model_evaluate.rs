//! `swamp model evaluate`.

use serde_json::json;

use crate::errors::Result;
use crate::expressions::{Evaluator, Strictness};
use crate::model::{definition, evaluated};
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
            let root = datastore.own_root().join("definitions-evaluated");
            // No push is told of it: it reaches a bucket with the next command that looks at all files.
            let output_path = evaluated::write(&root, &evaluated.value, &session.older)?;
            session.output.json(&json!({
                "id": definition.id(), "name": name, "type": definition.model_type(),
                "hadExpressions": evaluated.had_expressions, "outputPath": output_path,
                "globalArguments": evaluated.value.global_arguments(),
            }))
        },
    )
}
