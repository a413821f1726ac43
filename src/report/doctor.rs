//! `cargo uat doctor`: what this machine has, what it lacks, and the command that would add it.

use std::path::Path;
use std::process::Command;

use crate::backend::Availability;
use crate::backend::emulator;
use crate::error::BadInput;
use crate::kind::Kind;
use crate::machine::under_test::UnderTest;
use crate::settings::Settings;

/// What the doctor found.
#[derive(Debug)]
pub struct Findings {
    /// The findings, for people.
    pub text: String,
    /// Whether everything that a full run needs is there.
    pub healthy: bool,
}

/// Looks at this machine. `embedded` is the reference's binary.
pub fn examine(settings: &Settings, embedded: &Path) -> Findings {
    let mut text = String::new();
    let mut lacking: Vec<String> = Vec::new();
    match UnderTest::resolve(settings, embedded) {
        Ok(under_test) => text.push_str(&format!("under test:  {}\n", under_test.describe())),
        Err(bad) => {
            text.push_str(&format!("under test:  none\n{}\n", indent(&bad)));
            lacking.push("a swamp to test: correct SWAMP_BIN, or unset it".to_owned());
        }
    }
    text.push_str("backends:\n");
    let looked: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| emulator::next_run_gets(*kind).is_none())
        .collect();
    Availability::find(&looked, settings);
    for kind in Kind::ALL {
        let required = if settings.require.contains(&kind) {
            " (required)"
        } else {
            ""
        };
        let package = emulator::next_run_gets(kind);
        let package = package.filter(|_| !settings.pretend_missing.contains(&kind));
        if let Some(package) = package {
            text.push_str(&format!(
                "  {}{required}: the next run that needs it gets {} {} itself, about {} MB from the \
                 index of pip (`cargo uat emulators install` does it now)\n",
                kind.name(),
                package.program,
                package.version,
                package.megabytes
            ));
            continue;
        }
        match Availability::of(kind, settings) {
            Availability::Available(how) => {
                text.push_str(&format!("  {}{required}: available, {how}\n", kind.name()));
            }
            Availability::Unavailable(why) => {
                text.push_str(&format!(
                    "  {}{required}: unavailable: {why}\n",
                    kind.name()
                ));
                lacking.push(format!("the backend {}: {why}", kind.name()));
            }
        }
    }
    emulator::stop_all();
    text.push_str(&format!(
        "docker:      {}\ndeno:        {}\n",
        emulator::where_docker_is(),
        emulator::where_deno_is()
    ));
    let insta = locked_insta(&crate::workspace_root().join("Cargo.lock"));
    let cargo_insta = cargo_insta();
    text.push_str(&format!(
        "insta:       {}\ncargo-insta: {}\n",
        insta.as_deref().unwrap_or("not found in Cargo.lock"),
        cargo_insta.as_deref().unwrap_or("not installed"),
    ));
    if let Some(remedy) = insta_remedy(insta.as_deref(), cargo_insta.as_deref()) {
        lacking.push(remedy);
    }
    text.push_str(&if lacking.is_empty() {
        "nothing is missing\n".to_owned()
    } else {
        format!("missing:\n  {}\n", lacking.join("\n  "))
    });
    Findings {
        text,
        healthy: lacking.is_empty(),
    }
}

fn indent(bad: &BadInput) -> String {
    bad.to_string()
        .lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The version of insta that this workspace is locked to.
pub fn locked_insta(lock: &Path) -> Option<String> {
    let lock = std::fs::read_to_string(lock).ok()?;
    let (_, package) = lock.split_once("name = \"insta\"\nversion = \"")?;
    package.split('"').next().map(str::to_owned)
}

/// The version of the cargo-insta that cargo would call.
fn cargo_insta() -> Option<String> {
    let output = Command::new("cargo")
        .args(["insta", "--version"])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.split_whitespace().next_back()?;
    output.status.success().then(|| version.to_owned())
}

/// What to do where the two do not match: they share the format of pending snapshots.
fn insta_remedy(insta: Option<&str>, cargo_insta: Option<&str>) -> Option<String> {
    let insta = insta?;
    (cargo_insta != Some(insta)).then(|| {
        format!("cargo-insta {insta}: cargo install --locked cargo-insta --version {insta}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insta_is_read_from_the_lock_file() {
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join("Cargo.lock");
        assert_eq!(locked_insta(&lock), None);
        std::fs::write(
            &lock,
            "[[package]]\nname = \"insta-x\"\nversion = \"9.9.9\"\n\n\
             [[package]]\nname = \"insta\"\nversion = \"1.49.0\"\nsource = \"x\"\n",
        )
        .unwrap();
        assert_eq!(locked_insta(&lock).as_deref(), Some("1.49.0"));
    }

    #[test]
    fn the_two_instas_must_match() {
        assert_eq!(insta_remedy(Some("1.2.3"), Some("1.2.3")), None);
        for other in [None, Some("1.2.4")] {
            let remedy = insta_remedy(Some("1.2.3"), other).unwrap();
            assert!(remedy.contains("cargo install --locked cargo-insta --version 1.2.3"));
        }
    }

    #[test]
    fn a_missing_swamp_and_a_missing_backend_are_listed_with_their_remedies() {
        let mut settings = Settings::from_lookup(|_| None).unwrap();
        settings.swamp_bin = Some("/nowhere/swamp".into());
        settings.pretend_missing.insert(Kind::Filesystem);
        let found = examine(&settings, Path::new("/nowhere/reference"));
        assert!(!found.healthy);
        for part in [
            "under test:  none",
            "/nowhere/swamp",
            "unavailable: SWAMP_UAT_PRETEND_MISSING",
        ] {
            assert!(found.text.contains(part), "{part}: {}", found.text);
        }
    }
}
