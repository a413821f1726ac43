//! The cloud backends as the suite finds, starts, watches and stops them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use swamp_uat::backend::buckets;
use swamp_uat::backend::emulator::{self, container, install, process};
use swamp_uat::kind::Kind;
use swamp_uat::report::ledger::Status;

use crate::common::{Scratch, wait_for};

/// The emulator of `kind`, which is got as a run gets it. Where it cannot be had, the tests that need
/// it fail: a test that did not run has not passed.
pub fn emulator_of(kind: Kind) -> install::Program {
    emulator::allow_getting();
    emulator::local(kind).unwrap_or_else(|why| panic!("the emulator of {}: {why}", kind.name()))
}

pub fn start(kind: Kind) -> process::Running {
    process::start(kind, &emulator_of(kind)).unwrap()
}

/// The processes whose environment names the scratch directory: whatever the suite started there.
fn processes_of(scratch: &Scratch) -> Vec<i32> {
    let mark = scratch.path("tmp").to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else {
            continue;
        };
        let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environ).contains(&mark) {
            found.push(pid);
        }
    }
    found
}

fn emulators_left(scratch: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(scratch.path("tmp")).unwrap().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("emulator"))
        .collect()
}

fn assert_nothing_left(scratch: &Scratch) {
    let gone = wait_for(|| processes_of(scratch).is_empty() && emulators_left(scratch).is_empty());
    let (processes, dirs) = (processes_of(scratch), emulators_left(scratch));
    assert!(gone, "left: processes {processes:?}, directories {dirs:?}");
}

#[test]
fn listings_go_to_the_last_page() {
    for (kind, keys, page) in [(Kind::S3, 1005, buckets::PAGE), (Kind::Gcs, 25, 10)] {
        let running = start(kind);
        let client = emulator::client(kind, &running.endpoint);
        client.create("many-keys").unwrap();
        let expected: Vec<String> = (0..keys).map(|i| format!("a/{i:04} é")).collect();
        for key in &expected {
            client.put("many-keys", key, b"x").unwrap();
        }
        let listed = client.list("many-keys", page).unwrap();
        let listed: Vec<String> = listed.into_iter().map(|object| object.key).collect();
        assert_eq!(listed, expected, "{kind:?}");
        buckets::remove_all(client.as_ref(), "many-keys").unwrap();
        assert!(client.list("many-keys", page).is_err());
    }
}

#[test]
fn the_observer_reads_what_it_wrote_and_sees_what_was_written_again() {
    for kind in Kind::CLOUD {
        let running = start(kind);
        let client = emulator::client(kind, &running.endpoint);
        client.create("versions").unwrap();
        assert!(client.put_new("versions", "k", b"one").unwrap());
        let seen = || client.list("versions", buckets::PAGE).unwrap();
        let first = seen();
        assert_eq!((first.len(), first[0].size), (1, 3));
        assert_eq!(seen(), first);
        client.put("versions", "k", b"three").unwrap();
        client.put("versions", "twin", b"three").unwrap();
        let second = seen();
        assert_eq!((second.len(), second[0].size), (2, 5));
        assert_ne!(second[0].version, first[0].version, "{kind:?}");
        assert_ne!(second[0].digest, first[0].digest, "{kind:?}");
        assert_eq!(second[0].digest, second[1].digest, "{kind:?}");
        assert_eq!(client.get("versions", "k").unwrap().unwrap(), b"three");
        assert_eq!(client.get("versions", "absent").unwrap(), None);
    }
}

/// Where the emulators of a run come from.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    Process,
    Container,
}

impl Origin {
    /// The suite, which finds its emulators there.
    fn suite(self, scratch: &Scratch) -> Command {
        let mut suite = scratch.std_suite();
        if self == Self::Container {
            // The engine of the user, as for the `docker` command of this test.
            match std::env::var_os("DOCKER_HOST").filter(|host| !host.is_empty()) {
                Some(host) => suite.env("DOCKER_HOST", host),
                None => suite.env_remove("DOCKER_HOST"),
            };
            suite.env("SWAMP_UAT_EMULATORS", scratch.path("none"));
        }
        suite
    }

    /// What is left of the emulators that the suite with this process id started.
    fn left(self, scratch: &Scratch, suite: u32) -> Vec<String> {
        match self {
            Self::Process => emulators_left(scratch),
            Self::Container => containers_of(suite),
        }
    }
}

/// The containers that the suite with this process id started.
fn containers_of(suite: u32) -> Vec<String> {
    let filter = format!("label={}={suite}", container::LABEL);
    let listed = Command::new("docker")
        .args(["ps", "--all", "--quiet", "--filter", &filter])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&listed.stderr);
    assert!(listed.status.success(), "docker ps: {said}");
    let ids = String::from_utf8_lossy(&listed.stdout).into_owned();
    ids.lines().map(str::to_owned).collect()
}

/// The suite with a swamp that never answers, busy with its first trials on the cloud backends.
fn hanging(scratch: &Scratch, origin: Origin) -> Child {
    let swamp = scratch.released(&format!(
        "[ \"$1\" = repo ] && {{ touch {}; sleep 600; }}",
        scratch.path("hangs").display()
    ));
    let mut suite = origin.suite(scratch);
    let mut suite = suite
        .arg("sync::")
        .env("SWAMP_BIN", swamp)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = wait_for(|| scratch.path("hangs").exists());
    let emulators = origin.left(scratch, suite.id()).len();
    if !begun || emulators != Kind::CLOUD.len() {
        suite.kill().unwrap();
        panic!("trials began: {begun}, emulators: {emulators}");
    }
    suite
}

#[test]
fn an_emulator_ends_with_the_run_however_that_ends() {
    let _ = Kind::CLOUD.map(emulator_of);
    emulators_end_with_the_run(Origin::Process);
}

#[test]
#[ignore = "needs Docker and the images; the gate runs it where they can be had"]
fn a_container_ends_with_the_run_however_that_ends() {
    emulators_end_with_the_run(Origin::Container);
}

fn emulators_end_with_the_run(origin: Origin) {
    // In order, with a trial that fails by a panic: the swamp does not know `datastore`.
    let scratch = Scratch::new();
    let swamp = scratch.released("[ \"$1\" = datastore ] && exit 3");
    let mut suite = origin.suite(&scratch);
    suite.arg("s24").env("SWAMP_BIN", swamp);
    suite.env("SWAMP_UAT_EXTENSIONS", scratch.extensions());
    suite.env("SWAMP_UAT_REQUIRE", "s3,gcs");
    suite.stdout(Stdio::null()).stderr(Stdio::null());
    let mut suite = suite.spawn().unwrap();
    assert_eq!(suite.wait().unwrap().code(), Some(101));
    let entries = scratch.ledger();
    assert_eq!(entries.len(), 2, "trials on s3 and gcs");
    for entry in entries {
        let why = entry.reason.unwrap_or_default();
        assert!(why.contains("code=3"), "{}: {why}", entry.trial);
    }
    assert!(origin.left(&scratch, suite.id()).is_empty());
    assert_nothing_left(&scratch);

    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let scratch = Scratch::new();
        let mut suite = hanging(&scratch, origin);
        let id = suite.id();
        kill(Pid::from_raw(id.cast_signed()), signal).unwrap();
        let code = suite.wait().unwrap().code();
        let expected = (signal != Signal::SIGKILL).then_some(130);
        assert_eq!(code, expected, "{signal}");
        let emulators_gone = wait_for(|| origin.left(&scratch, id).is_empty());
        assert!(emulators_gone, "{signal}: {:?}", origin.left(&scratch, id));
        if signal == Signal::SIGKILL {
            // Nobody was left to end what swamp started; that is not what this test is about.
            for pid in processes_of(&scratch) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        } else {
            // While the emulators are stopped, trials fail and others could follow.
            let kept: Vec<_> = std::fs::read_dir(scratch.path("tmp")).unwrap().collect();
            assert!(kept.is_empty(), "{signal}: {kept:?}");
        }
        assert_nothing_left(&scratch);
    }
}

#[test]
fn an_emulator_that_dies_fails_the_trials_that_needed_it_and_no_others() {
    let _ = Kind::CLOUD.map(emulator_of);
    let scratch = Scratch::new();
    let mut running = Some(start(Kind::S3));
    let endpoint = running.as_ref().unwrap().endpoint.clone();
    let mut suite = scratch.std_suite();
    let mut suite = suite
        .args(["_no_op", "--test-threads", "1"])
        .env("SWAMP_UAT_S3_ENDPOINT", &endpoint)
        .env("SWAMP_BIN", waiting_swamp(&scratch))
        .env("SWAMP_UAT_EXTENSIONS", scratch.extensions())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(wait_for(|| scratch.path("started").exists()));
    drop(running.take());
    std::fs::write(scratch.path("go"), "").unwrap();
    let said: String = BufReader::new(suite.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .map(|line| line + "\n")
        .collect();
    assert_eq!(suite.wait().unwrap().code(), Some(101), "{said}");
    let ledger = scratch.ledger();
    let backends: Vec<&str> = ledger.iter().map(|entry| entry.backend.as_str()).collect();
    assert!(
        backends.contains(&"s3") && backends.contains(&"gcs"),
        "{backends:?}"
    );
    for entry in ledger {
        let why = entry.reason.unwrap_or_default();
        let expected = match entry.backend.as_str() {
            "s3" => why.contains("died during the run") && why.contains(&endpoint),
            _ => entry.status != Status::Failed,
        };
        assert!(expected, "{}: {:?}: {why}", entry.trial, entry.status);
    }
}

/// A swamp that does as the reference does, but waits at its first command for a file `go`.
fn waiting_swamp(scratch: &Scratch) -> std::path::PathBuf {
    scratch.released(&format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.05; done",
        scratch.path("started").display(),
        scratch.path("go").display()
    ))
}

#[test]
fn a_list_of_trials_starts_nothing() {
    let scratch = Scratch::new();
    // Would be asked if a backend were tried out.
    let mut suite = scratch.suite();
    suite
        .arg("--list")
        .env("SWAMP_UAT_S3_ENDPOINT", "http://127.0.0.1:1");
    let run = suite.assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(said.contains("s24_solo_unchanged::s3: test"), "{said}");
    assert_nothing_left(&scratch);
}

#[test]
fn emulators_stay_up_between_runs_until_they_are_taken_down() {
    let _ = Kind::CLOUD.map(emulator_of);
    let scratch = Scratch::new();
    let base = scratch.path("emulators");
    std::fs::create_dir(&base).unwrap();
    for entry in std::fs::read_dir(install::base()).unwrap().flatten() {
        if entry.path().join("swamp-uat.json").is_file() {
            std::os::unix::fs::symlink(entry.path(), base.join(entry.file_name())).unwrap();
        }
    }
    let emulators = |what: &str| {
        let mut uat = scratch.uat();
        uat.args(["emulators", what])
            .env("SWAMP_UAT_EMULATORS", &base);
        let run = uat.assert().success();
        String::from_utf8_lossy(&run.get_output().stdout).into_owned()
    };
    assert!(emulators("status").contains("s3: installed"));
    let exports = emulators("up");
    let endpoint = |kind: Kind| {
        let name = format!("export {}=", kind.variable());
        let line = exports.lines().find_map(|line| line.strip_prefix(&name));
        line.unwrap_or_else(|| panic!("{exports}")).to_owned()
    };
    let endpoints = Kind::CLOUD.map(endpoint);
    assert_eq!(emulators("up"), exports, "what is up is not started again");
    let status = emulators("status");
    for endpoint in &endpoints {
        assert!(status.contains(&format!("up at {endpoint}")), "{status}");
    }
    let mut suite = scratch.suite();
    for kind in Kind::CLOUD {
        suite.env(kind.variable(), endpoint(kind));
    }
    suite.arg("s24").assert().success();
    let down = emulators("down");
    assert_eq!(down.matches("stopped").count(), 2, "{down}");
    assert!(emulators("status").contains("not up"));
    assert_eq!(emulators("down"), "nothing was up\n");
    for (kind, endpoint) in Kind::CLOUD.iter().zip(&endpoints) {
        let client = emulator::client(*kind, endpoint);
        assert!(client.list("any", 1).is_err(), "{endpoint} still answers");
    }
}
