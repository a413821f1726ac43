//! Garbage collection: what has outlived its lifetime, and versions beyond those that are kept.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::lifetime;
use super::metadata::Metadata;
use super::removal::Place;
use super::{DataRoot, ModelData};
use crate::catalog::Catalog;
use crate::errors::Result;

/// Data that has outlived its lifetime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub struct Expired {
    pub r#type: String,
    pub model_id: String,
    pub data_name: String,
    pub reason: &'static str,
    pub version_count: usize,
    #[serde(skip)]
    bytes: u64,
}

/// Versions of one name that are more than are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    name: String,
    versions: Vec<u64>,
    bytes: u64,
}

/// What there is to collect of one model.
#[derive(Debug, Clone)]
pub struct Garbage {
    place: Place,
    /// What has outlived its lifetime.
    pub expired: Vec<Expired>,
    /// What is more than is kept; of expired data too.
    pub excess: Vec<Excess>,
}

/// How much was collected, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Amount {
    pub expired_versions: usize,
    pub excess_versions: usize,
    pub bytes: u64,
}

/// Looks for garbage below `root`, the data of a namespace. `runs` holds the records of workflow
/// runs.
pub fn find(root: &DataRoot, namespace: &str, runs: &Path) -> Result<Vec<Garbage>> {
    let places = Place::all_below(root, namespace)?.into_iter();
    places.map(|place| Garbage::of(place, runs)).collect()
}

impl Garbage {
    fn of(place: Place, runs: &Path) -> Result<Self> {
        let (mut expired, mut excess) = (Vec::new(), Vec::new());
        for newest in place.data.all_latest()? {
            let versions = place.data.versions(&newest.name)?;
            if let Some(reason) = reason(&newest, runs) {
                expired.push(Expired {
                    r#type: place.model_type.clone(),
                    model_id: place.model_id.clone(),
                    data_name: newest.name.clone(),
                    reason,
                    version_count: versions.len(),
                    bytes: bytes(&place.data, &newest.name, &versions),
                });
            }
            let beyond = beyond(&place.data, &newest, &versions)?;
            if !beyond.is_empty() {
                excess.push(Excess {
                    bytes: bytes(&place.data, &newest.name, &beyond),
                    name: newest.name,
                    versions: beyond,
                });
            }
        }
        Ok(Self {
            place,
            expired,
            excess,
        })
    }

    /// How many versions are more than are kept.
    pub fn excess_versions(&self) -> usize {
        self.excess.iter().map(|excess| excess.versions.len()).sum()
    }

    /// What a collection would reclaim. What is both expired and too much counts twice, as in
    /// swamp.
    pub fn amount(&self) -> Amount {
        let expired = self.expired.iter();
        Amount {
            expired_versions: expired.clone().map(|expired| expired.version_count).sum(),
            excess_versions: self.excess_versions(),
            bytes: expired.map(|expired| expired.bytes).sum::<u64>()
                + self.excess.iter().map(|excess| excess.bytes).sum::<u64>(),
        }
    }

    /// The directories that go with it.
    pub fn places(&self) -> Vec<PathBuf> {
        let data = &self.place.data;
        let names = self
            .expired
            .iter()
            .map(|gone| data.name_dir(&gone.data_name));
        let versions = self.excess.iter().flat_map(|excess| {
            let dir = |version: &u64| data.version_dir(&excess.name, *version);
            excess.versions.iter().map(dir)
        });
        names.chain(versions).collect()
    }

    /// Removes it all.
    pub fn collect(&self, catalog: &mut Catalog) -> Result<Amount> {
        for expired in &self.expired {
            self.place.remove_name(catalog, &expired.data_name)?;
        }
        let gone = |excess: &&Excess| {
            let mut expired = self.expired.iter();
            expired.any(|expired| expired.data_name == excess.name)
        };
        let left = Self {
            excess: self.excess.iter().filter(|e| !gone(e)).cloned().collect(),
            ..self.clone()
        };
        for excess in &left.excess {
            self.place
                .remove_versions(catalog, &excess.name, &excess.versions)?;
        }
        Ok(left.amount())
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.expired_versions += other.expired_versions;
        self.excess_versions += other.excess_versions;
        self.bytes += other.bytes;
    }
}

/// Why data is expired, if it is. What belongs to a workflow's run lives as long as the record of
/// the run.
fn reason(newest: &Metadata, runs: &Path) -> Option<&'static str> {
    if newest.is_deleted() {
        return None;
    }
    let reason = match newest.lifetime.as_str() {
        "workflow" => "workflow-deleted",
        "job" => "job-deleted",
        _ => return lifetime::is_over(newest).then_some("duration-expired"),
    };
    let owner = &newest.owner_definition;
    let (workflow, run) = (owner.workflow_id.as_ref()?, owner.workflow_run_id.as_ref()?);
    let record = runs.join(workflow).join(format!("workflow-run-{run}.yaml"));
    (!record.exists()).then_some(reason)
}

/// The versions that are more than are kept: by count, or by age.
fn beyond(data: &ModelData, newest: &Metadata, versions: &[u64]) -> Result<Vec<u64>> {
    let Some((last, older)) = versions.split_last() else {
        return Ok(Vec::new());
    };
    match &newest.garbage_collection {
        Value::String(text) => {
            let Some(limit) = lifetime::milliseconds(text) else {
                return Ok(Vec::new());
            };
            let mut old = Vec::new();
            for version in older {
                let found = data.find(&newest.name, Some(*version))?;
                if found.and_then(|found| lifetime::age(&found)) > Some(limit) {
                    old.push(*version);
                }
            }
            Ok(old)
        }
        count => {
            let kept = count.as_u64().unwrap_or(u64::MAX);
            let kept = usize::try_from(kept).unwrap_or(usize::MAX);
            let all = [older, &[*last]].concat();
            Ok(all[..all.len().saturating_sub(kept)].to_vec())
        }
    }
}

fn bytes(data: &ModelData, name: &str, versions: &[u64]) -> u64 {
    let size = |version: &u64| fs::metadata(data.content_path(name, *version)).ok();
    versions
        .iter()
        .filter_map(size)
        .map(|found| found.len())
        .sum()
}
