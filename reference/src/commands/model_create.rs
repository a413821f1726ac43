//! `swamp model create`.

use clap::ArgMatches;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::cli::{self, text, texts};
use crate::errors::{Failure, Result};
use crate::files;
use crate::model::definition::{self, Definition};
use crate::model::kind::{Described, Kind};
use crate::session::Session;

const LONGEST_NAME: usize = 64;

/// Writes the definition of a new model.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "model create", &["server", "token", "ca-cert"])?;
    let repository = session.repository_with_catalog()?;
    let model_type = text(matches, "type").unwrap_or_default();
    let name = text(matches, "name").unwrap_or_default();
    let normalized = definition::normalized_type(&model_type);
    let kind = Kind::find(&repository.dir, &model_type, session)?.map_err(|missing| {
        missing.tell(&normalized, session);
        Failure::refused(format!(
            "Unknown model type: {model_type}. Available types: {}",
            missing.available.join(", ")
        ))
    })?;
    if definition::find(&repository.dir, &name)?.is_some() {
        return Err(Failure::refused(format!("Model already exists: {name}")));
    }
    check_name(&name)?;
    let id = Uuid::new_v4().to_string();
    let mut new = Definition::new(&normalized, kind.version(), &id, &name);
    if let Some(arguments) = new.get_mut("globalArguments") {
        *arguments = Value::Object(global_arguments(&texts(matches, "global-arg"))?);
    }
    let dir = definition::models_dir(&repository.dir).join(&normalized);
    files::ensure_dir(&dir)?;
    let path = dir.join(format!("{name}.yaml"));
    files::write_atomically(&path, &new.to_yaml())?;
    let path = path.to_string_lossy();
    let mut result = json!({
        "id": id, "type": normalized, "name": name, "path": path, "version": kind.version(),
    });
    if let Some(schema) = kind.global_arguments() {
        result["globalArguments"] = schema.clone();
    }
    let methods = kind.methods();
    result["methods"] = methods
        .iter()
        .map(|(name, about, schema)| {
            json!({ "name": name, "description": about, "arguments": schema })
        })
        .collect();
    session.output.result(&result, || {
        for_people(&name, &path, &normalized, kind.version(), &methods)
    })
}

fn check_name(name: &str) -> Result<()> {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let goes_on = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    if starts && goes_on && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let issue = json!([{
        "code": "custom",
        "path": ["name"],
        "message": "Definition name must be lowercase alphanumeric with hyphens or underscores (e.g. 'my-server'). \
                    Must start with a letter or number.",
    }]);
    Err(Failure::Broken {
        kind: "ZodError",
        message: format!("{issue:#}"),
    })
}

fn global_arguments(given: &[String]) -> Result<Map<String, Value>> {
    let mut arguments = Map::new();
    for entry in given {
        match entry.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                arguments.insert(key.to_owned(), value.into());
            }
            _ => {
                return Err(Failure::not_implemented(&format!(
                    "model create --global-arg {entry}"
                )));
            }
        }
    }
    Ok(arguments)
}

fn for_people(
    name: &str,
    path: &str,
    model_type: &str,
    version: &str,
    methods: &[Described],
) -> String {
    let mut lines = vec![
        format!("Created: {name} ({model_type})"),
        format!("Path: {path}"),
        format!("Version: {version}"),
        String::new(),
        "Methods:".to_owned(),
    ];
    for (name, about, schema) in methods {
        lines.push(format!("  {name} - {about}"));
        let Some(inputs) = schema["properties"]
            .as_object()
            .filter(|all| !all.is_empty())
        else {
            continue;
        };
        lines.push("    Inputs:".to_owned());
        for (input, described) in inputs {
            let kind = described["type"].as_str().unwrap_or("any");
            let required = schema["required"].as_array().into_iter().flatten();
            let mark = if required.clone().any(|name| name == input) {
                " *required"
            } else {
                ""
            };
            lines.push(format!("      {input} ({kind}){mark}"));
        }
    }
    lines.join("\n")
}
