//! The limit that the system sets to open files of this process, and so of all that it starts.
//!
//! The emulator of S3 keeps every connection that was ever made to it, about forty for a trial: of
//! the thousand open files that many systems allow a process at first, too few for a full run.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::error::BadInput;

/// What is asked for, the most first: a system may allow less than it says.
const WANTED: [u64; 4] = [1 << 20, 1 << 16, 10_240, 4_096];

/// Open files that a trial on S3 costs the emulator, and those that it has besides.
const FOR_A_TRIAL: u64 = 40;
const FOR_ITSELF: u64 = 100;

/// Raises the limit as far as that is allowed; how far it is now, where that is known.
pub fn raise_open_files() -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let mut wanted = WANTED.into_iter().map(|wanted| wanted.min(hard));
    let raised = wanted
        .find(|wanted| *wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, *wanted, hard).is_ok());
    Some(raised.unwrap_or(soft))
}

/// Refuses a run of that many trials on an emulator of S3 that this process would start.
///
/// # Errors
/// It would run out of open files.
pub fn check_open_files(limit: u64, trials: usize) -> Result<(), BadInput> {
    let needed = FOR_ITSELF + FOR_A_TRIAL * u64::try_from(trials).unwrap_or(u64::MAX / FOR_A_TRIAL);
    if limit >= needed {
        return Ok(());
    }
    Err(BadInput::new(
        format!("{trials} trial(s) were to run on an emulator of S3"),
        format!(
            "it would come to have about {needed} files open, and a process may have {limit} here at \
             most (`ulimit -Hn`)"
        ),
        "raise that limit, or run fewer of them: `cargo uat filesystem` has none",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_too_low_for_the_trials_is_refused() {
        assert_eq!(check_open_files(256, 1), Ok(()));
        assert_eq!(check_open_files(4096, 48), Ok(()));
        let error = check_open_files(256, 48).unwrap_err().to_string();
        for part in ["48 trial(s)", "256", "ulimit -Hn"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
