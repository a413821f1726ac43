//! What a model can do, be its type built in or an extension of the repository.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::extension::{self, Event, Extension};
use super::process::Stream;
use super::shell;
use crate::data::Metadata;
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::errors::{Failure, Result};
use crate::session::Session;

/// A type of model.
#[derive(Debug)]
pub enum Kind {
    /// `command/shell`.
    Shell,
    /// One that the repository defines.
    Extension(Box<Extension>),
}

/// One call of a method.
#[derive(Debug)]
pub struct Call<'a> {
    /// The root of the repository.
    pub repo: &'a Path,
    /// The working directory.
    pub cwd: &'a Path,
    /// The model.
    pub definition: &'a Definition,
    /// The method.
    pub method: &'a str,
    /// Who makes the data.
    pub owner: Owner,
    /// Tags that all data gets.
    pub tags: Map<String, Value>,
}

/// Where what a method does goes.
pub trait Sink {
    /// A line that it says.
    fn line(&mut self, stream: Stream, line: &str);
    /// Data that it leaves.
    fn store(&mut self, draft: Draft) -> Result<Metadata>;
}

impl Kind {
    /// The type of a model, seen from a repository.
    pub fn require(definition: &Definition, repo: &Path, session: &Session) -> Result<Self> {
        let model_type = definition.model_type();
        if model_type == shell::TYPE {
            return Ok(Self::Shell);
        }
        let found = extension::load(repo, &model_type, session)?;
        Ok(Self::Extension(Box::new(found)))
    }

    /// The version of the type.
    pub fn version(&self) -> &str {
        match self {
            Self::Shell => shell::TYPE_VERSION,
            Self::Extension(extension) => &extension.version,
        }
    }

    /// What tells the source of an extension from another.
    pub fn fingerprint(&self) -> Option<&str> {
        match self {
            Self::Shell => None,
            Self::Extension(extension) => Some(&extension.fingerprint),
        }
    }

    /// Refuses a method that the type does not have.
    pub fn check_method(&self, model_type: &str, method: &str) -> Result<()> {
        let is_there = match self {
            Self::Shell => method == shell::METHOD,
            Self::Extension(extension) => extension.has(method),
        };
        if is_there {
            return Ok(());
        }
        Err(Failure::coded(
            "unknown_method",
            format!("Unknown method '{method}' for type '{model_type}'."),
        ))
    }

    /// Runs a method. Gives what it left; the inner error is the message for the user.
    pub fn execute(
        &mut self,
        call: &Call,
        sink: &mut impl Sink,
    ) -> Result<std::result::Result<Vec<Metadata>, String>> {
        let arguments = call.definition.method_arguments(call.method);
        match self {
            Self::Shell => {
                let drafts = shell::execute(
                    call.definition,
                    &arguments,
                    call.cwd,
                    &call.owner,
                    &call.tags,
                    |stream, line| sink.line(stream, line),
                );
                match drafts {
                    Ok(drafts) => {
                        let stored = drafts.into_iter().map(|draft| sink.store(draft));
                        stored.collect::<Result<_>>().map(Ok)
                    }
                    Err(message) => Ok(Err(message)),
                }
            }
            Self::Extension(extension) => run(extension, call, &arguments, sink),
        }
    }
}

fn run(
    extension: &mut Extension,
    call: &Call,
    arguments: &Map<String, Value>,
    sink: &mut impl Sink,
) -> Result<std::result::Result<Vec<Metadata>, String>> {
    let definition = call.definition;
    let context = json!({
        "repoDir": call.repo, "modelId": definition.id(), "methodName": call.method,
        "globalArgs": definition.global_arguments(),
        "definition": {
            "id": definition.id(), "name": definition.name(), "version": definition.get("version"),
            "tags": definition.get("tags"),
        },
    });
    extension.begin(call.method, arguments, context)?;
    let mut stored = Vec::new();
    loop {
        match extension.wants()? {
            Event::Write(wanted) => {
                let metadata = sink.store(draft(&wanted, call))?;
                let handle = json!({
                    "name": metadata.name, "specName": metadata.tag("specName"), "kind": metadata.tag("type"),
                    "dataId": metadata.id, "version": metadata.version, "size": metadata.size, "tags": metadata.tags,
                });
                stored.push(metadata);
                extension.answer(&json!({ "handle": handle }))?;
            }
            Event::Failed(message) => return Ok(Err(message)),
            Event::Done => return Ok(Ok(stored)),
        }
    }
}

/// What a model wants to be stored.
fn draft(wanted: &Value, call: &Call) -> Draft {
    let text = |key: &str| wanted[key].as_str().unwrap_or_default().to_owned();
    let mut tags = Map::new();
    tags.insert("type".to_owned(), wanted["type"].clone());
    for (name, value) in wanted["tags"].as_object().into_iter().flatten() {
        tags.insert(name.clone(), value.clone());
    }
    tags.insert("specName".to_owned(), wanted["spec"].clone());
    tags.insert("modelName".to_owned(), call.definition.name().into());
    tags.extend(call.tags.clone());
    Draft {
        name: text("name"),
        content_type: text("contentType"),
        lifetime: text("lifetime"),
        garbage_collection: wanted["garbageCollection"].clone(),
        streaming: wanted["streaming"] == true,
        tags,
        owner: call.owner.clone(),
        content: text("content").into_bytes(),
    }
}
