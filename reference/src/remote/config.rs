//! What `.swamp.yaml` says about a datastore in the cloud.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::bucket::Bucket;
use super::gcs::Gcs;
use super::s3::S3;
use super::settings::{GcsConfig, S3Config};
use crate::cloud::Cloud;
use crate::config::marker::Marker;
use crate::environment::Environment;
use crate::errors::{Failure, Result};
use crate::quirks::{Quirk, Quirks};

/// The configuration of a datastore type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Config {
    /// A bucket in S3.
    S3(S3Config),
    /// A bucket in Google Cloud Storage.
    Gcs(GcsConfig),
}

impl Config {
    /// The configuration of a datastore type.
    pub fn parse(cloud: Cloud, config: &Map<String, Value>) -> Result<Self> {
        check_bucket(cloud, config)?;
        let value = Value::Object(config.clone());
        let parsed = match cloud {
            Cloud::S3 => serde_json::from_value(value).map(Self::S3),
            Cloud::Gcs => serde_json::from_value(value).map(Self::Gcs),
        };
        parsed.map_err(|error| {
            Failure::refused(format!(
                "Invalid config for \"{}\": {error}",
                cloud.type_name()
            ))
        })
    }

    /// The configuration of a repository; none where its datastore is a directory.
    pub fn of(marker: &Marker) -> Result<Option<Self>> {
        match marker.datastore("type").and_then(Cloud::of_type) {
            Some(cloud) => Self::parse(cloud, &marker.datastore_config()).map(Some),
            None => Ok(None),
        }
    }

    /// The cloud it is in.
    pub fn cloud(&self) -> Cloud {
        match self {
            Self::S3(_) => Cloud::S3,
            Self::Gcs(_) => Cloud::Gcs,
        }
    }

    /// The name of the bucket.
    pub fn bucket(&self) -> &str {
        match self {
            Self::S3(config) => &config.bucket,
            Self::Gcs(config) => &config.bucket,
        }
    }

    /// The bucket. Nothing is asked of it yet.
    pub fn open(&self, env: &Environment) -> Result<Arc<dyn Bucket>> {
        Ok(match self {
            Self::S3(config) => Arc::new(S3::open(config, env)?),
            Self::Gcs(config) => Arc::new(Gcs::open(config, env)?),
        })
    }

    /// What a check of the bucket says, in words.
    pub fn health(
        &self,
        bucket: &dyn Bucket,
        quirks: &Quirks,
    ) -> std::result::Result<String, String> {
        let (name, cloud) = (self.bucket(), self.cloud().name());
        let Err(problem) = bucket.check() else {
            return Ok(format!("{cloud} bucket '{name}' is accessible"));
        };
        let message = &problem.message;
        let judged = match message.split_once(" [requestId=") {
            Some((before, _)) if !quirks.on(Quirk::RequestIdDecidesHint) => before,
            _ => message,
        };
        let says = |words: &[&str]| words.iter().any(|word| judged.contains(word));
        let missing = if cloud == "S3" {
            "NotFound"
        } else {
            "Not Found"
        };
        let hint = if says(&["403", "Forbidden"]) {
            match self {
                Self::S3(_) => " Check your AWS credentials and bucket permissions.".to_owned(),
                Self::Gcs(_) => {
                    " Check your GCP credentials and bucket IAM permissions (storage.buckets.get required).".to_owned()
                }
            }
        } else if says(&["404", missing]) {
            format!(" The bucket '{name}' does not exist.")
        } else if cloud == "S3" && says(&["credentials"]) {
            " Configure AWS credentials (AWS_ACCESS_KEY_ID/AWS_SECRET_ACCESS_KEY or ~/.aws/credentials).".to_owned()
        } else {
            String::new()
        };
        Err(format!(
            "Cannot access {cloud} bucket '{name}': {message}.{hint}"
        ))
    }
}

/// Refuses a configuration without a bucket, in the words of swamp's validator.
fn check_bucket(cloud: Cloud, config: &Map<String, Value>) -> Result<()> {
    let received = match config.get("bucket") {
        Some(Value::String(_)) => return Ok(()),
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    };
    let problem = json!([{
        "expected": "string", "code": "invalid_type", "path": ["bucket"],
        "message": format!("Invalid input: expected string, received {received}"),
    }]);
    Err(Failure::refused(format!(
        "Invalid config for \"{}\": {problem:#}",
        cloud.type_name()
    )))
}
