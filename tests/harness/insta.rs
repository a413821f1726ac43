//! insta and `cargo insta`: what they are told, what they are asked, and what is said about them.

use std::path::{Path, PathBuf};

use crate::common::{REFERENCE, Scratch};
use crate::said::{CLI, drifting};

/// Runs scenario 3 on a released swamp against goldens that differ; what it said, and its code.
fn drift(scratch: &Scratch, vars: &[(&str, &str)]) -> (String, Option<i32>, PathBuf) {
    let goldens = drifting(scratch);
    let mut suite = scratch.suite();
    suite
        .arg("s03")
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .env("SWAMP_BIN", scratch.released(""))
        .envs(vars.iter().copied());
    let output = suite.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (said, output.status.code(), goldens.join(CLI))
}

fn is_pending(golden: &Path) -> bool {
    golden.with_extension("snap.new").is_file()
}

#[test]
fn the_advice_is_to_review_where_something_is_pending_and_only_there() {
    const REVIEW: &str =
        "if the change is intended: cargo uat review (by cause), or cargo insta review";
    for (vars, pending) in [
        (&[][..], true),
        (&[("INSTA_UPDATE", "new")], true),
        (&[("INSTA_UPDATE", "unseen")], true),
        (&[("INSTA_UPDATE", "no")], false),
        (&[("CI", "true")], false),
        (&[("CI", "0")], true),
        (&[("CI", "true"), ("INSTA_UPDATE", "new")], true),
        (&[("TF_BUILD", "1")], false),
    ] {
        let scratch = Scratch::new();
        let (said, code, golden) = drift(&scratch, vars);
        assert_eq!(code, Some(101), "{said}");
        assert_eq!(is_pending(&golden), pending, "{vars:?}: {said}");
        assert_eq!(said.contains(REVIEW), pending, "{vars:?}: {said}");
    }
}

#[test]
fn what_insta_was_told_to_accept_is_said_to_be_accepted() {
    for vars in [
        &[("INSTA_UPDATE", "always")][..],
        &[("INSTA_UPDATE", "force")],
        &[("INSTA_FORCE_UPDATE", "1")],
    ] {
        let scratch = Scratch::new();
        let (said, _, golden) = drift(&scratch, vars);
        let text = std::fs::read_to_string(&golden).unwrap();
        assert!(!text.contains("allready"), "{vars:?}: {said}");
        assert!(
            !is_pending(&golden) && !said.contains("cargo insta review"),
            "{said}"
        );
        assert!(said.contains("was written over"), "{said}");
    }
}

#[test]
fn what_insta_does_not_take_is_refused_before_any_trial() {
    for (name, value) in [
        ("INSTA_UPDATE", "foo"),
        ("INSTA_OUTPUT", "loud"),
        ("INSTA_FORCE_PASS", "yes"),
    ] {
        let scratch = Scratch::new();
        let run = scratch.suite().arg("s03").env(name, value).assert().code(2);
        let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        for part in [name, value, "found:", "next:"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let scratch = Scratch::new();
    let (said, code, _) = drift(&scratch, &[("INSTA_PENDING_DIR", "/tmp/x")]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("INSTA_PENDING_DIR"), "{said}");
}

#[test]
fn the_configuration_file_of_insta_counts_too() {
    for (update, code, part) in [
        ("no", 101, "cargo insta test --review"),
        ("bogus", 2, "insta.yaml"),
        ("[", 2, "insta.yaml"),
    ] {
        let scratch = Scratch::new();
        let root = scratch.path("root");
        std::fs::create_dir_all(root.join(".config")).unwrap();
        let yaml = format!("behavior:\n  output: none\n  update: {update}\n");
        std::fs::write(root.join(".config/insta.yaml"), yaml).unwrap();
        let root = root.to_str().unwrap();
        let (said, found, golden) = drift(&scratch, &[("INSTA_WORKSPACE_ROOT", root)]);
        assert_eq!(found, Some(code), "{update}: {said}");
        assert!(
            said.contains(part) && !is_pending(&golden),
            "{update}: {said}"
        );
    }
}

#[test]
fn a_snapshot_that_insta_cannot_store_is_a_failure_that_says_so() {
    let scratch = Scratch::new();
    let goldens = drifting(&scratch);
    // A directory in the way: also root cannot write there.
    std::fs::create_dir(goldens.join(CLI).with_extension("snap.new")).unwrap();
    let run = scratch
        .suite()
        .arg("s03")
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .env("SWAMP_BIN", scratch.released(""))
        .assert()
        .code(101);
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(
        said.contains("insta was to store") && said.contains("it is not there"),
        "{said}"
    );
    assert!(said.contains("directory"), "insta's own reason: {said}");
    assert!(!said.contains("cargo insta review"), "{said}");
}

#[test]
fn the_goldens_of_all_scenarios_are_in_use_whatever_runs() {
    let scratch = Scratch::new();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let all: Vec<PathBuf> = walkdir::WalkDir::new(&own)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|end| end == "snap"))
        .collect();
    assert!(all.len() > 150);
    for args in [
        &["s03"][..],
        &["nosuch"],
        &["--list"],
        &["--help"],
        &["--bench"],
        &["--ignored"],
        &["--nosuch"],
        &["s03", "--test-threads", "0"],
    ] {
        let list = scratch.path("references");
        let mut suite = scratch.suite();
        // Goldens elsewhere do not make those in the checkout nobody's.
        suite
            .args(args)
            .env("SWAMP_UAT_SNAPSHOTS", scratch.path("elsewhere"))
            .env("INSTA_SNAPSHOT_REFERENCES_FILE", &list);
        suite.output().unwrap();
        let mentioned = std::fs::read_to_string(&list).unwrap();
        let mentioned: std::collections::HashSet<&str> = mentioned.lines().collect();
        for golden in &all {
            let golden = golden.to_str().unwrap();
            assert!(mentioned.contains(golden), "{args:?}: {golden}");
        }
        std::fs::remove_file(list).unwrap();
    }
    let run = scratch
        .suite()
        .arg("s03")
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", "/nonexistent/list")
        .assert()
        .code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("INSTA_SNAPSHOT_REFERENCES_FILE"), "{said}");
}

#[test]
fn a_snapshot_that_another_run_left_is_named_and_is_no_drift() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    let pending = goldens.join(CLI).with_extension("snap.new");
    std::fs::copy(goldens.join(CLI), &pending).unwrap();
    let warnings = scratch.path("warnings");
    // Where insta tells it after the tests, the suite does not: once is enough.
    for by_insta in [true, false, true, false] {
        let mut command = match warnings.exists() {
            true => scratch.uat(),
            false => scratch.suite(),
        };
        if by_insta {
            command.env("INSTA_WARNINGS_FILE", &warnings);
        }
        let run = command
            .arg("s03")
            .env("SWAMP_UAT_SNAPSHOTS", &goldens)
            .env("INSTA_UPDATE", "no")
            .assert()
            .success();
        let output = run.get_output();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let shown = std::fs::read_to_string(&warnings).unwrap();
        let (text, other) = if by_insta {
            (&shown, &said)
        } else {
            (&said, &String::new())
        };
        assert!(text.contains("pending from an earlier run"), "{text}");
        assert!(text.contains("s03_set_already_set@cli.snap.new"), "{text}");
        assert!(!other.contains("pending from an earlier run"), "{other}");
        assert!(!said.contains("nothing: all is"), "{said}");
        assert!(pending.is_file(), "it is not ours to remove");
    }
}

#[test]
fn a_wrapper_of_the_reference_is_told_why_nothing_is_recorded() {
    let scratch = Scratch::new();
    let goldens = drifting(&scratch);
    let wrapper = scratch.script("wrapper", &format!("exec {REFERENCE} \"$@\""));
    let name = wrapper.to_string_lossy().into_owned();
    for new in [false, true] {
        let mut suite = scratch.suite();
        suite.arg("s03").env("SWAMP_BIN", &wrapper);
        if new {
            let empty = scratch.path("empty");
            std::fs::create_dir(&empty).unwrap();
            suite.env("SWAMP_UAT_SNAPSHOTS", empty);
        } else {
            suite.env("SWAMP_UAT_SNAPSHOTS", &goldens);
        }
        let output = suite.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        for part in [
            &format!("SWAMP_BIN names {name}"),
            "-reference, which is the reference's",
            "nothing is recorded on it",
            "set SWAMP_BIN to a swamp whose `--version`",
        ] {
            assert!(said.contains(part), "{part:?} is missing in:\n{said}");
        }
    }
}
