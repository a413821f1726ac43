//! The clock, in swamp's format.

use std::thread;
use std::time::Duration;

use jiff::Timestamp;

/// The present time as JavaScript prints it: `2026-11-22T09:16:48.148Z`.
pub fn now() -> String {
    iso(Timestamp::now())
}

/// The time of day as people read it: `09:16:48 UTC`.
pub fn clock() -> String {
    Timestamp::now().strftime("%H:%M:%S UTC").to_string()
}

/// An ISO time in the form that file names have it: `2026-11-22T09-16-48-148Z`.
pub fn for_file_name(iso: &str) -> String {
    iso.replace([':', '.'], "-")
}

/// When something began, to the millisecond, as records have it.
#[derive(Debug, Clone, Copy)]
pub struct Start(Timestamp);

impl Start {
    /// It begins now.
    pub fn now() -> Self {
        Self(Timestamp::now())
    }

    /// It began then.
    pub fn at(iso: &str) -> Option<Self> {
        iso.parse().ok().map(Self)
    }

    /// When that was.
    pub fn iso(self) -> String {
        iso(self.0)
    }

    /// When it ended, which is now, and the milliseconds between the two times as they are
    /// written. Nothing takes no time: what did is over when the next millisecond begins.
    pub fn end(self) -> (String, u64) {
        loop {
            let now = Timestamp::now();
            let taken = now.as_millisecond() - self.0.as_millisecond();
            if taken != 0 {
                return (iso(now), u64::try_from(taken).unwrap_or_default());
            }
            thread::sleep(Duration::from_micros(100));
        }
    }
}

/// A duration as people read it.
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds as f64 / 1000.0;
    if milliseconds < 1000 {
        format!("{milliseconds}ms")
    } else if seconds < 60.0 {
        format!("{seconds:.1}s")
    } else {
        format!("{}m{:.0}s", milliseconds / 60_000, seconds % 60.0)
    }
}

/// A time in that format.
pub fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_grow_their_units() {
        assert_eq!(duration(999), "999ms");
        assert_eq!(duration(1234), "1.2s");
        assert_eq!(duration(61_000), "1m1s");
    }

    #[test]
    fn file_names_have_no_colons() {
        assert_eq!(
            for_file_name("2026-11-22T09:16:48.148Z"),
            "2026-11-22T09-16-48-148Z"
        );
    }

    #[test]
    fn milliseconds_always_have_three_digits() {
        let at = |text: &str| iso(text.parse().expect("a time"));
        assert_eq!(
            at("2026-11-22T09:16:48.148999Z"),
            "2026-11-22T09:16:48.148Z"
        );
        assert_eq!(at("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z");
    }
}
