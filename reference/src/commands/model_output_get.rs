//! `swamp model output get`, and `model method history get`, which is the same.

use serde_json::{Map, Value};

use crate::errors::Result;
use crate::model::outputs;
use crate::session::Session;

/// Shows the record of a run: the one of that id, or the newest of that model. It is JSON in both
/// modes.
pub fn run(run_or_model: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let never = "Output not found: no outputs for model";
    let words = ["Output or model not found", never];
    let found = outputs::of_run_or_model(&repository.dir, &datastore, run_or_model, words)?;
    let model_name = found.model_name(&repository.dir)?;
    let mut shown = Map::new();
    for key in [
        "id",
        "definitionId",
        "modelName",
        "type",
        "methodName",
        "status",
        "startedAt",
        "completedAt",
        "durationMs",
        "retryCount",
        "provenance",
        "artifacts",
        "error",
    ] {
        let value = match key {
            "modelName" => model_name.clone().map_or(Value::Null, Value::from),
            "type" => found.model_type.clone().into(),
            key => found.get(key).clone(),
        };
        if !value.is_null() {
            shown.insert(key.to_owned(), value);
        }
    }
    session.output.json(&shown)
}
