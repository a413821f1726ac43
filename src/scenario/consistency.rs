//! What must hold of a bucket, its index and a cache, whatever a scenario did.

use std::collections::BTreeSet;

use crate::backend::buckets::Object;
use crate::backend::store::Store;
use crate::render::tree;
use crate::scenario::repo::Repo;

/// The files that swamp keeps beside the data: not indexed, and in the bucket or in the cache
/// only.
fn is_internal(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let known = [
        ".namespace.json",
        ".datastore-index.json",
        ".datastore-sync-state.json",
        ".lock",
        ".datastore.lock",
    ];
    known.contains(&file)
        || name.starts_with("_index/")
        || name.starts_with(".locks/")
        || file.contains("_catalog.db")
}

/// What a bucket, its index and a cache hold of one namespace, by names below the namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// The keys in the bucket.
    pub keys: BTreeSet<String>,
    /// The entries of the index.
    pub index: BTreeSet<String>,
    /// The entries of all shards of the index.
    pub shards: BTreeSet<String>,
    /// The files in the cache.
    pub cache: BTreeSet<String>,
}

impl Store {
    /// What the bucket and the cache of `repo` hold of `namespace`; of a solo repo where that is
    /// empty.
    ///
    /// # Panics
    /// The bucket, its index or the cache cannot be read.
    #[track_caller]
    pub fn holdings(&self, repo: &Repo<'_>, namespace: &str) -> Holdings {
        let below = match namespace {
            "" => String::new(),
            namespace => format!("{namespace}/"),
        };
        let in_cache = below.clone();
        let below = format!("{}{below}", self.bucket().prefix);
        let names = |names: Vec<String>, below: &str| -> BTreeSet<String> {
            names
                .iter()
                .filter_map(|name| name.strip_prefix(below))
                .filter(|name| !is_internal(name))
                .map(str::to_owned)
                .collect()
        };
        let entries = |object: &Object| -> BTreeSet<String> {
            let index = self.json_of(object);
            let entries = index["entries"].as_object();
            entries
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        };
        let objects = self.objects();
        let index = format!("{below}.datastore-index.json");
        let index = objects.iter().find(|object| object.key == index);
        let index = index.unwrap_or_else(|| panic!("the bucket has no index of {below:?}"));
        let shards = format!("{below}_index/");
        let is_shard = |object: &&Object| {
            object.key.starts_with(&shards) && !object.key.ends_with("/_meta.json")
        };
        Holdings {
            index: entries(index),
            shards: objects.iter().filter(is_shard).flat_map(entries).collect(),
            cache: names(tree::files(&repo.cache()).into_keys().collect(), &in_cache),
            keys: names(
                objects.iter().map(|object| object.key.clone()).collect(),
                &below,
            ),
        }
    }

    /// Whether what [`Store::assert_consistent`] asserts is so.
    ///
    /// # Panics
    /// As [`Store::holdings`].
    #[track_caller]
    pub fn is_consistent(&self, repo: &Repo<'_>, namespace: &str) -> bool {
        let held = self.holdings(repo, namespace);
        let others = [&held.index, &held.shards, &held.cache];
        !held.keys.is_empty() && others.into_iter().all(|place| *place == held.keys)
    }

    /// Asserts that the bucket, its index, the shards of that and the cache of `repo` hold the
    /// same of `namespace`: nothing is unreachable, nothing dangles.
    ///
    /// # Panics
    /// They differ; the message names what is where.
    #[track_caller]
    pub fn assert_consistent(&self, repo: &Repo<'_>, namespace: &str) {
        let held = self.holdings(repo, namespace);
        let all = [&held.keys, &held.index, &held.shards, &held.cache];
        let names: BTreeSet<&String> = all.into_iter().flatten().collect();
        let at_odds: Vec<String> = names
            .into_iter()
            .filter(|name| all.iter().any(|place| !place.contains(*name)))
            .map(|name| {
                let places = ["bucket", "index", "shards", "cache"];
                let places = places
                    .iter()
                    .zip(all)
                    .filter(|(_, place)| place.contains(name));
                let places: Vec<&str> = places.map(|(place, _)| *place).collect();
                format!("{name} is in {} only", places.join(", "))
            })
            .collect();
        assert!(
            at_odds.is_empty(),
            "the namespace \"{namespace}\" is not consistent:\n  {}",
            at_odds.join("\n  ")
        );
        assert!(
            !held.keys.is_empty(),
            "the namespace \"{namespace}\" holds nothing"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_swamp_keeps_for_itself_is_no_data() {
        for name in [
            ".namespace.json",
            "_index/_meta.json",
            ".locks/infra.lock",
            "data/x/.lock",
        ] {
            assert!(is_internal(name), "{name}");
        }
        for name in [
            ".catalog-export.json",
            "data/_index/x",
            "data/raw",
            "outputs/x.lock",
        ] {
            assert!(!is_internal(name), "{name}");
        }
    }
}
