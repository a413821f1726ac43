//! Goldens: where they lie, whether they are sound, and how a surface compares with one. How a new
//! one gets to its review is in [`crate::golden::pending`].

pub(crate) mod documents;
pub(crate) mod files;
pub mod pending;
pub(crate) mod surfaces;
pub mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use insta::internals::Content;
use serde::Serialize;

use crate::digest;
use crate::error::BadInput;
use crate::excerpt::excerpt;
use crate::machine::under_test::REFERENCE_SUFFIX;
use crate::render::difference;

/// The provenance of a golden, in its header. Nothing volatile stands here, and nothing of it is
/// compared: a golden that still holds keeps the version that first showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Info {
    /// The scenario's id in the plan.
    pub scenario: u32,
    /// The phase's letter.
    pub phase: &'static str,
    /// The backend's name.
    pub backend: &'static str,
    /// The version of the swamp it was recorded on.
    pub swamp: String,
    /// The commit of that swamp.
    pub commit: String,
    /// The digest of the text below the header: a text that was edited by hand shows.
    pub digest: String,
    /// The digest of all of the above: a fact that was edited by hand shows.
    pub seal: String,
}

impl Info {
    /// The provenance of `text`, sealed.
    pub fn new(
        (scenario, phase): (u32, &'static str),
        backend: &'static str,
        (swamp, commit): (&str, &str),
        text: &str,
    ) -> Self {
        let digest = digest(text);
        let number = scenario.to_string();
        let seal = seal([&number, phase, backend, swamp, commit, &digest]);
        Self {
            scenario,
            phase,
            backend,
            swamp: swamp.to_owned(),
            commit: commit.to_owned(),
            digest,
            seal,
        }
    }
}

/// The facts of a header that are sealed, in this order. What else stands there is insta's, and
/// nothing reads it.
pub const SEALED: [&str; 6] = ["scenario", "phase", "backend", "swamp", "commit", "digest"];

/// The seal over the [facts](SEALED) of a header: 16 hex digits of their SHA-256.
pub fn seal(facts: [&str; 6]) -> String {
    let lines: Vec<String> = SEALED
        .iter()
        .zip(facts)
        .map(|(name, fact)| format!("{name}: {fact}\n"))
        .collect();
    digest::short(lines.concat())
}

/// The digest of a golden's text: 16 hex digits of the SHA-256 of its normal form.
pub fn digest(text: &str) -> String {
    digest::short(normal(text))
}

/// The form in which insta compares texts: line ends as `\n`, nothing after the last character.
fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// The text of the golden at `path`, or of what waits for a review as one; none if there is no such
/// file.
///
/// # Errors
/// It is not whole, or it is not as it was recorded: what is wrong, in a clause.
pub fn load(path: &Path) -> Result<Option<String>, String> {
    if !path.exists() {
        return Ok(None);
    }
    let head = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    // insta would take a file without a header for one of an older format.
    if !head.starts_with("---\n") {
        return Err("it does not begin with a header: cut off, or not a golden".into());
    }
    let golden = insta::Snapshot::from_file(path)
        .map_err(|e| format!("its header cannot be read ({e}): cut off, or edited by hand"))?;
    let text = golden.contents().as_text().map(ToString::to_string);
    let text = text.ok_or("it holds no text")?;
    let info = golden.metadata().private_info();
    let fact = |name: &str| {
        info.and_then(|info| field(info, name))
            .ok_or_else(|| format!("its header has no {name}: cut off, or edited by hand"))
    };
    let recorded = fact("digest")?;
    let found = digest(&text);
    if found != recorded {
        return Err(format!(
            "its text was edited by hand, or cut off: recorded as {recorded}, now {found}"
        ));
    }
    let facts = [
        fact(SEALED[0])?,
        fact(SEALED[1])?,
        fact(SEALED[2])?,
        fact(SEALED[3])?,
        fact(SEALED[4])?,
        recorded,
    ];
    let (recorded, found) = (fact("seal")?, seal(facts.each_ref().map(String::as_str)));
    if found != recorded {
        return Err(format!(
            "its header was edited by hand ({}): sealed as {recorded}, now {found}",
            SEALED[..5].join(", ")
        ));
    }
    if facts[3].ends_with(REFERENCE_SUFFIX) {
        return Err(format!(
            "it was recorded on the reference ({}), and goldens are recorded on a real swamp alone",
            facts[3]
        ));
    }
    belongs(path, &facts[0], &facts[2])?;
    Ok(Some(text))
}

/// Whether a golden's name says what its header says: a copy of another one is sealed too. The one
/// for all backends may have been recorded on any.
fn belongs(path: &Path, scenario: &str, backend: &str) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".new").unwrap_or(&name);
    let name = name.strip_suffix(".snap").unwrap_or(name);
    let mut parts = name.split('@');
    let function = parts.next().unwrap_or_default();
    let own = parts.nth(1);
    let id = function
        .strip_prefix('s')
        .and_then(|it| it.split('_').next());
    let id = id.and_then(|id| id.parse::<u32>().ok());
    match id {
        Some(id) if id.to_string() != scenario || own.is_some_and(|own| own != backend) => {
            Err(format!(
                "it was recorded as scenario {scenario} on {backend}: a copy of another golden"
            ))
        }
        _ => Ok(()),
    }
}

fn field(info: &Content, name: &str) -> Option<String> {
    let Content::Map(pairs) = info else {
        return None;
    };
    pairs
        .iter()
        .find(|(key, _)| key.as_str() == Some(name))
        .and_then(|(_, value)| {
            let number = || value.as_u64().map(|number| number.to_string());
            value.as_str().map(str::to_owned).or_else(number)
        })
}

/// What a reviewer is told of a golden's scenario, beside the golden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The file that it stands in.
    pub file: &'static str,
    /// Its sentence; none where its file is not at hand, so that no sentence can be compared.
    pub sentence: Option<String>,
}

/// Whether the golden at `path`, if there is one, says of its scenario what is `told`. That is not
/// sealed: whoever moves a scenario, or says it better, need not record it anew.
fn tells(path: &Path, told: &Told) -> Result<(), String> {
    if !path.exists() {
        return Ok(());
    }
    let golden = insta::Snapshot::from_file(path).map_err(|e| e.to_string())?;
    let header = golden.metadata();
    let (source, description) = (header.source(), header.description());
    if source != Some(told.file) {
        return Err(format!(
            "its header says `source: {}`, and its scenario stands in {}: correct that line",
            source.unwrap_or("nothing"),
            told.file
        ));
    }
    match &told.sentence {
        Some(sentence) if description.unwrap_or_default() != sentence => Err(format!(
            "its header says `description: {}`, and the comment of its scenario begins with \
             \"{sentence}\": correct that line",
            description.unwrap_or("nothing")
        )),
        _ => Ok(()),
    }
}

/// Checks that every golden of those that exists below `dir` is as it was recorded, and says of its
/// scenario what is true.
///
/// # Errors
/// The goldens that are not, and what to do about them.
pub fn check_all(dir: &Path, goldens: &BTreeMap<String, Told>) -> Result<(), BadInput> {
    let unsound: Vec<String> = goldens
        .iter()
        .filter_map(|(name, told)| {
            let path = dir.join(name);
            let why = load(&path).and_then(|_| tells(&path, told)).err()?;
            let surface = name.trim_end_matches(".snap").split('@').nth(1);
            let surface = surface.unwrap_or_default();
            Some(format!("{name} (surface: {surface})\n  {why}"))
        })
        .collect();
    if unsound.is_empty() {
        return Ok(());
    }
    let shown = unsound[..unsound.len().min(5)].join("\n");
    let more = match unsound.len().saturating_sub(5) {
        0 => String::new(),
        more => format!("\nand {more} more"),
    };
    Err(BadInput::new(
        format!(
            "{} golden(s) in {} are not as swamp wrote them",
            unsound.len(),
            dir.display()
        ),
        format!("{shown}{more}"),
        "`git diff` shows what was changed and `git restore` undoes it; to record a golden anew, \
         delete it and run `SWAMP_BIN=<swamp> cargo insta test --review`",
    ))
}

/// How many lines of a difference are shown, at its beginning and at its end.
const MOST_LINES: usize = 400;

/// How much of a line is shown.
const MOST_WIDTH: usize = 2_000;

/// The difference between a golden and what is there `now`, for people; none if there is none.
pub fn difference(golden: &str, now: &str) -> Option<String> {
    let (golden, now) = (normal(golden) + "\n", normal(now) + "\n");
    difference::between(&golden, &now).map(|diff| excerpt(&diff, MOST_LINES, MOST_WIDTH))
}

/// Whether `golden` begins with the surface of a play that ended early. The last line of that may
/// tell less than it would have: of a command in other repos, for one.
pub(crate) fn begins_with(golden: &str, text: &str) -> bool {
    let text = text.trim_end();
    let whole = golden.starts_with(text.trim_end_matches("[EOF]").trim_end());
    let last = text.lines().last().unwrap_or_default();
    let is_command = last.starts_with("$ ");
    whole || is_command && golden.starts_with(&text[..text.len() - last.len()])
}

/// The versions and commits of swamp that the goldens in `dir` were recorded on, for people.
pub fn recorded_on(dir: &Path) -> String {
    let mut swamps = BTreeSet::new();
    for entry in walkdir::WalkDir::new(dir).into_iter().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let header = text.split("\n---\n").next().unwrap_or_default();
        let field = |name: &str| {
            header
                .lines()
                .find_map(|line| line.trim().strip_prefix(name))
        };
        if let (Some(version), Some(commit)) = (field("swamp: "), field("commit: ")) {
            swamps.insert(format!("{version} (commit {commit})"));
        }
    }
    swamps.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn write(dir: &Path, name: &str, digest: &str, text: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, file(digest, text)).unwrap();
        path
    }

    fn file(digest: &str, text: &str) -> String {
        let seal = seal(["1", "B", "filesystem", "1.2", "cafe", digest]);
        format!(
            "---\nsource: x\ninfo:\n  scenario: 1\n  phase: B\n  backend: filesystem\n  \
             swamp: \"1.2\"\n  commit: cafe\n  digest: {digest}\n  seal: {seal}\n---\n{text}"
        )
    }

    fn told(file: &'static str) -> Told {
        Told {
            file,
            sentence: None,
        }
    }

    fn sound(dir: &Path) -> PathBuf {
        write(dir, "a@cli.snap", &digest("one\n[EOF]"), "one\n[EOF]\n")
    }

    #[test]
    fn a_sound_golden_gives_its_text_and_a_missing_one_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(&sound(dir.path())), Ok(Some("one\n[EOF]".into())));
        assert_eq!(load(&dir.path().join("absent")), Ok(None));
    }

    #[test]
    fn whatever_is_done_to_a_golden_by_hand_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = sound(dir.path());
        let good = std::fs::read_to_string(&path).unwrap();
        for (edited, why) in [
            (good.replace("one", "two"), "edited by hand"),
            (good.replace("\n[EOF]\n", "\n"), "cut off"),
            (good.replace("one\n[EOF]\n", ""), "cut off"),
            (good.replace("  digest", "  d"), "no digest"),
            (good.replace("  seal", "  s"), "no seal"),
            (good.replace("  commit", "  c"), "no commit"),
            (
                good.replace("scenario: 1", "scenario: 2"),
                "its header was edited",
            ),
            (
                good.replace("phase: B", "phase: C"),
                "its header was edited",
            ),
            (good.replace("filesystem", "s3"), "its header was edited"),
            (good.replace("1.2", "1.3"), "its header was edited"),
            (good.replace("cafe", "beef"), "its header was edited"),
            (good.replace("seal: ", "seal: a"), "its header was edited"),
            (good.replace("---\nsource", "source"), "header"),
            (good[..20].to_owned(), "header"),
            (String::new(), "header"),
            ("---\n: : :\n  - [\n---\n".to_owned(), "header"),
        ] {
            std::fs::write(&path, &edited).unwrap();
            let error = load(&path).unwrap_err();
            assert!(error.contains(why), "{edited:?}: {error}");
            let said = check_all(
                dir.path(),
                &BTreeMap::from([("a@cli.snap".into(), told("x"))]),
            )
            .unwrap_err();
            assert!(
                said.to_string().contains("a@cli.snap (surface: cli)"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_copy_of_another_golden_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let digest = digest("one\n[EOF]");
        let sound = |name: &str| load(&write(dir.path(), name, &digest, "one\n[EOF]\n"));
        assert!(sound("s01_a@cli@filesystem.snap").is_ok());
        assert!(sound("s01_a@cli.snap").is_ok());
        assert!(sound("s01_a@cli@filesystem.snap.new").is_ok());
        for name in [
            "s02_a@cli.snap",
            "s01_a@cli@s3.snap",
            "s01_a@cli@s3.snap.new",
        ] {
            assert!(
                sound(name).unwrap_err().contains("a copy of another"),
                "{name}"
            );
        }
    }

    #[test]
    fn what_was_recorded_on_the_reference_is_no_golden() {
        let dir = tempfile::tempdir().unwrap();
        let text = "one\n[EOF]";
        let info = Info::new((1, "B"), "filesystem", ("0.1.0-reference", "cafe"), text);
        let content = format!(
            "---\nsource: x\ninfo:\n  scenario: 1\n  phase: B\n  backend: filesystem\n  \
             swamp: 0.1.0-reference\n  commit: cafe\n  digest: {}\n  seal: {}\n---\n{text}\n",
            info.digest, info.seal
        );
        for name in ["s01_a@cli.snap", "s01_a@cli.snap.new"] {
            let path = dir.path().join(name);
            std::fs::write(&path, &content).unwrap();
            let why = load(&path).unwrap_err();
            assert!(why.contains("on the reference (0.1.0-reference)"), "{why}");
        }
    }

    #[test]
    fn a_header_that_is_recorded_is_sound() {
        let dir = tempfile::tempdir().unwrap();
        let info = Info::new((1, "B"), "s3", ("2026.1-sha.0", "06161472"), "one\n[EOF]");
        let mut content = String::from("---\nsource: x\ninfo:\n");
        for (name, fact) in [("phase", info.phase), ("backend", info.backend)] {
            content += &format!("  {name}: {fact}\n");
        }
        content += &format!(
            "  scenario: {}\n  swamp: {}\n  commit: \"{}\"\n  digest: {}\n  seal: {}\n---\none\n[EOF]\n",
            info.scenario, info.swamp, info.commit, info.digest, info.seal
        );
        let path = dir.path().join("s01_a@cli@s3.snap");
        std::fs::write(&path, content).unwrap();
        assert_eq!(load(&path), Ok(Some("one\n[EOF]".into())));
    }

    #[test]
    fn line_ends_and_white_space_at_the_end_are_no_edit() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(
            dir.path(),
            "a.snap",
            &digest("one\n[EOF]"),
            "one\n[EOF]\n\n",
        );
        assert!(load(&path).is_ok());
        assert_eq!(digest("a\r\nb\r\n"), digest("a\nb"));
        assert_ne!(digest(" a"), digest("a"));
    }

    #[test]
    fn a_header_that_names_another_file_than_the_scenarios_is_told() {
        let dir = tempfile::tempdir().unwrap();
        sound(dir.path());
        let check = |told| check_all(dir.path(), &BTreeMap::from([("a@cli.snap".into(), told)]));
        assert_eq!(check(told("x")), Ok(()));
        let said = check(told("tests/cli/y.rs")).unwrap_err().to_string();
        assert!(
            said.contains("`source: x`, and its scenario stands in tests/cli/y.rs"),
            "{said}"
        );
    }

    #[test]
    fn a_header_that_tells_another_sentence_than_the_scenarios_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = sound(dir.path());
        let says = |sentence: &str| Told {
            sentence: Some(sentence.to_owned()),
            ..told("x")
        };
        let check = |told| check_all(dir.path(), &BTreeMap::from([("a@cli.snap".into(), told)]));
        let said = check(says("Nothing is lost.")).unwrap_err().to_string();
        assert!(said.contains("`description: nothing`"), "{said}");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("source: x", "source: x\ndescription: Nothing is lost.");
        std::fs::write(&path, text).unwrap();
        assert_eq!(check(says("Nothing is lost.")), Ok(()));
        let said = check(says("All is lost.")).unwrap_err().to_string();
        assert!(said.contains("begins with \"All is lost.\""), "{said}");
    }

    #[test]
    fn many_unsound_goldens_still_fit_on_a_screen() {
        let dir = tempfile::tempdir().unwrap();
        let names: BTreeMap<String, Told> = (0..50)
            .map(|n| (format!("{n}@cli.snap"), told("x")))
            .collect();
        for name in names.keys() {
            write(dir.path(), name, "0", "x");
        }
        let said = check_all(dir.path(), &names).unwrap_err().to_string();
        assert!(
            said.contains("50 golden(s)") && said.contains("and 45 more"),
            "{said}"
        );
        assert!(said.lines().count() < 24, "{said}");
        assert_eq!(
            check_all(
                dir.path(),
                &BTreeMap::from([("absent.snap".into(), told("x"))])
            ),
            Ok(())
        );
    }

    #[test]
    fn a_difference_shows_both_sides_and_the_same_text_has_none() {
        assert_eq!(difference("a\nb", "a\nb\n"), None);
        let diff = difference("a\nb", "a\nc").unwrap();
        assert!(diff.contains("-b\n+c"), "{diff}");
    }
}
