//! The world of a trial, observed whole: the datastores, the repos, the homes, and what lies
//! beside them. It is looked at before and after every command. What a command changed there has
//! to be in the [table]: with the kind, the permissions and the contents that it has there,
//! by a command that may. Anything else fails the trial.
//!
//! The goldens show what changed in a datastore since the scene was set, and a few show all that
//! lies there; what is in here is what they cannot show, also while the scene is set. What is in a
//! bucket has to be in a local copy of it as well. Not observed is what lies outside of the sandbox.

mod bucket;
mod catalog;
mod forms;
mod judge;
mod kept;
mod look;
mod modes;
mod places;
mod records;
mod shown;
mod sources;
mod steps;
mod table;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use bucket::Copies;
use catalog::{Catalog, Versions};
use judge::Judge;
use look::{Change, Entry, Look};
use modes::Modes;
use places::Places;

use crate::backend::store::Store;
use crate::excerpt::excerpt;
use crate::forms::metadata::Metadata;
use crate::forms::reply::ensure;
use crate::render::tree::Listing;

use table::RUNS;
pub(crate) use table::unfired;

/// What to do about a change that nothing speaks of, if it is intended.
pub(crate) const ADVICE: &str =
    "if what a command left behind is intended: say so in the table of src/world/table.rs";

/// Of so many changes it is shown what they were; the others are named.
const SHOWN: usize = 4;

/// Of what a command left behind that nothing speaks of, as many lines are told from the beginning,
/// and as many from the end.
const MOST_LINES: usize = 100;

/// Commands that ran, side by side if they are several.
#[derive(Debug)]
pub(crate) struct Done<'a> {
    /// The sandbox that they ran in.
    pub root: &'a Path,
    /// When the trial began.
    pub since: jiff::Timestamp,
    /// The repo that each ran in, its arguments, and its exit code; none for one that was killed.
    pub commands: Vec<(&'a str, &'a [String], Option<i32>)>,
    /// Whether the scenario forged an export: then a catalog may tell of what never was.
    pub forged: bool,
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
        self.any(|command| RUNS.iter().any(|begin| command.starts_with(begin)))
    }

    /// Whether a time is one of this trial.
    fn is_of_now(&self, time: jiff::Timestamp) -> Result<(), String> {
        // The clock of files is coarser than that of the processor.
        let slack = jiff::SignedDuration::from_secs(2);
        let now = jiff::Timestamp::now();
        ensure(
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

    /// What they were given with an option whose values are `name=value`.
    fn given(&self, option: &str) -> Map<String, Value> {
        let words = self
            .commands
            .iter()
            .flat_map(|(_, args, _)| args.windows(2));
        let given = words.filter(|pair| pair[0] == option);
        let pairs = given.filter_map(|pair| pair[1].split_once('='));
        pairs
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }

    /// Whether one of them may do what `may` says, by the words of a command.
    fn any(&self, may: impl Fn(&str) -> bool) -> bool {
        self.commands
            .iter()
            .any(|(_, args, _)| may(&args.join(" ")))
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
    versions: Versions,
    /// The metadata that each catalog had a row of when it was last looked at.
    rows: HashMap<PathBuf, HashSet<PathBuf>>,
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
        self.rows.clear();
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
        let mut judge = Judge::new(done, &self.places, self.modes, &now);
        let mut faults = Vec::new();
        for (path, change) in &changes {
            if let Some(why) = judge.fault(path, change) {
                let shown = faults.len() < SHOWN;
                faults.push(self.told(path, change, &format!(": {why}"), shown));
            }
        }
        faults.extend(judge.too_many());
        self.note(now);
        if !done.was_killed() {
            faults.extend(self.catalogs(&changes, done));
        }
        Ok((!faults.is_empty()).then(|| {
            format!(
                "{} left behind what nothing speaks of:\n  {}",
                done.names(),
                excerpt(&faults.join("\n  "), MOST_LINES, 1_000)
            )
        }))
    }

    /// A change, with what is to say of it, and with what it was if that is to be `shown`.
    fn told(&self, path: &Path, change: &Change, why: &str, shown: bool) -> String {
        let lines = if shown {
            shown::lines(&self.root.join(path), change)
        } else {
            Vec::new()
        };
        let lines: String = lines.iter().map(|line| format!("\n    {line}")).collect();
        format!("{} {}{why}{lines}", change.verb(), path.display())
    }

    /// What is wrong with the catalogs that changed, and with the rows of what commands wrote.
    fn catalogs(&mut self, changes: &[(PathBuf, Change)], done: &Done<'_>) -> Vec<String> {
        let made = changes.iter().filter_map(|(path, change)| {
            let new = done.wrote() && matches!(change, Change::Made(_));
            (new && path.ends_with("metadata.yaml")).then_some(path.as_path())
        });
        let made: Vec<&Path> = made.collect();
        let changed = changes.iter().filter_map(|(path, _)| {
            let name = path.file_name()?.to_str()?;
            // What lies beside them else changes when they are opened.
            ["_catalog.db", "_catalog.db-wal"]
                .contains(&name)
                .then(|| path.with_file_name("_catalog.db"))
        });
        let changed: BTreeSet<PathBuf> = changed.collect();
        let mut faults = Vec::new();
        for path in changed {
            let made = made.iter().copied();
            let here: Vec<&Path> = made.filter(|it| self.wrote(&path, it, done)).collect();
            faults.extend(self.catalog(&path, &here, done.forged));
        }
        faults
    }

    /// Whether a command wrote a `version` in the repo of that catalog. Of those side by side, one
    /// may fetch what the other has just pushed, and a catalog need not know of that.
    fn wrote(&self, catalog: &Path, version: &Path, done: &Done<'_>) -> bool {
        if done.commands.len() == 1 {
            return true;
        }
        let dir = self.root.join(version).with_file_name("");
        let Ok(Some(it)) = Metadata::read(&dir) else {
            return true;
        };
        let model = it.tag("modelName");
        done.commands.iter().any(|(repo, args, _)| {
            catalog.starts_with(repo) && args.iter().any(|arg| Some(arg.as_str()) == model)
        })
    }

    /// What is wrong with the catalog at `path`, after commands made these versions.
    fn catalog(&mut self, path: &Path, made: &[&Path], forged: bool) -> Option<String> {
        if !self.root.join(path).exists() {
            // Whoever removed it is judged; the next one knows nothing of it.
            self.rows.remove(path);
            return None;
        }
        let own = self.places.own(path);
        let datastore = own.as_ref().map(|own| own.datastore.clone());
        let catalog = Catalog {
            root: &self.root,
            path,
            own,
            versions: &self.versions,
            now: &self.seen,
            made,
            forged,
        };
        let (rows, fault) = catalog.look()?;
        let known = self.rows.insert(path.to_owned(), rows);
        let now = &self.rows[path];
        let lost = known.iter().flatten().find(|data| {
            let own = datastore.as_ref().is_none_or(|own| data.starts_with(own));
            let there = own && self.seen.contains_key(data.as_os_str());
            there && !now.contains(*data) && !catalog::is_renamed(&self.root, data)
        });
        let lost = lost.map(|data| format!("there is no row of {} any more", data.display()));
        let why = fault.or(lost)?;
        Some(format!("{}: {why}", path.display()))
    }

    fn note(&mut self, now: Look) {
        self.copies.add(&self.seen, &now);
        self.versions.add(&self.seen, &now);
        self.seen = now;
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

    /// The entries of the indexes in a bucket that are about nothing there.
    pub fn indexes(
        store: &Store,
        listing: &Listing,
        read: &dyn Fn(&str) -> Option<serde_json::Value>,
    ) -> Option<String> {
        bucket::dangling(store, listing, read)
    }

    /// The entries of the indexes in local copies that are about nothing: neither beside them nor,
    /// as one of `keys`, in a bucket.
    pub fn local_indexes(&self, keys: &BTreeSet<String>) -> Option<String> {
        bucket::dangling_locally(&self.root, &self.seen, keys)
    }

    /// Looks once more when the trial is over: at what changed since the last command, if nobody
    /// `touched` anything, and at the catalogs. Where somebody `forged` an export, a catalog may tell
    /// of what never was.
    ///
    /// # Errors
    /// As [`Watch::before`].
    pub fn at_the_end(&mut self, touched: bool, forged: bool) -> Result<Vec<String>, String> {
        let mut faults = Vec::new();
        let now = look::look(&self.root, &self.seen)?;
        if !touched {
            let changes = look::changes(&self.seen, &now);
            let changes = changes.iter().enumerate();
            faults.extend(changes.map(|(index, (path, change))| {
                let told = self.told(path, change, "", index < SHOWN);
                format!("something was still at work after the last command: {told}")
            }));
        }
        self.note(now);
        if touched {
            self.rows.clear();
        }
        let catalogs = self.seen.keys().map(PathBuf::from);
        let catalogs = catalogs.filter(|path| path.ends_with("data/_catalog.db"));
        for path in catalogs.collect::<Vec<_>>() {
            faults.extend(self.catalog(&path, &[], forged));
        }
        Ok(faults)
    }
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
