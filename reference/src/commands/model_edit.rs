//! `swamp model edit`.

use std::fs;
use std::io::Read;

use crate::config::yaml;
use crate::errors::{Failure, Result};
use crate::files;
use crate::log::quote;
use crate::model::definition::{self, Definition};
use crate::quirks::Quirk;
use crate::session::Session;

/// Takes what a model is to be from standard input. Its id and its type stay.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let mut found = definition::all(&repository.dir)?.into_iter();
    let found = found.find(|(it, _)| it.name() == name || it.id() == name);
    let (old, old_path) =
        found.ok_or_else(|| Failure::refused(format!("Model not found: {name}")))?;
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Failure::io("standard input".as_ref(), &error))?;
    if text.is_empty() || session.output.is_json() {
        return Err(Failure::not_implemented(
            "model edit but from standard input",
        ));
    }
    let given = yaml::read(&text).map_err(Failure::syntax)?;
    let mut entries = old.entries().clone();
    entries.retain(|key, _| ["type", "typeVersion", "id"].contains(&key.as_str()));
    let given = given.as_object().cloned().unwrap_or_default();
    let kept: Vec<String> = entries.keys().cloned().collect();
    entries.extend(given.into_iter().filter(|(key, _)| !kept.contains(key)));
    let place = old.model_type();
    let new = yaml::write(&entries, crate::config::text::Quotes::Single);
    let new = Definition::parse(&new, &place).map_err(Failure::syntax)?;
    let path = old_path.with_file_name(format!("{}.yaml", new.name()));
    files::write_atomically(&path, &new.to_yaml())?;
    if path != old_path {
        fs::remove_file(&old_path).map_err(|error| Failure::io(&old_path, &error))?;
    }
    let told = match session.quirks.on(Quirk::EditNamesOldFile) {
        true => old_path,
        false => path,
    };
    let told = told.to_string_lossy();
    let [edited, name, place, told] = ["definition", new.name(), &place, &told].map(quote);
    let message = format!("Updated {edited} from stdin: {name} ({place}) at {told}");
    session.output.info("model edit", &message);
    Ok(())
}
