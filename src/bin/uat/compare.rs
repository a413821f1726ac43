//! `cargo uat compare OLD NEW`: plays the scenarios on two swamps, and says what changed.

use std::path::PathBuf;
use std::process::ExitCode;

use swamp_uat::error::BadInput;
use swamp_uat::report::compare;

use crate::answer::{self, Format};
use crate::build::build_suite;
use crate::player::{Asked, Player};
use crate::scenarios::end_the_run_with_this;

#[derive(clap::Args)]
pub struct Compare {
    /// The swamp that was there before
    old: PathBuf,
    /// The swamp that is to come after it
    new: PathBuf,
    /// Compare only the trials whose names contain one of these, such as `s02` or `filesystem`
    filters: Vec<String>,
    /// Sources of the datastore extensions for OLD alone, in `s3/` and `gcs/`
    #[arg(long, value_name = "DIR")]
    old_extensions: Option<PathBuf>,
    /// Sources of the datastore extensions for NEW alone, in `s3/` and `gcs/`
    #[arg(long, value_name = "DIR")]
    new_extensions: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// How many trials run side by side
    #[arg(long, value_name = "N")]
    test_threads: Option<usize>,
}

/// Plays both, and says what differs.
pub fn compare(args: &Compare) -> Result<ExitCode, BadInput> {
    // Both, before the first one is played for minutes.
    let asked = Asked {
        filters: args.filters.clone(),
        test_threads: args.test_threads,
    };
    let old = Player::new(&asked, "OLD", &args.old, args.old_extensions.as_deref())?;
    let new = Player::new(&asked, "NEW", &args.new, args.new_extensions.as_deref())?;
    let suite = build_suite()?;
    end_the_run_with_this(&suite)?;
    let old = old.play_with_commands(&suite)?;
    let new = new.play_with_commands(&suite)?;
    let found = compare::compare(&old, &new);
    if found.findings.compared == 0 {
        let why = found.findings.not_compared.join("\n");
        return Err(BadInput::new(
            "the two swamps were to be compared",
            format!("no trial was played on both\n{why}"),
            "`cargo uat doctor` says what is missing here, `cargo uat -- --list` the names of trials",
        ));
    }
    answer::print(args.format, &found, &found.answer(), found.is_empty())
}
