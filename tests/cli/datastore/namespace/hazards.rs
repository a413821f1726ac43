//! Phase C, beyond the plan: what stands in the way of a migration. Whatever happens, no byte of
//! the user's is lost.

use std::collections::BTreeMap;
use std::time::Instant;

use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::C, on filesystem;
    s53_file_in_the_way,
    s54_links_and_empty_directories,
    s55_five_thousand_files,
    s56_killed_half_way,
    s58_unreadable_directory,
];

/// A repo in namespace `infra` whose data was written before it had one.
fn unmigrated<'t>(t: &'t Trial, store: &Store) -> Repo<'t> {
    let repo = t.repo("infra").on(store).with_run("hello", "echo hi");
    repo.as_json().namespace_set("infra").succeeds_quietly();
    repo
}

/// The files of `store` by their paths below the namespace, wherever they lie now.
fn wherever_they_lie(store: &Store) -> BTreeMap<String, String> {
    let files = store.files().into_iter().map(|(path, content)| {
        let inner = path.strip_prefix("infra/").unwrap_or(&path).to_owned();
        (inner, content)
    });
    files
        .filter(|(path, _)| path != ".namespace.json")
        .collect()
}

/// A file lies where a directory must go: the migration stops there, says what it has moved and
/// what not, and completes when the file is gone.
fn s53_file_in_the_way(t: &Trial) {
    let ds = t.store("ds");
    let repo = unmigrated(t, &ds);
    let files = wherever_they_lie(&ds);
    t.write("ds/infra/outputs", "not a directory\n");
    t.checkpoint("a file is in the way");

    repo.namespace_migrate(Migrate::CONFIRM).snapshot_code(1);
    t.checkpoint("stopped half-way");
    let mut now = wherever_they_lie(&ds);
    now.remove("outputs");
    assert_eq!(now, files);
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot_code(1);

    t.remove("ds/infra/outputs");
    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot_code(0);
    t.checkpoint("run again");
    assert_eq!(wherever_they_lie(&ds), files);
}

/// Symbolic links and empty directories among the data are moved as they are.
fn s54_links_and_empty_directories(t: &Trial) {
    let ds = t.store("ds");
    let repo = unmigrated(t, &ds);
    t.write("ds/data/command/shell/aside/raw", "aside\n");
    t.link("ds/data/command/shell/link", "aside");
    t.link("ds/data/command/shell/broken", "nowhere");
    t.write("ds/data/empty/file", "");
    t.remove("ds/data/empty/file");
    let files = wherever_they_lie(&ds);
    t.checkpoint("with links");

    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot_code(0);
    t.checkpoint("migrated");
    assert_eq!(wherever_they_lie(&ds), files);
}

/// 5,000 files more are moved like any others.
fn s55_five_thousand_files(t: &Trial) {
    let ds = t.unseen_store("ds");
    let repo = unmigrated(t, &ds);
    t.fill(&ds, "files", [50, 100]);
    let files = wherever_they_lie(&ds);
    assert_eq!(files.len(), 5008);

    let result: NamespaceMigrate = repo
        .as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .snapshot()
        .parsed();
    assert!(matches!(result, NamespaceMigrate::Result(result) if result.total_files == 5008));
    assert_eq!(wherever_they_lie(&ds), files);
    assert!(ds.files().keys().all(|path| path.starts_with("infra/")));
    t.checkpoint("migrated");
}

/// A migration that is killed, at whatever moment, and run again loses nothing.
fn s56_killed_half_way(t: &Trial) {
    let ds = t.store("ds");
    let repo = unmigrated(t, &ds);
    let files = wherever_they_lie(&ds);
    assert!(!files.is_empty());
    t.checkpoint("infra is set");
    let start = Instant::now();
    repo.namespace_migrate(Migrate::default())
        .succeeds_quietly();
    let whole = start.elapsed();
    let migrate = ["datastore", "namespace", "migrate", "--confirm"];
    let reverse = Migrate {
        confirm: true,
        reverse: true,
    };
    for part in 1..=6 {
        repo.kill_after(whole * part / 6, &migrate);
        assert_eq!(wherever_they_lie(&ds), files, "killed after {part} sixths");
        repo.as_json()
            .namespace_migrate(Migrate::CONFIRM)
            .succeeds_quietly();
        assert_eq!(
            wherever_they_lie(&ds),
            files,
            "run again, after {part} sixths"
        );
        if part < 6 {
            repo.as_json().namespace_migrate(reverse).succeeds_quietly();
        }
    }
    assert!(ds.files().keys().all(|path| path.starts_with("infra/")));
    repo.data_list("hello").snapshot();
    t.checkpoint("killed six times, and run again");
}

/// A directory that cannot be read stops a migration before anything is moved, and the message
/// says which. Today swamp crashes with a stack trace.
fn s58_unreadable_directory(t: &Trial) {
    let ds = t.store("ds");
    let repo = unmigrated(t, &ds).unprivileged();
    let before = repo.state_with(&ds);
    t.checkpoint("infra is set");

    let open = t.chmod("ds/data/command", 0o000);
    let human = repo.namespace_migrate(Migrate::CONFIRM).fails(1);
    let json = repo.as_json().namespace_migrate(Migrate::CONFIRM).fails(1);
    t.chmod("ds/data/command", open);
    assert!(
        json.error()
            .starts_with("Permission denied (os error 13): readdir")
    );
    assert!(json.error().contains("ds/data/command"));
    repo.state_with(&ds)
        .assert_same_as(&before, "after the refusals");
    t.planned(
        human.refuses(&["ds/data/command"]) && json.refuses(&["ds/data/command"]),
        Deviation {
            id: "crash-on-unreadable-directory",
            plan: "a directory that cannot be read is an error in words",
            today: "it is a crash, with a stack trace of swamp's source",
            severity: Severity::Crash,
        },
    );

    repo.as_json()
        .namespace_migrate(Migrate::CONFIRM)
        .succeeds_quietly();
    repo.data_list("hello").snapshot();
    t.checkpoint("migrated when it can be read");
}
