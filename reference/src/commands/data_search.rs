//! `swamp data search`.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::workflow_run_search::since;
use crate::args::DataSearch;
use crate::data::{Stored, walk_versions};
use crate::errors::{Failure, Result};
use crate::faults::Fault;
use crate::model::definition;
use crate::model::inputs;
use crate::model::outputs::{self, Output};
use crate::namespace::reach;
use crate::quirks::Quirk;
use crate::session::Session;

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
    #[serde(skip)]
    run: Option<String>,
}

/// Searches the newest versions of all models, the youngest first. The result is JSON in both modes.
pub fn run(args: DataSearch, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let models = definition::all(&repository.dir)?;
    if let Some(model) = &args.model
        && definition::find(&repository.dir, model)?.is_none()
    {
        return Err(Failure::refused(format!("Model not found: {model}")));
    }
    let name_of = |id: &str| {
        let model = models.iter().find(|(definition, _)| definition.id() == id);
        model.map_or(id.to_owned(), |(definition, _)| {
            definition.name().to_owned()
        })
    };
    let tags = inputs::tags(&args.tag)?;
    let since = args.since.as_deref().map(since).transpose()?;
    let by_owner = session.quirks.on(Quirk::SearchKnowsNoRun);
    let output = args.output.as_deref();
    let of_output = match output.filter(|_| !session.quirks.on(Quirk::SearchKnowsNoOutput)) {
        Some(output) => written_by(&outputs::require(&datastore, output)?),
        None => Vec::new(),
    };
    let mut versions = Vec::new();
    for share in reach::shares(&datastore, Fault::SearchCrossesNamespace, session)? {
        versions.extend(walk_versions(&share.data().0)?);
    }
    let mut found: Vec<_> = newest(versions)
        .into_iter()
        .map(|stored| Found::new(stored, name_of))
        .filter(|found| found.passes(&args, &tags, since, by_owner, &of_output))
        .collect();
    found.sort_by(|a, b| b.created_at.cmp(&a.created_at));
    let total = found.len();
    found.truncate(session.at_most(args.limit));
    session.output.json(&json!({
        "query": args.query.clone().unwrap_or_default(), "filters": filters(&args, &tags),
        "results": found, "total": total, "limited": total > session.at_most(args.limit),
    }))
}

/// The ids of what a run has written.
fn written_by(output: &Output) -> Vec<String> {
    let ids = output
        .artifacts()
        .iter()
        .filter_map(|artifact| artifact["dataId"].as_str());
    ids.map(str::to_owned).collect()
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

fn filters(args: &DataSearch, tags: &Map<String, Value>) -> Map<String, Value> {
    let mut filters = Map::new();
    for (name, value) in [
        ("type", &args.r#type),
        ("lifetime", &args.lifetime),
        ("ownerType", &args.owner_type),
        ("workflow", &args.workflow),
        ("model", &args.model),
        ("contentType", &args.content_type),
        ("since", &args.since),
        ("output", &args.output),
        ("run", &args.run),
    ] {
        if let Some(value) = value {
            filters.insert(name.to_owned(), value.clone().into());
        }
    }
    if args.streaming {
        filters.insert("streaming".to_owned(), "true".into());
    }
    for (name, value) in tags {
        filters.insert(format!("tag:{name}"), value.clone());
    }
    filters
}

impl Found {
    fn new(stored: Stored, name_of: impl Fn(&str) -> String) -> Self {
        let data = stored.metadata;
        let tag = |name: &str| {
            let text = data.tags.get(name).and_then(Value::as_str);
            text.map(str::to_owned)
        };
        Self {
            workflow_tag: tag("workflow"),
            job_tag: tag("job"),
            step_tag: tag("step"),
            r#type: data.tag("type").to_owned(),
            model_name: name_of(&stored.model_id),
            run: data.owner_definition.workflow_run_id.clone(),
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

    /// Whether it is what is looked for. By the quirk, a run is looked for in `ownerRef`, which is
    /// the model.
    fn passes(
        &self,
        args: &DataSearch,
        tags: &Map<String, Value>,
        since: Option<Timestamp>,
        by_owner: bool,
        of_output: &[String],
    ) -> bool {
        let none = String::new();
        let texts = [
            (&args.r#type, &self.r#type),
            (&args.lifetime, &self.lifetime),
            (&args.owner_type, &self.owner_type),
            (&args.workflow, self.workflow_tag.as_ref().unwrap_or(&none)),
            (&args.model, &self.model_name),
            (&args.content_type, &self.content_type),
        ];
        let same = texts
            .iter()
            .all(|(wanted, own)| wanted.as_ref().is_none_or(|it| it == *own));
        let owner = Some(&self.owner_ref);
        let run = if by_owner { owner } else { self.run.as_ref() };
        let of_run = args.run.as_ref().is_none_or(|wanted| run == Some(wanted));
        let output = args.output.as_ref();
        let of_output = output.is_none_or(|wanted| {
            owner == Some(wanted) || *wanted == self.id || of_output.contains(&self.id)
        });
        let made = self.created_at.parse::<Timestamp>().ok();
        let query = args.query.as_deref().unwrap_or_default().to_lowercase();
        let searched = [&self.name, &self.r#type, &self.model_name, &self.owner_ref];
        same && of_run
            && of_output
            && (self.streaming || !args.streaming)
            && since.is_none_or(|since| made.is_some_and(|made| made >= since))
            && tags
                .iter()
                .all(|(name, value)| self.tags.get(name) == Some(value))
            && searched
                .iter()
                .any(|text| text.to_lowercase().contains(&query))
    }
}
