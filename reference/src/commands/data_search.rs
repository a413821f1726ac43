//! `swamp data search`.

use clap::ArgMatches;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::{self, flag, text};
use crate::data::{Stored, walk_versions};
use crate::errors::{Failure, Result};
use crate::model::definition;
use crate::session::Session;

/// The filters that compare one text.
const FILTERS: [&str; 6] = [
    "type",
    "lifetime",
    "owner-type",
    "workflow",
    "model",
    "content-type",
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    id: String,
    name: String,
    version: u64,
    content_type: String,
    r#type: String,
    lifetime: String,
    owner_type: String,
    owner_ref: String,
    model_id: String,
    model_name: String,
    model_type: String,
    streaming: bool,
    size: u64,
    created_at: String,
    tags: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_tag: Option<String>,
}

/// Searches the newest versions of all models, the youngest first. The result is JSON in both modes.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(
        matches,
        "data search",
        &[
            "since", "output", "run", "tag", "server", "token", "ca-cert",
        ],
    )?;
    let limit = match text(matches, "limit") {
        None => 50,
        Some(limit) => limit
            .parse()
            .map_err(|_| Failure::not_implemented(&format!("data search --limit {limit}")))?,
    };
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let models = definition::all(&repository.dir)?;
    if let Some(model) = text(matches, "model")
        && definition::find(&repository.dir, &model)?.is_none()
    {
        return Err(Failure::refused(format!("Model not found: {model}")));
    }
    let name_of = |id: &str| {
        let model = models.iter().find(|(definition, _)| definition.id() == id);
        model.map_or(id.to_owned(), |(definition, _)| {
            definition.name().to_owned()
        })
    };
    let query = text(matches, "query").unwrap_or_default();
    let mut found: Vec<_> = newest(walk_versions(&datastore.data().0)?)
        .into_iter()
        .map(|stored| Found::new(stored, name_of))
        .filter(|found| found.passes(matches) && found.mentions(&query))
        .collect();
    found.sort_by(|a, b| b.created_at.cmp(&a.created_at));
    let total = found.len();
    found.truncate(limit);
    session.output.json(&json!({
        "query": query, "filters": filters(matches), "results": found, "total": total, "limited": total > limit,
    }))
}

/// The newest version of each name. Versions come in order.
fn newest(versions: Vec<Stored>) -> Vec<Stored> {
    let mut newest: Vec<Stored> = Vec::new();
    for stored in versions {
        match newest.last_mut() {
            Some(last) if last.path.parent() == stored.path.parent() => *last = stored,
            _ => newest.push(stored),
        }
    }
    newest
}

fn filters(matches: &ArgMatches) -> Map<String, Value> {
    let mut filters = Map::new();
    for option in FILTERS {
        if let Some(value) = text(matches, option) {
            let key = match option {
                "owner-type" => "ownerType",
                "content-type" => "contentType",
                other => other,
            };
            filters.insert(key.to_owned(), value.into());
        }
    }
    if flag(matches, "streaming") {
        filters.insert("streaming".into(), "true".into());
    }
    filters
}

impl Found {
    fn new(stored: Stored, name_of: impl Fn(&str) -> String) -> Self {
        let data = stored.metadata;
        let tag = |name: &str| {
            data.tags
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Self {
            workflow_tag: tag("workflow"),
            job_tag: tag("job"),
            step_tag: tag("step"),
            r#type: data.tag("type").to_owned(),
            model_name: name_of(&stored.model_id),
            id: data.id,
            name: data.name,
            version: data.version,
            content_type: data.content_type,
            lifetime: data.lifetime,
            owner_type: data.owner_definition.owner_type,
            owner_ref: data.owner_definition.owner_ref,
            model_id: stored.model_id,
            model_type: stored.model_type,
            streaming: data.streaming,
            size: data.size.unwrap_or(0),
            created_at: data.created_at,
            tags: data.tags,
        }
    }

    fn passes(&self, matches: &ArgMatches) -> bool {
        FILTERS.iter().all(|option| {
            let Some(wanted) = text(matches, option) else {
                return true;
            };
            let own = match *option {
                "type" => &self.r#type,
                "lifetime" => &self.lifetime,
                "owner-type" => &self.owner_type,
                "workflow" => return self.workflow_tag.as_ref() == Some(&wanted),
                "model" => &self.model_name,
                _ => &self.content_type,
            };
            *own == wanted
        }) && (self.streaming || !flag(matches, "streaming"))
    }

    fn mentions(&self, query: &str) -> bool {
        let query = query.to_lowercase();
        [&self.name, &self.r#type, &self.model_name, &self.owner_ref]
            .iter()
            .any(|text| text.to_lowercase().contains(&query))
    }
}
