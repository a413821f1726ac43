//! Datastores in a bucket, through swamp's datastore extensions.

use std::collections::BTreeSet;

use serde_json::json;

use super::emulator::{self, Emulator};
use super::{Availability, Backend, gcs, s3};
use crate::backend::leftovers::buckets as leftovers;
use crate::backend::store::{Bucket, Place, Store};
use crate::kind::Kind;
use crate::machine::net::proxy::Words;
use crate::machine::sandbox::{Sandbox, World};
use crate::render::surface::Surface;

/// A cloud backend: S3 or GCS.
#[derive(Debug)]
pub struct Cloud(pub(super) Kind);

impl Cloud {
    /// What `datastore setup extension` is told of a bucket.
    fn config(&self, bucket: &Bucket, prefix: &str) -> String {
        let endpoint = bucket.endpoint.as_str();
        let mut config = match self.0 {
            Kind::Gcs => json!({
                "bucket": bucket.name,
                "projectId": gcs::PROJECT,
                "apiEndpoint": endpoint,
            }),
            Kind::S3 | Kind::Filesystem => json!({
                "bucket": bucket.name,
                "region": s3::REGION,
                "endpoint": endpoint,
                "forcePathStyle": true,
            }),
        };
        if !prefix.is_empty() {
            config["prefix"] = json!(prefix);
        }
        config.to_string()
    }
}

impl Backend for Cloud {
    fn kind(&self) -> Kind {
        self.0
    }

    fn surfaces(&self) -> &'static [Surface] {
        &[Surface::Cli, Surface::Tree, Surface::Bucket]
    }

    fn probe(&self) -> Availability {
        match emulator::of(self.0) {
            Ok(found) => Availability::Available(format!(
                "{} at {}: {}",
                found.origin,
                found.endpoint,
                found.capabilities.describe()
            )),
            Err(why) => Availability::Unavailable(why.to_owned()),
        }
    }

    fn without_starting(&self) -> Availability {
        match emulator::without_starting(self.0) {
            Ok(()) => Availability::Available("not tried".to_owned()),
            Err(why) => Availability::Unavailable(why),
        }
    }

    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        match self.0 {
            // An emulator of GCS asks for nothing, and neither does swamp with an endpoint.
            Kind::Gcs | Kind::Filesystem => Vec::new(),
            Kind::S3 => vec![
                ("AWS_ACCESS_KEY_ID", s3::CREDENTIALS.0),
                ("AWS_SECRET_ACCESS_KEY", s3::CREDENTIALS.1),
            ],
        }
    }

    fn place(&self, sandbox: &Sandbox, name: &str) -> Result<Place, String> {
        let found: &Emulator = emulator::of(self.0).map_err(str::to_owned)?;
        if let Some(why) = emulator::death(self.0) {
            return Err(why);
        }
        let purpose = match sandbox.world() {
            World::First => name.to_owned(),
            World::Second => format!("{name}-of-another-world"),
        };
        let bucket = Bucket {
            kind: self.0,
            name: leftovers::name(&purpose),
            endpoint: found.endpoint.clone(),
            prefix: String::new(),
        };
        if !found.ends_with_us {
            leftovers::rent(self.0, &bucket.name)?;
        }
        found.buckets.create(&bucket.name)?;
        Ok(Place::Bucket(bucket))
    }

    fn extension(&self) -> Option<(&'static str, &'static str)> {
        match self.0 {
            Kind::Filesystem => None,
            Kind::Gcs => Some(("@swamp/gcs-datastore", "gcs")),
            Kind::S3 => Some(("@swamp/s3-datastore", "s3")),
        }
    }

    fn setup(&self, store: &Store, prefix: &str, namespace: Option<&str>) -> Vec<Vec<String>> {
        let (name, _) = self.extension().unwrap_or_default();
        let config = self.config(store.bucket(), prefix);
        let mut words = vec!["datastore", "setup", "extension", name];
        words.extend(namespace.iter().flat_map(|name| ["--namespace", name]));
        words.extend(["--config", config.as_str()]);
        vec![words.into_iter().map(str::to_owned).collect()]
    }
}

/// What names a backend on the surfaces of a trial on it, with the token that stands for it: so the
/// same scenario says the same on each. Another backend's names have none.
pub(crate) fn own_names(
    kind: Kind,
    buckets: &[(String, Bucket)],
    endpoints: &BTreeSet<&str>,
) -> Vec<(String, String)> {
    if kind == Kind::Filesystem {
        return Vec::new();
    }
    let name = kind.name();
    let mut names = vec![
        (format!("[{name}-sync]"), "[<store>-sync]".to_owned()),
        (
            format!("@swamp/{name}-datastore"),
            "@swamp/<store>-datastore".to_owned(),
        ),
    ];
    for (store, bucket) in buckets {
        for endpoint in endpoints {
            let bucket = Bucket {
                endpoint: (*endpoint).to_owned(),
                ..bucket.clone()
            };
            let json = Cloud(kind).config(&bucket, "");
            let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(&json) else {
                continue;
            };
            // As `.swamp.yaml` has it: an address is in quotes, as it has a colon.
            let lines = fields.iter().map(|(key, value)| {
                let text = value.as_str().filter(|text| !text.contains(':'));
                let text = text.map_or_else(|| value.to_string(), str::to_owned);
                format!("    {key}: {text}\n")
            });
            let yaml = lines.collect::<String>();
            let token = format!("<config of {store}>");
            names.push((json.trim_matches(['{', '}']).to_owned(), token.clone()));
            names.push((yaml, format!("    {token}\n")));
        }
    }
    names
}

/// How a backend words its refusals, for a proxy that refuses in its place.
pub(crate) fn words(kind: Kind) -> Words {
    match kind {
        Kind::Gcs => |status| {
            let message = if status == 403 {
                "Forbidden"
            } else {
                "Service Unavailable"
            };
            let error = json!({ "error": { "code": status, "message": message } });
            ("application/json", error.to_string())
        },
        Kind::S3 | Kind::Filesystem => |status| {
            let (code, message) = match status {
                403 => ("AccessDenied", "Access Denied"),
                _ => ("SlowDown", "Please reduce your request rate."),
            };
            let error = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <Error><Code>{code}</Code><Message>{message}</Message></Error>"
            );
            ("application/xml", error)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_are_new_each_time_and_allowed_everywhere() {
        let (one, other) = (leftovers::name("ds"), leftovers::name("ds"));
        assert_ne!(one, other);
        let longest = leftovers::name("a-name-of-another-world");
        assert!(longest.len() <= 63, "{longest}");
        let allowed = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(longest.chars().all(allowed), "{longest}");
    }

    #[test]
    fn the_configuration_is_what_the_extension_of_the_backend_reads() {
        let bucket = |kind| Bucket {
            kind,
            name: "b".into(),
            endpoint: "http://127.0.0.1:1".into(),
            prefix: String::new(),
        };
        assert_eq!(
            Cloud(Kind::S3).config(&bucket(Kind::S3), ""),
            r#"{"bucket":"b","region":"us-east-1","endpoint":"http://127.0.0.1:1","forcePathStyle":true}"#
        );
        assert_eq!(
            Cloud(Kind::Gcs).config(&bucket(Kind::Gcs), "p/q"),
            r#"{"bucket":"b","projectId":"swamp-uat","apiEndpoint":"http://127.0.0.1:1","prefix":"p/q"}"#
        );
    }
}
