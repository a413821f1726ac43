//! What a setup takes along: the directories of a repository that live in its datastore.

use std::fs;
use std::path::Path;

use crate::errors::{Failure, Result};
use crate::files;

/// What was copied so far.
#[derive(Debug, Default)]
pub struct Taken {
    /// How many files.
    pub files: usize,
    /// Their size.
    pub bytes: u64,
    /// The directories that they are in, seen from where they were.
    pub directories: Vec<String>,
}

impl Taken {
    /// Copies the directory `name` of `source`, where there is one, to `to`.
    pub fn take(&mut self, source: &Path, name: &str, to: &Path) -> Result<()> {
        let from = source.join(name);
        if from.is_dir() {
            self.copy(&from, to)?;
            self.directories.push(name.to_owned());
        }
        Ok(())
    }

    /// Removes from `source` what was copied. What stays there does no harm.
    pub fn leave(&self, source: &Path) {
        for name in &self.directories {
            let _ = fs::remove_dir_all(source.join(name));
        }
    }

    /// Copies a directory with all that is in it, empty directories too.
    fn copy(&mut self, from: &Path, to: &Path) -> Result<()> {
        files::ensure_dir(to)?;
        for name in files::subdirectories(from)? {
            self.copy(&from.join(&name), &to.join(&name))?;
        }
        for file in files::files_below(from)? {
            if file.parent() == Some(from) {
                self.bytes += copy_file(&file, to)?;
                self.files += 1;
            }
        }
        Ok(())
    }
}

/// Copies one file into a directory and gives its size. A link, which is how old versions of swamp
/// marked the latest version of data, becomes a file with that number in it.
fn copy_file(file: &Path, to: &Path) -> Result<u64> {
    let target = to.join(file.file_name().unwrap_or_default());
    let copied = match fs::read_link(file) {
        Ok(place) => {
            let number = place.to_string_lossy();
            fs::write(&target, number.trim_end_matches('/')).map(|()| number.len() as u64)
        }
        Err(_) => fs::copy(file, &target),
    };
    copied.map_err(|error| Failure::io(file, &error))
}
