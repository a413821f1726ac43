//! What a golden stands for, tried from outside: swamps that change a number or a character, show
//! a secret, or have a machine around them whose names are ordinary words.

use std::path::{Path, PathBuf};

use crate::common::{REFERENCE, Scratch, all_said, rewrite};
use swamp_uat::report::ledger::Status;

const CLI: &str = "datastore/namespace/commands/s03_set_already_set@cli.snap";

/// A swamp that does as the reference does, and says it changed by `sed`.
fn saying(scratch: &Scratch, sed: &str) -> PathBuf {
    scratch.script(
        "saying-swamp",
        &format!(
            "out=$(mktemp -d)\n{REFERENCE} \"$@\" > \"$out/1\" 2> \"$out/2\"\ncode=$?\n\
             sed -E '{sed}' \"$out/1\"\nsed -E '{sed}' \"$out/2\" >&2\nrm -r \"$out\"\nexit $code"
        ),
    )
}

/// The name of a scenario's trial on the filesystem.
fn on_a_directory(scratch: &Scratch, scenario: &str) -> String {
    let wanted = format!("::{scenario}_");
    let mut trials = scratch.trials().into_iter();
    trials
        .find(|name| name.contains(&wanted))
        .expect("a trial on the filesystem")
}

fn said(run: &assert_cmd::assert::Assert) -> String {
    all_said(run.get_output())
}

#[test]
fn a_number_that_nothing_of_the_trial_can_be_drifts() {
    for (trial, sed) in [
        ("s26", r#"s/("durationMs": )[0-9]+/\10/"#),
        ("s26", r#"s/("durationMs": )[0-9]+/\1600000/"#),
        ("s38", r#"s/("duration": )[0-9]+/\10/"#),
        ("s38", r#"s/("duration": )[0-9]+/\1987654321/"#),
        ("s33", r"s/ in [0-9]+ms/ in 0ms/"),
        ("s33", r"s/ in [0-9]+ms/ in 86400s/"),
        ("s33", r"s/[0-9:]{8} UTC/99:99:99 UTC/"),
        ("s33", r"s/([0-9]+):([0-9:]{5}) UTC/00:00:00 UTC/"),
        ("s37", r"s/\([0-9]+s ago\)/(31536000s ago)/"),
        ("s37", r"s/\([0-9]+s ago\)/(600s ago)/"),
        ("s37", r"s/timed out after [0-9]+ms/timed out after 0ms/"),
        (
            "s37",
            r"s/timed out after [0-9]+ms/timed out after 120000ms/",
        ),
        ("s12", r#"s/("size": )1[0-9]{2}/\1987654321/"#),
        ("s12", r#"s/("size": )1[0-9]{2}/\112/"#),
        ("s43", r"s/^(  result .*) [0-9]+B/\1 0B/"),
        ("s43", r"s/^(  result .*) [0-9]+B/\1 942MB/"),
        ("s29", r"s/(│ result .*│) 1[0-9]{2}B/\1 999B/"),
        ("s53", r"s/(file\(s\), )[1-9][0-9.]* (K?B)/\1941.9 MB/"),
        ("s53", r#"s/("totalBytes": )[1-9][0-9]*/\15/"#),
        ("s55", r#"s/("totalBytes": )[1-9][0-9]*/\1987654321/"#),
    ] {
        let scratch = Scratch::new();
        let run = scratch
            .suite()
            .args([on_a_directory(&scratch, trial).as_str(), "--exact"])
            .env("SWAMP_BIN", saying(&scratch, sed))
            .assert();
        let said = said(&run);
        let entries = scratch.ledger();
        assert_eq!(entries.len(), 1, "{trial}: {said}");
        assert!(
            matches!(entries[0].status, Status::Drifted | Status::Failed),
            "{trial} {sed}: {said}"
        );
        assert!(
            said.contains("drift on the surface cli"),
            "{trial} {sed}: {said}"
        );
    }
}

#[test]
fn a_home_that_is_an_ordinary_word_disturbs_nothing() {
    for home in ["/", "/root", "/data", "/work", "/infra", "/swamp", "/s3"] {
        let scratch = Scratch::new();
        let filters = ["commands"];
        scratch
            .suite()
            .args(filters)
            .env("HOME", home)
            .assert()
            .success();
    }
}

/// All files below a directory that have `text` in them.
fn files_with(dir: &Path, text: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(dir).into_iter().flatten();
    files
        .map(|entry| entry.into_path())
        .filter(|path| {
            std::fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text))
        })
        .collect()
}

#[test]
fn a_secret_that_swamp_shows_fails_the_trial_and_stands_nowhere() {
    const KEY: &str = "sk-7Qz/0-aB9x";
    let encoded = ["sk-7Qz%2F0-aB9x", "c2stN1F6LzAtYUI5eA"];
    for (variable, value) in [
        ("SWAMP_API_KEY", KEY.to_owned()),
        ("https_proxy", format!("http://me:{KEY}@127.0.0.1:9")),
    ] {
        for shown in [KEY, encoded[0], encoded[1], "sk-7Qz\\n/0-aB9x"] {
            let scratch = Scratch::new();
            let goldens = scratch.goldens();
            let swamp = scratch.released(&format!(
                "if [ \"$3\" = set ]; then printf '%b\\n' 'with {shown}'; fi"
            ));
            let run = scratch
                .suite()
                .arg("::s03_")
                .env("SWAMP_BIN", swamp)
                .env("SWAMP_UAT_SNAPSHOTS", &goldens)
                .env("INSTA_UPDATE", "new")
                .env(variable, &value)
                .assert()
                .code(101);
            let said = said(&run);
            assert!(
                said.contains(&format!("the secret of {variable}")),
                "{said}"
            );
            let kept = PathBuf::from(scratch.ledger()[0].sandbox.clone().expect("kept"));
            for form in [KEY, encoded[0], encoded[1], "/0-aB9x"] {
                assert!(!said.contains(form), "{form}: {said}");
                for dir in [kept.join("notes"), goldens.clone()] {
                    assert_eq!(files_with(&dir, form), Vec::<PathBuf>::new(), "{form}");
                }
                for file in ["ledger.json", "report.md", "report.html", "differences"] {
                    let file = scratch.path(file);
                    assert!(file.exists(), "{}", file.display());
                    assert_eq!(files_with(&file, form), Vec::<PathBuf>::new(), "{form}");
                }
            }
        }
    }
}

#[test]
fn a_secret_that_swamp_shows_is_not_kept_for_a_comparison() {
    let scratch = Scratch::new();
    let key = "sk-7Qz-0-aB9x";
    let swamp = scratch.released(&format!("if [ \"$3\" = set ]; then echo 'with {key}'; fi"));
    let played = scratch.path("played");
    std::fs::create_dir_all(&played).expect("a directory");
    let run = scratch
        .suite()
        .arg("::s03_")
        .arg("--keep-in")
        .arg(&played)
        .env("SWAMP_BIN", swamp)
        .env("SWAMP_API_KEY", key)
        .assert()
        .success();
    let said = said(&run);
    // What is kept is of that trial, and has what stood beside the secret.
    assert!(!files_with(&played, "with ").is_empty(), "{said}");
    assert_eq!(files_with(&played, key), Vec::<PathBuf>::new());
    assert!(!said.contains(key), "{said}");
}

#[test]
fn a_secret_that_swamp_writes_into_a_file_fails_the_trial() {
    let scratch = Scratch::new();
    let swamp = scratch.released(
        "if [ \"$3\" = set ]; then mkdir -p \"$HOME/.config\"; echo k=$https_proxy > \"$HOME/.config/x\"; fi",
    );
    let run = scratch
        .suite()
        .arg("::s03_")
        .env("SWAMP_BIN", swamp)
        .env("INSTA_UPDATE", "no")
        .env("https_proxy", "http://me:sk-7Qz-0-aB9x@127.0.0.1:9")
        .assert()
        .code(101);
    let said = said(&run);
    let told = "the secret of https_proxy stands in the file home/.config/x";
    assert!(said.contains(told), "{said}");
    assert!(!said.contains("sk-7Qz"), "{said}");
}

#[test]
fn a_key_that_is_an_ordinary_word_disturbs_nothing() {
    for key in ["dummy", "x", "infra", "already", ""] {
        let scratch = Scratch::new();
        scratch
            .suite()
            .arg("::s03_")
            .env("SWAMP_API_KEY", key)
            .assert()
            .success();
    }
}

#[test]
fn a_header_that_was_edited_ends_the_run() {
    for (from, to) in [
        ("scenario: 3", "scenario: 4"),
        ("phase: B", "phase: C"),
        ("backend: filesystem", "backend: s3"),
        ("swamp: 2026", "swamp: 2027"),
        ("commit: 06b61472", "commit: 06b61473"),
        ("seal: ", "seal: 0"),
        ("  seal", "  zeal"),
    ] {
        let scratch = Scratch::new();
        let goldens = scratch.goldens();
        let path = goldens.join(CLI);
        let golden = std::fs::read_to_string(&path).expect("a golden");
        assert!(golden.contains(from), "{from}");
        std::fs::write(&path, golden.replacen(from, to, 1)).expect("a golden");
        let run = scratch
            .suite()
            .arg("::s03_")
            .env("SWAMP_UAT_SNAPSHOTS", &goldens)
            .assert()
            .code(2);
        let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(told.contains("its header"), "{from}: {told}");
        assert!(scratch.suite().arg("--list").output().is_ok());
    }
}

#[test]
fn characters_that_nobody_can_see_are_named() {
    for (hidden, named) in [
        ("\u{FEFF}", "<U+FEFF>"),
        ("\u{A0}", "<U+00A0>"),
        ("\u{200B}", "<U+200B>"),
        ("\u{202E}", "<U+202E>"),
        ("\u{AD}", "<U+00AD>"),
        ("\t", "<TAB>"),
        ("\r", "<CR>"),
        // A Cyrillic letter stays as it is: the difference names it.
        ("\u{430}", "U+0430"),
        ("a\u{301}", "U+0301"),
    ] {
        let scratch = Scratch::new();
        let sed = if hidden.chars().next().is_some_and(char::is_alphabetic) {
            format!("s/already/{hidden}lready/")
        } else {
            format!("s/already/al{hidden}ready/")
        };
        let run = scratch
            .suite()
            .arg("::s03_")
            .env("SWAMP_BIN", saying(&scratch, &sed))
            .assert()
            .code(101);
        let said = said(&run);
        let from_drift = said
            .split("drift on the surface cli")
            .nth(1)
            .expect("a drift");
        assert!(from_drift.contains(named), "{named}: {said}");
    }
}

#[test]
fn a_temporary_directory_may_be_called_anything() {
    for name in [
        "with blanks in it",
        "it's `quoted` & ; {} ! *",
        "日本 語",
        &"long and wide ".repeat(15),
        ": colon",
        "- dash",
    ] {
        let scratch = Scratch::new();
        let tmp = scratch.path(name.trim_end());
        std::fs::create_dir(&tmp).expect("a directory");
        for trial in ["s03", "s12", "s44"] {
            let trial = on_a_directory(&scratch, trial);
            let mut suite = scratch.suite();
            suite.args([trial.as_str(), "--exact"]).env("TMPDIR", &tmp);
            let run = suite.assert();
            assert_eq!(
                run.get_output().status.code(),
                Some(0),
                "{name}: {}",
                said(&run)
            );
        }
    }
}

#[test]
fn the_line_that_replays_a_trial_is_for_the_shell() {
    let scratch = Scratch::new();
    let tmp = scratch.path("it's a dir");
    std::fs::create_dir(&tmp).expect("a directory");
    let goldens = scratch.goldens();
    rewrite(&goldens.join(CLI), "already", "allready");
    let run = scratch
        .suite()
        .arg("::s03_")
        .env("TMPDIR", &tmp)
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .assert()
        .code(101);
    let said = said(&run);
    let line = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("replay it:"));
    let replay = std::process::Command::new("sh")
        .args(["-c", line.expect("the line that replays it").trim()])
        .env("TMPDIR", scratch.path("tmp"))
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&replay.stdout).into_owned()
        + &String::from_utf8_lossy(&replay.stderr);
    assert!(
        told.contains("Namespace is already set"),
        "{line:?}: {told}"
    );
}

#[test]
fn a_temporary_directory_that_swamp_writes_in_another_form_is_refused() {
    for name in [
        "a $HOME",
        "a \"b\"",
        "a\\b",
        "a\nb",
        "a#b",
        "a%20b",
        "a?b",
        "a\u{202e}b",
    ] {
        let scratch = Scratch::new();
        let tmp = scratch.path(name);
        std::fs::create_dir(&tmp).expect("a directory");
        let run = scratch
            .suite()
            .arg("::s03_")
            .env("TMPDIR", &tmp)
            .assert()
            .code(2);
        let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(told.contains("in its path: swamp takes"), "{told}");
        assert!(told.contains("next:  set TMPDIR"), "{told}");
    }
}
