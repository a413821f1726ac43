//! A bucket for tests: a map.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;

use super::bucket::{Answer, Bucket, Cloud, Head, Listed, Object};
use super::problem::{Kind, Problem};
use crate::data::store::checksum;

/// Objects by key, and the keys for which requests to write are refused.
#[derive(Default)]
pub struct Memory {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    refused: Mutex<Option<String>>,
}

impl Memory {
    /// All keys.
    pub fn keys(&self) -> Vec<String> {
        self.objects
            .lock()
            .expect("no panic")
            .keys()
            .cloned()
            .collect()
    }

    /// The text of an object.
    pub fn text(&self, key: &str) -> String {
        let objects = self.objects.lock().expect("no panic");
        String::from_utf8_lossy(objects.get(key).map_or(&[][..], Vec::as_slice)).into_owned()
    }

    /// Refuses to write objects whose keys contain this.
    pub fn refuse(&self, part: Option<&str>) {
        *self.refused.lock().expect("no panic") = part.map(str::to_owned);
    }

    fn problem(kind: Kind, status: u16) -> Problem {
        Problem {
            kind,
            status: Some(status),
            ..Problem::of(format!("HTTP {status}"))
        }
    }
}

impl Bucket for Memory {
    fn cloud(&self) -> Cloud {
        Cloud::S3
    }

    fn check(&self) -> Answer<()> {
        Ok(())
    }

    fn preflight(&self) -> Answer<()> {
        Ok(())
    }

    fn head(&self, key: &str) -> Answer<Option<Head>> {
        let objects = self.objects.lock().expect("no panic");
        Ok(objects.get(key).map(|bytes| Head {
            version: Some(checksum(bytes)),
            modified: Some(Timestamp::now()),
        }))
    }

    fn get(&self, key: &str) -> Answer<Object> {
        let objects = self.objects.lock().expect("no panic");
        let bytes = objects
            .get(key)
            .ok_or_else(|| Self::problem(Kind::Missing, 404))?;
        Ok(Object {
            version: Some(checksum(bytes)),
            bytes: bytes.clone(),
        })
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Answer<Option<String>> {
        let refused = self.refused.lock().expect("no panic").clone();
        if refused.is_some_and(|part| key.contains(&part)) {
            return Err(Self::problem(Kind::Other, 403));
        }
        let mut objects = self.objects.lock().expect("no panic");
        objects.insert(key.to_owned(), bytes.to_vec());
        Ok(Some(checksum(bytes)))
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Answer<Option<Option<String>>> {
        if self.head(key)?.is_some() {
            return Ok(None);
        }
        self.put(key, bytes).map(Some)
    }

    fn replace(&self, key: &str, bytes: &[u8], _version: &str) -> Answer<Option<Option<String>>> {
        self.put(key, bytes).map(Some)
    }

    fn delete(&self, key: &str, _version: Option<&str>) -> Answer<()> {
        self.objects.lock().expect("no panic").remove(key);
        Ok(())
    }

    fn list(&self, prefix: &str) -> Answer<Vec<Listed>> {
        let objects = self.objects.lock().expect("no panic");
        let found = objects.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(found
            .map(|(key, bytes)| Listed {
                key: key.clone(),
                size: bytes.len() as u64,
                modified: Some(Timestamp::now()),
            })
            .collect())
    }

    fn copy(&self, from: &str, to: &str) -> Answer<()> {
        let object = self.get(from)?;
        self.put(to, &object.bytes).map(|_| ())
    }
}
