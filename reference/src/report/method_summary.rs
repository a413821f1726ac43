//! The report of a method's run: what it was given, and what it wrote.

use serde_json::{Map, Value, json};

use super::Made;
use crate::data::Metadata;
use crate::model::definition::Definition;

/// Its name.
pub const NAME: &str = "@swamp/method-summary";

/// The summary of a run that succeeded. Swamp also says which commit it was built from, and what the
/// type of the model has to write; no golden shows either.
pub fn of(definition: &Definition, method: &str, stored: &[Metadata]) -> Made {
    let (name, model_type) = (definition.name(), definition.model_type());
    let command = |data: &Metadata| {
        format!(
            "swamp data get {name} {} --version {}",
            data.name, data.version
        )
    };
    let kinds = ["resource", "file"].map(|kind| {
        let of_kind = stored.iter().filter(|data| data.tag("type") == kind);
        let names: Vec<&str> = of_kind.map(|data| data.name.as_str()).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        format!("{} {kind}{plural} ({})", names.len(), names.join(", "))
    });
    let narrative = format!(
        "{method} on {name} ({model_type}) succeeded, producing {}.",
        kinds.join(", ")
    );
    let arguments = definition.method_arguments(method);
    let rows: Vec<String> = stored
        .iter()
        .map(|data| {
            format!(
                "| **{}** | {} | `{}` |",
                data.name,
                data.tag("type"),
                command(data)
            )
        })
        .collect();
    let markdown = [
        format!("# {name} ({model_type}) → {method}: succeeded"),
        narrative.clone(),
        "## Arguments".to_owned(),
        given(&arguments),
        "## Data Output".to_owned(),
        format!(
            "| Name | Kind | Retrieval Command |\n| ---- | ---- | ----------------- |\n{}",
            rows.join("\n")
        ),
    ]
    .join("\n\n");
    let produced: Value = stored
        .iter()
        .map(|data| {
            json!({
                "name": data.name, "kind": data.tag("type"), "specName": data.tag("specName"),
                "version": data.version, "retrievalCommand": command(data),
            })
        })
        .collect();
    let json = json!({
        "status": "succeeded", "modelId": definition.id(), "modelName": name, "modelType": model_type,
        "methodName": method, "narrative": narrative, "globalArgs": definition.global_arguments(),
        "methodArgs": arguments, "dataProduced": produced,
    });
    Made {
        name: NAME,
        scope: "method",
        markdown,
        json,
    }
}

fn given(arguments: &Map<String, Value>) -> String {
    let text = format!("{:#}", Value::Object(arguments.clone()));
    format!("**Method Arguments**\n\n```json\n{text}\n```")
}
