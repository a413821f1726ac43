//! `swamp model method describe`.

use crate::errors::{Failure, Result};
use crate::model::{definition, described, shell};
use crate::session::Session;

/// Shows what a method of a model takes, and what it writes.
pub fn run(name: &str, method: &str, session: &mut Session) -> Result<()> {
    session.output.is_for_people()?;
    let repository = session.repository_with_catalog()?;
    let found = definition::require(&repository.dir, name)?;
    if found.model_type() != shell::TYPE || method != shell::METHOD {
        return Err(Failure::not_implemented(
            "model method describe of another method",
        ));
    }
    let mut lines = vec![
        format!("Model: {}", found.name()),
        format!("Type: {}", shell::TYPE),
        format!("Version: {}", shell::TYPE_VERSION),
        String::new(),
        format!("Method: {method} - {}", shell::ABOUT),
        String::new(),
        "Inputs:".to_owned(),
    ];
    lines.extend(described::inputs("  "));
    lines.extend(
        [
            "",
            "Data Outputs:",
            "  result [resource] - Shell command execution result (exit code, timing, command) (infinite)",
            "  log [file] - Shell command output (stdout and stderr) (text/plain, infinite)",
        ]
        .map(str::to_owned),
    );
    session.output.text(&lines.join("\n"));
    Ok(())
}
