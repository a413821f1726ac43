//! `swamp model create`.

use serde_json::json;

use crate::errors::{Failure, Result};
use crate::files;
use crate::model::definition::{self, Definition};
use crate::model::{described, inputs, shell};
use crate::session::Session;

/// Writes the definition of a new model of the built-in type, with these global arguments.
pub fn run(model_type: &str, name: &str, given: &[String], session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    if model_type != shell::TYPE {
        return Err(Failure::not_implemented(&format!(
            "model create {model_type}"
        )));
    }
    if definition::find(&repository.dir, name)?.is_some() {
        return Err(Failure::refused(format!("Model already exists: {name}")));
    }
    let mut new = Definition::generate(shell::TYPE, shell::TYPE_VERSION, name);
    if let Some(arguments) = new.get_mut("globalArguments") {
        *arguments = inputs::parse(None, given, &session.cwd)?.into();
    }
    let dir = definition::models_dir(&repository.dir).join(shell::TYPE);
    files::ensure_dir(&dir)?;
    let path = dir.join(format!("{name}.yaml"));
    files::write_atomically(&path, &new.to_yaml())?;
    let result = json!({
        "id": new.id(), "type": shell::TYPE, "name": name, "path": path,
        "version": shell::TYPE_VERSION, "methods": described::methods(),
    });
    session.output.result(&result, || {
        let mut lines = vec![
            format!("Created: {name} ({})", shell::TYPE),
            format!("Path: {}", path.display()),
            format!("Version: {}", shell::TYPE_VERSION),
        ];
        lines.extend(described::lines());
        lines.join("\n")
    })
}
