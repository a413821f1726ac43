//! The commands that write, list and query data, on a repo handle.

use serde_json::Value;

use crate::scenario::ran::Ran;
use crate::scenario::repo::Repo;

impl<'t> Repo<'t> {
    /// The repo with the fixture `model`, which has run `command` once.
    ///
    /// # Panics
    /// Swamp refused it.
    #[track_caller]
    pub fn with_run(self, model: &str, command: &str) -> Self {
        self.add(model);
        self.as_json().run_model(model, command).succeeds();
        self
    }

    /// What `data list --json` has of `model`, without the namespace.
    ///
    /// # Panics
    /// It fails, or complains.
    #[track_caller]
    pub fn listed(&self, model: &str) -> Value {
        let said = self.as_json().data_list(model).succeeds_quietly();
        let mut list: Value = said.parsed();
        assert!(list["total"].is_u64(), "{list:#}");
        list.as_object_mut().map(|list| list.remove("namespace"));
        list
    }

    /// `swamp model method run <model> execute --input run=<command> --skip-reports`, which
    /// writes a new version of the shell model's `result` and `log`.
    pub fn run_model(&self, model: &str, command: &str) -> Ran<'t> {
        let input = format!("run={command}");
        self.swamp(&[
            "model",
            "method",
            "run",
            model,
            "execute",
            "--input",
            &input,
            "--skip-reports",
        ])
    }

    /// `swamp model method run p put --input spec=<spec> --input name=<name> --input n=<n>
    /// --skip-reports`: what the TypeScript model of the fixture `probe` writes.
    ///
    /// # Panics
    /// The reference is under test and finds no runtime for it: the trial ends, and is skipped.
    #[track_caller]
    pub fn run_probe(&self, spec: &str, name: &str, n: u32) -> Ran<'t> {
        let inputs = [
            format!("spec={spec}"),
            format!("name={name}"),
            format!("n={n}"),
        ];
        let mut args = vec!["model", "method", "run", "p", "put"];
        args.extend(inputs.iter().flat_map(|input| ["--input", input.as_str()]));
        args.push("--skip-reports");
        self.with_runtime(self.swamp(&args))
    }

    /// `swamp model evaluate <model>`
    pub fn model_evaluate(&self, model: &str) -> Ran<'t> {
        self.swamp(&["model", "evaluate", model])
    }

    /// `swamp workflow run <workflow> --skip-reports`
    pub fn workflow_run(&self, workflow: &str) -> Ran<'t> {
        self.swamp(&["workflow", "run", workflow, "--skip-reports"])
    }

    /// Runs a workflow whose datastore is a directory, and gives the id of the run.
    ///
    /// # Panics
    /// It failed, or has no id.
    #[track_caller]
    pub fn ran_workflow(&self, workflow: &str) -> String {
        let ran: Value = self
            .as_json()
            .workflow_run(workflow)
            .succeeds_quietly()
            .parsed();
        ran["id"].as_str().expect("a run has an id").to_owned()
    }

    /// `swamp workflow validate <workflow>`
    pub fn workflow_validate(&self, workflow: &str) -> Ran<'t> {
        self.swamp(&["workflow", "validate", workflow])
    }

    /// `swamp data list --workflow <workflow>`: what its last run made.
    pub fn data_list_of_workflow(&self, workflow: &str) -> Ran<'t> {
        self.swamp(&["data", "list", "--workflow", workflow])
    }

    /// `swamp data gc <options>`
    pub fn data_gc(&self, options: &[&str]) -> Ran<'t> {
        self.swamp(&[&["data", "gc"], options].concat())
    }

    /// `swamp data rename <model> <name> <new name>`
    pub fn data_rename(&self, model: &str, [name, new_name]: [&str; 2]) -> Ran<'t> {
        self.swamp(&["data", "rename", model, name, new_name])
    }

    /// `swamp data prune <options>`
    pub fn data_prune(&self, options: &[&str]) -> Ran<'t> {
        self.swamp(&[&["data", "prune"], options].concat())
    }

    /// `swamp data delete <model> <what>`, where what is a name or options.
    pub fn data_delete(&self, model: &str, what: &[&str]) -> Ran<'t> {
        self.swamp(&[&["data", "delete", model], what].concat())
    }

    /// `swamp data list <model>`
    pub fn data_list(&self, model: &str) -> Ran<'t> {
        self.swamp(&["data", "list", model])
    }

    /// `swamp data get <model> <name>`
    pub fn data_get(&self, model: &str, name: &str) -> Ran<'t> {
        self.swamp(&["data", "get", model, name])
    }

    /// `swamp data versions <model> <name>`
    pub fn data_versions(&self, model: &str, name: &str) -> Ran<'t> {
        self.swamp(&["data", "versions", model, name])
    }

    /// `swamp data query <predicate> <options>`
    pub fn data_query_with(&self, predicate: &str, options: &[&str]) -> Ran<'t> {
        self.swamp(&[&["data", "query", predicate], options].concat())
    }

    /// `swamp data query <predicate>`
    pub fn data_query(&self, predicate: &str) -> Ran<'t> {
        self.swamp(&["data", "query", predicate])
    }
}
