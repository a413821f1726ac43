//! Which known word an unknown one is closest to.

/// How many letters must be put in, taken out or replaced to turn `a` into `b`.
pub fn between(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The known word that is closest to `word`, the first one of several; none is farther away than `most`.
pub fn closest<T: AsRef<str>>(
    word: &str,
    known: impl IntoIterator<Item = T>,
    most: usize,
) -> Option<T> {
    known
        .into_iter()
        .map(|candidate| (between(word, candidate.as_ref()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("same", "same"), 0);
    }

    #[test]
    fn the_first_of_the_closest_wins_within_the_limit() {
        assert_eq!(closest("-x", ["-h", "-q"], usize::MAX), Some("-h"));
        assert_eq!(closest("lst", ["set", "unset", "list"], 2), Some("list"));
        assert_eq!(closest("nonsense", ["set", "unset"], 4), None);
    }
}
