//! The limits that the system sets to this process, and so to all that it starts.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::error::BadInput;

/// Open files that an emulator may need at a time: a connection for each request of eight trials.
const WANTED: u64 = 4096;

/// Fewer than these are too few for an emulator to answer even one trial after the other.
const NEEDED: u64 = 512;

/// Raises the limit on open files as far as that is allowed. `has_bucket` says whether a trial of
/// this run needs an emulator.
///
/// # Errors
/// It stays too low for one.
pub fn raise_open_files(has_bucket: bool) -> Result<(), BadInput> {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        // Where it cannot be asked for, nothing is known to be wrong.
        return Ok(());
    };
    let wanted = WANTED.min(hard);
    if soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
        return check(wanted, has_bucket);
    }
    check(soft, has_bucket)
}

fn check(limit: u64, has_bucket: bool) -> Result<(), BadInput> {
    if limit >= NEEDED || !has_bucket {
        return Ok(());
    }
    Err(BadInput::new(
        "the trials on S3 and GCS need an emulator, which answers many requests at a time",
        format!("a process may open {limit} files here (`ulimit -n`), and it needs {NEEDED}"),
        "raise the limit (`ulimit -Hn` shows how far), or run the trials on the filesystem alone: \
         cargo uat filesystem",
    ))
}
