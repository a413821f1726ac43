//! `cargo uat review`: what waits, by cause.

use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use assert_cmd::Command;

use crate::common::{REFERENCE, Scratch, refuses, reseal, rewrite};
use crate::said::{CLI, said};

/// The golden of scenario 1 that differs as that of scenario 3 does, which differs once more.
const FIRST: &str = "datastore/namespace/commands/s01_set_happy_path@cli.snap";

/// Goldens that differ from what swamp does: those of scenarios 1 and 3 in the same way, and that of
/// scenario 3 in a second one.
fn differing(scratch: &Scratch) -> PathBuf {
    let goldens = scratch.goldens();
    for name in [FIRST, CLI] {
        rewrite(
            &goldens.join(name),
            "init --tool none",
            "init --tool nobody",
        );
    }
    rewrite(&goldens.join(CLI), "already", "allready");
    goldens
}

/// A run of scenarios on a released swamp, which does `before` first, with this of insta's ways.
fn record(scratch: &Scratch, goldens: &Path, (before, update): (&str, &str), filters: &[&str]) {
    let mut suite = scratch.suite();
    suite
        .args(filters)
        .env("SWAMP_UAT_SNAPSHOTS", goldens)
        .env("SWAMP_BIN", scratch.released(before))
        .env("INSTA_UPDATE", update);
    said(&mut suite).has(
        if update == "new" { 101 } else { 0 },
        &["drifted: ", "s03_set_already_set"],
    );
}

/// Goldens for two of which a text waits: two changes, one in both.
fn waiting(scratch: &Scratch) -> PathBuf {
    let goldens = differing(scratch);
    record(scratch, &goldens, ("", "new"), &["::s01_", "::s03_"]);
    assert!(waits(&goldens, FIRST) && waits(&goldens, CLI));
    goldens
}

fn waits(goldens: &Path, name: &str) -> bool {
    goldens.join(name).with_extension("snap.new").is_file()
}

fn text(goldens: &Path, name: &str) -> String {
    std::fs::read_to_string(goldens.join(name)).expect("a golden")
}

fn review(scratch: &Scratch, goldens: &Path, args: &[&str]) -> Command {
    let mut uat = scratch.uat();
    uat.arg("review")
        .args(args)
        .env("SWAMP_UAT_SNAPSHOTS", goldens);
    uat
}

#[test]
fn a_golden_is_accepted_when_all_its_changes_are_and_is_then_what_insta_would_have_made_of_it() {
    let scratch = Scratch::new();
    let goldens = waiting(&scratch);
    let done = |args: &[&str], parts: &[&str]| {
        said(&mut review(&scratch, &goldens, args)).has(0, parts);
    };
    done(
        &["--list"],
        &[
            "2 change(s) in 2 pending golden(s)",
            "1. open; in 2",
            "2. open; in 1",
        ],
    );
    done(
        &["--show", "2"],
        &[
            "s03_set_already_set@cli.snap, with change 1 (open)",
            "@@ $ swamp datastore namespace set infra  # in infra",
            "  -Error",
        ],
    );
    done(
        &["--accept", "1"],
        &[
            "1 golden(s) accepted, 0 rejected, 1 wait",
            "s03_set_already_set@cli.snap: for change 2",
        ],
    );
    assert!(!waits(&goldens, FIRST) && waits(&goldens, CLI));
    assert!(text(&goldens, CLI).contains("allready"));
    // Another process knows what was decided.
    done(&["--list"], &["1. accepted; in 1", "2. open; in 1"]);
    done(
        &["--accept", "2"],
        &["1 golden(s) accepted, 0 rejected, 0 wait"],
    );
    done(&["--list"], &["no pending golden waits"]);
    let other = Scratch::new();
    let by_insta = differing(&other);
    record(&other, &by_insta, ("", "always"), &["::s01_", "::s03_"]);
    for name in [FIRST, CLI] {
        assert_eq!(text(&goldens, name), text(&by_insta, name), "{name}");
    }
}

#[test]
fn changes_have_the_numbers_of_the_report() {
    let scratch = Scratch::new();
    let goldens = differing(&scratch);
    // It fails, so that nothing of it waits, and its change is the first of the report.
    for name in [
        "s09_unset_happy_path",
        "s10_unset_with_multiple",
        "s06_list_empty",
    ] {
        let golden = format!("datastore/namespace/commands/{name}@cli.snap");
        rewrite(
            &goldens.join(golden),
            "setup filesystem",
            "set up filesystem",
        );
    }
    let strays = "if [ \"$3\" = unset ] || [ \"$3\" = list ]; then : > left-behind; fi";
    let mut uat = scratch.uat();
    uat.args(["::s01_", "::s03_", "::s06_", "::s09_", "::s10_"])
        .env("SWAMP_UAT_SNAPSHOTS", &goldens)
        .env("SWAMP_BIN", scratch.released(strays))
        .env("INSTA_UPDATE", "new");
    said(&mut uat).has(101, &["cargo uat review"]);
    let report = std::fs::read_to_string(scratch.path("report.md")).expect("a report");
    let listed = said(&mut review(&scratch, &goldens, &["--list"])).out;
    let mut shown = 0;
    for section in report.split("\n### ").skip(1) {
        let (number, rest) = section.split_once(". ").expect("a number");
        let line = rest.lines().find(|line| line.starts_with('-'));
        let Some((_, own)) = listed.split_once(&format!("\n{number}. open")) else {
            continue;
        };
        shown += 1;
        let own = own.lines().nth(1).map(str::trim);
        assert_eq!(own, line, "{number}:\n{report}\n{listed}");
    }
    assert!(
        shown == 2 && !listed.contains("\n1. "),
        "{report}\n{listed}"
    );
    assert!(listed.contains("more change(s) of report.md wait in no golden"));
}

#[test]
fn a_golden_is_rejected_when_all_its_changes_are_and_waits_where_they_part() {
    let scratch = Scratch::new();
    let goldens = waiting(&scratch);
    let before = [FIRST, CLI].map(|name| text(&goldens, name));
    let mixed = said(&mut review(
        &scratch,
        &goldens,
        &["--accept", "2", "--reject", "1"],
    ));
    mixed.has(
        0,
        &[
            "0 golden(s) accepted, 1 rejected, 1 wait",
            "change 2 is accepted and 1 rejected",
            "`cargo insta review` shows it",
        ],
    );
    assert!(!waits(&goldens, FIRST) && waits(&goldens, CLI));
    let rest = said(&mut review(&scratch, &goldens, &["--reject", "2"]));
    rest.has(0, &["0 golden(s) accepted, 1 rejected, 0 wait"]);
    assert!(!waits(&goldens, CLI));
    assert_eq!([FIRST, CLI].map(|name| text(&goldens, name)), before);
}

#[test]
fn a_text_that_another_run_changed_after_the_decision_is_asked_about_again() {
    let scratch = Scratch::new();
    let goldens = waiting(&scratch);
    said(&mut review(&scratch, &goldens, &["--accept", "1"])).has(0, &["1 wait"]);
    let says_more = format!(
        "if [ \"$2 $3\" = 'namespace set' ]; then {REFERENCE} \"$@\"; code=$?\n\
         [ $code = 0 ] || [ \"$5\" ] || echo More. >&2; exit $code; fi"
    );
    record(&scratch, &goldens, (&says_more, "new"), &["::s03_"]);
    let listed = said(&mut review(&scratch, &goldens, &["--list"]));
    listed.has(
        0,
        &[
            "1 change(s) in 1 pending golden(s)",
            "1. open; in 1",
            "+More.",
        ],
    );
}

#[test]
fn what_the_reference_recorded_is_refused_and_the_rest_is_reviewed() {
    let scratch = Scratch::new();
    let goldens = waiting(&scratch);
    let pending = goldens.join(FIRST).with_extension("snap.new");
    let file = std::fs::read_to_string(&pending).unwrap();
    let (header, rest) = file.split_once("\n---\n").unwrap();
    let header = reseal(&header.replace("0.1.0-sha.cafe", "0.1.0-reference"));
    assert!(header.contains("-reference"), "{header}");
    std::fs::write(&pending, format!("{header}\n---\n{rest}")).unwrap();
    let accepted = said(&mut review(&scratch, &goldens, &["--accept", "1", "2"]));
    accepted.has(
        1,
        &[
            "1 golden(s) accepted",
            "refused: ",
            "on the reference (0.1.0-reference)",
        ],
    );
    assert!(waits(&goldens, FIRST) && text(&goldens, FIRST).contains("nobody"));
    assert!(!text(&goldens, CLI).contains("nobody"));
}

#[test]
fn what_cannot_be_meant_is_refused_and_nothing_to_review_is_said() {
    let scratch = Scratch::new();
    let goldens = scratch.goldens();
    said(&mut review(&scratch, &goldens, &[])).has(0, &["no pending golden waits"]);
    refuses(
        &mut review(&scratch, &goldens, &["--accept", "1"]),
        &["change 1", "no pending golden waits"],
    );
    // No run here knows of it.
    let pending = goldens.join(FIRST).with_extension("snap.new");
    let golden = text(&goldens, CLI);
    std::fs::write(&pending, golden.replace("scenario: 3", "scenario: 1")).unwrap();
    said(&mut review(&scratch, &goldens, &["--list"])).has(1, &["refused: ", "edited by hand"]);
    std::fs::copy(goldens.join(FIRST), &pending).unwrap();
    rewrite(&pending, "Namespace", "Names");
    said(&mut review(&scratch, &goldens, &["--list"])).has(
        0,
        &[
            "1 pending golden(s) not shown by cause",
            "cargo insta review",
        ],
    );
    let scratch = Scratch::new();
    let goldens = waiting(&scratch);
    for (args, parts) in [
        (
            &["--accept", "3"][..],
            &["change 3", "there is no such change"][..],
        ),
        (&["--show", "0"], &["change 0"]),
        (&["--accept", "1", "--reject", "1"], &["change 1", "too"]),
        (&[], &["there is no terminal", "--list"]),
    ] {
        refuses(&mut review(&scratch, &goldens, args), parts);
    }
    assert!(waits(&goldens, FIRST) && waits(&goldens, CLI));
}

/// Calls the review at a terminal, presses a key after each text that it waits for, and prints what
/// was on the screen. Whatever hangs ends after 30 s.
const AT_TERMINAL: &str = r"
import os, pty, signal, sys
signal.alarm(30)
uat, *script = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(uat, [uat, 'review'])
said = b''
def more():
    try:
        return os.read(fd, 65536)
    except OSError:
        return b''
for step in script:
    text, key = step.rsplit('=', 1)
    begin = len(said)
    while text.encode() not in said[begin:]:
        got = more()
        if not got:
            sys.exit('it ended before ' + text + ':\n' + said.decode())
        said += got
    os.write(fd, key.encode())
while got := more():
    said += got
print(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

/// A review at a terminal, with these texts and keys.
fn at_terminal(scratch: &Scratch, goldens: &Path, script: &[&str]) -> Command {
    let uat = scratch.std_uat();
    let mut python = StdCommand::new("python3");
    python
        .args(["-c", AT_TERMINAL])
        .arg(uat.get_program())
        .args(script)
        .env("SWAMP_UAT_SNAPSHOTS", goldens)
        .env("TERM", "xterm");
    for (name, value) in uat.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    Command::from_std(python)
}

#[test]
fn at_a_terminal_a_key_decides_and_whoever_quits_goes_on_later() {
    let scratch = Scratch::new();
    let goldens = waiting(&scratch);
    let first = said(&mut at_terminal(
        &scratch,
        &goldens,
        &[
            "what was decided is kept=d",
            "its example=a",
            "what was decided is kept=q",
        ],
    ));
    first.has(
        0,
        &[
            "change 1. open; in 2 pending golden(s)",
            "change 2. open",
            "1 golden(s) accepted, 0 rejected, 1 wait",
        ],
    );
    assert!(!waits(&goldens, FIRST) && waits(&goldens, CLI));
    // Ctrl-C: the shell is told, and nothing is decided.
    let interrupted = said(&mut at_terminal(
        &scratch,
        &goldens,
        &["what was decided is kept=\u{3}"],
    ));
    assert_ne!(interrupted.code, Some(0), "{}", interrupted.out);
    assert!(!interrupted.out.contains("panicked"), "{}", interrupted.out);
    let second = said(&mut at_terminal(
        &scratch,
        &goldens,
        &["what was decided is kept=s"],
    ));
    second.has(
        0,
        &[
            "change 2. open",
            "s03_set_already_set@cli.snap, with change 1 (accepted)",
        ],
    );
    assert!(!second.out.contains("change 1. "), "{}", second.out);
    let third = said(&mut at_terminal(
        &scratch,
        &goldens,
        &["what was decided is kept=a"],
    ));
    third.has(0, &["1 golden(s) accepted, 0 rejected, 0 wait"]);
    assert!(!text(&goldens, CLI).contains("allready"));
}
