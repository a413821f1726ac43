//! What a model can do, be its type built in or an extension of the repository.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::definition::{self, Definition};
use super::extension::{self, Event, Extension, Unknown};
use super::process::Stream;
use super::shell;
use crate::data::metadata::Owner;
use crate::data::store::Draft;
use crate::data::{Metadata, ModelData};
use crate::errors::{Failure, Result};
use crate::log::Level;
use crate::session::Session;

/// A type of model.
#[derive(Debug)]
pub enum Kind {
    /// `command/shell`.
    Shell,
    /// One that the repository defines.
    Extension(Box<Extension>),
}

/// A method and what it needs to know about itself: name, description, arguments as JSON Schema.
pub type Described = (String, String, Value);

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
    /// Its data.
    pub data: ModelData,
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

/// What is said of a type that nobody defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchType {
    /// The types that there are.
    pub available: Vec<String>,
    broken: Vec<String>,
}

impl NoSuchType {
    /// Says that a type is nowhere to be found, in the way of a resolver that could have fetched it.
    pub fn tell(&self, model_type: &str, session: &mut Session) {
        for reason in &self.broken {
            let message = format!("Cannot load {reason}");
            session.output.log(Level::Debug, "extension load", &message);
        }
        not_trusted(model_type, session);
    }
}

impl Kind {
    /// The type of this name, seen from a repository.
    pub fn find(
        repo: &Path,
        model_type: &str,
        session: &Session,
    ) -> Result<std::result::Result<Self, NoSuchType>> {
        let normalized = definition::normalized_type(model_type);
        if normalized == shell::TYPE {
            return Ok(Ok(Self::Shell));
        }
        Ok(match extension::load(repo, &normalized, session)? {
            Ok(found) => Ok(Self::Extension(Box::new(found))),
            Err(Unknown { types, broken }) => {
                let mut available = vec![shell::TYPE.to_owned()];
                available.extend(types);
                Err(NoSuchType { available, broken })
            }
        })
    }

    /// The same where a command cannot do without. Swamp says on stdout that it looked for the type in vain.
    pub fn require(definition: &Definition, repo: &Path, session: &mut Session) -> Result<Self> {
        let model_type = definition.model_type();
        Self::find(repo, &model_type, session)?.map_err(|missing| {
            missing.tell(&model_type, session);
            Failure::coded(
                "unknown_model_type",
                format!("Unknown model type: {model_type}"),
            )
        })
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

    /// The global arguments as JSON Schema, if the type has any.
    pub fn global_arguments(&self) -> Option<&Value> {
        match self {
            Self::Shell => None,
            Self::Extension(extension) => extension.global_arguments.as_ref(),
        }
    }

    /// The methods.
    pub fn methods(&self) -> Vec<Described> {
        match self {
            Self::Shell => vec![(
                shell::METHOD.to_owned(),
                shell::ABOUT.to_owned(),
                shell::schema(),
            )],
            Self::Extension(extension) => extension
                .methods
                .iter()
                .map(|method| {
                    (
                        method.name.clone(),
                        method.description.clone(),
                        method.arguments.clone(),
                    )
                })
                .collect(),
        }
    }

    /// The names of a method's arguments, and of those that have to be there; none where there is no such method.
    pub fn inputs(&self, method: &str) -> Option<(Vec<String>, Vec<String>)> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        match self {
            Self::Shell if method == shell::METHOD => {
                Some((owned(shell::ARGUMENTS.to_vec()), owned(vec!["run"])))
            }
            Self::Shell => None,
            Self::Extension(extension) => {
                let method = extension.method(method)?;
                Some((owned(method.argument_names()), owned(method.required())))
            }
        }
    }

    /// Refuses a method that the type does not have.
    pub fn check_method(&self, model_type: &str, method: &str) -> Result<()> {
        let methods = self.methods();
        let names: Vec<_> = methods.iter().map(|(name, _, _)| name.as_str()).collect();
        if names.contains(&method) {
            return Ok(());
        }
        Err(Failure::coded(
            "unknown_method",
            format!(
                "Unknown method '{method}' for type '{model_type}'. Available methods: {}",
                names.join(", ")
            ),
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

fn not_trusted(model_type: &str, session: &mut Session) {
    let Some((collective, _)) = model_type
        .strip_prefix('@')
        .and_then(|scoped| scoped.split_once('/'))
    else {
        return;
    };
    if session.output.is_json() {
        let event = json!({
            "event": "auto_resolve", "status": "failed", "type": model_type, "reason": "collective_not_trusted",
            "collective": collective,
        });
        session.output.text(&event.to_string());
    } else {
        session.output.text(&format!(
            "    Warning   {model_type} is from collective \"{collective}\", which is not trusted\n              To allow: \
             swamp extension trust add \"{collective}\""
        ));
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
            Event::Log(level, line) => {
                let stream = match level.as_str() {
                    "warning" | "error" | "fatal" => Stream::Err,
                    _ => Stream::Out,
                };
                if !matches!(level.as_str(), "debug" | "trace") {
                    sink.line(stream, &line);
                }
            }
            Event::Write(wanted) => {
                let metadata = sink.store(draft(&wanted, call))?;
                let handle = json!({
                    "name": metadata.name, "specName": metadata.tag("specName"), "kind": metadata.tag("type"),
                    "dataId": metadata.id, "version": metadata.version, "size": metadata.size, "tags": metadata.tags,
                });
                stored.push(metadata);
                extension.answer(&json!({ "handle": handle }))?;
            }
            Event::Read(name, version) => {
                let found = call.data.find(&name, version)?;
                let content = match found {
                    Some(found) => call.data.content(&found.name, found.version)?,
                    None => None,
                };
                let data = content.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
                extension.answer(&json!({ "data": data }))?;
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
