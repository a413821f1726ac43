//! `swamp workflow create`.

use serde_json::{Value, json};

use crate::errors::{Failure, Result};
use crate::session::Session;
use crate::workflow::Workflow;

/// Writes a new workflow, to be filled in.
pub fn run(name: &str, session: &mut Session) -> Result<()> {
    let repository = session.repository_with_catalog()?;
    if Workflow::find(&repository.dir, name)?.is_some() {
        return Err(Failure::refused(format!("Workflow already exists: {name}")));
    }
    let workflow = Workflow::generate(&repository.dir, name);
    workflow.save()?;
    let path = &workflow.path;
    let jobs = workflow.entries["jobs"].as_array().into_iter().flatten();
    let steps = |job: &Value| -> Vec<Value> {
        let steps = job["steps"].as_array().into_iter().flatten();
        let told = |step: &Value| {
            json!({
                "name": step["name"], "description": step["description"],
                "taskType": step["task"]["type"],
            })
        };
        steps.map(told).collect()
    };
    let jobs: Vec<Value> = jobs
        .map(|job| {
            json!({ "name": job["name"], "description": job["description"], "steps": steps(job) })
        })
        .collect();
    let result = json!({ "id": workflow.id, "name": name, "path": path, "jobs": jobs });
    session.output.result(&result, || {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut lines = vec![
            format!("Created: {name}"),
            format!("Path: {}", path.display()),
            String::new(),
            "Jobs:".to_owned(),
        ];
        for job in &jobs {
            let (name, about) = (text(&job["name"]), text(&job["description"]));
            lines.push(format!("  {name} - {about}"));
            lines.push("    Steps:".to_owned());
            for step in job["steps"].as_array().into_iter().flatten() {
                let [name, kind, about] =
                    ["name", "taskType", "description"].map(|key| text(&step[key]));
                lines.push(format!("      {name} ({kind}) - {about}"));
            }
        }
        lines.join("\n")
    })
}
