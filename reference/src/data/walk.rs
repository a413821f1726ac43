//! All versions below a directory `data`, whatever models they belong to.

use std::path::{Path, PathBuf};

use super::layout::{self, DataRoot};
use super::metadata::Metadata;
use crate::errors::Result;
use crate::files;

/// One version, as it lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The type of the model, as its directory says: `command/shell`.
    pub model_type: String,
    /// The id of the model.
    pub model_id: String,
    /// The name of the data.
    pub name: String,
    /// The number of the version.
    pub version: u64,
    /// What its file says.
    pub metadata: Metadata,
    /// The directory of the version.
    pub path: PathBuf,
}

impl Stored {
    /// Whether it is the newest of its name, in the directory `data` that it lies in.
    pub fn is_latest(&self, data: &DataRoot) -> Result<bool> {
        let model = data.model(&self.model_type, &self.model_id);
        Ok(model.latest(&self.name)? == Some(self.version))
    }
}

/// Every version below `root` (a directory `data`), sorted by type, model, name and number. A
/// version without readable metadata is passed over.
pub fn walk_versions(root: &Path) -> Result<Vec<Stored>> {
    let mut found = Vec::new();
    descend(root, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn descend(dir: &Path, segments: &mut Vec<String>, found: &mut Vec<Stored>) -> Result<()> {
    for name in files::subdirectories(dir)? {
        let child = dir.join(&name);
        if !segments.is_empty() && holds_names(&child) {
            collect(&child, &segments.join("/"), &name, found)?;
        } else {
            segments.push(name);
            descend(&child, segments, found)?;
            segments.pop();
        }
    }
    Ok(())
}

/// Whether this is the directory of a model: it has a name with a version with metadata.
fn holds_names(dir: &Path) -> bool {
    files::subdirectories(dir).is_ok_and(|names| {
        names.iter().any(|name| {
            let versions = layout::versions_in(&dir.join(name)).unwrap_or_default();
            versions.iter().any(|version| {
                let path = dir.join(name).join(version.to_string());
                path.join(Metadata::FILE_NAME).is_file()
            })
        })
    })
}

fn collect(dir: &Path, model_type: &str, model_id: &str, found: &mut Vec<Stored>) -> Result<()> {
    for name in files::subdirectories(dir)? {
        for version in layout::versions_in(&dir.join(&name))? {
            let path = dir.join(&name).join(version.to_string());
            if let Ok(Some(metadata)) = Metadata::read(&path) {
                found.push(Stored {
                    model_type: model_type.to_owned(),
                    model_id: model_id.to_owned(),
                    name: name.clone(),
                    version,
                    metadata,
                    path,
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn put(root: &Path, place: &str) {
        let dir = root.join(place);
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(
            dir.join(Metadata::FILE_NAME),
            "id: i\nname: n\nversion: 1\ncontentType: c\nlifetime: infinite\ngarbageCollection: 10\ntags: {}\n\
             ownerDefinition:\n  ownerType: manual\n  ownerRef: r\ncreatedAt: '2026-11-22T13:01:15.311Z'\n",
        )
        .expect("metadata");
    }

    #[test]
    fn types_of_any_depth_are_found_and_what_is_broken_is_not() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for place in [
            "command/shell/m1/log/2",
            "command/shell/m1/log/10",
            "@uat/probe/m2/k/1",
            "a/b/c/m3/k/1",
            "flat/k/1",
        ] {
            put(dir.path(), place);
        }
        fs::create_dir_all(dir.path().join("command/shell/m1/log/11")).expect("no metadata");
        fs::write(dir.path().join("_catalog.db"), "").expect("a file");
        let found: Vec<_> = walk_versions(dir.path())
            .expect("a readable tree")
            .into_iter()
            .map(|s| format!("{} {} {} {}", s.model_type, s.model_id, s.name, s.version))
            .collect();
        assert_eq!(
            found,
            [
                "@uat/probe m2 k 1",
                "a/b/c m3 k 1",
                "command/shell m1 log 2",
                "command/shell m1 log 10"
            ]
        );
        assert_eq!(walk_versions(&dir.path().join("none")), Ok(vec![]));
    }
}
