//! `cargo uat mixed OLD NEW`: repos that share a datastore have different swamps.

use std::process::ExitCode;

use swamp_uat::error::BadInput;
use swamp_uat::report::mixed;
use swamp_uat::settings::args::Casting;

use crate::build::build_suite;
use crate::scenarios::end_the_run_with_this;
use crate::two::Two;

/// Plays the trials of several repos on each of the two alone and on both together, and says what
/// shows with neither alone.
pub fn mixed(args: &Two) -> Result<ExitCode, BadInput> {
    let suite = build_suite()?;
    let given = args.given()?;
    let (old, new) = given.players()?;
    end_the_run_with_this(&suite)?;
    let mut newer = new.play(&suite, &new.listed(&suite)?)?;
    // Of one repo there is nothing to mix.
    newer.played.retain(|trial| trial.repos > 1);
    let trials: Vec<String> = newer
        .played
        .iter()
        .map(|it| it.entry.trial.clone())
        .collect();
    let older = old.play(&suite, &trials)?;
    let together = new
        .together_with(&old, Casting::Mixed)
        .play(&suite, &trials)?;
    args.answer(&mixed::found(&older, &newer, &together, &given.stated))
}
