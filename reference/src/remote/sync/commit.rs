//! From the cache into the bucket in two steps: files without the lock, the index under it.

use serde_json::{Map, Value};

use super::super::bucket::{Answer, patiently};
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
        self.read_meta()?;
        self.read_index()?;
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
        self.read_meta()?;
        if manifest.changes() == 0 {
            self.commit_nothing()?;
            return Ok(0);
        }
        self.inform(
            "Index is using monolithic format. Run 'swamp datastore migrate-index' to enable shard-first commits for \
             improved concurrency.",
        );
        self.commit_whole(manifest)?;
        self.regress_after_push();
        Ok(manifest.changes())
    }

    fn commit_nothing(&mut self) -> Answer<()> {
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
}

fn apply(entries: &mut Map<String, Value>, manifest: &Manifest) {
    entries.extend(manifest.entries.iter().cloned());
    for path in &manifest.deleted {
        entries.shift_remove(path);
    }
}
