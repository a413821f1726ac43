//! Judges what commands changed, by the [table].

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::look::{Change, Entry, Kind, Look};
use super::modes::Modes;
use super::places::{Places, Ran};
use super::table::{self, Form, Is};
use super::{Done, forms};

/// Judges the changes of commands that ran.
pub(super) struct Judge<'a> {
    done: &'a Done<'a>,
    places: &'a Places,
    ran: Ran<'a>,
    modes: Modes,
    /// What is there now.
    now: &'a Look,
    /// The digests of all data that is there, once somebody asked for them.
    data: OnceCell<HashSet<&'a str>>,
    /// How many files of each form are new.
    made: BTreeMap<Form, usize>,
}

impl<'a> Judge<'a> {
    pub fn new(done: &'a Done<'a>, places: &'a Places, modes: Modes, now: &'a Look) -> Self {
        let repos: Vec<&str> = done.commands.iter().map(|(repo, ..)| *repo).collect();
        Self {
            done,
            places,
            ran: places.ran(&repos),
            modes,
            now,
            data: OnceCell::new(),
            made: BTreeMap::new(),
        }
    }

    /// What is wrong with a change of `path`.
    pub fn fault(&mut self, path: &Path, change: &Change) -> Option<String> {
        if self.may(table::UNJUDGED.iter().map(|(begin, _)| *begin)) {
            return None;
        }
        let entry = change.entry();
        let Some(rule) = self.rule(path, &entry.kind) else {
            return self.unknown(change);
        };
        rule.fires();
        if let (Change::Made(_), Some(form)) = (change, rule.is.form()) {
            *self.made.entry(form).or_default() += 1;
        }
        if !self.may(rule.by.iter().copied()) {
            return Some(TOUCHED.to_owned());
        }
        if rule.is == Is::File(Form::Database)
            && let Some(why) = self.lost_database(change)
        {
            return Some(why);
        }
        if matches!(change, Change::Gone(_)) && self.is_not_to_go(rule.is, path) {
            return Some("no such command may remove it".to_owned());
        }
        if matches!(change, Change::Gone(_) | Change::Left(_)) {
            let form = rule.is.form().filter(|form| OF_ONE_RUN.contains(form));
            return form.and_then(|form| self.not_its_own(form, change));
        }
        if self.tells_the_secret(path) {
            return Some("it tells the secret that was put".to_owned());
        }
        let why = self.modes.fault(rule.is, entry);
        let why = why.or_else(|| self.written(change));
        why.or_else(|| self.held(rule.is, path, change))
    }

    /// A file was written when it says so. What was moved keeps its time.
    fn written(&self, change: &Change) -> Option<String> {
        let entry = change.entry();
        if entry.kind != Kind::File || matches!(change, Change::Moved(..)) {
            return None;
        }
        let (seconds, nanos) = entry.written;
        let time = jiff::Timestamp::new(seconds, i32::try_from(nanos).ok()?).ok()?;
        let why = self.done.is_of_now(time).err()?;
        Some(format!("by its time of change {why}"))
    }

    /// Whether one of the commands begins with one of these.
    fn may<'b>(&self, mut begins: impl Iterator<Item = &'b str>) -> bool {
        begins.any(|begin| self.done.any(|command| command.starts_with(begin)))
    }

    /// The row of the table for a path: of several, one that lets these commands touch it.
    fn rule(&self, path: &Path, kind: &Kind) -> Option<&'static table::Rule> {
        let fits = |is: Is| match is {
            Is::File(_) | Is::PrivateFile(_) | Is::Lock => *kind == Kind::File,
            Is::Directory | Is::Filled | Is::PrivateDirectory => *kind == Kind::Directory,
            Is::LeftOut(_) => [Kind::File, Kind::Directory].contains(kind),
        };
        let places = self.places.of(path, &self.ran).into_iter();
        let rules = places.filter_map(|(area, inner)| table::find(area, inner, fits));
        let mut first = None;
        for rule in rules {
            if self.may(rule.by.iter().copied()) {
                return Some(rule);
            }
            first = first.or(Some(rule));
        }
        first
    }

    /// Whether a file holds the secret that one of the commands put into a vault.
    fn tells_the_secret(&self, path: &Path) -> bool {
        let secrets = self
            .done
            .commands
            .iter()
            .filter_map(|(_, args, _)| match args {
                [vault, put, _, _, secret, ..] if [vault, put] == ["vault", "put"] => Some(secret),
                _ => None,
            });
        // A shorter one may be part of anything.
        let secrets: Vec<&[u8]> = secrets
            .filter(|secret| secret.len() >= 6)
            .map(|secret| secret.as_bytes())
            .collect();
        if secrets.is_empty() {
            return false;
        }
        let content = fs::read(self.done.root.join(path)).unwrap_or_default();
        let told = |secret: &&[u8]| content.windows(secret.len()).any(|part| part == *secret);
        secrets.iter().any(told)
    }

    /// What is wrong with a change of what the table does not know.
    fn unknown(&self, change: &Change) -> Option<String> {
        match change {
            // A migration takes along whatever lies there.
            Change::Left(_) if self.done.moves_all() => None,
            Change::Moved(old, new) if self.done.moves_all() => {
                let (old, new) = (old.mode, new.mode);
                (old != new).then(|| format!("its permissions were {old:o}, and are {new:o}"))
            }
            Change::Rewritten(_) => Some(TOUCHED.to_owned()),
            _ => Some(format!(
                "{} that the table does not know",
                change.entry().kind
            )),
        }
    }

    fn lost_database(&self, change: &Change) -> Option<String> {
        match change {
            Change::Gone(_) if !self.done.moves_all() => {
                Some("no command removes a database".to_owned())
            }
            Change::Altered(old, new) if new.is_empty() && !old.is_empty() => {
                Some("it was emptied".to_owned())
            }
            _ => None,
        }
    }

    /// What is wrong with what it holds.
    fn held(&self, is: Is, path: &Path, change: &Change) -> Option<String> {
        let entry = change.entry();
        let killed = self.done.was_killed();
        let form = match is {
            Is::File(form) | Is::PrivateFile(form) => form,
            Is::LeftOut(_) => {
                return self
                    .is_data(entry)
                    .then(|| "it is a copy of data".to_owned());
            }
            Is::Lock => return (!killed).then(|| "a lock that stays".to_owned()),
            Is::Filled => {
                let empty = entry.is_empty_directory() && !killed;
                return empty.then(|| "it was made for nothing: it is empty".to_owned());
            }
            Is::Directory | Is::PrivateDirectory => return None,
        };
        // What it holds is what it held, and what it is about follows from its place. A command
        // that was killed may have left it half written.
        if killed || matches!(change, Change::Moved(..) | Change::Rewritten(_)) {
            return None;
        }
        if let Some(why) = self.not_its_own(form, change) {
            return Some(why);
        }
        let marker = form == Form::Marker && matches!(change, Change::Altered(..));
        let altered = marker.then(|| self.altered_marker(path)).flatten();
        altered.or_else(|| forms::fault(form, &self.done.root.join(path), self.done))
    }

    /// Whether what went was not to go by these commands, which may make it or change it.
    fn is_not_to_go(&self, is: Is, path: &Path) -> bool {
        match is.form() {
            // It is fetched where it is wanted.
            Some(Form::Raw) => self.may(["data get"].into_iter()),
            // Each model lies in a file of its name.
            Some(Form::Definition) if self.may(["model delete"].into_iter()) => {
                let name = path.file_stem().and_then(OsStr::to_str);
                let mut commands = self.done.commands.iter();
                !commands.any(|(_, args, _)| args.iter().any(|arg| Some(arg.as_str()) == name))
            }
            Some(Form::Definition) => self.may(["model create"].into_iter()),
            _ => false,
        }
    }

    /// What a command wrote that is not its own: a migration makes nothing new of what it moves, and
    /// a run leaves alone what earlier ones left behind.
    fn not_its_own(&self, form: Form, change: &Change) -> Option<String> {
        let moves = ["datastore namespace migrate", "datastore namespace unset"];
        let runs = table::RUNS;
        // A run that goes on has its record and its log already.
        let goes_on = [Form::WorkflowRun, Form::Log].contains(&form)
            && matches!(change, Change::Altered(..))
            && self.may(["workflow resume"].into_iter());
        let kept = OF_ONE_RUN.contains(&form) || OF_ONE_VERSION.contains(&form);
        let other = [
            Form::Secret,
            Form::Key,
            Form::Audit,
            Form::Vault,
            Form::Manifest,
        ];
        let other = other.contains(&form);
        if (kept || other) && self.may(moves.into_iter()) && !matches!(change, Change::Left(_)) {
            return Some("a migration changes nothing of what it moves".to_owned());
        }
        let decides = self.may(["workflow approve", "workflow reject"].into_iter());
        if kept && decides && !matches!(change, Change::Altered(..)) {
            return Some("a decision changes one record, and nothing else".to_owned());
        }
        if form == Form::Definition
            && self.may(["model create"].into_iter())
            && !matches!(change, Change::Made(_))
        {
            return Some("it makes a model, and changes none".to_owned());
        }
        let kept = kept && !goes_on;
        (kept && self.may(runs.iter().copied()) && !matches!(change, Change::Made(_)))
            .then(|| "a run changes nothing of what an earlier one left behind".to_owned())
    }

    /// Whether an entry holds what a version of data holds.
    fn is_data(&self, entry: &Entry) -> bool {
        let data = self.data.get_or_init(|| {
            let raw = self.now.iter();
            let raw = raw.filter(|(path, _)| Path::new(path).ends_with("raw"));
            raw.filter_map(|(_, entry)| entry.content()).collect()
        });
        entry
            .content()
            .is_some_and(|content| data.contains(content))
    }

    /// A command about the datastore changes nothing in `.swamp.yaml` but the datastore.
    fn altered_marker(&self, path: &Path) -> Option<String> {
        // One that a scenario wrote may be of any form.
        let (old, new) = self.places.markers(path)?;
        let upgraded = self.may(["repo"].into_iter());
        let same = old.beside_the_datastore() == new.beside_the_datastore();
        (!upgraded && !same).then(|| "it differs in more than the datastore".to_owned())
    }

    /// What one command made more of than it does.
    pub fn too_many(&self) -> Vec<String> {
        let [(_, args, Some(0))] = self.done.commands.as_slice() else {
            return Vec::new();
        };
        let command = args.join(" ");
        let rows = table::AT_MOST_ONE.iter();
        let rows = rows.filter(|(begin, _)| command.starts_with(begin));
        let forms = rows.flat_map(|(_, forms)| forms.iter());
        let made = forms.filter_map(|form| Some((form, *self.made.get(form)?)));
        made.filter(|(_, count)| *count > 1)
            .map(|(form, count)| format!("made {count} files of the kind {form:?}, and makes one"))
            .collect()
    }
}

/// What one run leaves behind, and nobody changes.
const OF_ONE_RUN: [Form; 3] = [Form::Run, Form::WorkflowRun, Form::Log];
/// What a version of data is.
const OF_ONE_VERSION: [Form; 2] = [Form::Raw, Form::Metadata];

const TOUCHED: &str = "no such command may touch it";
