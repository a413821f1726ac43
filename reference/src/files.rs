//! Writing and copying files without losing any.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use crate::errors::{Failure, Result};

/// Writes a file so that a reader, and a crash, see the old text or the new one and nothing
/// between.
pub fn write_atomically(path: &Path, text: &str) -> Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let temporary = target.with_file_name(format!(".{}.tmp", uuid::Uuid::new_v4()));
    let written = write_and_rename(&temporary, &target, text);
    if written.is_err() {
        // It may not exist at all; the error to report is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(|error| Failure::io(path, &error))
}

fn write_and_rename(temporary: &Path, target: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(temporary)?;
    file.write_all(text.as_bytes())?;
    match fs::metadata(target) {
        Ok(metadata) => file.set_permissions(metadata.permissions())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // Not synced to the disk: that guards against a power cut alone, and costs more than the rest
    // of the command.
    drop(file);
    fs::rename(temporary, target)
}

/// Creates a directory and those above it.
pub fn ensure_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::broken("Failed to ensure directory exists: expected 'dir', got 'file'")
        }
        _ => Failure::io(path, &error),
    })
}

/// `path` as an absolute path without `.` and `..`, seen from `base`. The file system is not asked.
pub fn resolve(base: &Path, path: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// `path` as it is reached from `base`: `../ds/data`.
pub fn relative(base: &Path, path: &Path) -> String {
    let shared = base
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = base.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(path.components().skip(shared)).collect();
    way.to_string_lossy().into_owned()
}

/// The regular files and links below `dir`; none where there is no such directory.
pub fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(current) = open.pop() {
        let entries = match fs::read_dir(&current) {
            Ok(entries) => entries,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                continue;
            }
            Err(error) => return Err(Failure::io(&current, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| Failure::io(&current, &error))?;
            let kind = entry
                .file_type()
                .map_err(|error| Failure::io(&entry.path(), &error))?;
            if kind.is_dir() {
                open.push(entry.path())
            } else {
                found.push(entry.path())
            }
        }
    }
    Ok(found)
}

/// The names of the directories in `dir`, sorted; none where there is no such directory. A link is
/// no directory.
pub fn subdirectories(dir: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(Failure::io(dir, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::io(dir, &error))?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The text of a file; none where there is no such file.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io(path, &error)),
    }
}

/// Removes a file, where it is there.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::io(path, &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("f");
        write_atomically(&path, "one\n").expect("the first write");
        write_atomically(&path, "two\n").expect("the second write");
        assert_eq!(fs::read_to_string(&path).expect("the file"), "two\n");
        assert_eq!(fs::read_dir(dir.path()).expect("the directory").count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_temporary_one() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let occupied = dir.path().join("d");
        fs::create_dir_all(occupied.join("inside")).expect("a directory in the way");
        assert!(write_atomically(&occupied, "text").is_err());
        assert!(occupied.join("inside").is_dir());
        assert_eq!(fs::read_dir(dir.path()).expect("the directory").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_written_through() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::write(dir.path().join("real"), "one").expect("the target");
        std::os::unix::fs::symlink("real", dir.path().join("link")).expect("the link");
        write_atomically(&dir.path().join("link"), "two").expect("the write");
        assert!(dir.path().join("link").is_symlink());
        assert_eq!(
            fs::read_to_string(dir.path().join("real")).expect("the target"),
            "two"
        );
    }

    #[test]
    fn relative_paths_go_up_and_down() {
        let from = |base: &str, path: &str| relative(Path::new(base), Path::new(path));
        assert_eq!(from("/w/a", "/w/ds/data/raw"), "../ds/data/raw");
        assert_eq!(from("/w/a", "/w/a/.swamp/x"), ".swamp/x");
        assert_eq!(from("/w/a", "/"), "../..");
    }

    #[test]
    fn paths_are_resolved_by_their_text() {
        let base = Path::new("/a/b");
        assert_eq!(resolve(base, "../c/./d"), Path::new("/a/c/d"));
        assert_eq!(resolve(base, "/x/../y"), Path::new("/y"));
        assert_eq!(resolve(base, "../../../.."), Path::new("/"));
    }
}
