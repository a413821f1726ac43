//! `swamp data list`.

use serde::Serialize;

use crate::args::DataList;
use crate::data::Metadata;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::model::definition;
use crate::render::size;
use crate::repository::Repository;
use crate::session::Session;
use crate::workflow::Workflow;
use crate::workflow::produced::RunRecord;

/// The groups that come first; others follow by name.
const FIRST: [&str; 4] = ["log", "file", "resource", "data"];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    model_id: String,
    model_name: String,
    model_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    groups: Vec<Group>,
    total: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RunListing {
    workflow_id: String,
    workflow_name: String,
    run_id: String,
    run_status: String,
    groups: Vec<Group>,
    total: usize,
}

#[derive(Debug, Serialize)]
struct Group {
    r#type: String,
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    name: String,
    version: u64,
    content_type: String,
    r#type: String,
    streaming: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    created_at: String,
    #[serde(flatten)]
    source: Option<Source>,
}

/// Which model and which step of a run a piece of data comes from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    model_id: String,
    model_name: String,
    model_type: String,
    job_name: String,
    step_name: String,
}

/// Lists the newest versions of a model's data, by type.
pub fn run(args: &DataList, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    if let Some(workflow) = &args.of_workflow.workflow {
        let run = args.of_workflow.run.as_deref();
        return of_workflow(workflow, run, &repository, &datastore, session);
    }
    let wanted = args.for_model.as_ref().or(args.model.as_ref());
    let wanted = wanted.map(String::as_str).unwrap_or_default();
    let definition = definition::require(&repository.dir, wanted)?;
    let model_type = definition.model_type();
    let items: Vec<_> = datastore
        .data()
        .model(&model_type, definition.id())
        .all_latest()?
        .into_iter()
        .map(Item::from)
        .filter(|item| args.r#type.as_ref().is_none_or(|kind| item.r#type == *kind))
        .collect();
    let listing = Listing {
        model_id: definition.id().to_owned(),
        model_name: definition.name().to_owned(),
        model_type,
        namespace: datastore.namespace,
        total: items.len(),
        groups: grouped(items),
    };
    session.output.result(&listing, || listing.for_people())
}

/// Lists what a run of a workflow has made.
fn of_workflow(
    name: &str,
    run: Option<&str>,
    repository: &Repository,
    datastore: &Datastore,
    session: &mut Session,
) -> Result<()> {
    let workflow = Workflow::require(&repository.dir, name)?;
    let run = match run {
        None => RunRecord::find(datastore, &workflow)?,
        Some(id) => {
            RunRecord::of_id(datastore, &workflow, id, &session.quirks)?.ok_or_else(|| {
                Failure::refused(format!("Run not found: \"{id}\" for workflow: {name}"))
            })?
        }
    };
    let mut items = Vec::new();
    for piece in run.pieces(datastore, &session.quirks)? {
        let model = definition::find(&repository.dir, &piece.stored.model_id)?;
        let model_name = model.map_or(piece.stored.model_id.clone(), |m| m.name().to_owned());
        let mut item = Item::from(piece.stored.metadata);
        item.source = Some(Source {
            model_id: piece.stored.model_id,
            model_name,
            model_type: piece.stored.model_type,
            job_name: piece.job,
            step_name: piece.step,
        });
        items.push(item);
    }
    let listing = RunListing {
        workflow_id: workflow.id,
        workflow_name: workflow.name,
        run_id: run.text("id").to_owned(),
        run_status: run.text("status").to_owned(),
        total: items.len(),
        groups: grouped(items),
    };
    session.output.result(&listing, || {
        let run: String = listing.run_id.chars().take(8).collect();
        let title = format!("Data for workflow {} (run {run})", listing.workflow_name);
        for_people(&title, &listing.groups)
    })
}

impl From<Metadata> for Item {
    fn from(metadata: Metadata) -> Self {
        Self {
            r#type: metadata.tag("type").to_owned(),
            id: metadata.id,
            name: metadata.name,
            version: metadata.version,
            content_type: metadata.content_type,
            streaming: metadata.streaming,
            size: metadata.size,
            created_at: metadata.created_at,
            source: None,
        }
    }
}

fn grouped(mut items: Vec<Item>) -> Vec<Group> {
    let place = |kind: &str| {
        FIRST
            .iter()
            .position(|first| *first == kind)
            .unwrap_or(FIRST.len())
    };
    items.sort_by(|a, b| {
        (place(&a.r#type), &a.r#type, &a.name).cmp(&(place(&b.r#type), &b.r#type, &b.name))
    });
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        match groups.last_mut() {
            Some(group) if group.r#type == item.r#type => group.items.push(item),
            _ => groups.push(Group {
                r#type: item.r#type.clone(),
                items: vec![item],
            }),
        }
    }
    groups
}

impl Listing {
    fn for_people(&self) -> String {
        let prefix = self
            .namespace
            .as_ref()
            .map(|namespace| format!("{namespace}:"));
        let title = format!(
            "Data for {}{} ({})",
            prefix.unwrap_or_default(),
            self.model_name,
            self.model_type
        );
        for_people(&title, &self.groups)
    }
}

fn for_people(title: &str, groups: &[Group]) -> String {
    let mut text = format!("{title}\n");
    for group in groups {
        let count = group.items.len();
        let noun = if count == 1 { "item" } else { "items" };
        text.push_str(&format!("\n{} ({count} {noun}):\n", group.r#type));
        for item in &group.items {
            text.push_str(&item.line());
            text.push('\n');
        }
    }
    text
}

impl Item {
    fn line(&self) -> String {
        let size = self.size.map_or(String::new(), size::terse);
        if let Some(source) = &self.source {
            return format!(
                "  {}  v{}  {}  {}.{}  {size}",
                self.name, self.version, source.model_name, source.job_name, source.step_name
            );
        }
        let date: String = self.created_at.chars().take(10).collect();
        format!(
            "  {}  v{}  {}  {size}  {date}",
            self.name, self.version, self.content_type
        )
    }
}
