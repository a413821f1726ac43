//! A bucket in S3.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{S3Action, UrlStyle};
use ureq::http::Method;

use super::bucket::{Answer, Bucket, Head, Listed, Object};
use super::http::{Client, Response};
use super::s3_error::Errors;
use super::settings::{S3Config, key_prefix};
use super::signature::{self, Credentials};
use crate::cloud::Cloud;
use crate::environment::Environment;
use crate::errors::{Failure, Result};
use crate::problem::{Kind, Problem};

/// How long a signature in a URL would be valid: there is none.
const VALID: Duration = Duration::from_secs(300);

/// A bucket in S3, or a prefix in one.
pub struct S3 {
    client: Client,
    bucket: rusty_s3::Bucket,
    credentials: Option<Credentials>,
    /// What all keys begin with, with its slash.
    prefix: String,
    errors: Errors,
}

impl S3 {
    /// The bucket of a configuration.
    pub fn open(config: &S3Config, env: &Environment) -> Result<Self> {
        let region = config
            .region
            .clone()
            .or_else(|| env.get("AWS_REGION"))
            .or_else(|| env.get("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = config
            .endpoint
            .clone()
            .unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let url: url::Url = endpoint
            .parse()
            .map_err(|error| Failure::refused(format!("Invalid endpoint {endpoint}: {error}")))?;
        let style = match config.force_path_style {
            Some(true) => UrlStyle::Path,
            _ => UrlStyle::VirtualHost,
        };
        let authority = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        let bucket = rusty_s3::Bucket::new(url, style, config.bucket.clone(), region)
            .map_err(|error| Failure::refused(format!("Invalid S3 bucket: {error:?}")))?;
        let credentials = env
            .get("AWS_ACCESS_KEY_ID")
            .zip(env.get("AWS_SECRET_ACCESS_KEY"))
            .map(|(key, secret)| Credentials {
                key,
                secret,
                token: env.get("AWS_SESSION_TOKEN"),
            });
        let timeout = super::settings::timeout(env, "SWAMP_S3_REQUEST_TIMEOUT_MS", config.timeout);
        Ok(Self {
            client: Client::new(timeout),
            bucket,
            credentials,
            prefix: key_prefix(config.prefix.as_deref()),
            errors: Errors {
                timeout,
                profile: env.get("AWS_PROFILE"),
                authority,
            },
        })
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Signs and makes a request. `headers` are signed too.
    fn run<'a>(
        &self,
        operation: &str,
        action: impl S3Action<'a>,
        method: &Method,
        headers: &[(&'static str, String)],
        body: Option<&[u8]>,
    ) -> Answer<Response> {
        let Some(credentials) = &self.credentials else {
            return Err(self.errors.without_credentials(operation));
        };
        // Without credentials, this only spells the URL.
        let url = signature::spell(action.sign(VALID));
        let signed = signature::signed_headers(
            credentials,
            self.bucket.region(),
            method.as_str(),
            &url,
            headers,
            body.unwrap_or_default(),
            Timestamp::now(),
        );
        let headers: Vec<(&str, &str)> = signed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        match self.client.send(method, url.as_str(), &headers, body) {
            Ok(response) if response.is_ok() => Ok(response),
            Ok(response) => Err(self.errors.refusal(operation, &response)),
            Err(reason) => Err(self.errors.silence(operation, &reason)),
        }
    }
}

/// What identifies a version; the tag of an object that was uploaded in parts says nothing about
/// its content.
fn version(response: &Response) -> Option<String> {
    let tag = response.header("etag")?.trim_matches('"');
    let in_parts = tag
        .rsplit_once('-')
        .is_some_and(|(_, parts)| !parts.is_empty() && parts.bytes().all(|b| b.is_ascii_digit()));
    (!tag.is_empty() && !in_parts).then(|| tag.to_owned())
}

impl Bucket for S3 {
    fn cloud(&self) -> Cloud {
        Cloud::S3
    }

    fn check(&self) -> Answer<()> {
        let action = self.bucket.head_bucket(None);
        self.run("headBucket", action, &Method::HEAD, &[], None)
            .map(|_| ())
    }

    fn preflight(&self) -> Answer<()> {
        self.check()
    }

    fn head(&self, key: &str) -> Answer<Option<Head>> {
        let key = self.full(key);
        let action = self.bucket.head_object(None, &key);
        match self.run("headObject", action, &Method::HEAD, &[], None) {
            Ok(response) => Ok(Some(Head {
                version: version(&response),
                modified: response
                    .header("last-modified")
                    .and_then(|text| rfc2822::parse(text).ok())
                    .map(|time| time.timestamp()),
            })),
            Err(problem) if problem.is_missing() => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    fn get(&self, key: &str) -> Answer<Object> {
        let key = self.full(key);
        let action = self.bucket.get_object(None, &key);
        let response = self.run("getObject", action, &Method::GET, &[], None)?;
        Ok(Object {
            version: version(&response),
            bytes: response.body,
        })
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Answer<Option<String>> {
        let key = self.full(key);
        let action = self.bucket.put_object(None, &key);
        let response = self.run("putObject", action, &Method::PUT, &[], Some(bytes))?;
        Ok(version(&response))
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Answer<Option<Option<String>>> {
        let key = self.full(key);
        let action = self.bucket.put_object(None, &key);
        let only_new = [("if-none-match", "*".to_owned())];
        let operation = "putObjectConditional";
        match self.run(operation, action, &Method::PUT, &only_new, Some(bytes)) {
            Ok(response) => Ok(Some(version(&response))),
            Err(problem) if problem.kind == Kind::Precondition => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Swamp looks at what is there and writes then.
    fn replace(&self, key: &str, bytes: &[u8], _version: &str) -> Answer<Option<Option<String>>> {
        self.put(key, bytes).map(Some)
    }

    fn delete(&self, key: &str, _version: Option<&str>) -> Answer<()> {
        let key = self.full(key);
        let action = self.bucket.delete_object(None, &key);
        match self.run("deleteObject", action, &Method::DELETE, &[], None) {
            Err(problem) if !problem.is_missing() => Err(problem),
            _ => Ok(()),
        }
    }

    fn list(&self, prefix: &str) -> Answer<Vec<Listed>> {
        let (prefix, cut) = (self.full(prefix), self.prefix.len());
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut action = self.bucket.list_objects_v2(None);
            if !prefix.is_empty() {
                action.with_prefix(prefix.clone());
            }
            if let Some(token) = &token {
                action.with_continuation_token(token.clone());
            }
            let response = self.run("listObjects", action, &Method::GET, &[], None)?;
            let text = String::from_utf8_lossy(&response.body);
            let page = ListObjectsV2::parse_response(&text)
                .map_err(|error| Problem::of(format!("S3 listObjects failed — {error}")))?;
            found.extend(page.contents.into_iter().map(|object| {
                Listed {
                    key: object.key.get(cut..).unwrap_or_default().to_owned(),
                    size: object.size.unwrap_or_default(),
                    modified: object
                        .last_modified
                        .and_then(|text| text.parse::<Timestamp>().ok()),
                }
            }));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    fn copy(&self, from: &str, to: &str) -> Answer<()> {
        let target = self.full(to);
        let action = self.bucket.put_object(None, &target);
        let source = self.bucket.object_url(&self.full(from));
        let source = source
            .path()
            .strip_prefix(self.bucket.base_url().path().trim_end_matches('/'))
            .map(|key| format!("{}/{}", self.bucket.name(), key.trim_start_matches('/')));
        let headers = [("x-amz-copy-source", source.unwrap_or_default())];
        self.run("copyObject", action, &Method::PUT, &headers, Some(&[]))
            .map(|_| ())
    }
}
