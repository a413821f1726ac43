//! `swamp data get`.

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use crate::cli::{self, flag, text};
use crate::data::{Metadata, ModelData};
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::model::definition;
use crate::render::size;
use crate::session::{Repository, Session};
use crate::workflow::Workflow;
use crate::workflow::produced::RunRecord;

/// Shows one version of a model's data, with its content.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "data get", &["server", "token", "ca-cert"])?;
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    if let Some(workflow) = text(matches, "workflow") {
        return of_workflow(&workflow, matches, &repository, &datastore, session);
    }
    let wanted = cli::wanted_model(matches)?;
    let Some(name) = text(matches, "name").or_else(|| text(matches, "data_name")) else {
        return Err(Failure::refused(
            "A data name is required. Usage: swamp data get <model> <data_name>",
        ));
    };
    let version = version(matches)?;
    let definition = definition::require(&repository.dir, &wanted)?;
    let model_type = definition.model_type();
    let model = datastore.data().model(&model_type, definition.id());
    let Some(data) = model.find(&name, version)? else {
        let version = version.map_or(String::new(), |version| format!(" (version {version})"));
        return Err(Failure::refused(format!(
            "Data not found: \"{name}\" for model \"{wanted}\"{version}"
        )));
    };
    let ids = [definition.id(), definition.name(), model_type.as_str()];
    show(&data, &model, ids, matches, &repository, session)
}

/// Shows what a run of a workflow has made under a name.
fn of_workflow(
    workflow: &str,
    matches: &ArgMatches,
    repository: &Repository,
    datastore: &Datastore,
    session: &mut Session,
) -> Result<()> {
    let name = text(matches, "name")
        .or_else(|| text(matches, "data_name"))
        .or_else(|| text(matches, "model_id_or_name"));
    let Some(name) = name else {
        return Err(Failure::refused(
            "A data name is required when using --workflow. Usage: swamp data get --workflow <name> <data_name>",
        ));
    };
    let version = version(matches)?;
    let workflow = Workflow::find(&repository.dir, workflow)?
        .ok_or_else(|| Failure::refused(format!("Workflow not found: {workflow}")))?;
    let run = RunRecord::find(datastore, &workflow, text(matches, "run").as_deref())?;
    let pieces = run.pieces(datastore, &session.quirks)?;
    let mut pieces = pieces.into_iter().map(|piece| piece.stored);
    let found = pieces.find(|stored| {
        stored.name == name && version.is_none_or(|version| stored.version == version)
    });
    let Some(stored) = found else {
        return Err(Failure::refused(format!(
            "Data not found: \"{name}\" in workflow \"{}\"",
            workflow.name
        )));
    };
    let definition = definition::find(&repository.dir, &stored.model_id)?;
    let model_name = definition.map_or(stored.model_id.clone(), |found| found.name().to_owned());
    let model = datastore.data().model(&stored.model_type, &stored.model_id);
    let ids = [stored.model_id.as_str(), &model_name, &stored.model_type];
    show(&stored.metadata, &model, ids, matches, repository, session)
}

/// Shows one version; `ids` are the id, the name and the type of its model.
fn show(
    data: &Metadata,
    model: &ModelData,
    ids: [&str; 3],
    matches: &ArgMatches,
    repository: &Repository,
    session: &mut Session,
) -> Result<()> {
    let path = model.content_path(&data.name, data.version);
    let shown_path = files::relative(&repository.dir, &path);
    let content = if flag(matches, "no-content") {
        None
    } else {
        model.content(&data.name, data.version)?
    };
    let content = content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let result = as_json(data, ids, &shown_path, content.as_deref())?;
    session.output.result(&result, || {
        for_people(data, ids, &shown_path, content.as_deref())
    })
}

fn version(matches: &ArgMatches) -> Result<Option<u64>> {
    let Some(text) = text(matches, "version") else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Failure::not_implemented(&format!("data get --version {text}")))
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
