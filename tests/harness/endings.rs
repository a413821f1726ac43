//! What stays when a run ends, on every way: no process, and nothing that the next run or `cargo
//! uat clean` does not remove.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use swamp_uat::backend::buckets;
use swamp_uat::backend::buckets::Buckets;
use swamp_uat::backend::emulator::{self, install, process};
use swamp_uat::kind::Kind;

use crate::common::{Scratch, wait_for};
use crate::said::said;

/// A swamp that hangs at its first command on a repo, in a process that it waits for; the id of
/// that process comes to lie in `pid`.
fn hanging(scratch: &Scratch) -> PathBuf {
    scratch.released(&format!(
        "[ \"$1\" = repo ] && {{ sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait; }}",
        scratch.path("pid").display()
    ))
}

/// Starts `command` on a swamp that hangs, and waits until it does; the process that it waits for.
fn started(scratch: &Scratch, command: &mut Command) -> (Child, i32) {
    let child = command
        .env("SWAMP_BIN", hanging(scratch))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = scratch.path("pid");
    assert!(wait_for(|| pid.exists()), "no trial began");
    let text = std::fs::read_to_string(pid).unwrap();
    (child, text.trim().parse().unwrap())
}

/// Whether a process is gone; one that nobody has reaped is gone as well.
fn is_gone(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or_else(
        |_| kill(Pid::from_raw(pid), None).is_err(),
        |stat| stat.contains(") Z "),
    )
}

/// What lies in the suite's directory for temporary files.
fn left(scratch: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(scratch.path("tmp")).unwrap().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn clean(scratch: &Scratch) -> String {
    let run = scratch.uat().arg("clean").assert().success();
    String::from_utf8_lossy(&run.get_output().stdout).into_owned()
}

#[test]
fn a_run_ends_with_the_cargo_uat_that_started_it() {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let scratch = Scratch::new();
        let mut uat = scratch.std_uat();
        let (mut uat, swamp) = started(&scratch, uat.arg("s03").process_group(0));
        kill(Pid::from_raw(uat.id().cast_signed()), signal).unwrap();
        uat.wait().unwrap();
        let gone = wait_for(|| is_gone(swamp) && left(&scratch).is_empty());
        assert!(gone, "{signal}: {:?}", left(&scratch));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_under_nohup_goes_on_when_its_terminal_is_closed() {
    for with_cli in [false, true] {
        let scratch = Scratch::new();
        let run = match with_cli {
            true => scratch.std_uat(),
            false => scratch.std_suite(),
        };
        // As `nohup` does.
        let mut sh = Command::new("sh");
        sh.args(["-c", "trap '' HUP; exec \"$0\" s03"]);
        sh.arg(run.get_program()).process_group(0);
        for (name, value) in run.get_envs() {
            match value {
                Some(value) => sh.env(name, value),
                None => sh.env_remove(name),
            };
        }
        sh.current_dir(run.get_current_dir().unwrap_or(std::path::Path::new(".")));
        let (mut run, swamp) = started(&scratch, &mut sh);
        let group = Pid::from_raw(run.id().cast_signed());
        nix::sys::signal::killpg(group, Signal::SIGHUP).unwrap();
        std::thread::sleep(Duration::from_secs(1));
        assert!(
            run.try_wait().unwrap().is_none() && !is_gone(swamp),
            "{with_cli}"
        );
        kill(group, Signal::SIGTERM).unwrap();
        run.wait().unwrap();
        assert!(wait_for(|| is_gone(swamp)), "{with_cli}");
    }
}

#[test]
fn a_sandbox_that_somebody_removes_is_told_as_that() {
    let scratch = Scratch::new();
    let tmp = scratch.path("tmp");
    let all = format!("{}/swamp-uat-??????", tmp.display());
    let swamp = scratch.released(&format!("[ \"$3\" = set ] && rm -rf {all}"));
    let mut suite = scratch.suite();
    suite
        .args(["s03", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", swamp)
        .env("INSTA_UPDATE", "no");
    said(&mut suite).has(
        101,
        &["went while its trial was played", "what else removes files"],
    );
}

#[test]
fn what_swamp_runs_ends_with_a_run_that_is_killed_and_clean_removes_the_rest() {
    let scratch = Scratch::new();
    let mut suite = scratch.std_suite();
    let (mut suite, swamp) = started(&scratch, suite.arg("s03"));
    // While it goes on, nothing of it is touched.
    let said = clean(&scratch);
    assert!(said.contains("directories of runs that go on"), "{said}");
    assert!(said.contains("nothing to remove"), "{said}");
    assert!(!is_gone(swamp));
    suite.kill().unwrap();
    suite.wait().unwrap();
    assert!(wait_for(|| is_gone(swamp)), "process {swamp} lives on");
    assert!(!left(&scratch).is_empty(), "what is there to remove?");
    let said = clean(&scratch);
    assert!(said.contains("of runs that were killed ("), "{said}");
    assert_eq!(left(&scratch), Vec::<String>::new());
    assert_eq!(clean(&scratch), "nothing to remove\n");
}

/// Makes `path` and what is in it look as if a run had left it days ago.
fn age(path: &std::path::Path) {
    let then = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
    for entry in walkdir::WalkDir::new(path)
        .max_depth(1)
        .into_iter()
        .flatten()
    {
        if entry.file_type().is_dir() {
            let dir = std::fs::File::open(entry.path()).unwrap();
            dir.set_modified(then).unwrap();
        }
    }
}

#[test]
fn kept_sandboxes_go_with_clean_and_with_any_run_a_day_later() {
    let scratch = Scratch::new();
    let keep = || {
        let mut suite = scratch.suite();
        suite.args(["s03", "--skip", "::s3", "--skip", "::gcs"]);
        suite.env("SWAMP_UAT_KEEP", "1").assert().success();
        PathBuf::from(scratch.ledger()[0].sandbox.clone().unwrap())
    };
    // What somebody else calls by such a name.
    let foreign = scratch.path("tmp/swamp-uat-abcdef");
    std::fs::create_dir_all(foreign.join("notes")).unwrap();
    age(&foreign);
    let (old, new) = (keep(), keep());
    age(&old);
    let mut suite = scratch.suite();
    suite.args(["s03", "--skip", "::s3", "--skip", "::gcs"]);
    let run = suite.assert().success();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("1 sandboxes (1 of them kept)"), "{said}");
    assert!(new.exists() && !old.exists());
    let said = clean(&scratch);
    assert!(said.contains("1 sandboxes that were kept"), "{said}");
    assert_eq!(left(&scratch), ["swamp-uat-abcdef"]);
}

/// How a process starts that outlives its parent: in a session of its own; and besides in the root
/// directory, without an environment.
#[cfg(target_os = "linux")]
const ALONE: &str = "exec setsid";
#[cfg(target_os = "linux")]
const HIDING: &str = "cd / && exec env -i setsid";
/// It holds none of swamp's outputs.
#[cfg(target_os = "linux")]
const QUIET: &str = ">/dev/null 2>&1";

/// A swamp that leaves a `sleep` of so many seconds behind, with its process id in the file `pid`.
#[cfg(target_os = "linux")]
fn leaving_behind(scratch: &Scratch, starts: &str, seconds: u32, outputs: &str) -> PathBuf {
    scratch.released(&format!(
        "[ \"$3\" = set ] && {{ ({starts} sh -c 'echo $$ > {0}; exec sleep {seconds}' </dev/null \
         {outputs}) & while [ ! -s {0} ]; do sleep 0.01; done; }}",
        scratch.path("pid").display()
    ))
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_swamp_leaves_behind_fails_its_trial() {
    let scratch = Scratch::new();
    let pid = scratch.path("pid");
    let swamp = leaving_behind(&scratch, ALONE, 612, QUIET);
    let mut suite = scratch.suite();
    suite
        .args(["s03", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", swamp)
        .env("INSTA_UPDATE", "no");
    let run = suite.assert().code(101);
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(said.contains("swamp left a process behind"), "{said}");
    assert!(said.contains("`sleep 612`"), "{said}");
    let pid = std::fs::read_to_string(pid).unwrap();
    assert!(is_gone(pid.trim().parse().unwrap()));
}

#[test]
#[cfg(target_os = "linux")]
fn so_does_one_that_hides_where_it_comes_from() {
    let scratch = Scratch::new();
    let swamp = leaving_behind(&scratch, HIDING, 613, QUIET);
    let mut suite = scratch.suite();
    suite
        .args(["s03", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", swamp)
        .env("INSTA_UPDATE", "no");
    let run = suite.assert().failure();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("left behind by swamp"), "{said}");
    assert!(said.contains("sleep 613"), "{said}");
}

/// The emulator of S3 as an endpoint that outlives runs.
fn endpoint() -> (process::Running, Box<dyn Buckets>) {
    let program = install::installed(Kind::S3).expect("run `cargo uat emulators install` first");
    let running = process::start(Kind::S3, &program).unwrap();
    let client = emulator::client(Kind::S3, &running.endpoint);
    (running, client)
}

/// A swamp that hangs once its datastore is set up, when it has a bucket.
fn hanging_with_a_bucket(scratch: &Scratch) -> PathBuf {
    scratch.released(&format!(
        "[ \"$1\" = datastore ] && {{ touch {}; exec sleep 600; }}",
        scratch.path("pid").display()
    ))
}

fn with_a_bucket(scratch: &Scratch, endpoint: &str) -> Child {
    let mut suite = scratch.std_suite();
    let suite = suite
        .args(["s24", "--skip", "::gcs", "--skip", "::filesystem"])
        .env("SWAMP_BIN", hanging_with_a_bucket(scratch))
        .env("SWAMP_UAT_EXTENSIONS", scratch.extensions())
        .env("SWAMP_UAT_S3_ENDPOINT", endpoint)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(wait_for(|| scratch.path("pid").exists()), "no trial began");
    suite
}

#[test]
fn the_buckets_of_a_run_at_a_named_endpoint_go_with_it_or_with_clean() {
    let (running, client) = endpoint();
    for foreign in ["uat-data", "uat-eu-west-data", "somebody-elses"] {
        client.create(foreign).unwrap();
        client.put(foreign, "key", b"x").unwrap();
    }
    let ours = || {
        let mut names = client.names().unwrap();
        names.retain(|name| client.list(name, buckets::PAGE).unwrap().len() != 1);
        names
    };
    assert_eq!(ours(), Vec::<String>::new());
    let removes = |scratch: &Scratch| {
        let mut uat = scratch.uat();
        uat.arg("clean")
            .env("SWAMP_UAT_S3_ENDPOINT", &running.endpoint);
        let run = uat.assert().success();
        String::from_utf8_lossy(&run.get_output().stdout).into_owned()
    };
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let scratch = Scratch::new();
        let mut suite = with_a_bucket(&scratch, &running.endpoint);
        assert_eq!(ours().len(), 1);
        let said = removes(&scratch);
        assert!(said.contains("1 buckets of runs that go on"), "{said}");
        kill(Pid::from_raw(suite.id().cast_signed()), signal).unwrap();
        assert_eq!(suite.wait().unwrap().code(), Some(130));
        assert_eq!(ours(), Vec::<String>::new(), "{signal}");
    }
    let scratch = Scratch::new();
    let mut suite = with_a_bucket(&scratch, &running.endpoint);
    suite.kill().unwrap();
    suite.wait().unwrap();
    assert_eq!(ours().len(), 1);
    // From another place nobody knows whether that run goes on.
    let said = removes(&Scratch::new());
    assert!(said.contains("1 buckets of the last day"), "{said}");
    assert_eq!(ours().len(), 1);
    let said = removes(&scratch);
    assert!(said.contains("1 buckets at "), "{said}");
    assert_eq!(ours(), Vec::<String>::new());
    assert_eq!(client.names().unwrap().len(), 3, "of somebody else's");
}

#[test]
fn clean_says_when_a_named_endpoint_does_not_answer() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.arg("clean")
        .env("SWAMP_UAT_GCS_ENDPOINT", "http://127.0.0.1:1");
    let run = uat.assert().code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        said.contains("SWAMP_UAT_GCS_ENDPOINT is http://127.0.0.1:1"),
        "{said}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_hides_is_held_against_swamp_and_the_trial_is_named() {
    let scratch = Scratch::new();
    let swamp = leaving_behind(&scratch, HIDING, 614, QUIET);
    let mut uat = scratch.uat();
    uat.args(["s03", "--", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", swamp)
        .env("INSTA_UPDATE", "no");
    let done = said(&mut uat);
    done.has(
        101,
        &[
            "left behind by swamp: `sleep 614`",
            "it began while swamp ran in datastore::namespace::commands::s03_set_already_set::filesystem",
            "see what swamp started",
        ],
    );
    assert!(!done.out.contains("to blame"), "{}", done.out);
    let junit = std::fs::read_to_string(scratch.path("junit.xml")).unwrap();
    assert!(junit.contains("sleep 614"), "{junit}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_keeps_its_trial_s_files_open_fails_that_trial() {
    let scratch = Scratch::new();
    let swamp = leaving_behind(&scratch, HIDING, 615, "");
    let mut suite = scratch.suite();
    suite
        .args(["s03", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", swamp)
        .env("INSTA_UPDATE", "no");
    said(&mut suite).has(
        101,
        &["swamp left a process behind", "`sleep 615`", "1 failed"],
    );
}

#[test]
fn a_dry_run_of_clean_lists_what_would_go_and_removes_nothing() {
    let scratch = Scratch::new();
    let mut suite = scratch.suite();
    suite.args(["s03", "--skip", "::s3", "--skip", "::gcs"]);
    suite.env("SWAMP_UAT_KEEP", "1").assert().success();
    let kept = scratch.ledger()[0].sandbox.clone().unwrap();
    let mut suite = scratch.std_suite();
    let (mut suite, _) = started(&scratch, suite.arg("s03"));
    suite.kill().unwrap();
    suite.wait().unwrap();
    let before = left(&scratch);
    assert!(before.len() > 1, "{before:?}");
    let hidden = || {
        let all = crate::said::files(&scratch.path(""));
        all.into_iter()
            .filter(|name| name.ends_with(".run"))
            .collect::<Vec<_>>()
    };
    assert_eq!(hidden().len(), 1);
    for _ in 0..2 {
        let mut uat = scratch.uat();
        let done = said(uat.args(["clean", "--dry-run"]));
        done.has(
            0,
            &["would remove:", &kept, "nothing was removed", &hidden()[0]],
        );
        for name in before.iter().filter(|name| !name.contains("-run-")) {
            assert!(done.out.contains(name), "{name}: {}", done.out);
        }
        assert_eq!(left(&scratch), before);
    }
    clean(&scratch);
    assert_eq!(left(&scratch), Vec::<String>::new());
    said(scratch.uat().args(["clean", "--dry-run"])).has(0, &["nothing to remove"]);
}

#[test]
fn a_dry_run_of_clean_leaves_the_buckets_at_a_named_endpoint() {
    let (running, client) = endpoint();
    let scratch = Scratch::new();
    let mut suite = with_a_bucket(&scratch, &running.endpoint);
    suite.kill().unwrap();
    suite.wait().unwrap();
    let names = client.names().unwrap();
    assert_eq!(names.len(), 1);
    let mut uat = scratch.uat();
    uat.args(["clean", "--dry-run"])
        .env("SWAMP_UAT_S3_ENDPOINT", &running.endpoint);
    said(&mut uat).has(0, &["would remove:", &names[0], &running.endpoint]);
    assert_eq!(client.names().unwrap(), names);
}

#[test]
fn at_a_named_endpoint_only_a_bucket_that_is_about_the_trial_s_own_counts() {
    let (running, _client) = endpoint();
    for (name, code) in [("somebody-elses", 0), ("$bucket-x", 101)] {
        let scratch = Scratch::new();
        let swamp = scratch.script(
            "swamp",
            &format!(
                "case \"$*\" in 'datastore namespace list'*)\n\
                 bucket=$(sed -n 's/^ *bucket: //p' .swamp.yaml)\n\
                 python3 -c \"import urllib.request as u; \
                 u.urlopen(u.Request('{}/{name}', method='PUT'))\";;\n\
                 esac\nexec {} \"$@\"",
                running.endpoint,
                crate::common::REFERENCE
            ),
        );
        let mut suite = scratch.suite();
        suite
            .arg("s20_index_per_namespace::s3")
            .env("SWAMP_BIN", swamp)
            .env("SWAMP_UAT_S3_ENDPOINT", &running.endpoint);
        let run = said(&mut suite);
        run.has(code, &[]);
        assert_eq!(
            run.out.contains("there is a bucket uat-"),
            code != 0,
            "{}",
            run.out
        );
    }
}
