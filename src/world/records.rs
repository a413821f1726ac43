//! The records of runs: what they say of themselves, of the command that made them, and of the data
//! that they wrote.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::forms::{above, named};
use super::{Done, sources, steps};
use crate::forms::exact;
use crate::forms::marker::Marker;
use crate::forms::metadata::Metadata;
use crate::forms::record::{Artifact, Job, Run, Runs, Step, StepProgress, Trigger, WorkflowRun};
use crate::forms::reply::values::{Id, NOBODY, Outcome, SHELL, Time};
use crate::forms::reply::{ensure, same};

pub(super) fn run(path: &Path, it: &Run, done: &Done<'_>) -> Result<(), String> {
    let kind = format!("{}/{}", above(path, 3), above(path, 2));
    same("its method", &above(path, 1), &it.method_name)?;
    let stamp = format!("{:.3}", it.started_at.0).replace([':', '.'], "-");
    named(path, &format!("{}-{stamp}.yaml", it.definition_id.0))?;
    outcome(it.status, done)?;
    let failed = it.status == Outcome::Failed;
    let told = it.error.as_ref();
    ensure(failed == told.is_some(), "an error goes with a failure")?;
    let sound = |message: &str, stack: &str| !message.is_empty() && stack.contains(message);
    ensure(
        told.is_none_or(|error| sound(&error.message, &error.stack)),
        "its error says nothing",
    )?;
    times(&it.started_at, &it.completed_at, done)?;
    let took = it.completed_at.0.duration_since(it.started_at.0);
    let told = i128::from(it.duration_ms);
    same("its duration", &told, &took.as_millis())?;
    ensure(it.retry_count == 0, "it was tried again")?;
    provenance(it, done)?;
    match (&it.provenance.workflow_id, &it.provenance.workflow_run_id) {
        (Some(workflow), Some(run)) => same("its log", &it.log_file, &log_of(workflow, run))?,
        // That log has the moment at which it was opened.
        _ => {
            let begin = format!(
                ".swamp/outputs/{kind}/{}/{}-",
                it.method_name, it.definition_id.0
            );
            let own = it.log_file.starts_with(&begin) && it.log_file.ends_with("Z.log");
            ensure(own, &format!("its log is {}", it.log_file))?;
        }
    }
    // `<datastore>/outputs/<type>/<type>/<method>/<record>`, and the data lies beside `outputs`.
    let beside = path.ancestors().nth(5).unwrap_or(path);
    let data = beside.join("data").join(&kind).join(&it.definition_id.0);
    let mut artifacts = it.artifacts.data_artifacts.iter();
    artifacts.try_for_each(|artifact| wrote(artifact, &data))?;
    let printed = it.artifacts.data_artifacts.iter().any(|artifact| {
        let place = data.join("log").join(artifact.version.to_string());
        artifact.name == "log" && holds_something(&place.join("raw"))
    });
    not_silent(kind == SHELL && printed, &it.log_file, done)
}

/// What a run is about, and who began it.
fn provenance(it: &Run, done: &Done<'_>) -> Result<(), String> {
    let from = &it.provenance;
    let in_workflow = [
        from.workflow_id.is_some(),
        from.workflow_run_id.is_some(),
        from.step_name.is_some(),
    ];
    let by_workflow = from.triggered_by == Trigger::Workflow;
    same("its part in a workflow", &in_workflow, &[by_workflow; 3])?;
    let by = (!by_workflow).then_some(NOBODY);
    same("who began it", &from.initiated_by.as_deref(), &by)?;
    ensure(!from.model_version.is_empty(), "its model has no version")?;
    if done.wrote() {
        let commands: &[&str] = if by_workflow {
            &["workflow run", "workflow resume"]
        } else {
            &["model method run"]
        };
        ensure(
            done.any(|run| commands.iter().any(|command| run.starts_with(command))),
            &format!("no `{}` ran", commands.join("` or `")),
        )?;
    }
    Ok(())
}

/// What a run wrote is there, if it is there at all, under the id that the record has.
fn wrote(artifact: &Artifact, data: &Path) -> Result<(), String> {
    ensure(
        !artifact.name.is_empty() && artifact.version > 0,
        "it wrote data without a name",
    )?;
    let place = data.join(&artifact.name).join(artifact.version.to_string());
    // What a workflow's step wrote is elsewhere, and a copy of a bucket need not have all.
    let Some(there) = Metadata::read(&place)? else {
        return Ok(());
    };
    let what = format!("of {} {}", artifact.name, artifact.version);
    same(&format!("the id {what}"), &artifact.data_id, &there.id)?;
    same(&format!("the tags {what}"), &artifact.tags, &there.tags)
}

/// The log of a workflow's run, seen from its repo.
fn log_of(workflow: &Id, run: &Id) -> String {
    format!(
        ".swamp/workflow-runs/{}/workflow-run-{}.log",
        workflow.0, run.0
    )
}

/// What a run printed is in its log.
fn not_silent(printed: bool, log: &str, done: &Done<'_>) -> Result<(), String> {
    ensure(
        !(printed && is_empty(log, done)),
        "its log is empty, and what it ran printed something",
    )
}

/// Whether there is something in the file at `path`.
fn holds_something(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.len() > 0)
}

/// Whether the log of a run of this repo is there, and empty. Logs of others are elsewhere.
fn is_empty(log: &str, done: &Done<'_>) -> bool {
    let mut logs = repos(done).map(|repo| repo.join(log));
    logs.any(|path| fs::metadata(path).is_ok_and(|data| data.len() == 0))
}

/// The repos that commands ran in.
pub(super) fn repos<'a>(done: &'a Done<'_>) -> impl Iterator<Item = PathBuf> + 'a {
    let repos = done.commands.iter();
    repos.map(|(repo, ..)| done.root.join(repo))
}

/// A run is one of this trial, and ended after it began.
fn times(started: &Time, completed: &Time, done: &Done<'_>) -> Result<(), String> {
    ensure(started.0 <= completed.0, "it ended before it began")?;
    done.is_of_now(started.0)?;
    done.is_of_now(completed.0)
}

/// A run succeeded, unless the command that made its record failed.
pub(super) fn outcome(status: Outcome, done: &Done<'_>) -> Result<(), String> {
    let why = "its status is not \"succeeded\", and the command succeeded";
    ensure(status == Outcome::Succeeded || !done.all_succeeded(), why)
}

/// Whether one of the commands begins a run.
pub(super) fn begins(done: &Done<'_>) -> bool {
    done.wrote() && !done.any(|command| command.starts_with("workflow resume"))
}

/// Whether one of the commands decided about a run that waited, and did no more.
fn decided(done: &Done<'_>) -> bool {
    done.any(|command| {
        let decisions = ["workflow approve", "workflow reject"];
        decisions.iter().any(|begin| command.starts_with(begin))
    })
}

/// A run stands as the command leaves it. What was fetched may stand in any way.
fn stands(status: Outcome, done: &Done<'_>) -> Result<(), String> {
    let may = |begin: &str| done.any(|command| command.starts_with(begin));
    let sound = match status {
        Outcome::Succeeded => !may("workflow reject"),
        Outcome::Suspended => may("workflow run") || may("workflow approve"),
        Outcome::Failed => may("workflow reject") || !done.all_succeeded(),
        _ => false,
    };
    let why = format!("its status is {status:?}, which is none that the command leaves behind");
    ensure(sound || !(done.wrote() || decided(done)), &why)
}

pub(super) fn workflow_run(path: &Path, it: &WorkflowRun, done: &Done<'_>) -> Result<(), String> {
    named(path, &format!("workflow-run-{}.yaml", it.id.0))?;
    same("its workflow", &above(path, 1), &it.workflow_id.0)?;
    stands(it.status, done)?;
    failure(
        it.status,
        it.failed_step.as_ref(),
        it.failure_reason.as_ref(),
    )?;
    let is_over = it.completed_at.is_some();
    same("it has ended", &is_over, &it.status.is_over())?;
    let now = Time(jiff::Timestamp::now());
    let until = it.completed_at.as_ref().unwrap_or(&now);
    times(&it.started_at, until, done)?;
    ensure(
        !it.jobs.is_empty() && !it.workflow_name.is_empty(),
        "it has no job",
    )?;
    for job in &it.jobs {
        within(&it.started_at, job.times(), until)?;
        let from = job.started_at.as_ref().unwrap_or(&it.started_at);
        let to = job.completed_at.as_ref().unwrap_or(until);
        for step in &job.steps {
            within(from, step.times(), to)?;
            step_of(it, job, step)?;
            asked(step, done)?;
            steps::held(path, step, (from, to), done)?;
        }
        let failed = job.steps.iter().any(Step::counts_as_failed);
        same("a job failed", &(job.status == Outcome::Failed), &failed)?;
    }
    let failed = it.jobs.iter().any(|job| job.status == Outcome::Failed);
    same("it failed", &(it.status == Outcome::Failed), &failed)?;
    let mut steps = it.jobs.iter().flat_map(|job| &job.steps);
    let is_open = steps.any(|step| !step.status.is_over());
    ensure(
        it.status != Outcome::Suspended || is_open,
        "it waits, and none of its steps does",
    )?;
    // A run that goes on was given its tags when it began.
    let given = !begins(done) || it.tags == done.given("--tag");
    ensure(given, "it has other tags than it was given")?;
    same("its log", &it.log_file, &log_of(&it.workflow_id, &it.id))?;
    let printed = it.jobs.iter().flat_map(|job| &job.steps).any(printed);
    not_silent(printed, &it.log_file, done)?;
    same("who began it", &it.initiated_by.as_str(), &NOBODY)?;
    same("what began it", &it.trigger_source, &Trigger::Manual)?;
    of_steps(it, done)?;
    sources::of_run(it, done)?;
    indexed(it, done)?;
    let steps = || it.jobs.iter().flat_map(|job| &job.steps);
    let progress = StepProgress {
        completed: steps().filter(|step| step.status.is_over()).count(),
        total: steps().count(),
    };
    same("its progress", &it.step_progress, &progress)
}

/// A step that a person is asked about waits until that has decided, and then is as was decided.
fn asked(step: &Step, done: &Done<'_>) -> Result<(), String> {
    let waits = step.status == Outcome::WaitingApproval;
    let prompt = step.approval_prompt.as_deref();
    let Some(decision) = &step.approval_decision else {
        return same("a step asks something", &prompt.is_some(), &waits);
    };
    ensure(
        prompt.is_some_and(|prompt| !prompt.is_empty()) && !decision.decided_by.is_empty(),
        "a decision is nobody's, or about nothing",
    )?;
    let must = if decision.approved {
        Outcome::Succeeded
    } else {
        Outcome::Failed
    };
    same("the status of a step", &step.status, &must)?;
    if !decision.approved && decision.reason.is_some() {
        same("its error", &step.error, &decision.reason)?;
    }
    done.is_of_now(decision.decided_at.0)
}

/// What a step says of the data that it wrote.
fn step_of(run: &WorkflowRun, job: &Job, step: &Step) -> Result<(), String> {
    let failed = step.status == Outcome::Failed;
    let succeeded = step.status == Outcome::Succeeded;
    same("a step has an error", &step.error.is_some(), &failed)?;
    let output = step.output.as_ref();
    let decided = step.approval_decision.is_some();
    let gave = succeeded && !decided;
    same("a step has an output", &output.is_some(), &gave)?;
    let allowed = step.allowed_failure.is_none_or(|allowed| allowed && failed);
    ensure(allowed, "no failure was allowed")?;
    let artifacts = step.data_artifacts.as_deref();
    let Some(output) = output else {
        return same("what a step wrote", &artifacts.is_some(), &false);
    };
    let told = Some(output.data_artifacts.as_slice());
    same("what a step wrote", &artifacts, &told)?;
    same("a step's type", &output.r#type.as_str(), &"model_method")?;
    ensure(!output.method.is_empty(), "a step has no method")?;
    let of_method = output.data_artifacts.iter();
    for artifact in of_method.filter(|it| !it.is_report()) {
        for (tag, must) in [
            ("modelName", output.model.as_str()),
            ("source", "step-output"),
            ("workflow", &run.workflow_name),
            ("workflowId", &run.workflow_id.0),
            ("workflowRunId", &run.id.0),
            ("job", &job.job_name),
            ("step", &step.step_name),
            ("initiatedBy", NOBODY),
        ] {
            let is = artifact.tags.get(tag).and_then(|value| value.as_str());
            same(&format!("the tag {tag}"), &is, &Some(must))?;
        }
    }
    Ok(())
}

/// A step, its method, and what that wrote.
type Gave<'a> = (&'a String, &'a String, Vec<&'a Artifact>);

/// Each step that gave something has a record in the repo, which says the same of its data.
fn of_steps(run: &WorkflowRun, done: &Done<'_>) -> Result<(), String> {
    let steps = run.jobs.iter().flat_map(|job| &job.steps);
    let gave = steps.filter_map(|step| {
        let method = &step.output.as_ref()?.method;
        let wrote = step.data_artifacts.as_ref()?.iter();
        let wrote = wrote.filter(|it| !it.is_report()).collect();
        Some((&step.step_name, method, wrote))
    });
    let mut gave: Vec<Gave<'_>> = gave.collect();
    let mut records = Vec::new();
    for repo in repos(done) {
        let outputs = WalkDir::new(repo.join(".swamp/outputs"))
            .into_iter()
            .flatten();
        let outputs = outputs.filter(|file| file.path().extension() == Some("yaml".as_ref()));
        for file in outputs {
            let text = fs::read_to_string(file.path()).map_err(|e| e.to_string())?;
            let record: Run = exact::from_yaml(&text)?;
            let of_run = record.provenance.workflow_run_id.as_ref() == Some(&run.id);
            if of_run && record.status == Outcome::Succeeded {
                records.push(record);
            }
        }
    }
    let told = records.iter().filter_map(|record| {
        Some((
            record.provenance.step_name.as_ref()?,
            &record.method_name,
            record.artifacts.data_artifacts.iter().collect(),
        ))
    });
    let mut told: Vec<Gave<'_>> = told.collect();
    let by_id = |it: &Gave<'_>| it.2.first().map(|it| it.data_id.0.clone());
    told.sort_by_cached_key(by_id);
    gave.sort_by_cached_key(by_id);
    // What was pulled from a bucket, decided about, or done before a run went on may be of another
    // repo, which has the records.
    if !begins(done) {
        gave.retain(|it| told.iter().any(|other| by_id(other) == by_id(it)));
    }
    same("what the records of its steps say", &told, &gave)
}

/// The index of runs in the repo says the same of the run.
fn indexed(run: &WorkflowRun, done: &Done<'_>) -> Result<(), String> {
    // It knows nothing of what was fetched.
    if !(done.wrote() || decided(done)) {
        return Ok(());
    }
    let index = format!(
        ".swamp/workflow-runs/{}/.runs-index.json",
        run.workflow_id.0
    );
    for repo in repos(done) {
        let Ok(text) = fs::read_to_string(repo.join(&index)) else {
            continue;
        };
        let index: Runs = exact::from_json(&text)?;
        let Some(entry) = index.entries.get(&run.id.0) else {
            continue;
        };
        let is = (entry.status, &entry.workflow_name, entry.step_progress);
        let must = (run.status, &run.workflow_name, run.step_progress);
        same("what the index of runs says of it", &is, &must)?;
        let is = (&entry.tags, &entry.inputs);
        let inputs = run.inputs.clone().unwrap_or_default();
        same("its tags and inputs there", &is, &(&run.tags, &inputs))?;
        let is = (&entry.started_at, &entry.completed_at);
        same(
            "its times in the index of runs",
            &is,
            &(&run.started_at, &run.completed_at),
        )?;
    }
    Ok(())
}

/// Whether what a step ran printed something.
fn printed(step: &Step) -> bool {
    let log = step.output.as_ref().and_then(|it| it.files.get("log"));
    log.and_then(|log| log.get("log"))
        .is_some_and(|log| log.size > 0)
}

/// The beginning and the end of a part of a run.
type Times<'a> = (Option<&'a Time>, Option<&'a Time>);

impl Job {
    fn times(&self) -> Times<'_> {
        (self.started_at.as_ref(), self.completed_at.as_ref())
    }
}

impl Step {
    fn times(&self) -> Times<'_> {
        (self.started_at.as_ref(), self.completed_at.as_ref())
    }

    fn counts_as_failed(&self) -> bool {
        self.status == Outcome::Failed && self.allowed_failure != Some(true)
    }
}

/// Whether a part of a run lies within the whole.
fn within(from: &Time, (started, completed): Times<'_>, to: &Time) -> Result<(), String> {
    let (started, completed) = (started.unwrap_or(from), completed.unwrap_or(to));
    ensure(
        from.0 <= started.0 && started.0 <= completed.0 && completed.0 <= to.0,
        "a part of it has times outside of the whole",
    )
}

/// Where and why a run failed goes with a failure.
fn failure(status: Outcome, step: Option<&String>, reason: Option<&String>) -> Result<(), String> {
    let failed = status == Outcome::Failed;
    ensure(
        [step.is_some(), reason.is_some()] == [failed; 2],
        "a failed step and a reason go with a failure",
    )
}

/// The index of a workflow's runs has those that have a record, and a log beside it, and no others.
pub(super) fn runs(path: &Path, it: &Runs, done: &Done<'_>) -> Result<(), String> {
    ensure(it.version == 2, "it is of another version")?;
    for (id, entry) in &it.entries {
        Id::try_from(id.clone())?;
        same("its workflow", &above(path, 1), &entry.workflow_id.0)?;
        ensure(!entry.workflow_name.is_empty(), "its workflow has no name")?;
        let ended = entry.completed_at.as_ref();
        same("a run has ended", &ended.is_some(), &entry.status.is_over())?;
        times(&entry.started_at, ended.unwrap_or(&entry.started_at), done)?;
        failure(
            entry.status,
            entry.failed_step.as_ref(),
            entry.failure_reason.as_ref(),
        )?;
        same("what began a run", &entry.trigger_source, &Trigger::Manual)?;
        let StepProgress { completed, total } = entry.step_progress;
        let whole = entry.status != Outcome::Succeeded || completed == total;
        ensure(whole && completed <= total, "a run has another progress")?;
    }
    let mut named: Vec<String> = it.entries.keys().cloned().collect();
    named.sort_unstable();
    let beside = fs::read_dir(path.with_file_name("")).map_err(|e| e.to_string())?;
    let beside = beside.flatten().map(|entry| entry.file_name());
    let logs = beside.filter_map(|name| {
        let id = name.to_str()?.strip_prefix("workflow-run-")?;
        Some(id.strip_suffix(".log")?.to_owned())
    });
    let mut logs: Vec<String> = logs.collect();
    logs.sort_unstable();
    // The log of a run whose record was removed stays.
    logs.retain(|id| named.contains(id) || is_recorded(id, done));
    // A run that was fetched has its log elsewhere.
    named.retain(|id| logs.contains(id) || !is_recorded(id, done));
    same("the runs in it", &named, &logs)
}

/// Whether the record of a run lies in the trial, in a namespace of the repos that were used.
fn is_recorded(id: &str, done: &Done<'_>) -> bool {
    let name = format!("workflow-run-{id}.yaml");
    let repos = done.commands.iter().map(|(repo, ..)| done.root.join(repo));
    let markers = repos.filter_map(|repo| Marker::read(&repo).ok());
    let own: Vec<String> = markers
        .filter_map(|marker| Some(marker.namespace()?.to_owned()))
        .collect();
    let mut files = WalkDir::new(done.root).into_iter().flatten();
    files.any(|file| {
        let namespace = above(file.path(), 3);
        let is_own = own.is_empty() || own.contains(&namespace);
        is_own && file.file_name().to_str() == Some(name.as_str())
    })
}
