//! The decisions of a sync: what to download, what to upload, what to remove.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::keys;
use crate::data::store::checksum;
use crate::time;

/// A file on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Its size.
    pub size: u64,
    /// When it was written, as an ISO time.
    pub mtime: String,
}

impl Local {
    /// What is known of a file; none where there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let since = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let milliseconds = i64::try_from(since.as_millis()).ok()?;
        Some(Self {
            size: found.len(),
            mtime: time::iso(Timestamp::from_millisecond(milliseconds).ok()?),
        })
    }
}

/// Whether a file has to be downloaded. By size alone, a change from one digit to another goes
/// unseen; with `by_content`, `hash` is compared too.
pub fn needs_pull(
    entry: &Value,
    local: Option<&Local>,
    by_content: bool,
    hash: impl FnOnce() -> Option<String>,
) -> bool {
    let Some(local) = local else {
        return true;
    };
    if entry.get("size").and_then(Value::as_u64) != Some(local.size) {
        return true;
    }
    let recorded = entry.get("sha256").and_then(Value::as_str);
    by_content && recorded.is_some_and(|recorded| hash().as_deref() != Some(recorded))
}

/// Whether a file has to be uploaded: there is no entry for it, or one for something else.
pub fn needs_push(
    entry: Option<&Value>,
    local: &Local,
    hash: impl FnOnce() -> Option<String>,
) -> bool {
    let Some(entry) = entry else {
        return true;
    };
    if entry.get("size").and_then(Value::as_u64) != Some(local.size) {
        return true;
    }
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    match (text("sha256"), text("localMtime")) {
        (Some(recorded), _) => hash().as_deref() != Some(recorded),
        // An object that was copied within the bucket: nobody knows better.
        (None, None) => false,
        (None, Some(mtime)) => mtime != local.mtime,
    }
}

/// The entries that have to go as what they were for is gone from the disk: `dirty` itself and what
/// was below it, apart from the files that are still `there`.
pub fn gone(entries: &Map<String, Value>, dirty: &str, there: &BTreeSet<String>) -> Vec<String> {
    let below = format!("{}/", dirty.trim_end_matches('/'));
    let concerned = entries.keys().filter(|path| {
        !keys::is_internal(path) && (path.as_str() == dirty || path.starts_with(&below))
    });
    concerned
        .filter(|path| !there.contains(*path))
        .cloned()
        .collect()
}

/// The SHA-256 of a file.
pub fn hash_of(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| checksum(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn local(size: u64, mtime: &str) -> Local {
        Local {
            size,
            mtime: mtime.to_owned(),
        }
    }

    fn hash(text: &'static str) -> impl FnOnce() -> Option<String> {
        move || Some(text.to_owned())
    }

    #[test]
    fn a_download_goes_by_size_or_by_content() {
        let entry = json!({ "size": 1, "sha256": "two" });
        let here = local(1, "T");
        assert!(needs_pull(&entry, None, false, hash("one")));
        assert!(needs_pull(&entry, Some(&local(2, "T")), false, hash("two")));
        assert!(!needs_pull(&entry, Some(&here), false, hash("one")));
        assert!(needs_pull(&entry, Some(&here), true, hash("one")));
        assert!(!needs_pull(&entry, Some(&here), true, hash("two")));
        assert!(!needs_pull(
            &json!({ "size": 1 }),
            Some(&here),
            true,
            hash("one")
        ));
    }

    #[test]
    fn an_upload_goes_by_size_then_content_then_time() {
        let here = local(1, "T");
        let push = |entry: Value| needs_push(Some(&entry), &here, hash("mine"));
        assert!(needs_push(None, &here, hash("mine")));
        assert!(push(json!({ "size": 2, "sha256": "mine" })));
        assert!(push(
            json!({ "size": 1, "sha256": "other", "localMtime": "T" })
        ));
        assert!(!push(
            json!({ "size": 1, "sha256": "mine", "localMtime": "U" })
        ));
        assert!(!push(json!({ "size": 1 })));
        assert!(!push(json!({ "size": 1, "localMtime": "T" })));
        assert!(push(json!({ "size": 1, "localMtime": "U" })));
    }

    #[test]
    fn only_what_was_below_the_changed_place_goes() {
        let paths = [
            "a/log/1/raw",
            "a/log/latest",
            "a/log2/1/raw",
            "a/log",
            "_index/x",
        ];
        let entries: Map<String, Value> = paths
            .iter()
            .map(|path| ((*path).to_owned(), Value::Null))
            .collect();
        let there = BTreeSet::from(["a/log/latest".to_owned()]);
        assert_eq!(gone(&entries, "a/log", &there), ["a/log/1/raw", "a/log"]);
        assert!(gone(&entries, "b", &there).is_empty());
    }
}
