//! `.catalog-export.json`: the catalog of a namespace, for others.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::keys::EXPORT;
use crate::catalog::{Catalog, Row};
use crate::errors::{Failure, Result};

/// Writes the rows of a namespace into the cache and gives their number.
pub fn write(catalog: &Catalog, cache: &Path, namespace: &str) -> Result<usize> {
    let rows = catalog.rows()?.into_iter();
    let own: Vec<Value> = rows
        .filter(|row| row.namespace == namespace)
        .map(|row| to_value(&row))
        .collect();
    let path = cache.join(namespace).join(EXPORT);
    let count = own.len();
    let text = format!("{:#}\n", Value::Array(own));
    fs::write(&path, text).map_err(|error| Failure::io(&path, &error))?;
    Ok(count)
}

fn to_value(row: &Row) -> Value {
    json!({
        "namespace": row.namespace,
        "type_normalized": row.model_type,
        "model_id": row.model_id,
        "data_name": row.name,
        "id": row.id,
        "version": row.version,
        "is_latest": u8::from(row.is_latest),
        "model_name": row.model_name,
        "spec_name": row.spec_name,
        "data_type": row.data_type,
        "content_type": row.content_type,
        "lifetime": row.lifetime,
        "owner_type": row.owner_type,
        "streaming": u8::from(row.streaming),
        "size": row.size,
        "created_at": row.created_at,
        "tags": row.tags,
        "owner_ref": row.owner_ref,
        "workflow_run_id": row.workflow_run_id,
        "workflow_name": row.workflow_name,
        "job_name": row.job_name,
        "step_name": row.step_name,
        "source": row.source,
    })
}

/// Reads the rows of an export; none where it is no list.
pub fn parse(bytes: &[u8]) -> Option<Vec<Row>> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let rows = document.as_array()?;
    Some(rows.iter().filter_map(Value::as_object).map(row).collect())
}

fn row(entries: &Map<String, Value>) -> Row {
    let text = |name: &str| {
        let value = entries.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let number = |name: &str| {
        entries
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    Row {
        namespace: text("namespace"),
        model_type: text("type_normalized"),
        model_id: text("model_id"),
        name: text("data_name"),
        id: text("id"),
        version: number("version"),
        is_latest: number("is_latest") == 1,
        model_name: text("model_name"),
        spec_name: text("spec_name"),
        data_type: text("data_type"),
        content_type: text("content_type"),
        lifetime: text("lifetime"),
        owner_type: text("owner_type"),
        streaming: number("streaming") == 1,
        size: number("size"),
        created_at: text("created_at"),
        tags: text("tags"),
        owner_ref: text("owner_ref"),
        workflow_run_id: text("workflow_run_id"),
        workflow_name: text("workflow_name"),
        job_name: text("job_name"),
        step_name: text("step_name"),
        source: text("source"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_own_rows_alone_are() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut catalog = Catalog::open(dir.path()).expect("a catalog");
        let own = Row {
            namespace: "infra".into(),
            name: "log".into(),
            version: 2,
            is_latest: true,
            tags: "{}".into(),
            ..Row::default()
        };
        let foreign = Row {
            namespace: "security".into(),
            ..own.clone()
        };
        catalog.put_all(&[foreign, own.clone()]).expect("a write");
        assert!(write(&catalog, dir.path(), "infra").is_err());
        fs::create_dir(dir.path().join("infra")).expect("a directory");
        assert_eq!(write(&catalog, dir.path(), "infra"), Ok(1));
        let bytes = fs::read(dir.path().join("infra").join(EXPORT)).expect("the export");
        assert_eq!(parse(&bytes), Some(vec![own]));
        assert!(bytes.starts_with(b"[\n  {\n    \"namespace\": \"infra\","));
        assert_eq!(write(&catalog, dir.path(), "infra2").ok(), None);
        fs::create_dir(dir.path().join("none")).expect("a directory");
        assert_eq!(write(&catalog, dir.path(), "none"), Ok(0));
        let empty = fs::read(dir.path().join("none").join(EXPORT)).expect("the export");
        assert_eq!(empty, b"[]\n");
        assert_eq!(parse(b"{}"), None);
    }
}
