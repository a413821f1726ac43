//! `swamp repo upgrade`. As in `repo init`, what swamp sets up for AI tools is left out.

use serde_json::json;

use super::repo_init::{ignore_runtime, release};
use crate::config::marker::Marker;
use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::time;

/// Notes in `.swamp.yaml` that this version works with the repository.
pub fn run(session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let dir = session.cwd.clone();
    let Some(mut marker) = Marker::read(&dir)? else {
        return Err(Failure::refused(format!(
            "Not a swamp repository: {}. Run 'swamp repo init' first.",
            dir.display()
        )));
    };
    let previous = marker.version().to_owned();
    let tools: Vec<String> = marker.tools().into_iter().map(str::to_owned).collect();
    let upgraded_at = time::now();
    marker.upgrade(release(), &upgraded_at);
    marker.write(&dir)?;
    let gitignore = if marker.manages_gitignore() {
        ignore_runtime(&dir)?
    } else {
        "skipped"
    };
    let mut changed = vec![".swamp.yaml"];
    if !matches!(gitignore, "unchanged" | "skipped") {
        changed.push(".gitignore");
    }
    let tool = tools.first().map_or("none", String::as_str).to_owned();
    session.output.json(&json!({
        "path": dir, "previousVersion": previous, "newVersion": release(), "upgradedAt": upgraded_at,
        "skillsUpdated": [], "instructionsUpdated": false, "settingsUpdated": false, "gitignoreAction": gitignore,
        "previousTools": tools, "tools": tools, "addedTools": [], "removedTools": [], "extensionsToReinstall": [],
        "localSkillCopies": [], "changedFiles": changed, "untrustedCollectives": [], "tool": tool,
        "extensionInstall": {
            "entries": [], "installed": 0, "migrated": 0, "upToDate": 0, "failed": 0,
        },
    }))
}
