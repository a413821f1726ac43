//! Which trials a run has on this machine: finds the backends that the selected ones need, and
//! gets what is lacking.

use crate::backend::Availability;
use crate::backend::emulator::{self, get};
use crate::error::BadInput;
use crate::kind::Kind;
use crate::machine::limits;
use crate::machine::under_test::System;
use crate::run::schedule::{Planned, plan};
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::settings::endpoint;

/// The backends that trials need which `selected` leaves in.
pub fn needed(
    scenarios: &[Scenario],
    settings: &Settings,
    selected: impl Fn(&str) -> bool,
) -> Vec<Kind> {
    let needs = |kind: &Kind| {
        scenarios.iter().any(|scenario| {
            scenario.backends.contains(kind) && selected(&scenario.trial_name(*kind))
        })
    };
    let wanted = |kind: &Kind| !settings.pretend_missing.contains(kind) && needs(kind);
    Kind::ALL.into_iter().filter(wanted).collect()
}

/// What must be done before anything is begun. Where a Docker engine answers that the client in
/// this process would not find, this program is run again with that engine in its environment.
///
/// # Errors
/// An emulator that this process would start could not answer all trials that `selected` leaves in.
pub fn enter(
    scenarios: &[Scenario],
    needed: &[Kind],
    selected: impl Fn(&str) -> bool,
) -> Result<(), BadInput> {
    let limit = limits::raise_open_files();
    let looks = |kind: &Kind| *kind != Kind::Filesystem && endpoint::host(*kind).is_none();
    if !needed.iter().any(looks) {
        return Ok(());
    }
    emulator::take_engine_into_environment();
    let is_local = endpoint::host(Kind::S3).is_none() && !emulator::has_engine();
    let on_s3 = |scenario: &&Scenario| {
        scenario.backends.contains(&Kind::S3) && selected(&scenario.trial_name(Kind::S3))
    };
    match limit {
        Some(limit) if is_local && needed.contains(&Kind::S3) => {
            limits::check_open_files(limit, scenarios.iter().filter(on_s3).count())
        }
        _ => Ok(()),
    }
}

/// The trials for a list: nothing is started or tried.
pub fn listed(scenarios: &[Scenario], settings: &Settings) -> Vec<Planned> {
    let mut planned = plan(scenarios, settings, Availability::without_starting);
    planned.retain_mut(|p| {
        if !p.scenario.locks {
            return true;
        }
        match emulator::excludes_by_pin(p.kind) {
            Some(excludes) => excludes,
            None => {
                let unknown = "a run finds out whether locks hold at the endpoint that you name";
                p.unavailable.get_or_insert_with(|| unknown.to_owned());
                true
            }
        }
    });
    planned
}

/// The trials for a run, with the backends tried out that are `needed`: nobody waits for an
/// emulator that no trial of this run will use.
///
/// # Errors
/// An endpoint that the user named does not answer as it should.
pub fn planned(
    scenarios: &[Scenario],
    settings: &Settings,
    needed: &[Kind],
    system: System,
    selected: impl Fn(&str) -> bool,
) -> Result<Vec<Planned>, BadInput> {
    let needs_deno = system == System::Reference
        && scenarios.iter().any(|scenario| {
            let mut kinds = scenario.backends.iter();
            scenario.typescript && kinds.any(|kind| selected(&scenario.trial_name(*kind)))
        });
    // First what the user named: who named it in vain waits for nothing else.
    let (named, others): (Vec<Kind>, Vec<Kind>) = needed
        .iter()
        .partition(|kind| endpoint::host(**kind).is_some());
    Availability::find(&named, settings);
    emulator::insist(&named)?;
    emulator::allow_getting();
    std::thread::scope(|scope| {
        if needs_deno {
            scope.spawn(|| {
                if let Err(why) = get::deno_for_a_run() {
                    eprintln!("swamp-uat: there is no deno: {why}");
                }
            });
        }
        Availability::find(&others, settings);
    });
    let mut planned = plan(scenarios, settings, |kind, settings| {
        if needed.contains(&kind) {
            Availability::of(kind, settings)
        } else {
            Availability::without_starting(kind, settings)
        }
    });
    if std::env::var_os("NEXTEST_RUN_ID").is_some() {
        // What nextest runs was listed as a trial that can run. As an ignored one it would pass.
        for p in &mut planned {
            p.must_run |= Availability::without_starting(p.kind, settings)
                .reason()
                .is_none();
        }
    }
    leave_out_locks(&mut planned, needed, selected);
    Ok(planned)
}

/// Leaves out the trials about locks where the probe found that locks are void, and says so.
fn leave_out_locks(planned: &mut Vec<Planned>, needed: &[Kind], selected: impl Fn(&str) -> bool) {
    for kind in Kind::CLOUD {
        let found = needed
            .contains(&kind)
            .then(|| emulator::of(kind).ok())
            .flatten();
        let excludes = match found {
            Some(emulator) => emulator.capabilities.exclusive_create,
            None => emulator::excludes_by_pin(kind) == Some(true),
        };
        let about_locks = |p: &Planned| p.scenario.locks && p.kind == kind;
        if !excludes {
            let left_out: Vec<&str> = planned
                .iter()
                .filter(|p| about_locks(p) && selected(&p.scenario.trial_name(kind)))
                .map(|p| p.scenario.function)
                .collect();
            if found.is_some() && !left_out.is_empty() {
                eprintln!(
                    "left out on {}: {}: they are about locks, which are void there (a conditional \
                     create succeeds twice)",
                    kind.name(),
                    left_out.join(", ")
                );
            }
            planned.retain(|p| !about_locks(p));
        }
    }
}
