//! What waits for a review: each pending text with the golden that it would replace, whether it may,
//! and how it is accepted or rejected: as `cargo insta` does it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::golden;
use crate::golden::pending;

/// A text that waits for a review, and may be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingGolden {
    /// The golden that it would be, below the directory of goldens.
    pub name: String,
    /// The digest of the text that the golden has now; none where there is no such golden.
    pub was: Option<String>,
    /// The digest of the text that waits.
    pub now: String,
    golden: PathBuf,
    pending: PathBuf,
}

/// A text that waits for a review, and must not be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedGolden {
    /// Its file.
    pub pending: PathBuf,
    /// Why, in a clause.
    pub why: String,
}

/// What waits for a review below `dir`. A text that the golden has already is left out: the next
/// run takes it away.
pub fn all(dir: &Path) -> (Vec<WaitingGolden>, Vec<RefusedGolden>) {
    let (mut waiting, mut refused) = (Vec::new(), Vec::new());
    for (pending, name) in pending::waiting(dir) {
        match load(dir, &pending, &name) {
            Ok(found) if found.was.as_ref() == Some(&found.now) => {}
            Ok(found) => waiting.push(found),
            Err(why) => refused.push(RefusedGolden { pending, why }),
        }
    }
    (waiting, refused)
}

fn load(dir: &Path, pending: &Path, name: &str) -> Result<WaitingGolden, String> {
    let golden = dir.join(name);
    let now = golden::load(pending)?.ok_or("another process took it away")?;
    let was = golden::load(&golden).map_err(|why| format!("its golden is unsound: {why}"))?;
    Ok(WaitingGolden {
        name: name.to_owned(),
        was: was.map(|text| golden::digest(&text)),
        now: golden::digest(&now),
        golden,
        pending: pending.to_owned(),
    })
}

impl WaitingGolden {
    /// The text that waits.
    ///
    /// # Errors
    /// It is not there any more, or another one.
    pub fn text(&self) -> Result<String, String> {
        let text = golden::load(&self.pending)?.ok_or("another process took it away")?;
        if golden::digest(&text) == self.now {
            Ok(text)
        } else {
            Err("another text waits in its place by now".to_owned())
        }
    }

    /// The text of its golden; none where there is no golden.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn golden_text(&self) -> Result<Option<String>, String> {
        golden::load(&self.golden)
    }

    /// Puts the text in the golden's place, whole and at once, with the header that `cargo insta
    /// accept` leaves.
    ///
    /// # Errors
    /// Another text waits by now, the golden is another one, or it cannot be written.
    pub fn accept(&self) -> Result<(), String> {
        self.text()?;
        let golden = self.golden_text()?;
        if golden.map(|text| golden::digest(&text)) != self.was {
            return Err("the golden is another one by now".to_owned());
        }
        let said = |e: &dyn std::fmt::Display| format!("{}: {e}", self.golden.display());
        let snapshot = insta::Snapshot::from_file(&self.pending).map_err(|e| said(&e))?;
        let name = self.golden.file_name().unwrap_or_default();
        let hidden = format!(".{}.{}", name.to_string_lossy(), std::process::id());
        let whole = self.golden.with_file_name(hidden);
        let placed = snapshot.save(&whole).map_err(|e| said(&e));
        let placed = placed.and_then(|()| fs::rename(&whole, &self.golden).map_err(|e| said(&e)));
        if placed.is_err() {
            // Best effort: the error that matters is the first.
            let _ = fs::remove_file(&whole);
        }
        placed?;
        // The next run takes away what says the same as its golden.
        let _ = self.take_away();
        Ok(())
    }

    /// Takes the text away, so that the golden stays as it is.
    ///
    /// # Errors
    /// Another text waits by now, or it cannot be removed.
    pub fn reject(&self) -> Result<(), String> {
        self.text()?;
        self.take_away()
    }

    fn take_away(&self) -> Result<(), String> {
        fs::remove_file(&self.pending).map_err(|e| format!("{}: {e}", self.pending.display()))
    }
}

/// Writes a sound golden, or what waits as one, with what insta adds to the latter.
#[cfg(test)]
pub(crate) fn sample(path: &Path, text: &str, swamp: &str) {
    let info = golden::Info::new((1, "B"), "filesystem", (swamp, "cafe"), text);
    let more = match path.extension().is_some_and(|end| end == "new") {
        true => "assertion_line: 12\n",
        false => "",
    };
    let file = format!(
        "---\nsource: x\n{more}description: A sentence.\ninfo:\n  scenario: 1\n  \
         phase: B\n  backend: filesystem\n  swamp: {swamp}\n  commit: cafe\n  digest: {}\n  \
         seal: {}\n---\n{text}\n",
        info.digest, info.seal
    );
    fs::write(path, file).unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "s01_a@cli.snap";

    fn with(golden: Option<&str>, waiting: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        if let Some(text) = golden {
            sample(&dir.path().join(NAME), text, "v1");
        }
        sample(&dir.path().join(format!("{NAME}.new")), waiting, "v2");
        dir
    }

    fn only(dir: &Path) -> WaitingGolden {
        let (mut waiting, refused) = all(dir);
        assert_eq!((waiting.len(), refused.as_slice()), (1, &[][..]));
        waiting.remove(0)
    }

    #[test]
    fn what_is_accepted_is_the_golden_with_the_header_that_insta_leaves() {
        for golden in [Some("old"), None] {
            let dir = with(golden, "new\n[EOF]");
            let waiting = only(dir.path());
            assert_eq!(waiting.name, NAME);
            assert_eq!(waiting.was, golden.map(golden::digest));
            waiting.accept().unwrap();
            let other = tempfile::tempdir().unwrap();
            sample(&other.path().join(NAME), "new\n[EOF]", "v2");
            let read = |dir: &Path| fs::read_to_string(dir.join(NAME)).unwrap();
            assert_eq!(read(dir.path()), read(other.path()));
            let left = fs::read_dir(dir.path()).unwrap().count();
            assert_eq!(left, 1, "nothing lies beside it");
        }
    }

    #[test]
    fn what_is_rejected_goes_and_the_golden_stays() {
        let dir = with(Some("old"), "new");
        only(dir.path()).reject().unwrap();
        let text = golden::load(&dir.path().join(NAME)).unwrap();
        assert_eq!(text.as_deref(), Some("old"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_text_that_came_meanwhile_is_neither_accepted_nor_taken_away() {
        let dir = with(Some("old"), "new");
        let waiting = only(dir.path());
        let pending = dir.path().join(format!("{NAME}.new"));
        sample(&pending, "newer", "v2");
        for done in [waiting.accept(), waiting.reject()] {
            assert!(done.unwrap_err().contains("another text waits"));
        }
        assert!(pending.is_file());
        let text = golden::load(&dir.path().join(NAME)).unwrap();
        assert_eq!(text.as_deref(), Some("old"));
    }

    #[test]
    fn a_golden_that_changed_meanwhile_stays() {
        let dir = with(Some("old"), "new");
        let waiting = only(dir.path());
        sample(&dir.path().join(NAME), "newer", "v1");
        let why = waiting.accept().unwrap_err();
        assert!(why.contains("another one by now"), "{why}");
        let text = golden::load(&dir.path().join(NAME)).unwrap();
        assert_eq!(text.as_deref(), Some("newer"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_unsound_or_the_references_is_refused_and_what_is_nothing_new_does_not_wait() {
        let dir = with(Some("old"), "new");
        let pending = dir.path().join(format!("{NAME}.new"));
        let whole = fs::read_to_string(&pending).unwrap();
        let refused = || {
            let (waiting, refused) = all(dir.path());
            assert_eq!(waiting, []);
            refused
        };
        fs::write(&pending, whole.replace("new\n", "edited\n")).unwrap();
        assert!(refused()[0].why.contains("edited by hand"));
        sample(&pending, "new", "0.1.0-reference");
        assert!(refused()[0].why.contains("on the reference"));
        sample(&pending, "old", "v2");
        assert_eq!(refused(), []);
        sample(&pending, "new", "v2");
        fs::write(dir.path().join(NAME), "no golden").unwrap();
        assert!(refused()[0].why.contains("its golden is unsound"));
    }
}
