//! How a trial takes down what its world looks like, for the surfaces tree and bucket.

use crate::backend::store::Place;
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
        gathered.unspoken.extend(unknown.into_iter().map(at));
        gathered.steps.push(Step::Look(name.to_owned()));
        let index = gathered.checkpoints.len();
        gathered.transcript.push(Line::Look(index));
        gathered.checkpoints.push(CheckpointData {
            name: name.to_owned(),
            is_layout,
            trees,
            buckets,
            repos,
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
        for store in &gathered.stores {
            let Place::Bucket(bucket) = &store.place else {
                continue;
            };
            // A scenario may have removed it.
            let Ok(odd) = bucket.oddities() else {
                continue;
            };
            let odd = odd.into_iter();
            unspoken.extend(odd.map(|why| format!("of the bucket of {}: {why}", store.name)));
            // With no command since the last checkpoint there is nothing new in it.
            if since.is_empty() {
                continue;
            }
            let Ok(listing) = bucket.listing() else {
                continue;
            };
            unspoken.extend(watch.bucket(store, &listing));
            let last = gathered.checkpoints.last();
            let was = last.and_then(|seen| seen.buckets.iter().find(|it| it.0 == store.name));
            let done = was.and_then(|(_, was)| Watch::bucket_since(store, was, &listing, &since));
            unspoken.extend(done);
        }
        drop(gathered);
        let at_the_end = |why| format!("at the end of the trial {why}");
        let unspoken = unspoken.into_iter().map(at_the_end);
        self.gathered.borrow_mut().unspoken.extend(unspoken);
    }
}
