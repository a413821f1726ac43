//! What the `metadata.yaml` of a version of data says, as a type that knows all of its fields.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::forms::exact;
use crate::forms::reply::values::{Digest, Id, Time, present};

/// A `metadata.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub id: Id,
    pub name: String,
    pub version: u64,
    pub content_type: String,
    pub lifetime: String,
    pub garbage_collection: Value,
    pub streaming: bool,
    pub tags: Map<String, Value>,
    pub owner_definition: Owner,
    pub created_at: Time,
    /// Neither is said of what only says that the data has another name now.
    #[serde(default)]
    pub size: u64,
    #[serde(default)]
    pub checksum: Digest,
    #[serde(default, deserialize_with = "present")]
    lifecycle: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub renamed_to: Option<String>,
}

/// Who wrote it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Owner {
    pub owner_type: String,
    pub owner_ref: Id,
    #[serde(default, deserialize_with = "present")]
    pub workflow_id: Option<Id>,
    #[serde(default, deserialize_with = "present")]
    pub workflow_run_id: Option<Id>,
    #[serde(default, deserialize_with = "present")]
    pub workflow_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub job_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub step_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub source: Option<String>,
}

impl Metadata {
    /// That of the version in `dir`; none where there is no such file.
    pub fn read(dir: &Path) -> Result<Option<Rc<Self>>, String> {
        let path = dir.join("metadata.yaml");
        let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(told(&e)),
        };
        Self::parse(&text).map(Some).map_err(|e| told(&e))
    }

    /// Whether the data in `dir`, a name of a model, has another name now.
    pub fn is_renamed(dir: &Path) -> bool {
        let latest = fs::read_to_string(dir.join("latest")).unwrap_or_default();
        let newest = Self::read(&dir.join(latest.trim())).ok().flatten();
        newest.is_some_and(|newest| newest.renamed_to.is_some())
    }

    /// One of its tags.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.get(name).and_then(Value::as_str)
    }

    /// From the text of the file. The same few are asked for after every command, so that each is
    /// read once.
    pub fn parse(text: &str) -> Result<Rc<Self>, String> {
        const MOST: usize = 500;
        thread_local! {
            static READ: RefCell<HashMap<String, Rc<Metadata>>> = RefCell::default();
        }
        if let Some(known) = READ.with_borrow(|read| read.get(text).cloned()) {
            return Ok(known);
        }
        let it: Rc<Self> = Rc::new(exact::from_yaml(text)?);
        let renamed = it.renamed_to.is_some();
        let deleted = it.lifecycle.as_deref() == Some("deleted");
        if renamed != deleted || renamed != it.checksum.0.is_empty() {
            return Err("it is half of a renaming".to_owned());
        }
        READ.with_borrow_mut(|read| {
            if read.len() >= MOST {
                read.clear();
            }
            read.insert(text.to_owned(), Rc::clone(&it));
        });
        Ok(it)
    }
}
