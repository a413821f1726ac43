//! `swamp workflow edit`.

use std::fs;
use std::io::Read;
use std::process::Command;

use serde_json::json;

use crate::errors::{Failure, Result};
use crate::log::quote;
use crate::quirks::Quirk;
use crate::session::Session;
use crate::workflow::Workflow;

const CATEGORY: &str = "workflow edit";

/// Takes what a workflow is to be from standard input; where that is empty, an editor opens its file.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let workflow = Workflow::require(&repository.dir, name)?;
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::io("standard input".as_ref(), &error))?;
    if text.is_empty() {
        return open(&workflow, session);
    }
    let edited = workflow.edited(&repository.dir, &text)?;
    edited.save()?;
    if edited.path != workflow.path {
        let old = &workflow.path;
        fs::remove_file(old).map_err(|error| Failure::io(old, &error))?;
    }
    if session.output.is_json() {
        let what = "workflow edit from standard input with --json";
        return Err(Failure::not_implemented(what));
    }
    let file = if session.quirks.on(Quirk::EditNamesOldFile) {
        &workflow.path
    } else {
        &edited.path
    };
    let [name, path] = [&edited.name, &file.to_string_lossy().into_owned()].map(|it| quote(it));
    let message = format!("Updated workflow from stdin: {name} at {path}");
    session.output.info(CATEGORY, &message);
    Ok(())
}

fn open(workflow: &Workflow, session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let editor = session.env.get("EDITOR");
    let editor = editor.ok_or_else(|| Failure::not_implemented("workflow edit without EDITOR"))?;
    let path = &workflow.path;
    let opened = Command::new(&editor).arg(path).status();
    opened.map_err(|error| Failure::io(editor.as_ref(), &error))?;
    session.output.json(&json!({
        "path": path, "editor": editor, "status": "opened", "name": workflow.name, "id": workflow.id,
    }))
}
