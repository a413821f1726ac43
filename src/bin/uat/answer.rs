//! How `cargo uat compare`, `upgrade` and `mixed` answer: in the form that was asked for, and by the exit
//! code.

use std::process::ExitCode;

use serde::Serialize;
use swamp_uat::error::BadInput;
use swamp_uat::report::answer::Answer;
use swamp_uat::report::{html, markdown};

use crate::exit_code;

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Format {
    /// For a screen
    Text,
    /// Markdown, for a pull request
    Md,
    /// A page for a browser
    Html,
    /// For a program
    Json,
}

/// Nothing differs.
const SAME: i32 = 0;

/// Something differs.
const DIFFERS: i32 = 1;

/// Prints what was `found`, and hands it to GitHub where that asks for it.
pub fn print(
    format: Format,
    found: &impl Serialize,
    answer: &Answer<'_>,
    is_empty: bool,
) -> Result<ExitCode, BadInput> {
    match format {
        Format::Text => print!("{}", answer.text()),
        Format::Md => print!("{}", answer.markdown()),
        Format::Html => println!("{}", html::answer(answer)),
        Format::Json => {
            let json = serde_json::to_string_pretty(found);
            let json = json.map_err(|e| {
                BadInput::new(
                    "the answer was to be written as JSON",
                    e.to_string(),
                    "report it",
                )
            })?;
            println!("{json}");
        }
    }
    let all = "the answer with `--format md` or `html` has";
    markdown::hand_to_github(&answer.markdown(), all).map_err(|e| {
        BadInput::new(
            "the answer was to be added to the file that GITHUB_STEP_SUMMARY names",
            e.to_string(),
            "name a file that can be written to, or unset it",
        )
    })?;
    Ok(exit_code(if is_empty { SAME } else { DIFFERS }))
}
