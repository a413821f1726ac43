use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A world with a repo, a home and a datastore, and what `command` is told for what `act` does.
fn told(command: &str, code: Option<i32>, act: impl FnOnce(&Path)) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for name in ["infra/models", "infra/.swamp", "ds/data", "home"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    fs::write(root.join("infra/models/hello.yaml"), "name: hello\n").unwrap();
    fs::write(root.join("infra/.swamp.yaml"), MARKER).unwrap();
    let mut watch = Watch::new(root).unwrap();
    watch.repo("infra", &root.join("home"));
    watch.datastore(&root.join("ds"));
    watch.before().unwrap();
    act(root);
    let args: Vec<String> = command.split(' ').map(str::to_owned).collect();
    let done = Done {
        root,
        since: jiff::Timestamp::now(),
        commands: vec![("infra", &args, code)],
        forged: false,
    };
    watch.after(&done).unwrap()
}

const MARKER: &str = "swampVersion: 1.2.3
initializedAt: \"2026-11-22T09:16:48.148Z\"
repoId: 0f8fad5b-d9cb-469f-a165-70867728950e
tools: []
gitignoreManaged: true
datastore:
  type: filesystem
  path: /ds
  namespace: infra
";

fn write(path: &str, text: &str) -> impl FnOnce(&Path) {
    let (path, text) = (path.to_owned(), text.to_owned());
    move |root: &Path| {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

const RUN: &str = "model method run hello execute";

#[test]
fn what_the_table_knows_is_fine_and_all_else_is_named() {
    assert_eq!(told(RUN, Some(0), |_| {}), None);
    let manifest = "ds/infra/.namespace.json";
    let now = jiff::Timestamp::now();
    let sound = format!(
        "{{\"namespace\":\"infra\",\"repoId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\
         \"registeredAt\":\"{now:.3}\"}}"
    );
    let sound = sound.as_str();
    let earlier = sound.replace("\"2", "\"1");
    let set = "datastore namespace set infra";
    assert_eq!(told(set, Some(0), write(manifest, sound)), None);
    for (command, path, text, why) in [
        (set, manifest, "{}", "missing field"),
        (
            set,
            manifest,
            &sound.replace("infra", "other"),
            "another namespace",
        ),
        (set, manifest, &earlier, "and the trial of"),
        (set, "ds/other/.namespace.json", sound, "does not know"),
        (set, "infra/.swamp/data/a/b/c", "x", "does not know"),
        ("data list hello", manifest, sound, "no such command"),
        (set, "infra/models/hello.yaml", "changed", "does not know"),
        (set, "infra/.gitignore", "x\n", "no such command"),
        (set, "home/.netrc", "x", "does not know"),
        (set, "beside", "x", "made beside: a file"),
        (set, "ds/.locks/infra.lock", "{}", "a lock that stays"),
    ] {
        let told = told(command, Some(0), write(path, text)).unwrap();
        assert!(told.contains(why) && told.contains(path), "{path}: {told}");
    }
}

#[test]
fn a_command_that_was_killed_may_leave_half_of_what_it_wrote() {
    let half = "{\"namesp";
    let manifest = "ds/infra/.namespace.json";
    let set = "datastore namespace set infra";
    assert_eq!(told(set, None, write(manifest, half)), None);
    assert_eq!(told(set, None, write("ds/.locks/infra.lock", "{}")), None);
    assert!(told(set, None, write("home/.netrc", half)).is_some());
}

#[test]
fn a_migration_takes_along_whatever_lies_there_and_changes_nothing_of_it() {
    let migrate = "datastore namespace migrate --confirm";
    let stray = |root: &Path| root.join("ds/data/stray");
    let moved = |mode: u32| {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("ds/data")).unwrap();
        fs::write(stray(root), "x").unwrap();
        fs::set_permissions(stray(root), fs::Permissions::from_mode(0o644)).unwrap();
        let mut watch = Watch::new(root).unwrap();
        watch.datastore(&root.join("ds"));
        watch.before().unwrap();
        let to = root.join("ds/infra/data");
        fs::create_dir_all(&to).unwrap();
        fs::rename(stray(root), to.join("stray")).unwrap();
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(to.join("stray"), mode).unwrap();
        let args: Vec<String> = migrate.split(' ').map(str::to_owned).collect();
        let done = Done {
            root,
            since: jiff::Timestamp::now(),
            commands: vec![("infra", &args, Some(0))],
            forged: false,
        };
        watch.after(&done).unwrap()
    };
    assert_eq!(moved(0o644), None);
    assert!(moved(0o604).unwrap().contains("its permissions"));
    let told = told(migrate, Some(0), write("ds/data/stray", "x")).unwrap();
    assert!(told.contains("does not know"), "{told}");
}
