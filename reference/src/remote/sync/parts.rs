//! The index in parts. They are a copy of it, until somebody makes them what counts.

use std::time::Instant;

use serde_json::{Map, Value};

use super::super::bucket::{Answer, patiently};
use super::super::index::{Index, Meta, part_document};
use super::Sync;
use crate::files;
use crate::problem::Problem;
use crate::quirks::Quirk;

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

    /// Puts the index together from its parts, where those are what counts; gives the number of
    /// their last change.
    pub(super) fn assemble_index(&mut self) -> Answer<Option<u64>> {
        let Some(meta) = self.read_meta()? else {
            return Ok(None);
        };
        let Some(sequence) = meta.sequence else {
            return Ok(None);
        };
        let prefix = self.cloud().log_prefix();
        let mut index = Index::empty();
        for part in meta.parts {
            let entries = self.read_part(&part).map_err(|problem| {
                let why = problem.message;
                Problem::of(format!(
                    "{prefix} Failed to read shard {part} after retries: {why}"
                ))
            })?;
            let entries = entries.ok_or_else(|| {
                let cloud = self.cloud().name();
                Problem::of(format!(
                    "{prefix} Shard {part} listed in _meta.json v2 but missing from {cloud} — index is corrupt. Run \
                     'swamp datastore migrate-index' to rebuild."
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

    /// Writes the parts beside the whole index: these, or all. They are a copy: that one cannot be
    /// written does not matter.
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
        if !dropped.is_empty() {
            let (count, paths) = (dropped.len(), dropped.join(", "));
            self.warn(&format!(
                "{count} index entry/entries could not be partitioned and were skipped: {paths}"
            ));
        }
    }

    /// Makes the parts what counts. By the quirk this begins with the whole index, even where that
    /// has not counted for long.
    pub fn migrate_index(&mut self) -> Answer<Meta> {
        if !self.quirks.on(Quirk::MigrateIndexStartsOver)
            && let Some(meta) = self.read_meta()?
            && meta.sequence.is_some()
        {
            return Ok(meta);
        }
        self.read_index()?;
        let index = self.index.take().unwrap_or_else(Index::empty);
        let all = index.entries.len();
        let (parts, dropped) = index.parts();
        if all == 0 || !dropped.is_empty() {
            return Err(Problem::of(format!(
                "{} an index of {all} entries, of which {} are in no part: not implemented by the reference yet",
                self.cloud().log_prefix(),
                dropped.len()
            )));
        }
        let count = parts.len();
        self.inform(&format!(
            "Migrating monolithic index to shard-first: {all} entries → {count} shard(s)"
        ));
        let start = Instant::now();
        for (name, entries) in &parts {
            self.write_part(name, entries)?;
        }
        let mut parts: Vec<String> = parts.into_iter().map(|(name, _)| name).collect();
        parts.sort();
        let meta = Meta {
            parts,
            sequence: Some(1),
        };
        self.write_meta(&meta)?;
        self.inform(&format!(
            "Migration complete: {count} shard(s) written, _meta.json v2 with commitSeq=1 ({}ms)",
            start.elapsed().as_millis()
        ));
        Ok(meta)
    }
}
