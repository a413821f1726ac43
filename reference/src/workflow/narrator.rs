//! What a run tells people while it goes on.

use crate::session::Session;
use crate::time;

/// Prints lines with the name of who speaks in front; nothing in JSON mode.
#[derive(Debug)]
pub struct Narrator {
    width: usize,
}

const SYSTEM: &str = "system";

impl Narrator {
    /// Names are aligned: these, and that of the system.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let length = |name: &str| name.chars().count();
        Self {
            width: names.map(length).max().unwrap_or(0).max(SYSTEM.len()),
        }
    }

    /// A line about a job.
    pub fn say(&self, session: &mut Session, job: &str, what: &str) {
        let line = format!("{job:>width$} │ {what}", width = self.width + 1);
        session.output.progress(&line);
    }

    /// The same with the time.
    pub fn say_now(&self, session: &mut Session, job: &str, what: &str) {
        self.say(session, job, &format!("{what} · {}", time::clock()));
    }

    /// A line of the system.
    pub fn announce(&self, session: &mut Session, what: &str) {
        self.say(session, SYSTEM, what);
    }

    /// The same with the time.
    pub fn announce_now(&self, session: &mut Session, what: &str) {
        self.say_now(session, SYSTEM, what);
    }
}
