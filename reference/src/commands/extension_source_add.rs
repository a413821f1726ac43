//! `swamp extension source add`.

use serde_json::{Map, json};

use crate::config::text::Quotes;
use crate::config::yaml;
use crate::errors::Result;
use crate::files;
use crate::session::Session;

/// Notes a directory with extensions, for the swamp that works in the same checkout. What they
/// extend is built in here: nothing is loaded from there.
pub fn run(path: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let mut document = Map::new();
    document.insert("sources".into(), json!([{ "path": path }]));
    let file = session.repository()?.dir.join(".swamp-sources.yaml");
    files::write_atomically(&file, &yaml::write(&document, Quotes::Single))?;
    let result = json!({ "action": "added", "path": path, "totalSources": 1 });
    session.output.json(&result)
}
