//! Taking data at the root of the bucket, from before there was a namespace, into the namespace.

use jiff::Timestamp;

use super::super::bucket::{Answer, Listed, patiently};
use super::super::index::{self, Index};
use super::super::keys::{self, INDEX};
use super::Sync;
use crate::cloud::Cloud;
use crate::quirks::Quirk;
use crate::time;

impl Sync<'_> {
    /// Whether the root has to be looked at: it was not yet, as far as is remembered.
    pub(super) fn may_take_over(&self) -> bool {
        self.key_namespace.is_some() && !self.sidecar.data_key_migrated
    }

    /// Takes over what there is and remembers that it was done. Gives how much was copied, and how
    /// much there was.
    pub(super) fn take_over_once(&mut self) -> Answer<(usize, usize)> {
        let (copied, all) = if self.quirks.on(Quirk::MigratesSoloRepoIntoNamespace) {
            self.take_over()?
        } else {
            (0, 0)
        };
        if self.quirks.on(Quirk::StrandedPush) {
            // Forgets what is still to be pushed.
            self.sidecar.local_dirty = false;
        }
        self.sidecar.sequence = None;
        self.sidecar.data_key_migrated |= copied == all;
        let _ = self.write_sidecar();
        Ok((copied, all))
    }

    fn take_over(&mut self) -> Answer<(usize, usize)> {
        let Some(own) = self.key_namespace.clone() else {
            return Ok((0, 0));
        };
        match self.bucket.head(&self.index_key()) {
            Ok(Some(_)) => {}
            Err(problem) if self.cloud() == Cloud::Gcs => return Err(problem),
            _ => return Ok((0, 0)),
        }
        let root = self.bucket.get(INDEX).ok();
        let root =
            root.and_then(|object| Index::parse(&String::from_utf8_lossy(&object.bytes)).ok());
        let known: Vec<String> = root
            .map(|index| index.entries.keys().cloned().collect())
            .unwrap_or_default();
        let listing = self.bucket.list("")?;
        let mut others = keys::namespaces(&listing);
        others.retain(|name| *name != own);
        if !others.is_empty() {
            self.warn(&format!(
                "Excluded {} foreign namespace(s) from migration: {}",
                others.len(),
                others.join(", ")
            ));
        }
        let wanted: Vec<Listed> = listing
            .into_iter()
            .filter(|object| keys::is_taken_over(&object.key, &own, &others, &known))
            .collect();
        if wanted.is_empty() {
            return Ok((0, 0));
        }
        let all = wanted.len();
        self.inform(&format!(
            "Migrating {all} object(s) to namespace \"{own}\" (server-side copy, no re-upload)..."
        ));
        let copied: Vec<Listed> = wanted
            .into_iter()
            .filter(|object| {
                let target = self.data_key(&object.key);
                patiently(|| self.bucket.copy(&object.key, &target)).is_ok()
            })
            .collect();
        if copied.is_empty() {
            return Ok((0, all));
        }
        if copied.len() < all {
            let failed = all - copied.len();
            self.warn(&format!(
                "{failed} object(s) failed to copy — originals preserved, will retry next sync"
            ));
        }
        self.record_takeover(&copied)?;
        for object in &copied {
            let _ = patiently(|| self.bucket.delete(&object.key, None));
        }
        self.inform(&format!(
            "Migration complete: {}/{all} object(s) moved to \"{own}/\"",
            copied.len()
        ));
        Ok((copied.len(), all))
    }

    fn record_takeover(&mut self, copied: &[Listed]) -> Answer<()> {
        let Some(index) = &mut self.index else {
            return Ok(());
        };
        for object in copied {
            let modified = object.modified.unwrap_or_else(Timestamp::now);
            let entry = index::entry(&object.key, object.size, &time::iso(modified), None);
            index.entries.insert(object.key.clone(), entry);
        }
        index.last_pulled = time::now();
        let (bytes, key) = (index.to_bytes(), self.index_key());
        patiently(|| self.bucket.put(&key, &bytes))?;
        self.write_local_index()?;
        let _ = self.bucket.delete(&self.meta_key(), None);
        Ok(())
    }
}
