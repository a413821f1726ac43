//! `swamp datastore status`.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::json;

use crate::datastore::{DIRECTORIES, shared};
use crate::diagnosis::health;
use crate::errors::Result;
use crate::quirks::Quirks;
use crate::remote::Remote;
use crate::session::Session;

/// How a datastore does.
struct Status {
    type_name: &'static str,
    /// Where it is, if it is a directory.
    path: Option<PathBuf>,
    healthy: bool,
    message: String,
    latency: f64,
}

/// Shows where the datastore is and how it does.
pub fn run(session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    let status = match Remote::of(&repository, &session.env)? {
        Some(remote) => of_bucket(&remote, &session.quirks),
        None => of_directory(session.datastore(&repository)?.path),
    };
    let directories = shared(DIRECTORIES);
    let mut result = json!({ "type": status.type_name });
    if let Some(path) = &status.path {
        result["path"] = json!(path);
    }
    result["healthy"] = status.healthy.into();
    result["message"] = status.message.as_str().into();
    result["latencyMs"] = status.latency.into();
    result["directories"] = json!(directories);
    session
        .output
        .result(&result, || status.for_people(&directories))
}

fn of_directory(path: PathBuf) -> Status {
    let found = health::check(&path);
    Status {
        type_name: "filesystem",
        path: Some(path),
        healthy: found.healthy,
        message: found.message,
        latency: found.latency,
    }
}

fn of_bucket(remote: &Remote, quirks: &Quirks) -> Status {
    let start = Instant::now();
    let health = remote.config.health(remote.bucket.as_ref(), quirks);
    Status {
        type_name: remote.config.cloud().type_name(),
        path: None,
        healthy: health.is_ok(),
        message: health.unwrap_or_else(|why| why),
        latency: start.elapsed().as_secs_f64() * 1000.0,
    }
}

impl Status {
    fn for_people(&self, directories: &[&str]) -> String {
        let word = if self.healthy { "healthy" } else { "unhealthy" };
        let mut lines = vec![
            "Datastore Status".to_owned(),
            format!("  Type:    {}", self.type_name),
        ];
        lines.extend(
            self.path
                .iter()
                .map(|path| format!("  Path:    {}", path.display())),
        );
        lines.push(format!("  Health:  ● {word} ({}ms)", self.latency.round()));
        if !self.healthy {
            lines.push(format!("  Error:   {}", self.message));
        }
        lines.push(format!("  Dirs:    {}", directories.join(", ")));
        lines.join("\n")
    }
}
