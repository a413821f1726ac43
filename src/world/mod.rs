//! The world of a trial, observed whole: the datastores, the repos, the homes, and what lies
//! beside them. It is looked at before and after every command. What a command changed there has
//! to be in the [table]: with the kind, the permissions and the contents that it has there,
//! by a command that may. Anything else fails the trial.
//!
//! The goldens show which names there are in a datastore; what is in here is what they cannot
//! show. What is in a bucket has to be in a local copy of it as
//! well. Not observed is what lies outside of the sandbox.

mod bucket;
mod catalog;
mod forms;
mod kept;
mod look;
mod places;
mod records;
mod table;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use bucket::Copies;
use look::{Change, Entry, Kind, Look};
use places::{Places, Ran};
use table::{Form, Is};

use crate::store::Store;
use crate::tree::Listing;

pub(crate) use table::unfired;

/// Commands that ran, side by side if they are several.
#[derive(Debug)]
pub(crate) struct Done<'a> {
    /// The sandbox that they ran in.
    pub root: &'a Path,
    /// When the trial began.
    pub since: jiff::Timestamp,
    /// The repo that each ran in, its arguments, and its exit code; none for one that was killed.
    pub commands: Vec<(&'a str, &'a [String], Option<i32>)>,
}

impl Done<'_> {
    fn all_succeeded(&self) -> bool {
        self.commands.iter().all(|(.., code)| *code == Some(0))
    }

    fn was_killed(&self) -> bool {
        self.commands.iter().any(|(.., code)| code.is_none())
    }

    /// Whether one of them moves all that lies in a datastore.
    fn moves_all(&self) -> bool {
        self.any(|command| table::MOVES.iter().any(|begin| command.starts_with(begin)))
    }

    /// Whether one of them wrote data of its own, and did not only fetch or move it.
    fn wrote(&self) -> bool {
        self.any(|command| command.starts_with("model method run"))
    }

    /// Whether a time is one of this trial.
    fn is_of_now(&self, time: jiff::Timestamp) -> Result<(), String> {
        // The clock of files is coarser than that of the processor.
        let slack = jiff::SignedDuration::from_secs(2);
        let now = jiff::Timestamp::now();
        forms::ensure(
            self.since - slack <= time && time <= now + slack,
            &format!(
                "it is of {time:.3}, and the trial of {:.3} to {now:.3}",
                self.since
            ),
        )
    }

    /// For people.
    fn names(&self) -> String {
        let names = self.commands.iter().map(|(repo, args, _)| {
            let args = args.join(" ");
            format!("`swamp {args}` in {repo}")
        });
        names.collect::<Vec<_>>().join(" and ")
    }

    /// Whether one of them may do what `may` says, by the words of a command.
    fn any(&self, may: impl Fn(&str) -> bool) -> bool {
        self.commands
            .iter()
            .any(|(_, args, _)| may(&args.join(" ")))
    }
}

/// What the file system makes of permissions here, with its defaults and the user's umask.
#[derive(Debug, Clone, Copy, Default)]
struct Modes {
    file: u32,
    directory: u32,
    private_file: u32,
    private_directory: u32,
    /// Whom it gives files to.
    owner: (u32, u32),
}

impl Modes {
    /// Tried out in `dir`.
    fn of(dir: &Path) -> std::io::Result<Self> {
        let probe = tempfile::Builder::new().prefix("probe-").tempdir_in(dir)?;
        let mode = |path: &Path| fs::metadata(path).map(|data| data.permissions().mode() & 0o7777);
        let (file, directory) = (probe.path().join("file"), probe.path().join("directory"));
        fs::write(&file, "")?;
        fs::create_dir(&directory)?;
        let usual = (mode(&file)?, mode(&directory)?);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
        Ok(Self {
            file: usual.0,
            directory: usual.1,
            private_file: mode(&file)?,
            private_directory: mode(&directory)?,
            owner: fs::metadata(&file).map(|data| (data.uid(), data.gid()))?,
        })
    }
}

/// Watches the world of one trial.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    root: PathBuf,
    modes: Modes,
    places: Places,
    /// The last look.
    seen: Look,
    copies: Copies,
}

impl Watch {
    /// Watches all below `root`.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn new(root: &Path) -> Result<Self, String> {
        let modes = Modes::of(root).map_err(|e| format!("{}: {e}", root.display()))?;
        Ok(Self {
            root: root.to_owned(),
            modes,
            places: Places::new(root),
            ..Self::default()
        })
    }

    /// From now on `path` is a repo that is used from `home`.
    pub fn repo(&mut self, path: &str, home: &Path) {
        self.places.repo(path, home);
    }

    /// From now on `path` is a datastore.
    pub fn datastore(&mut self, path: &Path) {
        self.places.datastore(path);
    }

    /// Looks before a command runs: what others did since the last one is theirs.
    ///
    /// # Errors
    /// Something cannot be looked at.
    pub fn before(&mut self) -> Result<(), String> {
        let now = look::look(&self.root, &self.seen)?;
        self.places.note(&now);
        self.note(now);
        Ok(())
    }

    /// Looks after commands ran: what they did that nothing speaks of.
    ///
    /// # Errors
    /// As [`Watch::before`].
    pub fn after(&mut self, done: &Done<'_>) -> Result<Option<String>, String> {
        let now = look::look(&self.root, &self.seen)?;
        let changes = look::changes(&self.seen, &now);
        self.places.note(&now);
        let repos: Vec<&str> = done.commands.iter().map(|(repo, ..)| *repo).collect();
        let ran = self.places.ran(&repos);
        let mut made = BTreeMap::new();
        let mut faults: Vec<String> = changes
            .iter()
            .filter_map(|(path, change)| {
                let why = self.fault(path, change, done, &ran, &mut made)?;
                Some(format!("{} {}: {why}", change.verb(), path.display()))
            })
            .collect();
        faults.extend(too_many(&made, done));
        faults.extend(copies_left_out(&changes, &now));
        self.note(now);
        Ok((!faults.is_empty()).then(|| {
            format!(
                "{} left behind what nothing speaks of:\n  {}\n  next: if that is intended, say \
                 so in the table of src/world/table.rs",
                done.names(),
                faults.join("\n  ")
            )
        }))
    }

    fn note(&mut self, now: Look) {
        self.seen = now;
        self.copies.add(&self.seen);
    }

    /// What is in a bucket, and in no local copy of it.
    pub fn bucket(&self, store: &Store, listing: &Listing) -> Option<String> {
        self.copies.fault(store, listing)
    }

    /// What `commands` did to a bucket since it was seen as it `was`, and may not have done.
    pub fn bucket_since(
        store: &Store,
        was: &Listing,
        is: &Listing,
        commands: &[String],
    ) -> Option<String> {
        bucket::fault(store, was, is, commands)
    }

    /// Looks once more when the trial is over: at what changed since the last command, if nobody
    /// `touched` anything, and at the catalogs.
    ///
    /// # Errors
    /// As [`Watch::before`].
    pub fn at_the_end(&mut self, touched: bool) -> Result<Vec<String>, String> {
        let mut faults = Vec::new();
        let now = look::look(&self.root, &self.seen)?;
        if !touched {
            let changes = look::changes(&self.seen, &now);
            faults.extend(changes.iter().map(|(path, change)| {
                let (verb, path) = (change.verb(), path.display());
                format!("something was still at work after the last command: {verb} {path}")
            }));
        }
        let catalogs = now.keys().map(Path::new);
        let catalogs = catalogs.filter(|path| path.ends_with("data/_catalog.db"));
        faults.extend(catalogs.filter_map(|path| {
            let why = catalog::fault(&self.root.join(path))?;
            Some(format!("{}: {why}", path.display()))
        }));
        Ok(faults)
    }

    /// What is wrong with a change.
    fn fault(
        &self,
        path: &Path,
        change: &Change,
        done: &Done<'_>,
        ran: &Ran<'_>,
        judged: &mut BTreeMap<Option<Form>, usize>,
    ) -> Option<String> {
        if done.any(|command| {
            table::UNJUDGED
                .iter()
                .any(|(begin, _)| command.starts_with(begin))
        }) {
            return None;
        }
        let entry = change.entry();
        let Some(rule) = self.rule(path, &entry.kind, done, ran) else {
            return match change {
                // A migration takes along whatever lies there.
                Change::Left(_) if done.moves_all() => None,
                Change::Moved(old, new) if done.moves_all() => (old.mode != new.mode).then(|| {
                    format!(
                        "its permissions were {:o}, and are {:o}",
                        old.mode, new.mode
                    )
                }),
                Change::Rewritten(_) => Some("no such command may touch it".to_owned()),
                _ => Some(format!("{} that the table does not know", entry.kind)),
            };
        };
        rule.fires();
        *judged.entry(rule.is.form()).or_default() +=
            usize::from(matches!(change, Change::Made(_)));
        if !done.any(|command| rule.allows(command)) {
            return Some("no such command may touch it".to_owned());
        }
        let is_database = rule.is == Is::File(Form::Database);
        match change {
            Change::Gone(_) if is_database && !done.moves_all() => {
                return Some("no command removes a database".to_owned());
            }
            Change::Gone(_) | Change::Left(_) => return None,
            Change::Altered(old, new) if is_database && new.is_empty() && !old.is_empty() => {
                return Some("it was emptied".to_owned());
            }
            _ => {}
        }
        // A link has no permissions of its own.
        if !matches!(entry.kind, Kind::Link(_))
            && let Some(why) = self.modes_differ(rule.is, entry.mode)
        {
            return Some(why);
        }
        if entry.kind == Kind::File && entry.links > 1 {
            return Some(format!("it has {} names (hard links)", entry.links));
        }
        if entry.kind == Kind::File && entry.owner != self.modes.owner {
            let ((uid, gid), must) = (entry.owner, self.modes.owner);
            return Some(format!(
                "it belongs to {uid}:{gid}, and must to {}:{}",
                must.0, must.1
            ));
        }
        let form = match rule.is {
            Is::File(form) | Is::PrivateFile(form) => form,
            Is::Lock if !done.was_killed() => return Some("a lock that stays".to_owned()),
            Is::Filled if entry.is_empty_directory() && !done.was_killed() => {
                return Some("it was made for nothing: it is empty".to_owned());
            }
            _ => return None,
        };
        match change {
            Change::Rewritten(_) => return None,
            // What it holds is what it held, and what it is about follows from its place.
            Change::Moved(..) => return None,
            // A command that was killed may have left it half written.
            _ if done.was_killed() => return None,
            _ => {}
        }
        if matches!(change, Change::Altered(..))
            && form == Form::Marker
            && let Some(why) = self.altered_marker(path, done)
        {
            return Some(why);
        }
        forms::fault(form, &self.root.join(path), done)
    }

    fn modes_differ(&self, is: Is, mode: u32) -> Option<String> {
        let must = match is {
            Is::File(_) => self.modes.file,
            Is::PrivateFile(_) => self.modes.private_file,
            Is::Directory | Is::Filled => self.modes.directory,
            Is::PrivateDirectory => self.modes.private_directory,
            Is::LeftOut(_) => {
                let open = mode & 0o002 != 0 && self.modes.directory & 0o002 == 0;
                return open
                    .then(|| format!("its permissions are {mode:o}: anybody may change it"));
            }
            Is::Lock => return None,
        };
        let why = || format!("its permissions are {mode:o}, and must be {must:o}");
        (mode != must).then(why)
    }

    /// The row of the table for a path: of several, one that lets these commands touch it.
    fn rule(
        &self,
        path: &Path,
        kind: &Kind,
        done: &Done<'_>,
        ran: &Ran<'_>,
    ) -> Option<&'static table::Rule> {
        let fits = |is: Is| match is {
            Is::File(_) | Is::PrivateFile(_) | Is::Lock => *kind == Kind::File,
            Is::Directory | Is::Filled | Is::PrivateDirectory => *kind == Kind::Directory,
            Is::LeftOut(_) => [Kind::File, Kind::Directory].contains(kind),
        };
        let places = self.places.of(path, ran).into_iter();
        let rules = places.filter_map(|(area, inner)| table::find(area, inner, fits));
        let mut first = None;
        for rule in rules {
            if done.any(|command| rule.allows(command)) {
                return Some(rule);
            }
            first = first.or(Some(rule));
        }
        first
    }

    /// A command about the datastore changes nothing in `.swamp.yaml` but the datastore.
    fn altered_marker(&self, path: &Path, done: &Done<'_>) -> Option<String> {
        // One that a scenario wrote may be of any form.
        let (old, new) = self.places.markers(path)?;
        let upgraded = done.any(|command| command.starts_with("repo"));
        let same = old.beside_the_datastore() == new.beside_the_datastore();
        (!upgraded && !same).then(|| "it differs in more than the datastore".to_owned())
    }
}

/// What one command made more of than it does.
fn too_many(made: &BTreeMap<Option<Form>, usize>, done: &Done<'_>) -> Vec<String> {
    let [(_, args, Some(0))] = done.commands.as_slice() else {
        return Vec::new();
    };
    let command = args.join(" ");
    let rules = table::AT_MOST_ONE.iter();
    let rules = rules.filter(|(begin, _)| command.starts_with(begin));
    let counts = rules.flat_map(|(_, forms)| forms.iter());
    counts
        .filter_map(|form| {
            let count = made.get(&Some(*form)).copied().unwrap_or_default();
            (count > 1).then(|| format!("made {count} files of the kind {form:?}, and makes one"))
        })
        .collect()
}

/// Copies of data among what is not looked into.
fn copies_left_out(changes: &[(PathBuf, Change)], now: &Look) -> Vec<String> {
    let left_out = |path: &Path| {
        let path = path.to_string_lossy();
        path.contains("bundles/") || path.contains("deno-cache/") || path.contains(".cache/")
    };
    let new = changes.iter().filter(|(path, change)| {
        matches!(change, Change::Made(_) | Change::Altered(..)) && left_out(path)
    });
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return Vec::new();
    }
    let data = now
        .iter()
        .filter(|(path, _)| Path::new(path).ends_with("raw"));
    let data: HashSet<&str> = data.filter_map(|(_, entry)| entry.content()).collect();
    new.into_iter()
        .filter(|(_, change)| change.entry().content().is_some_and(|it| data.contains(it)))
        .map(|(path, _)| format!("made {}: it is a copy of data", path.display()))
        .collect()
}

impl Change {
    /// The entry that is there now, or was.
    fn entry(&self) -> &Entry {
        match self {
            Self::Made(entry)
            | Self::Moved(_, entry)
            | Self::Altered(_, entry)
            | Self::Rewritten(entry)
            | Self::Left(entry)
            | Self::Gone(entry) => entry,
        }
    }

    fn verb(&self) -> &'static str {
        match self {
            Self::Made(_) | Self::Moved(..) => "made",
            Self::Altered(..) => "changed",
            Self::Rewritten(_) => "wrote anew, with the same content,",
            Self::Left(_) | Self::Gone(_) => "removed",
        }
    }
}

#[cfg(test)]
mod tests;
