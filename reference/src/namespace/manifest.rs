//! `<datastore>/<namespace>/.namespace.json`: the claim of one repository to a namespace.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::errors::{Failure, Result};
use crate::faults::{Fault, Faults};
use crate::files;
use crate::quirks::{Quirk, Quirks};

use super::json_error;

/// The name of the file in the namespace's directory.
pub const FILE_NAME: &str = ".namespace.json";

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The claimed namespace.
    pub namespace: String,
    /// The id of the repository that claims it. Swamp always writes it and the time, but does not
    /// insist on them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo_id: Option<String>,
    /// When it was claimed last, as an ISO time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<String>,
}

impl Manifest {
    /// Writes the claim into the datastore, in place of an older one.
    pub fn write(&self, datastore: &Path) -> Result<()> {
        let directory = datastore.join(&self.namespace);
        files::ensure_dir(&directory)?;
        let path = directory.join(FILE_NAME);
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::broken(format!("{}: {error}", path.display())))?;
        files::write_atomically(&path, &(json + "\n"))
    }
}

/// The claims in a datastore, by namespace. A datastore that does not exist has none.
pub fn list(datastore: &Path, quirks: &Quirks) -> Result<Vec<Manifest>> {
    list_with(datastore, quirks, &Faults::default())
}

/// The same for the commands about namespaces, which have a fault of their own.
pub fn list_with(datastore: &Path, quirks: &Quirks, faults: &Faults) -> Result<Vec<Manifest>> {
    let entries = match fs::read_dir(datastore) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::io(datastore, &error)),
    };
    let mut found: Vec<Manifest> = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::io(datastore, &error))?;
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_dir || entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match read(&entry.path().join(FILE_NAME)) {
            Ok(manifest) => found.extend(manifest),
            Err(_) if faults.on(Fault::CorruptManifestHidesOthers) => return Ok(Vec::new()),
            Err(failure) if quirks.on(Quirk::CorruptManifestBreaksAll) => return Err(failure),
            Err(_) => {}
        }
    }
    found.sort_by_cached_key(|manifest| reading_order(&manifest.namespace));
    Ok(found)
}

/// Words sort by their letters first, and small letters before capitals. For slugs, that is the
/// order of their bytes.
fn reading_order(word: &str) -> (String, String) {
    let swapped = |c: char| {
        if c.is_ascii_uppercase() {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        }
    };
    (word.to_lowercase(), word.chars().map(swapped).collect())
}

/// Reads one claim; none where there is no such file, or where it says `null`.
fn read(path: &Path) -> Result<Option<Manifest>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io(path, &error)),
    };
    let value: Value =
        serde_json::from_str(&text).map_err(|_| Failure::syntax(json_error::message(&text)))?;
    let is_named = value.get("namespace").is_some_and(|name| !name.is_null());
    serde_json::from_value(value).map_err(|_| Failure::Broken {
        kind: "TypeError",
        message: if is_named {
            "a.namespace.localeCompare is not a function".to_owned()
        } else {
            "Cannot read properties of undefined (reading 'localeCompare')".to_owned()
        },
    })
}

/// Removes the claim of `repo_id` to `namespace`, and the namespace's directory where nothing else
/// is in it. The claim of another repository stays.
pub fn remove_own(datastore: &Path, namespace: &str, repo_id: &str) -> Result<()> {
    let directory = datastore.join(namespace);
    let path = directory.join(FILE_NAME);
    if read(&path)?.is_none_or(|manifest| manifest.repo_id.as_deref() != Some(repo_id)) {
        return Ok(());
    }
    fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
    remove_empty(directory)
}

/// Removes a claim, whoever made it, and leaves the namespace's directory.
pub fn remove(datastore: &Path, namespace: &str) -> Result<()> {
    files::remove_if_there(&datastore.join(namespace).join(FILE_NAME))
}

fn remove_empty(directory: PathBuf) -> Result<()> {
    match fs::remove_dir(&directory) {
        Ok(()) => Ok(()),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DirectoryNotEmpty | ErrorKind::NotFound
            ) =>
        {
            Ok(())
        }
        Err(error) => Err(Failure::io(&directory, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(namespace: &str, repo_id: &str) -> Manifest {
        Manifest {
            namespace: namespace.into(),
            repo_id: Some(repo_id.into()),
            registered_at: Some("2026-11-22T09:16:48.148Z".into()),
        }
    }

    fn names(datastore: &Path) -> Vec<String> {
        let manifests = list(datastore, &Quirks::default()).expect("readable manifests");
        manifests
            .into_iter()
            .map(|manifest| manifest.namespace)
            .collect()
    }

    #[test]
    fn the_file_has_two_spaces_and_a_line_break() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        claim("infra", "r1").write(dir.path()).expect("the write");
        let text =
            fs::read_to_string(dir.path().join("infra/.namespace.json")).expect("the manifest");
        assert_eq!(
            text,
            "{\n  \"namespace\": \"infra\",\n  \"repoId\": \"r1\",\n  \"registeredAt\": \"2026-11-22T09:16:48.148Z\"\n}\n"
        );
        assert_eq!(
            list(dir.path(), &Quirks::default()),
            Ok(vec![claim("infra", "r1")])
        );
    }

    #[test]
    fn the_list_is_sorted_and_looks_at_directories_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for namespace in ["zeta", "a-b", "alpha", "Beta", "a", "0"] {
            claim(namespace, "r").write(dir.path()).expect("the write");
        }
        claim("hidden", "r")
            .write(&dir.path().join(".swamp"))
            .expect("the write");
        claim(".hidden", "r").write(dir.path()).expect("the write");
        fs::create_dir(dir.path().join("data")).expect("a directory without a manifest");
        fs::write(dir.path().join("file"), "").expect("a file");
        assert_eq!(
            names(dir.path()),
            ["0", "a", "a-b", "alpha", "Beta", "zeta"]
        );
        assert_eq!(names(&dir.path().join("missing")), Vec::<String>::new());
    }

    #[test]
    fn only_the_own_claim_is_removed() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        claim("infra", "mine").write(dir.path()).expect("the write");
        claim("security", "theirs")
            .write(dir.path())
            .expect("the write");
        remove_own(dir.path(), "security", "mine").expect("nothing to remove");
        remove_own(dir.path(), "absent", "mine").expect("nothing to remove");
        assert_eq!(names(dir.path()), ["infra", "security"]);
        remove_own(dir.path(), "infra", "mine").expect("the removal");
        assert_eq!(names(dir.path()), ["security"]);
        assert!(!dir.path().join("infra").exists());
    }

    #[test]
    fn a_directory_that_holds_data_survives_its_claim() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        claim("infra", "mine").write(dir.path()).expect("the write");
        fs::create_dir(dir.path().join("infra/data")).expect("data");
        remove_own(dir.path(), "infra", "mine").expect("the removal");
        assert!(dir.path().join("infra/data").is_dir());
        assert!(!dir.path().join("infra/.namespace.json").exists());
    }
}
