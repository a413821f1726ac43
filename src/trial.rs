//! A trial: one scenario on one backend in one sandbox. Scenarios get a [`Trial`] and nothing
//! else; what they ran and saw is gathered here and judged when they are done.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::backend::emulator::{self, install};
use crate::backend::{self, Backend, Kind};
use crate::deviation::{Deviation, Verdict};
use crate::exec;
use crate::net::proxy::{Fate, Proxy, Seen as Request};
use crate::network;
use crate::ran::{Output, Ran};
use crate::read;
use crate::redact::Took;
use crate::reply;
use crate::repo::{self, Repo};
use crate::repro::Step;
use crate::sandbox::{self, Sandbox, World};
use crate::secret;
use crate::store::{Bucket, Place, Put, Store};
use crate::surface::Surface;
use crate::transcript::{Command, End, Line};
use crate::tree::{self, Listing};
use crate::under_test::{System, UnderTest};
use crate::world::{self, Done, Watch};

/// What one checkpoint saw, as it was.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub name: String,
    /// Whether it is about what lies where.
    pub is_layout: bool,
    /// The directories: datastores, or the caches of datastores in buckets.
    pub trees: Vec<(String, Listing)>,
    pub buckets: Vec<(String, Listing)>,
    pub repos: Vec<(String, Option<String>)>,
}

/// A repo that checkpoints show.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub name: String,
    /// Where its local copy of a datastore in a bucket would be.
    pub cache: Option<PathBuf>,
}

/// What a trial gathered.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The commands that ran and that nobody has looked at yet, by their index.
    pub unobserved: Vec<(usize, String)>,
    /// What is wrong with what nobody else speaks of: the values in replies, all of a reply that no
    /// golden shows, and what commands left behind.
    pub unspoken: Vec<String>,
    /// What to do about it, if it is intended.
    pub advice: BTreeSet<&'static str>,
    /// What happened, in order.
    pub transcript: Vec<Line>,
    pub checkpoints: Vec<Seen>,
    pub verdicts: Vec<Verdict>,
    pub steps: Vec<Step>,
    pub repos: Vec<Known>,
    /// The stores that checkpoints show.
    pub stores: Vec<Store>,
    /// All stores: what the scenario does to a bucket is known of them.
    pub all_stores: Vec<Store>,
    /// Every bucket, with the name of its store.
    pub buckets: Vec<(String, Bucket)>,
    /// The endpoints of proxies.
    pub proxies: Vec<String>,
    /// Why the system under test refused to be tested.
    pub refused: Option<Refusal>,
    /// Ids and the roles they are known in.
    pub roles: Vec<(String, String)>,
    pub commands: usize,
    pub command_time: Duration,
    /// Where swamp showed a secret of the user's environment.
    pub leaks: Vec<String>,
    /// How long the longest command took.
    pub longest_command: Duration,
}

impl Gathered {
    /// The names that the scenario gave to its datastores, repos, models and workflows.
    pub fn names(&self) -> BTreeSet<&str> {
        let stores = self.stores.iter().map(|store| store.name.as_str());
        let roles = self
            .roles
            .iter()
            .filter_map(|(_, role)| role.split_once(':'));
        let roles = roles.flat_map(|(_, name)| name.split('/'));
        stores.chain(roles).collect()
    }
}

/// Why the system under test refused to be tested: it wants something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// For the backend: a failure where that is required.
    Backend(String),
    /// For itself, on whatever backend.
    Itself(String),
}

impl Refusal {
    /// The reason, for people.
    pub fn why(&self) -> &str {
        let (Self::Backend(why) | Self::Itself(why)) = self;
        why
    }
}

/// What to do about a reply that is not of its form, if it is intended.
const OF_A_REPLY: &str = "if what a command says is intended: give it that form in src/reply/";

/// The network between the repos of a trial and a bucket.
#[derive(Debug)]
pub struct Network<'t> {
    trial: &'t Trial,
    proxy: Proxy,
}

impl Network<'_> {
    /// From now on the backend refuses connections.
    pub fn down(&self) {
        self.tell("made the backend refuse connections");
        self.proxy.down();
    }

    /// From now on the backend is there again, and every request passes.
    ///
    /// # Panics
    /// The port was taken meanwhile.
    #[track_caller]
    pub fn up(&self) {
        self.tell("let the backend answer again");
        self.proxy.pass();
        if self.proxy.is_down() {
            self.proxy.up();
        }
    }

    /// From now on `judge` decides what becomes of every request; `what` says so to people.
    pub fn judge(&self, what: &str, judge: impl FnMut(&Request) -> Fate + Send + 'static) {
        self.tell(what);
        self.proxy.judge(judge);
    }

    /// The requests since the last call, in the order in which they came.
    pub fn take_seen(&self) -> Vec<Request> {
        self.proxy.take_seen()
    }

    fn tell(&self, what: &str) {
        let now = format!("from here the suite {what}");
        self.trial.note_as(Step::Told(what.to_owned()), &now);
    }
}

impl Gathered {
    /// Where the buckets of the trial were reached: the backend, and proxies to it.
    pub fn endpoints(&self) -> BTreeSet<&str> {
        let of_buckets = self
            .buckets
            .iter()
            .map(|(_, bucket)| bucket.endpoint.as_str());
        of_buckets
            .chain(self.proxies.iter().map(String::as_str))
            .collect()
    }
}

/// One command to run.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// The repo it runs in.
    pub repo: &'a str,
    /// The home it runs with, where it is not the sandbox's own.
    pub home: Option<&'a str>,
    /// Variables of its own.
    pub env: Vec<(&'static str, String)>,
    /// The arguments after `swamp`.
    pub args: Vec<String>,
    /// Whether it is part of a step that was noted already.
    pub noted: bool,
    /// Whether it is bound by file permissions even if root runs it.
    pub unprivileged: bool,
}

/// What a scenario works with.
#[derive(Debug)]
pub struct Trial {
    sandbox: Sandbox,
    under_test: UnderTest,
    backend: &'static dyn Backend,
    timeout: Duration,
    started: Timestamp,
    gathered: RefCell<Gathered>,
    /// None where the sandbox could not be written to, which the trial was told.
    watch: Option<RefCell<Watch>>,
    /// Whether somebody else than a command may have changed the world since the last look.
    touched: Cell<bool>,
    /// Whether what the suite does is part of something that the transcript has told.
    quiet: Cell<bool>,
}

impl std::fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind().name())
    }
}

impl Trial {
    pub(crate) fn new(
        sandbox: Sandbox,
        under_test: UnderTest,
        backend: &'static dyn Backend,
        timeout: Duration,
    ) -> Self {
        let mut gathered = Gathered::default();
        let watch = match Watch::new(sandbox.root()) {
            Ok(watch) => Some(RefCell::new(watch)),
            Err(why) => {
                gathered.unspoken.push(why);
                None
            }
        };
        Self {
            sandbox,
            under_test,
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

    /// As [`Trial::store`], but on no surface: for more files than anybody reads.
    ///
    /// # Panics
    /// The backend refused.
    #[track_caller]
    pub fn unseen_store(&self, name: &str) -> Store {
        let place = self.backend.place(&self.sandbox, name);
        let place = place.unwrap_or_else(|e| panic!("a place for {name}: {e}"));
        if let (Place::Directory(path), Some(watch)) = (&place, &self.watch) {
            watch.borrow_mut().datastore(path);
        }
        if let Place::Bucket(bucket) = &place {
            let mut gathered = self.gathered.borrow_mut();
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

    /// The same bucket behind a network of its own, which takes down every request and can be
    /// told to fail some. Repos set up on the store that is returned reach the bucket through it.
    ///
    /// # Panics
    /// The proxy cannot listen, or the store is a directory.
    #[track_caller]
    pub fn behind_network(&self, store: &Store) -> (Store, Network<'_>) {
        let mut bucket = store.bucket().clone();
        let proxy = Proxy::new(&bucket.endpoint, backend::words(bucket.kind));
        let proxy = proxy.unwrap_or_else(|e| panic!("{e}"));
        bucket.endpoint = proxy.endpoint();
        self.gathered.borrow_mut().proxies.push(proxy.endpoint());
        let store = Store {
            name: store.name.clone(),
            place: Place::Bucket(bucket),
            put: store.put.clone(),
        };
        (store, Network { trial: self, proxy })
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
        let repo = self.directory(name);
        repo.json().swamp(&["repo", "init", "--tool", "none"]).ok();
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
        gathered.repos.push(Known {
            name: repo.name().to_owned(),
            cache: cloud.then(|| repo.cache()),
        });
        let role = format!("repo:{}", repo.name());
        gathered.roles.push((repo.id(), role));
    }

    /// Takes down how every datastore and every repo's configuration look now, for the surfaces
    /// tree and bucket. The first checkpoint is the scene, a later one is shown as what changed.
    ///
    /// # Panics
    /// A store that is there cannot be read.
    #[track_caller]
    pub fn checkpoint(&self, name: &str) {
        self.look(name, false);
    }

    /// As [`Trial::checkpoint`], and all of it is shown: for a scenario that is about what lies
    /// where.
    ///
    /// # Panics
    /// As [`Trial::checkpoint`].
    #[track_caller]
    pub fn layout(&self, name: &str) {
        self.look(name, true);
    }

    #[track_caller]
    fn look(&self, name: &str, is_layout: bool) {
        self.tell_of_buckets();
        let mut gathered = self.gathered.borrow_mut();
        let told = |e: String| -> Listing { panic!("{e}") };
        let (mut trees, mut buckets, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for store in &gathered.stores {
            match &store.place {
                Place::Directory(path) if path.exists() => {
                    let listing = tree::list(path).unwrap_or_else(told);
                    trees.push((store.name.clone(), listing));
                }
                Place::Directory(_) => {}
                Place::Bucket(bucket) => {
                    let listing = bucket.listing().unwrap_or_else(told);
                    let watch = self.watch.as_ref();
                    unknown.extend(watch.and_then(|watch| watch.borrow().bucket(store, &listing)));
                    buckets.push((store.name.clone(), listing));
                }
            }
        }
        for (name, cache) in gathered
            .repos
            .iter()
            .filter_map(|repo| repo.cache.as_ref().map(|c| (&repo.name, c)))
        {
            if cache.exists() {
                let listing = tree::list(cache).unwrap_or_else(told);
                trees.push((format!("cache of {name}"), listing));
            }
        }
        let repos = gathered
            .repos
            .iter()
            .map(|repo| {
                let path = self.path(&repo.name).join(".swamp.yaml");
                let yaml = match read::text(&path) {
                    Ok(yaml) => Some(yaml),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                    Err(e) => panic!("{}: {e}", path.display()),
                };
                (repo.name.clone(), yaml)
            })
            .collect();
        let at = |why| format!("at the checkpoint \"{name}\" {why}");
        gathered.unspoken.extend(unknown.into_iter().map(at));
        gathered.steps.push(Step::Look(name.to_owned()));
        let index = gathered.checkpoints.len();
        gathered.transcript.push(Line::Look(index));
        gathered.checkpoints.push(Seen {
            name: name.to_owned(),
            is_layout,
            trees,
            buckets,
            repos,
        });
    }

    /// Looks once more at what nobody looked at since the last command: the sandbox, and the
    /// buckets.
    pub(crate) fn look_at_the_end(&self) {
        self.tell_of_buckets();
        let Some(watch) = &self.watch else { return };
        let gathered = self.gathered.borrow();
        let found = watch
            .borrow_mut()
            .at_the_end(self.touched.get(), self.forged());
        let mut unspoken = found.unwrap_or_else(|why| vec![why]);
        let strangers = self.sandbox.strangers().into_iter();
        unspoken.extend(strangers.map(|name| format!("a command left {name} beside its world")));
        let watch = watch.borrow();
        let since = gathered.steps.iter().rev();
        let since = since.take_while(|step| !matches!(step, Step::Look(_)));
        let since: Vec<String> = since.filter_map(Step::command).collect();
        for store in &gathered.stores {
            let Place::Bucket(bucket) = &store.place else {
                continue;
            };
            // A scenario may have removed it.
            let Ok(odd) = bucket.oddities() else {
                continue;
            };
            let odd = odd.into_iter();
            unspoken.extend(odd.map(|why| format!("of the bucket of {}: {why}", store.name)));
            // With no command since the last checkpoint there is nothing new in it.
            if since.is_empty() {
                continue;
            }
            let Ok(listing) = bucket.listing() else {
                continue;
            };
            unspoken.extend(watch.bucket(store, &listing));
            let last = gathered.checkpoints.last();
            let was = last.and_then(|seen| seen.buckets.iter().find(|it| it.0 == store.name));
            let done = was.and_then(|(_, was)| Watch::bucket_since(store, was, &listing, &since));
            unspoken.extend(done);
        }
        drop(gathered);
        let at_the_end = |why| format!("at the end of the trial {why}");
        let unspoken = unspoken.into_iter().map(at_the_end);
        self.gathered.borrow_mut().unspoken.extend(unspoken);
    }

    /// Says that the scenario did something to the sandbox past the handles: what it was.
    pub fn did(&self, what: &str) {
        self.note(Step::Told(what.to_owned()));
    }

    /// States an expectation of the plan that today's swamp does not meet. `holds` says whether
    /// it does: while it does not, the trial passes and is counted as a known deviation; the day
    /// it does, the trial fails and asks for the deviation to be dropped.
    pub fn deviates(&self, deviation: Deviation, holds: bool) {
        let verdict = Verdict { deviation, holds };
        self.gathered.borrow_mut().verdicts.push(verdict);
    }

    pub(crate) fn run(&self, call: &Call<'_>) -> Ran<'_> {
        let before = reply::Before::of(&call.args, &self.path(call.repo), &self.home(call.home));
        let (index, done) = self.execute(call, self.timeout);
        self.ran(call, index, done, Some(before))
    }

    /// The outcome of a command, which somebody has to look at. What was there `before` it is
    /// known of one that ran alone.
    #[track_caller]
    fn ran(
        &self,
        call: &Call<'_>,
        index: usize,
        done: Result<exec::Finished, exec::Error>,
        before: Option<reply::Before>,
    ) -> Ran<'_> {
        let command = format!("`swamp {}` in {}", call.args.join(" "), call.repo);
        let done = done.unwrap_or_else(|e| panic!("{command}: {}", secret::hide(&e.to_string())));
        let [stdout, stderr] =
            [("stdout", &done.stdout), ("stderr", &done.stderr)].map(|(stream, bytes)| {
                self.without_secrets(bytes, &format!("the {stream} of {command}"))
            });
        let output = Output {
            repo: call.repo.to_owned(),
            args: call.args.clone(),
            code: done.code(),
            stdout,
            stderr,
            took: Took {
                since: done.began,
                time: done.elapsed,
                patience: patience(call),
            },
            beside_others: before.is_none(),
        };
        let mut gathered = self.gathered.borrow_mut();
        gathered.longest_command = gathered.longest_command.max(done.elapsed);
        gathered.command_time += done.elapsed;
        gathered.unobserved.push((index, command));
        Ran::new(self, index, call.home.map(str::to_owned), before, output)
    }

    /// What a command printed, without the secrets of the user's environment; that it printed
    /// some is taken down.
    fn without_secrets(&self, bytes: &[u8], place: &str) -> String {
        let text = String::from_utf8_lossy(bytes);
        for variable in secret::shown_in(&text) {
            let leak = format!("the secret of {variable} stands in {place}");
            self.gathered.borrow_mut().leaks.push(leak);
        }
        secret::hide(&text).into_owned()
    }

    /// Runs commands side by side: `swamp` with the words in each repo. The outcomes come in the
    /// order of the calls.
    ///
    /// # Panics
    /// One cannot be started, or does not end in time.
    #[track_caller]
    pub fn at_once<'t>(&'t self, calls: &[(&Repo<'t>, &[&str])]) -> Vec<Ran<'t>> {
        let calls: Vec<Call<'_>> = calls.iter().map(|(repo, args)| repo.call(args)).collect();
        self.tell(&format!("{} commands side by side:", calls.len()));
        let specs: Vec<(usize, exec::Spec)> = calls.iter().map(|call| self.spec(call)).collect();
        let (limit, kind) = (self.timeout, self.backend.kind());
        self.look_before();
        let done: Vec<Result<exec::Finished, exec::Error>> = std::thread::scope(|scope| {
            let running: Vec<_> = specs
                .iter()
                .map(|(_, spec)| {
                    scope.spawn(move || exec::run_while(spec, limit, &|| emulator::death(kind)))
                })
                .collect();
            let ended = running.into_iter().map(|run| run.join());
            // A thread that only waits for a process does not panic.
            ended.map(|done| done.expect("the thread ends")).collect()
        });
        let calls_done: Vec<_> = calls.iter().zip(&done).collect();
        self.look_after(&calls_done);
        calls
            .iter()
            .zip(specs)
            .zip(done)
            .map(|((call, (index, _)), done)| self.ran(call, index, done, None))
            .collect()
    }

    /// Runs a command, and kills it with all it started when `limit` is over.
    pub(crate) fn execute(
        &self,
        call: &Call<'_>,
        limit: Duration,
    ) -> (usize, Result<exec::Finished, exec::Error>) {
        let (index, spec) = self.spec(call);
        let kind = self.backend.kind();
        self.look_before();
        let start = Instant::now();
        let done = exec::run_while(&spec, limit, &|| emulator::death(kind));
        let mut gathered = self.gathered.borrow_mut();
        gathered.longest_command = gathered.longest_command.max(start.elapsed());
        drop(gathered);
        self.look_after(&[(call, &done)]);
        (index, done)
    }

    /// From now on `name` is a repo, used from `home` where that is not the sandbox's own.
    pub(crate) fn watch_repo(&self, name: &str, home: Option<&str>) {
        if let Some(watch) = &self.watch {
            watch.borrow_mut().repo(name, &self.home(home));
        }
    }

    fn look_before(&self) {
        if self.touched.replace(false)
            && let Some(watch) = &self.watch
            && let Err(why) = watch.borrow_mut().before()
        {
            self.gathered.borrow_mut().unspoken.push(why);
        }
    }

    /// Whether the scenario wrote rows for the catalogs of others.
    fn forged(&self) -> bool {
        let gathered = self.gathered.borrow();
        gathered.stores.iter().any(|store| store.put.has_export())
    }

    /// Notes what the commands left behind that nothing speaks of.
    fn look_after(&self, calls: &[(&Call<'_>, &Result<exec::Finished, exec::Error>)]) {
        let Some(watch) = &self.watch else { return };
        let commands = calls.iter().map(|(call, done)| {
            let code = done.as_ref().ok().map(exec::Finished::code);
            (call.repo, call.args.as_slice(), code)
        });
        let done = Done {
            root: self.sandbox.root(),
            since: self.started,
            commands: commands.collect(),
            forged: self.forged(),
        };
        let found = watch.borrow_mut().after(&done);
        let mut gathered = self.gathered.borrow_mut();
        if let Ok(Some(_)) = found {
            gathered.advice.insert(world::ADVICE);
        }
        gathered.unspoken.extend(found.unwrap_or_else(Some));
    }

    /// What a command takes to run, under the next index.
    fn spec(&self, call: &Call<'_>) -> (usize, exec::Spec) {
        self.tell_of_buckets();
        let index = {
            let mut gathered = self.gathered.borrow_mut();
            gathered.commands += 1;
            let index = gathered.commands;
            if !call.noted {
                gathered.transcript.push(Line::Command(Command {
                    index,
                    repo: call.repo.to_owned(),
                    env: call.env.clone(),
                    args: call.args.clone(),
                    bound: call.unprivileged,
                    end: End::Open,
                }));
                gathered.steps.push(Step::Swamp {
                    repo: call.repo.to_owned(),
                    home: call.home.map(str::to_owned),
                    env: call.env.clone(),
                    args: call.args.clone(),
                    unprivileged: call.unprivileged,
                });
            }
            index
        };
        let raw = |end: &str| self.sandbox.notes().join(format!("{index:02}.{end}"));
        let swamp = self.under_test.path.clone();
        let bound = call.unprivileged && nix::unistd::geteuid().is_root();
        let wrapper = bound.then_some(repo::UNPRIVILEGED);
        let mut words: Vec<OsString> = wrapper.iter().flatten().map(Into::into).collect();
        words.push(swamp.into());
        words.extend(call.args.iter().map(Into::into));
        let home = self.home(call.home);
        let deno = install::deno().filter(|_| self.under_test.system == System::Reference);
        let deno = deno.map(|program| program.to_string_lossy().into_owned());
        let mut env = self.backend.environment();
        env.extend(deno.iter().map(|deno| (install::FALLBACK, deno.as_str())));
        env.extend(call.env.iter().map(|(name, value)| (*name, value.as_str())));
        let path = crate::second_world::path();
        if self.sandbox.world() == World::Second {
            env.push(("PATH", &path));
        }
        let mut env = sandbox::environment(&home, &env);
        if self.under_test.system == System::Real {
            env.extend(network::variables());
        }
        if self.backend.kind() == Kind::Filesystem {
            // It takes no account, and swamp says other things to those who have one.
            env.retain(|(name, _)| !sandbox::ACCOUNT.contains(&name.as_str()));
        }
        let spec = exec::Spec {
            program: words.remove(0).into(),
            args: words,
            cwd: self.path(call.repo),
            env,
            stdout: raw("stdout"),
            stderr: raw("stderr"),
        };
        (index, spec)
    }

    /// The home of that name; the sandbox's own where there is none.
    pub(crate) fn home(&self, name: Option<&str>) -> PathBuf {
        name.map_or_else(|| self.sandbox.home().to_owned(), |name| self.path(name))
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(crate) fn under_test(&self) -> &UnderTest {
        &self.under_test
    }

    /// Ends the trial without a judgement: the system under test wants something that is not
    /// there. Why is told with the skip.
    #[track_caller]
    pub(crate) fn refuse(&self, refusal: Refusal) -> ! {
        self.gathered.borrow_mut().refused = Some(refusal.clone());
        panic!("{}", refusal.why());
    }

    /// Marks a command as dealt with, and as one that ended so.
    pub(crate) fn observe(&self, index: usize, end: End) {
        let mut gathered = self.gathered.borrow_mut();
        gathered.unobserved.retain(|(other, _)| *other != index);
        let mut lines = gathered.transcript.iter_mut().rev();
        let found = lines.find_map(|line| match line {
            Line::Command(command) if command.index == index => Some(command),
            _ => None,
        });
        // One that is part of a step is not told.
        if let Some(command) = found {
            command.end = end;
        }
    }

    /// Reads what a command said, and notes what is wrong with it. Where it is `shown`, a golden
    /// has its words, and only its values are read.
    pub(crate) fn read(
        &self,
        output: &Output,
        home: Option<&str>,
        before: Option<&reply::Before>,
        shown: bool,
    ) {
        let scene = reply::Scene {
            root: self.sandbox.root(),
            home: &self.home(home),
            version: &self.under_test.version,
            before,
            shown,
        };
        let fault = reply::fault(output, &scene);
        let mut gathered = self.gathered.borrow_mut();
        if fault.is_some() {
            gathered.advice.insert(OF_A_REPLY);
        }
        gathered.unspoken.extend(fault);
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

    /// Tells in the transcript what the suite did, unless that is part of something that was told.
    fn tell(&self, what: &str) {
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
    fn tell_of_buckets(&self) {
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
    pub(crate) fn close(self) -> (Gathered, Sandbox) {
        (self.gathered.into_inner(), self.sandbox)
    }
}

/// How long the command was told to wait for a lock at least.
fn patience(call: &Call<'_>) -> Duration {
    let told = call
        .env
        .iter()
        .find(|(name, _)| *name == "SWAMP_LOCK_TIMEOUT_MS");
    let told = told.and_then(|(_, value)| value.parse().ok());
    Duration::from_millis(told.unwrap_or_default())
}
