//! Carrying changes between the cache and the bucket.
//!
//! One service does what one command does; what it learns of the index it keeps, what it has to
//! remember for the next command it writes into the sidecar file.

mod commit;
mod parts;
mod plan;
mod pull;
mod push;
mod takeover;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::bucket::{Answer, Bucket, patiently};
use super::index::{Index, Meta};
use super::keys::{self, INDEX};
use super::sidecar::Sidecar;
use crate::cloud::Cloud;
use crate::errors::Result;
use crate::faults::{Fault, Faults};
use crate::files;
use crate::quirks::{Quirk, Quirks};
use crate::session::Session;
use crate::time;

/// A line that a service prints, whatever the form of the command's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// On stdout.
    Out(String),
    /// On stderr.
    Err(String),
}

/// The service.
pub struct Sync<'a> {
    bucket: &'a dyn Bucket,
    cache: PathBuf,
    namespace: Option<String>,
    /// The namespace that keys begin with; the same one, but for a regression.
    key_namespace: Option<String>,
    index: Option<Index>,
    /// Whether the index here knows better than the one in the bucket.
    index_mutated: bool,
    sidecar: Sidecar,
    said: Vec<Said>,
    quirks: Quirks,
    faults: Faults,
}

impl<'a> Sync<'a> {
    /// A service for a namespace; for none, for the root of the bucket.
    pub fn new(
        bucket: &'a dyn Bucket,
        cache: &Path,
        namespace: Option<String>,
        session: &Session,
    ) -> Self {
        Self {
            sidecar: Sidecar::read(cache, bucket.cloud()),
            bucket,
            cache: cache.to_path_buf(),
            key_namespace: namespace.clone(),
            namespace,
            index: None,
            index_mutated: false,
            said: Vec::new(),
            quirks: session.quirks.clone(),
            faults: session.faults.clone(),
        }
    }

    /// The regression that a push forgets the namespace.
    pub fn forgetting_the_namespace(mut self) -> Self {
        self.key_namespace = None;
        self
    }

    /// What has been said since the last call.
    pub fn said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    fn cloud(&self) -> Cloud {
        self.bucket.cloud()
    }

    fn inform(&mut self, message: &str) {
        let line = format!("{} {message}", self.cloud().log_prefix());
        self.said.push(if self.quirks.on(Quirk::SyncLogOnStdout) {
            Said::Out(line)
        } else {
            Said::Err(line)
        });
    }

    fn warn(&mut self, message: &str) {
        let line = format!("{} {message}", self.cloud().log_prefix());
        self.said.push(Said::Err(line));
    }

    fn index_path(&self) -> PathBuf {
        self.cache.join(INDEX)
    }

    fn index_namespace(&self) -> Option<&str> {
        if self.faults.on(Fault::IndexAtRoot) {
            return None;
        }
        self.key_namespace.as_deref()
    }

    fn index_key(&self) -> String {
        keys::within(self.index_namespace(), INDEX)
    }

    fn meta_key(&self) -> String {
        self.part_key("_meta")
    }

    fn part_key(&self, part: &str) -> String {
        keys::within(self.index_namespace(), &format!("_index/{part}.json"))
    }

    fn data_key(&self, path: &str) -> String {
        keys::within(self.key_namespace.as_deref(), path)
    }

    fn local_path(&self, path: &str) -> PathBuf {
        let path = keys::within(self.namespace.as_deref(), path);
        files::resolve(&self.cache, &path)
    }

    fn write_sidecar(&mut self) -> Answer<()> {
        let cloud = self.cloud();
        Ok(self.sidecar.write(&self.cache, cloud)?)
    }

    /// Remembers that a file or a directory of the cache was changed, or anything.
    pub fn mark_dirty(&mut self, changed: Option<&Path>) -> Result<()> {
        let path = changed.map(|path| match path.strip_prefix(&self.cache) {
            Ok(inside) => inside.to_string_lossy().into_owned(),
            Err(_) => path.to_string_lossy().into_owned(),
        });
        if self.sidecar.mark_dirty(path.as_deref()) {
            let cloud = self.cloud();
            self.sidecar.write(&self.cache, cloud)?;
        }
        Ok(())
    }

    /// Remembers that the cache is what this version of the index in the bucket says.
    fn mark_synced(&mut self, version: &str) -> Answer<()> {
        let mut at = Timestamp::now();
        if let Some(written) = index_time(&self.index_path())
            && written >= at.as_millisecond()
            && let Ok(later) = Timestamp::from_millisecond(written + 1)
        {
            at = later;
        }
        let migrated =
            self.sidecar.data_key_migrated && !self.quirks.on(Quirk::NamespacedPushNeverFast);
        self.sidecar = Sidecar {
            fingerprint: version.to_owned(),
            last_verified_at: time::iso(at),
            lazy: self.sidecar.lazy,
            data_key_migrated: migrated,
            ..Sidecar::default()
        };
        self.write_sidecar()
    }

    /// The same where the parts of the index are what counts.
    fn mark_synced_by_sequence(&mut self, sequence: u64, forget_changes: bool) -> Answer<()> {
        if forget_changes {
            self.sidecar.forget_changes();
        }
        self.sidecar.local_dirty = false;
        self.sidecar.fingerprint = String::new();
        self.sidecar.sequence = Some(sequence);
        self.write_sidecar()
    }

    /// Whether nobody has changed the bucket since the last sync.
    fn bucket_is_unchanged(&mut self) -> Answer<bool> {
        if !self.sidecar.exists {
            return Ok(false);
        }
        if let Some(known) = self.sidecar.sequence
            && let Some(meta) = self.read_meta()?
            && meta.sequence == Some(known)
        {
            return Ok(true);
        }
        if self.sidecar.fingerprint.is_empty() {
            return Ok(false);
        }
        let Ok(Some(head)) = self.bucket.head(&self.index_key()) else {
            return Ok(false);
        };
        Ok(head.version.as_ref() == Some(&self.sidecar.fingerprint))
    }

    /// The list of the parts: as long as there is none of a later version, the whole index is what
    /// counts.
    fn read_meta(&self) -> Answer<Option<Meta>> {
        let key = self.meta_key();
        match patiently(|| self.bucket.get(&key)) {
            Ok(object) => Meta::parse(&String::from_utf8_lossy(&object.bytes)),
            Err(problem) if problem.is_missing() => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Reads the index from the bucket, and gives its version.
    fn read_index(&mut self) -> Answer<Option<String>> {
        let object = match self.bucket.get(&self.index_key()) {
            Ok(object) => object,
            Err(problem) if problem.is_missing() => return self.discover_index(),
            Err(problem) => return Err(problem),
        };
        let text = String::from_utf8_lossy(&object.bytes);
        let mut index = Index::parse(&text)?;
        files::ensure_dir(&self.cache)?;
        if index.scrub() {
            self.index_mutated = true;
            index.write(&self.index_path())?;
        } else {
            files::write_atomically(&self.index_path(), &text)?;
        }
        self.index = Some(index);
        Ok(object.version)
    }

    /// Makes an index of what lies in the bucket.
    fn discover_index(&mut self) -> Answer<Option<String>> {
        let own = self
            .key_namespace
            .as_ref()
            .map_or(String::new(), |name| format!("{name}/"));
        let listing = self.bucket.list(&own)?;
        let others = match self.key_namespace {
            Some(_) => Vec::new(),
            None => keys::namespaces(&listing),
        };
        let mut index = Index::empty();
        for object in listing {
            let path = object.key.strip_prefix(&own).unwrap_or(&object.key);
            if keys::is_internal(path) || others.iter().any(|name| name == keys::first(path)) {
                continue;
            }
            let modified = object.modified.unwrap_or_else(Timestamp::now);
            let entry = super::index::entry(path, object.size, &time::iso(modified), None);
            index.entries.insert(path.to_owned(), entry);
        }
        let mut version = None;
        if !index.entries.is_empty() {
            let (key, bytes) = (self.index_key(), index.to_bytes());
            version = patiently(|| self.bucket.put(&key, &bytes))?;
            files::ensure_dir(&self.cache)?;
            index.write(&self.index_path())?;
        }
        self.index = Some(index);
        Ok(version)
    }

    fn write_local_index(&self) -> Answer<()> {
        match &self.index {
            Some(index) => index.write(&self.index_path()),
            None => Ok(()),
        }
    }

    /// Whether every entry of the index has a file of its size here.
    fn has_everything(&self) -> bool {
        let Some(index) = &self.index else {
            return false;
        };
        index.entries.iter().all(|(path, entry)| {
            let size = entry.get("size").and_then(serde_json::Value::as_u64);
            keys::is_internal(path)
                || super::rules::Local::of(&self.local_path(path))
                    .is_some_and(|local| Some(local.size) == size)
        })
    }
}

/// When the index of the cache was written, in milliseconds.
fn index_time(path: &Path) -> Option<i64> {
    let local = super::rules::Local::of(path)?;
    let time: Timestamp = local.mtime.parse().ok()?;
    Some(time.as_millisecond())
}

/// The message for several files that could not be carried.
fn batch_failure(cloud: Cloud, operation: &str, failures: &[(String, String)]) -> String {
    const SHOWN: usize = 3;
    let preposition = if operation == "push" { "to" } else { "from" };
    let files: Vec<&str> = failures.iter().map(|(file, _)| file.as_str()).collect();
    let mut text = format!(
        "Failed to {operation} {} file(s) {preposition} {}: {}",
        failures.len(),
        cloud.name(),
        files.join(", ")
    );
    for (file, reason) in failures.iter().take(SHOWN) {
        text.push_str(&format!("\n  - {file}: {reason}"));
    }
    if failures.len() > SHOWN {
        text.push_str(&format!("\n  ... and {} more", failures.len() - SHOWN));
    }
    text
}
