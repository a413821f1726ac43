//! How long things take.

use jiff::Timestamp;

use crate::time::{self, Start};

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

    /// The times of what a record tells of.
    pub fn between(started_at: Option<String>, completed_at: Option<String>) -> Self {
        let at = |time: &Option<String>| time.as_ref()?.parse::<Timestamp>().ok();
        let taken = at(&completed_at)
            .zip(at(&started_at))
            .map(|(end, start)| end.as_millisecond() - start.as_millisecond());
        Self {
            duration: taken.and_then(|taken| taken.try_into().ok()),
            started_at,
            completed_at,
        }
    }

    /// When it began; now where it has not.
    pub fn start(&self) -> Start {
        let began = self.started_at.as_deref().and_then(Start::at);
        began.unwrap_or_else(Start::now)
    }

    /// The times of what began then, and goes on.
    pub fn since(start: Start) -> Self {
        Self {
            started_at: Some(start.iso()),
            ..Self::default()
        }
    }

    /// The times of what began then, now that it is over.
    pub fn until_now(start: Start) -> Self {
        let (completed_at, duration) = start.end();
        Self {
            started_at: Some(start.iso()),
            completed_at: Some(completed_at),
            duration: Some(duration),
        }
    }
}
