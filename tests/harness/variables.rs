//! Variables of the user's: a wrong name or value is refused before any trial, a relative path
//! means the same in every command, and what changes the system under test is said.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

use swamp_uat::kind::Kind;

use crate::backends::emulator_of;
use crate::common::{REFERENCE, Scratch, refuses};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_misspelt_variable_is_refused_by_every_command() {
    let scratch = Scratch::new();
    for (wrong, right) in [
        ("SWAMP_UAT_REQIRE", "SWAMP_UAT_REQUIRE"),
        ("SWAMP_REFERENCE_FAULTS", "SWAMP_REFERENCE_FAULT"),
        ("SWAMP_BINN", "SWAMP_BIN"),
    ] {
        let advice = format!("set {right}, if that is meant");
        refuses(scratch.suite().env(wrong, "s3"), &[wrong, &advice]);
    }
    for command in [&["s03"][..], &["clean"], &["doctor"]] {
        let mut uat = scratch.uat();
        uat.args(command).env("SWAMP_UAT_REQIRE", "s3");
        refuses(&mut uat, &["SWAMP_UAT_REQIRE is set"]);
    }
}

#[test]
fn a_value_that_cannot_be_meant_is_refused() {
    let scratch = Scratch::new();
    for (name, value, why) in [
        ("SWAMP_UAT_KEEP", "maybe", "it takes 1"),
        (
            "SWAMP_UAT_REQUIRE",
            "s3,,gcs",
            "an item of the list is empty",
        ),
        ("SWAMP_UAT_REQUIRE", "s3,s3", "it names s3 twice"),
        (
            "SWAMP_UAT_TIMEOUT",
            "18446744073709551615",
            "from 1 to 86400",
        ),
        ("SWAMP_UAT_COMMIT", "HEAD", "the id of a commit"),
        (
            "SWAMP_BIN",
            "~/swamp",
            "only a shell knows what ~ stands for",
        ),
        ("SWAMP_REFERENCE_DENO", "no/deno", "there is no such file"),
        (
            "SWAMP_REFERENCE_FAULT",
            "nosuch",
            "has no switch \"nosuch\"",
        ),
        ("SWAMP_REFERENCE_FAULT", ",", "an item of the list is empty"),
        (
            "SWAMP_REFERENCE_QUIRKS_OFF",
            "nosuch",
            "has no switch \"nosuch\"",
        ),
    ] {
        let what = format!("{name} is \"");
        refuses(scratch.suite().env(name, value), &[&what, why]);
    }
}

#[test]
fn a_variable_of_the_suite_that_is_set_and_empty_is_refused_by_every_command() {
    let scratch = Scratch::new();
    for name in [
        "SWAMP_BIN",
        "SWAMP_UAT_EMULATORS",
        "SWAMP_UAT_EXTENSIONS",
        "SWAMP_UAT_DENO_CACHE",
        "SWAMP_UAT_SNAPSHOTS",
        "SWAMP_UAT_LEDGER",
        "SWAMP_UAT_S3_ENDPOINT",
        "SWAMP_UAT_GCS_ENDPOINT",
        "SWAMP_REFERENCE_DENO",
        "SWAMP_UAT_REQUIRE",
        "SWAMP_UAT_PRETEND_MISSING",
        "SWAMP_UAT_OFFLINE",
        "SWAMP_UAT_TIMEOUT",
        "SWAMP_REFERENCE_FAULT",
    ] {
        let parts = [&format!("{name} is \"\""), "is set, and empty", "unset it"];
        refuses(scratch.suite().arg("s03").env(name, ""), &parts);
    }
    for command in [
        &["s03"][..],
        &["clean"],
        &["doctor"],
        &["kill-matrix", "--check"],
        &["findings", "--check"],
        &["repro"],
        &["emulators", "status"],
    ] {
        let mut uat = scratch.uat();
        refuses(uat.args(command).env("SWAMP_BIN", ""), &["SWAMP_BIN is"]);
    }
}

#[test]
fn what_is_switched_in_the_reference_stands_in_the_first_line() {
    let scratch = Scratch::new();
    let first_line = |name: &str, value: &str| {
        let run = scratch.suite().arg("s03").env(name, value).assert();
        let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        said.lines().next().unwrap_or_default().to_owned()
    };
    for (name, value) in [
        ("SWAMP_REFERENCE_FAULT", "set-skips-manifest"),
        ("SWAMP_REFERENCE_QUIRKS_OFF", "leading-hyphen-is-an-option"),
    ] {
        let line = first_line(name, value);
        assert!(line.ends_with(&format!(", with {name}={value}")), "{line}");
    }
    let line = first_line("SWAMP_UAT_KEEP", "0");
    assert!(line.starts_with("under test: the reference"), "{line}");
    assert!(!line.contains("with"), "{line}");
}

/// A directory of the checkout that belongs to this test alone, and its path from the root.
struct InCheckout(PathBuf);

impl InCheckout {
    fn new(name: &str) -> Self {
        let relative = format!("target/uat/test-{name}-{}", std::process::id());
        std::fs::create_dir_all(Path::new(ROOT).join(&relative)).expect("a directory");
        Self(relative.into())
    }

    fn relative(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn absolute(&self, name: &str) -> PathBuf {
        Path::new(ROOT).join(self.relative(name))
    }
}

impl Drop for InCheckout {
    fn drop(&mut self) {
        // Best effort: it lies below target/.
        let _ = std::fs::remove_dir_all(Path::new(ROOT).join(&self.0));
    }
}

#[test]
fn a_relative_path_begins_at_the_root_of_the_checkout_in_every_command() {
    let scratch = Scratch::new();
    let place = InCheckout::new("relative");
    let own = |name: &str| place.absolute(name);
    std::os::unix::fs::symlink(REFERENCE, own("swamp")).unwrap();
    std::os::unix::fs::symlink(Path::new(ROOT).join("snapshots"), own("goldens")).unwrap();
    std::fs::create_dir(own("tmp")).unwrap();
    std::fs::create_dir(own("new")).unwrap();
    std::fs::write(own("deno"), "").unwrap();
    let _ = emulator_of(Kind::Gcs);
    // As `cargo test` calls it, and as somebody does who is elsewhere.
    for cwd in [Path::new(ROOT), scratch.path("tmp").as_path()] {
        for mut command in [scratch.suite(), scratch.uat()] {
            command
                .arg("s03")
                .current_dir(cwd)
                .env("SWAMP_BIN", place.relative("swamp"))
                .env("SWAMP_UAT_SNAPSHOTS", place.relative("goldens"))
                .env("SWAMP_UAT_LEDGER", place.relative("new/ledger.json"))
                .env("SWAMP_UAT_EMULATORS", place.relative("emulators"))
                .env("SWAMP_REFERENCE_DENO", place.relative("deno"))
                .env("TMPDIR", place.relative("tmp"))
                .env("SWAMP_UAT_KEEP", "1");
            let run = command.assert().success();
            let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
            let swamp = own("swamp").to_string_lossy().into_owned();
            assert!(said.contains(&swamp), "{said}");
            let ledger = own("new/ledger.json");
            let entries = swamp_uat::report::ledger::read(&ledger).unwrap();
            assert_eq!(entries.len(), 1);
            let sandbox = PathBuf::from(entries[0].sandbox.clone().unwrap());
            assert!(sandbox.starts_with(own("tmp")), "{}", sandbox.display());
            std::fs::remove_file(&ledger).unwrap();
        }
        let mut status = scratch.uat();
        let run = status
            .args(["emulators", "status"])
            .current_dir(cwd)
            .env("SWAMP_UAT_EMULATORS", "target/uat/emulators")
            .assert()
            .success();
        let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        let installed = Path::new(ROOT).join("target/uat/emulators/");
        assert!(said.contains(&*installed.to_string_lossy()), "{said}");
    }
    let mut suite = scratch.suite();
    refuses(
        suite.env("SWAMP_BIN", "no/swamp"),
        &[
            "SWAMP_BIN is \"no/swamp\"",
            &format!("{ROOT}/no/swamp"),
            "a relative path begins at the root of this checkout",
        ],
    );
}

#[test]
fn goldens_that_are_not_there_are_one_refusal_and_not_a_hundred_failures() {
    let scratch = Scratch::new();
    let absent = scratch.path("absent");
    let name = absent.to_string_lossy().into_owned();
    let parts = ["the goldens are to lie in", &name, "make it first"];
    refuses(scratch.suite().env("SWAMP_UAT_SNAPSHOTS", &absent), &parts);
    // Also where they could be recorded: the name may be misspelt.
    let mut suite = scratch.suite();
    suite.env("SWAMP_BIN", scratch.released(""));
    refuses(suite.env("SWAMP_UAT_SNAPSHOTS", &absent), &parts);
    std::fs::create_dir(&absent).unwrap();
    let parts = [&*name, "there is no golden in it", "SWAMP_BIN"];
    refuses(scratch.suite().env("SWAMP_UAT_SNAPSHOTS", &absent), &parts);
}

#[test]
fn a_new_directory_takes_goldens_that_are_recorded_on_a_released_swamp() {
    let scratch = Scratch::new();
    let place = InCheckout::new("recorded");
    std::fs::create_dir(place.absolute("new")).unwrap();
    let mut suite = scratch.suite();
    suite
        .args(["s03", "--skip", "::s3", "--skip", "::gcs"])
        .env("SWAMP_BIN", scratch.released(""))
        .env("SWAMP_UAT_SNAPSHOTS", place.relative("new"))
        .env("INSTA_UPDATE", "new");
    suite.assert().code(101);
    let below = place.absolute("new/datastore/namespace/commands");
    let pending = std::fs::read_dir(&below).map_or(0, |entries| {
        let names = entries.flatten().map(|entry| entry.file_name());
        names
            .filter(|name| name.to_string_lossy().ends_with(".snap.new"))
            .count()
    });
    assert_eq!(pending, 2, "pending in {}", below.display());
    assert!(!Path::new(ROOT).join("src").join(&place.0).exists());
}

/// The suite in a file system of its own at its `tmp`, mounted with `options`.
fn mounted(scratch: &Scratch, options: &str) -> Command {
    let script = "mount -t tmpfs -o \"$1\" none \"$2\" && cp /bin/true \"$2/swamp\"; exec \"$3\"";
    let suite = scratch.std_suite();
    let mut command = std::process::Command::new("unshare");
    command
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            script,
            "sh",
        ])
        .arg(options)
        .arg(scratch.path("tmp"))
        .arg(suite.get_program());
    for (name, value) in suite.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Command::from_std(command)
}

#[test]
#[ignore = "needs user namespaces, to mount a file system"]
fn a_full_temporary_directory_is_named_as_what_it_is() {
    let scratch = Scratch::new();
    for size in ["size=64k", "size=600k"] {
        refuses(
            &mut mounted(&scratch, size),
            &[
                "the temporary directory",
                "No space left on device",
                "make some room there",
            ],
        );
    }
}

#[test]
#[ignore = "needs user namespaces, to mount a file system"]
fn a_swamp_on_a_file_system_without_programs_is_named_as_that() {
    let scratch = Scratch::new();
    let mut suite = mounted(&scratch, "noexec");
    suite.env("SWAMP_BIN", scratch.path("tmp/swamp"));
    refuses(&mut suite, &["SWAMP_BIN is", "mounted with noexec"]);
}

/// As the Deno that a released swamp runs on: it reads nothing below `/dev`.
const OF_DENO: &str = "case \"$PWD\" in /dev/*) \
    echo \"error: NotCapable: Requires all access to \\\"$PWD/.swamp-sources.yaml\\\"\" >&2; exit 1;; esac";

#[test]
fn a_swamp_that_reads_nothing_in_memory_gets_another_place_for_its_sandboxes() {
    let scratch = Scratch::new();
    let swamp = scratch.script("deno-swamp", &format!("{OF_DENO}\nexec {REFERENCE} \"$@\""));
    let mut suite = scratch.suite();
    suite.arg("s03").env("SWAMP_BIN", &swamp);
    suite.env_remove("TMPDIR").assert().success();
    if Path::new("/dev/shm").is_dir() {
        let mut suite = scratch.suite();
        suite.arg("s03").env("SWAMP_BIN", &swamp);
        suite.env("TMPDIR", "/dev/shm");
        let found = [
            "sandboxes lie in /dev/shm",
            "Requires all access to",
            "set it to a directory",
        ];
        refuses(&mut suite, &found);
    }
}
