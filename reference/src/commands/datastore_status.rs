//! `swamp datastore status`.

use clap::ArgMatches;
use serde_json::json;

use crate::cli;
use crate::datastore::{DIRECTORIES, shared};
use crate::diagnosis::health;
use crate::errors::Result;
use crate::session::Session;

/// Shows where the datastore is and how it does.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "datastore status", &["server", "token", "ca-cert"])?;
    let repository = session.repository_with_catalog()?;
    let datastore = session.datastore(&repository)?;
    let found = health::check(&datastore.path);
    let directories = shared(DIRECTORIES);
    let result = json!({
        "type": "filesystem", "path": datastore.path, "healthy": found.healthy, "message": found.message,
        "latencyMs": found.latency, "directories": directories,
    });
    session.output.result(&result, || {
        let word = if found.healthy {
            "healthy"
        } else {
            "unhealthy"
        };
        let mut lines = vec![
            "Datastore Status".to_owned(),
            "  Type:    filesystem".to_owned(),
            format!("  Path:    {}", datastore.path.display()),
            format!("  Health:  ● {word} ({}ms)", found.latency.round()),
        ];
        if !found.healthy {
            lines.push(format!("  Error:   {}", found.message));
        }
        lines.push(format!("  Dirs:    {}", directories.join(", ")));
        lines.join("\n")
    })
}
