//! `cargo uat clean`: removes what earlier runs left.

use std::process::ExitCode;
use std::time::Duration;

use swamp_uat::error::BadInput;
use swamp_uat::leftovers::{self, Amount, buckets, containers};
use swamp_uat::run;
use swamp_uat::settings::Settings;

/// Removes the leftovers of earlier runs, and says what it did.
pub fn clean() -> Result<ExitCode, BadInput> {
    let settings = Settings::from_env()?;
    // An endpoint that does not answer is said before anything goes.
    let at_endpoints = buckets::sweep(Duration::ZERO)?;
    let files = leftovers::sweep(Duration::ZERO);
    let containers = containers::sweep();
    let ledgers = run::sweep(&settings.ledger);

    let (mut removed, mut left, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let mut amount = |amount: Amount, what: &str| {
        if amount.count > 0 {
            let mib = amount.bytes.div_ceil(1 << 20);
            removed.push(format!("{} {what} ({mib} MiB)", amount.count));
        }
    };
    amount(
        files.abandoned,
        "sandboxes and other directories of runs that were killed",
    );
    amount(
        files.kept,
        "sandboxes that were kept, of red trials or by SWAMP_UAT_KEEP",
    );
    let count = |list: &mut Vec<String>, count: usize, what: &str| {
        if count > 0 {
            list.push(format!("{count} {what}"));
        }
    };
    for process in &files.killed {
        removed.push(format!("{process}, which was still running, was killed"));
    }
    for at in &at_endpoints {
        count(
            &mut removed,
            at.removed,
            &format!("buckets at {}", at.endpoint),
        );
    }
    count(&mut removed, containers.removed, "containers");
    count(&mut removed, ledgers, "ledgers of runs that were killed");
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
    for (title, list) in [
        ("removed", &removed),
        ("left alone", &left),
        ("failed", &failed),
    ] {
        if !list.is_empty() {
            println!("{title}:\n  {}", list.join("\n  "));
        }
    }
    Ok(if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
