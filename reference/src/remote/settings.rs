//! Where a bucket is, as `.swamp.yaml` says it.

use std::time::Duration;

use serde::Deserialize;

use crate::environment::Environment;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Where a bucket in S3 is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of the configuration")]
pub struct S3Config {
    pub bucket: String,
    pub prefix: Option<String>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
    pub force_path_style: Option<bool>,
    #[serde(rename = "requestTimeoutMs")]
    pub timeout: Option<u64>,
}

/// Where a bucket in Google Cloud Storage is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of the configuration")]
pub struct GcsConfig {
    pub bucket: String,
    pub prefix: Option<String>,
    pub api_endpoint: Option<String>,
    #[serde(rename = "requestTimeoutMs")]
    pub timeout: Option<u64>,
}

/// What the keys of a datastore with this prefix begin with: it and a slash, or nothing.
pub(super) fn key_prefix(prefix: Option<&str>) -> String {
    match prefix {
        None | Some("") => String::new(),
        Some(prefix) => format!("{prefix}/"),
    }
}

/// How long to wait for an answer: what the environment says, else the configuration, else half a
/// minute.
pub fn timeout(env: &Environment, variable: &str, configured: Option<u64>) -> Duration {
    let of_env = env
        .get(variable)
        .and_then(|text| text.parse::<u64>().ok())
        .filter(|ms| (1000..=600_000).contains(ms));
    of_env
        .or(configured)
        .map_or(DEFAULT_TIMEOUT, Duration::from_millis)
}
