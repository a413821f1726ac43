//! One look at the world of a trial: every file, directory, link, FIFO, socket and device below
//! its root, with permissions and contents; and what changed between two looks.
//!
//! A look costs a `stat` for each entry: a content is read again only where its file was touched.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, FileType, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use md5::{Digest, Md5};

use crate::digest;

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    /// To where it leads.
    Link(PathBuf),
    Fifo,
    Socket,
    Device,
}

/// One entry of the world.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub kind: Kind,
    /// The permissions, without the kind.
    pub mode: u32,
    size: u64,
    /// Its inode, and when that was last changed: another pair means that it was touched.
    touched: (u64, i64, i64),
    /// A digest of its content; none for what is no file, cannot be read, or is a database.
    digest: Option<Rc<str>>,
    /// The MD5 of its content, where it lies in the local copy of a bucket.
    pub md5: Option<[u8; 16]>,
    /// The whole content of a `.swamp.yaml`, of which a command may change a part.
    pub text: Option<Rc<str>>,
}

/// What an entry is found again by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Trace<'a> {
    Content(&'a str),
    Target(&'a Path),
    Inode(u64),
}

/// The entries below the root, by their path there.
pub(super) type Look = BTreeMap<OsString, Entry>;

/// What one command did to one path.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// It is new.
    Made(Entry),
    /// It came here from elsewhere, with its content: the entry there, and here.
    Moved(Entry, Entry),
    /// It went elsewhere, with its content.
    Left(Entry),
    /// It is not what it was: the entry now.
    Altered(Entry),
    /// It is gone.
    Gone(Entry),
}

/// Files that SQLite writes when it likes; see [`crate::tree::is_left_out`].
fn is_database(name: &str) -> bool {
    let ends = [".db", ".db-shm", ".db-wal", ".db-journal"];
    ends.iter().any(|end| name.ends_with(end))
}

/// Looks at all below `root`. `known` is an earlier look, from which contents are taken that
/// nobody touched since.
///
/// # Errors
/// Something is there and cannot be looked at.
pub(super) fn look(root: &Path, known: &Look) -> Result<Look, String> {
    let mut seen = Look::new();
    below(root, OsStr::new(""), known, &mut seen)?;
    Ok(seen)
}

fn below(dir: &Path, inner: &OsStr, known: &Look, seen: &mut Look) -> Result<(), String> {
    let told = |e: std::io::Error| format!("{}: {e}", dir.display());
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            // A scenario closed it: what was in it still is, as far as anybody can tell.
            let inside = |path: &OsStr| path != inner && Path::new(path).starts_with(inner);
            let inside = known.iter().filter(|(path, _)| inside(path));
            seen.extend(inside.map(|(path, entry)| (path.clone(), entry.clone())));
            return Ok(());
        }
        Err(e) => return Err(told(e)),
    };
    for entry in entries {
        let entry = entry.map_err(told)?;
        let data = match entry.metadata() {
            Ok(data) => data,
            // It went while we looked: a process that is just ending removes its own.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(told(e)),
        };
        let mut path = inner.to_owned();
        if !path.is_empty() {
            path.push("/");
        }
        path.push(entry.file_name());
        let found = Entry::of(&entry, &data, known.get(&path));
        if data.is_dir() {
            below(&entry.path(), &path, known, seen)?;
        }
        seen.insert(path, found);
    }
    Ok(())
}

impl Entry {
    fn of(place: &DirEntry, data: &Metadata, known: Option<&Self>) -> Self {
        let touched = (data.ino(), data.ctime(), data.ctime_nsec());
        if let Some(known) = known.filter(|known| known.touched == touched) {
            return known.clone();
        }
        let path = place.path();
        let mut entry = Self {
            kind: kind(&path, data.file_type()),
            mode: data.mode() & 0o7777,
            size: data.size(),
            touched,
            digest: None,
            md5: None,
            text: None,
        };
        let name = place.file_name();
        let name = name.to_string_lossy();
        if entry.kind == Kind::File
            && !is_database(&name)
            && let Ok(content) = fs::read(&path)
        {
            entry.digest = Some(digest::full(&content).into());
            let copied = path.to_string_lossy().contains("/.swamp/repos/");
            entry.md5 = copied.then(|| Md5::digest(&content).into());
            if name == ".swamp.yaml" {
                entry.text = Some(String::from_utf8_lossy(&content).into());
            }
        }
        entry
    }

    /// Whether `other` holds the same.
    fn holds_the_same(&self, other: &Self) -> bool {
        self.size == other.size && self.digest.is_some() && self.digest == other.digest
    }

    /// What it is found again by, somewhere else.
    fn trace(&self) -> Trace<'_> {
        match (&self.kind, &self.digest) {
            (Kind::File, Some(digest)) => Trace::Content(digest),
            (Kind::Link(to), _) => Trace::Target(to),
            _ => Trace::Inode(self.touched.0),
        }
    }

    /// Whether nothing of it differs that anybody could see.
    fn is(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.mode == other.mode
            && (self.kind != Kind::File
                || self.touched == other.touched
                || self.holds_the_same(other))
    }
}

fn kind(path: &Path, kind: FileType) -> Kind {
    if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_symlink() {
        Kind::Link(fs::read_link(path).unwrap_or_default())
    } else if kind.is_fifo() {
        Kind::Fifo
    } else if kind.is_socket() {
        Kind::Socket
    } else {
        Kind::Device
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File => f.write_str("a file"),
            Self::Directory => f.write_str("a directory"),
            Self::Link(to) => write!(f, "a link to {}", to.display()),
            Self::Fifo => f.write_str("a FIFO"),
            Self::Socket => f.write_str("a socket"),
            Self::Device => f.write_str("a device"),
        }
    }
}

/// What changed from `before` to `after`.
pub(super) fn changes(before: &Look, after: &Look) -> Vec<(PathBuf, Change)> {
    let gone = |(path, _): &(&OsString, &Entry)| !after.contains_key(*path);
    let gone: Vec<(&OsString, &Entry)> = before.iter().filter(gone).collect();
    let mut sources: HashMap<Trace<'_>, Vec<(&OsString, &Entry)>> = HashMap::new();
    for (path, entry) in &gone {
        let same = sources.entry(entry.trace()).or_default();
        same.push((path, entry));
    }
    let name = |path: &OsString| Path::new(path).file_name().map(OsStr::to_owned);
    let mut changes = Vec::new();
    for (path, entry) in after {
        let change = match before.get(path) {
            Some(old) if old.is(entry) => continue,
            Some(_) => Change::Altered(entry.clone()),
            None => {
                let same = sources.get(&entry.trace()).map_or(&[][..], Vec::as_slice);
                // Of several that hold the same, the one of the same name.
                let named = same.iter().find(|(old, _)| name(old) == name(path));
                match named.or_else(|| same.first()) {
                    None => Change::Made(entry.clone()),
                    Some((_, old)) => Change::Moved((*old).clone(), entry.clone()),
                }
            }
        };
        changes.push((path.into(), change));
    }
    let there: HashSet<Trace<'_>> = after.values().map(Entry::trace).collect();
    changes.extend(gone.into_iter().map(|(path, old)| {
        let change = if there.contains(&old.trace()) {
            Change::Left(old.clone())
        } else {
            Change::Gone(old.clone())
        };
        (path.into(), change)
    }));
    changes
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn said(before: &Look, after: &Look) -> Vec<String> {
        changes(before, after)
            .into_iter()
            .map(|(path, change)| {
                let what = match change {
                    Change::Made(entry) => format!("made {}", entry.kind),
                    Change::Moved(..) => "moved here".to_owned(),
                    Change::Altered(..) => "altered".to_owned(),
                    Change::Left(_) => "went elsewhere".to_owned(),
                    Change::Gone(_) => "gone".to_owned(),
                };
                format!("{}: {what}", path.display())
            })
            .collect()
    }

    #[test]
    fn a_look_sees_contents_permissions_kinds_and_moves() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for (name, text) in [("same", "1"), ("text", "2"), ("mode", "3"), ("from", "4")] {
            fs::write(root.join(name), text).unwrap();
        }
        fs::create_dir(root.join("dir")).unwrap();
        let before = look(root, &Look::new()).unwrap();
        // Rewritten with the same content: nothing that anybody could see.
        fs::write(root.join("same"), "1").unwrap();
        fs::write(root.join("text"), "x").unwrap();
        let closed = fs::Permissions::from_mode(0o000);
        fs::set_permissions(root.join("mode"), closed).unwrap();
        fs::rename(root.join("from"), root.join("dir/to")).unwrap();
        let fifo = root.join("dir/fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("link")).unwrap();
        let after = look(root, &before).unwrap();
        assert_eq!(
            said(&before, &after),
            [
                "dir/fifo: made a FIFO",
                "dir/to: moved here",
                "link: made a link to nowhere",
                "mode: altered",
                "text: altered",
                "from: went elsewhere",
            ]
        );
        assert_eq!(
            said(&after, &look(root, &after).unwrap()),
            Vec::<String>::new()
        );
    }
}
