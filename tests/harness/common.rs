//! What the tests of the suite itself share: a scratch directory, the scenario binary as a
//! command with a clean environment, fake swamps.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use swamp_uat::golden;
use tempfile::TempDir;

/// The reference, which cargo builds with these tests.
pub const REFERENCE: &str = env!("CARGO_BIN_EXE_swamp-reference");

/// A scratch directory of one test.
pub struct Scratch {
    dir: TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a scratch directory");
        std::fs::create_dir(dir.path().join("tmp")).expect("its TMPDIR");
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The scenario binary, in a clean environment with a TMPDIR and a ledger of its own.
    pub fn suite(&self) -> Command {
        Command::from_std(self.std_suite())
    }

    pub fn std_suite(&self) -> StdCommand {
        let mut command = StdCommand::new(suite_binary());
        clean(&mut command);
        command
            .env("TMPDIR", self.path("tmp"))
            .env("SWAMP_UAT_LEDGER", self.path("ledger.json"))
            .env("INSTA_WORKSPACE_ROOT", env!("CARGO_MANIFEST_DIR"));
        command
    }

    /// The names of all trials.
    pub fn trials(&self) -> Vec<String> {
        let list = self.suite().arg("--list").assert().success();
        String::from_utf8_lossy(&list.get_output().stdout)
            .lines()
            .filter_map(|line| line.strip_suffix(": test"))
            .filter(|name| name.ends_with("::filesystem"))
            .map(str::to_owned)
            .collect()
    }

    /// `cargo uat`, likewise.
    pub fn uat(&self) -> Command {
        Command::from_std(self.std_uat())
    }

    pub fn std_uat(&self) -> StdCommand {
        let mut command = StdCommand::new(env!("CARGO_BIN_EXE_uat"));
        clean(&mut command);
        command
            .env("TMPDIR", self.path("tmp"))
            .env("SWAMP_UAT_LEDGER", self.path("ledger.json"));
        command
    }

    /// A copy of the goldens that a test may spoil.
    pub fn goldens(&self) -> PathBuf {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
        let to = self.path("goldens");
        for entry in walkdir::WalkDir::new(&from) {
            let entry = entry.expect("the goldens can be read");
            let target = to.join(entry.path().strip_prefix(&from).expect("below snapshots/"));
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(target).expect("a directory");
            } else if entry.path().extension().is_some_and(|end| end == "snap") {
                std::fs::copy(entry.path(), target).expect("a copy");
            }
        }
        to
    }

    /// An executable script.
    pub fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a script");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, executable).expect("an executable script");
        path
    }

    /// A swamp that passes for a released one: it does as the reference does, after `before`.
    pub fn released(&self, before: &str) -> PathBuf {
        self.script(
            "released-swamp",
            &format!(
                "if [ \"$1\" = --version ]; then echo swamp 0.1.0-sha.cafe; exit; fi\n\
                 {before}\nexec {REFERENCE} \"$@\""
            ),
        )
    }

    /// A directory that passes for the sources of swamp's datastore extensions.
    pub fn extensions(&self) -> PathBuf {
        let dir = self.path("extensions");
        for backend in ["s3", "gcs"] {
            std::fs::create_dir_all(dir.join(backend)).expect("a directory");
        }
        dir
    }

    /// The ledger of the last run.
    pub fn ledger(&self) -> Vec<swamp_uat::report::ledger::Entry> {
        swamp_uat::report::ledger::read(&self.path("ledger.json")).expect("a ledger")
    }
}

/// Asserts exit code 2 and an error of one screen that has all of `parts`; nothing ran.
#[track_caller]
pub fn refuses(command: &mut Command, parts: &[&str]) {
    let output = command.assert().code(2).get_output().clone();
    let error = String::from_utf8_lossy(&output.stderr);
    for part in parts.iter().chain(&["found:", "next:"]) {
        assert!(error.contains(part), "{part:?} is missing in:\n{error}");
    }
    assert!(error.lines().count() <= 24, "more than a screen:\n{error}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("running"), "trials ran:\n{said}");
}

/// All that a command said: the last screen of the scenario binary is on standard error.
pub fn all_said(output: &std::process::Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    format!("{out}{err}")
}

/// Waits until `done`, for 20 s at most; whether it came to that.
pub fn wait_for(done: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if done() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Takes out what the test runner and the user set: these tests set all they need.
/// Emulators are local processes: no engine answers, whether the machine has one or not.
fn clean(command: &mut StdCommand) {
    command.env("DOCKER_HOST", "tcp://127.0.0.1:1");
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["SWAMP_", "INSTA_", "NEXTEST", "RUST_TEST_"];
        let ci = ["CI", "TF_BUILD", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"];
        if ours.iter().any(|prefix| text.starts_with(prefix)) || ci.contains(&&*text) {
            command.env_remove(&name);
        }
    }
}

/// The scenario binary. Cargo tells tests the paths of binaries, and not of other tests.
fn suite_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let output = StdCommand::new(env!("CARGO"))
            .args(["test", "--test", "uat", "--no-run"])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message["target"]["name"] == "uat")
            .filter(|message| message["target"]["kind"][0] == "test")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the scenario binary")
    })
}

/// Changes the text of a golden as if swamp had given it so: with the right digest and seal.
pub fn rewrite(path: &Path, from: &str, to: &str) {
    let golden = std::fs::read_to_string(path).expect("a golden");
    let (header, text) = golden.split_once("\n---\n").expect("a header");
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "{from} is not in {}", path.display());
    let header = reseal(&header.replace(&golden::digest(text), &golden::digest(&changed)));
    std::fs::write(path, format!("{header}\n---\n{changed}")).expect("a golden");
}

/// The header of a golden with the seal of the facts that stand in it.
pub fn reseal(header: &str) -> String {
    let fact = |name: &str| {
        let mut lines = header.lines();
        let fact = lines.find_map(|line| line.trim().strip_prefix(&format!("{name}: ")));
        fact.expect("a fact").trim_matches('"')
    };
    let seal = golden::seal(golden::SEALED.map(fact));
    header.replace(fact("seal"), &seal)
}
