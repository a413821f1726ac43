//! The directory of goldens: whether it can be the one that is meant, and which golden a trial is
//! held to.
//!
//! All backends of a scenario share one golden for each surface. It is what the *first* of them
//! says: S3, then GCS, then the filesystem ([`Scenario::backends_with`]). Each other one that says
//! something else has a golden of its own, and that one counts for it ([`held_to`]). So a change is
//! recorded ([`recorded_as`], [`settle`]):
//!
//! - what the first backend says, in the golden for all;
//! - what another one says, in its own golden: unless it has none, and the first has just recorded
//!   the same. Which of the two ends first does not matter: where it is the other one, its own
//!   golden waits for a review until the first has recorded the same;
//! - a golden of its own that says what the one for all says is one too many, and fails the run.

use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use walkdir::WalkDir;

use crate::error::BadInput;
use crate::golden;
use crate::golden::pending::{self, Handed};
use crate::kind::Kind;
use crate::render::surface::Surface;
use crate::scenario::Scenario;

/// The golden below `dir` that a trial on `kind` is held to.
pub(crate) fn held_to(dir: &Path, scenario: &Scenario, kind: Kind, surface: Surface) -> String {
    let own = scenario.own_golden(kind, surface);
    if is_first(scenario, kind, surface) || !dir.join(&own).exists() {
        scenario.golden(surface)
    } else {
        own
    }
}

/// The golden below `dir` that a text is recorded in which is not what a trial is held to.
pub(crate) fn recorded_as(scenario: &Scenario, kind: Kind, surface: Surface) -> String {
    if is_first(scenario, kind, surface) {
        scenario.golden(surface)
    } else {
        scenario.own_golden(kind, surface)
    }
}

/// Sees that what was just recorded stands in one golden, and not in a second one of its own: what
/// waits for a review there is taken away, and what was accepted unseen.
pub(crate) fn settle(
    dir: &Path,
    scenario: &Scenario,
    (kind, surface): (Kind, Surface),
    handed: Handed,
    text: &str,
) {
    let for_all = scenario.golden(surface);
    if is_first(scenario, kind, surface) {
        for other in scenario.backends_with(surface).into_iter().skip(1) {
            pending::withdraw(dir, &scenario.own_golden(other, surface), text, handed);
        }
    } else if pending::says(dir, &for_all, text, handed) {
        let own = scenario.own_golden(kind, surface);
        pending::withdraw(dir, &own, text, handed);
    }
}

fn is_first(scenario: &Scenario, kind: Kind, surface: Surface) -> bool {
    scenario.backends_with(surface).first() == Some(&kind)
}

/// The goldens below `dir` that say what the one for all backends says.
pub(crate) fn needless(dir: &Path, scenarios: &[Scenario]) -> Vec<String> {
    let text = |name: &str| golden::load(&dir.join(name)).ok().flatten();
    let own = scenarios.iter().flat_map(Scenario::own_goldens);
    let same = own.filter(|(own, for_all)| {
        let own = text(own);
        own.is_some() && own == text(for_all)
    });
    same.map(|(own, _)| own).collect()
}

/// Sees that there is a directory at `dir`. A directory that does not exist is none to record into
/// either: its name may be misspelt.
///
/// # Errors
/// There is none.
pub(crate) fn check(dir: &Path) -> Result<(), BadInput> {
    let found = match std::fs::read_dir(dir) {
        Ok(_) => return Ok(()),
        Err(e) => e.to_string(),
    };
    Err(BadInput::new(
        format!("the goldens are to lie in {}", dir.display()),
        found,
        "set SWAMP_UAT_SNAPSHOTS to a directory of goldens, or unset it; to record into a new \
         directory, make it first",
    ))
}

/// Sees that `dir` holds goldens, unless this run may record them. Where the user may believe that
/// it can, `disguise` says why it cannot.
///
/// # Errors
/// It holds none, so that every trial would fail.
pub(crate) fn check_holds_some(
    dir: &Path,
    records: bool,
    disguise: Option<String>,
) -> Result<(), BadInput> {
    let is_golden = |entry: &walkdir::DirEntry| {
        entry.file_type().is_file() && entry.path().extension().is_some_and(|end| end == "snap")
    };
    if records
        || WalkDir::new(dir)
            .into_iter()
            .flatten()
            .any(|e| is_golden(&e))
    {
        return Ok(());
    }
    Err(BadInput::new(
        format!("the goldens are to lie in {}", dir.display()),
        disguise.map_or("there is no golden in it".to_owned(), |why| {
            format!("there is no golden in it, and {why}")
        }),
        "set SWAMP_UAT_SNAPSHOTS to a directory of goldens, or unset it; to record new ones, run \
         `cargo insta test --test uat` with SWAMP_BIN set, outside CI and without --check",
    ))
}

/// Sees that this user may write the goldens of `names` that are there below `dir`, and beside them.
///
/// # Errors
/// One is read-only: what is recorded could not be accepted.
pub(crate) fn check_writable<'a>(
    dir: &Path,
    names: impl Iterator<Item = &'a String>,
    may_write: impl Fn(&Path) -> bool,
) -> Result<(), BadInput> {
    let mut shut: Vec<PathBuf> = names
        .map(|name| dir.join(name))
        .filter(|path| path.exists())
        .flat_map(|path| [path.parent().map(Path::to_owned), Some(path)])
        .flatten()
        .filter(|path| !may_write(path))
        .collect();
    shut.sort();
    shut.dedup();
    let Some(first) = shut.first() else {
        return Ok(());
    };
    let more = match shut.len() - 1 {
        0 => String::new(),
        more => format!(", nor {more} more"),
    };
    Err(BadInput::new(
        format!("goldens may be recorded in {}", dir.display()),
        format!("you may not write to {}{more}", first.display()),
        "`chmod -R u+w` it; or compare only, with --check or INSTA_UPDATE=no",
    ))
}

/// Whether this user may write to `path`.
pub(crate) fn may_write(path: &Path) -> bool {
    access(path, AccessFlags::W_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Phase;

    const CLI: Surface = Surface::Cli;
    const FOR_ALL: &str = "area/s01_a@cli.snap";
    const OF_GCS: &str = "area/s01_a@cli@gcs.snap";

    fn scenario() -> Scenario {
        Scenario {
            function: "s01_a",
            module: "area",
            file: "tests/cli/none.rs",
            phase: Phase::B,
            backends: &Kind::ALL,
            waits: false,
            locks: false,
            typescript: false,
            run: |_| {},
        }
    }

    /// A directory with these files, each with its text.
    fn with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("area")).unwrap();
        for (name, text) in files {
            let backend = if name.contains("@gcs") { "gcs" } else { "s3" };
            let info = golden::Info::new((1, "B"), backend, ("v", "c"), text);
            let facts = format!(
                "  scenario: 1\n  phase: B\n  backend: {}\n  swamp: v\n  commit: c\n  \
                 digest: {}\n  seal: {}\n",
                info.backend, info.digest, info.seal
            );
            let file = format!("---\nsource: x\ninfo:\n{facts}---\n{text}\n");
            std::fs::write(dir.path().join(name), file).unwrap();
        }
        dir
    }

    fn files(dir: &Path) -> Vec<String> {
        let entries = WalkDir::new(dir).sort_by_file_name().into_iter();
        let files = entries
            .flatten()
            .filter(|entry| entry.file_type().is_file());
        let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.collect()
    }

    #[test]
    fn a_golden_of_its_own_counts_where_there_is_one() {
        let dir = with(&[(FOR_ALL, "a"), (OF_GCS, "b")]);
        let held = |kind| held_to(dir.path(), &scenario(), kind, CLI);
        assert_eq!(held(Kind::S3), FOR_ALL);
        assert_eq!(held(Kind::Gcs), OF_GCS);
        assert_eq!(held(Kind::Filesystem), FOR_ALL);
        let recorded = |kind| recorded_as(&scenario(), kind, CLI);
        assert_eq!(recorded(Kind::S3), FOR_ALL);
        assert_eq!(recorded(Kind::Gcs), OF_GCS);
    }

    #[test]
    fn whichever_ends_first_what_both_say_waits_once_and_what_they_do_not_waits_twice() {
        let pending = |name: &str| format!("{name}.new");
        for (of_gcs, left) in [("same", 1), ("other", 2)] {
            for kind in [Kind::S3, Kind::Gcs] {
                let dir = with(&[(&pending(FOR_ALL), "same"), (&pending(OF_GCS), of_gcs)]);
                let text = if kind == Kind::S3 { "same" } else { of_gcs };
                settle(dir.path(), &scenario(), (kind, CLI), Handed::Pending, text);
                let files = files(dir.path());
                assert_eq!(files.len(), left, "{kind:?} {of_gcs}: {files:?}");
                assert!(
                    files.contains(&"s01_a@cli.snap.new".to_owned()),
                    "{files:?}"
                );
            }
        }
    }

    #[test]
    fn one_backend_alone_keeps_what_it_says_to_itself() {
        let dir = with(&[(FOR_ALL, "old"), (&format!("{OF_GCS}.new"), "new")]);
        settle(
            dir.path(),
            &scenario(),
            (Kind::Gcs, CLI),
            Handed::Pending,
            "new",
        );
        assert_eq!(
            files(dir.path()),
            ["s01_a@cli.snap", "s01_a@cli@gcs.snap.new"]
        );
    }

    #[test]
    fn a_golden_of_its_own_that_still_counts_stays_under_review_and_is_told_when_it_is_needless() {
        let dir = with(&[
            (&format!("{FOR_ALL}.new"), "new"),
            (OF_GCS, "old"),
            (&format!("{OF_GCS}.new"), "new"),
        ]);
        settle(
            dir.path(),
            &scenario(),
            (Kind::S3, CLI),
            Handed::Pending,
            "new",
        );
        assert_eq!(files(dir.path()).len(), 3);
        let dir = with(&[(FOR_ALL, "new"), (OF_GCS, "new")]);
        assert_eq!(needless(dir.path(), &[scenario()]), [OF_GCS]);
        let dir = with(&[(FOR_ALL, "new"), (OF_GCS, "old")]);
        assert!(needless(dir.path(), &[scenario()]).is_empty());
    }

    #[test]
    fn what_is_accepted_unseen_stands_once_too() {
        for kind in [Kind::S3, Kind::Gcs] {
            let dir = with(&[(FOR_ALL, "new"), (OF_GCS, "new")]);
            settle(
                dir.path(),
                &scenario(),
                (kind, CLI),
                Handed::Accepted,
                "new",
            );
            assert_eq!(files(dir.path()), ["s01_a@cli.snap"], "{kind:?}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_or_holds_no_golden_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        assert_eq!(check(path), Ok(()));
        for wrong in [path.join("absent"), path.join("file")] {
            std::fs::write(path.join("file"), "").unwrap();
            let error = check(&wrong).unwrap_err().to_string();
            assert!(error.contains("make it first"), "{error}");
        }
        assert_eq!(check_holds_some(path, true, None), Ok(()));
        assert!(check_holds_some(path, false, None).is_err());
        std::fs::create_dir(path.join("area")).unwrap();
        std::fs::write(path.join("area/x.snap"), "").unwrap();
        assert_eq!(check_holds_some(path, false, None), Ok(()));
    }

    #[test]
    fn goldens_that_may_not_be_written_are_told_before_they_are_recorded() {
        let dir = with(&[(FOR_ALL, "a"), (OF_GCS, "b")]);
        let names = [FOR_ALL, OF_GCS, "area/absent@cli.snap"].map(str::to_owned);
        let check = |shut: &str| {
            let may_write = |path: &Path| !path.ends_with(shut);
            check_writable(dir.path(), names.iter(), may_write)
        };
        assert_eq!(check("none"), Ok(()));
        for shut in [FOR_ALL, "area"] {
            let told = check(shut).unwrap_err().to_string();
            assert!(told.contains(&format!("{shut}\n")), "{told}");
            assert!(told.contains("next:  `chmod"), "{told}");
        }
        // Root may write to all there is.
        assert!(may_write(dir.path()) && !may_write(Path::new("/proc/version/x")));
    }
}
