//! The commands that write, list and query data, on a repo handle.

use crate::ran::Ran;
use crate::repo::Repo;

impl<'t> Repo<'t> {
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

    /// `swamp model evaluate <model>`
    pub fn model_evaluate(&self, model: &str) -> Ran<'t> {
        self.swamp(&["model", "evaluate", model])
    }

    /// `swamp workflow run <workflow> --skip-reports`
    pub fn workflow_run(&self, workflow: &str) -> Ran<'t> {
        self.swamp(&["workflow", "run", workflow, "--skip-reports"])
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

    /// `swamp data query <predicate>`
    pub fn data_query(&self, predicate: &str) -> Ran<'t> {
        self.swamp(&["data", "query", predicate])
    }
}
