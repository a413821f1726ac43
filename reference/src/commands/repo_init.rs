//! `swamp repo init`, also called `swamp init`. What swamp sets up for AI tools is left out: no
//! scenario looks at it.

use std::path::Path;

use serde_json::json;
use uuid::Uuid;

use crate::VERSION;
use crate::config::marker::Marker;
use crate::datastore;
use crate::errors::Result;
use crate::files;
use crate::session::Session;
use crate::time;

/// What a user of the repository writes by hand.
const SOURCE_DIRS: [&str; 4] = ["models", "workflows", "vaults", "grants"];

/// What commands write.
const RUNTIME_DIRS: [&str; 8] = [
    "data",
    "outputs",
    "workflow-runs",
    "workflows-evaluated",
    "definitions-evaluated",
    "secrets",
    "audit",
    "vault-bundles",
];

const IGNORED: &str = "\
# BEGIN swamp managed section - DO NOT EDIT

# Runtime data (not needed in version control)
.swamp/

# Local extension sources (developer-specific, not shared)
.swamp-sources.yaml
# END swamp managed section
";

/// The last of the next steps.
const LOGIN: &str = "Join & participate in the community: swamp auth login";

/// Makes a directory a repository.
pub fn run(session: &mut Session) -> Result<()> {
    session.output.is_for_programs()?;
    let dir = session.cwd.clone();
    for name in SOURCE_DIRS {
        files::ensure_dir(&dir.join(name))?;
    }
    for name in RUNTIME_DIRS
        .into_iter()
        .chain(datastore::extra(&session.faults))
    {
        files::ensure_dir(&datastore::local_dir(&dir).join(name))?;
    }
    let gitignore_action = ignore_runtime(&dir)?;
    let initialized_at = time::now();
    let version = release();
    Marker::initial(version, &initialized_at, &Uuid::new_v4().to_string()).write(&dir)?;

    let mut next_steps = vec!["Run `swamp --help` to see available commands"];
    if session.env.get("SWAMP_API_KEY").is_none() {
        next_steps.push(LOGIN);
    }
    session.output.json(&json!({
        "path": dir, "version": version, "initializedAt": initialized_at, "skillsCopied": [],
        "instructionsFileCreated": false, "settingsCreated": false, "gitignoreAction": gitignore_action,
        "tools": [], "removedTools": [], "tool": "none", "nextSteps": next_steps,
    }))
}

/// The version as repositories note it.
pub(super) fn release() -> &'static str {
    VERSION
        .split_once('-')
        .map_or(VERSION, |(release, _)| release)
}

/// Makes `.gitignore` keep out what commands write, where there is none, and says what was done.
pub(super) fn ignore_runtime(dir: &Path) -> Result<&'static str> {
    let path = dir.join(".gitignore");
    if path.exists() {
        return Ok("unchanged");
    }
    files::write_atomically(&path, IGNORED)?;
    Ok("created")
}
