//! How long things take.

use std::time::Instant;

use crate::time;

/// When something began and ended, and how long it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// When it began; never where it has not.
    pub started_at: Option<String>,
    /// When it ended.
    pub completed_at: Option<String>,
    /// How many milliseconds lie between.
    pub duration: Option<u64>,
}

impl Times {
    /// How long it took, as people read it.
    pub fn shown(&self) -> String {
        time::duration(self.duration.unwrap_or_default())
    }
}

/// Takes the time of a run, a job or a step.
#[derive(Debug)]
pub struct Clock {
    started_at: String,
    start: Instant,
}

impl Clock {
    /// Starts to take it.
    pub fn start() -> Self {
        Self {
            started_at: time::now(),
            start: Instant::now(),
        }
    }

    /// The times, now that it is over.
    pub fn stop(self) -> Times {
        Times {
            started_at: Some(self.started_at),
            completed_at: Some(time::now()),
            duration: Some(time::taken_since(self.start)),
        }
    }
}
