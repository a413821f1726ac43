//! A handle on a swamp repository of a trial.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::backend::store::Store;
use crate::digest;
use crate::machine::exec;
use crate::machine::under_test::{Extensions, System};
use crate::read;
use crate::render::transcript::End;
use crate::render::tree;
use crate::scenario::fixture;
use crate::scenario::ran::Ran;
use crate::scenario::record::Refusal;
use crate::scenario::running::Call;
use crate::scenario::steps::Step;
use crate::scenario::trial::Trial;
use walkdir::WalkDir;

/// A swamp repository in the sandbox of a trial. Cheap to copy; it only names the directory.
#[derive(Debug, Clone)]
pub struct Repo<'t> {
    trial: &'t Trial,
    name: String,
    home: Option<String>,
    /// The directory that it is used from, where that is not its own.
    from: Option<String>,
    env: Vec<(&'static str, String)>,
    /// The file of it that is the standard input of every command.
    stdin: Option<String>,
    json: bool,
    unprivileged: bool,
    /// What it runs is part of a step that was noted already.
    noted: bool,
}

impl<'t> Repo<'t> {
    pub(crate) fn new(trial: &'t Trial, name: &str) -> Self {
        Self {
            trial,
            name: name.to_owned(),
            home: None,
            from: None,
            env: Vec::new(),
            stdin: None,
            json: false,
            unprivileged: false,
            noted: false,
        }
    }

    /// The same repo, with `--json` after every command.
    pub fn as_json(&self) -> Self {
        Self {
            json: true,
            ..self.clone()
        }
    }

    /// The same repo, with every command called from `directory`, beside it, and told where the repo
    /// is: `--repo-dir ../<name>`.
    pub fn called_from(&self, directory: &Self) -> Self {
        Self {
            from: Some(directory.name.clone()),
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

    /// The same repo, with a variable in the environment of every command.
    pub fn with_env(&self, name: &'static str, value: &str) -> Self {
        let mut repo = self.clone();
        repo.env.push((name, value.to_owned()));
        repo
    }

    /// The same repo, with a file of it as the standard input of every command.
    pub fn given(&self, file: &str) -> Self {
        Self {
            stdin: Some(file.to_owned()),
            ..self.clone()
        }
    }

    /// A checkout of the repo named `name` on another machine: its files without what swamp
    /// keeps locally, and a home of its own.
    ///
    /// # Panics
    /// It cannot be made.
    #[track_caller]
    pub fn on_another_machine(&self, name: &str) -> Self {
        let home = format!("home-of-{name}");
        let told = |e: std::io::Error| -> PathBuf { panic!("{name}: {e}") };
        self.trial
            .sandbox()
            .another_home(&home)
            .unwrap_or_else(told);
        self.trial.note(Step::Checkout {
            from: self.name.clone(),
            to: name.to_owned(),
            home: home.clone(),
        });
        fixture::copy(&self.path(), &self.trial.path(name), Some(".swamp"))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        self.trial.watch_repo(name, Some(&home));
        let checkout = Self {
            name: name.to_owned(),
            home: Some(home),
            ..self.clone()
        };
        self.trial.know(&checkout);
        checkout
    }

    /// The id that swamp gave the repo.
    ///
    /// # Panics
    /// Its `.swamp.yaml` has none.
    #[track_caller]
    pub fn id(&self) -> String {
        let yaml = self.swamp_yaml();
        let id = yaml.lines().find_map(|line| line.strip_prefix("repoId: "));
        id.unwrap_or_else(|| panic!("{yaml}")).trim().to_owned()
    }

    /// The local copy of its datastore, where that is in a bucket.
    ///
    /// # Panics
    /// As [`Repo::id`].
    #[track_caller]
    pub fn cache(&self) -> PathBuf {
        let home = self.trial.home(self.home.as_deref());
        home.join(".swamp/repos").join(self.id())
    }

    /// Removes the local copy of its datastore: what a fresh machine has.
    ///
    /// # Panics
    /// It cannot be removed.
    #[track_caller]
    pub fn wipe_cache(&self) {
        let cache = self.cache();
        fs::remove_dir_all(&cache).unwrap_or_else(|e| panic!("{}: {e}", cache.display()));
        self.trial.note(Step::WipeCache {
            repo: self.name.clone(),
            home: self.home.clone(),
        });
    }

    /// `swamp repo init --tool none --json`: without the scaffolding for AI tools.
    pub(crate) fn init(&self) -> Ran<'t> {
        self.as_json().swamp(&["repo", "init", "--tool", "none"])
    }

    /// Gives the repo the datastore extension `name`, whose source would be in `dir`, unless it
    /// has had a datastore of that kind before.
    ///
    /// # Panics
    /// Swamp refused it.
    #[track_caller]
    pub(crate) fn provide_extension(&self, name: &str, dir: &str) {
        let provided = Step::Extension {
            repo: self.name.clone(),
            name: name.to_owned(),
            dir: dir.to_owned(),
        };
        if self.swamp_yaml().contains(&format!("\"{name}\"")) || self.trial.has_done(&provided) {
            return;
        }
        self.trial.note(provided);
        let mut repo = self.as_json();
        repo.noted = true;
        match &self.trial.swamp_of(&self.name).extensions {
            Extensions::BuiltIn => {}
            Extensions::Sources(sources) => {
                let source = sources.join(dir);
                let source = source.to_string_lossy();
                let known = read::text(&self.path().join(".swamp-sources.yaml"));
                if known.is_ok_and(|known| known.contains(source.as_ref())) {
                    return;
                }
                repo.swamp(&["extension", "source", "add", &source])
                    .succeeds_quietly();
            }
            Extensions::Registry => {
                // What it tells of its download does not matter.
                let pulled = repo.swamp(&["extension", "pull", name]).unchecked();
                if pulled.code != 0 {
                    self.trial.refuse(Refusal::Backend(format!(
                        "swamp cannot pull {name} from its registry ({}); set \
                         SWAMP_UAT_EXTENSIONS to a directory with its source",
                        pulled
                            .stderr
                            .split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" ")
                    )));
                }
            }
        }
    }

    /// The outcome of a command that runs TypeScript. The reference does not without a runtime:
    /// that says nothing about swamp.
    #[track_caller]
    pub(crate) fn with_runtime(&self, ran: Ran<'t>) -> Ran<'t> {
        /// What it exits with where it lacks something.
        const LACKING: i32 = 70;
        let reference = self.trial.swamp_of(&self.name).system == System::Reference;
        if reference && ran.peek().code == LACKING {
            self.trial.refuse(Refusal::Itself(
                "the reference runs TypeScript with deno, and there is none: run `cargo uat \
                 emulators install`, put deno on PATH, or set SWAMP_REFERENCE_DENO"
                    .to_owned(),
            ));
        }
        ran
    }

    pub(crate) fn trial(&self) -> &'t Trial {
        self.trial
    }

    /// The home that it is used from, where that is not the sandbox's own.
    pub(crate) fn home(&self) -> Option<&str> {
        self.home.as_deref()
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
        self.trial.run(&self.call(args))
    }

    pub(crate) fn call(&self, args: &[&str]) -> Call<'_> {
        let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        if self.from.is_some() {
            args.extend(["--repo-dir".to_owned(), format!("../{}", self.name)]);
        }
        if self.json {
            args.push("--json".to_owned());
        }
        Call {
            repo: &self.name,
            from: self.from.as_deref(),
            home: self.home.as_deref(),
            env: self.env.clone(),
            args,
            stdin: self.stdin.clone(),
            noted: self.noted,
            unprivileged: self.unprivileged,
        }
    }

    /// Runs `swamp` with `args` in the repo and kills it after `time`, if it is not done by
    /// then. What it printed does not matter.
    ///
    /// # Panics
    /// It could not be started.
    #[track_caller]
    pub fn kill_after(&self, time: Duration, args: &[&str]) {
        let (index, done) = self.trial.execute(&self.call(args), time);
        self.trial.observe(index, End::Killed);
        match done {
            Ok(_) | Err(exec::Error::Timeout { .. }) => {}
            Err(e) => panic!("`swamp {}`: {e}", args.join(" ")),
        }
    }

    /// Points the repo at `store`, as the trial's backend does it.
    ///
    /// # Panics
    /// The setup failed, or says that it did in spite of its exit code.
    #[track_caller]
    pub fn on(self, store: &Store) -> Self {
        self.set_up(self.as_json().set_up_datastore(store));
        self
    }

    /// As [`Repo::on`], with the repo in `namespace`.
    ///
    /// # Panics
    /// As [`Repo::on`].
    #[track_caller]
    pub fn on_as(self, store: &Store, namespace: &str) -> Self {
        self.set_up(self.as_json().set_up_datastore_as(store, namespace));
        self
    }

    /// Sets its datastore up at `store`, as the trial's backend does it.
    pub fn set_up_datastore(&self, store: &Store) -> Ran<'t> {
        self.point_at(store, "", None)
    }

    /// Sets its datastore up in the directory of `store`, whatever the trial's backend.
    ///
    /// # Panics
    /// The store is a bucket.
    #[track_caller]
    pub fn set_up_in_directory(&self, store: &Store) -> Ran<'t> {
        let path = store.path().to_string_lossy().into_owned();
        self.swamp(&["datastore", "setup", "filesystem", "--path", &path])
    }

    /// Sets its datastore up at `store` in `namespace`, as the trial's backend does it.
    pub fn set_up_datastore_as(&self, store: &Store, namespace: &str) -> Ran<'t> {
        self.set_up_datastore_below(store, "", namespace)
    }

    /// As [`Repo::set_up_datastore_as`], with the datastore below `prefix` in the store.
    pub fn set_up_datastore_below(&self, store: &Store, prefix: &str, namespace: &str) -> Ran<'t> {
        self.point_at(store, prefix, Some(namespace))
    }

    /// Sets its datastore up at `store` with `more` in the JSON of `--config`, and with those options.
    ///
    /// # Panics
    /// The trial's backend is set up without a `--config`.
    #[track_caller]
    pub fn set_up_datastore_with(
        &self,
        store: &Store,
        more: &serde_json::Value,
        options: &[&str],
    ) -> Ran<'t> {
        let mut words = self.setup(store, "", None).pop().unwrap_or_default();
        let at = words.iter().position(|word| word == "--config");
        let config = at.and_then(|at| words.get_mut(at + 1));
        let config = config.expect("the backend is set up with a configuration");
        let mut whole: serde_json::Value =
            serde_json::from_str(config).expect("a configuration is JSON");
        for (key, value) in more.as_object().into_iter().flatten() {
            whole[key] = value.clone();
        }
        *config = whole.to_string();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.swamp(&[&words, options].concat())
    }

    /// The commands that set the datastore up; the extension that they need is there.
    #[track_caller]
    fn setup(&self, store: &Store, prefix: &str, namespace: Option<&str>) -> Vec<Vec<String>> {
        let backend = self.trial.backend();
        if let Some((name, dir)) = backend.extension() {
            self.provide_extension(name, dir);
        }
        backend.setup(store, prefix, namespace)
    }

    /// Runs the commands of the backend; the last of them is the caller's to look at.
    #[track_caller]
    fn point_at(&self, store: &Store, prefix: &str, namespace: Option<&str>) -> Ran<'t> {
        let commands = self.setup(store, prefix, namespace);
        let mut outcomes = commands
            .iter()
            .map(|words| self.swamp(&words.iter().map(String::as_str).collect::<Vec<_>>()));
        let mut last = outcomes
            .next()
            .unwrap_or_else(|| panic!("no command sets a datastore up"));
        for next in outcomes {
            std::mem::replace(&mut last, next).succeeds_quietly();
        }
        last
    }

    #[track_caller]
    fn set_up(&self, ran: Ran<'t>) {
        let said = ran.ends();
        // Since 2026-07-23 swamp wants to know who is asking before it goes to a cloud.
        for code in ["auth_required", "scope_unverified"] {
            if said.code != 0 && said.stderr.contains(&format!("\"code\": \"{code}\"")) {
                self.trial.refuse(Refusal::Backend(format!(
                    "swamp refuses cloud datastores without an account ({code}): set SWAMP_API_KEY"
                )));
            }
        }
        said.assert_quiet_success();
        let said: serde_json::Value = said.parsed();
        let errors = &said["errors"];
        let fine = errors.is_null() || *errors == serde_json::json!([]);
        assert!(fine, "{said:#}");
    }

    /// What `.swamp.yaml` says, to the byte.
    ///
    /// # Panics
    /// There is none.
    #[track_caller]
    pub fn swamp_yaml(&self) -> String {
        let path = self.path().join(".swamp.yaml");
        read::text(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// Does `what`, and asserts that this changes nothing of the repo and its datastore.
    ///
    /// # Panics
    /// It changes something, or a file cannot be read.
    #[track_caller]
    pub fn nothing_changes<T>(&self, store: &Store, what: impl FnOnce() -> T) -> T {
        let before = self.state_with(store);
        let done = what();
        self.state_with(store)
            .assert_same_as(&before, "after what must change nothing");
        done
    }

    /// `.swamp.yaml` and every file, directory and link of `store`, by content: two of these
    /// are equal if nothing a user of the datastore has was touched between them.
    ///
    /// # Panics
    /// Something could not be read.
    #[track_caller]
    pub fn state_with(&self, store: &Store) -> State {
        let mut entries =
            BTreeMap::from([(".swamp.yaml".to_owned(), digest::full(self.swamp_yaml()))]);
        let root = self.trial.path(store.name());
        for entry in WalkDir::new(&root).min_depth(1) {
            let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", root.display()));
            entries.insert(
                entry.path().display().to_string(),
                tree::content(entry.path(), entry.file_type()),
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
