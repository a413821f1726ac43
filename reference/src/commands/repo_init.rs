//! `swamp repo init`, also called `swamp init`. What swamp sets up for AI tools is left out: no scenario looks at it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use clap::ArgMatches;
use serde::Serialize;
use uuid::Uuid;

use crate::VERSION;
use crate::cli::{flag, text};
use crate::config::marker::{self, Marker};
use crate::datastore;
use crate::errors::{Failure, Result};
use crate::files;
use crate::session::Session;
use crate::time;

const CATEGORY: &str = "repo init";

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
pub(super) const LOGIN: &str = "Join & participate in the community: swamp auth login";

const BANNER: &str = "
    ███████╗██╗    ██╗ █████╗ ███╗   ███╗██████╗
    ██╔════╝██║    ██║██╔══██╗████╗ ████║██╔══██╗
    ███████╗██║ █╗ ██║███████║██╔████╔██║██████╔╝
    ╚════██║██║███╗██║██╔══██║██║╚██╔╝██║██╔═══╝
    ███████║╚███╔███╔╝██║  ██║██║ ╚═╝ ██║██║
    ╚══════╝ ╚══╝╚══╝ ╚═╝  ╚═╝╚═╝     ╚═╝╚═╝

    ╔═══════════════════════════════════════════╗
    ║  WELCOME TO THE CLUB                      ║
    ║  for hackers, by hackers                  ║
    ╚═══════════════════════════════════════════╝
";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    path: String,
    version: &'static str,
    initialized_at: String,
    skills_copied: [&'static str; 0],
    instructions_file_created: bool,
    settings_created: bool,
    gitignore_action: &'static str,
    tools: Vec<String>,
    removed_tools: Vec<String>,
    tool: Option<String>,
    next_steps: Vec<&'static str>,
}

/// Makes a directory a repository.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    let tools = tools(matches)?;
    let dir = files::resolve(
        &session.cwd,
        text(matches, "path").unwrap_or_default().trim(),
    );
    let mut removed_tools = Vec::new();
    if marker::is_repository(&dir) {
        let old = Marker::read(&dir)?;
        let old_tools = old.as_ref().map(Marker::tools).unwrap_or_default();
        if !flag(matches, "force") {
            let listed = if old_tools.is_empty() {
                "none".to_owned()
            } else {
                old_tools.join(", ")
            };
            return Err(Failure::refused(format!(
                "Repository already initialized at {} (tools: {listed}). To change the enrolled tools, run: swamp repo \
                 upgrade --tool <tool>. To reinitialize from scratch, run: swamp repo init --force --tool <tool>",
                dir.display()
            )));
        }
        removed_tools.extend(
            old_tools
                .into_iter()
                .filter(|old| !tools.iter().any(|tool| tool == old))
                .map(str::to_owned),
        );
    }

    for name in SOURCE_DIRS {
        files::ensure_dir(&dir.join(name))?;
    }
    for name in RUNTIME_DIRS {
        files::ensure_dir(&datastore::local_dir(&dir).join(name))?;
    }
    let gitignore_action = ignore_runtime(&dir)?;
    let initialized_at = time::now();
    let version = release();
    Marker::initial(
        version,
        &initialized_at,
        &Uuid::new_v4().to_string(),
        &tools,
    )
    .write(&dir)?;

    let mut next_steps = vec![if tools.is_empty() {
        "Run `swamp --help` to see available commands"
    } else {
        "Start Claude Code and run /swamp-getting-started"
    }];
    if session.env.get("SWAMP_API_KEY").is_none() {
        next_steps.push(LOGIN);
    }
    let outcome = Outcome {
        path: dir.to_string_lossy().into_owned(),
        version,
        initialized_at,
        skills_copied: [],
        instructions_file_created: false,
        settings_created: false,
        gitignore_action,
        tool: Some(tools.first().cloned().unwrap_or_else(|| "none".to_owned())),
        tools,
        removed_tools,
        next_steps,
    };
    if session.output.is_json() {
        return session.output.json(&outcome);
    }
    outcome.tell(session);
    Ok(())
}

/// The version as repositories note it.
pub(super) fn release() -> &'static str {
    VERSION
        .split_once('-')
        .map_or(VERSION, |(release, _)| release)
}

impl Outcome {
    fn tell(&self, session: &mut Session) {
        let output = &mut session.output;
        output.text(BANNER);
        let tools = self.tool.as_deref().unwrap_or("none");
        output.info(
            CATEGORY,
            &format!(
                "Initialized swamp repository at \"{}\" (tools: \"{tools}\")",
                self.path
            ),
        );
        output.text("");
        output.info(CATEGORY, "What's next:");
        let manual = "Read the manual at https://swamp-club.com/manual";
        let (first, rest) = self.next_steps.split_at(1);
        for step in first.iter().chain([&manual]).chain(rest) {
            output.info(CATEGORY, &format!("  → {step}"));
        }
    }
}

/// The tools to enrol: none, or Claude, swamp's default.
fn tools(matches: &ArgMatches) -> Result<Vec<String>> {
    let named: Vec<&str> = matches
        .get_many::<String>("tool")
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if named.contains(&"none") && named.len() > 1 {
        return Err(Failure::refused(
            "Cannot combine --tool none with other --tool values. Use --tool none alone to clear the enrolled tool list.",
        ));
    }
    match named.as_slice() {
        ["none"] => Ok(Vec::new()),
        [] => Ok(vec!["claude".to_owned()]),
        named if named.iter().all(|tool| *tool == "claude") => Ok(vec!["claude".to_owned()]),
        named => Err(Failure::not_implemented(&format!(
            "repo init --tool {}",
            named.join(" --tool ")
        ))),
    }
}

/// Adds swamp's section to `.gitignore`, unless it is there, and says what was done.
pub(super) fn ignore_runtime(dir: &Path) -> Result<&'static str> {
    let path = dir.join(".gitignore");
    let old = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            files::write_atomically(&path, IGNORED)?;
            return Ok("created");
        }
        Err(error) => return Err(Failure::io(&path, &error)),
    };
    if old.contains(IGNORED) {
        return Ok("unchanged");
    }
    let separator = match old.as_str() {
        "" => "",
        old if old.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    files::write_atomically(&path, &format!("{old}{separator}{IGNORED}"))?;
    Ok("updated")
}
