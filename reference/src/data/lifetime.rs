//! How long data is kept.

use jiff::Timestamp;

use super::metadata::Metadata;

/// The milliseconds of a duration such as `30d` or `1mo`; none for what is no duration.
pub fn milliseconds(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(split);
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        "mo" => 30 * 24 * 60,
        "y" => 365 * 24 * 60,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(minutes * 60_000)
}

/// How long ago a version was made, in milliseconds.
pub fn age(metadata: &Metadata) -> Option<i64> {
    let made: Timestamp = metadata.created_at.parse().ok()?;
    Some(Timestamp::now().as_millisecond() - made.as_millisecond())
}

/// Whether a version is older than its lifetime. Other lifetimes than durations do not pass with
/// time.
pub fn is_over(metadata: &Metadata) -> bool {
    match (milliseconds(&metadata.lifetime), age(metadata)) {
        (Some(lifetime), Some(age)) => age > lifetime,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_count_and_a_unit() {
        for (text, expected) in [
            ("1m", Some(60_000)),
            ("2h", Some(7_200_000)),
            ("1d", Some(86_400_000)),
            ("1w", Some(604_800_000)),
            ("1mo", Some(2_592_000_000)),
            ("1y", Some(31_536_000_000)),
            ("infinite", None),
            ("10", None),
            ("1x", None),
            ("m", None),
            ("99999999999999999999y", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
