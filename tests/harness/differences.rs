//! Where the differences of red trials stand: on the screen while they are few, and in files always.

use std::path::PathBuf;

use crate::common::Scratch;
use crate::said::{files, said};

const FAULT: (&str, &str) = ("SWAMP_REFERENCE_FAULT", "set-skips-manifest");

fn file(scratch: &Scratch, trial: &str) -> PathBuf {
    let name = format!("datastore.namespace.commands.{trial}.filesystem.txt");
    scratch.path("differences").join(name)
}

#[test]
fn the_differences_of_many_trials_are_in_files_and_on_the_screen_only_where_it_is_asked_for() {
    let head = "drift on the surface ";
    let scratch = Scratch::new();
    let few = said(scratch.uat().args(["s02", "s05"]).env(FAULT.0, FAULT.1));
    few.has(101, &["---- datastore::namespace::commands::s05_", head]);
    let many = ["s01", "s02", "s04", "s05"];
    for mut command in [scratch.uat(), scratch.suite()] {
        let run = said(command.args(many).env(FAULT.0, FAULT.1));
        let dir = scratch.path("differences");
        let told = format!(
            "the differences of 4 red trials: {}",
            scratch.path("report.html").display()
        );
        run.has(101, &[&told, &format!("a file each: {}", dir.display())]);
        for said in [&run.out, &run.err] {
            assert!(!said.contains(head), "{said}");
        }
        assert_eq!(files(&dir).len(), 4);
        let text = std::fs::read_to_string(file(&scratch, "s05_set_different_slugs")).unwrap();
        for part in [head, "\n-security/.namespace.json ", "repro.sh"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let all = said(
        scratch
            .uat()
            .args(many)
            .arg("--verbose")
            .env(FAULT.0, FAULT.1),
    );
    assert!(all.out.matches(head).count() >= 4, "{}", all.out);
    // They go with the next run.
    said(scratch.uat().arg("s03")).has(0, &[]);
    assert!(!scratch.path("differences").exists());
}

#[test]
fn each_process_of_nextest_leaves_its_differences_in_a_file() {
    let scratch = Scratch::new();
    let play = |run: &str, trial: &str, fault: bool| {
        let mut suite = scratch.suite();
        suite
            .arg(trial)
            .env("NEXTEST", "1")
            .env("NEXTEST_RUN_ID", run);
        said(suite.envs(fault.then_some(FAULT)))
    };
    for trial in ["s01_set_happy_path", "s05_set_different_slugs"] {
        play("one", trial, true).has(101, &["drift on the surface tree"]);
    }
    for trial in ["s01_set_happy_path", "s05_set_different_slugs"] {
        assert!(file(&scratch, trial).is_file(), "{trial}");
    }
    // A second try was green, and what the first one said goes.
    play("one", "s01_set_happy_path", false).has(0, &[]);
    assert!(!file(&scratch, "s01_set_happy_path").exists());
    assert!(file(&scratch, "s05_set_different_slugs").is_file());
    play("two", "s03", false).has(0, &[]);
    assert!(!scratch.path("differences").exists(), "of another run");
}
