//! The names of the variables that the suite reads. A name that it does not know is a mistake that
//! must not pass: `SWAMP_UAT_REQIRE=s3` would require nothing.

use std::ffi::OsString;

use crate::error::BadInput;

/// The variables that a user sets; `docs/variables.md` says what each means.
pub(crate) const KNOWN: [&str; 19] = [
    "SWAMP_BIN",
    "SWAMP_UAT_COMMIT",
    "SWAMP_UAT_TIMEOUT",
    "SWAMP_UAT_KEEP",
    "SWAMP_UAT_S3_ENDPOINT",
    "SWAMP_UAT_GCS_ENDPOINT",
    "SWAMP_UAT_EMULATORS",
    "SWAMP_UAT_EXTENSIONS",
    "SWAMP_UAT_DENO_CACHE",
    "SWAMP_UAT_REQUIRE",
    "SWAMP_UAT_PRETEND_MISSING",
    "SWAMP_UAT_SHUFFLE",
    "SWAMP_UAT_SNAPSHOTS",
    "SWAMP_UAT_LEDGER",
    "SWAMP_UAT_OFFLINE",
    DENO,
    FAULT,
    QUIRKS_OFF,
    OLDER,
];

/// The deno that the reference runs TypeScript models with.
pub const DENO: &str = "SWAMP_REFERENCE_DENO";

/// The fault of the reference that is switched on.
pub const FAULT: &str = "SWAMP_REFERENCE_FAULT";

/// The quirks of the reference that are switched off.
pub const QUIRKS_OFF: &str = "SWAMP_REFERENCE_QUIRKS_OFF";

/// The ways of an older swamp that the reference has.
pub const OLDER: &str = "SWAMP_REFERENCE_OLDER";

/// Those that the parts of the suite hand to one another.
const INTERNAL: [&str; 2] = [DENO_FALLBACK, ENDS_WITH_STDIN];

/// The deno that the reference takes where nobody named one.
pub(crate) const DENO_FALLBACK: &str = "SWAMP_REFERENCE_DENO_FALLBACK";

/// Whether the scenario binary ends when its standard input is closed.
pub(crate) const ENDS_WITH_STDIN: &str = "SWAMP_UAT_ENDS_WITH_STDIN";

/// What the names of the suite's own variables begin with: all of them but `SWAMP_BIN`.
const OURS: [&str; 2] = ["SWAMP_UAT_", "SWAMP_REFERENCE_"];

/// How many letters a name may be wrong in to be taken for a misspelt one.
const NEAR: usize = 2;

/// Checks the names of the variables of this process.
///
/// # Errors
/// One of them can only be meant for the suite, and it knows no such name.
pub fn check(names: impl IntoIterator<Item = OsString>) -> Result<(), BadInput> {
    let mut names: Vec<String> = names
        .into_iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    match names.iter().find_map(|name| Some((name, wrong(name)?))) {
        None => Ok(()),
        Some((name, nearest)) => Err(BadInput::new(
            format!("{name} is set"),
            "the suite knows no such variable",
            match nearest {
                Some(nearest) => format!("set {nearest}, if that is meant, and unset {name}"),
                None => format!("unset {name}; docs/variables.md lists the variables"),
            },
        )),
    }
}

/// For a name that is wrong: the known one that it is nearest to.
fn wrong(name: &str) -> Option<Option<&'static str>> {
    let known = || KNOWN.into_iter().chain(INTERNAL);
    if known().any(|known| known == name) {
        return None;
    }
    let upper = name.to_uppercase().replace('-', "_");
    // Who leaves the end away has written all the rest right.
    let shortened = |known: &str| OURS.iter().all(|o| *o != upper) && known.starts_with(&upper);
    let nearest = known()
        .map(|known| {
            (
                usize::from(!shortened(known)) * distance(&upper, known),
                known,
            )
        })
        .min_by_key(|(distance, _)| *distance);
    let near = |most| {
        let (_, known) = nearest.filter(|(distance, _)| *distance <= most)?;
        Some(known)
    };
    if OURS.iter().any(|ours| upper.starts_with(ours)) {
        // Whatever follows, it is ours: only the advice depends on how near it is.
        return Some(near(upper.len() / 2));
    }
    // Swamp has variables of its own, so only what is all but one of ours is wrong here.
    let most = if upper.len() < "SWAMP_UAT_".len() {
        1
    } else {
        NEAR
    };
    let meant = upper == "SWAMP_BINARY" || (upper.starts_with("SW") && near(most).is_some());
    meant.then(|| near(3))
}

/// How many letters must be put in, taken out or replaced to turn `a` into `b`.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str) -> Result<(), BadInput> {
        check(["PATH".into(), name.into(), "HOME".into()])
    }

    #[test]
    fn the_document_for_people_has_each_and_no_other() {
        let document = include_str!("../../docs/variables.md");
        let rows = document.lines().filter(|line| line.starts_with("| `"));
        let named = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`'));
        let mut named: Vec<&str> = named.filter(|name| name.starts_with("SWAMP_")).collect();
        let of_swamp = ["SWAMP_API_KEY", "SWAMP_CLUB_URL"];
        let mut known: Vec<&str> = KNOWN.into_iter().chain(of_swamp).collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
    }

    #[test]
    fn what_is_known_or_not_ours_is_fine() {
        for name in KNOWN.into_iter().chain(INTERNAL) {
            assert_eq!(checked(name), Ok(()), "{name}");
        }
        for name in [
            "SWAMP_API_KEY",
            "SWAMP_CLUB_URL",
            "SWAMP_NO_TELEMETRY",
            "SWAMP_DIR",
            "SWAMP_HOME",
            "SWAMP_LOG",
            "UAT",
            "BIN",
        ] {
            assert_eq!(checked(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_is_refused_with_the_nearest_known_one() {
        for (name, nearest) in [
            ("SWAMP_UAT_REQIRE", "SWAMP_UAT_REQUIRE"),
            ("SWAMP_UAT_REQUIRED", "SWAMP_UAT_REQUIRE"),
            ("SWAMP_UAT_TIME_OUT", "SWAMP_UAT_TIMEOUT"),
            ("SWAMP_UAT_S3", "SWAMP_UAT_S3_ENDPOINT"),
            ("SWAMP_UAT_SNAPSHOT", "SWAMP_UAT_SNAPSHOTS"),
            ("swamp_uat_keep", "SWAMP_UAT_KEEP"),
            ("SWAMP-UAT-KEEP", "SWAMP_UAT_KEEP"),
            ("SWAMPUAT_KEEP", "SWAMP_UAT_KEEP"),
            ("SWAMP_UTA_REQUIRE", "SWAMP_UAT_REQUIRE"),
            ("SWAMP_REFERENCE_FAULTS", "SWAMP_REFERENCE_FAULT"),
            ("SWAMP_REFERENCE_QUIRK_OFF", "SWAMP_REFERENCE_QUIRKS_OFF"),
            ("SWAMP_BINN", "SWAMP_BIN"),
            ("SWAMPBIN", "SWAMP_BIN"),
            ("swamp_bin", "SWAMP_BIN"),
            ("SWAMP_BINARY", "SWAMP_BIN"),
        ] {
            let error = checked(name).unwrap_err().to_string();
            let advice = format!("set {nearest}, if that is meant, and unset {name}");
            assert!(error.contains(&advice), "{error}");
        }
        let error = checked("SWAMP_UAT_X").unwrap_err().to_string();
        assert!(error.contains("SWAMP_UAT_X is set"), "{error}");
    }
}
