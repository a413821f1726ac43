//! What a second world has of its own beside its paths: another PATH, and fewer processors.

/// The PATH of the second world: programs are found in the same places.
pub(crate) fn path() -> String {
    let own = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into());
    format!("{own}:/another-world/bin")
}

pub(crate) use processors::FewerProcessors;

#[cfg(target_os = "linux")]
mod processors {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    /// While this lives, what this thread starts may run on one processor less. Where there is
    /// one alone, nothing changes.
    #[derive(Debug)]
    pub(crate) struct FewerProcessors {
        before: Option<CpuSet>,
    }

    /// This thread.
    const SELF: Pid = Pid::from_raw(0);

    impl FewerProcessors {
        pub fn new() -> Self {
            let before = sched_getaffinity(SELF).ok();
            let fewer = before.as_ref().and_then(without_one);
            let done = fewer.is_some_and(|fewer| sched_setaffinity(SELF, &fewer).is_ok());
            Self {
                before: before.filter(|_| done),
            }
        }
    }

    impl Drop for FewerProcessors {
        fn drop(&mut self) {
            if let Some(before) = &self.before {
                // It was allowed before. At worst, this thread stays a little slower.
                let _ = sched_setaffinity(SELF, before);
            }
        }
    }

    fn without_one(all: &CpuSet) -> Option<CpuSet> {
        let mut allowed = (0..CpuSet::count()).filter(|cpu| all.is_set(*cpu).unwrap_or(false));
        let first = allowed.next()?;
        allowed.next()?;
        let mut fewer = *all;
        fewer.unset(first).ok()?;
        Some(fewer)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn there_is_one_processor_less_for_a_while() {
            let count = || std::thread::available_parallelism().map_or(1, usize::from);
            let before = count();
            let fewer = FewerProcessors::new();
            assert_eq!(count(), before.saturating_sub(1).max(1));
            drop(fewer);
            assert_eq!(count(), before);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod processors {
    /// Elsewhere a process cannot be kept from a processor.
    #[derive(Debug)]
    pub(crate) struct FewerProcessors;

    impl FewerProcessors {
        pub fn new() -> Self {
            Self
        }
    }
}
