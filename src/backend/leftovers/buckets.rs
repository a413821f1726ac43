//! Buckets at an endpoint that outlives the run: which are the suite's, who uses them, and how they
//! go. The name of a bucket says all that is needed, as nothing can be put into it that swamp would
//! not see:
//!
//! `uat-<minute><chance>-<place><process>-<count><check>-<purpose>`
//!
//! It has letters only, which never read as a status. The check tells it from a bucket of somebody
//! else's, the minute is when it was made, and the place is where the file of its run lies, without
//! which nobody can say whether that run goes on.

use crate::machine::temp_dir;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{LazyLock, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use crate::backend::buckets::{self, Buckets};
use crate::backend::emulator;
use crate::digest;
use crate::error::BadInput;
use crate::kind::Kind;
use crate::machine::leftovers::{self, Mode};
use crate::machine::sandbox;

/// How many letters each part has that is always as long.
const MINUTE: usize = 6;
const CHANCE: usize = 4;
const PLACE: usize = 3;
const CHECK: usize = 3;

/// How long a run that is broken off takes for its buckets, at most.
const LIMIT: Duration = Duration::from_secs(10);

/// `number` in letters; the last `length` of them.
fn letters(mut number: u64, length: usize) -> String {
    let mut letters = Vec::new();
    while letters.len() < length {
        letters.push(b'a' + u8::try_from(number % 26).unwrap_or(0));
        number /= 26;
    }
    letters.reverse();
    letters.into_iter().map(char::from).collect()
}

fn number(letters: &str) -> Option<u64> {
    letters.bytes().try_fold(0, |number: u64, letter| {
        letter
            .is_ascii_lowercase()
            .then(|| number * 26 + u64::from(letter - b'a'))
    })
}

/// As [`letters`], as many as it takes.
fn all_letters(number: u64) -> String {
    let length = (1..14).find(|length| number < 26_u64.pow(*length as u32));
    letters(number, length.unwrap_or(14))
}

fn check(text: &str) -> String {
    let hash = u64::from_str_radix(&digest::short(text), 16).unwrap_or(0);
    letters(hash, CHECK)
}

/// The place where this process keeps the file of its run, for every process that can see it.
static HERE: LazyLock<String> = LazyLock::new(|| {
    let base = temp_dir::base();
    let inode = std::fs::metadata(&base).map_or((0, 0), |m| (m.dev(), m.ino()));
    let host = nix::unistd::gethostname().unwrap_or_default();
    let hash = digest::short(format!("{host:?} {} {inode:?}", base.display()));
    letters(u64::from_str_radix(&hash, 16).unwrap_or(0), PLACE)
});

fn minutes(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 60)
}

/// A name that no other bucket has, on this machine or at a shared endpoint. It is known as one of
/// this run's from now on.
pub(crate) fn name(purpose: &str) -> String {
    let name = named(purpose, SystemTime::now(), &HERE);
    if !cfg!(test) {
        // Without it the bucket counts as one of a run that is over, and only its end is earlier.
        let _ = leftovers::note(&temp_dir::base(), &name);
    }
    name
}

fn named(purpose: &str, now: SystemTime, place: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    let chance = since.map_or(0, |since| u64::from(since.subsec_nanos()));
    let known = format!(
        "{}{}-{place}{}-{}",
        letters(minutes(now), MINUTE),
        letters(chance, CHANCE),
        all_letters(std::process::id().into()),
        all_letters(count),
    );
    let check = check(&format!("{known}-{purpose}"));
    format!("uat-{known}{check}-{purpose}")
}

/// What the name of a bucket of the suite says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    minute: u64,
    place: String,
}

/// What `name` says, if it is one that [`name`] has made.
fn told(name: &str) -> Option<Told> {
    let mut parts = name.strip_prefix("uat-")?.splitn(4, '-');
    let (when, who, last, purpose) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let count = last.len().checked_sub(CHECK)?;
    if when.len() != MINUTE + CHANCE || who.len() <= PLACE || count == 0 {
        return None;
    }
    // All of it is letters, so that it can be cut anywhere.
    number(when)?;
    number(who)?;
    number(last)?;
    let (count, found) = last.split_at(count);
    let right = check(&format!("{when}-{who}-{count}-{purpose}"));
    (found == right).then(|| Told {
        minute: number(&when[..MINUTE]).unwrap_or(0),
        place: who[..PLACE].to_owned(),
    })
}

/// Whether the run that chose this name keeps its file where this process would.
pub(super) fn is_from_here(name: &str) -> bool {
    told(name).is_some_and(|told| told.place == *HERE)
}

/// What becomes of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is not the suite's.
    Foreign,
    InUse,
    /// Its run was elsewhere, and may go on.
    Elsewhere,
    Young,
    Goes,
}

fn fate(name: &str, now: SystemTime, age: Duration, in_use: impl Fn(&str) -> bool) -> Fate {
    let Some(told) = told(name) else {
        return Fate::Foreign;
    };
    let old = Duration::from_secs(60 * minutes(now).saturating_sub(told.minute));
    if in_use(name) {
        Fate::InUse
    } else if told.place != *HERE && old < leftovers::OLD {
        Fate::Elsewhere
    } else if old < age {
        Fate::Young
    } else {
        Fate::Goes
    }
}

/// What [`sweep`] did, or would do, at one endpoint.
#[derive(Debug, Default)]
pub struct Swept {
    /// The endpoint, with the variable that names it.
    pub endpoint: String,
    /// The buckets that were removed.
    pub removed: Vec<String>,
    /// How many belong to runs that go on.
    pub in_use: usize,
    /// How many belong to runs of the last day on other machines, which may go on.
    pub elsewhere: usize,
    /// What could not be removed, and why.
    pub failed: Vec<String>,
}

/// Removes the buckets that earlier runs left at the endpoints that the user names, if they are
/// older than `age`. A bucket that the suite has not made is never touched, nor one of a run that
/// goes on.
///
/// # Errors
/// An endpoint cannot be asked.
pub fn sweep(age: Duration, mode: Mode) -> Result<Vec<Swept>, BadInput> {
    sweep_at_named(|_| true, age, mode)
}

/// As [`sweep`], at the endpoints of the backends that are `wanted`.
///
/// # Errors
/// As [`sweep`].
pub(crate) fn sweep_at_named(
    wanted: impl Fn(Kind) -> bool,
    age: Duration,
    mode: Mode,
) -> Result<Vec<Swept>, BadInput> {
    let mut all = Vec::new();
    for kind in Kind::CLOUD.into_iter().filter(|kind| wanted(*kind)) {
        let variable = kind.variable();
        let given = std::env::var(variable).unwrap_or_default();
        if given.is_empty() {
            continue;
        }
        let client = emulator::client(kind, &given);
        let names = client.names().map_err(|why| {
            BadInput::new(
                format!("{variable} is {given}, and its buckets were asked for"),
                why,
                format!("start what should answer there, or unset {variable}"),
            )
        })?;
        let mut swept = sweep_at(client.as_ref(), &names, age, mode);
        swept.endpoint = format!("{given} ({variable})");
        all.push(swept);
    }
    Ok(all)
}

fn sweep_at(client: &dyn Buckets, names: &[String], age: Duration, mode: Mode) -> Swept {
    let mut swept = Swept::default();
    let (live, _dead) = leftovers::runs(&temp_dir::base());
    let now = SystemTime::now();
    for name in names {
        match fate(name, now, age, |name| live.contains(name)) {
            Fate::Foreign | Fate::Young => {}
            Fate::InUse => swept.in_use += 1,
            Fate::Elsewhere => swept.elsewhere += 1,
            Fate::Goes if mode == Mode::Look => swept.removed.push(name.clone()),
            Fate::Goes => match buckets::remove_all(client, name) {
                Ok(()) => swept.removed.push(name.clone()),
                Err(why) => swept.failed.push(why),
            },
        }
    }
    swept
}

/// The buckets of this process that outlive it unless they are removed.
static RENTED: Mutex<BTreeMap<String, Kind>> = Mutex::new(BTreeMap::new());

fn rented() -> MutexGuard<'static, BTreeMap<String, Kind>> {
    RENTED
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Says that the bucket is about to be made, and has to go at the end.
///
/// # Errors
/// The run was broken off.
pub(crate) fn rent(kind: Kind, name: &str) -> Result<(), String> {
    let mut rented = rented();
    if sandbox::is_broken_off() {
        return Err("the run was broken off by a signal".to_owned());
    }
    rented.insert(name.to_owned(), kind);
    Ok(())
}

/// Says that the bucket is gone, or is kept for the user.
pub(crate) fn give_back(name: &str) {
    // A run that is broken off keeps none.
    if !sandbox::is_broken_off() {
        rented().remove(name);
    }
}

/// Removes what this run still has, after it was broken off: within seconds, or not at all.
pub(crate) fn remove_rented() {
    let all: Vec<(String, Kind)> = std::mem::take(&mut *rented()).into_iter().collect();
    if all.is_empty() {
        return;
    }
    let (done, each_done) = mpsc::channel();
    let count = all.len();
    for (name, kind) in all {
        let done = done.clone();
        std::thread::spawn(move || {
            let removed = emulator::of(kind).is_ok_and(|found| {
                // A scenario may have removed it.
                !found.ends_with_us
                    && (buckets::remove_all(found.buckets.as_ref(), &name).is_ok()
                        || found.buckets.list(&name, 1).is_err())
            });
            // Nobody waits any more when the time is over.
            let _ = done.send(removed);
        });
    }
    let until = std::time::Instant::now() + LIMIT;
    let mut removed = 0;
    for _ in 0..count {
        let left = until.saturating_duration_since(std::time::Instant::now());
        match each_done.recv_timeout(left) {
            Ok(true) => removed += 1,
            Ok(false) => {}
            Err(_) => break,
        }
    }
    if removed < count {
        eprintln!(
            "swamp-uat: {} bucket(s) of this run stay; `cargo uat clean` removes them",
            count - removed
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_when_and_where_it_was_made() {
        let now = SystemTime::now();
        let name = named("ds-of-another-world", now, "abc");
        let expected = Told {
            minute: minutes(now),
            place: "abc".into(),
        };
        assert_eq!(told(&name), Some(expected), "{name}");
    }

    #[test]
    fn a_bucket_of_somebody_else_is_never_taken_for_one_of_the_suites() {
        let ours = named("ds", SystemTime::now(), "abc");
        for foreign in [
            "uat",
            "uat-",
            "uat-data",
            "uat-eu-west-data",
            "uat-abcdefghij-abcdef-abcd-ds",
            "uat-abcdefghij-abc-abc-ds",
            "uat-ABCDEFGHIJ-abcdef-abcd-ds",
            "uat-éééééééééé-éééé-éééé-ds",
            &ours.replace("-ds", "-data"),
            &ours.replacen("uat-", "uat-a", 1),
            &ours[..ours.len() - 3],
        ] {
            assert_eq!(told(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn what_a_run_may_still_use_stays() {
        let now = SystemTime::now();
        let ago = |hours: u64| now - Duration::from_secs(3600 * hours);
        let here = |hours: u64| named("ds", ago(hours), &HERE);
        let there = |hours: u64| named("ds", ago(hours), "zzz");
        let fate = |name: &str, age, live| fate(name, now, age, |_| live);
        let (now, day) = (Duration::ZERO, crate::machine::leftovers::OLD);
        assert_eq!(fate(&here(0), now, true), Fate::InUse);
        assert_eq!(fate(&here(30), day, true), Fate::InUse);
        assert_eq!(fate(&here(0), now, false), Fate::Goes);
        assert_eq!(fate(&here(1), day, false), Fate::Young);
        assert_eq!(fate(&here(30), day, false), Fate::Goes);
        assert_eq!(fate(&there(1), now, false), Fate::Elsewhere);
        assert_eq!(fate(&there(30), now, false), Fate::Goes);
        assert_eq!(fate("uat-data", now, false), Fate::Foreign);
    }
}
