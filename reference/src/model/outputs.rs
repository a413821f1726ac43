//! The records of the runs of methods, as they lie in `outputs` of the own datastore.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::definition;
use crate::config::yaml;
use crate::datastore::Datastore;
use crate::errors::{Failure, Result};
use crate::files;

/// The fewest characters that an id may be told by.
const LEAST: usize = 3;

/// The record of one run.
#[derive(Debug, Clone)]
pub struct Output {
    /// The type of the model that ran.
    pub model_type: String,
    entries: Map<String, Value>,
}

impl Output {
    /// An entry that is a text.
    pub fn text(&self, key: &str) -> &str {
        self.get(key).as_str().unwrap_or_default()
    }

    /// An entry; null where it has none.
    pub fn get(&self, key: &str) -> &Value {
        self.entries.get(key).unwrap_or(&Value::Null)
    }

    /// What the run left, in order.
    pub fn artifacts(&self) -> &[Value] {
        let artifacts = self.get("artifacts")["dataArtifacts"].as_array();
        artifacts.map_or(&[], Vec::as_slice)
    }

    /// The name of its model, if the repository has that.
    pub fn model_name(&self, repo: &Path) -> Result<Option<String>> {
        let models = definition::all(repo)?;
        let mut models = models.iter().map(|(definition, _)| definition);
        let own = models.find(|definition| definition.id() == self.text("definitionId"));
        Ok(own.map(|definition| definition.name().to_owned()))
    }
}

/// All records, the newest first.
pub fn all(datastore: &Datastore) -> Result<Vec<Output>> {
    let root = datastore.own_root().join("outputs");
    let mut found = Vec::new();
    for path in files::files_below(&root)? {
        let place = path.parent().and_then(Path::parent);
        let place = place.and_then(|place| place.strip_prefix(&root).ok());
        let (Some(place), true) = (place, path.extension().is_some_and(|end| end == "yaml")) else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
        let Value::Object(entries) = yaml::read(&text).map_err(Failure::broken)? else {
            continue;
        };
        let model_type = place.to_string_lossy().into_owned();
        found.push(Output {
            model_type,
            entries,
        });
    }
    found.sort_by(|a, b| b.text("startedAt").cmp(a.text("startedAt")));
    Ok(found)
}

/// The run that an id, or its beginning, is of; none where it cannot be one or no run has it.
pub fn by_id(datastore: &Datastore, begin: &str) -> Result<Option<Output>> {
    if !is_id(begin) {
        return Ok(None);
    }
    let short = |id: &str| id.to_lowercase().replace('-', "");
    let mut found = all(datastore)?;
    found.retain(|output| short(output.text("id")).starts_with(&short(begin)));
    Ok(found.into_iter().next())
}

/// The run of that id, for the commands that take no model.
pub fn require(datastore: &Datastore, begin: &str) -> Result<Output> {
    if !is_id(begin) {
        return Err(Failure::refused(format!(
            "Invalid output ID format: {begin}. Expected a UUID or partial ID (3+ hex characters)."
        )));
    }
    by_id(datastore, begin)?.ok_or_else(|| Failure::refused(format!("Output not found: {begin}")))
}

/// The run of that id, or the newest one of that model. `what` says what there is none of.
pub fn of_run_or_model(
    repo: &Path,
    datastore: &Datastore,
    wanted: &str,
    [nobody, never]: [&str; 2],
) -> Result<Output> {
    if let Some(output) = by_id(datastore, wanted)? {
        return Ok(output);
    }
    let model = definition::find(repo, wanted)?;
    let model = model.ok_or_else(|| Failure::refused(format!("{nobody}: {wanted}")))?;
    let mut runs = all(datastore)?.into_iter();
    let newest = runs.find(|output| output.text("definitionId") == model.id());
    newest.ok_or_else(|| Failure::refused(format!("{never}: {}", model.name())))
}

fn is_id(text: &str) -> bool {
    text.len() >= LEAST && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
