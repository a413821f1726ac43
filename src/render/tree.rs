//! The directory tree of a datastore: every file, directory and link below its root.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::digest;
use crate::read;

/// The entries of a store, one a line: `dir/`, `dir/file`, `link -> target`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries, in no particular order; redaction sorts them.
    pub entries: Vec<String>,
    /// The namespace manifests with their content, by path: what claims a namespace.
    pub manifests: Vec<(String, String)>,
    /// What a bucket says of the content of each object, by key.
    pub digests: Vec<(String, String)>,
    /// What changes when an object is written again, with the same content too.
    pub versions: Vec<(String, String)>,
}

/// The file that claims a namespace in a datastore.
pub const MANIFEST: &str = ".namespace.json";

/// Whether a file is left out of every tree. SQLite writes its catalog and the sidecars beside
/// it when it likes (`-shm` and `-wal` come and go with open connections), and the log of a run
/// is named after the clock.
pub fn is_left_out(file_name: &str) -> bool {
    let database = [".db", ".db-shm", ".db-wal", ".db-journal"]
        .iter()
        .any(|end| file_name.ends_with(end));
    database || file_name.ends_with(".log")
}

/// Lists all below `root`; links are shown, not followed.
///
/// # Errors
/// What could not be read, with its path.
pub fn list(root: &Path) -> Result<Listing, String> {
    let mut listing = Listing::default();
    for entry in WalkDir::new(root).min_depth(1) {
        let entry = entry.map_err(|e| format!("the tree of {}: {e}", root.display()))?;
        let path = entry.path();
        let inner = path.strip_prefix(root).unwrap_or(path);
        let name = inner.to_string_lossy();
        let kind = entry.file_type();
        if kind.is_dir() {
            listing.entries.push(format!("{name}/"));
        } else if kind.is_symlink() {
            let target = fs::read_link(path).map_err(|e| format!("{}: {e}", path.display()))?;
            listing
                .entries
                .push(format!("{name} -> {}", target.to_string_lossy()));
        } else if !is_left_out(&entry.file_name().to_string_lossy()) {
            listing.entries.push(name.clone().into_owned());
            if entry.file_name() == MANIFEST {
                let content = read::bytes(path).map_err(|e| format!("{}: {e}", path.display()))?;
                listing.manifests.push((
                    name.into_owned(),
                    String::from_utf8_lossy(&content).into_owned(),
                ));
            }
        }
    }
    listing.manifests.sort();
    Ok(listing)
}

/// Every file below `root`, by its path, with a digest of its content.
#[track_caller]
pub(crate) fn files(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(root) {
        let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", root.display()));
        if entry.file_type().is_file() {
            let inner = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let name = inner.to_string_lossy().into_owned();
            files.insert(name, content(entry.path(), entry.file_type()));
        }
    }
    files
}

pub(crate) fn content(path: &Path, kind: fs::FileType) -> String {
    if kind.is_dir() {
        "directory".to_owned()
    } else if kind.is_symlink() {
        format!("link to {:?}", fs::read_link(path).ok())
    } else {
        digest::full(read::bytes(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(root: &Path) -> Vec<String> {
        let mut entries = list(root).unwrap().entries;
        entries.sort();
        entries
    }

    #[test]
    fn files_directories_and_links_are_listed_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("infra/data/empty")).unwrap();
        fs::write(root.join("infra/data/raw"), "x").unwrap();
        fs::write(root.join(".hidden"), "x").unwrap();
        std::os::unix::fs::symlink("infra/data", root.join("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("broken")).unwrap();
        assert_eq!(
            sorted(root),
            [
                ".hidden",
                "broken -> nowhere",
                "infra/",
                "infra/data/",
                "infra/data/empty/",
                "infra/data/raw",
                "link -> infra/data",
            ]
        );
    }

    #[test]
    fn sqlite_files_and_run_logs_are_left_out_and_directories_of_such_names_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for name in [
            "_catalog.db",
            "_catalog.db-shm",
            "_catalog.db-wal",
            "_catalog.db-journal",
            "run.log",
            "db",
            "log",
            "x.db.bak",
        ] {
            fs::write(root.join(name), "x").unwrap();
        }
        fs::create_dir(root.join("odd.log")).unwrap();
        assert_eq!(sorted(root), ["db", "log", "odd.log/", "x.db.bak"]);
    }

    #[test]
    fn manifests_come_with_their_content_in_the_order_of_their_paths() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for name in ["security", "infra"] {
            fs::create_dir(root.join(name)).unwrap();
            fs::write(root.join(name).join(MANIFEST), format!("{{{name}}}\n")).unwrap();
            fs::write(root.join(name).join("other.json"), "{}").unwrap();
        }
        let manifests = list(root).unwrap().manifests;
        assert_eq!(
            manifests,
            [
                ("infra/.namespace.json".into(), "{infra}\n".into()),
                ("security/.namespace.json".into(), "{security}\n".into()),
            ]
        );
    }

    #[test]
    fn a_root_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = list(&dir.path().join("absent")).unwrap_err();
        assert!(error.contains("absent"), "{error}");
    }
}
