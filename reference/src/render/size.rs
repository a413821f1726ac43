//! Sizes, as people read them.

const KIB: f64 = 1024.0;

/// `11B`, `1.5KB`, `2.0MB`.
pub fn terse(bytes: u64) -> String {
    with_gap(bytes, "")
}

/// `11 B`, `1.5 KB`, `2.0 MB`.
pub fn spaced(bytes: u64) -> String {
    with_gap(bytes, " ")
}

fn with_gap(bytes: u64, gap: &str) -> String {
    let size = bytes as f64;
    if size < KIB {
        format!("{bytes}{gap}B")
    } else if size < KIB * KIB {
        format!("{:.1}{gap}KB", size / KIB)
    } else {
        format!("{:.1}{gap}MB", size / KIB / KIB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_grow() {
        assert_eq!(terse(1023), "1023B");
        assert_eq!(terse(1536), "1.5KB");
        assert_eq!(spaced(2109), "2.1 KB");
        assert_eq!(spaced(5 << 20), "5.0 MB");
    }
}
