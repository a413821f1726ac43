//! The scenario binary's main: checks what it was given, lists or runs the trials, sums up.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use libtest_mimic::{Arguments, Completion, Failed};

use crate::backend::{Availability, Kind, emulator};
use crate::error::{BadInput, EXIT_BAD_INPUT};
use crate::ledger::{Entry, Ledger, Status};
use crate::plan::{Planned, plan};
use crate::play::{self, Context};
use crate::redact;
use crate::scenario::{self, Scenario};
use crate::settings::Settings;
use crate::under_test::{System, UnderTest};
use crate::{exec, golden, sandbox, world};

/// How many trials run side by side on the reference. It answers within milliseconds, so that its
/// trials mostly wait: for pauses between attempts, for locks. A real swamp needs a core for itself.
const THREADS_ON_THE_REFERENCE: usize = 8;

/// The exit code of a run that the user ended, as a shell has it for Ctrl-C.
const EXIT_BROKEN_OFF: u8 = 130;

/// Runs the scenarios as a test binary does. `embedded` is the reference's binary.
pub fn main(scenarios: &[Scenario], embedded: &Path) -> ExitCode {
    let args = Arguments::from_args();
    match run(&args, scenarios, embedded) {
        Ok(code) => code,
        Err(bad) => {
            eprintln!("{bad}");
            ExitCode::from(u8::try_from(EXIT_BAD_INPUT).unwrap_or(1))
        }
    }
}

fn run(args: &Arguments, scenarios: &[Scenario], embedded: &Path) -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    if args.list {
        let planned = plan(scenarios, &settings, Availability::foreseen);
        let mut trials: Vec<_> = planned
            .iter()
            .map(|p| trial(p, &settings, || Ok(Completion::Completed)))
            .collect();
        trials.push(libtest_mimic::Trial::test(SELF_TEST, || Ok(())));
        return Ok(libtest_mimic::run(args, trials).exit_code());
    }
    sandbox::place()?;
    golden::check_all(&settings.snapshots, &goldens(scenarios))?;
    let under_test = UnderTest::resolve(&settings, embedded)?;
    eprintln!("under test: {}", under_test.describe());
    stop_all_on_signals()?;
    let planned = find_backends(args, scenarios, &settings);

    let by_nextest = std::env::var_os("NEXTEST").is_some();
    let ledger = Arc::new(Ledger::open(&settings.ledger, by_nextest)?);
    let context = Arc::new(Context {
        insta_may_write: golden::insta_may_write(|name| std::env::var(name).ok()),
        settings,
        under_test,
        started: Instant::now(),
    });
    note_skips(&planned, &context, &ledger, args);
    let trials = planned
        .iter()
        .map(|p| {
            let (context, ledger) = (Arc::clone(&context), Arc::clone(&ledger));
            let (scenario, kind, why) = (p.scenario, p.kind, p.unavailable.clone());
            trial(p, &context.settings.clone(), move || {
                let judged = match why {
                    Some(why) => unavailable(&scenario, kind, &why),
                    None => play::judge(&context, &scenario, kind),
                };
                ledger.add(&judged.entry);
                match (&judged.failure, judged.skipped()) {
                    (Some(failure), _) => Err(failure.into()),
                    (None, Some(why)) => Ok(Completion::ignored_with(why)),
                    (None, None) => Ok(Completion::Completed),
                }
            })
        })
        .collect();
    let mut trials: Vec<libtest_mimic::Trial> = trials;
    let mut args = args.clone();
    if args.test_threads.is_none() && context.under_test.system == System::Reference {
        args.test_threads = Some(THREADS_ON_THE_REFERENCE);
    }
    let args = &args;
    trials.push(self_test(scenarios, &context));
    let whole = is_whole(args) && planned.iter().all(|p| p.unavailable.is_none());
    let conclusion = libtest_mimic::run(args, trials);
    leave_nothing();
    if sandbox::is_broken_off() {
        return Ok(ExitCode::from(EXIT_BROKEN_OFF));
    }
    if ledger.known_deviations() > 0 {
        eprintln!(
            "known deviations from the plan: {} (`cargo uat` lists them)",
            ledger.known_deviations()
        );
    }
    if conclusion.has_failed() {
        return Ok(conclusion.exit_code());
    }
    // Only a full run that passed has seen all that the rules are for.
    let dead = redact::unfired();
    if whole && !by_nextest && !dead.is_empty() {
        eprintln!(
            "swamp-uat: redaction rules that fired nowhere in this full run: {dead:?}\n  \
             next: remove them, or add the scenario that they are for"
        );
        return Ok(ExitCode::FAILURE);
    }
    let idle = world::unfired();
    if whole && !by_nextest && context.under_test.system == System::Reference && !idle.is_empty() {
        eprintln!(
            "swamp-uat: rows of the table in src/world/table.rs that judged nothing in this full \
             run:\n  {}\n  next: remove them, or add the scenario that they are for",
            idle.join("\n  ")
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(conclusion.exit_code())
}

/// The trials, with the backends tried out that the selected ones need: nobody waits for an
/// emulator that no trial of this run will use.
fn find_backends(args: &Arguments, scenarios: &[Scenario], settings: &Settings) -> Vec<Planned> {
    let needed: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| {
            scenarios.iter().any(|scenario| {
                scenario.backends.contains(kind) && selected(args, &scenario.trial_name(*kind))
            })
        })
        .collect();
    Availability::find(&needed, settings);
    plan(scenarios, settings, |kind, settings| {
        if needed.contains(&kind) {
            Availability::of(kind, settings)
        } else {
            Availability::foreseen(kind, settings)
        }
    })
}

/// A trial for libtest: ignored where its backend is unavailable and nobody requires it.
fn trial(
    planned: &Planned,
    settings: &Settings,
    run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static,
) -> libtest_mimic::Trial {
    let name = planned.scenario.trial_name(planned.kind);
    libtest_mimic::Trial::ignorable_test(name, run).with_ignored_flag(
        planned.unavailable.is_some() && !settings.require.contains(&planned.kind),
    )
}

/// The name of the test that is about the list of scenarios itself.
const SELF_TEST: &str = "suite::scenarios_and_goldens_belong_together";

/// Every id of the plan is there once, every claimed golden is there, and no other. While
/// goldens are recorded a missing one is the trial's own business.
fn self_test(scenarios: &[Scenario], context: &Context) -> libtest_mimic::Trial {
    let mut faults = faults(scenarios, &context.settings.snapshots);
    if context.records() {
        faults.retain(|fault| !fault.ends_with(MISSING));
    }
    libtest_mimic::Trial::test(SELF_TEST, move || match faults.as_slice() {
        [] => Ok(()),
        faults => Err(faults.join("\n").into()),
    })
}

const MISSING: &str = ": the golden is missing";

/// Says which trials are skipped and why, writes them down, and speaks for their goldens.
fn note_skips(planned: &[Planned], context: &Context, ledger: &Ledger, args: &Arguments) {
    for kind in Kind::ALL {
        let skipped: Vec<&Planned> = planned
            .iter()
            .filter(|p| p.kind == kind && p.unavailable.is_some())
            .filter(|p| selected(args, &p.scenario.trial_name(kind)))
            .collect();
        for p in &skipped {
            for surface in kind.backend().surfaces() {
                let golden = p.scenario.golden(kind, *surface);
                golden::mention(&context.settings.snapshots.join(golden));
            }
        }
        let Some(why) = skipped.first().and_then(|p| p.unavailable.as_deref()) else {
            continue;
        };
        if context.settings.require.contains(&kind) || args.ignored || args.include_ignored {
            // They run, and fail with the reason.
            continue;
        }
        eprintln!(
            "skipped on {}: {} trial(s): {why}",
            kind.name(),
            skipped.len()
        );
        for p in skipped {
            ledger.add(&entry(&p.scenario, kind, Status::Skipped, why));
        }
    }
}

/// Whether the filters on the command line leave the trial of that name in.
fn selected(args: &Arguments, name: &str) -> bool {
    let matches = |filter: &String| {
        if args.exact {
            name == filter
        } else {
            name.contains(filter.as_str())
        }
    };
    args.filter.as_ref().is_none_or(matches) && !args.skip.iter().any(matches)
}

/// A trial that must run and cannot.
fn unavailable(scenario: &Scenario, kind: Kind, why: &str) -> play::Judged {
    let failure = format!(
        "the backend {} is required and unavailable: {why}",
        kind.name()
    );
    play::Judged {
        entry: entry(scenario, kind, Status::Failed, &failure),
        failure: Some(failure),
    }
}

fn entry(scenario: &Scenario, kind: Kind, status: Status, reason: &str) -> Entry {
    Entry {
        reason: Some(reason.to_owned()),
        ..Entry::new(scenario, kind, status)
    }
}

fn goldens(scenarios: &[Scenario]) -> Vec<String> {
    scenarios.iter().flat_map(Scenario::goldens).collect()
}

fn is_whole(args: &Arguments) -> bool {
    args.filter.is_none() && args.skip.is_empty() && !args.ignored && !args.bench
}

/// On Ctrl-C and on a termination signal, nothing that the suite started stays.
fn stop_all_on_signals() -> Result<(), BadInput> {
    ctrlc::set_handler(|| {
        sandbox::break_off();
        exec::kill_all();
        leave_nothing();
        std::process::exit(EXIT_BROKEN_OFF.into());
    })
    .map_err(|e| {
        BadInput::new(
            "the handler for Ctrl-C cannot be set",
            e.to_string(),
            "report this as a defect of swamp-uat",
        )
    })
}

/// Stops the emulators that the suite started, and removes the sandboxes meanwhile.
fn leave_nothing() {
    std::thread::scope(|scope| {
        scope.spawn(emulator::stop_all);
        sandbox::remove_all();
    });
}

/// What is wrong with the list of scenarios and the goldens in `dir`: ids that are missing or
/// double, goldens that are missing, goldens that belong to nothing.
pub fn faults(scenarios: &[Scenario], dir: &Path) -> Vec<String> {
    let mut faults = scenario::faults(scenarios);
    let claimed = goldens(scenarios);
    for golden in &claimed {
        if !dir.join(golden).is_file() {
            faults.push(format!("{golden}{MISSING}"));
        }
    }
    for entry in walkdir::WalkDir::new(dir).into_iter().flatten() {
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        let name = path.to_string_lossy();
        let is_golden = entry.file_type().is_file() && !name.ends_with(".snap.new");
        if is_golden && !claimed.iter().any(|golden| *golden == name) {
            faults.push(format!("{name}: it belongs to no scenario"));
        }
    }
    faults
}
