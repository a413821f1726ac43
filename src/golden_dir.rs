//! The directory of goldens: whether it can be the one that is meant.

use std::path::Path;

use walkdir::WalkDir;

use crate::error::BadInput;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
