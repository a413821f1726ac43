//! Sizes of content.

/// A size without a blank: `19B`, `1.5KB`, `2.0MB`.
pub fn short(bytes: u64) -> String {
    const UNIT: f64 = 1024.0;
    let size = bytes as f64;
    if size < UNIT {
        format!("{bytes}B")
    } else if size < UNIT * UNIT {
        format!("{:.1}KB", size / UNIT)
    } else {
        format!("{:.1}MB", size / (UNIT * UNIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_change_at_1024() {
        assert_eq!(short(1023), "1023B");
        assert_eq!(short(1536), "1.5KB");
        assert_eq!(short(2 << 20), "2.0MB");
    }
}
