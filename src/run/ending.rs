//! How a run ends, on every way: nothing that it started goes on, and nothing of it stays but the
//! sandboxes that are kept for people.

use std::process::exit;
use std::sync::Once;

use crate::backend::emulator;
use crate::backend::leftovers::buckets;
use crate::error::BadInput;
use crate::machine::exec;
use crate::machine::leash;
use crate::machine::leftovers;
use crate::machine::sandbox;
use crate::machine::strays;
use crate::report::recorder;

/// The exit code of a run that the user ended, as a shell has it for Ctrl-C.
pub(crate) const EXIT_BROKEN_OFF: u8 = 130;

/// Sees to it that the run ends well on Ctrl-C, on a termination signal, and when the `cargo uat`
/// that started it is gone.
///
/// # Errors
/// The system refused something that it has never refused.
pub(crate) fn prepare() -> Result<(), BadInput> {
    let bad =
        |what: &str, e: String| BadInput::new(what, e, "report this as a defect of swamp-uat");
    strays::adopt();
    leash::hold_commands().map_err(|e| {
        bad(
            "the guard of the run's commands cannot be started",
            e.to_string(),
        )
    })?;
    ctrlc::set_handler(break_off)
        .map_err(|e| bad("the handler for Ctrl-C cannot be set", e.to_string()))?;
    leash::when_let_go(break_off);
    Ok(())
}

/// Ends the run and this process at once.
fn break_off() {
    end_early();
    exit(EXIT_BROKEN_OFF.into());
}

/// Ends the run before its end: its ledger says so, and nothing that it started stays.
pub(crate) fn end_early() {
    static ONCE: Once = Once::new();
    // Whoever comes second waits here for the end.
    ONCE.call_once(|| {
        sandbox::break_off();
        // Before anything is killed: what fails by that is no failure.
        recorder::break_off();
        exec::kill_all();
        std::thread::scope(|scope| {
            scope.spawn(buckets::remove_rented);
            stop_and_remove();
        });
        leftovers::run_is_over();
    });
}

/// Ends what this run started; the processes that swamp had left behind, which are killed.
pub(crate) fn leave_nothing() -> Vec<String> {
    stop_and_remove();
    leash::let_commands_go();
    let strays = strays::end_all();
    leftovers::run_is_over();
    strays
}

/// Stops the emulators that the suite started, and removes the sandboxes meanwhile.
fn stop_and_remove() {
    std::thread::scope(|scope| {
        scope.spawn(emulator::stop_all);
        sandbox::remove_all();
    });
}
