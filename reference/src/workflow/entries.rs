//! A workflow as swamp writes it.

use serde_json::{Value, json};

/// Puts the entries in swamp's order and adds what it adds.
pub fn complete(workflow: &mut Value) {
    let last = |entries: &mut Value, keys: &[(&str, Value)]| {
        let Value::Object(entries) = entries else {
            return;
        };
        for (key, default) in keys {
            let value = entries
                .shift_remove(*key)
                .unwrap_or_else(|| default.clone());
            entries.insert((*key).to_owned(), value);
        }
    };
    let list = |value: &mut Value, key: &str| match value.get_mut(key) {
        Some(Value::Array(items)) => std::mem::take(items),
        _ => Vec::new(),
    };
    let mut jobs = list(workflow, "jobs");
    for job in &mut jobs {
        let mut steps = list(job, "steps");
        for step in &mut steps {
            let defaults = [
                ("dependsOn", json!([])),
                ("weight", 0.into()),
                ("allowFailure", false.into()),
            ];
            last(step, &defaults);
        }
        let defaults = [
            ("steps", steps.into()),
            ("dependsOn", json!([])),
            ("weight", 0.into()),
        ];
        if let Value::Object(job) = job {
            job.shift_remove("steps");
        }
        last(job, &defaults);
    }
    if let Value::Object(workflow) = workflow {
        workflow.shift_remove("jobs");
    }
    let defaults = [
        ("tags", json!({})),
        ("jobs", jobs.into()),
        ("version", 1.into()),
    ];
    last(workflow, &defaults);
}
