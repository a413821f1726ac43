//! What the user sets through the environment, read once and checked before anything runs.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::backend::Kind;
use crate::backend::emulator::endpoint;
use crate::error::BadInput;

/// Seconds that one swamp command may take when `SWAMP_UAT_TIMEOUT` is unset. Real swamp takes
/// 1 to 3 s a call on a busy machine, so this is a bound on hangs and never on slowness.
const DEFAULT_TIMEOUT_SECONDS: u64 = 120;

/// The settings of one process. The README has the same table for people.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SWAMP_BIN`: the swamp under test; unset means the reference.
    pub swamp_bin: Option<OsString>,
    /// `SWAMP_UAT_COMMIT`: the commit of `SWAMP_BIN`, for the provenance of goldens, where its
    /// version does not tell it.
    pub commit: Option<String>,
    /// `SWAMP_UAT_EXTENSIONS`: a directory with the sources of swamp's datastore extensions in
    /// `s3/` and `gcs/`; unset means that a real swamp pulls them from its registry.
    pub extensions: Option<PathBuf>,
    /// `SWAMP_UAT_DENO_CACHE`: the module cache that all sandboxes of a real swamp share (default:
    /// `target/uat/deno-cache`).
    pub deno_cache: PathBuf,
    /// `SWAMP_UAT_TIMEOUT`, in seconds: how long one swamp command may take.
    pub timeout: Duration,
    /// `SWAMP_UAT_KEEP=1`: keep the sandbox of trials that pass too.
    pub keep: bool,
    /// `SWAMP_UAT_REQUIRE`: backends whose absence is a failure instead of a skip.
    pub require: BTreeSet<Kind>,
    /// `SWAMP_UAT_PRETEND_MISSING`: backends to treat as unavailable, to prove the skip path.
    pub pretend_missing: BTreeSet<Kind>,
    /// `SWAMP_UAT_SHUFFLE`: a seed; trials run in an order drawn from it.
    pub shuffle: Option<String>,
    /// `SWAMP_UAT_SNAPSHOTS`: another directory of goldens (default: `snapshots/`).
    pub snapshots: PathBuf,
    /// `SWAMP_UAT_LEDGER`: where the ledger goes (default: `target/uat/ledger.json`).
    pub ledger: PathBuf,
}

impl Settings {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// A value that cannot be meant: a timeout that is no positive number, an unknown backend, an
    /// endpoint that is no address.
    pub fn from_env() -> Result<Self, BadInput> {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    /// As [`Settings::from_env`], from any source of variables.
    ///
    /// # Errors
    /// As [`Settings::from_env`].
    pub fn from_lookup(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, BadInput> {
        let text = |name: &str| {
            var(name)
                .map(|v| v.to_string_lossy().into_owned())
                .filter(|v| !v.is_empty())
        };
        let root = crate::workspace_root();
        endpoint::check(&var)?;
        Ok(Self {
            swamp_bin: var("SWAMP_BIN").filter(|v| !v.is_empty()),
            commit: text("SWAMP_UAT_COMMIT"),
            extensions: text("SWAMP_UAT_EXTENSIONS").map(PathBuf::from),
            deno_cache: text("SWAMP_UAT_DENO_CACHE")
                .map_or_else(|| root.join("target/uat/deno-cache"), PathBuf::from),
            timeout: timeout(text("SWAMP_UAT_TIMEOUT").as_deref())?,
            keep: text("SWAMP_UAT_KEEP").is_some_and(|v| v != "0"),
            require: kinds("SWAMP_UAT_REQUIRE", text("SWAMP_UAT_REQUIRE").as_deref())?,
            pretend_missing: kinds(
                "SWAMP_UAT_PRETEND_MISSING",
                text("SWAMP_UAT_PRETEND_MISSING").as_deref(),
            )?,
            shuffle: text("SWAMP_UAT_SHUFFLE"),
            snapshots: text("SWAMP_UAT_SNAPSHOTS")
                .map_or_else(|| root.join("snapshots"), PathBuf::from),
            ledger: text("SWAMP_UAT_LEDGER")
                .map_or_else(|| root.join("target/uat/ledger.json"), PathBuf::from),
        })
    }
}

fn timeout(value: Option<&str>) -> Result<Duration, BadInput> {
    let Some(value) = value else {
        return Ok(Duration::from_secs(DEFAULT_TIMEOUT_SECONDS));
    };
    match value.parse::<u64>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(BadInput::new(
            format!("SWAMP_UAT_TIMEOUT is \"{value}\""),
            "it takes a whole number of seconds, 1 or more",
            "set it to a number such as 120, or unset it",
        )),
    }
}

fn kinds(name: &str, value: Option<&str>) -> Result<BTreeSet<Kind>, BadInput> {
    value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(|word| {
            Kind::from_name(word).ok_or_else(|| {
                let known = Kind::ALL.map(Kind::name).join(", ");
                BadInput::new(
                    format!("{name} names the backend \"{word}\""),
                    format!("no such backend; there are: {known}"),
                    format!("correct {name}, or unset it"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(vars: &[(&str, &str)]) -> Result<Settings, BadInput> {
        Settings::from_lookup(|name| {
            vars.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        let s = settings(&[]).unwrap();
        assert_eq!(s.swamp_bin, None);
        assert_eq!(s.timeout, Duration::from_secs(120));
        assert!(s.require.is_empty() && s.pretend_missing.is_empty() && !s.keep);
        assert!(s.snapshots.ends_with("snapshots"));
        assert!(s.ledger.ends_with("target/uat/ledger.json"));
    }

    #[test]
    fn an_empty_value_counts_as_unset() {
        let s = settings(&[("SWAMP_BIN", ""), ("SWAMP_UAT_TIMEOUT", "")]).unwrap();
        assert_eq!(s.swamp_bin, None);
        assert_eq!(s.timeout, Duration::from_secs(120));
    }

    #[test]
    fn a_timeout_is_a_positive_number_of_seconds() {
        let s = settings(&[("SWAMP_UAT_TIMEOUT", "7")]).unwrap();
        assert_eq!(s.timeout, Duration::from_secs(7));
        for bad in ["0", "-1", "1.5", "soon"] {
            let error = settings(&[("SWAMP_UAT_TIMEOUT", bad)]).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
    }

    #[test]
    fn backends_are_a_comma_list_of_known_names() {
        let s = settings(&[("SWAMP_UAT_REQUIRE", " filesystem ,s3, gcs")]).unwrap();
        assert_eq!(s.require, BTreeSet::from(Kind::ALL));
        for name in ["SWAMP_UAT_REQUIRE", "SWAMP_UAT_PRETEND_MISSING"] {
            let error = settings(&[(name, "filesystem,floppy")]).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("floppy") && text.contains(name), "{text}");
        }
    }

    #[test]
    fn keep_is_off_at_zero() {
        assert!(settings(&[("SWAMP_UAT_KEEP", "1")]).unwrap().keep);
        assert!(!settings(&[("SWAMP_UAT_KEEP", "0")]).unwrap().keep);
    }
}
