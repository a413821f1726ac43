//! Where a cloud backend comes from: an endpoint the user gave, a container, a local process, in
//! this order, once per process.

pub mod container;
pub mod daemon;
mod engine;
pub mod get;
pub mod install;
pub mod pins;
mod pip;
pub mod process;
mod watch;

use crate::error::BadInput;
use crate::settings::endpoint;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

pub use engine::take_into_environment as take_engine_into_environment;

use super::Kind;
use super::buckets::{self, Buckets, Capabilities};
use pins::Pin;

/// A backend that answers, and what it can do.
pub struct Emulator {
    /// Where: `http://host:port`.
    pub endpoint: String,
    /// Where it comes from, for people.
    pub origin: String,
    /// Whether it ends with this process, and all buckets in it.
    pub ends_with_us: bool,
    /// What it can do.
    pub capabilities: Capabilities,
    /// A client for its buckets.
    pub buckets: Box<dyn Buckets>,
}

/// What the suite started itself, and has to stop.
enum Started {
    Process(process::Running),
    Container(Box<container::Running>),
}

impl Started {
    fn endpoint(&self) -> &str {
        match self {
            Self::Process(running) => &running.endpoint,
            Self::Container(running) => &running.endpoint,
        }
    }

    fn stop(&mut self) {
        match self {
            Self::Process(running) => running.stop(),
            Self::Container(running) => running.stop(),
        }
    }
}

static STARTED: Mutex<Vec<(Kind, Started)>> = Mutex::new(Vec::new());

fn started() -> MutexGuard<'static, Vec<(Kind, Started)>> {
    STARTED
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Stops every emulator that this process started, and waits until they are gone.
pub fn stop_all() {
    watch::end();
    for (_, running) in started().iter_mut() {
        running.stop();
    }
    started().clear();
}

/// The backend of `kind`, found or started on the first call of this process.
///
/// # Errors
/// There is none: what was tried, and what would change that.
pub fn of(kind: Kind) -> Result<&'static Emulator, &'static str> {
    static S3: OnceLock<Result<Emulator, String>> = OnceLock::new();
    static GCS: OnceLock<Result<Emulator, String>> = OnceLock::new();
    let slot = match kind {
        Kind::S3 => &S3,
        Kind::Gcs => &GCS,
        Kind::Filesystem => return Err("the filesystem is no cloud backend"),
    };
    let found = slot.get_or_init(|| resolve(kind));
    found.as_ref().map_err(String::as_str)
}

/// Finds the backends of `kinds` side by side: starting one takes half a second.
pub fn warm_up(kinds: &[Kind]) {
    std::thread::scope(|scope| {
        for kind in kinds {
            // What is found is kept, an error too.
            scope.spawn(|| of(*kind).is_ok());
        }
    });
}

/// Whether this process may get what is lacking: a run may, unless the user forbids it; the doctor
/// only looks.
static MAY_GET: AtomicBool = AtomicBool::new(false);

/// Lets this process get the emulators that it lacks, unless the user forbids it.
pub fn allow_getting() {
    MAY_GET.store(!get::is_forbidden(), Ordering::SeqCst);
}

/// Whether locks hold on the backend of `kind`, as far as that is known without trying: of an
/// endpoint that the user named, nothing is.
pub fn excludes_by_pin(kind: Kind) -> Option<bool> {
    match Pin::of(kind) {
        None => Some(true),
        Some(_) if endpoint::given(kind).is_some() => None,
        Some(pin) => Some(pin.excludes),
    }
}

/// Where the Docker engine is that a run would use, for people; or why there is none.
pub fn where_docker_is() -> String {
    match engine::answering() {
        Ok(engine) => format!("an engine answers at {}", engine.told()),
        Err(why) => format!("none: {}", why.trim_start_matches("no Docker engine: ")),
    }
}

/// Whether a Docker engine answers.
pub fn has_engine() -> bool {
    engine::answering().is_ok()
}

/// Whether a run may get what it lacks, and has what that takes.
fn can_get() -> bool {
    !get::is_forbidden() && pip::may_have_python()
}

/// What the next run would get by itself for `kind`, without being asked: none where there is an
/// endpoint, an engine that answers, an emulator, or no Python.
pub fn next_run_gets(kind: Kind) -> Option<pins::Package> {
    let has_one = endpoint::given(kind).is_some()
        || engine::answering().is_ok()
        || install::installed(kind)
            .or_else(|| install::on_path(kind))
            .is_some();
    Pin::of(kind)
        .map(|pin| pin.package)
        .filter(|_| !has_one && can_get())
}

/// Where the deno is that the reference runs models in TypeScript with, for people.
pub fn where_deno_is() -> String {
    if install::has_own_deno() {
        return "available, one of this machine".to_owned();
    }
    match install::deno() {
        Some(path) => format!("available, {}", path.display()),
        None if can_get() => {
            "the next run on the reference that needs it gets it itself".to_owned()
        }
        None => "none: trials with models in TypeScript are left out".to_owned(),
    }
}

/// Where a backend of `kind` would come from, found without starting anything: for lists.
///
/// # Errors
/// It would come from nowhere.
pub fn without_starting(kind: Kind) -> Result<(), String> {
    let local = install::installed(kind).or_else(|| install::on_path(kind));
    match engine::expected() {
        Err(why) if endpoint::given(kind).is_none() && local.is_none() && !can_get() => {
            Err(nowhere(kind, &[why, not_got()]))
        }
        _ => Ok(()),
    }
}

/// Why nothing is got, where that is not tried.
fn not_got() -> String {
    if get::is_forbidden() {
        get::FORBIDDEN.to_owned()
    } else if pip::may_have_python() {
        "none was got".to_owned()
    } else {
        pip::no_python()
    }
}

fn resolve(kind: Kind) -> Result<Emulator, String> {
    if let Some(endpoint) = endpoint::given(kind) {
        // Never another backend than the one the user named.
        let origin = format!("{} ({endpoint})", kind.variable());
        return tried(kind, &endpoint, origin, false);
    }
    let mut why_not = Vec::new();
    match engine::answering() {
        Err(why) => why_not.push(why.to_owned()),
        Ok(_) => match container::start(kind) {
            Ok(running) => {
                let origin = format!(
                    "container {}",
                    Pin::of(kind).map_or(String::new(), Pin::tagged)
                );
                return keep(kind, Started::Container(Box::new(running)), origin);
            }
            Err(why) => {
                eprintln!("swamp-uat: the Docker engine is passed over: {why}");
                why_not.push(why);
            }
        },
    }
    let mut programs: Vec<install::Program> = Vec::new();
    programs.extend(install::installed(kind));
    programs.extend(install::on_path(kind));
    if programs.is_empty() {
        match got(kind) {
            Ok(program) => programs.push(program),
            Err(why) => why_not.push(why),
        }
    }
    for program in programs {
        match process::start(kind, &program) {
            Ok(running) => {
                let origin = format!("local process {}", program.words.join(" "));
                return keep(kind, Started::Process(running), origin);
            }
            Err(why) => why_not.push(why),
        }
    }
    Err(nowhere(kind, &why_not))
}

/// The emulator of `kind` that the suite got, or gets now.
///
/// # Errors
/// It is not there, and cannot be had.
pub fn local(kind: Kind) -> Result<install::Program, String> {
    install::installed(kind).map_or_else(|| got(kind), Ok)
}

/// The emulator of `kind`, which is nowhere on this machine, if this process may get it.
fn got(kind: Kind) -> Result<install::Program, String> {
    let package = Pin::of(kind).ok_or("the filesystem needs none")?.package;
    if get::is_forbidden() || !MAY_GET.load(Ordering::SeqCst) {
        return Err(not_got());
    }
    get::for_a_run(
        package,
        "there is no endpoint, no Docker engine and no local one",
    )?;
    install::installed(kind).ok_or_else(|| format!("{} is not there after all", package.program))
}

fn nowhere(kind: Kind, why_not: &[String]) -> String {
    let program = Pin::of(kind).map_or("", |pin| pin.package.program);
    // Last what was tried first: the nearest remedy comes first.
    let why_not: Vec<&str> = why_not.iter().rev().map(String::as_str).collect();
    let unset = if get::is_forbidden() {
        "unset SWAMP_UAT_OFFLINE and run "
    } else {
        ""
    };
    format!(
        "no local {program} that works: {} (next: {unset}`{}`, or set {})",
        why_not.join("; "),
        get::COMMAND,
        kind.variable()
    )
}

/// Takes the running emulator down as one to stop, whatever the probe says.
fn keep(kind: Kind, running: Started, origin: String) -> Result<Emulator, String> {
    let endpoint = running.endpoint().to_owned();
    started().push((kind, running));
    tried(kind, &endpoint, origin, true)
}

/// A client for the buckets at `endpoint`.
pub fn client(kind: Kind, endpoint: &str) -> Box<dyn Buckets> {
    match kind {
        Kind::Gcs => Box::new(super::gcs::Gcs::new(endpoint)),
        Kind::S3 | Kind::Filesystem => Box::new(super::s3::S3::new(endpoint)),
    }
}

fn tried(
    kind: Kind,
    endpoint: &str,
    origin: String,
    ends_with_us: bool,
) -> Result<Emulator, String> {
    process::answers(kind, endpoint)?;
    let buckets = client(kind, endpoint);
    let capabilities = buckets::probe(
        buckets.as_ref(),
        &crate::backend::leftovers::buckets::name("probe"),
    )?;
    watch::begin(kind);
    Ok(Emulator {
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        origin,
        ends_with_us,
        capabilities,
        buckets,
    })
}

/// What became of the backend of `kind` since it was found: none while it answers.
pub fn why_it_died(kind: Kind) -> Option<String> {
    let emulator = of(kind).ok()?;
    let why = match watch::death(kind) {
        Some(why) => why,
        None => {
            let why = process::answers(kind, &emulator.endpoint).err()?;
            format!("{why}{}", last_words(kind))
        }
    };
    Some(format!(
        "the backend {} ({}) died during the run: {why}",
        kind.name(),
        emulator.origin,
    ))
}

/// Why the backend of `kind` was found dead, if it was: what waits for it waits in vain.
pub fn death(kind: Kind) -> Option<String> {
    watch::death(kind)
}

/// What the emulator of `kind` last said, if this process started it.
fn last_words(kind: Kind) -> String {
    let said = started().iter().find_map(|(of, running)| match running {
        Started::Process(process) if *of == kind => Some(process.log()),
        _ => None,
    });
    said.map_or_else(String::new, |log| format!("; it last said: {log}"))
}

/// Ends an emulator that froze, if this process started it: whatever waits for its answer goes on.
fn stop_frozen(kind: Kind) {
    for (_, running) in started().iter_mut().filter(|(of, _)| *of == kind) {
        running.stop();
    }
}
/// Refuses an endpoint that does not answer as the backend does. The backends are found by this.
///
/// # Errors
/// One that the user named cannot be used.
pub fn insist(kinds: &[Kind]) -> Result<(), BadInput> {
    for kind in kinds {
        let Some(endpoint) = endpoint::given(*kind) else {
            continue;
        };
        if let Err(why) = of(*kind) {
            let name = kind.variable();
            return Err(BadInput::new(
                format!("{name} is {endpoint}"),
                why,
                format!("start what should answer there, or unset {name}"),
            ));
        }
    }
    Ok(())
}
