//! How a trial takes down what its world looks like, for the surfaces tree and bucket.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::store::{Place, Store};
use crate::read;
use crate::render::transcript::Line;
use crate::render::tree::{self, Listing};
use crate::scenario::record::CheckpointData;
use crate::scenario::steps::Step;
use crate::scenario::trial::Trial;
use crate::world::Watch;

impl Trial {
    /// Takes down how every datastore and every repo's configuration look now, for the surfaces
    /// tree and bucket. The first checkpoint is the scene, a later one is shown as what changed.
    ///
    /// # Panics
    /// A store that is there cannot be read.
    #[track_caller]
    pub fn checkpoint(&self, name: &str) {
        self.look(name, false);
    }

    /// As [`Trial::checkpoint`], and all of it is shown: for a scenario that is about what lies
    /// where.
    ///
    /// # Panics
    /// As [`Trial::checkpoint`].
    #[track_caller]
    pub fn layout(&self, name: &str) {
        self.look(name, true);
    }

    #[track_caller]
    fn look(&self, name: &str, is_layout: bool) {
        self.tell_of_buckets();
        let mut gathered = self.gathered.borrow_mut();
        let told = |e: String| -> Listing { panic!("{e}") };
        let (mut trees, mut buckets, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for store in &gathered.stores {
            match &store.place {
                Place::Directory(path) if path.exists() => {
                    let listing = tree::list(path).unwrap_or_else(told);
                    trees.push((store.name.clone(), listing));
                }
                Place::Directory(_) => {}
                Place::Bucket(bucket) => {
                    let listing = bucket.listing().unwrap_or_else(told);
                    let watch = self.watch.as_ref();
                    unknown.extend(watch.and_then(|watch| watch.borrow().bucket(store, &listing)));
                    buckets.push((store.name.clone(), listing));
                }
            }
        }
        for (name, cache) in gathered
            .repos
            .iter()
            .filter_map(|repo| repo.cache.as_ref().map(|c| (&repo.name, c)))
        {
            if cache.exists() {
                let listing = tree::list(cache).unwrap_or_else(told);
                trees.push((format!("cache of {name}"), listing));
            }
        }
        let repos = gathered
            .repos
            .iter()
            .map(|repo| {
                let path = self.path(&repo.name).join(".swamp.yaml");
                let yaml = match read::text(&path) {
                    Ok(yaml) => Some(yaml),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                    Err(e) => panic!("{}: {e}", path.display()),
                };
                (repo.name.clone(), yaml)
            })
            .collect();
        let at = |why| format!("at the checkpoint \"{name}\" {why}");
        // The scene is judged by who set it.
        let setter = gathered.played.last().map(|(_, player)| *player);
        if setter.is_none_or(|player| self.cast.judges(player)) {
            gathered.unspoken.extend(unknown.into_iter().map(at));
        }
        gathered.steps.push(Step::Look(name.to_owned()));
        let index = gathered.checkpoints.len();
        let twins = gathered.twins.clone();
        gathered.transcript.push(Line::Look(index));
        gathered.checkpoints.push(CheckpointData {
            name: name.to_owned(),
            is_layout,
            trees,
            buckets,
            repos,
            twins,
        });
    }

    /// Looks once more at what nobody looked at since the last command: the sandbox, and the
    /// buckets.
    pub(crate) fn look_at_the_end(&self) {
        self.tell_of_buckets();
        let Some(watch) = &self.watch else { return };
        let gathered = self.gathered.borrow();
        let found = watch
            .borrow_mut()
            .at_the_end(self.touched.get(), self.forged());
        let mut unspoken = found.unwrap_or_else(|why| vec![why]);
        let strangers = self.sandbox.strangers().into_iter();
        unspoken.extend(strangers.map(|name| format!("a command left {name} beside its world")));
        let watch = watch.borrow();
        let since = gathered.steps.iter().rev();
        let since = since.take_while(|step| !matches!(step, Step::Look(_)));
        let since: Vec<String> = since.filter_map(Step::command).collect();
        let of_bucket =
            |store: &Store, why: &str| format!("of the bucket of {}: {why}", store.name);
        let mut keys = BTreeSet::new();
        for store in &gathered.all_stores {
            let Place::Bucket(bucket) = &store.place else {
                continue;
            };
            // A scenario may have removed it.
            let Ok(odd) = bucket.oddities() else {
                continue;
            };
            let odd = odd.into_iter();
            unspoken.extend(odd.map(|why| of_bucket(store, &why)));
            let last = gathered.checkpoints.last();
            let was = last.and_then(|seen| seen.buckets.iter().find(|it| it.0 == store.name));
            let was = was.map(|(_, was)| was);
            // With no command since the last checkpoint there is nothing new in it.
            let now = match was.filter(|_| since.is_empty()) {
                Some(_) => None,
                None => match bucket.listing() {
                    Ok(listing) => Some(listing),
                    Err(_) => continue,
                },
            };
            if let Some(now) = &now {
                unspoken.extend(watch.bucket(store, now));
                let done = was.and_then(|was| Watch::bucket_since(store, was, now, &since));
                unspoken.extend(done);
            }
            let Some(listing) = now.as_ref().or(was) else {
                continue;
            };
            let written = listing.entries.iter().map(String::as_str);
            let written = one_of_each_kind(written.filter(|key| !store.put.has(key)));
            let odd = bucket.odd_objects(&written).unwrap_or_else(|why| vec![why]);
            unspoken.extend(odd.into_iter().map(|why| of_bucket(store, &why)));
            unspoken.extend(Watch::indexes(store, listing, &|key| {
                bucket.json(key, listing)
            }));
            keys.extend(listing.entries.iter().cloned());
        }
        unspoken.extend(watch.local_indexes(&keys));
        let known = gathered.strangers.clone().unwrap_or_default();
        let mut strangers = BTreeSet::new();
        for (_, bucket) in &gathered.buckets {
            match bucket.strangers() {
                Ok(found) => strangers.extend(found),
                Err(why) => unspoken.push(why),
            }
        }
        unspoken.extend(strangers.difference(&known).map(|name| {
            format!(
                "there is a bucket {name} that the suite has not made: a command of this trial has, \
                 or of one beside it"
            )
        }));
        drop(gathered);
        let at_the_end = |why| format!("at the end of the trial {why}");
        let unspoken = unspoken.into_iter().map(at_the_end);
        self.gathered.borrow_mut().unspoken.extend(unspoken);
    }
}

/// One object of each kind of file, the last one: swamp writes those of a kind in the same way, and
/// each costs a request.
fn one_of_each_kind<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let kind = |key: &str| {
        let file = key.rsplit('/').next().unwrap_or(key);
        let has_ids = file.contains(|c: char| c.is_ascii_digit());
        let end = file.rsplit_once('.').filter(|_| has_ids);
        end.map_or(file, |(_, end)| end).to_owned()
    };
    let kinds: BTreeMap<String, &str> = keys.map(|key| (kind(key), key)).collect();
    kinds.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_objects_of_a_kind_one_is_looked_at() {
        let keys = [
            "infra/data/command/shell/0-1/log/1/raw",
            "infra/data/command/shell/0-1/log/2/raw",
            "infra/data/command/shell/0-1/log/latest",
            "infra/outputs/command/shell/execute/0-1-2026.yaml",
            "infra/outputs/command/shell/execute/0-2-2026.yaml",
        ];
        let looked_at = one_of_each_kind(keys.into_iter());
        assert_eq!(looked_at, [keys[2], keys[1], keys[4]]);
    }
}
