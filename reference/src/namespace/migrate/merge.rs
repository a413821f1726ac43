//! Merging one directory into another without losing a file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::errors::Failure;

/// What to do with a file that the destination has too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Existing {
    Keep,
    Overwrite,
}

/// The entries of a directory, in the order in which the file system has them.
pub fn entries(dir: &Path) -> io::Result<Vec<fs::DirEntry>> {
    fs::read_dir(dir)
        .and_then(Iterator::collect)
        .map_err(|error| described(&error, &format!("readdir '{}'", dir.display())))
}

/// The files and links below a directory.
pub fn files_below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(current) = open.pop() {
        for entry in entries(&current)? {
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}

/// The same error, with what was tried on what.
fn described(error: &io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{error}: {what}"))
}

/// Renames, with an error that names both paths.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).map_err(|error| {
        described(
            &error,
            &format!("rename '{}' -> '{}'", from.display(), to.display()),
        )
    })
}

/// The files below `source` whose place below `destination` is taken, as paths from there. A link
/// counts as a file.
pub fn collisions(source: &Path, destination: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect_collisions(source, destination, Path::new(""), &mut found)?;
    Ok(found)
}

fn collect_collisions(
    source: &Path,
    destination: &Path,
    below: &Path,
    found: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in entries(&source.join(below))? {
        let path = below.join(entry.file_name());
        let Ok(taken) = fs::metadata(destination.join(&path)) else {
            continue;
        };
        if entry.file_type()?.is_dir() && taken.is_dir() {
            collect_collisions(source, destination, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether both are files with the same content, and two of them.
pub fn identical(a: &Path, b: &Path) -> bool {
    let same_file = match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    // Of a file that is reached in two ways there is one copy only: it is no duplicate to be
    // removed.
    !same_file && matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b)
}

/// Moves everything below `source` to its place below `destination`, and removes the directories
/// that this empties. Gives the paths that stayed because their places were taken.
pub fn merge_into(
    source: &Path,
    destination: &Path,
    existing: Existing,
) -> io::Result<Vec<PathBuf>> {
    let mut kept = Vec::new();
    merge_level(source, destination, Path::new(""), existing, &mut kept)?;
    remove_empty(source);
    Ok(kept)
}

fn merge_level(
    source: &Path,
    destination: &Path,
    below: &Path,
    existing: Existing,
    kept: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in entries(&source.join(below))? {
        let path = below.join(entry.file_name());
        let (from, to) = (source.join(&path), destination.join(&path));
        let is_dir = entry.file_type()?.is_dir();
        match fs::metadata(&to) {
            Err(_) => move_over(&from, &to)?,
            Ok(_) if is_dir => merge_level(source, destination, &path, existing, kept)?,
            Ok(taken) if existing == Existing::Overwrite && taken.is_file() => rename(&from, &to)?,
            Ok(_) => kept.push(path),
        }
    }
    Ok(())
}

/// Renames; copies where that does not do, as from one file system to another.
fn move_over(from: &Path, to: &Path) -> io::Result<()> {
    if fs::rename(from, to).is_ok() {
        return Ok(());
    }
    match fs::copy(from, to) {
        Ok(_) => {}
        // Somebody else has moved it.
        Err(error) if error.kind() == ErrorKind::NotFound && !from.exists() => return Ok(()),
        Err(error) => {
            let what = format!("copy '{}' -> '{}'", from.display(), to.display());
            return Err(described(&error, &what));
        }
    }
    match fs::remove_file(from) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes `dir` and the directories in it as far as there is no file in them; says whether it is
/// gone.
pub fn remove_empty(dir: &Path) -> bool {
    let Ok(found) = entries(dir) else {
        return false;
    };
    let mut empty = true;
    for entry in found {
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        empty &= is_dir && remove_empty(&entry.path());
    }
    empty && fs::remove_dir(dir).is_ok()
}

/// An error that swamp does not expect, in its form.
pub fn crash(error: io::Error) -> Failure {
    Failure::Broken {
        kind: match error.kind() {
            ErrorKind::PermissionDenied => "PermissionDenied",
            ErrorKind::NotFound => "NotFound",
            ErrorKind::NotADirectory => "NotADirectory",
            _ => "Error",
        },
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        dir
    }

    fn shown(mut paths: Vec<PathBuf>) -> Vec<String> {
        paths.sort();
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn a_place_that_is_taken_collides() {
        let world = place(&[
            ("s/a", "1"),
            ("s/d/b", "1"),
            ("s/d/c", "1"),
            ("s/dir/x", "1"),
            ("t/a/x", "1"),
            ("t/d/b", "1"),
            ("t/dir", "1"),
        ]);
        let (s, t) = (world.path().join("s"), world.path().join("t"));
        let found = collisions(&s, &t).expect("readable");
        assert_eq!(shown(found), ["a", "d/b", "dir"]);
        assert!(identical(&s.join("d/b"), &t.join("d/b")));
        assert!(!identical(&s.join("a"), &t.join("a")));
        assert!(!identical(&s.join("d/b"), &s.join("d/b")));
    }

    #[test]
    fn a_merge_keeps_what_is_there_and_leaves_the_rest_behind() {
        let world = place(&[
            ("s/a", "new"),
            ("s/d/e/b", "2"),
            ("s/f/g", "3"),
            ("t/a", "old"),
            ("t/d/x", ""),
        ]);
        let (s, t) = (world.path().join("s"), world.path().join("t"));
        fs::create_dir_all(s.join("empty/below")).expect("an empty directory");
        let kept = merge_into(&s, &t, Existing::Keep).expect("the merge");
        assert_eq!(shown(kept), ["a"]);
        assert_eq!(fs::read_to_string(s.join("a")).expect("left"), "new");
        assert_eq!(fs::read_to_string(t.join("a")).expect("kept"), "old");
        assert_eq!(fs::read_to_string(t.join("d/e/b")).expect("moved"), "2");
        assert!(t.join("f/g").is_file() && t.join("empty/below").is_dir());
        assert_eq!(fs::read_dir(&s).expect("the source").count(), 1);
        let kept = merge_into(&s, &t, Existing::Overwrite).expect("the merge");
        assert!(kept.is_empty() && !s.exists());
        assert_eq!(fs::read_to_string(t.join("a")).expect("replaced"), "new");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_moved_as_links() {
        let world = place(&[("s/versions/1/raw", "x"), ("t/other", "")]);
        let (s, t) = (world.path().join("s"), world.path().join("t"));
        std::os::unix::fs::symlink("1", s.join("versions/latest")).expect("a link");
        std::os::unix::fs::symlink("gone", s.join("dangling")).expect("a link");
        assert!(
            merge_into(&s, &t, Existing::Keep)
                .expect("the merge")
                .is_empty()
        );
        assert!(t.join("dangling").is_symlink());
        assert_eq!(
            fs::read_link(t.join("versions/latest")).expect("a link"),
            Path::new("1")
        );
        assert!(!s.exists());
    }
}
