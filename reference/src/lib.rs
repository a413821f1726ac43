//! `swamp-reference`: an independent implementation of the part of swamp that swamp-uat's scenarios
//! touch.
//!
//! It is written from swamp's observed behaviour and its documented formats, and shares no code
//! with swamp nor with the suite. Where the pinned swamp deviates from the plan, so does this: see
//! [`quirks`]. Regressions can be brought back on purpose: see [`faults`]; so can what older swamps left
//! in other forms: see [`older`].

mod args;
mod catalog;
mod cel;
mod cli;
mod cloud;
mod commands;
mod config;
mod data;
mod datastore;
mod diagnosis;
mod environment;
mod errors;
mod expressions;
pub mod faults;
mod files;
mod help;
mod lock;
mod log;
mod model;
pub mod named;
mod namespace;
mod nudge;
pub mod older;
mod output;
mod problem;
mod query;
pub mod quirks;
mod remote;
mod render;
mod report;
mod repository;
mod session;
mod time;
mod vault;
mod workflow;

use std::env;
use std::fmt::Display;
use std::process::ExitCode;

use environment::Environment;
use output::Output;
use session::Session;

/// The version, as `--version` prints it. The part before the hyphen goes into `.swamp.yaml`, as in
/// swamp.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-reference");

/// Runs the command line of this process and gives the exit code.
pub fn main() -> ExitCode {
    let words: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let cwd = match env::current_dir() {
        Ok(cwd) => cwd,
        Err(error) => {
            return refuse(format!("the current directory cannot be told: {error}"), 1);
        }
    };
    match Session::new(cwd, Environment::of_process(), Output::default()) {
        Ok(mut session) => ExitCode::from(cli::run(words, &mut session)),
        Err(error) => refuse(error, 2),
    }
}

/// Says why no command can be run, and gives the exit code.
fn refuse(error: impl Display, code: u8) -> ExitCode {
    Output::default().aside(&format!("error: {error}"));
    ExitCode::from(code)
}
