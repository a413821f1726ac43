//! A handle on a swamp repository of a trial.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::exec;
use crate::ran::Ran;
use crate::trial::{Store, Trial};

/// A swamp repository in the sandbox of a trial. Cheap to copy; it only names the directory.
#[derive(Debug, Clone)]
pub struct Repo<'t> {
    trial: &'t Trial,
    name: String,
    json: bool,
    unprivileged: bool,
}

impl<'t> Repo<'t> {
    pub(crate) fn new(trial: &'t Trial, name: &str) -> Self {
        Self {
            trial,
            name: name.to_owned(),
            json: false,
            unprivileged: false,
        }
    }

    /// The same repo, with `--json` after every command.
    pub fn json(&self) -> Self {
        Self {
            json: true,
            ..self.clone()
        }
    }

    /// The same repo, with every command bound by file permissions even if root runs it. As root
    /// this takes `setpriv`, of util-linux.
    pub fn unprivileged(&self) -> Self {
        Self {
            unprivileged: true,
            ..self.clone()
        }
    }

    pub(crate) fn trial(&self) -> &'t Trial {
        self.trial
    }

    /// Its name, which is its directory's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its directory.
    pub fn path(&self) -> PathBuf {
        self.trial.path(&self.name)
    }

    /// Runs `swamp` with `args` in the repo.
    pub fn swamp(&self, args: &[&str]) -> Ran<'t> {
        let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        if self.json {
            args.push("--json".to_owned());
        }
        self.trial.run(&self.name, args, self.wrapper())
    }

    /// What stands before the command.
    fn wrapper(&self) -> &'static [&'static str] {
        if self.unprivileged && nix::unistd::geteuid().is_root() {
            &[
                "setpriv",
                "--bounding-set=-dac_override,-dac_read_search",
                "--inh-caps=-all",
            ]
        } else {
            &[]
        }
    }

    /// Runs `swamp` with `args` in the repo and kills it after `time`, if it is not done by
    /// then. What it printed is of no account.
    ///
    /// # Panics
    /// It could not be started.
    #[track_caller]
    pub fn kill_after(&self, time: Duration, args: &[&str]) {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        match self.trial.execute(&self.name, &args, self.wrapper(), time) {
            (_, Ok(_) | Err(exec::Error::Timeout { .. })) => {}
            (_, Err(e)) => panic!("`swamp {}`: {e}", args.join(" ")),
        }
    }

    /// Points the repo at `store`, as the trial's backend does it.
    ///
    /// # Panics
    /// The setup failed, or says that it did in spite of its exit code.
    #[track_caller]
    pub fn on(self, store: &Store) -> Self {
        let backend = self.trial.backend();
        let said: serde_json::Value = backend.setup_datastore(&self.json(), store).ok().json();
        assert_eq!(said["errors"], serde_json::json!([]), "{said:#}");
        self
    }

    /// What `.swamp.yaml` says, to the byte.
    ///
    /// # Panics
    /// There is none.
    #[track_caller]
    pub fn swamp_yaml(&self) -> String {
        let path = self.path().join(".swamp.yaml");
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// `.swamp.yaml` and every file, directory and link of `store`, by content: two of these
    /// are equal if nothing a user of the datastore has was touched between them.
    ///
    /// # Panics
    /// Something could not be read.
    #[track_caller]
    pub fn state_with(&self, store: &Store) -> State {
        let mut entries = BTreeMap::from([(".swamp.yaml".to_owned(), digest(self.swamp_yaml()))]);
        let root = self.trial.path(store.name());
        for entry in WalkDir::new(&root).min_depth(1) {
            let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", root.display()));
            entries.insert(
                entry.path().display().to_string(),
                content(entry.path(), entry.file_type()),
            );
        }
        State(entries)
    }
}

/// The content of a repo's configuration and of a datastore, for equality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(BTreeMap<String, String>);

impl State {
    /// Asserts that nothing differs from `before`.
    ///
    /// # Panics
    /// Something does; the message names it.
    #[track_caller]
    pub fn assert_same_as(&self, before: &Self, when: &str) {
        let all: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        let differing: Vec<&String> = all
            .into_iter()
            .filter(|key| self.0.get(*key) != before.0.get(*key))
            .collect();
        assert!(
            differing.is_empty(),
            "{when}, these are not what they were: {differing:#?}"
        );
    }
}

/// Every file below `root`, by its path, with a digest of its content.
#[track_caller]
pub(crate) fn files(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(root) {
        let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", root.display()));
        if entry.file_type().is_file() {
            let inner = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let name = inner.to_string_lossy().into_owned();
            files.insert(name, content(entry.path(), entry.file_type()));
        }
    }
    files
}

fn content(path: &Path, kind: fs::FileType) -> String {
    if kind.is_dir() {
        "directory".to_owned()
    } else if kind.is_symlink() {
        format!("link to {:?}", fs::read_link(path).ok())
    } else {
        digest(fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }
}

fn digest(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
