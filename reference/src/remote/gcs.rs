//! A bucket in Google Cloud Storage, through its JSON API.

use std::time::Duration;

use serde_json::Value;
use ureq::http::Method;
use url::form_urlencoded::byte_serialize;

use super::bucket::{Answer, Bucket, Head, Listed, Object};
use super::http::{Client, NoAnswer, Response};
use super::settings::{GcsConfig, key_prefix};
use crate::cloud::Cloud;
use crate::environment::Environment;
use crate::errors::{Failure, Result};
use crate::problem::{Kind, Problem};

const REJECTED: &str = "Datastore credentials rejected by GCS: verify GOOGLE_APPLICATION_CREDENTIALS, gcloud ADC, or \
                        the attached service account, then retry.";

/// A bucket, or a prefix in one.
pub struct Gcs {
    client: Client,
    base: String,
    bucket: String,
    /// What all keys begin with, with its slash.
    prefix: String,
    timeout: Duration,
}

impl Gcs {
    /// The bucket of a configuration. Without an endpoint of its own it would need credentials,
    /// which nobody has here.
    pub fn open(config: &GcsConfig, env: &Environment) -> Result<Self> {
        let Some(endpoint) = config.api_endpoint.as_deref().filter(|url| !url.is_empty()) else {
            return Err(Failure::not_implemented("GCS without an apiEndpoint"));
        };
        let timeout = super::settings::timeout(env, "SWAMP_GCS_REQUEST_TIMEOUT_MS", config.timeout);
        Ok(Self {
            client: Client::new(timeout),
            base: endpoint.trim_end_matches('/').to_owned(),
            bucket: config.bucket.clone(),
            prefix: key_prefix(config.prefix.as_deref()),
            timeout,
        })
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn bucket_url(&self) -> String {
        format!("{}/storage/v1/b/{}", self.base, encoded(&self.bucket))
    }

    fn object_url(&self, key: &str) -> String {
        format!("{}/o/{}", self.bucket_url(), encoded(&self.full(key)))
    }

    fn send(
        &self,
        operation: &str,
        method: &Method,
        url: &str,
        body: Option<&[u8]>,
    ) -> Answer<Response> {
        let binary = [("content-type", "application/octet-stream")];
        let headers: &[_] = if body.is_some() { &binary } else { &[] };
        match self.client.send(method, url, headers, body) {
            Ok(response) if response.is_ok() => Ok(response),
            Ok(response) => Err(refusal(operation, &response)),
            Err(reason) => Err(self.silence(operation, url, &reason)),
        }
    }

    /// Uploads, under a condition on the generation that is there.
    fn upload(
        &self,
        operation: &str,
        key: &str,
        bytes: &[u8],
        generation: Option<&str>,
    ) -> Answer<Option<String>> {
        let mut url = format!(
            "{}/upload/storage/v1/b/{}/o?uploadType=media&name={}",
            self.base,
            encoded(&self.bucket),
            encoded(&self.full(key))
        );
        if let Some(generation) = generation {
            url.push_str(&format!("&ifGenerationMatch={}", encoded(generation)));
        }
        let response = self.send(operation, &Method::POST, &url, Some(bytes))?;
        Ok(generation_of(&json(&response)?))
    }

    fn silence(&self, operation: &str, url: &str, reason: &NoAnswer) -> Problem {
        let sending = format!("transport failure — error sending request for url ({url}): ");
        let (name, said) = match reason {
            NoAnswer::Late => (
                "TimeoutError",
                format!("timed out after {}ms", self.timeout.as_millis()),
            ),
            NoAnswer::Refused => (
                "TypeError",
                format!(
                    "{sending}client error (Connect): tcp connect error: Connection refused (os error 111)"
                ),
            ),
            NoAnswer::Broken(why) => ("TypeError", format!("{sending}{why}")),
        };
        Problem {
            kind: Kind::Other,
            status: None,
            name: name.to_owned(),
            code: None,
            message: format!("GCS {operation} {said}"),
            details: None,
        }
    }
}

fn refusal(operation: &str, response: &Response) -> Problem {
    let status = response.status;
    let plain = |kind, name: &str, said: &str| Problem {
        kind,
        status: Some(status),
        name: name.to_owned(),
        code: None,
        message: format!("GCS {operation} {said} ({status})"),
        details: None,
    };
    match status {
        404 => return plain(Kind::Missing, "NotFoundError", "not found"),
        412 => {
            return plain(
                Kind::Precondition,
                "PreconditionFailedError",
                "precondition failed",
            );
        }
        _ => {}
    }
    let code = code_of(response);
    let mut parts: Vec<String> = Vec::new();
    if matches!(status, 401 | 403) {
        parts.push(REJECTED.to_owned());
    }
    parts.push(format!("GCS {operation} failed HTTP {status}"));
    parts.extend(code.clone());
    let preview = response.preview();
    if !preview.is_empty() {
        parts.push(format!("bodyPreview={}", Value::String(preview)));
    }
    Problem {
        kind: Kind::Other,
        status: Some(status),
        name: "GcsOperationError".to_owned(),
        code,
        message: parts.join(" "),
        details: None,
    }
}

fn code_of(response: &Response) -> Option<String> {
    let is_json = response
        .header("content-type")
        .is_some_and(|kind| kind.contains("application/json"));
    let body: Value = serde_json::from_slice(&response.body)
        .ok()
        .filter(|_| is_json)?;
    let error = body.get("error")?;
    let reason = error.pointer("/errors/0/reason").and_then(Value::as_str);
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => Some(reason.to_owned()),
        None => match error.get("code")? {
            Value::Number(code) => Some(code.to_string()),
            Value::String(code) => Some(code.clone()),
            _ => None,
        },
    }
}

fn encoded(text: &str) -> String {
    let form: String = byte_serialize(text.as_bytes()).collect();
    form.replace('+', "%20")
}

fn json(response: &Response) -> Answer<Value> {
    serde_json::from_slice(&response.body).map_err(|error| Problem::of(error.to_string()))
}

fn text_of(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// Generation 0 means that there is no object.
fn generation_of(value: &Value) -> Option<String> {
    text_of(value, "generation").filter(|generation| !generation.is_empty() && generation != "0")
}

impl Bucket for Gcs {
    fn cloud(&self) -> Cloud {
        Cloud::Gcs
    }

    fn check(&self) -> Answer<()> {
        self.send("bucketExists", &Method::GET, &self.bucket_url(), None)
            .map(|_| ())
    }

    /// With an endpoint of its own there are no credentials to look for.
    fn preflight(&self) -> Answer<()> {
        Ok(())
    }

    fn head(&self, key: &str) -> Answer<Option<Head>> {
        match self.send("getMetadata", &Method::GET, &self.object_url(key), None) {
            Ok(response) => {
                let found = json(&response)?;
                Ok(Some(Head {
                    version: generation_of(&found),
                    modified: text_of(&found, "updated").and_then(|text| text.parse().ok()),
                }))
            }
            Err(problem) if problem.is_missing() => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    fn get(&self, key: &str) -> Answer<Object> {
        let url = format!("{}?alt=media", self.object_url(key));
        let response = self.send("getObject", &Method::GET, &url, None)?;
        Ok(Object {
            version: response.header("x-goog-generation").map(str::to_owned),
            bytes: response.body,
        })
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Answer<Option<String>> {
        self.upload("putObject", key, bytes, None)
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Answer<Option<Option<String>>> {
        conditional(self.upload("putObjectConditional", key, bytes, Some("0")))
    }

    fn replace(&self, key: &str, bytes: &[u8], version: &str) -> Answer<Option<Option<String>>> {
        conditional(self.upload("putObjectCas", key, bytes, Some(version)))
    }

    fn delete(&self, key: &str, version: Option<&str>) -> Answer<()> {
        let mut url = self.object_url(key);
        if let Some(version) = version {
            url.push_str(&format!("?ifGenerationMatch={}", encoded(version)));
        }
        match self.send("deleteObject", &Method::DELETE, &url, None) {
            Err(problem) if !problem.is_missing() => Err(problem),
            _ => Ok(()),
        }
    }

    fn list(&self, prefix: &str) -> Answer<Vec<Listed>> {
        let (prefix, cut) = (self.full(prefix), self.prefix.len());
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut url = format!("{}/o?", self.bucket_url());
            if !prefix.is_empty() {
                url.push_str(&format!("prefix={}&", encoded(&prefix)));
            }
            if let Some(token) = &token {
                url.push_str(&format!("pageToken={}", encoded(token)));
            }
            let url = url.trim_end_matches('&');
            let page = json(&self.send("listObjects", &Method::GET, url, None)?)?;
            let items = page.get("items").and_then(Value::as_array);
            found.extend(items.into_iter().flatten().filter_map(|item| {
                Some(Listed {
                    key: text_of(item, "name")?.get(cut..)?.to_owned(),
                    size: text_of(item, "size")?.parse().unwrap_or_default(),
                    modified: text_of(item, "updated").and_then(|text| text.parse().ok()),
                })
            }));
            token = text_of(&page, "nextPageToken").filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    fn copy(&self, from: &str, to: &str) -> Answer<()> {
        let url = format!(
            "{}/rewriteTo/b/{}/o/{}",
            self.object_url(from),
            encoded(&self.bucket),
            encoded(&self.full(to))
        );
        self.send("copyObject", &Method::POST, &url, Some(&[]))
            .map(|_| ())
    }
}

fn conditional(answer: Answer<Option<String>>) -> Answer<Option<Option<String>>> {
    match answer {
        Ok(generation) => Ok(Some(generation)),
        Err(problem) if problem.kind == Kind::Precondition => Ok(None),
        Err(problem) => Err(problem),
    }
}
