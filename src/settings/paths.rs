//! Paths that the user gives in variables. One rule for all of them: a relative path begins at the
//! root of this checkout, whatever the directory is that somebody calls from. Cargo runs tests in
//! that root, `cargo run` where it is called, and each repo of a trial is a directory of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::BadInput;
use crate::workspace_root;

/// The path that the variable `name` gives, as an absolute one; none if it is unset.
///
/// # Errors
/// It is empty, or begins with a `~` that no shell has replaced.
pub fn given(
    name: &str,
    var: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<PathBuf>, BadInput> {
    let Some(value) = var(name) else {
        return Ok(None);
    };
    if value.is_empty() {
        return Err(empty(name, "a path"));
    }
    let path = Path::new(&value);
    if path.starts_with("~") {
        return Err(BadInput::new(
            format!("{name} is \"{}\"", path.display()),
            "only a shell knows what ~ stands for, and none has replaced it",
            format!("give {name} the whole path, or write ~ without quotes"),
        ));
    }
    Ok(Some(resolved(path)))
}

/// The refusal of a variable that is set and empty. A CI whose own variable is missing sets it so,
/// and must not be told that all is well with something else than it meant.
pub(crate) fn empty(name: &str, wanted: &str) -> BadInput {
    BadInput::new(
        format!("{name} is \"\""),
        "it is set, and empty, which says nothing of what is meant",
        format!("give {name} {wanted}, or unset it"),
    )
}

/// `path`, from the root of this checkout where it is relative.
pub fn resolved(path: &Path) -> PathBuf {
    // `a/./b` is shown to people as `a/b`.
    workspace_root().join(path).components().collect()
}

/// What to say of a path in a variable that leads to nothing: where it was looked for.
pub fn looked_for(value: &Path) -> &'static str {
    if value.is_absolute() {
        ""
    } else {
        " (a relative path begins at the root of this checkout)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_begins_at_the_root_of_the_checkout() {
        let path = |value: &'static str| given("V", |_| Some(value.into()));
        assert_eq!(path("/a/b"), Ok(Some("/a/b".into())));
        for relative in ["other/x", "./other/x", "other/./x"] {
            assert_eq!(path(relative), Ok(Some(workspace_root().join("other/x"))));
        }
        let error = path("").unwrap_err().to_string();
        assert!(error.contains("V is \"\""), "{error}");
        assert_eq!(given("V", |_| None), Ok(None));
        assert_eq!(path("a~b"), Ok(Some(workspace_root().join("a~b"))));
        let error = path("~/swamp").unwrap_err().to_string();
        assert!(error.contains("V is \"~/swamp\""), "{error}");
    }
}
