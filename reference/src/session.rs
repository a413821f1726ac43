//! What a command works with: where it was called, by whom, and where its output goes.

use std::path::PathBuf;

use crate::environment::Environment;
use crate::errors::{self, Failure};
use crate::faults::{self, Fault, Faults};
use crate::named::UnknownName;
use crate::older::{self, Older};
use crate::output::Output;
use crate::quirks::{self, Quirks};

/// The surroundings of one call.
#[derive(Debug)]
pub struct Session {
    /// The working directory.
    pub cwd: PathBuf,
    /// The repository that was named, as it was written.
    pub repo_dir: Option<String>,
    /// The environment variables.
    pub env: Environment,
    /// The two streams.
    pub output: Output,
    /// The deviations of the pinned swamp that are on.
    pub quirks: Quirks,
    /// The regressions that are on.
    pub faults: Faults,
    /// The ways of older swamps that are on.
    pub older: Older,
}

impl Session {
    /// A call from `cwd`.
    pub fn new(
        cwd: PathBuf,
        env: Environment,
        output: Output,
    ) -> std::result::Result<Self, UnknownName> {
        let switches = |name| env.get(name).unwrap_or_default();
        Ok(Self {
            quirks: Quirks::parse(&switches(quirks::VARIABLE))?,
            faults: Faults::parse(&switches(faults::VARIABLE))?,
            older: Older::parse(&switches(older::VARIABLE))?,
            cwd,
            repo_dir: None,
            env,
            output,
        })
    }

    /// Asks whether to go on. Nobody is there to answer.
    pub fn ask(&self) -> errors::Result<()> {
        if self.faults.on(Fault::YesNotNeeded) {
            return Ok(());
        }
        Err(Failure::nobody_to_ask())
    }

    /// How many of what it found a search shows.
    pub fn at_most(&self, limit: usize) -> usize {
        if self.faults.on(Fault::LimitIgnored) {
            return usize::MAX;
        }
        limit
    }
}
