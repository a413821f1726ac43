//! How a trial runs swamp, and looks before and after at what a command changed.

use crate::machine::environment;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::backend::emulator::{self, install};
use crate::forms::marker::Marker;
use crate::forms::reply;
use crate::kind::Kind;
use crate::machine::exec;
use crate::machine::net::passed_on;
use crate::machine::sandbox::World;
use crate::machine::second_world;
use crate::machine::under_test::System;
use crate::render::documents;
use crate::render::output::Output;
use crate::render::redact::Took;
use crate::render::transcript::{Command, End, Line};
use crate::scenario::cast::Player;
use crate::scenario::ran::Ran;
use crate::scenario::repo::Repo;
use crate::scenario::steps::Step;
use crate::scenario::trial::Trial;
use crate::secret;
use crate::settings::variables::DENO_FALLBACK;
use crate::world::{self, Done};

/// What to do about a reply that is not of its form, if it is intended.
const OF_A_REPLY: &str =
    "if what a command says is intended: give it that form in src/forms/reply/";

/// One command to run.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// The repo it is about.
    pub repo: &'a str,
    /// The directory it is called from, where that is not the repo.
    pub from: Option<&'a str>,
    /// The home it runs with, where it is not the sandbox's own.
    pub home: Option<&'a str>,
    /// Variables of its own.
    pub env: Vec<(&'static str, String)>,
    /// The arguments after `swamp`.
    pub args: Vec<String>,
    /// The file of the repo that is its standard input.
    pub stdin: Option<String>,
    /// Whether it is part of a step that was noted already.
    pub noted: bool,
    /// Whether it is bound by file permissions even if root runs it.
    pub unprivileged: bool,
}

impl Call<'_> {
    /// The directory it is called from.
    fn place(&self) -> &str {
        self.from.unwrap_or(self.repo)
    }
}

impl Trial {
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
        index: usize,
        output: &Output,
        home: Option<&str>,
        before: Option<&reply::Before>,
        shown: bool,
    ) {
        let player = self.player_of(index);
        let locks = || {
            let gathered = self.gathered.borrow();
            let buckets = gathered.buckets.iter();
            buckets.flat_map(|(_, bucket)| bucket.locks()).collect()
        };
        let scene = reply::Scene {
            root: self.sandbox.root(),
            home: &self.home(home),
            version: &self.cast.swamp(player).version,
            locks: &locks,
            before,
            shown,
        };
        if !shown {
            documents::note(&output.args, &output.stdout);
        }
        let fault = reply::fault(output, &scene).filter(|_| self.cast.judges(player));
        let mut gathered = self.gathered.borrow_mut();
        if fault.is_some() {
            gathered.advice.insert(OF_A_REPLY);
        }
        gathered.unspoken.extend(fault);
    }

    fn look_before(&self) {
        if self.touched.replace(false)
            && let Some(watch) = &self.watch
            && let Err(why) = watch.borrow_mut().before()
        {
            self.gathered.borrow_mut().unspoken.push(why);
        }
    }

    /// Notes what the commands left behind that nothing speaks of.
    fn look_after(&self, calls: &[(&Call<'_>, &Result<exec::Finished, exec::Error>)]) {
        let Some(watch) = &self.watch else { return };
        let player = self.player_of(self.gathered.borrow().played.len());
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
        if !self.cast.judges(player) {
            return;
        }
        let mut gathered = self.gathered.borrow_mut();
        if let Ok(Some(_)) = found {
            gathered.advice.insert(world::ADVICE);
        }
        gathered.unspoken.extend(found.unwrap_or_else(Some));
    }

    /// Who played the command of that index.
    fn player_of(&self, index: usize) -> Player {
        let gathered = self.gathered.borrow();
        let played = index.checked_sub(1).and_then(|at| gathered.played.get(at));
        played.map_or(Player::UnderTest, |(_, player)| *player)
    }

    /// Whether the repo is in a namespace that the command is about.
    fn is_namespaced(&self, call: &Call<'_>) -> bool {
        let named = call.args.iter().skip_while(|arg| *arg != "--repo-dir");
        let other = named.skip(1).map(String::as_str).next().unwrap_or_default();
        let marker = Marker::read(&self.path(call.repo).join(other));
        marker.is_ok_and(|marker| marker.namespace().is_some())
    }

    /// What a command takes to run, under the next index.
    fn spec(&self, call: &Call<'_>) -> (usize, exec::Spec) {
        self.tell_of_buckets();
        let index = {
            let mut gathered = self.gathered.borrow_mut();
            let player = self.cast.next(call.repo, &gathered);
            gathered.played.push((call.repo.to_owned(), player));
            let index = gathered.played.len();
            if !call.noted {
                gathered.transcript.push(Line::Command(Command {
                    index,
                    repo: call.place().to_owned(),
                    env: call.env.clone(),
                    args: call.args.clone(),
                    stdin: call.stdin.clone(),
                    bound: call.unprivileged,
                    namespaced: self.is_namespaced(call),
                    end: End::Open,
                }));
                gathered.steps.push(Step::Swamp {
                    repo: call.place().to_owned(),
                    home: call.home.map(str::to_owned),
                    env: call.env.clone(),
                    args: call.args.clone(),
                    stdin: call.stdin.clone(),
                    unprivileged: call.unprivileged,
                });
            }
            index
        };
        let raw = |end: &str| self.sandbox.notes().join(format!("{index:02}.{end}"));
        let swamp = self.cast.swamp(self.player_of(index));
        let bound = call.unprivileged && nix::unistd::geteuid().is_root();
        let wrapper = bound.then_some(exec::UNPRIVILEGED);
        let mut words: Vec<OsString> = wrapper.iter().flatten().map(Into::into).collect();
        words.push(swamp.path.clone().into());
        words.extend(call.args.iter().map(Into::into));
        let home = self.home(call.home);
        let deno = install::deno().filter(|_| swamp.system == System::Reference);
        let deno = deno.map(|program| program.to_string_lossy().into_owned());
        let mut env = self.backend.environment();
        env.extend(deno.iter().map(|deno| (DENO_FALLBACK, deno.as_str())));
        env.extend(call.env.iter().map(|(name, value)| (*name, value.as_str())));
        let path = second_world::path();
        if self.sandbox.world() == World::Second {
            env.push(("PATH", &path));
        }
        let mut env = environment::of(&home, &env);
        if swamp.system == System::Real {
            env.extend(passed_on::variables());
        }
        if self.backend.kind() == Kind::Filesystem {
            // It takes no account, and swamp says other things to those who have one.
            env.retain(|(name, _)| !environment::ACCOUNT.contains(&name.as_str()));
        }
        let spec = exec::Spec {
            program: words.remove(0).into(),
            args: words,
            cwd: self.path(call.place()),
            env,
            stdin: call
                .stdin
                .as_ref()
                .map(|file| self.path(call.repo).join(file)),
            stdout: raw("stdout"),
            stderr: raw("stderr"),
        };
        (index, spec)
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
