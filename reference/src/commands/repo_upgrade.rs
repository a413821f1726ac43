//! `swamp repo upgrade`. As in `repo init`, what swamp sets up for AI tools is left out.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::repo_init::{LOGIN, ignore_runtime, release};
use crate::cli::{self, text};
use crate::config::marker::Marker;
use crate::errors::{Failure, Result};
use crate::files;
use crate::log::{Level, quote};
use crate::session::Session;
use crate::time;

const CATEGORY: &str = "repo upgrade";
const NO_LOCKFILE: &str = "Lockfile has no entries — nothing to restore. If this is unexpected, check that \
    upstream_extensions.json is populated.";

/// Notes in `.swamp.yaml` that this version works with the repository.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "repo upgrade", &["tool", "include-gitignore"])?;
    let path = text(matches, "path").unwrap_or_default();
    let dir = files::resolve(&session.cwd, path.trim());
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
    let result = json!({
        "path": dir, "previousVersion": previous, "newVersion": release(), "upgradedAt": upgraded_at,
        "skillsUpdated": [], "instructionsUpdated": false, "settingsUpdated": false, "gitignoreAction": gitignore,
        "previousTools": tools, "tools": tools, "addedTools": [], "removedTools": [], "extensionsToReinstall": [],
        "localSkillCopies": [], "changedFiles": changed, "untrustedCollectives": [], "tool": tool,
        "extensionInstall": nothing_installed(),
    });
    if session.output.is_json() {
        return session.output.json(&result);
    }
    let install = "extension install";
    session.output.info(install, "Reading lockfile...");
    session.output.log(Level::Warning, install, NO_LOCKFILE);
    let names = if tools.is_empty() {
        "none".to_owned()
    } else {
        tools.join(", ")
    };
    let mut lines = vec![
        format!(
            "Upgraded swamp repository: {} → {} (tools: {})",
            quote(&previous),
            quote(release()),
            quote(&names)
        ),
        "  Skills updated: ".to_owned(),
        "  Instructions: unchanged".to_owned(),
        "  Settings: unchanged".to_owned(),
        format!("  .gitignore: {gitignore}"),
        "  Changed files:".to_owned(),
    ];
    lines.extend(changed.iter().map(|name| format!("    {name}")));
    if session.env.get("SWAMP_API_KEY").is_none() {
        lines.push(format!("  → {LOGIN}"));
    }
    for line in lines {
        session.output.info(CATEGORY, &line);
    }
    Ok(())
}

fn nothing_installed() -> Value {
    json!({ "entries": [], "installed": 0, "migrated": 0, "upToDate": 0, "failed": 0 })
}
