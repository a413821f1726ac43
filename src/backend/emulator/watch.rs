//! Watches the backends of a run: one that freezes must not hold the trials that need it until
//! each of their commands has used up its time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Kind, of, process, stop_frozen};

/// How often a backend is asked whether it is still there.
const PAUSE: Duration = Duration::from_secs(2);

/// How long it may take to answer. It fails twice in a row before it counts as dead.
const LIMIT: Duration = Duration::from_secs(8);

static DEAD: Mutex<BTreeMap<Kind, String>> = Mutex::new(BTreeMap::new());

/// Whether the run is over: what does not answer from now on was stopped.
static OVER: AtomicBool = AtomicBool::new(false);

fn dead() -> std::sync::MutexGuard<'static, BTreeMap<Kind, String>> {
    DEAD.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Watches the backend of `kind`, in a thread that ends with it or with the run.
pub(super) fn begin(kind: Kind) {
    std::thread::spawn(move || {
        let Ok(emulator) = of(kind) else { return };
        let ask = || process::answers_within(kind, &emulator.endpoint, LIMIT);
        loop {
            std::thread::sleep(PAUSE);
            if OVER.load(Ordering::SeqCst) {
                return;
            }
            if let Err(why) = ask().or_else(|_| ask()) {
                if OVER.load(Ordering::SeqCst) {
                    return;
                }
                let said = super::last_words(kind);
                dead().insert(kind, format!("{why}{said}"));
                eprintln!(
                    "swamp-uat: the backend {} ({}) does not answer any more: {why}",
                    kind.name(),
                    emulator.origin
                );
                // What waits for a frozen one goes on, and fails.
                stop_frozen(kind);
                return;
            }
        }
    });
}

/// Ends the watch, before what is watched is stopped.
pub(super) fn end() {
    OVER.store(true, Ordering::SeqCst);
}

/// Why the backend of `kind` counts as dead, if it does.
pub(super) fn death(kind: Kind) -> Option<String> {
    dead().get(&kind).cloned()
}
