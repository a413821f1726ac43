//! Fixtures: files that scenarios put into a repo, below `fixtures/<name>/`, as they are to lie in
//! the repo. Model ids in them are fixed, so that the paths they name do not change.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use walkdir::WalkDir;

use crate::read;
use crate::scenario::repo::Repo;
use crate::scenario::steps::Step;

impl Repo<'_> {
    /// Puts the files of the fixture into the repo. The ids of its models and workflows are known
    /// from then on as `<model:name>` and `<workflow:name>`.
    ///
    /// # Panics
    /// There is no such fixture, or a file cannot be written.
    #[track_caller]
    pub fn add(&self, fixture: &str) {
        let told = format!("put the fixture {fixture} into {}", self.name());
        self.trial().as_one(&told, || {
            for (path, text) in files(fixture) {
                self.write(&path, &text);
                for (directory, role) in [("models", "model"), ("workflows", "workflow")] {
                    if Path::new(&path).starts_with(directory) {
                        self.learn(role, fixture, &text);
                    }
                }
            }
        });
    }

    /// Writes a file of the repo, and the directories above it.
    ///
    /// # Panics
    /// It cannot be written.
    #[track_caller]
    pub fn write(&self, path: &str, text: &str) {
        self.trial().write(&format!("{}/{path}", self.name()), text);
    }

    /// Writes a file of the repo anew, with `new` in place of `old`.
    ///
    /// # Panics
    /// It cannot be read or written, or does not hold `old`.
    #[track_caller]
    pub fn edit(&self, path: &str, [old, new]: [&str; 2]) {
        let place = self.path().join(path);
        let text = read::text(&place).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
        assert!(text.contains(old), "{text}");
        self.write(path, &text.replace(old, new));
    }

    /// Whether nothing lies in its directory.
    ///
    /// # Panics
    /// It cannot be read.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let entries = fs::read_dir(self.path());
        let mut entries = entries.unwrap_or_else(|e| panic!("{}: {e}", self.path().display()));
        entries.next().is_none()
    }

    /// Removes a file or a directory of the repo, with all in it.
    ///
    /// # Panics
    /// It cannot be removed.
    #[track_caller]
    pub fn remove(&self, path: &str) {
        self.trial().remove(&format!("{}/{path}", self.name()));
    }

    fn learn(&self, role: &str, fixture: &str, definition: &str) {
        let field = |name: &str| {
            definition
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        if let (Some(id), Some(name)) = (field("id"), field("name")) {
            let role = if name == fixture || role == "workflow" {
                format!("{role}:{name}")
            } else {
                format!("{role}:{fixture}/{name}")
            };
            self.trial().learn(id, &role);
        }
    }
}

/// The files of a fixture, by their paths in it, with their text.
#[track_caller]
pub(crate) fn files(fixture: &str) -> Vec<(String, String)> {
    let root = crate::workspace_root().join("fixtures").join(fixture);
    let entries = WalkDir::new(&root).sort_by_file_name().into_iter();
    let entries = entries.map(|e| e.unwrap_or_else(|e| panic!("the fixture {fixture}: {e}")));
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path();
            let inner = path.strip_prefix(&root).unwrap_or(path);
            let text = fs::read_to_string(path);
            let text = text.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            (inner.to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// Writes `text` to `path`, in the directories that it takes.
pub(crate) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

/// Moves whatever is at `from`, into the directories that it takes.
fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(from, to)
}

/// Copies the files and directories below `from`, but for those at its top that are named `but`.
///
/// # Errors
/// Something cannot be read or written.
pub fn copy(from: &Path, to: &Path, but: Option<&str>) -> std::io::Result<()> {
    let wanted = |entry: &walkdir::DirEntry| {
        entry.depth() != 1 || but.is_none_or(|name| entry.file_name() != name)
    };
    for entry in WalkDir::new(from).into_iter().filter_entry(wanted) {
        let entry = entry?;
        let inner = entry.path().strip_prefix(from).unwrap_or(entry.path());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to.join(inner))?;
        } else {
            // Read by itself first: a FIFO would be waited for.
            let mode = fs::metadata(entry.path())?.permissions();
            fs::write(to.join(inner), read::bytes(entry.path())?)?;
            fs::set_permissions(to.join(inner), mode)?;
        }
    }
    Ok(())
}

/// Removes whatever is at `path`.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

impl crate::scenario::trial::Trial {
    /// Writes a file of the sandbox, and the directories above it.
    ///
    /// # Panics
    /// It cannot be written.
    #[track_caller]
    pub fn write(&self, path: &str, text: &str) {
        let file = self.path(path);
        write(&file, text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.note(Step::Write {
            path: path.to_owned(),
            text: text.to_owned(),
        });
    }

    /// Moves a file or a directory of the sandbox, past swamp.
    ///
    /// # Panics
    /// It cannot be moved.
    #[track_caller]
    pub fn rename(&self, from: &str, to: &str) {
        let (old, new) = (self.path(from), self.path(to));
        rename(&old, &new).unwrap_or_else(|e| panic!("{}: {e}", old.display()));
        self.note(Step::Rename {
            from: from.to_owned(),
            to: to.to_owned(),
        });
    }

    /// Copies a directory of the sandbox with all in it to where nothing is, past swamp.
    ///
    /// # Panics
    /// It cannot be copied.
    #[track_caller]
    pub fn copy(&self, from: &str, to: &str) {
        let (old, new) = (self.path(from), self.path(to));
        copy(&old, &new, None).unwrap_or_else(|e| panic!("{}: {e}", old.display()));
        self.note(Step::Copy {
            from: from.to_owned(),
            to: to.to_owned(),
        });
    }

    /// Sets the permissions of a file or a directory of the sandbox, such as `0o000`, and gives
    /// those that it had, which hang on the umask.
    ///
    /// # Panics
    /// They cannot be set.
    #[track_caller]
    pub fn chmod(&self, path: &str, mode: u32) -> u32 {
        let file = self.path(path);
        let told = |e: std::io::Error| -> fs::Permissions { panic!("{}: {e}", file.display()) };
        let was = fs::metadata(&file).map(|data| data.permissions());
        let was = was.unwrap_or_else(told).mode() & 0o7777;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.note(Step::Chmod {
            path: path.to_owned(),
            mode,
        });
        was
    }

    /// Makes a symbolic link in the sandbox.
    ///
    /// # Panics
    /// It cannot be made.
    #[track_caller]
    pub fn link(&self, path: &str, target: &str) {
        let link = self.path(path);
        std::os::unix::fs::symlink(target, &link)
            .unwrap_or_else(|e| panic!("{}: {e}", link.display()));
        self.note(Step::Link {
            path: path.to_owned(),
            target: target.to_owned(),
        });
    }

    /// Removes a file or a directory of the sandbox, with all in it.
    ///
    /// # Panics
    /// It cannot be removed.
    #[track_caller]
    pub fn remove(&self, path: &str) {
        let file = self.path(path);
        remove(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.note(Step::Remove(path.to_owned()));
    }
}
