//! A world of its own for the tests of commands: a home, repositories and a datastore in a temporary directory.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tempfile::TempDir;

use crate::cli;
use crate::faults::{Fault, Faults};
use crate::output::Output;
use crate::quirks::{Quirk, Quirks};
use crate::session::{Environment, Session};

/// The temporary directory and the switches of all calls in it.
pub struct World {
    dir: TempDir,
    quirks: Quirks,
    faults: Faults,
    variables: Vec<(String, String)>,
}

/// What a call did.
#[derive(Debug)]
pub struct Ran {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl World {
    /// An empty world.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self {
            dir,
            quirks: Quirks::default(),
            faults: Faults::default(),
            variables: Vec::new(),
        }
    }

    /// Repositories `a` and `b` on one datastore `ds`.
    pub fn with_two_repositories() -> Self {
        let world = Self::new();
        for repo in ["a", "b"] {
            assert_eq!(
                world
                    .run(repo, &["repo", "init", "--tool", "none", "--json"])
                    .code,
                0
            );
            assert_eq!(
                world
                    .run(
                        repo,
                        &[
                            "datastore",
                            "setup",
                            "filesystem",
                            "--path",
                            "../ds",
                            "--json"
                        ]
                    )
                    .code,
                0
            );
        }
        world
    }

    /// The same without a quirk.
    pub fn without(quirk: Quirk) -> Self {
        Self {
            quirks: Quirks::without(&[quirk]),
            ..Self::with_two_repositories()
        }
    }

    /// The same with a fault.
    pub fn with_fault(self, fault: Fault) -> Self {
        Self {
            faults: Faults::with(&[fault]),
            ..self
        }
    }

    /// The same with an environment variable.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A place in the world.
    pub fn path(&self, place: &str) -> PathBuf {
        self.dir.path().join(place)
    }

    /// The text of a file; nothing where there is none.
    pub fn read(&self, place: &str) -> String {
        fs::read_to_string(self.path(place)).unwrap_or_default()
    }

    /// All files and directories below a place, sorted.
    pub fn tree(&self, place: &str) -> Vec<String> {
        let root = self.path(place);
        let mut found = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(current) = open.pop() {
            for entry in fs::read_dir(&current).expect("a directory") {
                let path = entry.expect("an entry").path();
                found.push(
                    path.strip_prefix(&root)
                        .unwrap_or(Path::new(""))
                        .display()
                        .to_string(),
                );
                if path.is_dir() {
                    open.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// Calls swamp in a directory of the world.
    pub fn run(&self, place: &str, words: &[&str]) -> Ran {
        let cwd = self.path(place);
        fs::create_dir_all(&cwd).expect("a working directory");
        let (out, err) = (Buffer::default(), Buffer::default());
        let home = self.path("home").display().to_string();
        let output = Output::to(Box::new(out.clone()), Box::new(err.clone()));
        let mut variables = vec![("HOME", home.as_str())];
        let more = self.variables.iter();
        variables.extend(more.map(|(name, value)| (name.as_str(), value.as_str())));
        let mut session = Session::new(cwd, Environment::with(&variables), output)
            .expect("no switches in the environment");
        session.quirks = self.quirks.clone();
        session.faults = self.faults.clone();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let code = cli::run(&words, &mut session);
        Ran {
            code,
            out: out.text(),
            err: err.text(),
        }
    }

    /// Writes the definition of a model; the id of `model` is always the same.
    pub fn define(&self, repo: &str, model: &str, more: &str) {
        let dir = self.path(repo).join("models/command/shell");
        fs::create_dir_all(&dir).expect("a directory for models");
        let id = model_id(model);
        fs::write(
            dir.join(format!("{model}.yaml")),
            format!("type: command/shell\ntypeVersion: 2026.02.09.1\nid: {id}\nname: {model}\nversion: 1\n{more}"),
        )
        .expect("a definition");
    }

    /// Runs a command line in a model, which need not be there yet.
    pub fn seed(&self, repo: &str, model: &str, script: &str) -> Ran {
        if !self
            .path(repo)
            .join(format!("models/command/shell/{model}.yaml"))
            .exists()
        {
            self.define(repo, model, "");
        }
        let input = format!("run={script}");
        self.run(
            repo,
            &[
                "model",
                "method",
                "run",
                model,
                "execute",
                "--input",
                &input,
                "--skip-reports",
                "--json",
            ],
        )
    }

    /// Calls a namespace command with `--json`.
    pub fn namespace(&self, repo: &str, words: &[&str]) -> Ran {
        self.run(
            repo,
            &[&["datastore", "namespace"], words, &["--json"]].concat(),
        )
    }
}

impl Ran {
    /// The result, as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error, as JSON.
    pub fn error(&self) -> String {
        let error: serde_json::Value =
            serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        error["error"].as_str().unwrap_or_default().to_owned()
    }
}

/// The id of a model that [`World::define`] wrote.
pub fn model_id(model: &str) -> String {
    let number = model
        .bytes()
        .fold(0_u64, |sum, byte| sum * 31 % (1 << 40) + u64::from(byte));
    format!("00000000-0000-4000-8000-{number:012x}")
}

#[derive(Clone, Default)]
struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).expect("UTF-8")
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
