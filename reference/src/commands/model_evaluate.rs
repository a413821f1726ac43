//! `swamp model evaluate`.

use serde_json::{Value, json};

use crate::datastore::Datastore;
use crate::errors::Result;
use crate::expressions::{Evaluator, Strictness};
use crate::model::definition::{self, Definition};
use crate::model::evaluated;
use crate::quirks::Quirk;
use crate::remote::run::{self as around};
use crate::remote::structure::around_structure;
use crate::repository::Repository;
use crate::session::Session;

/// Evaluates the expressions of a definition, or of all of them, and stores what comes out where a run
/// would.
pub fn run(name: Option<&str>, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let Some(name) = name else {
        let items = around_structure(&repository, &datastore, session, |session, _| {
            let mut items = Vec::new();
            for (definition, _) in definition::all(&repository.dir)? {
                items.push(item(&definition, &repository, &datastore, session)?.0);
            }
            Ok(items)
        })?;
        let had = items.iter().filter(|item| item["hadExpressions"] == true);
        return session.output.json(&json!({
            "items": items, "total": items.len(), "evaluated": had.count(),
        }));
    };
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
            let (mut item, arguments) = item(&definition, &repository, &datastore, session)?;
            item["globalArguments"] = arguments;
            session.output.json(&item)
        },
    )
}

/// Evaluates a definition and stores it. Gives what is said of it, and its global arguments.
fn item(
    definition: &Definition,
    repository: &Repository,
    datastore: &Datastore,
    session: &Session,
) -> Result<(Value, Value)> {
    let strictness = if session.quirks.on(Quirk::EvaluateSwallowsErrors) {
        Strictness::Lenient
    } else {
        Strictness::Strict
    };
    let evaluator = Evaluator::open(repository, session)?;
    let evaluated = evaluator.definition(definition, strictness)?;
    let root = datastore.own_root().join("definitions-evaluated");
    // No push is told of it: it reaches a bucket with the next command that looks at all files.
    let output_path = evaluated::write(&root, &evaluated.value, &session.older)?;
    let item = json!({
        "id": definition.id(), "name": definition.name(), "type": definition.model_type(),
        "hadExpressions": evaluated.had_expressions, "outputPath": output_path,
    });
    Ok((item, evaluated.value.global_arguments().into()))
}
