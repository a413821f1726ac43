//! Asking people before something is lost.

use std::io::{self, BufRead, IsTerminal};

use crate::errors::{Failure, Result};
use crate::session::Session;

/// Asks, and gives whether the answer was yes. Where nobody sits at a terminal there is nobody to ask.
pub fn ask(question: &str, session: &mut Session) -> Result<bool> {
    // In tests, standard input is the developer's.
    if cfg!(test) || !io::stdin().is_terminal() {
        return Err(Failure::refused(
            "stdin is not a terminal — use --yes (-y) to skip confirmation prompts non-interactively",
        ));
    }
    session.output.raw(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::broken(error.to_string()))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
