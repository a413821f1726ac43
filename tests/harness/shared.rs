//! The golden that all backends of a scenario share, and those that one has for itself.

use std::path::{Path, PathBuf};

use crate::common::{REFERENCE, Scratch};
use crate::said::{Said, said};

const FOR_ALL: &str = "datastore/namespace/sync/s22_second_push_is_a_no_op@cli.snap";
const OF_GCS: &str = "datastore/namespace/sync/s22_second_push_is_a_no_op@cli@gcs.snap";

/// Runs `filter` on a released swamp that does `before` first, against `goldens`.
fn run(scratch: &Scratch, goldens: &Path, before: &str, filter: &str) -> Said {
    let mut suite = scratch.suite();
    suite
        .arg(filter)
        .env("SWAMP_UAT_SNAPSHOTS", goldens)
        .env("SWAMP_BIN", scratch.released(before))
        .env("SWAMP_UAT_EXTENSIONS", scratch.extensions())
        .env("INSTA_UPDATE", "new");
    said(&mut suite)
}

/// What waits for a review, by its golden.
fn pending(goldens: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(goldens).sort_by_file_name();
    let paths = entries.into_iter().map(|entry| entry.unwrap().into_path());
    let new = paths.filter(|path| path.extension().is_some_and(|end| end == "new"));
    new.map(|path| path.with_extension("")).collect()
}

fn accept(goldens: &[PathBuf]) {
    for golden in goldens {
        let mut new = golden.clone().into_os_string();
        new.push(".new");
        std::fs::rename(new, golden).unwrap();
    }
}

/// Says one word more on every backend.
const ALIKE: &str = "case \"$*\" in 'datastore sync --push') echo hm;; esac";

/// The same, and another one on each: only S3 has credentials.
const UNLIKE: &str =
    "case \"$*\" in 'datastore sync --push') echo hm${AWS_ACCESS_KEY_ID:+ on S3};; esac";

#[test]
fn what_changes_alike_waits_once_and_what_does_not_for_each_backend() {
    for (before, expected) in [(ALIKE, &[FOR_ALL][..]), (UNLIKE, &[FOR_ALL, OF_GCS])] {
        let scratch = Scratch::new();
        let goldens = scratch.goldens();
        run(&scratch, &goldens, before, "::s22_").has(101, &["cargo insta review"]);
        let pending = pending(&goldens);
        let expected: Vec<PathBuf> = expected.iter().map(|it| goldens.join(it)).collect();
        assert_eq!(pending, expected);
        accept(&pending);
        run(&scratch, &goldens, before, "s22").has(0, &[]);
    }
}

#[test]
fn a_backend_that_runs_alone_records_for_itself_and_is_told_when_that_is_needless() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    run(&scratch, &goldens, ALIKE, "s22_second_push_is_a_no_op::gcs").has(101, &[]);
    let of_gcs = pending(&goldens);
    assert_eq!(of_gcs, [goldens.join(OF_GCS)]);
    accept(&of_gcs);
    run(&scratch, &goldens, ALIKE, "s22_second_push_is_a_no_op::gcs").has(0, &[]);
    run(&scratch, &goldens, ALIKE, "s22_second_push_is_a_no_op::s3").has(101, &[]);
    let for_all = pending(&goldens);
    assert_eq!(for_all, [goldens.join(FOR_ALL)]);
    accept(&for_all);
    let needless = format!("{OF_GCS}: it says what the golden for all backends says: remove it");
    run(&scratch, &goldens, ALIKE, "suite::").has(101, &[&needless]);
}

#[test]
fn the_name_of_another_backend_is_a_drift() {
    let scratch = Scratch::new();
    let swamp = scratch.script(
        "swamp",
        &format!(
            "said=$(mktemp)\n{REFERENCE} \"$@\" > \"$said\"\ncode=$?\n\
             sed 's/\\[gcs-sync\\]/[s3-sync]/' \"$said\"\nrm \"$said\"\nexit $code"
        ),
    );
    let on = |backend: &str| {
        let mut suite = scratch.suite();
        suite
            .arg(format!("s69_json_is_all_that_json_prints::{backend}"))
            .env("SWAMP_BIN", &swamp);
        said(&mut suite)
    };
    on("gcs").has(
        101,
        &[
            "drift on the surface cli",
            "\n-[<store>-sync] ",
            "\n+[s3-sync] ",
        ],
    );
    on("s3").has(0, &[]);
}
