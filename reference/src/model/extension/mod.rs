//! Models that a user writes in TypeScript: `extensions/models/*.ts`.

pub mod deno;
mod host;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::data::store;
use crate::errors::{Failure, Result};
use crate::files;
use crate::session::Session;
use host::Host;

#[derive(Debug, Deserialize)]
struct Method {
    name: String,
}

/// A type of model, loaded and ready to run one method.
#[derive(Debug)]
pub struct Extension {
    /// The version of the type.
    pub version: String,
    methods: Vec<Method>,
    /// What tells this source from another.
    pub fingerprint: String,
    host: Host,
}

/// Something that a running model wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// To store a piece of data.
    Write(Value),
    /// Nothing more: it is done.
    Done,
    /// Nothing more: it failed.
    Failed(String),
}

#[derive(Deserialize)]
struct Described {
    file: String,
    version: String,
    methods: Vec<Method>,
}

/// The files of a repository that may define models.
fn sources(repo: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = files::files_below(&boundary(repo))?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".ts") && !name.ends_with("_test.ts") && !name.ends_with(".d.ts")
    });
    paths.sort();
    Ok(paths)
}

fn boundary(repo: &Path) -> PathBuf {
    repo.join("extensions/models")
}

/// Loads the type of this name.
pub fn load(repo: &Path, model_type: &str, session: &Session) -> Result<Extension> {
    let urls: Vec<_> = sources(repo)?
        .iter()
        .map(|path| format!("file://{}", path.display()))
        .collect();
    let mut host = Host::start(&deno::find(&session.env)?, session)?;
    host.say(&json!({ "files": urls, "type": model_type }))?;
    let said = host.hear()?;
    let found: Described = serde_json::from_value(said)
        .map_err(|error| Failure::broken(format!("no model of type {model_type}: {error}")))?;
    let path = found.file.trim_start_matches("file://");
    Ok(Extension {
        fingerprint: fingerprint(repo, Path::new(path))?,
        version: found.version,
        methods: found.methods,
        host,
    })
}

/// The SHA-256 of a line with the path and the SHA-256 of the file. Files that it imports are not
/// counted.
fn fingerprint(repo: &Path, path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(|error| Failure::io(path, &error))?;
    let below = files::relative(&boundary(repo), path);
    let line = format!("{below}:{}", store::checksum(&bytes));
    Ok(store::checksum(line.as_bytes()))
}

impl Extension {
    /// Whether it has a method of this name.
    pub fn has(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known.name == method)
    }

    /// Starts a method. `context` is what the model sees besides its arguments.
    pub fn begin(
        &mut self,
        method: &str,
        arguments: &Map<String, Value>,
        context: Value,
    ) -> Result<()> {
        let call = json!({ "method": method, "arguments": arguments, "context": context });
        self.host.say(&call)
    }

    /// What the running method wants next.
    pub fn wants(&mut self) -> Result<Event> {
        let said = self.host.hear()?;
        Ok(match said["kind"].as_str() {
            Some("write") => Event::Write(said),
            Some("failed") => {
                Event::Failed(said["message"].as_str().unwrap_or_default().to_owned())
            }
            _ => Event::Done,
        })
    }

    /// Answers a wish to write.
    pub fn answer(&mut self, answer: &Value) -> Result<()> {
        self.host.say(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_the_one_that_swamp_computes() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = boundary(dir.path()).join("probe.ts");
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, "x").expect("a file");
        for other in ["probe_test.ts", "types.d.ts", "note.txt"] {
            fs::write(path.with_file_name(other), "").expect("a file");
        }
        assert_eq!(sources(dir.path()), Ok(vec![path.clone()]));
        let line = format!("probe.ts:{}", store::checksum(b"x"));
        let expected = store::checksum(line.as_bytes());
        assert_eq!(fingerprint(dir.path(), &path), Ok(expected));
    }
}
