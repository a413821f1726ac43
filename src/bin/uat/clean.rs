//! `cargo uat clean`: removes what earlier runs left.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use swamp_uat::backend::leftovers::{buckets, containers};
use swamp_uat::error::BadInput;
use swamp_uat::machine::leftovers::{self, Left, Mode};
use swamp_uat::report::recorder;
use swamp_uat::settings::Settings;

/// Removes the leftovers of earlier runs, and says what it did; or says what it would do.
pub fn clean(mode: Mode) -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    // An endpoint that does not answer is said before anything goes.
    let at_endpoints = buckets::sweep(Duration::ZERO, mode)?;
    let files = leftovers::sweep_telling(Duration::ZERO, mode, &mut progress(mode));
    let containers = containers::sweep(mode);
    let ledgers = recorder::sweep(&settings.ledger, mode);

    let named = |left: &Left| match mode {
        Mode::Remove => left.path.display().to_string(),
        Mode::Look => described(left),
    };
    let (mut removed, mut left, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let mut gone = |what: String, names: Vec<String>| {
        if !names.is_empty() {
            removed.push(format!("{} {what}", names.len()));
            if mode == Mode::Look {
                removed.extend(names.iter().map(|name| format!("  {name}")));
            }
        }
    };
    for (amount, what) in [
        (
            &files.abandoned,
            "sandboxes and other directories of runs that were killed",
        ),
        (
            &files.kept,
            "sandboxes that were kept, of red trials or by SWAMP_UAT_KEEP",
        ),
    ] {
        let mib = amount.bytes.div_ceil(1 << 20);
        let each = amount.each.iter().map(named);
        gone(format!("{what} ({mib} MiB)"), each.collect());
    }
    for at in &at_endpoints {
        gone(format!("buckets at {}", at.endpoint), at.removed.clone());
    }
    gone("containers".to_owned(), containers.removed);
    gone(
        "ledgers of runs that were killed".to_owned(),
        shown(&ledgers),
    );
    let killed = match mode {
        Mode::Remove => "was killed",
        Mode::Look => "would be killed",
    };
    for process in &files.killed {
        removed.push(format!("{process}, which was still running, {killed}"));
    }
    let count = |list: &mut Vec<String>, count: usize, what: &str| {
        if count > 0 {
            list.push(format!("{count} {what}"));
        }
    };
    count(&mut left, files.in_use, "directories of runs that go on");
    count(
        &mut left,
        files.young,
        "directories that were made within the last minute",
    );
    for at in &at_endpoints {
        let of_here = format!("buckets of runs that go on, at {}", at.endpoint);
        count(&mut left, at.in_use, &of_here);
        let of_others = format!(
            "buckets of the last day that runs elsewhere may still use, at {}",
            at.endpoint
        );
        count(&mut left, at.elsewhere, &of_others);
    }
    count(
        &mut left,
        containers.in_use,
        "containers of runs that go on",
    );
    failed.extend(files.failed);
    failed.extend(at_endpoints.into_iter().flat_map(|at| at.failed));
    failed.extend(containers.failed);

    if removed.is_empty() && failed.is_empty() {
        println!("nothing to remove");
    }
    let (done, end) = match mode {
        Mode::Remove => ("removed", ""),
        Mode::Look => (
            "would remove",
            "nothing was removed: `cargo uat clean` does it\n",
        ),
    };
    for (title, list) in [(done, &removed), ("left alone", &left), ("failed", &failed)] {
        if !list.is_empty() {
            println!("{title}:\n  {}", list.join("\n  "));
        }
    }
    if !removed.is_empty() {
        print!("{end}");
    }
    Ok(if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Tells on standard error how far the work is: at once, and every two seconds.
fn progress(mode: Mode) -> impl FnMut(usize, usize) {
    let mut spoken: Option<Instant> = None;
    let what = match mode {
        Mode::Remove => "removing what runs left",
        Mode::Look => "looking at what runs left",
    };
    move |done, all| {
        if spoken.is_none_or(|at| at.elapsed() >= Duration::from_secs(2)) {
            spoken = Some(Instant::now());
            eprintln!("swamp-uat: {what}: {done} of {all} directories");
        }
    }
}

/// What is known of what would go: where it is, its size, its age, and the trial.
fn described(left: &Left) -> String {
    let mut parts = vec![left.path.display().to_string()];
    parts.push(match left.bytes {
        bytes if bytes < 1 << 20 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        bytes => format!("{} MiB", bytes.div_ceil(1 << 20)),
    });
    parts.extend(left.age.map(|age| format!("{} old", long(age))));
    parts.extend(left.trial.clone());
    parts.join("  ")
}

/// A time in its largest unit.
fn long(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds if seconds < 60 * 60 => format!("{} min", seconds / 60),
        seconds if seconds < 48 * 60 * 60 => format!("{} h", seconds / (60 * 60)),
        seconds => format!("{} days", seconds / (24 * 60 * 60)),
    }
}

fn shown(paths: &[PathBuf]) -> Vec<String> {
    let shown = paths.iter().map(|path| path.display().to_string());
    shown.collect()
}
