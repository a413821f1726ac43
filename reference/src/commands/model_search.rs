//! `swamp model search`.

use serde_json::{Value, json};

use crate::errors::Result;
use crate::model::definition;
use crate::session::Session;

/// Finds the models whose name, type or id has the text in it. The result is JSON in both modes.
pub fn run(query: String, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let wanted = query.to_lowercase();
    let found: Vec<Value> = definition::all(&repository.dir)?
        .into_iter()
        .map(|(model, _)| {
            [
                model.id().to_owned(),
                model.name().to_owned(),
                model.model_type(),
            ]
        })
        .filter(|model| {
            model
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
        })
        .map(|[id, name, model_type]| json!({ "id": id, "name": name, "type": model_type }))
        .collect();
    session
        .output
        .json(&json!({ "query": query, "results": found }))
}
