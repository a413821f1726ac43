//! A swamp that prints without an end, or leaves what cannot be read: the trial ends, with the
//! reason, and so does the run.

use std::time::{Duration, Instant};

use crate::common::{REFERENCE, Scratch};

/// Runs scenario 3 on a swamp that does `before` each command; what the run said, and how long it
/// took. The scenario fails.
#[track_caller]
fn failed(scratch: &Scratch, before: &str) -> (String, Duration) {
    let begun = Instant::now();
    let mut suite = scratch.suite();
    suite
        .args(["s03", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", scratch.released(before))
        .env("INSTA_UPDATE", "no");
    let run = suite.assert().code(101);
    let output = run.get_output();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (said, begun.elapsed())
}

/// The bytes of everything in the scratch directory's `tmp`.
fn left(scratch: &Scratch) -> u64 {
    walkdir::WalkDir::new(scratch.path("tmp"))
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .sum()
}

#[test]
fn a_command_that_prints_without_an_end_is_ended_with_the_reason() {
    for (stream, said_of) in [(1, "standard output"), (2, "standard error")] {
        let scratch = Scratch::new();
        let flood = format!("[ \"$1\" = datastore ] && exec yes 'one more line' >&{stream}");
        let (said, took) = failed(&scratch, &flood);
        let why = format!("it printed more than 8 MiB on its {said_of} and was killed");
        assert!(said.contains(&why), "{said}");
        assert!(said.contains("one more line"), "{said}");
        assert!(took < Duration::from_secs(60), "it took {took:?}");
        assert!(said.len() < 100_000, "the report has {} bytes", said.len());
        assert!(left(&scratch) < 40 << 20, "{} bytes stay", left(&scratch));
        let reason = scratch.ledger()[0].reason.clone().unwrap_or_default();
        assert!(reason.contains("more than 8 MiB"), "{reason}");
        assert!(
            reason.len() < 20_000,
            "the ledger has {} bytes",
            reason.len()
        );
    }
}

#[test]
fn a_report_stays_readable_however_much_a_command_prints() {
    let scratch = Scratch::new();
    // Less than what ends a command, in lines and in one line; asserted outputs, and shown ones.
    let flood =
        "[ \"$1\" = datastore ] && { seq 1 200000; head -c 3000000 /dev/zero | tr '\\0' x; }";
    let (said, took) = failed(&scratch, flood);
    assert!(took < Duration::from_secs(120), "it took {took:?}");
    assert!(said.len() < 200_000, "the report has {} bytes", said.len());
    assert!(said.contains("not shown"), "{said}");
    let reason = scratch.ledger()[0].reason.clone().unwrap_or_default();
    assert!(
        reason.len() < 100_000,
        "the ledger has {} bytes",
        reason.len()
    );
}

#[test]
fn a_report_stays_readable_however_much_a_command_leaves_behind_or_says_in_a_line() {
    let files = "[ \"$1 $2\" = 'datastore namespace' ] && { mkdir -p .swamp/m; (cd .swamp/m && seq 20000 | xargs touch); }";
    let line = "case \"$*\" in 'datastore namespace set'*json) head -c 3000000 /dev/zero | tr '\\0' x; echo; exit;; esac";
    for (flood, part) in [(files, "left behind"), (line, "not of its form")] {
        let scratch = Scratch::new();
        let (said, _) = failed(&scratch, flood);
        assert!(said.contains(part), "{part} is not in {} bytes", said.len());
        assert!(said.contains("not shown"), "{part}");
        assert!(
            said.len() < 200_000,
            "{part}: the report has {} bytes",
            said.len()
        );
    }
}

#[test]
fn a_file_that_would_be_waited_for_ends_the_trial_with_its_name() {
    for fifo in ["../ds/infra/.namespace.json", ".swamp.yaml"] {
        let scratch = Scratch::new();
        // After the last command of the scenario, and before anybody looks.
        let before = format!(
            "case \"$*\" in *'set infra --json') {REFERENCE} \"$@\"; code=$?; [ $code = 0 ] || \
             {{ rm {fifo}; mkfifo {fifo}; }}; exit $code;; esac"
        );
        let (said, took) = failed(&scratch, &before);
        let named = said.contains(fifo.trim_start_matches("../"));
        assert!(named && said.contains("it is a FIFO, not a file"), "{said}");
        assert!(took < Duration::from_secs(60), "{fifo}: it took {took:?}");
    }
}
