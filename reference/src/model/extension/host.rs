//! The process that a TypeScript model runs in: questions and answers, one JSON document a line.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::errors::{Failure, Result};
use crate::lock;
use crate::session::Session;

const RUNNER: &str = include_str!("runner.js");
const ZOD: &str = include_str!("zod.js");

/// The process, and the directory with what it runs.
#[derive(Debug)]
pub struct Host {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    dir: PathBuf,
}

impl Host {
    /// Starts the process in `cwd`.
    pub fn start(deno: &Path, session: &Session) -> Result<Self> {
        let dir = std::env::temp_dir().join(format!("swamp-reference-{}", uuid::Uuid::new_v4()));
        let write = |name: &str, text: &str| {
            let path = dir.join(name);
            fs::write(&path, text).map_err(|error| Failure::io(&path, &error))
        };
        crate::files::ensure_dir(&dir)?;
        write("runner.js", RUNNER)?;
        write("zod.js", ZOD)?;
        let map = json!({ "imports": { "npm:zod@4": "./zod.js", "zod": "./zod.js" } });
        write("map.json", &map.to_string())?;
        let mut command = Command::new(deno);
        command
            .args([
                "run",
                "--quiet",
                "--no-config",
                "--no-lock",
                "--no-remote",
                "--allow-all",
            ])
            .arg("--import-map")
            .args([dir.join("map.json"), dir.join("runner.js")])
            .current_dir(&session.cwd)
            .env("DENO_NO_UPDATE_CHECK", "1")
            .env(lock::drain::HOLDER, std::process::id().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        if let Some(home) = session.env.get("HOME") {
            command.env("DENO_DIR", Path::new(&home).join(".swamp/deno-cache"));
        }
        let mut child = command.spawn().map_err(|error| Failure::io(deno, &error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self {
                child,
                input,
                output: BufReader::new(output),
                dir,
            }),
            _ => Err(Failure::broken("no pipe to deno")),
        }
    }

    /// Says something.
    pub fn say(&mut self, message: &Value) -> Result<()> {
        writeln!(self.input, "{message}")
            .and_then(|()| self.input.flush())
            .map_err(|error| Failure::broken(format!("deno: {error}")))
    }

    /// Hears the next thing.
    pub fn hear(&mut self) -> Result<Value> {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .map_err(|error| Failure::broken(format!("deno: {error}")))?;
        serde_json::from_str(&line)
            .map_err(|error| Failure::broken(format!("deno: {error}: {line}")))
    }
}

impl Drop for Host {
    /// Leaves neither a process nor files.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}
