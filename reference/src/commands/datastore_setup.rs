//! `swamp datastore setup filesystem`.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::datastore::{self, DIRECTORIES};
use crate::errors::{Failure, Result};
use crate::files;
use crate::session::{Repository, Session};

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    r#type: &'static str,
    path: String,
    files_copied: usize,
    files_pulled: usize,
    bytes_copied: u64,
    directories_migrated: Vec<&'static str>,
    errors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_hint: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_path: Option<String>,
    warnings: [String; 0],
}

/// Moves the repository's datastore to a directory of its own.
pub fn run(path: &str, session: &mut Session) -> Result<()> {
    let Repository { dir, mut marker } = session.repository()?;
    let path = datastore::located(&dir, path);
    let source = datastore::local_dir(&dir);
    if files::contains(&source, &path) {
        return Err(Failure::refused(format!(
            "The datastore cannot be inside of {}: its data would be copied onto itself and then removed",
            source.display()
        )));
    }
    check_accessible(&path)?;
    for name in datastore::shared(DIRECTORIES) {
        files::ensure_dir(&path.join(name))?;
    }

    let mut outcome = Outcome {
        r#type: "filesystem",
        path: path.to_string_lossy().into_owned(),
        ..Outcome::default()
    };
    outcome.migrate(&source, &path)?;
    // The configuration changes before the source goes: a crash in between leaves a copy too many, not one too few.
    if outcome.errors.is_empty() {
        marker.set_filesystem_datastore(&outcome.path);
        marker.write(&dir)?;
        for name in &outcome.directories_migrated {
            let old = source.join(name);
            fs::remove_dir_all(&old).map_err(|error| Failure::io(&old, &error))?;
        }
    }
    session.output.json(&outcome)
}

fn check_accessible(path: &Path) -> Result<()> {
    files::ensure_dir(path)?;
    let probe = path.join(format!(".swamp-health-check-{}", uuid::Uuid::new_v4()));
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).map_err(|error| {
        let path = path.display();
        Failure::refused(format!(
            "Datastore path is not accessible: Directory exists but is not writable: {path}. {error}"
        ))
    })
}

impl Outcome {
    /// Copies what the repository has so far, and checks that all of it arrived.
    fn migrate(&mut self, source: &Path, destination: &Path) -> Result<()> {
        let (mut expected, mut arrived) = (0, 0);
        for name in datastore::shared(DIRECTORIES) {
            let (from, to) = (source.join(name), destination.join(name));
            if from.is_dir() {
                files::ensure_dir(&to)?;
                for file in files::files_below(&from)? {
                    self.bytes_copied += copy_file(&file, &from, &to)?;
                    self.files_copied += 1;
                }
                self.directories_migrated.push(name);
            }
            expected += files::files_below(&from)?.len();
            arrived += files::files_below(&to)?.len();
        }
        // Swamp compares the counts: where the datastore holds another repository's files, it takes them for a fault.
        if expected != arrived {
            self.errors.push(format!(
                "Migration verification: source has {expected} files, destination has {arrived}"
            ));
            self.retry_hint = Some(
                "Re-run the same command to retry. Local data is preserved and the retry is safe.",
            );
        }
        if !self.directories_migrated.is_empty() {
            self.source_path = Some(source.to_string_lossy().into_owned());
            self.destination_path = Some(destination.to_string_lossy().into_owned());
        }
        Ok(())
    }
}

/// Copies one file to its place below `to` and gives its size. A link is copied as a link, but one to a number, which
/// is how old versions of swamp marked the latest version of data, becomes a file with that number in it.
pub(super) fn copy_file(file: &Path, from: &Path, to: &Path) -> Result<u64> {
    let target = to.join(file.strip_prefix(from).unwrap_or(file));
    if let Some(parent) = target.parent() {
        files::ensure_dir(parent)?;
    }
    #[cfg(unix)]
    if file.is_symlink() {
        let place = fs::read_link(file).map_err(|error| Failure::io(file, &error))?;
        let number = place
            .to_str()
            .and_then(|place| place.trim_end_matches('/').parse::<u64>().ok());
        match number {
            Some(number) => fs::write(&target, number.to_string()),
            None => std::os::unix::fs::symlink(&place, &target),
        }
        .map_err(|error| Failure::io(&target, &error))?;
        return Ok(place.as_os_str().len() as u64);
    }
    fs::copy(file, &target).map_err(|error| Failure::io(file, &error))
}
