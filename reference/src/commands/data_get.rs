//! `swamp data get`.

use serde_json::{Map, Value, json};

use crate::data::Metadata;
use crate::errors::{Failure, Result};
use crate::files;
use crate::model::definition;
use crate::render::size;
use crate::session::Session;

/// Shows the newest version of a model's data, with its content.
pub fn run(wanted: &str, name: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let definition = definition::require(&repository.dir, wanted)?;
    let model_type = definition.model_type();
    let model = datastore.data().model(&model_type, definition.id());
    let Some(data) = model.find(name, None)? else {
        return Err(Failure::refused(format!(
            "Data not found: \"{name}\" for model \"{wanted}\""
        )));
    };
    let ids = [definition.id(), definition.name(), model_type.as_str()];
    let path = model.content_path(&data.name, data.version);
    let shown_path = files::relative(&repository.dir, &path);
    let content = model.content(&data.name, data.version)?;
    let content = content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let result = as_json(&data, ids, &shown_path, content.as_deref())?;
    session.output.result(&result, || {
        for_people(&data, ids, &shown_path, content.as_deref())
    })
}

fn as_json(
    data: &Metadata,
    [model_id, model_name, model_type]: [&str; 3],
    path: &str,
    content: Option<&str>,
) -> Result<Map<String, Value>> {
    let metadata =
        serde_json::to_value(data).map_err(|error| Failure::broken(error.to_string()))?;
    let mut result = Map::new();
    let model = json!({ "modelId": model_id, "modelName": model_name, "modelType": model_type });
    for key in [
        "id",
        "name",
        "modelId",
        "modelName",
        "modelType",
        "version",
        "contentType",
        "lifetime",
        "garbageCollection",
        "streaming",
        "tags",
        "ownerDefinition",
        "createdAt",
        "size",
        "checksum",
    ] {
        if let Some(value) = model.get(key).or_else(|| metadata.get(key)) {
            result.insert(key.to_owned(), value.clone());
        }
    }
    result.insert("contentPath".into(), path.into());
    if let Some(text) = content {
        let parsed = serde_json::from_str(text).ok();
        let parsed = parsed.filter(|_| data.content_type == "application/json");
        result.insert("content".into(), parsed.unwrap_or_else(|| text.into()));
    }
    Ok(result)
}

fn for_people(
    data: &Metadata,
    [_, model_name, model_type]: [&str; 3],
    path: &str,
    content: Option<&str>,
) -> String {
    let plain = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let size = data.size.map_or("unknown".to_owned(), size::terse);
    let mut lines = vec![
        format!("Data: {} (v{})", data.name, data.version),
        format!("Model: {model_name} ({model_type})"),
        format!("Content: {}, {size}", data.content_type),
        format!(
            "Lifetime: {} | GC: {}",
            data.lifetime,
            plain(&data.garbage_collection)
        ),
    ];
    if !data.tags.is_empty() {
        let tags = data.tags.iter();
        let tags: Vec<_> = tags
            .map(|(name, value)| format!("{name}={}", plain(value)))
            .collect();
        lines.push(format!("Tags: {}", tags.join(", ")));
    }
    let owner = &data.owner_definition;
    lines.push(format!("Owner: {} ({})", owner.owner_type, owner.owner_ref));
    lines.push(format!("Created: {}", data.created_at));
    lines.push(format!("Path: {path}"));
    if let Some(text) = content {
        let parsed = serde_json::from_str::<Value>(text).ok();
        let parsed = parsed.filter(|_| data.content_type == "application/json");
        lines.push(String::new());
        lines.push(parsed.map_or(text.to_owned(), |value| format!("{value:#}")));
    }
    lines.join("\n")
}
