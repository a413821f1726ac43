//! insta, which keeps what differs until a person has reviewed it: whether it would write, what
//! it did write, and what lies there unreviewed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use insta::_cargo_insta_support::{SnapshotUpdate, ToolConfig, get_pending_dir, is_ci};

use crate::error::BadInput;
use crate::golden::Info;
use crate::scenario::Scenario;

/// What insta does with a text that differs from its golden, by its own rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Nothing: under `--check`, and in CI.
    Nothing,
    /// It writes it down, for a review or over the golden.
    Something,
}

/// Asks insta what it would do here: by its variables, its configuration files, and whether this
/// is CI. `goldens` is where they lie.
///
/// # Errors
/// insta cannot work with what it was given.
pub fn ask(goldens: &Path) -> Result<Writes, BadInput> {
    let root = root();
    let config = ToolConfig::from_workspace(&root).map_err(|e| {
        let name = [
            "INSTA_UPDATE",
            "INSTA_OUTPUT",
            "INSTA_FORCE_PASS",
            "INSTA_REQUIRE_FULL_MATCH",
            "INSTA_TEST_RUNNER",
            "INSTA_TEST_RUNNER_FALLBACK",
        ]
        .into_iter()
        .find(|name| e.to_string().contains(&format!("'{name}'")));
        let value = name.and_then(|name| Some((name, std::env::var(name).ok()?)));
        BadInput::new(
            match value {
                Some((name, value)) => format!("{name} is \"{value}\""),
                // insta names the variable for what its file says as well.
                None => format!("insta.yaml, in {} or its .config/", root.display()),
            },
            format!("insta, which keeps the goldens, says: {e}"),
            "correct it or unset it; INSTA_UPDATE takes auto, new, always, unseen, no or force, \
             and .config/insta.yaml has the rest",
        )
    })?;
    if let Some(dir) = get_pending_dir()
        && !goldens.starts_with(&root)
    {
        return Err(BadInput::new(
            format!("INSTA_PENDING_DIR is \"{}\"", dir.display()),
            format!(
                "insta keeps only what belongs below {} there, and the goldens are in {}",
                root.display(),
                goldens.display()
            ),
            "unset INSTA_PENDING_DIR, or SWAMP_UAT_SNAPSHOTS",
        ));
    }
    Ok(match config.snapshot_update() {
        SnapshotUpdate::No => Writes::Nothing,
        SnapshotUpdate::Auto if is_ci() => Writes::Nothing,
        _ => Writes::Something,
    })
}

/// The root of the workspace as insta has it.
fn root() -> PathBuf {
    std::env::var_os("INSTA_WORKSPACE_ROOT")
        .map_or_else(|| crate::workspace_root().to_owned(), PathBuf::from)
}

/// Where insta keeps what is pending for the golden at `path`.
fn pending_path(path: &Path) -> PathBuf {
    let path = match get_pending_dir() {
        Some(dir) => path
            .strip_prefix(root())
            .map_or_else(|_| path.to_owned(), |inner| dir.join(inner)),
        None => path.to_owned(),
    };
    path.with_extension("snap.new")
}

/// What became of a text that was handed to insta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// The golden at hand is the text, as it was before.
    Same,
    /// It waits for a review.
    Pending,
    /// It is the golden now: insta was told to accept all.
    Accepted,
}

/// Hands a text to insta as the golden `name` (below `dir`): insta stores it as pending, or
/// accepts it, as the user told it to. What became of it is seen on the disk: see [`became`].
/// A reviewer is shown `scenario`: its sentence, and where it stands.
///
/// # Panics
/// As insta does, where the text differs and insta was not told to let that pass.
pub fn hand_to_insta(dir: &Path, name: &str, text: &str, info: &Info, scenario: &Scenario) {
    let path = dir.join(name);
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(path.parent().unwrap_or(dir));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_info(info);
    let (sentence, line) = scenario.sentence().unwrap_or_default();
    if !sentence.is_empty() {
        settings.set_description(sentence);
    }
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    // What `assert_snapshot!` is made of: the macro would name this file as the source.
    let done = settings.bind(|| {
        insta::_macro_support::assert_snapshot(
            (Some(stem), text).into(),
            &root(),
            scenario.function,
            scenario.area(),
            scenario.file,
            line,
            "text",
        )
    });
    done.unwrap_or_else(|e| panic!("{e}"));
}

/// Whether what is there as the golden `name`, reviewed or (where a text like it was just `handed`
/// in for a review) waiting for one, is `text`.
pub(crate) fn says(dir: &Path, name: &str, text: &str, handed: Handed) -> bool {
    let golden = dir.join(name);
    is_text(&golden, text) || handed == Handed::Pending && is_text(&pending_path(&golden), text)
}

/// Takes back what waits for a review as the golden `name` and is `text`, unless there is such a
/// golden, which would still count; where texts are accepted unseen, that golden too.
pub(crate) fn withdraw(dir: &Path, name: &str, text: &str, handed: Handed) {
    let golden = dir.join(name);
    let mut all = Vec::new();
    if handed == Handed::Accepted {
        all.extend([pending_path(&golden), golden]);
    } else if !golden.exists() {
        all.push(pending_path(&golden));
    }
    for path in all.iter().filter(|path| is_text(path, text)) {
        // Another process may do the same.
        if let Err(e) = std::fs::remove_file(path)
            && path.exists()
        {
            eprintln!("swamp-uat: {}: {e}", path.display());
        }
    }
}

/// Whether there is a snapshot at `path` that is `text`.
fn is_text(path: &Path, text: &str) -> bool {
    path.is_file()
        && insta::Snapshot::from_file(path)
            .ok()
            .and_then(|there| there.contents().as_text().map(ToString::to_string))
            .is_some_and(|there| crate::golden::difference(&there, text).is_none())
}

/// What became of `text` after it was handed to insta as the golden `name` below `dir`, by what
/// is on the disk. `differed` says whether it was the golden before; `said` is what insta panicked
/// with, if it did.
///
/// # Errors
/// It was not stored: what insta said, or what is on the disk instead.
pub fn became(
    dir: &Path,
    name: &str,
    text: &str,
    differed: bool,
    said: Option<&str>,
) -> Result<Handed, String> {
    let golden = dir.join(name);
    if is_text(&golden, text) {
        return Ok(if differed {
            Handed::Accepted
        } else {
            Handed::Same
        });
    }
    let pending = pending_path(&golden);
    if is_text(&pending, text) {
        return Ok(Handed::Pending);
    }
    // The assertion that the text differs says nothing about the disk.
    let said = said
        .filter(|said| !said.starts_with("snapshot assertion for"))
        .map_or_else(String::new, |said| format!(": {said}"));
    Err(format!(
        "insta was to store {}, and it is not there{said}",
        pending.display()
    ))
}

/// Tells `cargo insta` that these goldens are in use. It removes or rejects those that no test
/// mentions, and a trial that is filtered out, is skipped or fails early mentions none itself.
///
/// # Errors
/// The list of insta cannot be written.
pub fn mention(goldens: impl Iterator<Item = PathBuf>) -> Result<(), BadInput> {
    let Some(list) = std::env::var_os("INSTA_SNAPSHOT_REFERENCES_FILE") else {
        return Ok(());
    };
    let lines: String = goldens
        .map(|path| format!("{}\n", path.display()))
        .collect();
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&list)
        .and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|e| {
            BadInput::new(
                format!("INSTA_SNAPSHOT_REFERENCES_FILE is {}", list.display()),
                format!("the goldens in use cannot be written there: {e}"),
                "correct that, or run without --unreferenced",
            )
        })
}

/// Has `cargo insta` show `text` after the tests, by way of its list of warnings.
pub fn warn(list: &Path, text: &str) {
    let written = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(list)
        .and_then(|mut file| file.write_all(format!("{text}\n").as_bytes()));
    if let Err(e) = written {
        eprintln!("{text}\nswamp-uat: {}: {e}", list.display());
    }
}

/// What waits for a review as one of the goldens below `dir`: its file, and the name of the golden.
pub(crate) fn waiting(dir: &Path) -> Vec<(PathBuf, String)> {
    let lies_in = place_of(dir);
    let names = files_in(&lies_in).filter_map(|entry| {
        let path = entry.into_path();
        let inner = path.strip_prefix(&lies_in).ok()?.to_string_lossy();
        let name = inner.strip_suffix(".new")?.to_owned();
        Some((path, name))
    });
    names.collect()
}

/// Where insta keeps what is pending for the goldens below `dir`.
fn place_of(dir: &Path) -> PathBuf {
    match get_pending_dir() {
        Some(pending) => dir
            .strip_prefix(root())
            .map_or_else(|_| dir.to_owned(), |inner| pending.join(inner)),
        None => dir.to_owned(),
    }
}

fn files_in(dir: &Path) -> impl Iterator<Item = walkdir::DirEntry> {
    walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".snap.new"))
}

/// What waits for a review below `dir`, and was there `before`: another run's.
pub fn of_other_runs(dir: &Path, before: SystemTime) -> Vec<PathBuf> {
    files_in(&place_of(dir))
        .filter(|entry| {
            let written = entry.metadata().ok().and_then(|data| data.modified().ok());
            written.is_none_or(|at| at < before)
        })
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// What to know about snapshots that another run left pending; none if there are none.
pub fn told(pending: &[PathBuf]) -> Option<String> {
    const SHOWN: usize = 3;
    if pending.is_empty() {
        return None;
    }
    let shown: Vec<String> = pending
        .iter()
        .take(SHOWN)
        .map(|path| {
            let inner = path.strip_prefix(crate::workspace_root()).unwrap_or(path);
            inner.display().to_string()
        })
        .collect();
    let more = match pending.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "pending from an earlier run, and no drift of this one: {} snapshot(s), by which `cargo \
         insta test` ends red; `cargo insta review` shows them, `cargo insta reject` drops them: \
         {}{more}",
        pending.len(),
        shown.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn info() -> Info {
        Info::new((1, "B"), "filesystem", ("1", "c"), "text")
    }

    fn scenario() -> Scenario {
        Scenario {
            function: "s01_a",
            module: "some::area",
            file: "tests/cli/none.rs",
            phase: crate::scenario::Phase::B,
            backends: &[crate::kind::Kind::Filesystem],
            waits: false,
            locks: false,
            typescript: false,
            run: |_| {},
        }
    }

    fn store(path: &Path, text: &str) {
        std::fs::write(path, format!("---\nsource: x\n---\n{text}\n")).unwrap();
    }

    #[test]
    fn what_became_of_a_text_is_seen_on_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let golden = dir.path().join("a.cli.snap");
        let became = |differed, said| became(dir.path(), "a.cli.snap", "new", differed, said);
        store(&golden, "old");
        let differs = "snapshot assertion for 'a' failed in line 1";
        let error = became(true, Some(differs)).unwrap_err();
        assert!(
            error.contains("not there") && !error.contains("assertion"),
            "{error}"
        );
        let error = became(true, Some("Read-only file system")).unwrap_err();
        assert!(error.contains("Read-only file system"), "{error}");
        let pending = dir.path().join("a.cli.snap.new");
        store(&pending, "another run's");
        assert!(became(true, Some(differs)).is_err(), "it is not this text");
        store(&pending, "new");
        assert_eq!(became(true, Some(differs)), Ok(Handed::Pending));
        store(&golden, "new");
        assert_eq!(became(true, None), Ok(Handed::Accepted));
        assert_eq!(became(false, None), Ok(Handed::Same));
    }

    #[test]
    fn what_insta_cannot_write_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        // A directory in the way: also root cannot write there.
        std::fs::create_dir(dir.path().join("a.cli.snap.new")).unwrap();
        let said = std::panic::catch_unwind(|| {
            hand_to_insta(dir.path(), "a.cli.snap", "new", &info(), &scenario());
        });
        assert!(said.is_err());
        assert!(became(dir.path(), "a.cli.snap", "new", true, None).is_err());
    }

    #[test]
    fn only_what_was_there_before_is_another_runs() {
        let dir = tempfile::tempdir().unwrap();
        store(&dir.path().join("a.snap"), "x");
        store(&dir.path().join("a.snap.new"), "x");
        let now = SystemTime::now();
        let later = now + Duration::from_secs(60);
        let found = of_other_runs(dir.path(), later);
        assert_eq!(found, [dir.path().join("a.snap.new")]);
        let earlier = now - Duration::from_secs(60);
        assert_eq!(of_other_runs(dir.path(), earlier), Vec::<PathBuf>::new());
        assert_eq!(told(&[]), None);
        let many: Vec<PathBuf> = (0..5).map(|n| format!("{n}.snap.new").into()).collect();
        let text = told(&many).unwrap();
        assert!(
            text.contains("5 snapshot(s)") && text.contains("and 2 more"),
            "{text}"
        );
    }
}
