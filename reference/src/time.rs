//! The clock, in swamp's format.

use jiff::Timestamp;

/// The present time as JavaScript prints it: `2026-11-22T09:16:48.148Z`.
pub fn now() -> String {
    iso(Timestamp::now())
}

fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
