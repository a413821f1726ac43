//! A trial: one scenario on one backend in one sandbox. Scenarios get a [`Trial`] and nothing
//! else; what they ran and saw is gathered here and judged when they are done.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::backend::Backend;
use crate::backend::store::{Place, Put, Store};
use crate::machine::sandbox::Sandbox;
use crate::machine::under_test::UnderTest;
use crate::render::output::Output;
use crate::render::surface::Surface;
use crate::render::transcript::Line;
use crate::scenario::cast::Cast;
use crate::scenario::deviation::{Deviation, Verdict};
use crate::scenario::ran::Ran;
use crate::scenario::record::{Refusal, ShownRepo, TrialRecord};
use crate::scenario::repo::Repo;
use crate::scenario::steps::Step;
use crate::world::Watch;

/// What a scenario works with.
#[derive(Debug)]
pub struct Trial {
    pub(super) sandbox: Sandbox,
    pub(super) cast: Cast,
    pub(super) backend: &'static dyn Backend,
    pub(super) timeout: Duration,
    pub(super) started: Timestamp,
    pub(super) gathered: RefCell<TrialRecord>,
    /// None where the sandbox could not be written to, which the trial was told.
    pub(super) watch: Option<RefCell<Watch>>,
    /// Whether somebody else than a command may have changed the world since the last look.
    pub(super) touched: Cell<bool>,
    /// Whether what the suite does is part of something that the transcript has told.
    pub(super) quiet: Cell<bool>,
}

impl std::fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind().name())
    }
}

impl Trial {
    pub(crate) fn new(
        sandbox: Sandbox,
        cast: Cast,
        backend: &'static dyn Backend,
        timeout: Duration,
    ) -> Self {
        let mut gathered = TrialRecord::default();
        let watch = match Watch::new(sandbox.root()) {
            Ok(watch) => Some(RefCell::new(watch)),
            Err(why) => {
                gathered.unspoken.push(why);
                None
            }
        };
        Self {
            sandbox,
            cast,
            backend,
            timeout,
            started: Timestamp::now(),
            gathered: RefCell::new(gathered),
            watch,
            touched: Cell::new(true),
            quiet: Cell::new(false),
        }
    }

    /// The backend that this trial runs on.
    pub fn backend(&self) -> &'static dyn Backend {
        self.backend
    }

    /// A path inside the sandbox.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.sandbox.root().join(relative)
    }

    /// A place for a datastore that nothing else uses. The surfaces show it from now on.
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn store(&self, name: &str) -> Store {
        let store = self.unseen_store(name);
        self.gathered.borrow_mut().stores.push(store.clone());
        store
    }

    /// As [`Trial::store`], in a directory of this machine, whatever the backend.
    #[track_caller]
    pub fn store_in_a_directory(&self, name: &str) -> Store {
        let store = self.unseen_store_at(name, Place::Directory(self.path(name)));
        self.gathered.borrow_mut().stores.push(store.clone());
        store
    }

    /// As [`Trial::store`], but on no surface: for more files than anybody reads.
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn unseen_store(&self, name: &str) -> Store {
        let place = self.backend.place(&self.sandbox, name);
        let place = place.unwrap_or_else(|e| panic!("a place for {name}: {e}"));
        self.unseen_store_at(name, place)
    }

    #[track_caller]
    fn unseen_store_at(&self, name: &str, place: Place) -> Store {
        if let (Place::Directory(path), Some(watch)) = (&place, &self.watch) {
            watch.borrow_mut().datastore(path);
        }
        if let Place::Bucket(bucket) = &place {
            let mut gathered = self.gathered.borrow_mut();
            if gathered.strangers.is_none() {
                let found = bucket.strangers();
                let found = found.unwrap_or_else(|e| panic!("a place for {name}: {e}"));
                gathered.strangers = Some(found);
            }
            gathered.buckets.push((name.to_owned(), bucket.clone()));
            gathered.steps.push(Step::Bucket {
                store: name.to_owned(),
                kind: bucket.kind,
            });
        }
        let store = Store {
            name: name.to_owned(),
            place,
            put: Put::default(),
        };
        self.gathered.borrow_mut().all_stores.push(store.clone());
        store
    }

    /// An empty directory, which is no swamp repository yet.
    ///
    /// # Panics
    /// It cannot be made.
    #[track_caller]
    pub fn directory(&self, name: &str) -> Repo<'_> {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.note(Step::Directory(name.to_owned()));
        self.watch_repo(name, None);
        Repo::new(self, name)
    }

    /// A fresh swamp repository in the sandbox: `swamp repo init`, without the scaffolding for
    /// AI tools. It has no datastore of its own until [`Repo::on`].
    ///
    /// # Panics
    /// `repo init` failed.
    #[track_caller]
    pub fn repo(&self, name: &str) -> Repo<'_> {
        self.made(name, |init| init.succeeds_quietly())
    }

    /// As [`Trial::repo`], and the transcript shows what `repo init` said.
    ///
    /// # Panics
    /// As [`Trial::repo`].
    #[track_caller]
    pub fn repo_shown(&self, name: &str) -> Repo<'_> {
        self.made(name, |init| init.snapshot_code(0))
    }

    #[track_caller]
    fn made(&self, name: &str, deal_with: impl FnOnce(Ran<'_>) -> Output) -> Repo<'_> {
        let repo = self.directory(name);
        deal_with(repo.init());
        self.know(&repo);
        repo
    }

    /// A repo named after its namespace, with `store` as its datastore and the fixture `model`.
    ///
    /// # Panics
    /// Swamp refused it.
    #[track_caller]
    pub fn team(&self, store: &Store, namespace: &str, model: &str) -> Repo<'_> {
        let repo = self.repo(namespace).on_as(store, namespace);
        repo.add(model);
        repo
    }

    /// Shows `repo` at checkpoints from now on, and calls its id by its name.
    #[track_caller]
    pub(crate) fn know(&self, repo: &Repo<'_>) {
        let cloud = self.backend.surfaces().contains(&Surface::Bucket);
        let mut gathered = self.gathered.borrow_mut();
        gathered.repos.push(ShownRepo {
            name: repo.name().to_owned(),
            cache: cloud.then(|| repo.cache()),
        });
        let role = format!("repo:{}", repo.name());
        gathered.roles.push((repo.id(), role));
    }

    /// Says that the scenario did something to the sandbox past the handles: what it was.
    pub fn did(&self, what: &str) {
        self.note(Step::Told(what.to_owned()));
    }

    /// States what the plan expects, where today's swamp deviates from it. `holds` says whether the
    /// expectation is met: while it is not, the trial passes and is counted as a known deviation;
    /// the day it is, the trial fails and asks for the deviation to be dropped.
    pub fn planned(&self, holds: bool, deviation: Deviation) {
        let verdict = Verdict { deviation, holds };
        self.gathered.borrow_mut().verdicts.push(verdict);
    }

    /// From now on `name` is a repo, used from `home` where that is not the sandbox's own.
    pub(crate) fn watch_repo(&self, name: &str, home: Option<&str>) {
        if let Some(watch) = &self.watch {
            watch.borrow_mut().repo(name, &self.home(home));
        }
    }

    /// Whether the scenario wrote rows for the catalogs of others.
    pub(super) fn forged(&self) -> bool {
        let gathered = self.gathered.borrow();
        gathered.stores.iter().any(|store| store.put.has_export())
    }

    /// The home of that name; the sandbox's own where there is none.
    pub(crate) fn home(&self, name: Option<&str>) -> PathBuf {
        name.map_or_else(|| self.sandbox.home().to_owned(), |name| self.path(name))
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The swamp that plays the next command in `repo`.
    pub(crate) fn swamp_of(&self, repo: &str) -> &UnderTest {
        let player = self.cast.next(repo, &self.gathered.borrow());
        self.cast.swamp(player)
    }

    /// Ends the trial without a judgement: the system under test wants something that is not
    /// there. The reason is shown with the skip.
    #[track_caller]
    pub(crate) fn refuse(&self, refusal: Refusal) -> ! {
        self.gathered.borrow_mut().refused = Some(refusal.clone());
        panic!("{}", refusal.why());
    }

    /// Makes `id` known by the name of its role, such as `model:hello`.
    pub(crate) fn learn(&self, id: &str, role: &str) {
        let known = (id.to_owned(), role.to_owned());
        self.gathered.borrow_mut().roles.push(known);
    }

    /// Notes what the scenario did itself, and tells it in the transcript: the world is looked at
    /// again before the next command.
    pub(crate) fn note(&self, step: Step) {
        match step.deed() {
            Some(what) => self.note_as(step, &what),
            None => self.note_quietly(step),
        }
    }

    /// As [`Trial::note`], in other words.
    pub(crate) fn note_as(&self, step: Step, what: &str) {
        self.tell(what);
        self.note_quietly(step);
    }

    /// As [`Trial::note`], where something else tells of it.
    pub(crate) fn note_quietly(&self, step: Step) {
        self.touched.set(true);
        self.gathered.borrow_mut().steps.push(step);
    }

    /// Whether the scenario did that already.
    pub(crate) fn has_done(&self, step: &Step) -> bool {
        self.gathered.borrow().steps.contains(step)
    }

    /// Tells in the transcript what the suite did, unless that is part of something that was told.
    pub(super) fn tell(&self, what: &str) {
        if !self.quiet.get() {
            self.tell_of_buckets();
            let mut gathered = self.gathered.borrow_mut();
            gathered.transcript.push(Line::Did(what.to_owned()));
        }
    }

    /// Does `deed`, which the transcript tells as `what` whatever it consists of.
    pub(crate) fn as_one<T>(&self, what: &str, deed: impl FnOnce() -> T) -> T {
        self.tell(what);
        let outer = self.quiet.replace(true);
        let done = deed();
        self.tell_of_buckets();
        self.quiet.set(outer);
        done
    }

    /// Tells what the scenario did to buckets since it was told last.
    pub(super) fn tell_of_buckets(&self) {
        let mut gathered = self.gathered.borrow_mut();
        let deeds: Vec<String> = gathered
            .all_stores
            .iter()
            .flat_map(|store| store.put.take_deeds())
            .collect();
        if !self.quiet.get() {
            let deeds = deeds.into_iter().map(Line::Did);
            gathered.transcript.extend(deeds);
        }
    }

    pub(crate) fn started(&self) -> Timestamp {
        self.started
    }

    /// What was gathered, and the sandbox it was gathered in.
    pub(crate) fn close(self) -> (TrialRecord, Sandbox) {
        (self.gathered.into_inner(), self.sandbox)
    }
}
