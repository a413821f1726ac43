//! The index: what lies in the bucket, one document for all, and the same in parts.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::keys;
use crate::files;
use crate::namespace::json_error;
use crate::problem::Problem;
use crate::time;

/// What is known of each object, by its path in the namespace, in the order in which they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// When it was last changed.
    pub last_pulled: String,
    /// The entries.
    pub entries: Map<String, Value>,
}

/// One part of it: its name and its entries.
pub type Part = (String, Map<String, Value>);

/// An entry for a file as it lies on the disk.
pub fn entry(path: &str, size: u64, modified: &str, local: Option<(&str, &str)>) -> Value {
    let mut entry = json!({ "key": path, "size": size, "lastModified": modified });
    if let Some((mtime, sha256)) = local {
        entry["localMtime"] = mtime.into();
        entry["sha256"] = sha256.into();
    }
    entry
}

impl Index {
    /// An index without entries.
    pub fn empty() -> Self {
        Self::with(Map::new())
    }

    /// An index of these entries, as of now.
    pub fn with(entries: Map<String, Value>) -> Self {
        Self {
            last_pulled: time::now(),
            entries,
        }
    }

    /// Reads the document.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let document = parse_json(text)?;
        let entries = document.get("entries").and_then(Value::as_object);
        let last_pulled = document.get("lastPulled").and_then(Value::as_str);
        Ok(Self {
            last_pulled: last_pulled.unwrap_or_default().to_owned(),
            entries: entries.cloned().unwrap_or_default(),
        })
    }

    fn document(&self) -> Value {
        json!({ "version": 1, "lastPulled": self.last_pulled, "entries": self.entries })
    }

    /// The document as it is uploaded.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.document().to_string().into_bytes()
    }

    /// Writes the document into the cache.
    pub fn write(&self, path: &Path) -> Result<(), Problem> {
        files::write_atomically(path, &format!("{:#}", self.document())).map_err(Problem::from)
    }

    /// Drops entries that should not be there; says whether there were any.
    pub fn scrub(&mut self) -> bool {
        let before = self.entries.len();
        self.entries.retain(|path, _| !keys::is_internal(path));
        self.entries.len() != before
    }

    /// The entries by the part that they are in, and the paths that are in none.
    pub fn parts(&self) -> (Vec<Part>, Vec<String>) {
        let mut parts: Vec<Part> = Vec::new();
        let mut dropped = Vec::new();
        for (path, entry) in &self.entries {
            let Some(key) = keys::partition(path) else {
                dropped.push(path.clone());
                continue;
            };
            let at = parts.iter().position(|(name, _)| *name == key);
            let at = at.unwrap_or_else(|| {
                parts.push((key, Map::new()));
                parts.len() - 1
            });
            parts[at].1.insert(path.clone(), entry.clone());
        }
        (parts, dropped)
    }
}

/// The document of one part.
pub fn part_document(entries: &Map<String, Value>) -> Vec<u8> {
    json!({ "version": 1, "entries": entries })
        .to_string()
        .into_bytes()
}

/// The list of the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The names of the parts.
    pub parts: Vec<String>,
    /// How often it was changed, where the parts are what counts; none where the whole document does.
    pub sequence: Option<u64>,
}

impl Meta {
    /// Reads the document; none where it is of no known version.
    pub fn parse(text: &str) -> Result<Option<Self>, Problem> {
        let document = parse_json(text)?;
        let Some(parts) = document.get("partitions").and_then(Value::as_array) else {
            return Ok(None);
        };
        let parts = parts.iter().filter_map(Value::as_str).map(str::to_owned);
        let sequence = match document.get("version").and_then(Value::as_u64) {
            Some(1) => None,
            Some(2) => Some(
                document
                    .get("commitSeq")
                    .and_then(Value::as_u64)
                    .unwrap_or(0),
            ),
            _ => return Ok(None),
        };
        Ok(Some(Self {
            parts: parts.collect(),
            sequence,
        }))
    }

    /// The document.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self.sequence {
            None => json!({ "version": 1, "partitions": self.parts }),
            Some(sequence) => {
                json!({ "version": 2, "partitions": self.parts, "commitSeq": sequence })
            }
        }
        .to_string()
        .into_bytes()
    }
}

/// Reads JSON; a text that is none is a problem in swamp's words.
pub fn parse_json(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|_| Problem {
        name: "SyntaxError".to_owned(),
        ..Problem::of(json_error::message(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::empty();
        index.last_pulled = "T".to_owned();
        for path in [
            "data/t/t/m/log/1/raw",
            "data/t/t/m/log/latest",
            ".catalog-export.json",
            "data/extra.txt",
            "data/t/t/m/log/1/metadata.yaml",
        ] {
            let entry = entry(path, 1, "T", Some(("M", "S")));
            index.entries.insert(path.to_owned(), entry);
        }
        index
    }

    #[test]
    fn the_document_is_compact_and_keeps_its_order() {
        let mut index = index();
        index.entries.retain(|path, _| path.ends_with("latest"));
        let text = String::from_utf8(index.to_bytes()).expect("UTF-8");
        assert_eq!(
            text,
            r#"{"version":1,"lastPulled":"T","entries":{"data/t/t/m/log/latest":{"key":"data/t/t/m/log/latest","size":1,"lastModified":"T","localMtime":"M","sha256":"S"}}}"#
        );
        assert_eq!(Index::parse(&text), Ok(index));
    }

    #[test]
    fn parts_come_in_the_order_of_the_entries() {
        let index = index();
        let (parts, dropped) = index.parts();
        let names: Vec<_> = parts
            .iter()
            .map(|(name, entries)| (name.as_str(), entries.len()))
            .collect();
        assert_eq!(
            names,
            [("data--t--t--m", 2), ("data--t--t", 1), ("_root", 1)]
        );
        assert_eq!(dropped, ["data/extra.txt"]);
    }

    #[test]
    fn the_list_of_parts_has_two_versions() {
        let parts = vec!["b".to_owned(), "a".to_owned()];
        for (sequence, text) in [
            (None, r#"{"version":1,"partitions":["b","a"]}"#),
            (
                Some(3),
                r#"{"version":2,"partitions":["b","a"],"commitSeq":3}"#,
            ),
        ] {
            let meta = Meta {
                parts: parts.clone(),
                sequence,
            };
            assert_eq!(String::from_utf8(meta.to_bytes()).as_deref(), Ok(text));
            assert_eq!(Meta::parse(text), Ok(Some(meta)));
        }
        assert_eq!(Meta::parse(r#"{"version":3,"partitions":[]}"#), Ok(None));
        assert!(Meta::parse("nope").is_err());
    }

    #[test]
    fn internal_entries_are_scrubbed() {
        let mut index = index();
        assert!(!index.scrub());
        index
            .entries
            .insert(".datastore-index.json".into(), Value::Null);
        assert!(index.scrub() && !index.scrub());
    }
}
