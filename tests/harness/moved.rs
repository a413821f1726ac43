//! A build that is used in another checkout than the one that it was made in: after `mv`, after a
//! copy, and where `cargo nextest archive` carried it.

use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use assert_cmd::Command;

use crate::common::{REFERENCE, Scratch};

/// Another checkout: what a run needs of it, and one golden that is not as it was recorded, by which
/// it is known.
fn another_checkout(scratch: &Scratch) -> PathBuf {
    let root = scratch.path("another checkout");
    std::fs::create_dir(&root).unwrap();
    let copied = StdCommand::new("cp")
        .arg("-R")
        .args(["Cargo.toml", "snapshots", "fixtures"].map(own))
        .arg(&root)
        .status()
        .unwrap();
    assert!(copied.success());
    root
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Asserts that the scenario binary works with the goldens of `root` and the reference at
/// `reference`, and nothing of this checkout.
#[track_caller]
fn lives_in(mut suite: Command, root: &Path, reference: &Path) {
    let filter = ["s33_workflow", "--skip", "::s3", "--skip", "::gcs"];
    let run = suite.args(filter).current_dir("/").assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains(&*reference.to_string_lossy()), "{said}");
    let golden = root.join("snapshots/e2e/namespace_features/s33_workflow@cli.snap");
    let text = std::fs::read_to_string(&golden).unwrap();
    std::fs::write(&golden, text.replacen("[EOF]", "[EOF] spoiled", 1)).unwrap();
    let run = suite.assert().code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        said.contains(&*root.join("snapshots").to_string_lossy()),
        "{said}"
    );
}

#[test]
fn a_checkout_that_was_moved_with_its_target_directory_works_with_itself() {
    let scratch = Scratch::new();
    let root = another_checkout(&scratch);
    let suite = scratch.std_suite();
    let moved = root.join("target/debug/deps/uat-1");
    let reference = root.join("target/debug/swamp-reference");
    std::fs::create_dir_all(moved.parent().unwrap()).unwrap();
    std::fs::copy(suite.get_program(), &moved).unwrap();
    std::fs::copy(REFERENCE, &reference).unwrap();
    let mut command = StdCommand::new(&moved);
    for (name, value) in suite.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    for told_by_cargo in ["CARGO_MANIFEST_DIR", "CARGO_BIN_EXE_swamp-reference"] {
        command.env_remove(told_by_cargo);
    }
    lives_in(Command::from_std(command), &root, &reference);
}

#[test]
fn what_nextest_says_of_the_other_checkout_is_followed() {
    let scratch = Scratch::new();
    let root = another_checkout(&scratch);
    let reference = scratch.path("extracted-reference");
    std::fs::copy(REFERENCE, &reference).unwrap();
    let mut suite = scratch.suite();
    suite
        .env("CARGO_MANIFEST_DIR", &root)
        .env("NEXTEST_BIN_EXE_swamp-reference", &reference);
    lives_in(suite, &root, &reference);
}
