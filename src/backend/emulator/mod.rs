//! Where a cloud backend comes from: an endpoint the user gave, a container, a local process, in
//! this order, once per process.

pub mod container;
pub mod daemon;
pub mod install;
pub mod pins;
pub mod process;

use std::sync::{Mutex, MutexGuard, OnceLock};

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
    for (_, running) in started().iter_mut() {
        running.stop();
    }
    started().clear();
}

/// The variable that names an endpoint which is there already.
pub const fn variable(kind: Kind) -> &'static str {
    match kind {
        Kind::Filesystem => "",
        Kind::S3 => "SWAMP_UAT_S3_ENDPOINT",
        Kind::Gcs => "SWAMP_UAT_GCS_ENDPOINT",
    }
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

/// Where a backend of `kind` would come from, found without starting anything: for lists.
///
/// # Errors
/// It would come from nowhere.
pub fn foreseen(kind: Kind) -> Result<(), String> {
    let given = endpoint_given(kind).is_some();
    let local = install::installed(kind).or_else(|| install::on_path(kind));
    match container::no_engine() {
        Some(why) if !given && local.is_none() => Err(nowhere(kind, &[why])),
        _ => Ok(()),
    }
}

fn endpoint_given(kind: Kind) -> Option<String> {
    let given = std::env::var(variable(kind)).ok()?;
    (!given.is_empty()).then_some(given)
}

fn resolve(kind: Kind) -> Result<Emulator, String> {
    if let Some(endpoint) = endpoint_given(kind) {
        // Never another backend than the one the user named.
        let origin = format!("{} ({endpoint})", variable(kind));
        return tried(kind, &endpoint, origin, false).map_err(|why| {
            let name = variable(kind);
            format!("{name} is {endpoint}: {why}; start what should answer there, or unset {name}")
        });
    }
    let mut why_not = Vec::new();
    match container::no_engine() {
        Some(why) => why_not.push(why),
        None => match container::start(kind) {
            Ok(running) => {
                let origin = format!(
                    "container {}",
                    Pin::of(kind).map_or(String::new(), Pin::tagged)
                );
                return keep(kind, Started::Container(Box::new(running)), origin);
            }
            Err(why) => why_not.push(why),
        },
    }
    for program in [install::installed(kind), install::on_path(kind)] {
        let Some(program) = program else { continue };
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

fn nowhere(kind: Kind, why_not: &[String]) -> String {
    let program = Pin::of(kind).map_or("", |pin| pin.program);
    format!(
        "{}; no local {program} that works (run `cargo uat emulators install`, or set {})",
        why_not.join("; "),
        variable(kind)
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
    let capabilities = buckets::probe(buckets.as_ref(), &crate::leftovers::buckets::name("probe"))?;
    Ok(Emulator {
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        origin,
        ends_with_us,
        capabilities,
        buckets,
    })
}

/// What became of the backend of `kind` since it was found: none while it answers.
pub fn obituary(kind: Kind) -> Option<String> {
    let emulator = of(kind).ok()?;
    let why = process::answers(kind, &emulator.endpoint).err()?;
    let said = started().iter().find_map(|(of, running)| match running {
        Started::Process(process) if *of == kind => Some(process.log()),
        _ => None,
    });
    Some(format!(
        "the backend {} ({}) died during the run: {why}{}",
        kind.name(),
        emulator.origin,
        said.map_or_else(String::new, |log| format!("; it last said: {log}"))
    ))
}
