//! `swamp datastore status`.

use std::time::Instant;

use clap::ArgMatches;
use serde_json::json;

use crate::cli;
use crate::datastore::{self, DIRECTORIES};
use crate::errors::{Failure, Result};
use crate::remote::Remote;
use crate::session::Session;

/// Says whether the bucket is there. What it says of a directory, nobody has asked yet.
pub fn run(matches: &ArgMatches, session: &mut Session) -> Result<()> {
    cli::refuse(matches, "datastore status", &["server", "token", "ca-cert"])?;
    let repository = session.repository_with_catalog()?;
    let Some(remote) = Remote::of(&repository, &session.env)? else {
        return Err(Failure::not_implemented(
            "datastore status of a filesystem datastore",
        ));
    };
    let start = Instant::now();
    let health = remote.config.health(remote.bucket.as_ref());
    let latency = start.elapsed().as_secs_f64() * 1000.0;
    let healthy = health.is_ok();
    let message = health.unwrap_or_else(|why| why);
    let directories = datastore::shared(DIRECTORIES);
    let type_name = remote.config.cloud().type_name();
    let result = json!({
        "type": type_name, "healthy": healthy, "message": message, "latencyMs": latency, "directories": directories,
    });
    session.output.result(&result, || {
        let health = if healthy { "healthy" } else { "unhealthy" };
        let mut lines = vec![
            "Datastore Status".to_owned(),
            format!("  Type:    {type_name}"),
            format!("  Health:  ● {health} ({}ms)", latency.round()),
        ];
        if !healthy {
            lines.push(format!("  Error:   {message}"));
        }
        lines.push(format!("  Dirs:    {}", directories.join(", ")));
        lines.join("\n")
    })
}
