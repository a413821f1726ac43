//! A trial: one scenario on one backend in one sandbox. Scenarios get a [`Trial`] and nothing
//! else; what they ran and saw is gathered here and judged when they are done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::backend::Backend;
use crate::deviation::{Deviation, Verdict};
use crate::exec;
use crate::ran::{Output, Ran};
use crate::repo::{self, Repo};
use crate::repro::Step;
use crate::sandbox::{self, Sandbox};
use crate::tree::Listing;
use crate::under_test::UnderTest;

/// A place for a datastore: a directory now; a bucket or a prefix where backends have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    name: String,
    path: PathBuf,
}

impl Store {
    /// Its name in the sandbox.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every file of it, by its path, with a digest of its content.
    ///
    /// # Panics
    /// Something cannot be read.
    #[track_caller]
    pub fn files(&self) -> BTreeMap<String, String> {
        repo::files(&self.path)
    }

    /// The place `prefix` inside of it; itself where the prefix is empty.
    pub fn below(&self, prefix: &str) -> Self {
        if prefix.is_empty() {
            return self.clone();
        }
        Self {
            name: format!("{}/{prefix}", self.name),
            path: self.path.join(prefix),
        }
    }
}

/// What one checkpoint saw, as it was.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub name: String,
    pub stores: Vec<(String, Listing)>,
    pub repos: Vec<(String, Option<String>)>,
}

/// What a trial gathered.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The commands that ran and that nobody has looked at yet, by their index.
    pub unobserved: Vec<(usize, String)>,
    pub transcript: Vec<Output>,
    pub checkpoints: Vec<Seen>,
    pub verdicts: Vec<Verdict>,
    pub steps: Vec<Step>,
    pub repos: Vec<String>,
    pub stores: Vec<Store>,
    /// Ids and the roles they are known in.
    pub roles: Vec<(String, String)>,
    pub commands: usize,
    pub command_time: Duration,
}

/// What a scenario works with.
#[derive(Debug)]
pub struct Trial {
    sandbox: Sandbox,
    under_test: UnderTest,
    backend: &'static dyn Backend,
    timeout: Duration,
    started: Timestamp,
    gathered: RefCell<Gathered>,
}

impl std::fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind().name())
    }
}

impl Trial {
    pub(crate) fn new(
        sandbox: Sandbox,
        under_test: UnderTest,
        backend: &'static dyn Backend,
        timeout: Duration,
    ) -> Self {
        Self {
            sandbox,
            under_test,
            backend,
            timeout,
            started: Timestamp::now(),
            gathered: RefCell::default(),
        }
    }

    /// The backend that this trial runs on.
    pub fn backend(&self) -> &'static dyn Backend {
        self.backend
    }

    /// A path inside the sandbox.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.sandbox.root().join(relative)
    }

    /// A place for a datastore that nothing else uses. The tree surface shows it from now on.
    pub fn store(&self, name: &str) -> Store {
        let store = self.unseen_store(name);
        self.gathered.borrow_mut().stores.push(store.clone());
        store
    }

    /// As [`Trial::store`], but not on the tree surface: for more files than anybody reads.
    pub fn unseen_store(&self, name: &str) -> Store {
        Store {
            name: name.to_owned(),
            path: self.path(name),
        }
    }

    /// An empty directory, which is no swamp repository yet.
    ///
    /// # Panics
    /// It cannot be made.
    #[track_caller]
    pub fn directory(&self, name: &str) -> Repo<'_> {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.note(Step::Directory(name.to_owned()));
        Repo::new(self, name)
    }

    /// A fresh swamp repository in the sandbox: `swamp repo init`, without the scaffolding for
    /// AI tools. It has no datastore of its own until [`Repo::on`].
    ///
    /// # Panics
    /// `repo init` failed.
    #[track_caller]
    pub fn repo(&self, name: &str) -> Repo<'_> {
        let repo = self.directory(name);
        repo.json().swamp(&["repo", "init", "--tool", "none"]).ok();
        let yaml = repo.swamp_yaml();
        let mut gathered = self.gathered.borrow_mut();
        gathered.repos.push(name.to_owned());
        let id = yaml.lines().find_map(|line| line.strip_prefix("repoId: "));
        if let Some(id) = id {
            gathered
                .roles
                .push((id.trim().to_owned(), format!("repo:{name}")));
        }
        drop(gathered);
        repo
    }

    /// Takes down how every datastore and every repo's configuration look now, for the tree
    /// surface. The first checkpoint is shown in full, a later one as what changed.
    ///
    /// # Panics
    /// A store that is there cannot be read.
    #[track_caller]
    pub fn checkpoint(&self, name: &str) {
        let mut gathered = self.gathered.borrow_mut();
        let stores = gathered
            .stores
            .iter()
            .filter(|store| store.path.exists())
            .map(|store| {
                let listing = self.backend.list(&store.path);
                (
                    store.name.clone(),
                    listing.unwrap_or_else(|e| panic!("{e}")),
                )
            })
            .collect();
        let repos = gathered
            .repos
            .iter()
            .map(|repo| {
                let yaml = fs::read_to_string(self.path(repo).join(".swamp.yaml"));
                (repo.clone(), yaml.ok())
            })
            .collect();
        gathered.steps.push(Step::Look(name.to_owned()));
        gathered.checkpoints.push(Seen {
            name: name.to_owned(),
            stores,
            repos,
        });
    }

    /// States an expectation of the plan that today's swamp does not meet. `holds` says whether
    /// it does: while it does not, the trial passes and is counted as a known deviation; the day
    /// it does, the trial fails and asks for the deviation to be dropped.
    pub fn deviates(&self, deviation: Deviation, holds: bool) {
        let verdict = Verdict { deviation, holds };
        self.gathered.borrow_mut().verdicts.push(verdict);
    }

    pub(crate) fn run(&self, repo: &str, args: Vec<String>, wrapper: &[&str]) -> Ran<'_> {
        let command = format!("`swamp {}` in {repo}", args.join(" "));
        let (index, done) = self.execute(repo, &args, wrapper, self.timeout);
        let done = done.unwrap_or_else(|e| panic!("{command}: {e}"));
        let output = Output {
            repo: repo.to_owned(),
            args,
            code: done.code(),
            stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&done.stderr).into_owned(),
        };
        let mut gathered = self.gathered.borrow_mut();
        gathered.command_time += done.elapsed;
        gathered.unobserved.push((index, command));
        Ran::new(self, index, output)
    }

    /// Runs a command behind the words of `wrapper`, and kills it with all it started when
    /// `limit` is over.
    pub(crate) fn execute(
        &self,
        repo: &str,
        args: &[String],
        wrapper: &[&str],
        limit: Duration,
    ) -> (usize, Result<exec::Finished, exec::Error>) {
        let index = {
            let mut gathered = self.gathered.borrow_mut();
            gathered.commands += 1;
            gathered.steps.push(Step::Swamp {
                repo: repo.to_owned(),
                args: args.to_vec(),
            });
            gathered.commands
        };
        let raw = |end: &str| self.sandbox.notes().join(format!("{index:02}.{end}"));
        let swamp = self.under_test.path.clone();
        let mut words = wrapper.iter().map(Into::into).collect::<Vec<OsString>>();
        words.push(swamp.into());
        words.extend(args.iter().map(Into::into));
        let spec = exec::Spec {
            program: words.remove(0).into(),
            args: words,
            cwd: self.path(repo),
            env: sandbox::environment(self.sandbox.home()),
            stdout: raw("stdout"),
            stderr: raw("stderr"),
        };
        (index, exec::run(&spec, limit))
    }

    /// Marks a command as dealt with, and puts it into the transcript where there is one.
    pub(crate) fn observe(&self, index: usize, transcribed: Option<&Output>) {
        let mut gathered = self.gathered.borrow_mut();
        gathered.unobserved.retain(|(other, _)| *other != index);
        gathered.transcript.extend(transcribed.cloned());
    }

    /// Makes `id` known by the name of its role, such as `model:hello`.
    pub(crate) fn learn(&self, id: &str, role: &str) {
        let known = (id.to_owned(), role.to_owned());
        self.gathered.borrow_mut().roles.push(known);
    }

    pub(crate) fn note(&self, step: Step) {
        self.gathered.borrow_mut().steps.push(step);
    }

    pub(crate) fn started(&self) -> Timestamp {
        self.started
    }

    /// What was gathered, and the sandbox it was gathered in.
    pub(crate) fn close(self) -> (Gathered, Sandbox) {
        (self.gathered.into_inner(), self.sandbox)
    }
}
