//! What a bucket can do.

use std::time::Duration;

use jiff::Timestamp;

use crate::cloud::Cloud;
use crate::problem::Problem;

/// The result of a request.
pub type Answer<T> = std::result::Result<T, Problem>;

/// An object and what identifies this version of it: an ETag in S3, a generation in GCS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its content.
    pub bytes: Vec<u8>,
    /// This version of it.
    pub version: Option<String>,
}

/// What is known of an object without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// This version of it.
    pub version: Option<String>,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

/// A bucket, or a prefix in one. Keys are relative to the prefix.
pub trait Bucket: Send + Sync {
    /// Which cloud it is in.
    fn cloud(&self) -> Cloud;
    /// Asks whether it is there and open to us.
    fn check(&self) -> Answer<()>;
    /// What a sync asks before it starts.
    fn preflight(&self) -> Answer<()>;
    /// What is known of an object; none where there is no such object.
    fn head(&self, key: &str) -> Answer<Option<Head>>;
    /// An object; that there is none is a problem.
    fn get(&self, key: &str) -> Answer<Object>;
    /// Writes an object and gives its version.
    fn put(&self, key: &str, bytes: &[u8]) -> Answer<Option<String>>;
    /// Writes an object that must not be there yet, and gives its version; none where it is there.
    fn create(&self, key: &str, bytes: &[u8]) -> Answer<Option<Option<String>>>;
    /// Writes an object in place of this version; none where that is not the one that is there.
    fn replace(&self, key: &str, bytes: &[u8], version: &str) -> Answer<Option<Option<String>>>;
    /// Removes an object, if it has this version. That there is none is no problem.
    fn delete(&self, key: &str, version: Option<&str>) -> Answer<()>;
    /// All objects whose keys begin so.
    fn list(&self, prefix: &str) -> Answer<Vec<Listed>>;
    /// Copies an object within the bucket.
    fn copy(&self, from: &str, to: &str) -> Answer<()>;
}

/// How often a request is made at most.
const ATTEMPTS: u32 = 3;
/// How long to wait before the second attempt; before the third one, three times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Makes a request again where that may help.
pub fn patiently<T>(mut request: impl FnMut() -> Answer<T>) -> Answer<T> {
    let first = request();
    patiently_after(first, request)
}

/// The same, where the first attempt was made already.
pub fn patiently_after<T>(first: Answer<T>, mut request: impl FnMut() -> Answer<T>) -> Answer<T> {
    let mut answer = first;
    for attempt in 0..ATTEMPTS - 1 {
        if !matches!(&answer, Err(problem) if problem.may_pass()) {
            break;
        }
        std::thread::sleep(FIRST_PAUSE * 3_u32.pow(attempt));
        answer = request();
    }
    answer
}
