//! `swamp extension source add`.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use crate::cli::{self, text};
use crate::config::text::Quotes;
use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::files;
use crate::session::Session;

/// The list of sources, in the root of the repository.
const FILE_NAME: &str = ".swamp-sources.yaml";

/// Remembers a directory with extensions. What they extend is built in here: nothing is loaded from there.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "extension source add", &["only"])?;
    let path = text(matches, "path").unwrap_or_default();
    let file = session.target().join(FILE_NAME);
    let mut sources = read(&file)?;
    if sources.iter().any(|source| source["path"] == path.as_str()) {
        return Err(Failure::refused(format!(
            "Source already configured: {path}"
        )));
    }
    sources.push(json!({ "path": path }));
    let total = sources.len();
    let mut document = Map::new();
    document.insert("sources".into(), sources.into());
    files::write_atomically(&file, &yaml::write(&document, Quotes::Single))?;
    let result = json!({ "action": "added", "path": path, "totalSources": total });
    session.output.result(&result, || {
        let count = match total {
            1 => "1 source configured".to_owned(),
            more => format!("{more} sources configured"),
        };
        format!("Added extension source: {path}\n{count}")
    })
}

fn read(file: &Path) -> Result<Vec<Value>> {
    let Some(text) = files::read_if_there(file)? else {
        return Ok(Vec::new());
    };
    let document = yaml::read(&text)
        .map_err(|error| Failure::syntax(format!("{}: {error}", file.display())))?;
    let sources = document.get("sources").and_then(Value::as_array);
    Ok(sources.cloned().unwrap_or_default())
}
