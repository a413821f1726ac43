use super::run::{begin, end};
use super::*;
use std::fs::File;
use std::io::Write;

fn dir(base: &Path, name: &str) -> PathBuf {
    let path = base.join(name);
    fs::create_dir_all(path.join("w")).unwrap();
    mark(&path).unwrap();
    fs::write(path.join("w/file"), "x").unwrap();
    path
}

fn aged(path: &Path, age: Duration) {
    let then = SystemTime::now() - age;
    for path in [path.to_owned(), path.join("w"), path.join("notes")] {
        if let Ok(file) = File::open(path) {
            file.set_modified(then).unwrap();
        }
    }
}

fn swept(base: &Path, age: Duration) -> Swept {
    let mut swept = Swept::default();
    sweep_in(base, age, Mode::Remove, &mut swept, &mut |_, _| {});
    swept
}

#[test]
fn what_a_run_that_goes_on_uses_is_not_touched_and_what_a_dead_one_used_goes() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    let mut live = begin(base).unwrap();
    let mut dead = begin(base).unwrap();
    let (used, left) = (dir(base, "swamp-uat-used"), dir(base, "swamp-uat-left"));
    let foreign = ["swamp-uat-checkout", "another"].map(|name| base.join(name));
    for path in &foreign {
        fs::create_dir_all(path.join("notes")).unwrap();
        aged(path, 2 * OLD);
    }
    writeln!(live.file, "swamp-uat-used").unwrap();
    writeln!(dead.file, "swamp-uat-left").unwrap();
    drop(dead.file);
    aged(&used, 2 * OLD);
    let done = swept(base, Duration::ZERO);
    assert_eq!(
        (done.abandoned.each.len(), done.kept.each.len(), done.in_use),
        (1, 0, 1)
    );
    assert!(done.abandoned.bytes > 0);
    assert!(used.exists() && !left.exists());
    assert!(foreign.iter().all(|path| path.exists()));
    assert!(live.path.exists() && !dead.path.exists());
}

#[test]
fn what_no_run_names_goes_when_it_is_a_kept_sandbox_or_has_settled() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    let [new, settled, kept] =
        ["new", "settled", "kept"].map(|name| dir(base, &format!("swamp-uat-{name}")));
    aged(&settled, 2 * SETTLED);
    fs::write(kept.join("notes/repro.sh"), "").unwrap();
    let done = swept(base, OLD);
    assert!(done.did_nothing(), "{done:?}");
    let done = swept(base, Duration::ZERO);
    assert_eq!(
        (done.abandoned.each.len(), done.kept.each.len(), done.young),
        (1, 1, 1)
    );
    assert!(new.exists() && !settled.exists() && !kept.exists());
    aged(&new, 2 * OLD);
    assert_eq!(swept(base, OLD).abandoned.each.len(), 1);
}

#[test]
fn directories_without_permissions_go_as_well() {
    use std::os::unix::fs::PermissionsExt;
    let base = tempfile::tempdir().unwrap();
    let shut = dir(base.path(), "swamp-uat-shut");
    aged(&shut, 2 * SETTLED);
    fs::set_permissions(shut.join("w"), fs::Permissions::from_mode(0o000)).unwrap();
    let done = swept(base.path(), Duration::ZERO);
    assert_eq!((done.abandoned.each.len(), done.failed), (1, Vec::new()));
    assert!(!shut.exists());
}

#[test]
fn the_file_of_a_run_is_there_as_long_as_what_it_names() {
    let base = tempfile::tempdir().unwrap();
    let mut run = begin(base.path()).unwrap();
    writeln!(run.file, "swamp-uat-a").unwrap();
    let (live, dead) = runs(base.path());
    assert_eq!((live.len(), dead.len()), (1, 0));
    end(Some(run));
    let (live, dead) = runs(base.path());
    assert_eq!((live.len(), dead.len()), (0, 0));
}

#[test]
fn of_a_kept_sandbox_the_trial_the_age_and_the_size_are_told_and_progress_at_once() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    for name in ["one", "two"] {
        let path = dir(base, &format!("swamp-uat-{name}"));
        let script = format!("#!/bin/sh\n{REPLAYS}a::s01_b::s3 on it.\n");
        fs::write(path.join("notes/repro.sh"), script).unwrap();
        aged(&path, OLD / 2);
    }
    let (mut swept, mut told) = (Swept::default(), Vec::new());
    let mut tell = |done, all| told.push((done, all));
    sweep_in(base, Duration::ZERO, Mode::Look, &mut swept, &mut tell);
    assert_eq!(told, [(0, 2), (0, 2), (1, 2)]);
    for left in &swept.kept.each {
        assert_eq!(left.trial.as_deref(), Some("a::s01_b::s3"));
        assert!(left.bytes > 0 && left.path.exists());
        let age = left.age.unwrap();
        assert!(age >= OLD / 2 && age < OLD, "{age:?}");
    }
    assert_eq!(swept.kept.each.len(), 2);
}
