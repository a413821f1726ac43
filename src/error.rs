//! Errors for people: what was tried, what was found, what to do next.

use std::fmt;

use crate::secret;

/// The exit code of a run that could not start because of what it was given.
pub const EXIT_BAD_INPUT: i32 = 2;

/// Something that the user gave and the suite cannot work with. It ends the run at once, with
/// [`EXIT_BAD_INPUT`], before any trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput {
    tried: String,
    found: String,
    next: String,
}

impl BadInput {
    /// An error of three sentences: what was `tried`, what was `found`, what to do `next`.
    pub fn new(
        tried: impl Into<String>,
        found: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            tried: tried.into(),
            found: found.into(),
            next: next.into(),
        }
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "swamp-uat: {}\n  found: {}\n  next:  {}",
            secret::hide(&self.tried),
            indented(&secret::hide(&self.found)),
            indented(&secret::hide(&self.next))
        )
    }
}

impl std::error::Error for BadInput {}

/// Continuation lines stand below the text of the first one.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n         ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_tried_found_and_what_to_do_next() {
        let error = BadInput::new("SWAMP_BIN is \"x\"", "no such file\nat all", "set it");
        assert_eq!(
            error.to_string(),
            "swamp-uat: SWAMP_BIN is \"x\"\n  found: no such file\n         at all\n  next:  set it"
        );
    }
}
