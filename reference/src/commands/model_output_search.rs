//! `swamp model output search`, and `model method history search`, which is the same.

use serde_json::{Map, Value, json};

use crate::errors::Result;
use crate::faults::Fault;
use crate::model::outputs;
use crate::namespace::reach;
use crate::session::Session;

/// What a run is found by.
const SEARCHED: [&str; 6] = [
    "modelName",
    "type",
    "methodName",
    "status",
    "id",
    "definitionId",
];

/// Finds runs, the newest first. The result is JSON in both modes.
pub fn run(query: String, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let wanted = query.to_lowercase();
    let mut found = Vec::new();
    let mut outputs = Vec::new();
    for share in reach::shares(&datastore, Fault::SearchCrossesNamespace, session)? {
        outputs.extend(outputs::all(&share)?);
    }
    for output in outputs {
        let mut row = Map::new();
        for key in [
            "id",
            "definitionId",
            "modelName",
            "type",
            "methodName",
            "status",
            "startedAt",
            "durationMs",
        ] {
            let value = match key {
                "modelName" => output
                    .model_name(&repository.dir)?
                    .map_or(Value::Null, Value::from),
                "type" => output.model_type.clone().into(),
                key => output.get(key).clone(),
            };
            if !value.is_null() {
                row.insert(key.to_owned(), value);
            }
        }
        let mut texts = SEARCHED.iter().filter_map(|key| row.get(*key)?.as_str());
        if texts.any(|text| text.to_lowercase().contains(&wanted)) {
            found.push(row);
        }
    }
    session
        .output
        .json(&json!({ "query": query, "results": found }))
}
