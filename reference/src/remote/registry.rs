//! The namespaces of a bucket.

use serde_json::Value;

use super::bucket::{Answer, Bucket};
use super::index::parse_json;
use super::keys;
use crate::cloud::Cloud;
use crate::namespace::manifest::{self, Manifest};
use crate::problem::Problem;
use crate::time;

/// The namespaces that are claimed in the bucket, in the order of its listing.
pub fn namespaces(bucket: &dyn Bucket) -> Answer<Vec<String>> {
    Ok(keys::namespaces(&bucket.list("")?))
}

/// The claim to a namespace that has a manifest, as far as that says something.
pub fn claim(bucket: &dyn Bucket, namespace: &str) -> Answer<Manifest> {
    let object = bucket.get(&keys::within(Some(namespace), manifest::FILE_NAME))?;
    let said = parse_json(&String::from_utf8_lossy(&object.bytes))?;
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Manifest {
        namespace: namespace.to_owned(),
        repo_id: text("repoId"),
        registered_at: text("registeredAt"),
    })
}

/// Who has claimed a namespace; none where nobody has.
pub fn owner(bucket: &dyn Bucket, namespace: &str) -> Answer<Option<String>> {
    match bucket.get(&keys::within(Some(namespace), manifest::FILE_NAME)) {
        Ok(object) => {
            let claim = parse_json(&String::from_utf8_lossy(&object.bytes))?;
            let owner = claim.get("repoId").and_then(Value::as_str);
            Ok(Some(owner.unwrap_or("undefined").to_owned()))
        }
        Err(problem) if problem.is_missing() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Claims a namespace, or renews the own claim. That of another repository is a problem.
pub fn register(bucket: &dyn Bucket, namespace: &str, repo_id: &str) -> Answer<()> {
    let key = keys::within(Some(namespace), manifest::FILE_NAME);
    let claim = Manifest {
        namespace: namespace.to_owned(),
        repo_id: Some(repo_id.to_owned()),
        registered_at: Some(time::now()),
    };
    let claim = serde_json::to_string_pretty(&claim)
        .map_err(|error| Problem::of(error.to_string()))?
        .into_bytes();
    // Each cloud has its own order of asking and writing.
    if bucket.cloud() == Cloud::Gcs
        && let Some(owner) = owner(bucket, namespace)?
    {
        check(namespace, &owner, repo_id)?;
        return bucket.put(&key, &claim).map(|_| ());
    }
    if bucket.create(&key, &claim)?.is_some() {
        return Ok(());
    }
    let owner = owner(bucket, namespace)?.unwrap_or_default();
    check(namespace, &owner, repo_id)?;
    bucket.put(&key, &claim).map(|_| ())
}

/// Gives the own claim to a namespace back. That of another repository stays.
pub fn release(bucket: &dyn Bucket, namespace: &str, repo_id: &str) -> Answer<()> {
    if owner(bucket, namespace)?.as_deref() != Some(repo_id) {
        return Ok(());
    }
    let key = keys::within(Some(namespace), manifest::FILE_NAME);
    bucket.delete(&key, None)
}

fn check(namespace: &str, owner: &str, repo_id: &str) -> Answer<()> {
    if owner == repo_id {
        return Ok(());
    }
    Err(Problem::of(format!(
        "Namespace \"{namespace}\" is already registered by repo {owner}"
    )))
}
