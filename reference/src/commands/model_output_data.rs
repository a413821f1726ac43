//! `swamp model output data`.

use serde_json::{Value, json};

use crate::errors::{Failure, Result};
use crate::model::outputs;
use crate::session::Session;

/// Shows what a run wrote: data of that name, else the first.
pub fn run(
    run: &str,
    name: Option<&str>,
    field: Option<&str>,
    version: Option<u64>,
    session: &mut Session,
) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let output = outputs::require(&datastore, run)?;
    let artifacts = output.artifacts();
    let artifact = match name {
        Some(name) => artifacts.iter().find(|artifact| artifact["name"] == name),
        None => artifacts.first(),
    };
    let Some(artifact) = artifact else {
        let names = artifacts
            .iter()
            .filter_map(|artifact| artifact["name"].as_str());
        return Err(Failure::refused(format!(
            "Data artifact not found: \"{}\". Available: {}",
            name.unwrap_or_default(),
            names.collect::<Vec<_>>().join(", ")
        )));
    };
    let name = artifact["name"].as_str().unwrap_or_default();
    let version = version.or_else(|| artifact["version"].as_u64());
    let model = datastore
        .data()
        .model(&output.model_type, output.text("definitionId"));
    let (Some(data), Some(content)) = (
        model.find(name, version)?,
        model.content(name, version.unwrap_or_default())?,
    ) else {
        return Err(Failure::refused(format!(
            "Data not found: \"{name}\" (v{}) for model \"{}\"",
            version.unwrap_or_default(),
            output.model_name(&repository.dir)?.unwrap_or_default()
        )));
    };
    let text = String::from_utf8_lossy(&content).into_owned();
    let parsed = serde_json::from_str::<Value>(&text).ok();
    let parsed = parsed.filter(|_| data.content_type == "application/json");
    let mut shown = parsed.unwrap_or_else(|| text.into());
    if let Some(field) = field {
        shown = picked(&shown, field)?;
    }
    let result = json!({
        "outputId": output.text("id"), "methodName": output.text("methodName"), "dataId": data.id,
        "dataName": data.name, "version": data.version, "contentType": data.content_type,
        "field": field, "data": shown,
    });
    session.output.result(&result, || match &shown {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    })
}

/// A field of what is JSON.
fn picked(data: &Value, field: &str) -> Result<Value> {
    let Some(fields) = data.as_object() else {
        return Err(Failure::refused(format!(
            "Cannot extract field \"{field}\": data is not a JSON object"
        )));
    };
    fields.get(field).cloned().ok_or_else(|| {
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        Failure::refused(format!(
            "Field not found: \"{field}\" in data artifact. Available fields: {}",
            names.join(", ")
        ))
    })
}
