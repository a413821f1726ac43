//! Which swamp is under test: `SWAMP_BIN`, or else the embedded reference.

use crate::machine::environment;
use crate::machine::temp_dir;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::statvfs::{FsFlags, statvfs};

use crate::error::BadInput;
use crate::machine::exec;
use crate::settings::Settings;
use crate::settings::paths;
use crate::settings::variables;

/// What kind of system a run tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// A binary that the user named: goldens may be recorded on it.
    Real,
    /// The embedded reference: it is held to the goldens and never writes one.
    Reference,
}

/// Where a swamp has its datastore extensions for S3 and GCS from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extensions {
    /// They are part of it.
    BuiltIn,
    /// From sources in this directory: `s3/` and `gcs/`.
    Sources(PathBuf),
    /// From swamp's registry.
    Registry,
}

/// What the version of the reference ends with.
pub(crate) const REFERENCE_SUFFIX: &str = "-reference";

/// The system under test, known to answer.
#[derive(Debug, Clone)]
pub struct UnderTest {
    /// Which of the two it is.
    pub system: System,
    /// The binary, as an absolute path.
    pub path: PathBuf,
    /// What it prints as its version, without the leading `swamp `.
    pub version: String,
    /// Its commit, as its version tells it (`…-sha.<commit>`) or the user does.
    pub commit: Option<String>,
    /// Where its datastore extensions come from.
    pub extensions: Extensions,
    /// The module cache that its sandboxes share, if it needs one.
    pub deno_cache: Option<PathBuf>,
    /// The switches of the reference that the user has set, as `NAME=value`.
    pub switches: Vec<String>,
}

/// The switches of the reference, which make it do otherwise than swamp.
const SWITCHES: [&str; 3] = [variables::FAULT, variables::QUIRKS_OFF, variables::OLDER];

/// How long `--version` may take, where `SWAMP_UAT_TIMEOUT` gives more: nothing is to be done for it.
const VERSION_LIMIT: Duration = Duration::from_secs(60);

impl UnderTest {
    /// Finds the system under test and asks it for its version. `embedded` is the reference.
    ///
    /// # Errors
    /// `SWAMP_BIN` is no program, does not answer in time, or does not answer as swamp does.
    pub fn resolve(settings: &Settings, embedded: &Path) -> Result<Self, BadInput> {
        let (system, named, tried) = match &settings.swamp_bin {
            Some(bin) => (
                System::Real,
                paths::resolved(Path::new(bin)),
                format!("SWAMP_BIN is \"{}\"", bin.to_string_lossy()),
            ),
            None => (
                System::Reference,
                embedded.to_owned(),
                format!(
                    "SWAMP_BIN is unset, so the reference {}",
                    embedded.display()
                ),
            ),
        };
        let advice = match system {
            System::Real => {
                "set SWAMP_BIN to the path of a swamp binary (`$SWAMP_BIN --version` prints `swamp \
                 <version>`), or unset it to test the reference"
            }
            System::Reference => {
                "build it anew with `cargo build --bin swamp-reference`, or set SWAMP_BIN to the \
                 path of a swamp binary"
            }
        };
        let by_rule = settings
            .swamp_bin
            .as_ref()
            .map_or("", |bin| paths::looked_for(Path::new(bin)));
        program(&named).map_err(|why| BadInput::new(&tried, format!("{why}{by_rule}"), advice))?;
        let path = named;
        let version = ask_version(&path, &tried, advice, settings)?;
        // Whatever path it is called by: the reference must never pass for what users run.
        let system = if version.ends_with(REFERENCE_SUFFIX) {
            System::Reference
        } else {
            system
        };
        if system == System::Reference {
            find_deno()?;
        }
        let told = version
            .split_once("-sha.")
            .map(|(_, commit)| commit.to_owned())
            .filter(|commit| !commit.is_empty());
        let given = settings.commit.clone().filter(|_| system == System::Real);
        let real = system == System::Real;
        let extensions = match &settings.extensions {
            _ if !real => Extensions::BuiltIn,
            Some(dir) => Extensions::Sources(sources(dir)?),
            None => Extensions::Registry,
        };
        if real {
            make(&settings.deno_cache)?;
        }
        Ok(Self {
            extensions,
            deno_cache: real.then(|| settings.deno_cache.clone()),
            switches: SWITCHES
                .into_iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?)))
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| format!("{name}={}", value.to_string_lossy()))
                .collect(),
            system,
            path,
            version,
            commit: told.or(given),
        })
    }

    /// Why nothing is recorded on what `settings` name, and what to do, where that is the reference
    /// under another name.
    pub fn disguise(&self, settings: &Settings) -> Option<String> {
        (self.system == System::Reference && settings.swamp_bin.is_some()).then(|| {
            format!(
                "SWAMP_BIN names {}, whose version is {}, which is the reference's: nothing is \
                 recorded on it; set SWAMP_BIN to a swamp whose `--version` does not end with \
                 {REFERENCE_SUFFIX}",
                self.path.display(),
                self.version
            )
        })
    }

    /// One line for people: which system, its version, its path, and what is switched in it.
    pub fn describe(&self) -> String {
        let system = match self.system {
            System::Real => "swamp",
            System::Reference => "the reference",
        };
        let commit = self
            .commit
            .as_ref()
            .map(|commit| format!(", commit {commit}"))
            .unwrap_or_default();
        let switches = match self.switches.as_slice() {
            [] => String::new(),
            switches => format!(", with {}", switches.join(" and ")),
        };
        format!(
            "{system}, version {}{commit}, {}{switches}",
            self.version,
            self.path.display()
        )
    }
}

/// The absolute path of `dir`, if it holds the sources of both extensions.
fn sources(dir: &Path) -> Result<PathBuf, BadInput> {
    let bad = |found: String| {
        BadInput::new(
            format!("SWAMP_UAT_EXTENSIONS is \"{}\"", dir.display()),
            found,
            "name a directory that holds swamp's datastore extensions in s3/ and gcs/, or unset \
             it to pull them from swamp's registry",
        )
    };
    for backend in ["s3", "gcs"] {
        let source = dir.join(backend);
        if !source.is_dir() {
            return Err(bad(format!("there is no directory {}", source.display())));
        }
    }
    dir.canonicalize().map_err(|e| bad(e.to_string()))
}

/// Makes the directory of the module cache.
fn make(dir: &Path) -> Result<(), BadInput> {
    std::fs::create_dir_all(dir).map_err(|e| {
        BadInput::new(
            format!(
                "the module cache of the sandboxes is to lie in {}",
                dir.display()
            ),
            e.to_string(),
            "set SWAMP_UAT_DENO_CACHE to a directory that you can write to, or unset it",
        )
    })
}

/// Sees that the deno that the user names for the reference is there.
fn find_deno() -> Result<(), BadInput> {
    let given = paths::given(variables::DENO, |name| std::env::var_os(name))?;
    match given {
        Some(path) if !path.is_file() => Err(BadInput::new(
            format!("{} is \"{}\"", variables::DENO, path.display()),
            "there is no such file",
            format!(
                "name the program that runs TypeScript models, or unset {}",
                variables::DENO
            ),
        )),
        _ => Ok(()),
    }
}

/// Refuses a place for sandboxes that swamp may not read: the Deno that a released one runs on reads
/// nothing below `/dev` and `/proc`.
fn may_read(dir: &Path, said: &str) -> Result<(), BadInput> {
    let Some(line) = said
        .lines()
        .find(|line| line.contains("Requires all access to"))
    else {
        return Ok(());
    };
    Err(BadInput::new(
        format!("sandboxes lie in {}", temp_dir::base().display()),
        format!(
            "swamp may not read what lies there ({}): {}",
            dir.display(),
            line.trim()
        ),
        "unset TMPDIR, or set it to a directory that is not below /dev or /proc",
    ))
}

/// Sees that `path` is a program.
fn program(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;

    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|e| format!("{shown}: {e}"))?;
    if metadata.is_dir() {
        return Err(format!("{shown} is a directory"));
    }
    if !metadata.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err(format!("{shown} is not executable"));
    }
    if statvfs(path).is_ok_and(|stat| stat.flags().contains(FsFlags::ST_NOEXEC)) {
        return Err(format!(
            "{shown} lies on a file system that is mounted with noexec: no program there can be run"
        ));
    }
    Ok(())
}

fn ask_version(
    path: &Path,
    tried: &str,
    advice: &str,
    settings: &Settings,
) -> Result<String, BadInput> {
    let bad =
        |found: String| BadInput::new(format!("{tried}, asked with `--version`"), found, advice);
    let dir = temp_dir::make()?;
    let spec = exec::Spec {
        program: path.to_owned(),
        args: vec!["--version".into()],
        cwd: dir.path().to_owned(),
        env: environment::of(dir.path(), &[]),
        stdin: None,
        stdout: dir.path().join("stdout"),
        stderr: dir.path().join("stderr"),
    };
    let limit = settings.timeout.min(VERSION_LIMIT);
    let done = exec::run(&spec, limit).map_err(|e| match e {
        exec::Error::Output(..) => temp_dir::place()
            .err()
            .unwrap_or_else(|| bad(e.to_string())),
        e => bad(e.to_string()),
    })?;
    let said = String::from_utf8_lossy(&done.stdout);
    let version = said
        .strip_prefix("swamp ")
        .map(str::trim_end)
        .filter(|version| {
            version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains('\n')
        });
    match version {
        Some(version) if done.code() == 0 => Ok(version.to_owned()),
        _ => {
            // Whatever it is, it could not say so.
            temp_dir::place()?;
            let stderr = String::from_utf8_lossy(&done.stderr);
            unknown_switch(&stderr)?;
            may_read(dir.path(), &stderr)?;
            let said: String = format!("{said}{stderr}").chars().take(400).collect();
            Err(bad(format!(
                "it is not swamp: exit code {}, and it said\n{}",
                done.code(),
                if said.trim().is_empty() {
                    "nothing"
                } else {
                    said.trim()
                }
            )))
        }
    }
}

/// The reference refuses every command where a switch has a name that it does not know.
fn unknown_switch(stderr: &str) -> Result<(), BadInput> {
    for name in SWITCHES {
        let value = std::env::var_os(name).unwrap_or_default();
        let refusal = format!("{name}: unknown name ");
        if let Some((_, found)) = stderr.split_once(&refusal) {
            return Err(BadInput::new(
                format!("{name} is \"{}\"", value.to_string_lossy()),
                format!("the reference has no switch {}", found.trim()),
                format!("correct {name}, or unset it"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn resolve(bin: Option<&Path>, embedded: &Path) -> Result<UnderTest, BadInput> {
        let settings = Settings::from_lookup(|name| match name {
            "SWAMP_BIN" => bin.map(OsString::from),
            "SWAMP_UAT_COMMIT" => Some("cafe".into()),
            "SWAMP_UAT_TIMEOUT" => Some("5".into()),
            _ => None,
        });
        UnderTest::resolve(&settings?, embedded)
    }

    fn script(dir: &Path, name: &str, body: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn unset_means_the_reference_whose_commit_nobody_gives() {
        let dir = tempfile::tempdir().unwrap();
        let swamp = script(dir.path(), "swamp", "echo swamp 1.2.3");
        let found = resolve(None, &swamp).unwrap();
        assert_eq!(
            (found.system, found.version.as_str()),
            (System::Reference, "1.2.3")
        );
        assert_eq!(found.commit, None);
        assert!(found.describe().contains("reference"));
    }

    #[test]
    fn the_reference_is_known_by_its_version_whatever_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let disguised = script(dir.path(), "swamp", "echo swamp 0.1.0-reference");
        let found = resolve(Some(&disguised), &disguised).unwrap();
        assert_eq!((found.system, found.commit), (System::Reference, None));
    }

    #[test]
    fn the_commit_is_the_one_that_the_version_tells_and_else_the_users() {
        let dir = tempfile::tempdir().unwrap();
        let told = script(dir.path(), "told", "echo swamp 20260206.1-sha.06b61472");
        assert_eq!(
            resolve(Some(&told), &told).unwrap().commit.as_deref(),
            Some("06b61472")
        );
        let silent = script(dir.path(), "silent", "echo swamp 20260206.1-sha.");
        let found = resolve(Some(&silent), &told).unwrap();
        assert_eq!(found.system, System::Real);
        assert_eq!(found.version, "20260206.1-sha.");
        assert_eq!(found.commit.as_deref(), Some("cafe"));
    }

    #[test]
    fn what_answers_otherwise_is_not_swamp() {
        let dir = tempfile::tempdir().unwrap();
        for (name, body) in [
            ("coreutils", "echo 'true (GNU coreutils) 9.1'"),
            ("prose", "echo swamp is nice"),
            ("failing", "echo swamp 1.2.3; exit 1"),
            ("silent", ":"),
            ("talkative", "echo swamp 1.2.3; echo more"),
        ] {
            let path = script(dir.path(), name, body);
            let error = resolve(Some(&path), &path).unwrap_err().to_string();
            assert!(
                error.contains("not swamp") && error.contains(name),
                "{error}"
            );
        }
    }
}
