//! The index in parts.

use serde_json::{Map, Value};

use super::super::bucket::{Answer, patiently};
use super::super::index::{Index, Meta, part_document};
use super::super::problem::Problem;
use super::Sync;
use crate::files;

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

    pub(super) fn write_meta(&self, meta: &Meta) -> Answer<()> {
        let (key, bytes) = (self.meta_key(), meta.to_bytes());
        patiently(|| self.bucket.put(&key, &bytes)).map(|_| ())
    }

    /// Puts the index together from its parts, where those are what counts; gives the number of their last change.
    pub(super) fn assemble_index(&mut self) -> Answer<Option<u64>> {
        let Some(Meta {
            parts,
            sequence: Some(sequence),
        }) = self.read_meta()?
        else {
            return Ok(None);
        };
        let prefix = self.cloud().log_prefix();
        let mut index = Index::empty();
        for part in parts {
            let entries = self.read_part(&part).map_err(|problem| {
                Problem::of(format!(
                    "{prefix} Failed to read shard {part} after retries: {}",
                    problem.message
                ))
            })?;
            let entries = entries.ok_or_else(|| {
                Problem::of(format!(
                    "{prefix} Shard {part} listed in _meta.json v2 but missing from {} — index is corrupt. Run 'swamp \
                     datastore migrate-index' to rebuild.",
                    self.cloud().name()
                ))
            })?;
            index.entries.extend(entries);
        }
        index.scrub();
        files::ensure_dir(&self.cache)?;
        index.write(&self.index_path())?;
        self.index = Some(index);
        Ok(Some(sequence))
    }

    /// Writes the parts beside the whole index: these, or all. They are a copy: that one cannot be written does not
    /// matter.
    pub(super) fn write_parts(&mut self, only: &[String]) {
        let Some(index) = &self.index else {
            return;
        };
        let (parts, dropped) = index.parts();
        self.warn_of_dropped(&dropped);
        if parts.is_empty() {
            return;
        }
        for (name, entries) in &parts {
            if only.is_empty() || only.contains(name) {
                let _ = self.write_part(name, entries);
            }
        }
        if let Ok(meta) = self.read_meta()
            && meta.is_none_or(|meta| meta.sequence.is_none())
        {
            let parts = parts.into_iter().map(|(name, _)| name).collect();
            let _ = self.write_meta(&Meta {
                parts,
                sequence: None,
            });
        }
    }

    pub(super) fn warn_of_dropped(&mut self, dropped: &[String]) {
        const SHOWN: usize = 5;
        if dropped.is_empty() {
            return;
        }
        let more = match dropped.len() {
            0..=SHOWN => String::new(),
            all => format!(" (and {} more)", all - SHOWN),
        };
        let shown: Vec<&str> = dropped.iter().take(SHOWN).map(String::as_str).collect();
        self.warn(&format!(
            "{} index entry/entries could not be partitioned and were skipped: {}{more}",
            dropped.len(),
            shown.join(", ")
        ));
    }

    /// Makes the parts what counts.
    pub fn migrate_index(&mut self) -> Answer<Meta> {
        self.read_index()?;
        let index = self.index.take().unwrap_or_else(Index::empty);
        let all = index.entries.len();
        if all == 0 {
            return self.recover_meta();
        }
        let (parts, dropped) = index.parts();
        self.warn_of_dropped(&dropped);
        if !dropped.is_empty() {
            let shown: Vec<&str> = dropped.iter().take(10).map(String::as_str).collect();
            return Err(Problem::of(format!(
                "{} Migration aborted: {all} index entries but only {} could be partitioned. {} entry/entries dropped: {}",
                self.cloud().log_prefix(),
                all - dropped.len(),
                dropped.len(),
                shown.join(", ")
            )));
        }
        self.inform(&format!(
            "Migrating monolithic index to shard-first: {all} entries → {} shard(s)",
            parts.len()
        ));
        let start = std::time::Instant::now();
        for (name, entries) in &parts {
            self.write_part(name, entries)?;
        }
        let mut names: Vec<String> = parts.into_iter().map(|(name, _)| name).collect();
        names.sort();
        let meta = Meta {
            parts: names,
            sequence: Some(1),
        };
        self.write_meta(&meta)?;
        self.inform(&format!(
            "Migration complete: {} shard(s) written, _meta.json v2 with commitSeq=1 ({}ms)",
            meta.parts.len(),
            start.elapsed().as_millis()
        ));
        Ok(meta)
    }

    fn recover_meta(&mut self) -> Answer<Meta> {
        let prefix = self.part_key("");
        let prefix = prefix.trim_end_matches(".json");
        let listing = self.bucket.list(prefix)?;
        let names = listing
            .iter()
            .filter_map(|object| object.key.strip_prefix(prefix)?.strip_suffix(".json"));
        let mut parts: Vec<String> = names
            .filter(|name| *name != "_meta")
            .map(str::to_owned)
            .collect();
        parts.sort();
        let meta = Meta {
            parts,
            sequence: Some(1),
        };
        self.write_meta(&meta)?;
        self.warn(&format!(
            "Rebuilt _meta.json from _index/ listing: {} shard(s)",
            meta.parts.len()
        ));
        Ok(meta)
    }
}
