//! `nohup`: a run that is to outlive its terminal is not ended when that is closed.

use nix::sys::signal::{SigSet, Signal};

/// Keeps the signal that a closed terminal sends from this process, and from what it starts, where
/// whoever started it had it ignored: the handler for the ends of a run would undo that. To be
/// called before any thread begins.
///
/// Where the system does not tell what is ignored (on others than Linux), nothing is kept away.
pub fn heed_nohup() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if ignores_hangup(&status) {
        let mut hangup = SigSet::empty();
        hangup.add(Signal::SIGHUP);
        // Without it the run ends with its terminal, as it would without `nohup`.
        let _ = hangup.thread_block();
    }
}

fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (Signal::SIGHUP as u32 - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read_from_the_kernel_s_list() {
        assert!(ignores_hangup("Name:\tuat\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hangup("Name:\tuat\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangup(""));
    }
}
