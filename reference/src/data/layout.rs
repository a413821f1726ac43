//! Where data lies: `<root>/<type>/<model id>/<name>/<version>/{metadata.yaml,raw}`, and beside the
//! versions of a name the file `latest`, which holds the number of the newest.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::metadata::Metadata;
use crate::errors::{Failure, Result};
use crate::files;

/// The name of the file with the content of a version.
pub const CONTENT: &str = "raw";
/// The name of the file with the number of the newest version.
pub const LATEST: &str = "latest";
/// How many renamings are followed.
const MOST_RENAMINGS: usize = 5;

/// The directory `data` of a datastore, or of a namespace in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRoot(pub PathBuf);

/// The data of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelData {
    /// `<root>/<type>/<model id>`.
    pub dir: PathBuf,
}

impl DataRoot {
    /// The data of a model.
    pub fn model(&self, model_type: &str, model_id: &str) -> ModelData {
        ModelData {
            dir: self.0.join(model_type).join(model_id),
        }
    }
}

impl ModelData {
    /// The directory of one name.
    pub fn name_dir(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The directory of one version.
    pub fn version_dir(&self, name: &str, version: u64) -> PathBuf {
        self.name_dir(name).join(version.to_string())
    }

    /// The file with the content of one version.
    pub fn content_path(&self, name: &str, version: u64) -> PathBuf {
        self.version_dir(name, version).join(CONTENT)
    }

    /// The names that have a directory, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        files::subdirectories(&self.dir)
    }

    /// The versions of a name, oldest first.
    pub fn versions(&self, name: &str) -> Result<Vec<u64>> {
        versions_in(&self.name_dir(name))
    }

    /// The newest version of a name: what `latest` says, be it a file or, as old swamp left it, a
    /// link; else the highest number there is.
    pub fn latest(&self, name: &str) -> Result<Option<u64>> {
        let marker = self.name_dir(name).join(LATEST);
        if let Some(version) = read_marker(&marker) {
            return Ok(Some(version));
        }
        Ok(self.versions(name)?.pop())
    }

    /// The metadata of a version, or of the newest one; a newest one that was renamed leads to the
    /// new name.
    pub fn find(&self, name: &str, version: Option<u64>) -> Result<Option<Metadata>> {
        let mut name = name.to_owned();
        for _ in 0..=MOST_RENAMINGS {
            let Some(wanted) = version.map_or_else(|| self.latest(&name), |v| Ok(Some(v)))? else {
                return Ok(None);
            };
            let found = Metadata::read(&self.version_dir(&name, wanted))?;
            let renamed = found
                .as_ref()
                .filter(|found| version.is_none() && found.is_deleted())
                .and_then(|found| found.renamed_to.clone());
            match renamed {
                Some(new) => name = new,
                None => return Ok(found),
            }
        }
        Ok(None)
    }

    /// The newest version of every name.
    pub fn all_latest(&self) -> Result<Vec<Metadata>> {
        let mut found: Vec<Metadata> = Vec::new();
        for name in self.names()? {
            if let Some(metadata) = self.find(&name, None)?
                && !found.iter().any(|other| other.name == metadata.name)
            {
                found.push(metadata);
            }
        }
        Ok(found)
    }

    /// The content of a version; none where it is missing.
    pub fn content(&self, name: &str, version: u64) -> Result<Option<Vec<u8>>> {
        let path = self.content_path(name, version);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io(&path, &error)),
        }
    }

    /// Creates the directory of the next version of a name and gives its number.
    pub fn allocate(&self, name: &str) -> Result<u64> {
        let dir = self.name_dir(name);
        files::ensure_dir(&dir)?;
        let mut next = self.versions(name)?.pop().unwrap_or(0) + 1;
        loop {
            let path = dir.join(next.to_string());
            match fs::create_dir(&path) {
                Ok(()) => return Ok(next),
                // Somebody else was faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => next += 1,
                Err(error) => return Err(Failure::io(&path, &error)),
            }
        }
    }

    /// Makes `version` the newest one of its name. A link that old swamp left gives way to a file.
    pub fn set_latest(&self, name: &str, version: u64) -> Result<()> {
        let path = self.name_dir(name).join(LATEST);
        if path.is_symlink() {
            fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
        }
        files::write_atomically(&path, &version.to_string())
    }
}

/// The versions in the directory of a name, oldest first.
pub fn versions_in(dir: &Path) -> Result<Vec<u64>> {
    let mut versions: Vec<u64> = files::subdirectories(dir)?
        .iter()
        .filter_map(|name| name.parse().ok())
        .filter(|version| *version > 0)
        .collect();
    versions.sort_unstable();
    Ok(versions)
}

fn read_marker(path: &Path) -> Option<u64> {
    let text = fs::read_to_string(path).ok();
    text.and_then(|text| text.trim().parse().ok()).or_else(|| {
        fs::read_link(path)
            .ok()?
            .to_str()?
            .trim_end_matches('/')
            .parse()
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> (tempfile::TempDir, ModelData) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let model = DataRoot(dir.path().join("data")).model("command/shell", "m");
        (dir, model)
    }

    #[test]
    fn versions_are_numbered_from_one() {
        let (_dir, model) = model();
        assert_eq!(model.names(), Ok(vec![]));
        assert_eq!(model.latest("result"), Ok(None));
        for version in 1..=11 {
            assert_eq!(model.allocate("result"), Ok(version));
        }
        assert_eq!(model.versions("result").expect("versions").len(), 11);
        assert_eq!(model.latest("result"), Ok(Some(11)));
        model.set_latest("result", 2).expect("the marker");
        assert_eq!(model.latest("result"), Ok(Some(2)));
        assert_eq!(model.names(), Ok(vec!["result".to_owned()]));
    }

    #[cfg(unix)]
    #[test]
    fn an_old_link_is_read_and_replaced() {
        let (_dir, model) = model();
        for _ in 0..2 {
            model.allocate("log").expect("a version");
        }
        let link = model.name_dir("log").join(LATEST);
        std::os::unix::fs::symlink("1/", &link).expect("the link");
        assert_eq!(model.latest("log"), Ok(Some(1)));
        model.set_latest("log", 2).expect("the marker");
        assert!(!link.is_symlink());
        assert_eq!(model.latest("log"), Ok(Some(2)));
    }

    #[test]
    fn content_that_is_missing_is_no_error() {
        let (_dir, model) = model();
        model.allocate("log").expect("a version");
        assert_eq!(model.content("log", 1), Ok(None));
        fs::write(model.content_path("log", 1), [255]).expect("content");
        assert_eq!(model.content("log", 1), Ok(Some(vec![255])));
        assert_eq!(model.find("log", None), Ok(None));
    }
}
