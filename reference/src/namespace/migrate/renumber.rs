//! Data of one name on both sides, each with versions from 1 on: the versions that are there
//! already get the numbers behind those that are moved in, so that both survive.

use std::path::{Component, Path, PathBuf};

use super::merge;
use crate::data::Metadata;
use crate::data::layout::{self, LATEST};
use crate::errors::Result;
use crate::files;

/// The directories of data names that these paths (of files in versions, or of `latest`) are in,
/// each once.
pub fn names(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = paths.iter().filter_map(|path| name_of(path)).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a path is in one of these directories.
pub fn is_in(path: &Path, names: &[PathBuf]) -> bool {
    names.iter().any(|name| path.starts_with(name))
}

fn name_of(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    if path.file_name()? == LATEST {
        return Some(parent.to_path_buf());
    }
    let Some(Component::Normal(version)) = parent.components().next_back() else {
        return None;
    };
    let _number: u64 = version.to_str()?.parse().ok()?;
    parent.parent().map(Path::to_path_buf)
}

/// Makes room for the versions of the source, highest number first: whenever this is interrupted,
/// no two versions have the same place.
pub fn make_room(source: &Path, destination: &Path, names: &[PathBuf]) -> Result<()> {
    for name in names {
        let (from, to) = (source.join(name), destination.join(name));
        let moved_in = layout::versions_in(&from)?;
        let Some(offset) = moved_in.last() else {
            continue;
        };
        for version in layout::versions_in(&to)?.into_iter().rev() {
            renumber(&to, version, version + offset)?;
        }
        if let Some(newest) = layout::versions_in(&to)?.last() {
            files::write_atomically(&to.join(LATEST), &newest.to_string())?;
        }
        files::remove_if_there(&from.join(LATEST))?;
    }
    Ok(())
}

fn renumber(name: &Path, old: u64, new: u64) -> Result<()> {
    let (from, to) = (name.join(old.to_string()), name.join(new.to_string()));
    // The number inside comes first: where this is interrupted in between, the place still
    // collides, and the next run gives both a new number.
    if let Some(mut metadata) = Metadata::read(&from)? {
        metadata.version = new;
        metadata.write(&from)?;
    }
    merge::rename(&from, &to).map_err(merge::crash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_above_versions_and_markers() {
        let paths = [
            "t/m/log/1/raw",
            "t/m/log/latest",
            "t/m/result/12/raw",
            "t/m/x/y",
        ];
        let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
        let found = names(&paths);
        assert_eq!(
            found,
            [PathBuf::from("t/m/log"), PathBuf::from("t/m/result")]
        );
        assert!(is_in(&paths[0], &found) && !is_in(&paths[3], &found));
    }
}
