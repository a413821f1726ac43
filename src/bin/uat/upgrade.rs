//! `cargo uat upgrade OLD NEW`: the older swamp sets the scene of each trial, and the newer one goes on.

use std::process::ExitCode;

use swamp_uat::error::BadInput;
use swamp_uat::report::upgrade;
use swamp_uat::settings::args::Casting;

use crate::build::build_suite;
use crate::scenarios::end_the_run_with_this;
use crate::two::Two;

/// Plays the trials on the newer one alone and after the older one, and says what differs.
pub fn upgrade(args: &Two) -> Result<ExitCode, BadInput> {
    let suite = build_suite()?;
    let given = args.given()?;
    let (old, new) = given.players()?;
    end_the_run_with_this(&suite)?;
    let trials = new.listed(&suite)?;
    let older = old.describe();
    let alone = new.play(&suite, &trials)?;
    let together = new.together_with(&old, Casting::Upgrade);
    let upgraded = together.play(&suite, &trials)?;
    args.answer(&upgrade::found(&older, &alone, &upgraded, &given.stated))
}
