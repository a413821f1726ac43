//! Reports: what a run says of itself once it is over, stored beside the data.

pub mod method_summary;
pub mod rendered;
pub mod stored;
pub mod workflow;

use serde_json::{Map, Value, json};

use crate::args::ReportsOfRun;
use crate::catalog::notify;
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::data::{Metadata, store};
use crate::datastore::Datastore;
use crate::errors::Result;
use crate::remote::run::Changes;
use crate::repository::Repository;
use crate::session::Session;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Its name.
    pub name: &'static str,
    /// What it is about: a method or a workflow.
    pub scope: &'static str,
    /// Its text.
    pub markdown: String,
    /// The same for programs.
    pub json: Value,
}

/// What reports of that name are sorted by.
pub fn labels(name: &str) -> &'static [&'static str] {
    match name {
        workflow::ATTESTATION => &["verification", "attestation"],
        _ => &["summary"],
    }
}

/// Whether a run that was told so makes the report of that name.
pub fn is_wanted(name: &str, told: &ReportsOfRun) -> bool {
    let is_named = |names: &[String]| is_in(names, name);
    let is_labelled = |wanted: &[String]| labels(name).iter().any(|it| is_in(wanted, it));
    let skipped =
        told.skip_reports || is_named(&told.skip_report) || is_labelled(&told.skip_report_label);
    !skipped
        && (told.report.is_empty() || is_named(&told.report))
        && (told.report_label.is_empty() || is_labelled(&told.report_label))
}

fn is_in(names: &[String], name: &str) -> bool {
    names.iter().any(|it| it == name)
}

/// What a report is stored beside.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// Its datastore.
    pub datastore: &'a Datastore,
    /// The type of the model, or `workflow`.
    pub model_type: &'a str,
    /// The id of the model or of the workflow.
    pub id: &'a str,
    /// The places that the run has changed.
    pub changes: &'a Changes,
}

impl Made {
    /// Stores it, as text and for programs.
    pub fn store(&self, place: Place, session: &Session) -> Result<[Metadata; 2]> {
        let name = format!("report-{}", self.name.replace('@', "").replace('/', "-"));
        let json = format!("{:#}", self.json);
        let tags = [
            ("type", "report"),
            ("reportName", self.name),
            ("reportScope", self.scope),
        ];
        let tags: Map<String, Value> = tags
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into_iter()
            .collect();
        let data = place.datastore.data().model(place.model_type, place.id);
        let write = |name: String, content_type: &str, content: &str| -> Result<Metadata> {
            place.changes.mark(&data.name_dir(&name));
            let draft = Draft {
                name,
                content_type: content_type.to_owned(),
                lifetime: "30d".to_owned(),
                garbage_collection: 5.into(),
                streaming: false,
                tags: tags.clone(),
                owner: Owner::model(place.id),
                content: content.as_bytes().to_vec(),
            };
            let metadata = store::save(&data, draft)?;
            let quirks = &session.quirks;
            let (repository, datastore) = (place.repository, place.datastore);
            let of = (place.model_type, place.id);
            notify::stored(repository, datastore, of.0, of.1, &metadata, quirks)?;
            Ok(metadata)
        };
        let text = write(name.clone(), "text/markdown", &self.markdown)?;
        let for_programs = write(format!("{name}-json"), "application/json", &json)?;
        Ok([text, for_programs])
    }
}

/// What a record says of a piece of data.
pub fn artifact(data: &Metadata) -> Value {
    json!({ "dataId": data.id, "name": data.name, "version": data.version, "tags": data.tags })
}
