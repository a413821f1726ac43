//! S3's buckets, through AWS's own client.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;

use super::buckets::{Buckets, Object};
use crate::machine::net::RUNTIME;
use crate::machine::net::http::LIMIT;

/// Emulators take any credentials; swamp and the observer give the same.
pub(super) const CREDENTIALS: (&str, &str) = ("swamp-uat", "swamp-uat");

/// The region that everything is in.
pub(super) const REGION: &str = "us-east-1";

/// A client for the buckets at one endpoint.
#[derive(Debug)]
pub(super) struct S3 {
    client: Client,
}

impl S3 {
    /// A client for `endpoint`, with path style requests as swamp's configuration asks for.
    pub(super) fn new(endpoint: &str) -> Self {
        let credentials = Credentials::new(CREDENTIALS.0, CREDENTIALS.1, None, None, "swamp-uat");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .region(Region::new(REGION))
            .endpoint_url(endpoint)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            // Emulators speak plain HTTP; a TLS stack would double the build.
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self {
            client: Client::from_conf(config),
        }
    }
}

/// Waits for the answer to a request, with all attempts that the client makes, and not for ever: a
/// server that froze accepts and says nothing.
fn within<T>(what: &str, answer: impl Future<Output = T>) -> Result<T, String> {
    RUNTIME
        .block_on(async { tokio::time::timeout(LIMIT, answer).await })
        .map_err(|_| format!("{what}: no answer within {} s", LIMIT.as_secs()))
}

fn told(what: &str, error: impl std::error::Error) -> String {
    format!("{what}: {}", DisplayErrorContext(error))
}

impl Buckets for S3 {
    fn create(&self, bucket: &str) -> Result<(), String> {
        let what = format!("create the bucket {bucket}");
        within(&what, self.client.create_bucket().bucket(bucket).send())?
            .map(drop)
            .map_err(|e| told(&what, e))
    }

    fn names(&self) -> Result<Vec<String>, String> {
        let mut pages = self.client.list_buckets().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = RUNTIME.block_on(pages.next()) {
            let page = page.map_err(|e| told("list the buckets", e))?;
            names.extend(
                page.buckets()
                    .iter()
                    .filter_map(|b| b.name().map(str::to_owned)),
            );
        }
        Ok(names)
    }

    fn list(&self, bucket: &str, page: u16) -> Result<Vec<Object>, String> {
        let what = format!("list the bucket {bucket}");
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(bucket)
            .max_keys(page.into())
            .into_paginator()
            .send();
        let mut objects = Vec::new();
        while let Some(page) = within(&what, pages.next())? {
            let page = page.map_err(|e| told(&what, e))?;
            objects.extend(page.contents().iter().map(|object| Object {
                key: object.key().unwrap_or_default().to_owned(),
                size: object.size().and_then(|s| s.try_into().ok()).unwrap_or(0),
                version: format!(
                    "{} {}",
                    object.e_tag().unwrap_or_default(),
                    object.last_modified().map(|t| t.to_string()).unwrap_or_default()
                ),
                digest: object.e_tag().unwrap_or_default().to_owned(),
            }));
        }
        objects.sort();
        Ok(objects)
    }

    fn oddities(&self, bucket: &str) -> Result<Vec<String>, String> {
        let what = format!("ask for the settings of {bucket}");
        let client = &self.client;
        let mut found = Vec::new();
        let versions = within(&what, client.get_bucket_versioning().bucket(bucket).send())?;
        let versions = versions.map_err(|e| told(&what, e))?;
        if let Some(status) = versions.status() {
            found.push(format!("the versioning of its objects is {status}"));
        }
        // What is not set is an error.
        let lifecycle = client.get_bucket_lifecycle_configuration();
        if let Ok(rules) = within(&what, lifecycle.bucket(bucket).send())?
            && !rules.rules().is_empty()
        {
            found.push("it has rules for how long its objects live".to_owned());
        }
        let policy = within(&what, client.get_bucket_policy().bucket(bucket).send())?;
        if let Some(policy) = policy.ok().and_then(|it| it.policy().map(str::to_owned)) {
            found.push(format!("it has a policy: {policy}"));
        }
        let uploads = within(&what, client.list_multipart_uploads().bucket(bucket).send())?;
        let uploads = uploads.map_err(|e| told(&what, e))?;
        for upload in uploads.uploads() {
            let key = upload.key().unwrap_or_default();
            found.push(format!("the upload of {key} was begun and never ended"));
        }
        Ok(found)
    }

    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        let what = format!("read {key} in {bucket}");
        let object = self.client.get_object().bucket(bucket).key(key).send();
        within(&what, async {
            match object.await {
                Ok(object) => {
                    let body = object.body.collect().await.map_err(|e| told(&what, e))?;
                    Ok(Some(body.to_vec()))
                }
                Err(e) if e.as_service_error().is_some_and(|e| e.is_no_such_key()) => Ok(None),
                Err(e) => Err(told(&what, e)),
            }
        })?
    }

    fn put(&self, bucket: &str, key: &str, content: &[u8]) -> Result<(), String> {
        let what = format!("write {key} in {bucket}");
        let put = self.client.put_object().bucket(bucket).key(key);
        let put = put.body(ByteStream::from(content.to_vec()));
        within(&what, put.send())?
            .map(drop)
            .map_err(|e| told(&what, e))
    }

    fn put_new(&self, bucket: &str, key: &str, content: &[u8]) -> Result<bool, String> {
        let what = format!("write the new {key} in {bucket}");
        let put = self.client.put_object().bucket(bucket).key(key);
        let put = put
            .if_none_match("*")
            .body(ByteStream::from(content.to_vec()));
        match within(&what, put.send())? {
            Ok(_) => Ok(true),
            Err(e) if e.raw_response().is_some_and(|r| r.status().as_u16() == 412) => Ok(false),
            Err(e) => Err(told(&what, e)),
        }
    }

    fn remove(&self, bucket: &str, key: &str) -> Result<(), String> {
        let what = format!("remove {key} in {bucket}");
        let remove = self.client.delete_object().bucket(bucket).key(key);
        within(&what, remove.send())?
            .map(drop)
            .map_err(|e| told(&what, e))
    }

    fn remove_bucket(&self, bucket: &str) -> Result<(), String> {
        let what = format!("remove the bucket {bucket}");
        within(&what, self.client.delete_bucket().bucket(bucket).send())?
            .map(drop)
            .map_err(|e| told(&what, e))
    }
}
