//! A place for a datastore: a directory, or a bucket.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::backend::buckets::{self, Buckets, Object, PAGE};
use crate::backend::emulator;
use crate::backend::leftovers::buckets as leftovers;
use crate::kind::Kind;
use crate::read;
use crate::render::tree::{self, Listing, MANIFEST};

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory of the sandbox.
    Directory(PathBuf),
    /// A bucket of a cloud backend.
    Bucket(Bucket),
}

/// A bucket, as a repo's configuration names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The backend it is on.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where swamp reaches it: the backend's endpoint, or a proxy's.
    pub endpoint: String,
    /// What the keys of the datastore begin with, where it does not have the bucket for itself;
    /// with its slash.
    pub prefix: String,
}

impl Bucket {
    /// The observer's client. It goes to the backend itself, past any proxy.
    fn client(&self) -> Result<&'static dyn Buckets, String> {
        let found = emulator::of(self.kind).map_err(str::to_owned)?;
        Ok(found.buckets.as_ref())
    }

    /// Whether it has to be removed: a backend that ends with the run takes it along.
    pub(crate) fn outlives_the_run(&self) -> bool {
        emulator::of(self.kind).is_ok_and(|found| !found.ends_with_us)
    }

    /// Whether the backend has it.
    pub(crate) fn is_there(&self) -> bool {
        self.client()
            .is_ok_and(|client| client.list(&self.name, PAGE).is_ok())
    }

    /// Says that this run need not remove it any more.
    pub(crate) fn give_back(&self) {
        leftovers::give_back(&self.name);
    }

    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// The backend refused.
    pub(crate) fn remove(&self) -> Result<(), String> {
        buckets::remove_all(self.client()?, &self.name)
    }

    /// What is set for it that no new bucket has, and what lies in it that no listing shows.
    pub(crate) fn oddities(&self) -> Result<Vec<String>, String> {
        self.client()?.oddities(&self.name)
    }

    /// What is set for the objects under these keys that swamp sets for none.
    pub(crate) fn odd_objects(&self, keys: &[&str]) -> Result<Vec<String>, String> {
        self.client()?.odd_objects(&self.name, keys)
    }

    /// The JSON that an object holds which was listed so; none where it is gone or holds none.
    pub(crate) fn json(&self, key: &str, listing: &Listing) -> Option<serde_json::Value> {
        let (_, digest) = listing.digests.iter().find(|(known, _)| known == key)?;
        let object = Object {
            key: key.to_owned(),
            size: 0,
            version: String::new(),
            digest: digest.clone(),
        };
        let content = read_once(self.client().ok()?, &self.name, &object).ok()?;
        serde_json::from_slice(&content).ok()
    }

    /// What the locks in it say.
    pub(crate) fn locks(&self) -> Vec<String> {
        let listed = self.client().and_then(|c| c.list(&self.name, PAGE));
        let keys = listed.unwrap_or_default().into_iter().map(|it| it.key);
        let locks = keys.filter(|key| key.ends_with(".lock"));
        let read = |key: String| self.client().ok()?.get(&self.name, &key).ok()?;
        let contents = locks.filter_map(read);
        contents
            .map(|content| String::from_utf8_lossy(&content).into_owned())
            .collect()
    }

    /// The buckets at its endpoint that the suite has not made. At an endpoint that the user names
    /// anybody may make some: of those, the ones whose names say that they are about this one.
    pub(crate) fn strangers(&self) -> Result<BTreeSet<String>, String> {
        let found = emulator::of(self.kind).map_err(str::to_owned)?;
        let mut names: BTreeSet<String> = match found.buckets.names() {
            Ok(names) => names.into_iter().collect(),
            // Whoever may use a bucket of an endpoint need not see all others.
            Err(_) if !found.ends_with_us => return Ok(BTreeSet::new()),
            Err(why) => return Err(why),
        };
        let about_it = |name: &String| name.contains(&self.name) && *name != self.name;
        names.retain(|name| about_it(name) || found.ends_with_us && !leftovers::is_ours(name));
        Ok(names)
    }

    /// The keys, and the manifests with their content.
    pub(crate) fn listing(&self) -> Result<Listing, String> {
        let client = self.client()?;
        let mut listing = Listing::default();
        for object in client.list(&self.name, PAGE)? {
            if object.key.rsplit('/').next() == Some(MANIFEST) {
                let content = read_once(client, &self.name, &object)?;
                let text = String::from_utf8_lossy(&content).into_owned();
                listing.manifests.push((object.key.clone(), text));
            }
            listing.digests.push((object.key.clone(), object.digest));
            listing.versions.push((object.key.clone(), object.version));
            listing.entries.push(object.key);
        }
        Ok(listing)
    }
}

/// The content of an object. The same index or manifest is asked for many times: one of that key
/// and digest is read from the backend once.
fn read_once(client: &dyn Buckets, bucket: &str, object: &Object) -> Result<Arc<[u8]>, String> {
    type Known = HashMap<[String; 3], Arc<[u8]>>;
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let name = [bucket, &object.key, &object.digest].map(str::to_owned);
    if let Some(content) = known().get(&name) {
        return Ok(content.clone());
    }
    let content: Arc<[u8]> = client.get(bucket, &object.key)?.unwrap_or_default().into();
    known().insert(name, content.clone());
    Ok(content)
}

#[track_caller]
fn as_json(key: &str, content: &[u8]) -> serde_json::Value {
    serde_json::from_slice(content)
        .unwrap_or_else(|e| panic!("{key}: {e}: {}", String::from_utf8_lossy(content)))
}

/// A place for a datastore that nothing else uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) put: Put,
}

/// What a scenario did to a bucket itself. All handles of a store share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Put(Arc<Mutex<Deeds>>);

#[derive(Debug, Default)]
struct Deeds {
    /// The keys that it wrote or removed.
    keys: BTreeSet<String>,
    /// What it did since that was told last.
    untold: Vec<String>,
    /// Whether parts of the index may be about what is gone.
    stale_parts: bool,
}

impl Put {
    /// The scenario wrote or removed the object under that key.
    pub(crate) fn add(&self, key: &str, deed: String) {
        let mut deeds = self.lock();
        deeds.keys.insert(key.to_owned());
        deeds.untold.push(deed);
    }

    fn tell(&self, deed: String) {
        self.lock().untold.push(deed);
    }

    /// What was done since the last call, in order.
    pub(crate) fn take_deeds(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().untold)
    }

    /// Whether it wrote or removed the object under that key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.lock().keys.contains(key)
    }

    /// Whether the scenario says that parts of the index may be about what is gone.
    pub(crate) fn may_have_stale_parts(&self) -> bool {
        self.lock().stale_parts
    }

    /// Whether it wrote rows for the catalogs of others.
    pub(crate) fn has_export(&self) -> bool {
        let deeds = self.lock();
        let mut keys = deeds.keys.iter();
        keys.any(|key| key.ends_with(".catalog-export.json"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Deeds> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two stores are the same by their name and place.
impl PartialEq for Put {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Put {}

impl Store {
    /// Its name in the sandbox.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its directory.
    ///
    /// # Panics
    /// It is a bucket.
    #[track_caller]
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::Directory(path) => path,
            Place::Bucket(bucket) => {
                panic!("the store {} is the bucket {}", self.name, bucket.name)
            }
        }
    }

    /// Its bucket.
    ///
    /// # Panics
    /// It is a directory.
    #[track_caller]
    pub fn bucket(&self) -> &Bucket {
        match &self.place {
            Place::Bucket(bucket) => bucket,
            Place::Directory(path) => {
                panic!(
                    "the store {} is the directory {}",
                    self.name,
                    path.display()
                )
            }
        }
    }

    /// Every file of it, by its path or key, with a digest of its content: the bucket's own, in a
    /// bucket.
    ///
    /// # Panics
    /// Something cannot be read.
    #[track_caller]
    pub fn files(&self) -> BTreeMap<String, String> {
        match &self.place {
            Place::Directory(path) => tree::files(path),
            Place::Bucket(_) => self
                .objects()
                .into_iter()
                .map(|object| (object.key, object.digest))
                .collect(),
        }
    }

    /// Asserts that it has a file of that path, or files below it.
    ///
    /// # Panics
    /// It has none.
    #[track_caller]
    pub fn assert_has(&self, path: &str) {
        let files = self.files();
        let below = format!("{path}/");
        let found = files
            .keys()
            .any(|file| file == path || file.starts_with(&below));
        let files: Vec<&str> = files.keys().map(String::as_str).collect();
        assert!(
            found,
            "the store {} was to have {path}; it has:\n  {}",
            self.name,
            files.join("\n  ")
        );
    }

    /// Whether a file of it, or an object of its bucket, is there and holds `text`.
    pub fn holds(&self, path: &str, text: &str) -> bool {
        let content = match &self.place {
            Place::Directory(root) => read::bytes(&root.join(path)).ok(),
            Place::Bucket(bucket) => {
                let got = bucket.client().and_then(|c| c.get(&bucket.name, path));
                got.ok().flatten()
            }
        };
        content.is_some_and(|content| String::from_utf8_lossy(&content).contains(text))
    }

    /// Every object of its bucket, sorted by key.
    ///
    /// # Panics
    /// The bucket cannot be listed.
    #[track_caller]
    pub fn objects(&self) -> Vec<Object> {
        let bucket = self.bucket();
        let listed = bucket.client().and_then(|c| c.list(&bucket.name, PAGE));
        listed.unwrap_or_else(|e| panic!("{e}"))
    }

    /// Every object whose key begins with `prefix`.
    ///
    /// # Panics
    /// The bucket cannot be listed.
    #[track_caller]
    pub fn objects_below(&self, prefix: &str) -> Vec<Object> {
        let mut objects = self.objects();
        objects.retain(|object| object.key.starts_with(prefix));
        objects
    }

    /// Every key of its bucket.
    ///
    /// # Panics
    /// The bucket cannot be listed.
    #[track_caller]
    pub fn keys(&self) -> BTreeSet<String> {
        self.objects()
            .into_iter()
            .map(|object| object.key)
            .collect()
    }

    /// The content of an object.
    ///
    /// # Panics
    /// It is not there, or cannot be read.
    #[track_caller]
    pub fn content(&self, key: &str) -> Vec<u8> {
        let bucket = self.bucket();
        let read = bucket.client().and_then(|c| c.get(&bucket.name, key));
        match read {
            Ok(Some(content)) => content,
            Ok(None) => panic!("there is no {key} in the bucket"),
            Err(e) => panic!("{e}"),
        }
    }

    /// The content of an object as JSON.
    ///
    /// # Panics
    /// It is not there, or is no JSON.
    #[track_caller]
    pub fn read_json(&self, key: &str) -> serde_json::Value {
        as_json(key, &self.content(key))
    }

    /// The content of an object that was listed, as JSON.
    ///
    /// # Panics
    /// It cannot be read, or is no JSON.
    #[track_caller]
    pub(crate) fn json_of(&self, object: &Object) -> serde_json::Value {
        let bucket = self.bucket();
        let client = bucket.client();
        let read = client.and_then(|client| read_once(client, &bucket.name, object));
        as_json(&object.key, &read.unwrap_or_else(|e| panic!("{e}")))
    }

    /// Writes an object, as somebody else than swamp.
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn put(&self, key: &str, content: &[u8]) {
        self.put.add(key, format!("wrote {}/{key}", self.name));
        let bucket = self.bucket();
        let put = bucket
            .client()
            .and_then(|c| c.put(&bucket.name, key, content));
        put.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Removes an object, as somebody else than swamp.
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn remove(&self, key: &str) {
        self.put.add(key, format!("removed {}/{key}", self.name));
        let bucket = self.bucket();
        let removed = bucket.client().and_then(|c| c.remove(&bucket.name, key));
        removed.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Says that parts of the index may be about what is gone, by a deviation that the scenario
    /// states: else that fails the trial.
    pub fn may_have_stale_parts(&self) {
        self.put.lock().stale_parts = true;
    }

    /// Makes the bucket again after [`Store::remove_bucket`].
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn create_bucket(&self) {
        self.put
            .tell(format!("made the bucket {} again", self.name));
        let bucket = self.bucket();
        let created = bucket.client().and_then(|c| c.create(&bucket.name));
        created.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Removes the bucket with all that is in it, as somebody else than swamp.
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn remove_bucket(&self) {
        self.put.tell(format!("removed the bucket {}", self.name));
        self.bucket().remove().unwrap_or_else(|e| panic!("{e}"));
    }

    /// The place `prefix` inside of it; itself where the prefix is empty.
    pub fn below(&self, prefix: &str) -> Self {
        if prefix.is_empty() {
            return self.clone();
        }
        Self {
            name: format!("{}/{prefix}", self.name),
            put: self.put.clone(),
            place: match &self.place {
                Place::Directory(path) => Place::Directory(path.join(prefix)),
                Place::Bucket(bucket) => Place::Bucket(Bucket {
                    prefix: format!("{}{prefix}/", bucket.prefix),
                    ..bucket.clone()
                }),
            },
        }
    }
}
