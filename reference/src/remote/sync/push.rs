//! From the cache into the bucket, in one go.

use std::fs;

use jiff::Timestamp;

use super::super::bucket::{Answer, patiently, patiently_after};
use super::super::index::{self, Meta};
use super::super::keys;
use super::super::rules::Local;
use super::plan::Plan;
use super::{Sync, batch_failure};
use crate::data::store::checksum;
use crate::faults::Fault;
use crate::namespace::manifest;
use crate::problem::Problem;
use crate::time;

/// How many files are uploaded side by side at most.
const AT_ONCE: usize = 10;

impl Sync<'_> {
    /// Uploads what was changed in the cache, removes what was removed there, and gives the number
    /// of both.
    pub fn push(&mut self) -> Answer<usize> {
        self.bucket.preflight()?;
        let takes_over = self.may_take_over();
        if !takes_over && self.nothing_to_push()? || self.pushes_no_more() {
            return Ok(0);
        }
        let sequence = self.assemble_index()?;
        let version = match sequence {
            Some(_) => None,
            None => self.read_index()?,
        };
        if takes_over {
            let (copied, _) = self.take_over_once()?;
            if copied > 0 {
                return Ok(copied);
            }
        }
        let plan = self.plan();
        if !plan.upload.is_empty() {
            self.mark_dirty(None)?;
        }
        let entries = self.upload(&plan.upload)?;
        if let Some(index) = &mut self.index {
            index.entries.extend(entries);
        }
        self.delete(&plan.delete)?;
        if let Some(index) = &mut self.index {
            for path in &plan.delete {
                index.entries.shift_remove(path);
            }
        }
        let changes = plan.upload.len() + plan.delete.len();
        let mutated = changes > 0 || self.index_mutated;
        match (sequence, version) {
            (Some(sequence), _) => self.record_in_parts(sequence, mutated, &plan)?,
            (None, _) if mutated => self.record(changes > 0, &plan)?,
            (None, Some(version)) if self.has_everything() => {
                let _ = self.mark_synced(&version);
            }
            _ => {}
        }
        self.regress_after_push();
        Ok(changes)
    }

    pub(super) fn nothing_to_push(&mut self) -> Answer<bool> {
        if !self.sidecar.exists || self.sidecar.local_dirty || self.faults.on(Fault::FastPathNever)
        {
            return Ok(false);
        }
        self.bucket_is_unchanged()
    }

    /// The regression: what was pushed once is taken for pushed for ever.
    pub(super) fn pushes_no_more(&self) -> bool {
        self.faults.on(Fault::FastPathAlways) && !self.sidecar.fingerprint.is_empty()
    }

    /// Uploads files, and gives the content of each that has arrived.
    ///
    /// One after the other over one connection, which is faster than ten connections for ten small
    /// files; from the first failure on side by side, as each may have to wait for long.
    fn send(&self, paths: &[String]) -> Vec<Answer<Vec<u8>>> {
        let (mut sent, mut broken) = (Vec::new(), None);
        for path in paths {
            match self.send_one(path) {
                Ok(bytes) => sent.push(Ok(bytes)),
                failed => {
                    broken = Some(failed);
                    break;
                }
            }
        }
        let rest = &paths[sent.len()..];
        std::thread::scope(|scope| {
            let sending: Vec<_> = rest
                .iter()
                .map(|path| {
                    let first = broken.take();
                    scope.spawn(move || {
                        let first = first.unwrap_or_else(|| self.send_one(path));
                        patiently_after(first, || self.send_one(path))
                    })
                })
                .collect();
            let lost = || Err(Problem::of("an upload broke off"));
            let ended = sending.into_iter().map(|one| one.join());
            sent.extend(ended.map(|answer| answer.unwrap_or_else(|_| lost())));
        });
        sent
    }

    fn send_one(&self, path: &str) -> Answer<Vec<u8>> {
        let place = self.local_path(path);
        let bytes = fs::read(&place)
            .map_err(|error| Problem::of(format!("{error}: {}", place.display())))?;
        self.bucket.put(&self.data_key(path), &bytes)?;
        Ok(bytes)
    }

    /// Uploads files and gives their entries. Where some cannot be uploaded, the others are there
    /// all the same.
    pub(super) fn upload(&mut self, paths: &[String]) -> Answer<Vec<(String, serde_json::Value)>> {
        let mut entries = Vec::new();
        let mut failures = Vec::new();
        let sent = paths.chunks(AT_ONCE).flat_map(|some| self.send(some));
        let sent: Vec<_> = sent.collect();
        for (path, sent) in paths.iter().zip(sent) {
            let place = self.local_path(path);
            match sent {
                Ok(bytes) => {
                    let mtime = Local::of(&place)
                        .map(|local| local.mtime)
                        .unwrap_or_default();
                    let hash = checksum(&bytes);
                    let now = time::iso(Timestamp::now());
                    let local = Some((mtime.as_str(), hash.as_str()));
                    let entry = index::entry(path, bytes.len() as u64, &now, local);
                    entries.push((path.clone(), entry));
                }
                Err(problem) => failures.push((path.clone(), problem.message)),
            }
        }
        if failures.is_empty() {
            return Ok(entries);
        }
        Err(Problem::of(batch_failure(self.cloud(), "push", &failures)))
    }

    pub(super) fn delete(&mut self, paths: &[String]) -> Answer<()> {
        let mut failures = Vec::new();
        for path in paths {
            let key = self.data_key(path);
            if let Err(problem) = patiently(|| self.bucket.delete(&key, None)) {
                failures.push((path.clone(), problem.message));
            }
        }
        if failures.is_empty() {
            return Ok(());
        }
        Err(Problem::of(batch_failure(
            self.cloud(),
            "delete",
            &failures,
        )))
    }

    /// Writes the index, whole and in parts.
    fn record(&mut self, changed: bool, plan: &Plan) -> Answer<()> {
        let Some(index) = &mut self.index else {
            return Ok(());
        };
        if changed {
            index.last_pulled = time::now();
        }
        let (bytes, key) = (index.to_bytes(), self.index_key());
        let version = patiently(|| self.bucket.put(&key, &bytes))?;
        self.write_local_index()?;
        self.index_mutated = false;
        self.write_parts(&plan.parts());
        if let Some(version) = version
            && self.has_everything()
        {
            let _ = self.mark_synced(&version);
        }
        Ok(())
    }

    /// Writes the changed parts of the index, where those are what counts.
    fn record_in_parts(&mut self, sequence: u64, mutated: bool, plan: &Plan) -> Answer<()> {
        let mut sequence = sequence;
        if mutated && let Some(index) = &self.index {
            let (parts, dropped) = index.parts();
            self.warn_of_dropped(&dropped);
            let mut names: Vec<String> = parts.iter().map(|(name, _)| name.clone()).collect();
            for part in plan.parts() {
                match parts.iter().find(|(name, _)| *name == part) {
                    Some((_, entries)) => self.write_part(&part, entries)?,
                    None => {
                        let key = self.part_key(&part);
                        let _ = patiently(|| self.bucket.delete(&key, None));
                        names.retain(|name| *name != part);
                    }
                }
            }
            names.sort();
            sequence += 1;
            self.write_meta(&Meta {
                parts: names,
                sequence: Some(sequence),
            })?;
            self.write_local_index()?;
            self.index_mutated = false;
        }
        if self.has_everything() {
            let _ = self.mark_synced_by_sequence(sequence, true);
        }
        Ok(())
    }

    /// The regressions of a push that does more than it should.
    pub(super) fn regress_after_push(&self) {
        let Some(own) = &self.namespace else {
            return;
        };
        if self.faults.on(Fault::ManifestDeletedByPush) {
            let key = keys::within(Some(own), manifest::FILE_NAME);
            let _ = self.bucket.delete(&key, None);
        }
        if self.faults.on(Fault::PushDeletesForeign) {
            let listing = self.bucket.list("").unwrap_or_default();
            let foreign = listing
                .iter()
                .map(|object| object.key.as_str())
                .filter(|key| !matches!(keys::first(key), ".locks") && keys::first(key) != own);
            for key in foreign {
                let _ = self.bucket.delete(key, None);
            }
        }
    }
}
