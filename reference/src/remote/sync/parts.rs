//! The index in parts.

use serde_json::{Map, Value};

use super::super::bucket::{Answer, patiently};
use super::super::index::{Index, meta_document, part_document};
use super::Sync;

impl Sync<'_> {
    /// The entries of one part; none where there is no such part.
    pub(super) fn read_part(&self, part: &str) -> Answer<Option<Map<String, Value>>> {
        let key = self.part_key(part);
        match patiently(|| self.bucket.get(&key)) {
            Ok(object) => {
                let index = Index::parse(&String::from_utf8_lossy(&object.bytes))?;
                Ok(Some(index.entries))
            }
            Err(problem) if problem.is_missing() => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    pub(super) fn write_part(&self, part: &str, entries: &Map<String, Value>) -> Answer<()> {
        let (key, bytes) = (self.part_key(part), part_document(entries));
        patiently(|| self.bucket.put(&key, &bytes)).map(|_| ())
    }

    fn write_meta(&self, parts: &[String]) -> Answer<()> {
        let (key, bytes) = (self.meta_key(), meta_document(parts));
        patiently(|| self.bucket.put(&key, &bytes)).map(|_| ())
    }

    /// Writes the parts beside the whole index: these, or all. They are a copy: that one cannot be
    /// written does not matter.
    pub(super) fn write_parts(&mut self, only: &[String]) {
        let Some(index) = &self.index else {
            return;
        };
        let (parts, dropped) = index.parts();
        let skipped = (!dropped.is_empty()).then(|| {
            let (count, paths) = (dropped.len(), dropped.join(", "));
            format!(
                "{count} index entry/entries could not be partitioned and were skipped: {paths}"
            )
        });
        if let Some(skipped) = skipped {
            self.warn(&skipped);
        }
        if parts.is_empty() {
            return;
        }
        for (name, entries) in &parts {
            if only.is_empty() || only.contains(name) {
                let _ = self.write_part(name, entries);
            }
        }
        if self.read_meta().is_ok() {
            let parts: Vec<_> = parts.into_iter().map(|(name, _)| name).collect();
            let _ = self.write_meta(&parts);
        }
    }
}
