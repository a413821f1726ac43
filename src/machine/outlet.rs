//! What the suite says goes out by standard output and standard error. Where they take no more,
//! as in `cargo uat | head -1`, the process ends in good order, and not by a panic, whose exit
//! code would read as a drift.

use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The exit code where nobody reads any more: what a shell has for a process that wrote to a
/// closed pipe.
const EXIT_CLOSED: i32 = 141;

/// The exit code where what is said cannot be written, as on a full disk.
const EXIT_UNWRITABLE: i32 = 1;

/// From now on the process ends where its output can take no more; before that it does `clean_up`.
///
/// The macros that print panic then, and so does the crate that runs the trials: the hook for
/// panics is the one place that sees them all.
pub fn end_when_closed(clean_up: fn()) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match lost(info) {
        None => default(info),
        Some(found) => end(&found, clean_up),
    }));
}

/// What is wrong with the output, if the panic is about it.
pub fn lost(info: &PanicHookInfo<'_>) -> Option<String> {
    let by = info.location().map_or("", |at| at.file());
    reason(info.payload_as_str()?, by)
}

fn reason(text: &str, by: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("failed printing to std") {
        return Some(format!("std{rest}"));
    }
    let error = text.strip_prefix("called `Result::unwrap()` on an `Err` value: ")?;
    (by.contains("libtest-mimic") && error.contains("Os {")).then(|| error.to_owned())
}

fn is_closed(found: &str) -> bool {
    found.contains("Broken pipe") || found.contains("BrokenPipe")
}

fn end(found: &str, clean_up: fn()) -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    if ENDING.swap(true, Ordering::SeqCst) {
        // Another thread ends the process.
        loop {
            std::thread::sleep(Duration::from_secs(60));
        }
    }
    let closed = is_closed(found);
    if !closed {
        // Best effort: it may be standard error itself that takes no more.
        let _ = writeln!(
            std::io::stderr(),
            "swamp-uat: what the run says cannot be written\n  found: {found}\n  next:  write it \
             to another place; the run was broken off"
        );
    }
    clean_up();
    std::process::exit(if closed { EXIT_CLOSED } else { EXIT_UNWRITABLE });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_about_the_output_is_told_from_any_other() {
        let macros = "failed printing to stdout: Broken pipe (os error 32)";
        let runner = "called `Result::unwrap()` on an `Err` value: Os { code: 32, kind: \
                      BrokenPipe, message: \"Broken pipe\" }";
        for (text, by) in [
            (macros, "std/io"),
            (runner, "x/libtest-mimic-0.8.2/src/printer.rs"),
        ] {
            let found = reason(text, by).unwrap();
            assert!(is_closed(&found), "{found}");
        }
        let full = reason("failed printing to stderr: No space left on device", "").unwrap();
        assert!(!is_closed(&full) && full.starts_with("stderr"), "{full}");
        assert_eq!(reason(runner, "tests/cli/x.rs"), None);
        assert_eq!(reason("assertion failed", "libtest-mimic"), None);
    }
}
