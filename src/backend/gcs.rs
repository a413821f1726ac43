//! GCS's buckets, through its plain JSON API.

use serde::Deserialize;

use super::buckets::{Buckets, Object};
use crate::machine::net::http::{Answer, escaped, request};

/// The project that buckets are made in. Emulators take any.
pub(super) const PROJECT: &str = "swamp-uat";

/// A client for the buckets at one endpoint.
#[derive(Debug)]
pub(super) struct Gcs {
    endpoint: String,
}

/// One page of a listing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    items: Vec<Item>,
    next_page_token: Option<String>,
}

/// One page of the list of buckets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BucketPage {
    #[serde(default)]
    items: Vec<NamedBucket>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct NamedBucket {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: String,
    size: String,
    generation: String,
    md5_hash: String,
}

impl Gcs {
    /// A client for `endpoint`.
    pub(super) fn new(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
        }
    }

    fn call(&self, method: &str, path: &str, body: &[u8]) -> Result<Answer, String> {
        let kind = [("content-type", "application/json")];
        request(method, &format!("{}/{path}", self.endpoint), &kind, body)
    }

    fn upload(
        &self,
        bucket: &str,
        key: &str,
        content: &[u8],
        condition: &str,
    ) -> Result<Answer, String> {
        let path = format!(
            "upload/storage/v1/b/{bucket}/o?uploadType=media&name={}{condition}",
            escaped(key)
        );
        let kind = [("content-type", "application/octet-stream")];
        request("POST", &format!("{}/{path}", self.endpoint), &kind, content)
    }
}

/// The answer, if it is a success.
fn good(what: String, answer: Answer) -> Result<Answer, String> {
    match answer.status {
        200..=299 => Ok(answer),
        status => Err(format!("{what}: {status} {}", answer.text().trim_end())),
    }
}

fn object_path(bucket: &str, key: &str) -> String {
    format!("storage/v1/b/{bucket}/o/{}", escaped(key))
}

impl Buckets for Gcs {
    fn create(&self, bucket: &str) -> Result<(), String> {
        let body = serde_json::json!({ "name": bucket }).to_string();
        let path = format!("storage/v1/b?project={PROJECT}");
        let answer = self.call("POST", &path, body.as_bytes())?;
        good(format!("create the bucket {bucket}"), answer).map(drop)
    }

    fn names(&self) -> Result<Vec<String>, String> {
        let what = || "list the buckets".to_owned();
        let mut names = Vec::new();
        let mut from = String::new();
        loop {
            let path = format!("storage/v1/b?project={PROJECT}{from}");
            let answer = good(what(), self.call("GET", &path, b"")?)?;
            let page: BucketPage = serde_json::from_slice(&answer.body)
                .map_err(|e| format!("{}: {e}: {}", what(), answer.text()))?;
            names.extend(page.items.into_iter().map(|bucket| bucket.name));
            match page.next_page_token.filter(|token| !token.is_empty()) {
                Some(token) => from = format!("&pageToken={}", escaped(&token)),
                None => return Ok(names),
            }
        }
    }

    fn list(&self, bucket: &str, page: u16) -> Result<Vec<Object>, String> {
        let what = || format!("list the bucket {bucket}");
        let mut objects = Vec::new();
        let mut from = String::new();
        loop {
            let path = format!("storage/v1/b/{bucket}/o?maxResults={page}{from}");
            let answer = good(what(), self.call("GET", &path, b"")?)?;
            let page: Page = serde_json::from_slice(&answer.body)
                .map_err(|e| format!("{}: {e}: {}", what(), answer.text()))?;
            for item in page.items {
                objects.push(Object {
                    size: item.size.parse().map_err(|e| format!("{}: {e}", what()))?,
                    key: item.name,
                    version: item.generation,
                    digest: item.md5_hash,
                });
            }
            match page.next_page_token.filter(|token| !token.is_empty()) {
                Some(token) => from = format!("&pageToken={}", escaped(&token)),
                None => break,
            }
        }
        objects.sort();
        Ok(objects)
    }

    fn oddities(&self, bucket: &str) -> Result<Vec<String>, String> {
        let what = format!("ask for the settings of {bucket}");
        let answer = good(
            what.clone(),
            self.call("GET", &format!("storage/v1/b/{bucket}"), b"")?,
        )?;
        let set: serde_json::Value =
            serde_json::from_slice(&answer.body).map_err(|e| format!("{what}: {e}"))?;
        let mut found = Vec::new();
        if set["versioning"]["enabled"] == true {
            found.push("it keeps versions of its objects".to_owned());
        }
        if set["lifecycle"]["rule"]
            .as_array()
            .is_some_and(|rules| !rules.is_empty())
        {
            found.push("it has rules for how long its objects live".to_owned());
        }
        Ok(found)
    }

    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        let path = format!("{}?alt=media", object_path(bucket, key));
        let answer = self.call("GET", &path, b"")?;
        if answer.status == 404 {
            return Ok(None);
        }
        good(format!("read {key} in {bucket}"), answer).map(|answer| Some(answer.body))
    }

    fn put(&self, bucket: &str, key: &str, content: &[u8]) -> Result<(), String> {
        let answer = self.upload(bucket, key, content, "")?;
        good(format!("write {key} in {bucket}"), answer).map(drop)
    }

    fn put_new(&self, bucket: &str, key: &str, content: &[u8]) -> Result<bool, String> {
        let answer = self.upload(bucket, key, content, "&ifGenerationMatch=0")?;
        if answer.status == 412 {
            return Ok(false);
        }
        good(format!("write the new {key} in {bucket}"), answer).map(|_| true)
    }

    fn remove(&self, bucket: &str, key: &str) -> Result<(), String> {
        let answer = self.call("DELETE", &object_path(bucket, key), b"")?;
        good(format!("remove {key} in {bucket}"), answer).map(drop)
    }

    fn remove_bucket(&self, bucket: &str) -> Result<(), String> {
        let answer = self.call("DELETE", &format!("storage/v1/b/{bucket}"), b"")?;
        good(format!("remove the bucket {bucket}"), answer).map(drop)
    }
}
