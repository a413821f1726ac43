//! What is in a bucket, held against the local copies of it: what was pushed was there before,
//! under the same name.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::look::Look;
use crate::backend::store::Store;
use crate::read;
use crate::render::tree::{Listing, MANIFEST};

/// The names below a local copy, with the MD5 of every content that any copy ever had there.
#[derive(Debug, Default)]
pub(super) struct Copies(HashSet<(String, [u8; 16])>);

impl Copies {
    /// Adds what there is now, and was not `before`.
    pub fn add(&mut self, before: &Look, now: &Look) {
        let new = now.iter().filter_map(|(path, entry)| {
            let md5 = entry.md5?;
            let known = before.get(path).is_some_and(|old| old.md5 == Some(md5));
            let path = path.to_str().filter(|_| !known)?;
            let (_, below) = path.split_once(".swamp/repos/")?;
            let (_, name) = below.split_once('/')?;
            Some((name.to_owned(), md5))
        });
        self.0.extend(new);
    }

    /// What is in the bucket, and in no local copy of it under that name.
    pub fn fault(&self, store: &Store, listing: &Listing) -> Option<String> {
        let slugs = self.0.iter().filter_map(|(name, _)| name.split_once('/'));
        let slugs: HashSet<&str> = slugs.map(|(slug, _)| slug).collect();
        let prefix = store.bucket().prefix.as_str();
        let digests = listing.digests.iter();
        let digests = digests.filter(|(key, _)| !is_left_out(store, key));
        let (known, unknown): (Vec<_>, Vec<_>) = digests.partition(|(key, digest)| {
            let Some(md5) = md5(digest) else {
                return false;
            };
            let name = key.strip_prefix(prefix).unwrap_or(key);
            // A first push to a namespace moves what lies in the bucket without one.
            let moved = name
                .split_once('/')
                .filter(|(slug, _)| slugs.contains(slug));
            let names = [Some(name), moved.map(|(_, name)| name)];
            let mut names = names.into_iter().flatten();
            names.any(|name| self.0.contains(&(name.to_owned(), md5)))
        });
        // Of an encrypted bucket the digests are none of the contents.
        (!unknown.is_empty() && !known.is_empty()).then(|| {
            let keys: Vec<&str> = unknown.iter().map(|(key, _)| key.as_str()).collect();
            told(store, "holds what no local copy had", &keys)
        })
    }
}

/// The MD5 that a digest is: S3 has it in hex digits and in quotes, GCS in base64.
fn md5(digest: &str) -> Option<[u8; 16]> {
    let digest = digest.trim_matches('"');
    let byte = |at: usize| u8::from_str_radix(digest.get(at..at + 2)?, 16).ok();
    let bytes = if digest.len() == 32 {
        (0..32).step_by(2).map(byte).collect::<Option<Vec<u8>>>()?
    } else {
        BASE64_STANDARD.decode(digest).ok()?
    };
    bytes.try_into().ok()
}

/// What a command may do to a bucket, by the words that it begins with. What is not in here reads
/// at most.
const WRITE: &[&str] = &[
    "model method run",
    "workflow run",
    "workflow resume",
    "datastore namespace set",
];
/// The same, and it may remove what is there.
const REMOVE: &[&str] = &[
    "data delete",
    "data gc",
    "datastore lock release",
    "datastore migrate-index",
    "datastore namespace migrate",
    "datastore namespace unset",
    "datastore setup",
    "datastore sync",
    "doctor datastores --repair",
];

/// What `commands` did to the bucket since it was seen as it `was`, and may not have done.
pub(super) fn fault(
    store: &Store,
    was: &Listing,
    is: &Listing,
    commands: &[String],
) -> Option<String> {
    let any = |may: &[&str]| {
        let mut commands = commands
            .iter()
            .filter(|command| !command.contains(" --pull"));
        commands.any(|command| may.iter().any(|begin| command.starts_with(begin)))
    };
    if any(REMOVE) {
        return None;
    }
    let writes = any(WRITE);
    // Of what nobody may write, the version counts: the same content may be written once more.
    let held = |listing: &Listing| -> BTreeMap<String, String> {
        let both = listing.digests.iter().zip(&listing.versions);
        let left_out = |key: &str| store.put.has(key) || (writes && is_left_out(store, key));
        both.filter(|((key, _), _)| !left_out(key))
            .map(|((key, digest), (_, version))| {
                // Who holds a lock writes it again and again.
                let by_content = writes || key.ends_with(".lock");
                (
                    key.clone(),
                    if by_content { digest } else { version }.clone(),
                )
            })
            .collect()
    };
    let (was, is) = (held(was), held(is));
    let gone: Vec<&str> = was
        .keys()
        .filter(|key| !is.contains_key(*key))
        .map(String::as_str)
        .collect();
    if !gone.is_empty() {
        return Some(told(store, "lost what no command removes", &gone));
    }
    let changed = is
        .iter()
        .filter(|(key, digest)| was.get(*key) != Some(*digest));
    let changed: Vec<&str> = changed.map(|(key, _)| key.as_str()).collect();
    (!writes && !changed.is_empty()).then(|| {
        told(
            store,
            "was written to, and every command only read",
            &changed,
        )
    })
}

/// The entries of an index that `is_there` does not know.
fn about_nothing(index: &Value, is_there: impl Fn(&str) -> bool) -> Vec<&str> {
    let entries = index["entries"].as_object().into_iter().flatten();
    let names = entries.map(|(name, _)| name.as_str());
    names.filter(|name| !is_there(name)).collect()
}

/// The entries of the indexes in a bucket, whole and in parts, that no object is there for.
pub(super) fn dangling(
    store: &Store,
    listing: &Listing,
    read: &dyn Fn(&str) -> Option<Value>,
) -> Option<String> {
    let keys: HashSet<&str> = listing.entries.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let mut look = |key: &str, below: &str| {
        if store.put.has(key) || !keys.contains(key) {
            return;
        }
        let index = read(key).unwrap_or_default();
        let there = |name: &str| keys.contains(format!("{below}{name}").as_str());
        let nothing = about_nothing(&index, there);
        found.extend(nothing.iter().map(|name| format!("{key}: {name}")));
    };
    for key in &listing.entries {
        if let Some(below) = key.strip_suffix(INDEX) {
            look(key, below);
        } else if let Some(below) = key.strip_suffix(PARTS)
            && keys.contains(format!("{below}{INDEX}").as_str())
            && !store.put.may_have_stale_parts()
        {
            // A part that is not in this list is none of the index any more.
            let list = read(key).unwrap_or_default();
            let parts = list["partitions"].as_array().into_iter().flatten();
            for part in parts.filter_map(Value::as_str) {
                look(&format!("{below}_index/{part}.json"), below);
            }
        }
    }
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    (!found.is_empty()).then(|| told(store, "has an index of what is not there", &found))
}

/// The same of local copies: of what lies neither beside the index, nor in a bucket.
pub(super) fn dangling_locally(
    root: &Path,
    seen: &Look,
    keys: &BTreeSet<String>,
) -> Option<String> {
    let mut found = Vec::new();
    for path in seen.keys().map(Path::new) {
        let text = path.to_string_lossy();
        if !path.ends_with(INDEX) || !text.contains(".swamp/repos/") {
            continue;
        }
        let content = read::bytes(&root.join(path)).unwrap_or_default();
        let index: Value = serde_json::from_slice(&content).unwrap_or_default();
        // The directory of a namespace has its name; that of a repo without one has its id.
        let slug = path.parent().and_then(Path::file_name);
        let slug = slug.unwrap_or_default().to_string_lossy();
        let there = |name: &str| {
            let ends = [format!("/{slug}/{name}"), format!("/{name}")];
            let in_bucket = |key: &String| {
                let key = format!("/{key}");
                ends.iter().any(|end| key.ends_with(end.as_str()))
            };
            root.join(path).with_file_name(name).exists() || keys.iter().any(in_bucket)
        };
        let nothing = about_nothing(&index, there);
        found.extend(nothing.iter().map(|name| format!("{text}: {name}")));
    }
    (!found.is_empty()).then(|| {
        format!(
            "a local copy has an index of what is neither there nor in a bucket:\n  {}",
            found.join("\n  ")
        )
    })
}

/// What is in a bucket, by name, of each namespace in it.
const INDEX: &str = ".datastore-index.json";

/// The list of the parts of such an index.
const PARTS: &str = "_index/_meta.json";

/// What goldens and assertions speak of (manifests, indexes), what is gone at the end of a command
/// (locks), and what the scenario wrote or removed itself.
fn is_left_out(store: &Store, key: &str) -> bool {
    let file = key.rsplit('/').next().unwrap_or(key);
    [MANIFEST, INDEX].contains(&file)
        || file.ends_with(".lock")
        || format!("/{key}").contains("/_index/")
        || store.put.has(key)
}

fn told(store: &Store, what: &str, keys: &[&str]) -> String {
    format!(
        "the bucket of {} {what}:\n  {}",
        store.name(),
        keys.join("\n  ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::store::{Bucket, Place};
    use crate::kind::Kind;

    fn store() -> Store {
        Store {
            name: "ds".into(),
            place: Place::Bucket(Bucket {
                kind: Kind::S3,
                name: "b".into(),
                endpoint: String::new(),
                prefix: String::new(),
            }),
            put: Default::default(),
        }
    }

    fn listing(keys: &[(&str, &str)]) -> Listing {
        let digests = keys
            .iter()
            .map(|(key, digest)| (key.to_string(), digest.to_string()));
        Listing {
            versions: digests.clone().collect(),
            digests: digests.collect(),
            ..Listing::default()
        }
    }

    #[test]
    fn of_what_a_read_may_not_write_a_lock_alone_may_be_written_anew() {
        let command = ["data list x".to_owned()];
        for (key, same_content, other_content) in [
            (".locks/infra.lock", false, true),
            ("infra/data/raw", true, true),
        ] {
            let was = listing(&[(key, "1")]);
            let mut anew = listing(&[(key, "1")]);
            anew.versions[0].1 = "2".to_owned();
            assert_eq!(
                fault(&store(), &was, &anew, &command).is_some(),
                same_content
            );
            let other = listing(&[(key, "2")]);
            assert_eq!(
                fault(&store(), &was, &other, &command).is_some(),
                other_content
            );
        }
    }

    #[test]
    fn what_commands_may_not_do_to_a_bucket_is_told() {
        let was = [
            ("infra/data/raw", "1"),
            ("infra/.datastore-index.json", "2"),
        ];
        for (is, command, told) in [
            (&was[..], "data list x", None),
            (&was[..1], "data list x", Some("lost")),
            (&was[1..], "model method run x", Some("lost")),
            (&was[..1], "model method run x", None),
            (&was[1..], "data gc", None),
            (&was[1..], "datastore sync --pull", Some("lost")),
            (
                &[was[0], was[1], ("evil", "1")],
                "data list x",
                Some("was written to"),
            ),
            (
                &[was[0], was[1], ("infra/new", "1")],
                "workflow run x",
                None,
            ),
            (
                &[("infra/data/raw", "x"), was[1]],
                "data query x",
                Some("was written to"),
            ),
        ] {
            let fault = fault(
                &store(),
                &listing(&was),
                &listing(is),
                &[command.to_owned()],
            );
            let fits = match (&fault, told) {
                (Some(fault), Some(told)) => fault.contains(told),
                (None, None) => true,
                _ => false,
            };
            assert!(fits, "{command}: {fault:?}");
        }
        let store = store();
        store.put.add("evil", String::new());
        let is = listing(&[was[0], was[1], ("evil", "1")]);
        assert_eq!(
            fault(&store, &listing(&was), &is, &["data list".into()]),
            None
        );
    }

    #[test]
    fn what_is_in_a_bucket_lay_in_a_local_copy_under_its_name() {
        let md5 = |digit: u8| [digit; 16];
        let hex = |digit: u8| format!("\"{}\"", format!("{digit:02x}").repeat(16));
        let copies = [("infra/data/raw", 1), ("data/raw", 2), ("infra/latest", 3)];
        let copies = copies.map(|(name, digit)| (name.to_owned(), md5(digit)));
        let copies = Copies(copies.into_iter().collect());
        let told = |key: &str, digit: u8| {
            let known = ("infra/latest", hex(3));
            let keys = [(key, hex(digit)), known];
            let keys: Vec<_> = keys
                .iter()
                .map(|(key, digest)| (*key, digest.as_str()))
                .collect();
            copies.fault(&store(), &listing(&keys)).is_some()
        };
        assert!(!told("infra/data/raw", 1));
        // A first push moved it within the bucket.
        assert!(!told("infra/data/raw", 2));
        assert!(told("infra/data/raw", 3));
        assert!(told("evil/data/raw", 1));
        assert!(told("evil/data/raw", 2));
        // Goldens speak of it.
        assert!(!told("evil/.namespace.json", 9));
    }
}
