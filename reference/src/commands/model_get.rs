//! `swamp model get`.

use serde_json::{Value, json};

use crate::errors::{Failure, Result};
use crate::model::{definition, described, shell};
use crate::session::Session;

/// Shows the definition of a model, and what its type can do.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let found = definition::require(&repository.dir, name)?;
    if found.model_type() != shell::TYPE {
        let what = format!("model get of a {}", found.model_type());
        return Err(Failure::not_implemented(&what));
    }
    let entry = |key: &str| found.get(key).cloned().unwrap_or(Value::Null);
    let version = entry("version");
    let result = json!({
        "id": found.id(), "name": found.name(), "type": shell::TYPE, "version": version,
        "tags": entry("tags"), "globalArguments": found.global_arguments(),
        "typeVersion": shell::TYPE_VERSION, "methods": described::methods(),
    });
    session.output.result(&result, || {
        let mut lines = vec![
            format!("Name: {} ({})", found.name(), shell::TYPE),
            format!("ID: {}", found.id()),
            format!("Version: {version}"),
            String::new(),
            format!("Type Version: {}", shell::TYPE_VERSION),
        ];
        lines.extend(described::lines());
        lines.join("\n")
    })
}
