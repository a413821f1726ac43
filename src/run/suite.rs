//! The scenario binary's main: checks what it was given, lists or runs the trials, sums up.

use crate::machine::temp_dir;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use libtest_mimic::{Completion, Failed};

use crate::backend::leftovers::buckets;
use crate::error::{BadInput, EXIT_BAD_INPUT};
use crate::golden::documents::Documents;
use crate::golden::files;
use crate::golden::pending::{self, Writes};
use crate::golden::{self, Told};
use crate::kind::Kind;
use crate::machine::hangup;
use crate::machine::leftovers;
use crate::machine::leftovers::Mode;
use crate::machine::outlet;
use crate::machine::sandbox;
use crate::machine::under_test::{System, UnderTest};
use crate::render::documents;
use crate::render::redact;
use crate::report;
use crate::report::differences;
use crate::report::junit;
use crate::report::ledger::{self, Entry, Status};
use crate::report::recorder::{self, Recorder, Run};
use crate::report::review;
use crate::run::ending;
use crate::run::find;
use crate::run::play::{self, Context};
use crate::run::schedule::Planned;
use crate::scenario::{self, Scenario};
use crate::settings::Settings;
use crate::settings::args::{Arguments, Casting};
use crate::world;

/// How many trials run side by side on the reference. It answers within milliseconds, so that its
/// trials mostly wait: for pauses between attempts, for locks. A real swamp needs a core for itself.
const THREADS_ON_THE_REFERENCE: usize = 8;

/// Runs the scenarios as a test binary does. `embedded` is the reference's binary.
pub fn main(scenarios: &[Scenario], embedded: &Path) -> ExitCode {
    hangup::heed_nohup();
    outlet::end_when_closed(ending::end_early);
    let done = speak_for_all(scenarios).and_then(|()| {
        let args = match Arguments::of(std::env::args_os()) {
            Ok(args) => args,
            Err(e) if e.use_stderr() => return Err(Refused::Arguments(e)),
            // It asks for help.
            Err(e) => e.exit(),
        };
        let args = args.settled(|name| std::env::var(name).ok())?;
        if args.print_plan {
            let goldens = Settings::from_env()?.snapshots;
            print!("{}", report::plan::render(scenarios, &goldens));
            return Ok(ExitCode::SUCCESS);
        }
        args.begin_log()?;
        run(&args, scenarios, embedded).map_err(Refused::from)
    });
    leftovers::run_is_over();
    done.unwrap_or_else(|refused| {
        if nextest_run().is_none() {
            ledger::forget_last_of_this_machine();
        }
        match refused {
            // Best effort: if standard error is closed, the exit code says it.
            Refused::Arguments(e) => drop(e.print()),
            Refused::Input(bad) => eprintln!("{bad}"),
        }
        ExitCode::from(u8::try_from(EXIT_BAD_INPUT).unwrap_or(1))
    })
}

/// Why nothing ran.
enum Refused {
    Arguments(clap::Error),
    Input(BadInput),
}

impl From<BadInput> for Refused {
    fn from(bad: BadInput) -> Self {
        Self::Input(bad)
    }
}

/// The id of the run of nextest that this process belongs to, if it does.
fn nextest_run() -> Option<String> {
    std::env::var_os("NEXTEST")?;
    let id = std::env::var("NEXTEST_RUN_ID").ok();
    Some(id.unwrap_or_else(|| "nextest".to_owned()))
}

/// Speaks for the goldens of all scenarios, whichever will run, before anything else is looked at.
/// Where other goldens are in use, those in the checkout still belong to their scenarios.
fn speak_for_all(scenarios: &[Scenario]) -> Result<(), Refused> {
    let own = crate::workspace_root().join("snapshots");
    let others = Settings::from_env().ok().map(|settings| settings.snapshots);
    let dirs: Vec<PathBuf> = std::iter::once(own.clone())
        .chain(others.filter(|dir| *dir != own))
        .collect();
    let names = claimed(scenarios);
    pending::mention(
        dirs.iter()
            .flat_map(|dir| names.keys().map(move |name| dir.join(name))),
    )?;
    Ok(())
}

fn run(args: &Arguments, scenarios: &[Scenario], embedded: &Path) -> Result<ExitCode, BadInput> {
    let mut settings = Settings::from_env()?;
    settings.shuffle = shuffled(args).or(settings.shuffle);
    if args.list {
        let planned = find::listed(scenarios, &settings);
        let mut trials: Vec<_> = planned
            .iter()
            .map(|p| trial(p, || Ok(Completion::Completed)))
            .collect();
        trials.push(libtest_mimic::Trial::test(SELF_TEST, || Ok(())));
        return Ok(libtest_mimic::run(&for_runner(args, &trials, None), trials).exit_code());
    }
    args.check_filters(&names(scenarios))?;
    let needed = find::needed(scenarios, &settings, |name| args.selects(name));
    // Before anything is begun: this program may be run again from here.
    find::enter(scenarios, &needed, |name| args.selects(name))?;
    let nextest = nextest_run();
    let recorder = Arc::new(match &nextest {
        Some(id) => Recorder::begin_shared(&settings.ledger, id)?,
        None => Recorder::begin(&settings.ledger, args.run_file.as_deref())?,
    });
    recorder::is_of_this_process(&recorder);
    let ledger = settings.ledger.clone();
    let done = play_all(args, scenarios, embedded, settings, &needed, &recorder);
    // A run that is refused has no ledger, and leaves nothing.
    if done.is_err() {
        recorder.refuse();
    }
    let (run, code) = done?;
    if args.run_file.is_none() && nextest.is_none() {
        // `cargo uat` and nextest sum up themselves.
        eprint!(
            "{}",
            report::summary(&run, report::Verbosity::Counts, &ledger)
        );
        if let Err(e) = report::markdown::write(&run, &ledger) {
            let place = ledger::report_beside(&ledger);
            eprintln!("the report {} could not be written: {e}", place.display());
        }
        if let Err(e) = report::html::write(&run, &ledger) {
            let place = ledger::page_beside(&ledger);
            eprintln!("the page {} could not be written: {e}", place.display());
        }
        report::annotations::tell(&run);
    }
    Ok(code)
}

/// Runs the trials, on the backends that are `needed`; how they ended, and the exit code.
fn play_all(
    args: &Arguments,
    scenarios: &[Scenario],
    embedded: &Path,
    settings: Settings,
    needed: &[Kind],
    recorder: &Arc<Recorder>,
) -> Result<(Run, ExitCode), BadInput> {
    let began = SystemTime::now();
    temp_dir::place()?;
    files::check(&settings.snapshots)?;
    golden::check_all(&settings.snapshots, &claimed(scenarios))?;
    let insta = pending::ask(&settings.snapshots)?;
    review::forget_reviewed(&settings.ledger, &settings.snapshots);
    let under_test = UnderTest::resolve(&settings, embedded)?;
    let older = match (&args.older, args.casting) {
        (Some(path), Some(casting)) => {
            let mut settings = settings.clone();
            settings.swamp_bin = Some(path.clone().into_os_string());
            Some((casting, UnderTest::resolve(&settings, embedded)?))
        }
        _ => None,
    };
    eprintln!("under test: {}", under_test.describe());
    if let Some((casting, older)) = &older {
        let part = match casting {
            Casting::Upgrade => "the scene is set by",
            Casting::Mixed => "every other repo is used by",
        };
        eprintln!("{part} {}", older.describe());
    }
    ending::prepare()?;
    clear_what_is_old();
    let planned = find::planned(scenarios, &settings, needed, under_test.system, |name| {
        args.selects(name)
    })?;
    clear_old_buckets(&planned);
    let context = Arc::new(Context {
        // A comparison has no golden to record.
        insta_may_write: insta == Writes::Something && args.keep_in.is_none(),
        kept: args.keep_in.clone(),
        settings,
        under_test,
        older,
        started: Instant::now(),
    });
    let disguise = context.under_test.disguise(&context.settings);
    files::check_holds_some(&context.settings.snapshots, context.records(), disguise)?;
    if context.records() {
        let selected = planned
            .iter()
            .filter(|p| args.selects(&p.scenario.trial_name(p.kind)));
        let goldens: BTreeSet<String> = selected
            .flat_map(|p| claimed(std::slice::from_ref(&p.scenario)))
            .map(|(golden, _)| golden)
            .collect();
        let dir = &context.settings.snapshots;
        files::check_writable(dir, goldens.iter(), files::may_write)?;
    }
    let checked = args.runs(SELF_TEST, false);
    recorder.plan(to_run(args, &planned), checked);
    note_skips(&planned, recorder, args);
    let failed = Arc::new(AtomicBool::new(false));
    let (fail_fast, by_nextest) = (args.fail_fast, nextest_run().is_some());
    let mut trials: Vec<libtest_mimic::Trial> = planned
        .iter()
        .map(|p| {
            let (context, recorder) = (Arc::clone(&context), Arc::clone(recorder));
            let (scenario, kind, why) = (p.scenario, p.kind, p.unavailable.clone());
            let failed = Arc::clone(&failed);
            trial(p, move || {
                let judged = match why {
                    _ if fail_fast && failed.load(Ordering::SeqCst) => play::Judged::unplayed(
                        entry(&scenario, kind, Status::Skipped, NOT_AFTER_A_FAILURE),
                        None,
                    ),
                    Some(why) => unavailable(&scenario, kind, &why),
                    None => play::judge(&context, &scenario, kind),
                };
                recorder.add(&judged.entry);
                let told = told_in_a_file(&judged, &recorder, &context.settings.ledger);
                match (judged.failure, judged.entry.skipped()) {
                    (Some(failure), _) => {
                        failed.store(true, Ordering::SeqCst);
                        if by_nextest {
                            // It takes this for the message in its JUnit report.
                            eprintln!("Error: {}", junit::message(&judged.entry));
                            return Err(told.unwrap_or(failure).into());
                        }
                        // The last screen tells the rest, or where it is.
                        let short = told.map(|_| junit::message(&judged.entry));
                        Err(short.unwrap_or(failure).into())
                    }
                    (None, Some(why)) => Ok(Completion::ignored_with(why)),
                    (None, None) => Ok(Completion::Completed),
                }
            })
        })
        .collect();
    trials.push(self_test(scenarios, &context, recorder));
    let threads =
        (context.under_test.system == System::Reference).then_some(THREADS_ON_THE_REFERENCE);
    let whole = args.is_whole() && planned.iter().all(|p| p.unavailable.is_none());
    let conclusion = libtest_mimic::run(&for_runner(args, &trials, threads), trials);
    let strays = ending::leave_nothing();
    if sandbox::is_broken_off() {
        let run = recorder.finish(recorder::BROKEN_OFF);
        return Ok((run, ExitCode::from(ending::EXIT_BROKEN_OFF)));
    }
    strays.iter().for_each(|stray| recorder.left_behind(stray));
    // Only a full run that passed has seen all that the rules are for.
    let saw_all = whole && !by_nextest && !conclusion.has_failed();
    let dead = redact::unfired();
    if saw_all && !dead.is_empty() {
        recorder.complain(&format!(
            "redaction rules that fired nowhere in this full run: {dead:?}: remove them, or add \
             the scenario that they are for"
        ));
    }
    if saw_all {
        let goldens = Documents::of(&context.settings.snapshots);
        let lacking = goldens.lack(&documents::noted());
        if !lacking.is_empty() {
            recorder.complain(&format!(
                "fields that swamp printed and no golden shows: {}: show one such document whole, \
                 with `.snapshot()` or `.snapshot_rows(1)`",
                lacking.join("; ")
            ));
        }
    }
    let idle = world::unfired();
    if saw_all && context.under_test.system == System::Reference && !idle.is_empty() {
        recorder.complain(&format!(
            "rows of the table in src/world/table.rs that judged nothing in this full run: {}: \
             remove them, or add the scenario that they are for",
            idle.join("; ")
        ));
    }
    note_other_runs(&context.settings.snapshots, began, recorder);
    let run = recorder.finish("the run ended before it");
    let code = if conclusion.has_failed() {
        conclusion.exit_code()
    } else if !run.left_behind.is_empty() {
        ExitCode::from(recorder::EXIT_RED)
    } else if !run.complaints.is_empty() {
        ExitCode::FAILURE
    } else {
        conclusion.exit_code()
    };
    Ok((run, code))
}

/// Why a trial did not run with `--fail-fast`.
const NOT_AFTER_A_FAILURE: &str = "--fail-fast: another trial had failed before";

/// Keeps what is told of a trial in its file; what is told of it by itself.
fn told_in_a_file(judged: &play::Judged, recorder: &Recorder, ledger: &Path) -> Option<String> {
    if sandbox::is_broken_off() {
        return None;
    }
    let (trial, report) = (&judged.entry.trial, judged.report.as_deref());
    if let Err(e) = differences::keep(ledger, trial, report) {
        let file = differences::file(ledger, trial);
        recorder.complain(&format!(
            "what is red of {trial} could not be written to {}: {e}",
            file.display()
        ));
    }
    report.map(|report| differences::of_one(report, &differences::file(ledger, trial)))
}

/// The seed that the arguments ask for. One that is drawn is told, so that it can be given.
fn shuffled(args: &Arguments) -> Option<String> {
    if let Some(seed) = args.shuffle_seed {
        return Some(seed.to_string());
    }
    if !args.shuffle || args.list {
        return None;
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = now.map_or(0, |now| u64::from(now.subsec_nanos()) ^ now.as_secs());
    eprintln!("order: --shuffle-seed {seed} draws it again");
    Some(seed.to_string())
}

/// The arguments as the crate that runs the trials takes them.
fn for_runner(
    args: &Arguments,
    trials: &[libtest_mimic::Trial],
    threads: Option<usize>,
) -> libtest_mimic::Arguments {
    args.for_runner(trials.iter().map(libtest_mimic::Trial::name), threads)
}

/// The trials that are to run, as if none of them had.
fn to_run(args: &Arguments, planned: &[Planned]) -> Vec<Entry> {
    planned
        .iter()
        .filter(|p| args.runs(&p.scenario.trial_name(p.kind), p.unavailable.is_some()))
        .map(|p| Entry::new(&p.scenario, p.kind, Status::NotRun))
        .collect()
}

/// Names the snapshots that another run left pending. `cargo insta` ends as if this run had.
fn note_other_runs(goldens: &Path, began: SystemTime, recorder: &Recorder) {
    let Some(text) = pending::told(&pending::of_other_runs(goldens, began)) else {
        return;
    };
    match std::env::var_os("INSTA_WARNINGS_FILE") {
        // insta shows it after the tests, whichever runner shows what they say: once is enough.
        Some(list) => {
            pending::warn(Path::new(&list), &text);
            recorder.note("an earlier run left snapshots pending: insta names them below");
        }
        None => recorder.note(&text),
    }
}

/// Removes what earlier runs left more than a day ago, and says so.
fn clear_what_is_old() {
    let swept = leftovers::sweep(leftovers::OLD, Mode::Remove);
    if !swept.did_nothing() {
        let kept = swept.kept.each.len();
        eprintln!(
            "removed what earlier runs left more than a day ago: {} sandboxes ({} of them kept)",
            swept.abandoned.each.len() + kept,
            kept
        );
    }
    for why in swept.failed {
        eprintln!("swamp-uat: it cannot be removed: {why}");
    }
}

/// Removes what earlier runs left more than a day ago in the backends that the user names, and says
/// so.
fn clear_old_buckets(planned: &[Planned]) {
    let is_used = |kind: Kind| {
        planned
            .iter()
            .any(|p| p.kind == kind && p.unavailable.is_none())
    };
    let swept = buckets::sweep_at_named(is_used, leftovers::OLD, Mode::Remove);
    for swept in swept.unwrap_or_default() {
        if !swept.removed.is_empty() {
            eprintln!(
                "removed what earlier runs left more than a day ago: {} buckets at {}",
                swept.removed.len(),
                swept.endpoint
            );
        }
    }
}

/// A trial for libtest: ignored where its backend is unavailable and nobody requires it.
fn trial(
    planned: &Planned,
    run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static,
) -> libtest_mimic::Trial {
    let name = planned.scenario.trial_name(planned.kind);
    libtest_mimic::Trial::ignorable_test(name, run)
        .with_ignored_flag(planned.unavailable.is_some() && !planned.must_run)
}

/// The name of the test that is about the list of scenarios itself.
const SELF_TEST: &str = "suite::scenarios_and_goldens_belong_together";

/// Every id of the plan is there once, every claimed golden is there, and no other. While
/// goldens are recorded a missing one is the trial's own business.
fn self_test(
    scenarios: &[Scenario],
    context: &Context,
    recorder: &Arc<Recorder>,
) -> libtest_mimic::Trial {
    let mut problems = problems(scenarios, &context.settings.snapshots);
    if context.records() {
        problems.retain(|problem| !problem.ends_with(MISSING));
    }
    let recorder = Arc::clone(recorder);
    libtest_mimic::Trial::test(SELF_TEST, move || match problems.as_slice() {
        [] => Ok(()),
        problems => {
            problems
                .iter()
                .for_each(|problem| recorder.complain(problem));
            Err(problems.join("\n").into())
        }
    })
}

const MISSING: &str = ": the golden is missing";

/// Says which trials are skipped and why, and writes them down.
fn note_skips(planned: &[Planned], recorder: &Recorder, args: &Arguments) {
    if args.ignored || args.include_ignored || args.bench {
        // They run, and fail with the reason; or nothing does.
        return;
    }
    for kind in Kind::ALL {
        let skipped: Vec<&Planned> = planned
            .iter()
            .filter(|p| p.kind == kind && p.unavailable.is_some())
            .filter(|p| args.selects(&p.scenario.trial_name(kind)))
            .collect();
        let Some(why) = skipped.first().and_then(|p| p.unavailable.as_deref()) else {
            continue;
        };
        if skipped.iter().all(|p| p.must_run) {
            // They run, and fail with the reason.
            continue;
        }
        eprintln!(
            "skipped on {}: {} trial(s): {why}",
            kind.name(),
            skipped.len()
        );
        for p in skipped {
            recorder.add(&entry(&p.scenario, kind, Status::Skipped, why));
        }
    }
}

/// A trial that must run and cannot.
fn unavailable(scenario: &Scenario, kind: Kind, why: &str) -> play::Judged {
    let failure = format!(
        "the backend {} is required and unavailable: {why}",
        kind.name()
    );
    let entry = entry(scenario, kind, Status::Failed, &failure);
    play::Judged::unplayed(entry, Some(failure))
}

fn entry(scenario: &Scenario, kind: Kind, status: Status, reason: &str) -> Entry {
    Entry {
        reason: Some(reason.to_owned()),
        ..Entry::new(scenario, kind, status)
    }
}

/// The names of all trials, whatever this machine has.
fn names(scenarios: &[Scenario]) -> Vec<String> {
    let of = |scenario: &Scenario| {
        let kinds = scenario.backends.iter();
        kinds
            .map(|kind| scenario.trial_name(*kind))
            .collect::<Vec<_>>()
    };
    let own = [SELF_TEST.to_owned()];
    scenarios.iter().flat_map(of).chain(own).collect()
}

/// The goldens that must be there.
fn needed(scenarios: &[Scenario]) -> Vec<String> {
    scenarios.iter().flat_map(Scenario::goldens).collect()
}

/// All goldens that belong to a scenario, with the file that it stands in.
fn claimed(scenarios: &[Scenario]) -> BTreeMap<String, Told> {
    let of = |scenario: &Scenario| {
        let own = scenario.own_goldens().into_iter().map(|(own, _)| own);
        let all: Vec<String> = scenario.goldens().into_iter().chain(own).collect();
        let told = Told {
            file: scenario.file,
            sentence: scenario.sentence().map(|(sentence, _)| sentence),
        };
        all.into_iter().map(move |golden| (golden, told.clone()))
    };
    scenarios.iter().flat_map(of).collect()
}

/// What is wrong with the list of scenarios and the goldens in `dir`: ids that are missing or
/// double, goldens that are missing, goldens that belong to nothing.
pub fn problems(scenarios: &[Scenario], dir: &Path) -> Vec<String> {
    let mut problems = scenario::problems(scenarios);
    let (needed, claimed) = (needed(scenarios), claimed(scenarios));
    let missing = needed.iter().filter(|golden| !dir.join(golden).is_file());
    problems.extend(missing.map(|golden| format!("{golden}{MISSING}")));
    let needless = files::needless(dir, scenarios).into_iter();
    problems.extend(needless.map(|golden| {
        format!("{golden}: it says what the golden for all backends says: remove it")
    }));
    for entry in walkdir::WalkDir::new(dir).into_iter().flatten() {
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        let name = path.to_string_lossy();
        let is_golden = entry.file_type().is_file() && !name.ends_with(".snap.new");
        if is_golden && !claimed.contains_key(&*name) {
            problems.push(format!("{name}: it belongs to no scenario"));
        }
    }
    problems
}
