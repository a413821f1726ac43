//! One look at the world of a trial: every file, directory, link, FIFO, socket and device below
//! its root, with permissions and contents; and what changed between two looks.
//!
//! A look costs a `stat` for each entry: a content, and the names in a directory, are read again
//! only where it was touched since, or so shortly before it was read that it could have been
//! touched once more without showing another time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType, Metadata};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

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
    /// Its user and group.
    pub owner: (u32, u32),
    /// How many names its inode has.
    pub links: u64,
    /// The extended attributes that a user gave it, in the order of their names.
    pub attributes: Rc<[OsString]>,
    /// When its content was last written, as it says.
    pub written: (i64, i64),
    pub size: u64,
    /// Its inode, and when that was last changed: another pair means that it was touched.
    touched: (u64, i64, i64),
    /// Whether it was touched well before it was looked at: touched again, it shows another time.
    settled: bool,
    /// The names in a directory; none for what is none, or cannot be read.
    names: Option<Rc<[OsString]>>,
    /// A digest of its content; none for what is no file, cannot be read, or is a database.
    digest: Option<Rc<str>>,
    /// The MD5 of its content, where it lies in the local copy of a bucket.
    pub md5: Option<[u8; 16]>,
    /// The whole content of a `.swamp.yaml`, of which a command may change a part, and of every
    /// small text: what it was is shown where it may not change.
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
    /// It is not what it was: the entry before, and now.
    Altered(Entry, Entry),
    /// A file that somebody touched, and that is what it was.
    Rewritten(Entry),
    /// It is gone.
    Gone(Entry),
}

/// Files that SQLite writes when it likes; see [`crate::render::tree::is_left_out`].
fn is_database(name: &str) -> bool {
    let ends = [".db", ".db-shm", ".db-wal", ".db-journal"];
    ends.iter().any(|end| name.ends_with(end))
}

/// How long after a change another one may show the same time: file systems take the time from a
/// clock that ticks every 10 ms at the slowest.
const TICK: Duration = Duration::from_millis(20);

/// Looks at all below `root`. `known` is an earlier look, from which contents are taken that
/// nobody touched since.
///
/// # Errors
/// Something is there and cannot be looked at.
pub(super) fn look(root: &Path, known: &Look) -> Result<Look, String> {
    let mut eye = Eye {
        known,
        settled: settled_before(SystemTime::now()),
        seen: Look::new(),
        path: root.to_owned(),
        inner: OsString::new(),
    };
    let names = names_in(root).map_err(|e| format!("{}: {e}", root.display()))?;
    eye.entries(&names)?;
    Ok(eye.seen)
}

/// What was touched before that time, as `stat` has it, is settled at `now`.
fn settled_before(now: SystemTime) -> (i64, i64) {
    let then = now.checked_sub(TICK).unwrap_or(SystemTime::UNIX_EPOCH);
    let then = then.duration_since(SystemTime::UNIX_EPOCH);
    let then = then.unwrap_or_default();
    let seconds = i64::try_from(then.as_secs()).unwrap_or(i64::MAX);
    (seconds, then.subsec_nanos().into())
}

fn names_in(dir: &Path) -> std::io::Result<Rc<[OsString]>> {
    let entries = fs::read_dir(dir)?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}

/// A look that is being taken.
struct Eye<'a> {
    known: &'a Look,
    /// See [`settled_before`].
    settled: (i64, i64),
    seen: Look,
    /// Where it is.
    path: PathBuf,
    /// The same below the root.
    inner: OsString,
}

impl Eye<'_> {
    /// Looks at the entries of the directory that it is in, and at all below them.
    fn entries(&mut self, names: &[OsString]) -> Result<(), String> {
        let length = self.inner.len();
        for name in names {
            self.path.push(name);
            if length > 0 {
                self.inner.push("/");
            }
            self.inner.push(name);
            let done = self.entry(name);
            self.path.pop();
            let mut bytes = std::mem::take(&mut self.inner).into_vec();
            bytes.truncate(length);
            self.inner = OsString::from_vec(bytes);
            done?;
        }
        Ok(())
    }

    /// Looks at the entry that it is at, and at all below.
    fn entry(&mut self, name: &OsStr) -> Result<(), String> {
        let told = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
        let data = match fs::symlink_metadata(&self.path) {
            Ok(data) => data,
            // It went while we looked: a process that is just ending removes its own.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(told(&self.path, e)),
        };
        let touched = (data.ino(), data.ctime(), data.ctime_nsec());
        let known = self.known.get(&self.inner);
        let known = known.filter(|known| known.settled && known.touched == touched);
        let mut entry = match known {
            Some(known) => known.clone(),
            None => Entry {
                settled: (data.ctime(), data.ctime_nsec()) < self.settled,
                ..Entry::of(&self.path, name, &data)
            },
        };
        if entry.kind == Kind::Directory {
            if entry.names.is_none() {
                match names_in(&self.path) {
                    Ok(names) => entry.names = Some(names),
                    Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => self.closed(),
                    Err(e) => return Err(told(&self.path, e)),
                }
            }
            if let Some(names) = entry.names.clone() {
                self.entries(&names)?;
            }
        }
        self.seen.insert(self.inner.clone(), entry);
        Ok(())
    }

    /// A scenario closed the directory that it is at: what was in it still is, as far as anybody
    /// can tell.
    fn closed(&mut self) {
        let inner = &self.inner;
        let inside = |path: &OsStr| path != inner && Path::new(path).starts_with(inner);
        let inside = self.known.iter().filter(|(path, _)| inside(path));
        let inside = inside.map(|(path, entry)| (path.clone(), entry.clone()));
        self.seen.extend(inside);
    }
}

impl Entry {
    /// Reads what is at `path`.
    fn of(path: &Path, name: &OsStr, data: &Metadata) -> Self {
        let mut entry = Self {
            kind: kind(path, data.file_type()),
            mode: data.mode() & 0o7777,
            owner: (data.uid(), data.gid()),
            links: data.nlink(),
            attributes: attributes(path),
            written: (data.mtime(), data.mtime_nsec()),
            size: data.size(),
            touched: (data.ino(), data.ctime(), data.ctime_nsec()),
            settled: false,
            names: None,
            digest: None,
            md5: None,
            text: None,
        };
        let name = name.to_string_lossy();
        if entry.kind == Kind::File
            && !is_database(&name)
            && let Ok(content) = fs::read(path)
        {
            entry.digest = Some(digest::full(&content).into());
            let copied = path.to_string_lossy().contains("/.swamp/repos/");
            entry.md5 = copied.then(|| Md5::digest(&content).into());
            entry.text = if name == ".swamp.yaml" {
                Some(String::from_utf8_lossy(&content).into())
            } else {
                small_text(&content).map(Rc::from)
            };
        }
        entry
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Whether it is a directory without anything in it.
    pub fn is_empty_directory(&self) -> bool {
        self.names.as_ref().is_some_and(|names| names.is_empty())
    }

    /// The digest of its content, if it has any.
    pub fn content(&self) -> Option<&str> {
        self.digest.as_deref().filter(|_| self.size > 0)
    }

    fn is_readable_file(&self) -> bool {
        self.kind == Kind::File && self.digest.is_some()
    }

    /// Whether `other` holds the same.
    pub fn holds_the_same(&self, other: &Self) -> bool {
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
        let same_content = || match (&self.digest, &other.digest) {
            // Two contents may have been written at what shows as the same time.
            (Some(_), Some(_)) => self.holds_the_same(other),
            _ => self.touched == other.touched,
        };
        self.kind == other.kind
            && self.mode == other.mode
            && self.owner == other.owner
            && self.attributes == other.attributes
            && (self.kind != Kind::File || same_content())
    }
}

/// The content of a file, if it is a text and no longer than most that swamp writes.
fn small_text(content: &[u8]) -> Option<&str> {
    const MOST: usize = 4096;
    if content.len() > MOST {
        return None;
    }
    let text = str::from_utf8(content).ok();
    text.filter(|text| !text.contains('\0'))
}

/// The names of the extended attributes that are a user's. All others are the system's affair, and
/// some file systems have none.
fn attributes(path: &Path) -> Rc<[OsString]> {
    let names = xattr::list(path).into_iter().flatten();
    let mut names: Vec<OsString> = names
        .filter(|name| name.to_string_lossy().starts_with("user."))
        .collect();
    names.sort_unstable();
    names.into()
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
            // A directory is touched with what is in it.
            Some(old)
                if old.is(entry) && (!entry.is_readable_file() || old.touched == entry.touched) =>
            {
                continue;
            }
            Some(old) if old.is(entry) => Change::Rewritten(entry.clone()),
            Some(old) => Change::Altered(old.clone(), entry.clone()),
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
                    Change::Rewritten(_) => "rewritten".to_owned(),
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
                "same: rewritten",
                "text: altered",
                "from: went elsewhere",
            ]
        );
        assert_eq!(
            said(&after, &look(root, &after).unwrap()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_changes_within_the_tick_of_a_look_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::write(root.join("text"), "0").unwrap();
        for turn in 1..=9 {
            fs::create_dir_all(root.join("dir")).unwrap();
            let before = look(root, &Look::new()).unwrap();
            fs::write(root.join("text"), turn.to_string()).unwrap();
            fs::write(root.join("dir/new"), "").unwrap();
            let mut after = look(root, &before).unwrap();
            // As a file system shows it whose clock did not tick between the two.
            for (path, entry) in &mut after {
                entry.touched = before.get(path).map_or(entry.touched, |old| old.touched);
            }
            let seen = ["dir/new: made a file", "text: altered"];
            assert_eq!(said(&before, &after), seen);
            fs::remove_dir_all(root.join("dir")).unwrap();
        }
    }

    /// Only root may give a directory away.
    #[test]
    fn a_directory_of_another_owner_is_a_change() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("dir")).unwrap();
        let before = look(dir.path(), &Look::new()).unwrap();
        let mut after = before.clone();
        for entry in after.values_mut() {
            entry.owner.1 += 1;
        }
        assert_eq!(said(&before, &after), ["dir: altered"]);
    }

    #[test]
    fn what_was_touched_just_now_is_read_again_and_what_is_settled_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join("dir")).unwrap();
        fs::write(root.join("dir/text"), "1").unwrap();
        // As an earlier look would have it that read both before they were changed once more.
        let stale = |mut look: Look| {
            for entry in look.values_mut() {
                entry.digest = entry.digest.as_ref().map(|_| "stale".into());
                entry.names = entry.names.as_ref().map(|_| Rc::default());
            }
            look
        };
        let mut early = look(root, &Look::new()).unwrap();
        while early.values().any(|entry| entry.settled) {
            // The machine was busy meanwhile: once more, and at once.
            fs::write(root.join("dir/more"), "").unwrap();
            fs::remove_file(root.join("dir/more")).unwrap();
            fs::write(root.join("dir/text"), "1").unwrap();
            early = look(root, &Look::new()).unwrap();
        }
        // The look that follows may come late: it must read what the first one did not settle.
        let again = look(root, &stale(early.clone())).unwrap();
        assert_eq!(said(&early, &again), Vec::<String>::new());

        std::thread::sleep(2 * TICK);
        let late = look(root, &early).unwrap();
        assert_eq!(said(&early, &late), Vec::<String>::new());
        let taken = look(root, &stale(late.clone())).unwrap();
        assert_eq!(said(&late, &taken), ["dir/text: gone"]);
    }
}
