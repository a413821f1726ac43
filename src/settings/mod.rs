//! What the user sets through the environment, read once and checked before anything runs.

pub mod args;
pub(crate) mod endpoint;
pub mod paths;
pub(crate) mod variables;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::BadInput;
use crate::kind::Kind;

/// Seconds that one swamp command may take when `SWAMP_UAT_TIMEOUT` is unset. Real swamp takes
/// 1 to 3 s a call on a busy machine, so this is a bound on hangs and never on slowness.
const DEFAULT_TIMEOUT_SECONDS: u64 = 120;

/// The longest time that `SWAMP_UAT_TIMEOUT` may give: a day. Who means no limit gets one that
/// no command meets.
const LONGEST_TIMEOUT_SECONDS: u64 = 24 * 60 * 60;

/// The settings of one process. `docs/variables.md` has the same table for people.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SWAMP_BIN`: the swamp under test, as the user wrote it; unset means the reference.
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
    /// An invalid value: a timeout that is no number of seconds, an unknown backend, an endpoint
    /// that is no address, a variable that is set and empty; or one that nobody knows.
    pub fn from_env() -> Result<Self, BadInput> {
        variables::check(std::env::vars_os().map(|(name, _)| name))?;
        Self::from_lookup(|name| std::env::var_os(name))
    }

    /// As [`Settings::from_env`], from any source of variables, whose names are not looked at.
    ///
    /// # Errors
    /// As [`Settings::from_env`].
    pub fn from_lookup(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, BadInput> {
        let text = |name: &str| match var(name) {
            Some(value) if value.is_empty() => Err(paths::empty(name, "a value")),
            value => Ok(value.map(|value| value.to_string_lossy().into_owned())),
        };
        let path = |name: &str| paths::given(name, &var);
        // They are read where they are used, and must be right before anything runs.
        path("SWAMP_BIN")?;
        path("SWAMP_UAT_EMULATORS")?;
        // It is not the suite's own: to every program an empty one is as good as none.
        paths::given("TMPDIR", |name| var(name).filter(|dir| !dir.is_empty()))?;
        path(variables::DENO)?;
        for switches in [variables::FAULT, variables::QUIRKS_OFF, variables::OLDER] {
            items(switches, text(switches)?.as_deref())?;
        }
        let root = crate::workspace_root();
        endpoint::check(&var)?;
        switch(
            "SWAMP_UAT_OFFLINE",
            text("SWAMP_UAT_OFFLINE")?.as_deref(),
            "never get emulators or deno",
        )?;
        Ok(Self {
            swamp_bin: var("SWAMP_BIN"),
            commit: commit(text("SWAMP_UAT_COMMIT")?)?,
            extensions: path("SWAMP_UAT_EXTENSIONS")?,
            deno_cache: path("SWAMP_UAT_DENO_CACHE")?
                .unwrap_or_else(|| root.join("target/uat/deno-cache")),
            timeout: timeout(text("SWAMP_UAT_TIMEOUT")?.as_deref())?,
            keep: switch(
                "SWAMP_UAT_KEEP",
                text("SWAMP_UAT_KEEP")?.as_deref(),
                "keep the sandboxes of trials that pass too",
            )?,
            require: kinds("SWAMP_UAT_REQUIRE", text("SWAMP_UAT_REQUIRE")?.as_deref())?,
            pretend_missing: kinds(
                "SWAMP_UAT_PRETEND_MISSING",
                text("SWAMP_UAT_PRETEND_MISSING")?.as_deref(),
            )?,
            shuffle: text("SWAMP_UAT_SHUFFLE")?,
            snapshots: path("SWAMP_UAT_SNAPSHOTS")?.unwrap_or_else(|| root.join("snapshots")),
            ledger: path("SWAMP_UAT_LEDGER")?.unwrap_or_else(default_ledger),
        })
    }
}

/// Where the ledger goes if nobody names another place.
pub fn default_ledger() -> PathBuf {
    crate::workspace_root().join("target/uat/ledger.json")
}

fn timeout(value: Option<&str>) -> Result<Duration, BadInput> {
    let Some(value) = value else {
        return Ok(Duration::from_secs(DEFAULT_TIMEOUT_SECONDS));
    };
    match value.parse::<u64>() {
        Ok(seconds @ 1..=LONGEST_TIMEOUT_SECONDS) => Ok(Duration::from_secs(seconds)),
        _ => Err(BadInput::new(
            format!("SWAMP_UAT_TIMEOUT is \"{value}\""),
            format!("it takes a whole number of seconds, from 1 to {LONGEST_TIMEOUT_SECONDS}"),
            "set it to a number such as 120, or unset it",
        )),
    }
}

/// A variable that is 1 or 0: `1` means `what`.
fn switch(name: &str, value: Option<&str>, what: &str) -> Result<bool, BadInput> {
    match value {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(other) => Err(BadInput::new(
            format!("{name} is \"{other}\""),
            format!("it takes 1 ({what}) or 0"),
            "set it to 1, or unset it",
        )),
    }
}

/// Goldens carry it, so it has to be one, and not `HEAD` or a sentence.
fn commit(value: Option<String>) -> Result<Option<String>, BadInput> {
    match value {
        Some(value)
            if !(4..=64).contains(&value.len())
                || !value.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            Err(BadInput::new(
                format!("SWAMP_UAT_COMMIT is \"{value}\""),
                "it takes the id of a commit: 4 to 64 hexadecimal digits",
                "set it to what `git rev-parse HEAD` prints in the checkout that SWAMP_BIN was \
                 built from, or unset it",
            ))
        }
        other => Ok(other),
    }
}

fn kinds(name: &str, value: Option<&str>) -> Result<BTreeSet<Kind>, BadInput> {
    items(name, value)?
        .into_iter()
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

/// The items of a list with commas between them.
fn items<'v>(name: &str, value: Option<&'v str>) -> Result<Vec<&'v str>, BadInput> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let bad = |found: String| {
        BadInput::new(
            format!("{name} is \"{value}\""),
            found,
            format!("correct {name}, or unset it"),
        )
    };
    let mut items: Vec<&str> = Vec::new();
    for item in value.split(',').map(str::trim) {
        if item.is_empty() {
            return Err(bad(
                "an item of the list is empty: it takes names with a comma between two of them"
                    .to_owned(),
            ));
        }
        if items.contains(&item) {
            return Err(bad(format!("it names {item} twice")));
        }
        items.push(item);
    }
    Ok(items)
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
    fn an_empty_value_is_refused_where_the_variable_is_the_suites_own() {
        assert!(settings(&[("TMPDIR", "")]).is_ok());
        for name in variables::KNOWN {
            let error = settings(&[(name, "")]).unwrap_err().to_string();
            assert!(error.contains(&format!("{name} is \"\"")), "{error}");
        }
    }

    #[test]
    fn a_timeout_is_a_positive_number_of_seconds() {
        let s = settings(&[("SWAMP_UAT_TIMEOUT", "7")]).unwrap();
        assert_eq!(s.timeout, Duration::from_secs(7));
        for bad in [
            "0",
            "-1",
            "1.5",
            "soon",
            "86401",
            "18446744073709551615",
            "18446744073709551616",
        ] {
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
    fn keep_and_offline_are_one_or_zero() {
        assert!(settings(&[("SWAMP_UAT_KEEP", "1")]).unwrap().keep);
        assert!(!settings(&[("SWAMP_UAT_KEEP", "0")]).unwrap().keep);
        for bad in ["maybe", "yes", "no", " ", "01"] {
            let error = settings(&[("SWAMP_UAT_KEEP", bad)]).unwrap_err();
            assert!(error.to_string().contains("SWAMP_UAT_KEEP is"), "{error}");
            let error = settings(&[("SWAMP_UAT_OFFLINE", bad)]).unwrap_err();
            assert!(
                error.to_string().contains("SWAMP_UAT_OFFLINE is"),
                "{error}"
            );
        }
    }

    #[test]
    fn lists_have_no_empty_items_and_none_twice() {
        for name in [
            "SWAMP_UAT_REQUIRE",
            "SWAMP_UAT_PRETEND_MISSING",
            "SWAMP_REFERENCE_FAULT",
            "SWAMP_REFERENCE_QUIRKS_OFF",
            "SWAMP_REFERENCE_OLDER",
        ] {
            for (bad, why) in [
                ("s3,,gcs", "empty"),
                ("s3,", "empty"),
                (",", "empty"),
                (" ", "empty"),
                ("s3, s3", "it names s3 twice"),
            ] {
                let error = settings(&[(name, bad)]).unwrap_err().to_string();
                assert!(error.contains(name) && error.contains(why), "{error}");
            }
        }
    }

    #[test]
    fn a_commit_is_the_id_of_one() {
        let given = |commit| settings(&[("SWAMP_UAT_COMMIT", commit)]);
        assert_eq!(given("cafe").unwrap().commit.as_deref(), Some("cafe"));
        for bad in ["HEAD", "abc", "cafe\nbabe", "06b61472 "] {
            let error = given(bad).unwrap_err().to_string();
            assert!(error.contains("SWAMP_UAT_COMMIT is"), "{error}");
        }
    }

    #[test]
    fn every_path_follows_the_rule_for_paths() {
        let root = crate::workspace_root();
        let s = settings(&[
            ("SWAMP_UAT_EXTENSIONS", "a"),
            ("SWAMP_UAT_DENO_CACHE", "b"),
            ("SWAMP_UAT_SNAPSHOTS", "./c"),
            ("SWAMP_UAT_LEDGER", "d/e.json"),
        ])
        .unwrap();
        assert_eq!(s.extensions, Some(root.join("a")));
        assert_eq!(s.deno_cache, root.join("b"));
        assert_eq!(s.snapshots, root.join("c"));
        assert_eq!(s.ledger, root.join("d/e.json"));
        for name in [
            "SWAMP_BIN",
            "SWAMP_UAT_EMULATORS",
            "SWAMP_UAT_EXTENSIONS",
            "SWAMP_UAT_DENO_CACHE",
            "SWAMP_UAT_SNAPSHOTS",
            "SWAMP_UAT_LEDGER",
            "SWAMP_REFERENCE_DENO",
            "TMPDIR",
        ] {
            let error = settings(&[(name, "~/x")]).unwrap_err().to_string();
            assert!(error.contains(&format!("{name} is \"~/x\"")), "{error}");
        }
    }
}
