//! Containers with the suite's mark that a run has left: one that was killed with -9 where there was
//! no `docker` command to remove it.

use crate::machine::temp_dir;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait_timeout::ChildExt;

use crate::machine::leftovers::{self, Mode};

/// The label that names the file of the run which started the container.
pub const RUN_LABEL: &str = "swamp-uat-run";

/// How long the engine may take for an answer.
const LIMIT: Duration = Duration::from_secs(20);

/// The value of [`RUN_LABEL`] for containers of this process.
pub(crate) fn run() -> String {
    let name = super::buckets::name("engine");
    name.trim_start_matches("uat-").to_owned()
}

/// What [`sweep`] did, or would do.
#[derive(Debug, Default)]
pub struct Swept {
    /// The ids of the containers that were removed.
    pub removed: Vec<String>,
    /// How many belong to runs that go on, or that nobody can tell from such.
    pub in_use: usize,
    /// What failed, and why.
    pub failed: Vec<String>,
}

/// Removes the containers that earlier runs on this machine left, where there is a `docker` command
/// and its engine answers.
pub fn sweep(mode: Mode) -> Swept {
    let mut swept = Swept::default();
    let format = format!("{{{{.ID}}}} {{{{.Label \"{RUN_LABEL}\"}}}}");
    let filter = format!("label={RUN_LABEL}");
    let listed = docker(&[
        "ps",
        "--all",
        "--no-trunc",
        "--filter",
        &filter,
        "--format",
        &format,
    ]);
    // No engine, no containers: whoever has one learns from the doctor whether it answers.
    let Some(listed) = listed else {
        return swept;
    };
    let (live, _dead) = leftovers::runs(&temp_dir::base());
    for (id, goes) in judged(&listed, |run| live.contains(run)) {
        if !goes {
            swept.in_use += 1;
        } else if mode == Mode::Look || docker(&["rm", "--force", "--volumes", id]).is_some() {
            swept.removed.push(id.to_owned());
        } else {
            swept.failed.push(format!("docker rm {id} failed"));
        }
    }
    swept
}

/// The ids of the containers, and whether each goes: what a run on another machine has started with
/// the same engine stays, as nobody here knows whether that run goes on.
fn judged(listed: &str, in_use: impl Fn(&str) -> bool) -> Vec<(&str, bool)> {
    let words = listed.lines().filter_map(|line| line.split_once(' '));
    words
        .map(|(id, run)| {
            let name = format!("uat-{run}");
            (id, !in_use(&name) && super::buckets::is_from_here(&name))
        })
        .collect()
}

/// What `docker` says; none if there is none, it fails, or it takes too long.
fn docker(args: &[&str]) -> Option<String> {
    let mut child = Command::new("docker")
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let stdout = child.stdout.take()?;
    let begun = Instant::now();
    let reading = std::thread::spawn(move || std::io::read_to_string(stdout).unwrap_or_default());
    let status = child.wait_timeout(LIMIT).ok().flatten();
    if status.is_none() {
        // It is killed: this takes it off the process table.
        let _ = child.kill();
        let _ = child.wait();
    }
    while !reading.is_finished() && begun.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(5));
    }
    let said = reading.is_finished().then(|| reading.join().ok()).flatten();
    status.filter(|status| status.success()).and(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_run_of_this_machine_has_left_goes() {
        let (left, used) = (run(), run());
        let listed = format!("a {left}\nb {used}\nc elsewhere\nd \n");
        let live = format!("uat-{used}");
        assert_eq!(
            judged(&listed, |run| run == live),
            [("a", true), ("b", false), ("c", false), ("d", false)]
        );
    }
}
