//! `swamp data get`.

use serde_json::{Map, Value, json};

use crate::args::{DataGet, Named};
use crate::data::Metadata;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::model::definition::{self, Definition};
use crate::remote::Remote;
use crate::render::size;
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::Workflow;
use crate::workflow::produced::RunRecord;

/// Shows the newest version of data of a model, or of a workflow, with its content.
pub fn run(args: &DataGet, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let found = match &args.of_workflow.workflow {
        Some(workflow) => of_workflow(workflow, args, &repository, &datastore, session)?,
        None => of_model(&args.named, &repository, &datastore)?,
    };
    let (definition, data) = found;
    let model_type = definition.model_type();
    let model = datastore.data().model(&model_type, definition.id());
    let ids = [definition.id(), definition.name(), model_type.as_str()];
    let path = model.content_path(&data.name, data.version);
    let shown_path = files::relative(&repository.dir, &path);
    let wanted = !args.no_content;
    let mut content = if wanted {
        model.content(&data.name, data.version)?
    } else {
        None
    };
    if wanted
        && content.is_none()
        && let Some(remote) = Remote::of(&repository, &session.env)?
    {
        content = remote.content(&path)?;
    }
    let content = content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let result = as_json(&data, ids, &shown_path, content.as_deref())?;
    session.output.result(&result, || {
        for_people(&data, ids, &shown_path, content.as_deref())
    })
}

fn of_model(
    named: &Named,
    repository: &Repository,
    datastore: &Datastore,
) -> Result<(Definition, Metadata)> {
    let [wanted, name] = [named.model(), named.name()].map(Option::unwrap_or_default);
    let definition = definition::require(&repository.dir, wanted)?;
    let model = datastore
        .data()
        .model(&definition.model_type(), definition.id());
    match model.find(name, None)? {
        Some(data) => Ok((definition, data)),
        None => Err(Failure::refused(format!(
            "Data not found: \"{name}\" for model \"{wanted}\""
        ))),
    }
}

/// What a run of a workflow has made, the latest where none is named. The name is the one word.
fn of_workflow(
    workflow: &str,
    args: &DataGet,
    repository: &Repository,
    datastore: &Datastore,
    session: &Session,
) -> Result<(Definition, Metadata)> {
    let name = args.named.model.as_deref().ok_or_else(|| {
        Failure::refused(
            "A data name is required when using --workflow. Usage: swamp data get --workflow <name> <data_name>",
        )
    })?;
    let workflow = Workflow::require(&repository.dir, workflow)?;
    let run = match &args.of_workflow.run {
        None => RunRecord::find(datastore, &workflow)?,
        Some(id) => {
            RunRecord::of_id(datastore, &workflow, id, &session.quirks)?.ok_or_else(|| {
                Failure::refused(format!(
                    "Workflow run not found: Run \"{id}\" not found for workflow: {}",
                    workflow.name
                ))
            })?
        }
    };
    let found = run.data(&repository.dir, datastore, name, &session.quirks)?;
    found.ok_or_else(|| {
        Failure::refused(format!(
            "Data not found: \"{name}\" in workflow \"{}\"",
            workflow.name
        ))
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
