//! Which plain scalars a YAML reader takes for something other than a string. The writer quotes
//! those, and also, in its own way, the ones that only readers of YAML 1.1 mistake (`yes`, `off`).

/// Words that are null, a boolean or the merge key.
const WORDS: &[&str] = &[
    "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "<<", ".nan",
    ".NaN", ".NAN",
];

/// Words that were booleans in YAML 1.1.
const OLD_BOOLEANS: &[&str] = &[
    "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off",
    "OFF",
];

/// Whether `text`, written without quotes, would read back as null, boolean, number or date. A time
/// has a colon in it, for which it never stands without quotes.
pub fn reads_as_another_type(text: &str) -> bool {
    WORDS.contains(&text) || is_integer(text) || is_float(text) || is_date(text)
}

/// Whether a reader of YAML 1.1 would take `text` for a boolean.
pub fn is_old_boolean(text: &str) -> bool {
    OLD_BOOLEANS.contains(&text)
}

/// `2026-11-22`.
fn is_date(text: &str) -> bool {
    let digit = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    text.bytes().map(digit).eq(*b"0000-00-00")
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// At least one digit, then digits and underscores, the last one a digit.
fn digits(text: &str, accepts: impl Fn(char) -> bool) -> bool {
    text.chars().all(|c| c == '_' || accepts(c)) && text.contains(&accepts) && !text.ends_with('_')
}

fn is_integer(text: &str) -> bool {
    let body = unsigned(text);
    if body == "0" {
        return true;
    }
    match body.strip_prefix('0') {
        Some(rest) => {
            if let Some(binary) = rest.strip_prefix('b') {
                return digits(binary, |c| matches!(c, '0' | '1'));
            }
            if let Some(hex) = rest.strip_prefix('x') {
                return digits(hex, |c| c.is_ascii_hexdigit());
            }
            digits(rest, |c| matches!(c, '0'..='7'))
        }
        None => !body.starts_with('_') && digits(body, |c| c.is_ascii_digit()),
    }
}

fn is_float(text: &str) -> bool {
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if text.ends_with('_') {
        return false;
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(unsigned(exponent))),
        None => (body, None),
    };
    if exponent.is_some_and(|e| e.is_empty() || !e.chars().all(|c| c.is_ascii_digit())) {
        return false;
    }
    let number = |part: &str| part.chars().all(|c| c == '_' || c.is_ascii_digit());
    match mantissa.split_once('.') {
        Some(("", fraction)) => {
            fraction.starts_with(|c: char| c.is_ascii_digit()) && number(fraction)
        }
        Some((whole, fraction)) => whole_number(whole) && number(fraction),
        None => exponent.is_some() && whole_number(mantissa),
    }
}

/// `0`, or digits that do not start with a zero.
fn whole_number(text: &str) -> bool {
    text == "0"
        || (text.starts_with(|c: char| matches!(c, '1'..='9'))
            && text.chars().all(|c| c == '_' || c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::reads_as_another_type;

    #[test]
    fn what_reads_back_as_a_string_stays_plain() {
        for text in [
            "infra",
            "a--b",
            "1-0",
            "0x",
            "08",
            "0o7",
            "1_",
            "2026-1-2",
            "2026-11-22-a",
            "1e",
            "e3",
            "1.2.3",
            "nul",
            "yep",
        ] {
            assert!(!reads_as_another_type(text), "{text}");
        }
    }

    #[test]
    fn what_reads_back_as_something_else_is_quoted() {
        for text in [
            "0", "17", "017", "0x1f", "0b1", "1_000", "1e3", "0e0", "0.5", "1.5", ".5", "1.", "-1",
            "true", "null", "~",
        ] {
            assert!(reads_as_another_type(text), "{text}");
        }
    }
}
