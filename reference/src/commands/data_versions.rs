//! `swamp data versions`.

use serde_json::{Value, json};

use crate::errors::{Failure, Result};
use crate::model::definition;
use crate::session::Session;

/// Lists the versions of one name, the newest first. The result is JSON in both modes.
pub fn run(wanted: &str, name: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let definition = definition::require(&repository.dir, wanted)?;
    let model_type = definition.model_type();
    let model = datastore.data().model(&model_type, definition.id());
    let numbers = model.versions(name)?;
    let Some(newest) = numbers.last() else {
        return Err(Failure::refused(format!(
            "Data not found: \"{name}\" for model \"{wanted}\""
        )));
    };
    let mut versions: Vec<Value> = Vec::new();
    for number in numbers.iter().rev() {
        let Some(data) = model.find(name, Some(*number))? else {
            continue;
        };
        let mut entry = json!({ "version": data.version, "createdAt": data.created_at });
        if let Some(size) = data.size {
            entry["size"] = size.into();
        }
        if let Some(checksum) = data.checksum {
            entry["checksum"] = checksum.into();
        }
        entry["isLatest"] = (number == newest).into();
        versions.push(entry);
    }
    session.output.json(&json!({
        "dataName": name, "modelId": definition.id(), "modelName": definition.name(), "modelType": model_type,
        "versions": versions, "total": versions.len(),
    }))
}
