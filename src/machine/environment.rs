//! The environment of a command under test: built up from nothing.

use crate::settings::paths;
use std::ffi::OsString;
use std::path::Path;

use crate::settings::variables;

/// How to reach the swamp club, and as whom.
pub const ACCOUNT: [&str; 2] = ["SWAMP_API_KEY", "SWAMP_CLUB_URL"];

/// The variables of the user's that a swamp under test sees: how to reach the swamp club, and
/// the switches of the reference.
const PASSED_ON: [&str; 6] = [
    ACCOUNT[0],
    ACCOUNT[1],
    variables::DENO,
    variables::FAULT,
    variables::QUIRKS_OFF,
    variables::OLDER,
];

/// The whole environment of a command that runs with `home`, with what the backend needs and
/// what the command is given of its own.
pub fn of(home: &Path, more: &[(&str, &str)]) -> Vec<(String, OsString)> {
    let fixed = [
        ("LC_ALL", "C"),
        ("TZ", "UTC"),
        ("COLUMNS", "120"),
        ("NO_COLOR", "1"),
        ("SWAMP_NO_TELEMETRY", "1"),
    ];
    let mut env = vec![
        ("HOME".to_owned(), home.as_os_str().to_owned()),
        // A swamp may be a script, and a scenario's models run shell commands.
        (
            "PATH".to_owned(),
            std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()),
        ),
    ];
    env.extend(fixed.map(|(name, value)| (name.to_owned(), OsString::from(value))));
    let more = more.iter().copied();
    env.extend(more.map(|(name, value)| (name.to_owned(), OsString::from(value))));
    env.extend(
        PASSED_ON
            .iter()
            .filter_map(|name| std::env::var_os(name).map(|value| ((*name).to_owned(), value)))
            .map(|(name, value)| match name.as_str() {
                // Every command runs in a directory of its own.
                variables::DENO if !value.is_empty() => {
                    (name, paths::resolved(Path::new(&value)).into())
                }
                _ => (name, value),
            }),
    );
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_a_short_list() {
        let names: Vec<String> = of(Path::new("/h"), &[])
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !PASSED_ON.contains(&name.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                "HOME",
                "PATH",
                "LC_ALL",
                "TZ",
                "COLUMNS",
                "NO_COLOR",
                "SWAMP_NO_TELEMETRY"
            ]
        );
    }
}
