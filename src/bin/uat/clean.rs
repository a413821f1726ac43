//! `cargo uat clean`: removes what earlier runs left.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use swamp_uat::error::BadInput;
use swamp_uat::leftovers::{self, Mode, buckets, containers};
use swamp_uat::run;
use swamp_uat::settings::Settings;

/// Removes the leftovers of earlier runs, and says what it did; or says what it would do.
pub fn clean(mode: Mode) -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    // An endpoint that does not answer is said before anything goes.
    let at_endpoints = buckets::sweep(Duration::ZERO, mode)?;
    let files = leftovers::sweep(Duration::ZERO, mode);
    let containers = containers::sweep(mode);
    let ledgers = run::sweep(&settings.ledger, mode);

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
        gone(format!("{what} ({mib} MiB)"), shown(&amount.paths));
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

fn shown(paths: &[PathBuf]) -> Vec<String> {
    let shown = paths.iter().map(|path| path.display().to_string());
    shown.collect()
}
