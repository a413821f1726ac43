//! The datastore: where it is, and the directories in it.

use std::path::{Path, PathBuf};

use crate::config::marker::Marker;
use crate::data::DataRoot;
use crate::errors::{Failure, Result};
use crate::files;
use crate::remote::{self, bucket::Cloud};
use crate::session::Environment;

/// The directories of a datastore, in the order in which swamp names them.
pub const DIRECTORIES: [&str; 15] = [
    "auto-definitions",
    "definitions-evaluated",
    "workflows-evaluated",
    "data",
    "outputs",
    "workflow-runs",
    "secrets",
    "bundles",
    "vault-bundles",
    "driver-bundles",
    "report-bundles",
    "audit",
    "telemetry",
    "logs",
    "files",
];

/// Those that stay in the repository's own `.swamp`, wherever the datastore is.
const ALWAYS_LOCAL: [&str; 5] = [
    "secrets",
    "bundles",
    "vault-bundles",
    "driver-bundles",
    "report-bundles",
];

/// Those of `names` that live in the datastore.
pub fn shared<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    names.into_iter().filter(|name| is_shared(name)).collect()
}

/// Whether a directory lives in the datastore.
pub fn is_shared(name: &str) -> bool {
    !ALWAYS_LOCAL.contains(&name)
}

/// The repository's own directory for what is not versioned, and its datastore until another one is set up.
pub fn local_dir(repo: &Path) -> PathBuf {
    repo.join(".swamp")
}

/// A repository's datastore and the namespace in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datastore {
    /// Its root, absolute; where it is in the cloud, that of the cache.
    pub path: PathBuf,
    /// The namespace of the repository; none in solo mode.
    pub namespace: Option<String>,
}

impl Datastore {
    /// The datastore of the repository at `repo`: what the environment says, else its configuration, else `.swamp`.
    pub fn of(repo: &Path, marker: &Marker, env: &Environment) -> Result<Self> {
        if let Some(value) = env.get("SWAMP_DATASTORE") {
            return match value.strip_prefix("filesystem:") {
                Some(path) => Ok(Self {
                    path: located(repo, path, env)?,
                    namespace: None,
                }),
                None => Err(Failure::not_implemented(&format!(
                    "SWAMP_DATASTORE={value}"
                ))),
            };
        }
        if !marker.has_datastore() {
            return Ok(Self {
                path: local_dir(repo),
                namespace: None,
            });
        }
        match marker.datastore("type") {
            Some("filesystem") => {}
            Some(other) if Cloud::of_type(other).is_some() => {
                return Ok(Self {
                    path: remote::cache_of(marker.repo_id(), env),
                    namespace: marker.namespace().map(str::to_owned),
                });
            }
            other => {
                return Err(Failure::not_implemented(&format!(
                    "datastore type {other:?}"
                )));
            }
        }
        let path = marker
            .datastore("path")
            .filter(|path| !path.is_empty())
            .ok_or_else(|| {
                Failure::broken(
                    "Filesystem datastore config in .swamp.yaml requires a 'path' field.",
                )
            })?;
        Ok(Self {
            path: located(repo, path, env)?,
            namespace: marker.namespace().map(str::to_owned),
        })
    }

    /// Where the repository's own share is: the directory of its namespace, in solo mode the root.
    pub fn own_root(&self) -> PathBuf {
        match &self.namespace {
            Some(namespace) => self.path.join(namespace),
            None => self.path.clone(),
        }
    }

    /// The data of the repository itself.
    pub fn data(&self) -> DataRoot {
        DataRoot(self.own_root().join("data"))
    }

    /// Whether it holds data outside of any namespace.
    pub fn holds_solo_data(&self) -> Result<bool> {
        for name in shared(DIRECTORIES) {
            let files = files::files_below(&self.path.join(name))?;
            if files.iter().any(|path| !is_bookkeeping(path)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Manifests and catalog files are not data: they are there without anybody having run anything.
fn is_bookkeeping(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == crate::namespace::manifest::FILE_NAME || name.starts_with("_catalog.db")
}

/// The absolute place of a path as a user writes it.
pub fn located(repo: &Path, written: &str, env: &Environment) -> Result<PathBuf> {
    let expanded = expand(written, |name| env.get(name))?;
    // An absolute path is taken as it is written.
    Ok(if Path::new(&expanded).is_absolute() {
        PathBuf::from(expanded)
    } else {
        files::resolve(repo, &expanded)
    })
}

/// Replaces `~` in front, `$NAME` and `${NAME}`.
fn expand(path: &str, value_of: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut out = String::new();
    let mut rest = path;
    if let Some(below) = path
        .strip_prefix('~')
        .filter(|below| below.is_empty() || below.starts_with('/'))
    {
        let home = value_of("HOME").ok_or_else(|| {
            Failure::refused(format!(
                "Cannot expand \"~\" in path \"{path}\": neither HOME nor USERPROFILE is set"
            ))
        })?;
        out.push_str(&home);
        rest = below;
    }
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let (name, next) = match behind
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some((name, next)) if variable_length(name) == name.len() => (name, next),
            _ => behind.split_at(variable_length(behind)),
        };
        if name.is_empty() {
            out.push('$');
        } else {
            let value = value_of(name).ok_or_else(|| {
                Failure::refused(format!(
                    "Environment variable \"{name}\" is not set or empty (referenced in path \"{path}\")"
                ))
            })?;
            out.push_str(&value);
        }
        rest = next;
    }
    out.push_str(rest);
    Ok(out)
}

/// How many bytes at the front of `text` are a variable's name.
fn variable_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .unwrap_or(text.len())
}

/// The portable way to write an absolute path: what lies in the home directory starts with `$HOME`.
pub fn portable(path: &Path, home: Option<&str>) -> String {
    let text = path.to_string_lossy().into_owned();
    match home.and_then(|home| text.strip_prefix(home)) {
        Some(below) if below.is_empty() || below.starts_with('/') => format!("$HOME{below}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(path: &str) -> Result<String> {
        expand(path, |name| match name {
            "HOME" => Some("/home/u".to_owned()),
            "X_1" => Some("x".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn variables_and_the_tilde_are_expanded() {
        assert_eq!(expanded("~/ds"), Ok("/home/u/ds".into()));
        assert_eq!(expanded("~"), Ok("/home/u".into()));
        assert_eq!(expanded("/~/a~"), Ok("/~/a~".into()));
        assert_eq!(
            expanded("$HOME/${X_1}y/$X_1-z"),
            Ok("/home/u/xy/x-z".into())
        );
        assert_eq!(expanded("/a$/b${"), Ok("/a$/b${".into()));
    }

    #[test]
    fn a_variable_without_a_value_is_refused() {
        for path in ["/a/$NONE", "/a/${NONE}"] {
            assert!(matches!(expanded(path), Err(Failure::Refused(_))), "{path}");
        }
    }

    #[test]
    fn the_home_directory_is_written_as_a_variable() {
        let portable = |path: &str| portable(Path::new(path), Some("/home/u"));
        assert_eq!(portable("/home/u/ds"), "$HOME/ds");
        assert_eq!(portable("/home/u"), "$HOME");
        assert_eq!(portable("/home/user2/ds"), "/home/user2/ds");
    }

    #[test]
    fn ten_directories_are_shared() {
        assert_eq!(shared(DIRECTORIES).len(), 10);
    }
}
