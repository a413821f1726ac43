//! Bad input: a clear error at once, on one screen, with exit code 2, and nothing lost.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::common::{Scratch, refuses};
use assert_cmd::Command;

#[test]
fn a_swamp_that_does_not_exist() {
    let scratch = Scratch::new();
    let absent = scratch.path("no-swamp");
    let name = absent.to_string_lossy().into_owned();
    refuses(
        scratch.suite().env("SWAMP_BIN", &absent),
        &["SWAMP_BIN is", &name, "No such file"],
    );
}

#[test]
fn a_swamp_that_is_a_directory() {
    let scratch = Scratch::new();
    let dir = scratch.path("tmp");
    refuses(
        scratch.suite().env("SWAMP_BIN", dir),
        &["SWAMP_BIN is", "is a directory"],
    );
}

#[test]
fn a_swamp_that_is_not_executable() {
    let scratch = Scratch::new();
    let path = scratch.script("swamp", "echo swamp 1.2.3");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    refuses(
        scratch.suite().env("SWAMP_BIN", path),
        &["SWAMP_BIN is", "is not executable"],
    );
}

#[test]
fn a_swamp_that_is_not_swamp() {
    let scratch = Scratch::new();
    let parts = ["SWAMP_BIN is \"/bin/true\"", "not swamp"];
    refuses(scratch.suite().env("SWAMP_BIN", "/bin/true"), &parts);
}

#[test]
fn a_swamp_that_hangs_is_killed_and_what_it_said_is_shown() {
    let scratch = Scratch::new();
    let hanging = scratch.script("swamp", "echo loading; sleep 600");
    let parts = ["still running after 1 s", "SWAMP_UAT_TIMEOUT", "loading"];
    refuses(
        scratch
            .suite()
            .env("SWAMP_BIN", hanging)
            .env("SWAMP_UAT_TIMEOUT", "1"),
        &parts,
    );
}

#[test]
fn a_timeout_that_is_no_time() {
    let scratch = Scratch::new();
    refuses(
        scratch.suite().env("SWAMP_UAT_TIMEOUT", "soon"),
        &["SWAMP_UAT_TIMEOUT", "soon"],
    );
}

#[test]
fn a_backend_that_nobody_knows() {
    let scratch = Scratch::new();
    for name in ["SWAMP_UAT_REQUIRE", "SWAMP_UAT_PRETEND_MISSING"] {
        refuses(
            scratch.suite().env(name, "floppy"),
            &[name, "floppy", "filesystem"],
        );
    }
}

#[test]
fn a_temporary_directory_that_cannot_be_written() {
    let scratch = Scratch::new();
    // Root may write wherever a mode forbids it, but not to /proc.
    let read_only = if Path::new("/proc/self").exists() {
        "/proc".into()
    } else {
        let dir = scratch.path("read-only");
        std::fs::create_dir(&dir).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o555)).unwrap();
        dir
    };
    let parts = ["temporary directory", "cannot be written", "TMPDIR"];
    refuses(scratch.suite().env("TMPDIR", read_only), &parts);
}

#[test]
fn a_temporary_directory_in_a_swamp_repository() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path(".swamp.yaml"), "").unwrap();
    let marker = scratch.path(".swamp.yaml").to_string_lossy().into_owned();
    let parts = ["lies in a swamp repository", &marker, "TMPDIR"];
    refuses(&mut scratch.suite(), &parts);
}

#[test]
fn a_ledger_that_cannot_be_written() {
    let scratch = Scratch::new();
    let parts = ["ledger", "cannot be written"];
    refuses(
        scratch.suite().env("SWAMP_UAT_LEDGER", scratch.path("tmp")),
        &parts,
    );
}

const GOLDEN: &str = "datastore/namespace/commands/s03_set_already_set@tree.snap";

fn spoiled(scratch: &Scratch, spoil: impl Fn(String) -> String) -> Command {
    let goldens = scratch.goldens();
    let path = goldens.join(GOLDEN);
    let text = std::fs::read_to_string(&path).unwrap();
    let spoiled = spoil(text.clone());
    assert_ne!(spoiled, text);
    std::fs::write(&path, &spoiled).unwrap();
    let mut suite = scratch.suite();
    suite.env("SWAMP_UAT_SNAPSHOTS", goldens);
    suite
}

#[test]
fn a_golden_that_is_cut_off() {
    for keep in [10, 150, 300] {
        let scratch = Scratch::new();
        let mut suite = spoiled(&scratch, |text| text[..keep].to_owned());
        refuses(
            &mut suite,
            &[GOLDEN, "surface: tree", "cut off", "git restore"],
        );
        let left = std::fs::read_to_string(scratch.path("goldens").join(GOLDEN)).unwrap();
        assert_eq!(left.len(), keep, "the golden was touched");
    }
}

#[test]
fn a_golden_that_was_edited_by_hand() {
    let scratch = Scratch::new();
    let mut suite = spoiled(&scratch, |text| text.replace("scene", "scenes"));
    refuses(
        &mut suite,
        &[GOLDEN, "surface: tree", "edited by hand", "git restore"],
    );
}

#[test]
fn a_golden_with_the_marks_of_a_merge() {
    let scratch = Scratch::new();
    let mut suite = spoiled(&scratch, |text| text.replace("== ", "<<<<<<< ours\n== "));
    refuses(&mut suite, &[GOLDEN, "surface: tree"]);
}

#[test]
fn cargo_uat_passes_the_error_and_its_code_on() {
    let scratch = Scratch::new();
    refuses(scratch.uat().env("SWAMP_BIN", "/bin/true"), &["not swamp"]);
    refuses(
        scratch.uat().env("SWAMP_UAT_REQUIRE", "floppy"),
        &["floppy"],
    );
}
