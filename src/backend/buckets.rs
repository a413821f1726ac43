//! What the harness does with buckets, through clients that are not swamp's.

/// One object of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// What changes when it is written again: the ETag and the time on S3, the generation on GCS.
    pub version: String,
    /// What changes with its content alone: the ETag on S3, the MD5 on GCS.
    pub digest: String,
}

/// A client for the buckets of one backend. An error is a sentence that says what was tried.
pub trait Buckets: Send + Sync {
    /// Makes an empty bucket. Some backends take a bucket that is there already for a new one.
    ///
    /// # Errors
    /// The backend refused.
    fn create(&self, bucket: &str) -> Result<(), String>;

    /// The names of all buckets.
    ///
    /// # Errors
    /// They cannot be listed.
    fn names(&self) -> Result<Vec<String>, String>;

    /// Every object, sorted by key; asked for in pages of `page` keys, to the last one.
    ///
    /// # Errors
    /// The bucket cannot be listed.
    fn list(&self, bucket: &str, page: u16) -> Result<Vec<Object>, String>;

    /// What is set for a bucket that no new one has, such as versions of its objects, and what lies
    /// in it that no listing shows, such as the half of an upload. For people.
    ///
    /// # Errors
    /// The backend does not say.
    fn oddities(&self, bucket: &str) -> Result<Vec<String>, String>;

    /// What is set for those of the objects that are there which swamp sets for none: a type of
    /// content, an encoding, metadata, tags. For people; at most one request for an object.
    ///
    /// # Errors
    /// The backend does not say.
    fn odd_objects(&self, bucket: &str, keys: &[&str]) -> Result<Vec<String>, String>;

    /// The content of an object, if it is there.
    ///
    /// # Errors
    /// It cannot be read.
    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, String>;

    /// Writes an object.
    ///
    /// # Errors
    /// The backend refused.
    fn put(&self, bucket: &str, key: &str, content: &[u8]) -> Result<(), String>;

    /// Writes an object only if there is none under the key, in the request shape that swamp's
    /// own client sends. Whether it was written.
    ///
    /// # Errors
    /// The backend refused for another reason than an object that is there.
    fn put_new(&self, bucket: &str, key: &str, content: &[u8]) -> Result<bool, String>;

    /// Removes an object.
    ///
    /// # Errors
    /// The backend refused.
    fn remove(&self, bucket: &str, key: &str) -> Result<(), String>;

    /// Removes a bucket that is empty.
    ///
    /// # Errors
    /// The backend refused.
    fn remove_bucket(&self, bucket: &str) -> Result<(), String>;
}

/// What is set for an object, by the names of what may be set, as one line; none where swamp sets
/// the same. It gives the type of bytes, and some backends have a word of their own for no type.
pub(super) fn odd_object(key: &str, set: &[(&str, Option<&str>)]) -> Option<String> {
    let usual = ["", "application/octet-stream", "binary/octet-stream"];
    let odd = set.iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        let is_usual = *name == CONTENT_TYPE && usual.contains(&value);
        (!is_usual).then(|| format!("{name} {value}"))
    });
    let odd: Vec<String> = odd.collect();
    (!odd.is_empty()).then(|| format!("{key} has the {}", odd.join(", the ")))
}

/// What is usual for objects has one name.
pub(super) const CONTENT_TYPE: &str = "content type";

/// The most keys that both backends give in one page.
pub const PAGE: u16 = 1000;

/// Removes a bucket with all that is in it.
///
/// # Errors
/// The backend refused.
pub fn remove_all(buckets: &dyn Buckets, bucket: &str) -> Result<(), String> {
    for object in buckets.list(bucket, PAGE)? {
        buckets.remove(bucket, &object.key)?;
    }
    buckets.remove_bucket(bucket)
}

/// What a backend can do, found by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// A conditional write of swamp's client is refused when the object is there: without it,
    /// swamp's locks exclude nobody.
    pub exclusive_create: bool,
}

impl Capabilities {
    /// The capabilities, for people.
    pub fn describe(self) -> &'static str {
        if self.exclusive_create {
            "lists in pages, excludes (a conditional create is refused the second time)"
        } else {
            "lists in pages, does not exclude (a conditional create succeeds twice, so that \
             swamp's locks are void here)"
        }
    }
}

/// Tries a backend out in a bucket of its own, of which nothing stays.
///
/// # Errors
/// It cannot do what every scenario needs: a bucket, writing, reading, listing to the last page.
pub fn probe(buckets: &dyn Buckets, bucket: &str) -> Result<Capabilities, String> {
    buckets.create(bucket)?;
    let found = try_out(buckets, bucket);
    let gone = remove_all(buckets, bucket);
    let capabilities = found?;
    gone?;
    Ok(capabilities)
}

fn try_out(buckets: &dyn Buckets, bucket: &str) -> Result<Capabilities, String> {
    let keys = ["a", "b/c", "b/d e"];
    for key in keys {
        buckets.put(bucket, key, key.as_bytes())?;
    }
    let listed: Vec<String> = buckets
        .list(bucket, 2)?
        .into_iter()
        .map(|object| object.key)
        .collect();
    if listed != keys {
        return Err(format!(
            "of the keys {keys:?}, a listing in pages of two shows {listed:?}"
        ));
    }
    let read = buckets.get(bucket, keys[2])?;
    if read.as_deref() != Some(keys[2].as_bytes()) || buckets.get(bucket, "absent")?.is_some() {
        return Err("an object is not read as it was written".to_owned());
    }
    if !buckets.put_new(bucket, "new", b"1")? {
        return Err("a conditional create of a new object is refused".to_owned());
    }
    Ok(Capabilities {
        exclusive_create: !buckets.put_new(bucket, "new", b"2")?,
    })
}
