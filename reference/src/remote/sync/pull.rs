//! From the bucket into the cache.

use std::fs;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::bucket::{Answer, patiently};
use super::super::index::Index;
use super::super::keys;
use super::super::rules::{self, Local};
use super::{Sync, batch_failure, index_time};
use crate::faults::Fault;
use crate::files;
use crate::problem::Problem;
use crate::quirks::Quirk;

impl Sync<'_> {
    /// Downloads what is new in the bucket, of these models or of all, and gives the number of
    /// files.
    pub fn pull(&mut self, model: Option<(&str, &str)>) -> Answer<usize> {
        self.pull_some(model, false)
    }

    /// The same of all models, without the contents of data. A pull of all fetches those.
    pub fn pull_without_contents(&mut self) -> Answer<usize> {
        self.pull_some(None, true)
    }

    fn pull_some(&mut self, model: Option<(&str, &str)>, lazy: bool) -> Answer<usize> {
        self.bucket.preflight()?;
        let wants_more = self.sidecar.lazy && !lazy;
        if !wants_more && self.index_is_older() && self.bucket_is_unchanged()? {
            return Ok(0);
        }
        let known = match model {
            None if !self.quirks.on(Quirk::DeletionDoesNotPropagate) => self.known_entries()?,
            _ => Map::new(),
        };
        let of_model = match model {
            Some((model_type, id)) => self.parts_of_model(model_type, id)?,
            None => None,
        };
        let mut version = None;
        match of_model {
            Some(entries) => {
                let index = self.index.get_or_insert_with(Index::empty);
                index.entries.extend(entries);
            }
            None if model.is_none() && self.assemble_index()?.is_some() => {}
            None => version = self.read_index()?,
        }
        self.remove_deleted(&known)?;
        let mut wanted = self.choose();
        if lazy {
            wanted.retain(|path| !keys::is_content(path));
        }
        if model.is_none() {
            self.sidecar.lazy = lazy;
        }
        let pulled = self.download(wanted)?;
        if let Some(version) = version {
            // The files are here: a sync that cannot remember it looks again next time.
            let _ = self.remember_pull(pulled, version);
        }
        Ok(pulled)
    }

    /// Whether the index of the cache is older than the last sync, as it should be.
    fn index_is_older(&self) -> bool {
        if self.sidecar.exists && self.sidecar.sequence.is_some() {
            return true;
        }
        let verified = self.sidecar.last_verified_at.parse::<Timestamp>();
        match (index_time(&self.index_path()), verified) {
            (Some(written), Ok(verified)) => written < verified.as_millisecond(),
            _ => false,
        }
    }

    fn parts_of_model(&mut self, model_type: &str, id: &str) -> Answer<Option<Map<String, Value>>> {
        let mut merged = Map::new();
        for part in keys::partitions_of_model(model_type, id) {
            match self.read_part(&part)? {
                Some(entries) => merged.extend(entries),
                None if part.starts_with("data--") => return Ok(None),
                None => {}
            }
        }
        Ok(Some(merged))
    }

    /// The entries of the index as the cache has it from the last sync.
    fn known_entries(&self) -> Answer<Map<String, Value>> {
        let Some(text) = files::read_if_there(&self.index_path())? else {
            return Ok(Map::new());
        };
        Ok(Index::parse(&text)?.entries)
    }

    /// Removes the files of entries that are no longer in the index, unless they were changed here
    /// since.
    fn remove_deleted(&self, known: &Map<String, Value>) -> Answer<()> {
        let Some(index) = &self.index else {
            return Ok(());
        };
        for (path, entry) in known {
            if keys::is_internal(path) || index.entries.contains_key(path) {
                continue;
            }
            let place = self.local_path(path);
            let local = Local::of(&place);
            if local.is_none()
                || rules::needs_pull(entry, local.as_ref(), true, || rules::hash_of(&place))
            {
                continue;
            }
            fs::remove_file(&place)
                .map_err(|error| Problem::of(format!("{error}: {}", place.display())))?;
            // The directories that it leaves empty go too.
            let above = place.ancestors().skip(1);
            let mut inside = above.take_while(|dir| *dir != self.cache);
            while inside.next().is_some_and(|dir| fs::remove_dir(dir).is_ok()) {}
        }
        Ok(())
    }

    fn choose(&mut self) -> Vec<String> {
        let by_content = !self.quirks.on(Quirk::StaleLatest);
        let Some(mut index) = self.index.take() else {
            return Vec::new();
        };
        let mut wanted = Vec::new();
        for (path, entry) in &mut index.entries {
            let is_record = ["outputs/", "workflow-runs/"]
                .iter()
                .any(|dir| path.contains(dir));
            if keys::is_internal(path) || is_record && self.faults.on(Fault::PullForgetsRecords) {
                continue;
            }
            let place = self.local_path(path);
            let local = Local::of(&place);
            if rules::needs_pull(entry, local.as_ref(), by_content, || rules::hash_of(&place)) {
                wanted.push(path.clone());
            } else if let Some(local) = local {
                entry["localMtime"] = local.mtime.into();
            }
        }
        self.index = Some(index);
        wanted
    }

    fn download(&mut self, wanted: Vec<String>) -> Answer<usize> {
        let mut pulled = 0;
        let mut failures = Vec::new();
        for path in wanted {
            match self.pull_file(&path) {
                Ok(()) => {
                    pulled += 1;
                    let local = Local::of(&self.local_path(&path));
                    if let (Some(local), Some(index)) = (local, &mut self.index)
                        && let Some(entry) = index.entries.get_mut(&path)
                    {
                        entry["localMtime"] = local.mtime.into();
                    }
                }
                Err(problem) if problem.is_missing() => {
                    if let Some(index) = &mut self.index {
                        index.entries.shift_remove(&path);
                    }
                    self.index_mutated = true;
                }
                Err(problem) => failures.push((path, problem.message)),
            }
        }
        if failures.is_empty() {
            return Ok(pulled);
        }
        let message = batch_failure(self.cloud(), "pull", &failures);
        Err(Problem::of(message))
    }

    fn pull_file(&self, path: &str) -> Answer<()> {
        let place = self.local_path(path);
        if !place.starts_with(&self.cache) {
            return Err(Problem::of(format!("Path traversal detected: {path}")));
        }
        let key = self.data_key(path);
        let object = match patiently(|| self.bucket.get(&key)) {
            // Data from before the namespace.
            Err(problem) if problem.is_missing() && self.key_namespace.is_some() => {
                patiently(|| self.bucket.get(path))?
            }
            answer => answer?,
        };
        if let Some(dir) = place.parent() {
            files::ensure_dir(dir)?;
        }
        fs::write(&place, &object.bytes)
            .map_err(|error| Problem::of(format!("{error}: {}", place.display())))
    }

    fn remember_pull(&mut self, pulled: usize, mut version: String) -> Answer<()> {
        if pulled > 0 || self.index_mutated {
            self.write_local_index()?;
        }
        if self.index_mutated
            && let Some(index) = &self.index
        {
            let (key, bytes) = (self.index_key(), index.to_bytes());
            if let Some(new) = patiently(|| self.bucket.put(&key, &bytes))? {
                version = new;
            }
            self.index_mutated = false;
        }
        self.mark_synced(&version)
    }
}
