//! What a push has to do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::keys;
use super::super::rules::{self, Local};
use super::Sync;
use crate::faults::Fault;
use crate::files;
use crate::namespace::manifest;

/// Paths in the namespace.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub upload: Vec<String>,
    pub delete: Vec<String>,
}

impl Plan {
    /// The parts of the index that it changes.
    pub fn parts(&self) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for part in self
            .upload
            .iter()
            .chain(&self.delete)
            .filter_map(|path| keys::partition(path))
        {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }
}

impl Plan {
    /// Adds an upload, once.
    fn add(&mut self, path: &str) {
        if !self.upload.iter().any(|known| known == path) {
            self.upload.push(path.to_owned());
        }
    }
}

impl Sync<'_> {
    /// What was changed. Where it is not known what was, all files are looked at.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        let own = self
            .namespace
            .as_ref()
            .map_or(String::new(), |name| format!("{name}/"));
        if self.sidecar.bulk_invalidated || self.sidecar.dirty_paths.is_empty() {
            self.plan_all(&own, &mut plan);
            return plan;
        }
        for dirty in &self.sidecar.dirty_paths {
            let place = self.cache.join(dirty);
            let bare = dirty.strip_prefix(&own).unwrap_or(dirty);
            if place.is_file() {
                if !keys::is_internal(dirty) && self.needs_push(&place, bare) {
                    plan.add(bare);
                }
                continue;
            }
            let mut there = BTreeSet::new();
            for (path, file) in self.files_in(&place) {
                if keys::is_internal(&path) {
                    continue;
                }
                let path = path.strip_prefix(&own).unwrap_or(&path);
                there.insert(path.to_owned());
                if self.needs_push(&file, path) {
                    plan.add(path);
                }
            }
            if let Some(index) = &self.index {
                let gone = rules::gone(&index.entries, bare, &there);
                plan.delete.extend(gone);
            }
        }
        plan
    }

    fn plan_all(&self, own: &str, plan: &mut Plan) {
        let others = self.namespaces_in_cache();
        for (path, file) in self.files_in(&self.cache) {
            let is_foreign = others.iter().any(|name| name == keys::first(&path));
            if let Some(bare) = path.strip_prefix(own)
                && !keys::is_internal(&path)
                && !is_foreign
                && self.needs_push(&file, bare)
            {
                plan.add(bare);
            }
        }
    }

    /// The namespaces beside the own one that have a manifest in the cache. A solo repository does
    /// not look.
    fn namespaces_in_cache(&self) -> Vec<String> {
        let Some(own) = &self.namespace else {
            return Vec::new();
        };
        let names = files::subdirectories(&self.cache).unwrap_or_default();
        let claimed = |name: &String| self.cache.join(name).join(manifest::FILE_NAME).exists();
        names
            .into_iter()
            .filter(|name| name != own && claimed(name))
            .collect()
    }

    /// The files below a directory of the cache, with their paths in it, sorted.
    fn files_in(&self, dir: &Path) -> Vec<(String, PathBuf)> {
        let mut found = files::files_below(dir).unwrap_or_default();
        found.sort();
        let relative = |file: PathBuf| {
            let path = file.strip_prefix(&self.cache).ok()?;
            Some((path.to_string_lossy().into_owned(), file.clone()))
        };
        found.into_iter().filter_map(relative).collect()
    }

    fn needs_push(&self, file: &Path, path: &str) -> bool {
        if self.faults.on(Fault::FastPathNever) {
            return true;
        }
        let Some(local) = Local::of(file) else {
            return false;
        };
        let entry = self
            .index
            .as_ref()
            .and_then(|index| index.entries.get(path));
        rules::needs_push(entry, &local, || rules::hash_of(file))
    }
}
