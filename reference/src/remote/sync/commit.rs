//! From the cache into the bucket in two steps: files without the lock, the index under it.

use serde_json::{Map, Value};

use super::super::bucket::{Answer, patiently};
use super::super::index::{Index, Meta};
use super::super::keys;
use super::Sync;
use crate::time;

/// What the first step has done.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    entries: Vec<(String, Value)>,
    deleted: Vec<String>,
    parts: Vec<String>,
}

impl Manifest {
    fn changes(&self) -> usize {
        self.entries.len() + self.deleted.len()
    }
}

impl Sync<'_> {
    /// Uploads what was changed, and removes what was removed.
    pub fn prepare(&mut self) -> Answer<Manifest> {
        self.bucket.preflight()?;
        let takes_over = self.may_take_over();
        if !takes_over && self.nothing_to_push()? || self.pushes_no_more() {
            return Ok(Manifest::default());
        }
        if self.assemble_index()?.is_none() {
            self.read_index()?;
        }
        if takes_over {
            let (_, all) = self.take_over_once()?;
            if all > 0 {
                return Ok(Manifest::default());
            }
        }
        let plan = self.plan();
        let entries = self.upload(&plan.upload)?;
        self.delete(&plan.delete)?;
        Ok(Manifest {
            parts: plan.parts(),
            entries,
            deleted: plan.delete,
        })
    }

    /// Records that in the index, and gives the number of changes.
    pub fn commit(&mut self, manifest: &Manifest) -> Answer<usize> {
        let meta = self.read_meta()?;
        if manifest.changes() == 0 {
            self.commit_nothing(meta)?;
            return Ok(0);
        }
        if let Some(Meta {
            parts,
            sequence: Some(sequence),
        }) = meta
        {
            self.commit_parts(manifest, parts, sequence)?;
        } else {
            self.inform(
                "Index is using monolithic format. Run 'swamp datastore migrate-index' to enable shard-first commits \
                 for improved concurrency.",
            );
            self.commit_whole(manifest)?;
        }
        self.regress_after_push();
        Ok(manifest.changes())
    }

    fn commit_nothing(&mut self, meta: Option<Meta>) -> Answer<()> {
        if let Some(Meta {
            sequence: Some(sequence),
            ..
        }) = meta
        {
            if self.has_everything() {
                let _ = self.mark_synced_by_sequence(sequence, true);
            }
            return Ok(());
        }
        if let Some(version) = self.read_index()?
            && self.has_everything()
        {
            let _ = self.mark_synced(&version);
        }
        Ok(())
    }

    fn commit_whole(&mut self, manifest: &Manifest) -> Answer<()> {
        self.read_index()?;
        let Some(index) = &mut self.index else {
            return Ok(());
        };
        apply(&mut index.entries, manifest);
        index.last_pulled = time::now();
        let (bytes, key) = (index.to_bytes(), self.index_key());
        let version = patiently(|| self.bucket.put(&key, &bytes))?;
        self.write_local_index()?;
        self.index_mutated = false;
        self.write_parts(&manifest.parts);
        if let Some(version) = version
            && self.has_everything()
        {
            let _ = self.mark_synced(&version);
        }
        Ok(())
    }

    fn commit_parts(
        &mut self,
        manifest: &Manifest,
        mut parts: Vec<String>,
        sequence: u64,
    ) -> Answer<()> {
        for part in &manifest.parts {
            let mut entries = self.read_part(part)?.unwrap_or_default();
            let of_part = Manifest {
                entries: manifest
                    .entries
                    .iter()
                    .filter(|(path, _)| keys::partition(path).as_ref() == Some(part))
                    .cloned()
                    .collect(),
                ..manifest.clone()
            };
            apply(&mut entries, &of_part);
            parts.retain(|name| name != part);
            if entries.is_empty() {
                let key = self.part_key(part);
                let _ = patiently(|| self.bucket.delete(&key, None));
            } else {
                self.write_part(part, &entries)?;
                parts.push(part.clone());
            }
        }
        parts.sort();
        let sequence = sequence + 1;
        self.write_meta(&Meta {
            parts,
            sequence: Some(sequence),
        })?;
        let index = self.index.get_or_insert_with(Index::empty);
        apply(&mut index.entries, manifest);
        index.last_pulled = time::now();
        let _ = self.write_local_index();
        self.index_mutated = false;
        if self.has_everything() {
            let _ = self.mark_synced_by_sequence(sequence, false);
        }
        Ok(())
    }
}

fn apply(entries: &mut Map<String, Value>, manifest: &Manifest) {
    entries.extend(manifest.entries.iter().cloned());
    for path in &manifest.deleted {
        entries.shift_remove(path);
    }
}
