//! Plays one trial and judges it: the scenario's own assertions, its deviations, the audit, and
//! every surface against its golden.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::backend::emulator;
use crate::excerpt::excerpt;
use crate::golden::files;
use crate::golden::{self, Info};
use crate::kind::Kind;
use crate::report::causes;
use crate::report::coverage;
use jiff::Timestamp;

use crate::backend::store::Bucket;
use crate::golden::pending::{self, Handed};
use crate::golden::surfaces::{self, RenderedSurface};
use crate::machine::outlet;
use crate::machine::sandbox::{self, Sandbox, World};
use crate::machine::second_world::FewerProcessors;
use crate::machine::strays;
use crate::machine::under_test::{System, UnderTest};
use crate::render::redact::{Finding, machine, wall_clock};
use crate::report::ledger::{Edit, Entry, MetDeviation, Status};
use crate::report::played::PlayedTrial;
use crate::report::recorded::{self, RecordedSurface, RecordedTrial};
use crate::report::repro::{self, Scene};
use crate::run::assertion;
use crate::scenario::Scenario;
use crate::scenario::cast::Cast;
use crate::scenario::record::{Refusal, TrialRecord};
use crate::scenario::trial::Trial;
use crate::secret;
use crate::settings::Settings;
use crate::settings::args::Casting;
use crate::shell::quote;
use crate::words;

/// What all trials of a run share.
#[derive(Debug, Clone)]
pub struct Context {
    /// The user's settings.
    pub settings: Settings,
    /// The system under test.
    pub under_test: UnderTest,
    /// The older swamp that plays a part in each trial, if one does.
    pub older: Option<(Casting, UnderTest)>,
    /// Whether insta may write: not under `--check`, not in CI.
    pub insta_may_write: bool,
    /// Where what each trial showed is kept for a comparison, if it is.
    pub kept: Option<PathBuf>,
    /// When the run began.
    pub started: Instant,
}

impl Context {
    /// Whether this run may record goldens: only on a real swamp, and only if insta may write.
    pub(crate) fn records(&self) -> bool {
        self.under_test.system == System::Real && self.insta_may_write
    }
}

/// A trial that was played and judged.
#[derive(Debug)]
pub struct Judged {
    /// Its line in the ledger.
    pub entry: Entry,
    /// Why it failed, for people; none if it passed (with insta's consent, where it drifted), or
    /// was skipped.
    pub failure: Option<String>,
    /// All that is told of it where something is wrong with it; the entry has as much as a ledger keeps.
    pub report: Option<String>,
}

impl Judged {
    /// A trial that was not played to its end.
    pub fn unplayed(entry: Entry, failure: Option<String>) -> Self {
        Self {
            entry,
            failure,
            report: None,
        }
    }
}

/// One play of a scenario.
struct Played {
    /// When it was played.
    window: RangeInclusive<Timestamp>,
    gathered: TrialRecord,
    sandbox: Sandbox,
    rented: TrialBuckets,
    faces: Vec<RenderedSurface>,
    /// The assertion that ended it early.
    panic: Option<String>,
    /// What became of the backend, if it does not answer any more.
    why_it_died: Option<String>,
    /// The processes that swamp left behind; they are killed.
    strays: Vec<String>,
}

/// The buckets of a trial. They go when this is dropped, unless they are kept.
struct TrialBuckets(Vec<Bucket>);

impl TrialBuckets {
    /// Leaves them where they are, for people to look at; in a run that was broken off they go.
    fn keep(&mut self) {
        for bucket in self.0.drain(..) {
            bucket.give_back();
        }
    }
}

impl Drop for TrialBuckets {
    fn drop(&mut self) {
        for bucket in self.0.iter().filter(|bucket| bucket.outlives_the_run()) {
            // A scenario may have removed it, and an emulator that died took it along.
            if bucket.is_there()
                && let Err(e) = bucket.remove()
            {
                eprintln!("swamp-uat: the bucket {} stays: {e}", bucket.name);
                continue;
            }
            bucket.give_back();
        }
    }
}

/// Plays `scenario` on `kind` and judges it. No secret of the user's environment is in what comes
/// of it.
pub fn judge(context: &Context, scenario: &Scenario, kind: Kind) -> Judged {
    let mut judged = judge_in_the_open(context, scenario, kind);
    let said = [&mut judged.entry.reason, &mut judged.failure];
    for said in said.into_iter().flatten() {
        *said = secret::hide(said).into_owned();
    }
    if judged.failure.is_some() {
        let line = scenario.sentence().map(|(_, line)| line);
        judged.entry.place = line.map(|line| (scenario.file.to_owned(), line));
    }
    judged
}

fn judge_in_the_open(context: &Context, scenario: &Scenario, kind: Kind) -> Judged {
    let start = Instant::now();
    let name = scenario.trial_name(kind);
    let mut entry = Entry::new(scenario, kind, Status::Failed);
    entry.start_ms = millis(context.started.elapsed());
    let mut played = match play(context, scenario, kind.backend(), World::First) {
        Ok(played) => played,
        Err(why) => {
            entry.reason = Some(why.clone());
            return Judged::unplayed(entry, Some(why));
        }
    };
    entry.commands = played.gathered.played.len();
    entry.command_ms = millis(played.gathered.command_time);
    entry.calls = coverage::calls(&played.gathered.transcript);
    if let Some(refusal) = played.gathered.refused.take() {
        return refused(context, entry, kind, &refusal);
    }
    let verdicts = &played.gathered.verdicts;
    entry.deviations = verdicts
        .iter()
        .filter(|v| !v.holds)
        .map(MetDeviation::from)
        .collect();

    let mut failures = own_failures(&played);
    let drifts = compare(context, scenario, kind, &played);
    entry.drifted = drifts.iter().map(|drift| drift.surface.clone()).collect();
    entry.edits = drifts.iter().flat_map(|it| it.edits.clone()).collect();
    let gathered = &played.gathered;
    let faults = causes::faults(
        played.sandbox.root(),
        &gathered.unspoken,
        &gathered.roles,
        &gathered.names(),
    );
    entry.edits.extend(faults);
    let mut recorded = None;
    if failures.is_empty() && context.records() {
        match record(context, scenario, kind, &played, &entry.drifted) {
            Ok(handed) => recorded = Some(handed),
            Err(why) => failures.push(why),
        }
    }
    let excused = recorded.as_ref().is_some_and(|handed| handed.passes);
    entry.status = match (failures.is_empty(), drifts.is_empty()) {
        (false, _) => Status::Failed,
        (true, false) => Status::Drifted,
        (true, true) if entry.deviations.is_empty() => Status::Passed,
        (true, true) => Status::KnownDeviation,
    };
    if !(failures.is_empty() && drifts.is_empty())
        && let Some(why) = played.sandbox.why_it_died()
    {
        failures.insert(0, why);
    }
    entry.reason = failures.first().cloned();
    let unspoken = &played.gathered.unspoken;
    entry.is_among_edits = entry
        .reason
        .as_ref()
        .is_some_and(|it| unspoken.contains(it));
    keep_for_review(context, &entry, recorded.as_mut());
    let failed = !failures.is_empty() || !(drifts.is_empty() || excused);
    let (mut failure, mut all) = (None, None);
    // What a comparison keeps is all that it needs: a sandbox for each change would fill the disk.
    let is_compared = keep_for_comparison(context, &entry, &played);
    if (failed || !drifts.is_empty()) && !is_compared || context.settings.keep {
        write_notes(&name, context, &played);
        played.rented.keep();
        let kept = played.sandbox.keep();
        entry.sandbox = Some(kept.display().to_string());
        failures.extend(drifts.into_iter().map(|drift| drift.report));
        if !failures.is_empty() {
            let mut next: Vec<String> = Vec::new();
            next.extend((!entry.drifted.is_empty()).then(|| advice(context, recorded.as_ref())));
            next.extend(played.gathered.advice.iter().map(|text| (*text).to_owned()));
            // Before it is cut off: what is left of a secret would not be known for one.
            let told = secret::hide(&report(&failures, &kept, &next)).into_owned();
            entry.set_report(&told);
            entry.next = (!next.is_empty()).then(|| next.join("\n"));
            failure = failed.then(|| told.clone());
            all = Some(told);
        }
        if !failed {
            eprintln!("kept: {} of {name}", kept.display());
        }
    } else if !cfg!(test) {
        // Unit tests are no run, at whose end it would go.
        played.sandbox.leave();
    }
    entry.wall_ms = millis(start.elapsed());
    Judged {
        entry,
        failure,
        report: all,
    }
}

/// Keeps what the trial showed, where the run is one side of a comparison; whether it is.
fn keep_for_comparison(context: &Context, entry: &Entry, played: &Played) -> bool {
    let Some(dir) = &context.kept else {
        return false;
    };
    if sandbox::is_broken_off() {
        // Its commands were killed.
        return true;
    }
    let text = |face: &RenderedSurface| (face.surface.name().to_owned(), face.text.clone());
    let surfaces = played.faces.iter().map(text);
    let names = played.gathered.names();
    let trial = PlayedTrial {
        repos: match played.gathered.twins.as_slice() {
            [] => played.gathered.repos_that_played().len(),
            _ => 1,
        },
        by_older: played.gathered.played_by_older(),
        ..PlayedTrial::new(entry, &names, surfaces, played.panic.is_some())
    };
    if let Err(e) = trial.keep(dir) {
        // The comparison finds that it is not there, and says so.
        eprintln!("swamp-uat: {}: {e}", dir.display());
    }
    true
}

/// Keeps what was handed in for a review, so that it can go by cause.
fn keep_for_review(context: &Context, entry: &Entry, recorded: Option<&mut Recorded>) {
    let surfaces = recorded.map(|it| std::mem::take(&mut it.pending));
    let surfaces = surfaces.unwrap_or_default();
    if surfaces.is_empty() {
        return;
    }
    let dir = recorded::trials_beside(&context.settings.ledger);
    if let Err(e) = RecordedTrial::new(entry, surfaces).keep(&dir) {
        // The review says that it does not know what waits, and what to do.
        eprintln!("swamp-uat: {}: {e}", dir.display());
    }
}

/// A trial that the system under test refused: skipped, unless that is about its backend, and the
/// backend is required.
fn refused(context: &Context, mut entry: Entry, kind: Kind, refusal: &Refusal) -> Judged {
    let of_backend = matches!(refusal, Refusal::Backend(_));
    let required = of_backend && context.settings.require.contains(&kind);
    let why = secret::hide(refusal.why()).into_owned();
    entry.status = if required {
        Status::Failed
    } else {
        Status::Skipped
    };
    entry.reason = Some(why.clone());
    Judged::unplayed(entry, required.then_some(why))
}

fn play(
    context: &Context,
    scenario: &Scenario,
    backend: &'static dyn Backend,
    world: World,
) -> Result<Played, String> {
    let _fewer = (world == World::Second).then(FewerProcessors::new);
    let cast = Cast::new(context.under_test.clone(), context.older.clone());
    let versions = cast.versions();
    let modules = context.under_test.deno_cache.as_deref();
    let sandbox = Sandbox::new(world, modules).map_err(|e| e.to_string())?;
    strays::is_played_in(sandbox.top(), scenario.trial_name(backend.kind()));
    let trial = Trial::new(sandbox, cast, backend, context.settings.timeout);
    let panic = caught(|| (scenario.run)(&trial)).err();
    if panic.is_none() {
        trial.look_at_the_end();
    }
    let why_it_died = match panic {
        // Whatever the assertion was about, this is why it failed.
        Some(_) => emulator::why_it_died(backend.kind()),
        None => None,
    };
    let started = trial.started();
    let (mut gathered, sandbox) = trial.close();
    gathered
        .leaks
        .extend(secret::in_files_below(sandbox.root()));
    let strays = strays::end_those_of(&sandbox.top());
    let mut faces = surfaces::faces(&gathered, &sandbox, versions, started, backend);
    let snapshots = &context.settings.snapshots;
    for face in faces.iter_mut().filter(|face| !face.findings.is_empty()) {
        let name = files::held_to(snapshots, scenario, backend.kind(), face.surface);
        let golden = snapshots.join(name);
        let golden = golden::load(&golden).ok().flatten().unwrap_or_default();
        let words = || words::of_goldens(snapshots);
        face.findings
            .retain(|finding| !finding.is_only_a_word(&face.text, &golden, words));
    }
    let buckets = gathered.buckets.iter().map(|(_, bucket)| bucket.clone());
    Ok(Played {
        window: started..=Timestamp::now(),
        rented: TrialBuckets(buckets.collect()),
        gathered,
        sandbox,
        faces,
        panic,
        why_it_died,
        strays,
    })
}

/// What is wrong with a play by itself, before any golden is looked at.
fn own_failures(played: &Played) -> Vec<String> {
    let mut failures: Vec<String> = played.why_it_died.iter().cloned().collect();
    failures.extend(played.panic.iter().cloned());
    if played.panic.is_none() {
        for (_, command) in &played.gathered.unobserved {
            failures.push(format!("{command} was neither snapshotted nor asserted"));
        }
    }
    for stray in &played.strays {
        failures.push(format!(
            "swamp left a process behind, which would have outlived the run (it is killed): {stray}"
        ));
    }
    failures.extend(played.gathered.unspoken.iter().cloned());
    for verdict in played.gathered.verdicts.iter().filter(|v| v.holds) {
        failures.push(verdict.to_string());
    }
    failures.extend(played.gathered.leaks.iter().cloned());
    for face in &played.faces {
        let what = format!("unredacted, on the surface {}", face.surface);
        failures.extend(told(&what, &face.findings));
    }
    failures
}

/// Findings for people: each, and what each kind of them means; none if there are none.
fn told(what: &str, findings: &[Finding]) -> Option<String> {
    const SHOWN: usize = 12;
    let mut lines: Vec<String> = findings
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect();
    if findings.len() > SHOWN {
        lines.push(format!("and {} more", findings.len() - SHOWN));
    }
    let mut advice: Vec<&str> = findings.iter().map(Finding::advice).collect();
    advice.dedup();
    lines.extend(advice.into_iter().map(str::to_owned));
    (!findings.is_empty()).then(|| format!("{what}:\n  {}", lines.join("\n  ")))
}

/// A surface that differs from its golden.
struct Drift {
    surface: String,
    /// How it differs, for people.
    report: String,
    /// Where.
    edits: Vec<Edit>,
}

/// The surfaces that differ from their goldens, each with its report. All of them are compared,
/// however many differ. A play that ended early is compared as far as it came.
fn compare(context: &Context, scenario: &Scenario, kind: Kind, played: &Played) -> Vec<Drift> {
    let dir = &context.settings.snapshots;
    let mut drifts = Vec::new();
    let names = played.gathered.names();
    for face in &played.faces {
        let path = dir.join(files::held_to(dir, scenario, kind, face.surface));
        // The goldens were checked when the run began; one that broke since shows as missing.
        let text = golden::load(&path).ok().flatten();
        let said = match &text {
            None => Some("there is no golden yet; notes/ has what it would be".to_owned()),
            Some(golden) if played.panic.is_some() && golden::begins_with(golden, &face.text) => {
                None
            }
            Some(golden) => {
                golden::difference(golden, &face.text).map(|diff| diff + &raw_beside(face, golden))
            }
        };
        if let Some(said) = said {
            let golden = text.as_deref().unwrap_or(&face.text);
            let edits = causes::edits(face.surface.name(), golden, &face.text, &names);
            let (surface, golden) = (face.surface, path.display());
            drifts.push(Drift {
                edits,
                surface: surface.name().to_owned(),
                report: format!(
                    "drift on the surface {surface}: {golden}
{said}"
                ),
            });
        }
    }
    drifts
}

/// The raw output of the commands that the golden does not know in this form.
fn raw_beside(face: &RenderedSurface, golden: &str) -> String {
    const SHOWN: usize = 2;
    let new: Vec<&str> = face
        .pieces
        .iter()
        .filter(|(redacted, _)| !golden.contains(redacted.trim_end()))
        .map(|(_, raw)| raw.as_str())
        .collect();
    if new.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = new
        .iter()
        .take(SHOWN)
        .map(|raw| excerpt(raw, 50, 500))
        .map(|raw| raw.lines().map(|line| format!("  | {line}\n")).collect())
        .collect();
    format!("raw output of what differs:\n{}", shown.join("\n"))
}

/// What became of the surfaces that were handed to insta.
struct Recorded {
    /// Whether insta calls all of it a pass.
    passes: bool,
    handed: Vec<Handed>,
    /// What waits for a review of it.
    pending: Vec<RecordedSurface>,
}

/// Hands the surfaces to insta, after the trial has given the same text in a second world.
fn record(
    context: &Context,
    scenario: &Scenario,
    kind: Kind,
    played: &Played,
    drifted: &[String],
) -> Result<Recorded, String> {
    let mut recorded = Recorded {
        passes: true,
        handed: Vec::new(),
        pending: Vec::new(),
    };
    let Some(commit) = context.under_test.commit.clone() else {
        return if drifted.is_empty() {
            Ok(recorded)
        } else {
            Err(format!(
                "nothing was recorded: the version {} does not tell its commit, which a golden's \
                 provenance needs\n  next: set SWAMP_UAT_COMMIT to the commit of SWAMP_BIN",
                context.under_test.version
            ))
        };
    };
    if !drifted.is_empty() {
        tells_no_time(context, scenario, kind, played)?;
        second_world_agrees(context, scenario, kind, played)?;
    }
    for face in &played.faces {
        let info = Info::new(
            (scenario.id(), scenario.phase.letter()),
            kind.name(),
            (&context.under_test.version, &commit),
            &face.text,
        );
        let dir = &context.settings.snapshots;
        let differed = drifted.iter().any(|surface| surface == face.surface.name());
        let name = files::recorded_as(scenario, kind, face.surface);
        let held_to = files::held_to(dir, scenario, kind, face.surface);
        if !differed && name != held_to {
            // It says what another backend recorded.
            continue;
        }
        let was = golden::load(&dir.join(&held_to)).ok().flatten();
        let hand = || pending::hand_to_insta(dir, &name, &face.text, &info, scenario);
        let said = caught(hand).err();
        let handed = pending::became(dir, &name, &face.text, differed, said.as_deref())?;
        if differed {
            files::settle(dir, scenario, (kind, face.surface), handed, &face.text);
        }
        if differed && handed == Handed::Pending {
            recorded.pending.push(RecordedSurface {
                surface: face.surface.name().to_owned(),
                golden: name,
                for_all: scenario.golden(face.surface),
                was: was.map(|text| golden::digest(&text)),
                now: golden::digest(&face.text),
            });
        }
        recorded.passes &= said.is_none();
        recorded.handed.push(handed);
    }
    Ok(recorded)
}

/// Whether what would be recorded is without the clock and the calendar, which are the same in a
/// second world that is seconds away. Lines that the golden has were recorded at another time.
fn tells_no_time(
    context: &Context,
    scenario: &Scenario,
    kind: Kind,
    played: &Played,
) -> Result<(), String> {
    let mut failures = Vec::new();
    for face in &played.faces {
        let dir = &context.settings.snapshots;
        let path = dir.join(files::held_to(dir, scenario, kind, face.surface));
        let golden = golden::load(&path).ok().flatten().unwrap_or_default();
        let known: BTreeSet<&str> = golden.lines().collect();
        // What the suite wrote itself is the same at all times.
        let own = |line: &str| line.starts_with("$ ") || line.starts_with("== ");
        let new: Vec<(usize, &str)> = face
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| !known.contains(line) && !own(line))
            .map(|(index, line)| (index + 1, line))
            .collect();
        let mut found = wall_clock::findings(&new, &played.window);
        found.extend(machine::bare_names(&new, words::of_goldens(dir)));
        failures.extend(told(&format!("surface {}", face.surface), &found));
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!(
        "nothing was recorded: the present time, or the name of its user or machine, stands in it, so that its golden would move by \
         itself (if it is only a number or a word that happens to be the same now, record it at \
         another time)\n{}",
        failures.join("\n")
    ))
}

/// Plays the trial again in a world that differs in all that must not show.
fn second_world_agrees(
    context: &Context,
    scenario: &Scenario,
    kind: Kind,
    first: &Played,
) -> Result<(), String> {
    wait_for_another_second();
    let second = play(context, scenario, kind.backend(), World::Second)?;
    let mut failures = own_failures(&second);
    for (face, other) in first.faces.iter().zip(&second.faces) {
        if let Some(diff) = golden::difference(&face.text, &other.text) {
            failures.push(format!("surface {}:\n{diff}", face.surface));
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!(
        "nothing was recorded: played again in a second world (other paths, another home, another \
         PATH, fewer processors, another second), the trial gave another text, so that its golden would move by itself\n{}",
        failures.join("\n")
    ))
}

/// A whole second: whatever a clock began with (the epoch, the start of the machine), it then shows
/// another one.
fn wait_for_another_second() {
    std::thread::sleep(Duration::from_secs(1));
}

/// The file in `notes/` that replays a trial.
const REPRO: &str = "repro.sh";

/// The most bytes of a surface that lie in `notes/` whole.
const MOST_NOTED: usize = 16 << 20;

/// Leaves beside the world what a person needs to look into it.
fn write_notes(name: &str, context: &Context, played: &Played) {
    if sandbox::is_broken_off() {
        // Its sandbox is being removed.
        return;
    }
    let notes = played.sandbox.notes();
    let gathered = &played.gathered;
    let root = played.sandbox.root().to_string_lossy();
    let named = gathered.buckets.iter();
    let scene = Scene {
        root: &root,
        buckets: named
            .map(|(store, bucket)| (store.as_str(), bucket.name.as_str()))
            .collect(),
        endpoints: gathered.endpoints(),
        switches: &context.under_test.switches,
    };
    secret::hide_in_files(notes);
    let mut files = Vec::new();
    // A script replays on one swamp.
    if context.older.is_none() {
        let script = repro::script(name, &context.under_test.path, &scene, &gathered.steps);
        files.push((REPRO.to_owned(), secret::hide(&script).into_owned()));
    }
    for face in &played.faces {
        files.push((format!("{}.txt", face.surface), face.text.clone()));
        files.push((format!("{}.raw.txt", face.surface), face.raw.clone()));
    }
    for (file, text) in files {
        let path = notes.join(file);
        let text = if text.len() > MOST_NOTED {
            excerpt(&text, 50_000, 100)
        } else {
            text
        };
        if let Err(e) = std::fs::write(&path, text) {
            eprintln!("swamp-uat: {}: {e}", path.display());
        }
    }
}

/// The failure of a trial, for people. The last lines are what to do next.
fn report(failures: &[String], kept: &Path, advice: &[String]) -> String {
    let notes = kept.join("notes");
    let script = notes.join(REPRO);
    let mut next: Vec<String> = Vec::new();
    if script.exists() {
        next.push(format!(
            "replay it:  sh {}",
            quote(&script.to_string_lossy())
        ));
    }
    next.push(format!(
        "look at it: {} (raw outputs and surfaces in notes/)",
        quote(&kept.to_string_lossy())
    ));
    next.extend_from_slice(advice);
    format!(
        "{}\n\nnext:\n  {}\n",
        failures.join("\n\n"),
        next.join("\n  ")
    )
}

/// What to do about a drift whose change is intended: by what insta did store, and not by what it
/// should have.
fn advice(context: &Context, recorded: Option<&Recorded>) -> String {
    let has = |what| recorded.is_some_and(|recorded| recorded.handed.contains(&what));
    if let Some(why) = context.under_test.disguise(&context.settings) {
        return format!("the reference must do as the golden says; {why}");
    }
    let advice = match context.under_test.system {
        System::Reference => {
            "the reference must do as the golden says; goldens are recorded with SWAMP_BIN set, \
             never on the reference"
        }
        System::Real if has(Handed::Pending) => {
            "if the change is intended: cargo uat review (by cause), or cargo insta review"
        }
        System::Real if has(Handed::Accepted) => {
            "the golden was written over, as insta was told to: git diff shows the change"
        }
        System::Real if context.insta_may_write => {
            "nothing is pending: first correct what failed above, then run this again"
        }
        System::Real => {
            "if the change is intended: run `cargo insta test --review` with this SWAMP_BIN, \
             outside CI and without --check"
        }
    };
    advice.to_owned()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

thread_local! {
    /// The last panic of this thread while [`caught`] runs on it.
    static PANIC: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Runs `f`; a panic in it becomes a message with its place, and prints nothing.
fn caught<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if outlet::lost(info).is_some() {
                // It is no failure of the trial that nobody reads any more.
                return default(info);
            }
            let quiet = PANIC.with_borrow_mut(|slot| {
                slot.as_mut()
                    .map(|slot| *slot = Some(panic_text(info)))
                    .is_some()
            });
            if !quiet {
                default(info);
            }
        }));
    });
    let outer = PANIC.replace(Some(None));
    let result = catch_unwind(AssertUnwindSafe(f));
    let told = PANIC.replace(outer).flatten();
    result.map_err(|_| told.unwrap_or_else(|| "it panicked".to_owned()))
}

fn panic_text(info: &std::panic::PanicHookInfo<'_>) -> String {
    let text = info.payload_as_str().unwrap_or("it panicked");
    let (text, place) = info.location().map_or_else(
        || (text.to_owned(), String::new()),
        |at| {
            let text = assertion::named(text, Path::new(at.file()), at.line(), at.column());
            (text, format!("\n  at {}:{}", at.file(), at.line()))
        },
    );
    // An assertion about an output shows all of it.
    format!("{}{place}", excerpt(&text, 100, 1_000))
}

#[cfg(test)]
#[path = "play_tests.rs"]
mod tests;
