//! What a sync does, against a bucket in memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::bucket::Bucket;
use super::keys::{INDEX, SIDECAR};
use super::lock::Lock;
use super::memory::Memory;
use super::registry;
use super::sync::{Said, Sync};
use crate::faults::{Fault, Faults};
use crate::output::Output;
use crate::quirks::{Quirk, Quirks};
use crate::session::{Environment, Session};

const RAW: &str = "data/t/t/m/log/1/raw";

/// A cache of a bucket, and the switches of all syncs of it.
struct World {
    dir: TempDir,
    bucket: Arc<Memory>,
    session: Session,
}

impl World {
    fn new() -> Self {
        Self::on(Arc::default())
    }

    fn on(bucket: Arc<Memory>) -> Self {
        let output = Output::to(Box::new(io::sink()), Box::new(io::sink()));
        let env = Environment::with(&[("SWAMP_LOCK_TIMEOUT_MS", "30")]);
        Self {
            dir: tempfile::tempdir().expect("a temporary directory"),
            bucket,
            session: Session::new(PathBuf::from("/"), env, output).expect("a session"),
        }
    }

    fn without(mut self, quirk: Quirk) -> Self {
        self.session.quirks = Quirks::without(&[quirk]);
        self
    }

    fn with(mut self, fault: Fault) -> Self {
        self.session.faults = Faults::with(&[fault]);
        self
    }

    fn sync(&self, namespace: Option<&str>) -> Sync<'_> {
        let namespace = namespace.map(str::to_owned);
        Sync::new(
            self.bucket.as_ref(),
            self.dir.path(),
            namespace,
            &self.session,
        )
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, text).expect("a file");
        path
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.path().join(path)).unwrap_or_default()
    }

    fn push(&self, namespace: Option<&str>) -> usize {
        self.sync(namespace).push().expect("a push")
    }

    fn pull(&self, namespace: Option<&str>) -> usize {
        self.sync(namespace).pull(None).expect("a pull")
    }

    /// A run: changes a file, and pushes it in two steps.
    fn run(&self, namespace: Option<&str>, path: &str, text: &str) -> Result<usize, String> {
        let mut sync = self.sync(namespace);
        sync.mark_dirty(Some(&self.write(path, text)))
            .expect("a mark");
        let manifest = sync.prepare().map_err(|problem| problem.message)?;
        sync.commit(&manifest).map_err(|problem| problem.message)
    }
}

fn infra(path: &str) -> String {
    format!("infra/{path}")
}

#[test]
fn what_one_pushes_another_pulls() {
    for namespace in [None, Some("infra")] {
        let prefix = namespace.map_or(String::new(), |name| format!("{name}/"));
        let one = World::new();
        one.write(&format!("{prefix}{RAW}"), "one");
        one.write(&format!("{prefix}.namespace.json"), "internal");
        assert_eq!(one.push(namespace), 1);
        assert_eq!(
            one.bucket.keys(),
            [
                format!("{prefix}{INDEX}"),
                format!("{prefix}_index/_meta.json"),
                format!("{prefix}_index/data--t--t--m.json"),
                format!("{prefix}{RAW}"),
            ]
        );
        assert_eq!(one.push(namespace), 0);
        let other = World::on(Arc::clone(&one.bucket));
        assert_eq!((other.pull(namespace), other.pull(namespace)), (1, 0));
        assert_eq!(other.read(&format!("{prefix}{RAW}")), "one");
        assert!(other.read(SIDECAR).contains("\"localDirty\": false"));
    }
}

#[test]
fn a_namespace_sees_and_removes_its_own_alone() {
    let one = World::new();
    one.write("infra/data/t/t/m/log/1/raw", "one");
    one.write("infra/data/t/t/m/log/latest", "1");
    one.push(Some("infra"));
    let two = World::on(Arc::clone(&one.bucket));
    two.write("security/data/t/t/m/log/1/raw", "two");
    two.push(Some("security"));
    assert_eq!(two.pull(Some("security")), 0);
    fs::remove_dir_all(one.dir.path().join("infra/data/t/t/m/log")).expect("a removal");
    let mut sync = one.sync(Some("infra"));
    let gone = one.dir.path().join("infra/data/t/t/m/log");
    sync.mark_dirty(Some(&gone)).expect("a mark");
    let manifest = sync.prepare().expect("a preparation");
    assert_eq!(sync.commit(&manifest).expect("a commit"), 2);
    let keys = one.bucket.keys();
    assert!(keys.contains(&"security/data/t/t/m/log/1/raw".to_owned()));
    assert!(!keys.iter().any(|key| key.starts_with("infra/data")));
}

#[test]
fn quirk_stale_latest() {
    for (quirk_on, seen) in [(true, "1"), (false, "2")] {
        let one = World::new();
        let latest = "infra/data/t/t/m/log/latest";
        one.write(latest, "1");
        one.push(Some("infra"));
        let mut other = World::on(Arc::clone(&one.bucket));
        if !quirk_on {
            other = other.without(Quirk::StaleLatest);
        }
        other.pull(Some("infra"));
        one.run(Some("infra"), latest, "2").expect("a run");
        other.pull(Some("infra"));
        assert_eq!(other.read(latest), seen);
    }
}

#[test]
fn quirk_stranded_push() {
    for (quirk_on, pushed) in [(true, 0), (false, 1)] {
        let mut world = World::new();
        if !quirk_on {
            world = world.without(Quirk::StrandedPush);
        }
        world
            .run(Some("infra"), "infra/data/t/t/m/log/1/raw", "a")
            .expect("a run");
        world.bucket.refuse(Some("log/2"));
        let failed = world.run(Some("infra"), "infra/data/t/t/m/log/2/raw", "b");
        assert_eq!(
            failed,
            Err("Failed to push 1 file(s) to S3: data/t/t/m/log/2/raw\n  - data/t/t/m/log/2/raw: HTTP 403".to_owned())
        );
        world.bucket.refuse(None);
        assert_eq!(world.push(Some("infra")), pushed);
    }
}

#[test]
fn quirk_migrates_solo_repo_into_namespace() {
    for (quirk_on, key) in [(true, infra(RAW)), (false, RAW.to_owned())] {
        let solo = World::new();
        solo.write(RAW, "solo");
        solo.push(None);
        let mut world = World::on(Arc::clone(&solo.bucket));
        if !quirk_on {
            world = world.without(Quirk::MigratesSoloRepoIntoNamespace);
        }
        world.write("infra/data/t/t/other/log/1/raw", "own");
        world.push(Some("infra"));
        let mut sync = world.sync(Some("infra"));
        sync.push().expect("a push");
        let said = sync.said();
        assert_eq!(
            said.contains(&Said::Out(
                "[s3-sync] Migration complete: 1/1 object(s) moved to \"infra/\"".to_owned()
            )),
            quirk_on,
            "{said:?}"
        );
        let keys = world.bucket.keys();
        assert!(keys.contains(&key), "{keys:?}");
        assert_eq!(keys.contains(&RAW.to_owned()), !quirk_on);
    }
}

#[test]
fn quirk_deletion_does_not_propagate() {
    for (quirk_on, there) in [(true, true), (false, false)] {
        let one = World::new();
        let (kept, mine) = ("infra/data/t/t/m/log/2/raw", "infra/data/t/t/m/log/3/raw");
        one.write(&infra(RAW), "old");
        one.write(kept, "kept");
        one.write(mine, "as it was");
        one.push(Some("infra"));
        let mut other = World::on(Arc::clone(&one.bucket));
        if !quirk_on {
            other = other.without(Quirk::DeletionDoesNotPropagate);
        }
        other.pull(Some("infra"));
        let mut sync = one.sync(Some("infra"));
        for path in [RAW, "data/t/t/m/log/3/raw"] {
            let gone = one.dir.path().join(infra(path));
            fs::remove_file(&gone).expect("a removal");
            sync.mark_dirty(Some(&gone)).expect("a mark");
        }
        let manifest = sync.prepare().expect("a preparation");
        assert_eq!(sync.commit(&manifest).expect("a commit"), 2);
        // What was changed here meanwhile is nobody else's to remove.
        other.write(mine, "changed");
        other.pull(Some("infra"));
        let dir = other.dir.path().join("infra/data/t/t/m/log/1");
        assert_eq!(dir.exists(), there);
        assert_eq!(
            [other.read(kept), other.read(mine)],
            ["kept", "changed"].map(str::to_owned)
        );
        other.push(Some("infra"));
        assert_eq!(other.bucket.keys().contains(&infra(RAW)), there);
    }
}

#[test]
fn quirk_namespaced_push_never_fast() {
    for (quirk_on, remembered) in [(true, false), (false, true)] {
        let mut world = World::new();
        if !quirk_on {
            world = world.without(Quirk::NamespacedPushNeverFast);
        }
        world.write("infra/data/t/t/m/log/1/raw", "a");
        world.push(Some("infra"));
        assert_eq!(world.read(SIDECAR).contains("dataKeyMigrated"), remembered);
    }
}

#[test]
fn quirk_sync_log_on_stdout() {
    for (quirk_on, out) in [(true, true), (false, false)] {
        let mut world = World::new();
        if !quirk_on {
            world = world.without(Quirk::SyncLogOnStdout);
        }
        let mut sync = world.sync(None);
        sync.mark_dirty(Some(&world.write(RAW, "a")))
            .expect("a mark");
        let manifest = sync.prepare().expect("a preparation");
        sync.commit(&manifest).expect("a commit");
        assert_eq!(matches!(sync.said().as_slice(), [Said::Out(_)]), out);
    }
}

#[test]
fn faults_of_a_push() {
    let pushed = |fault| {
        let world = World::new().with(fault);
        world
            .bucket
            .put("security/data/x", b"x")
            .expect("an object");
        world
            .bucket
            .put("infra/.namespace.json", b"{}")
            .expect("an object");
        world.write("infra/data/t/t/m/log/1/raw", "a");
        let first = world.push(Some("infra"));
        world.write("infra/data/t/t/m/log/2/raw", "b");
        (first, world.push(Some("infra")), world.bucket.keys())
    };
    let has = |keys: &[String], key: &str| keys.iter().any(|other| other == key);
    let (_, _, keys) = pushed(Fault::PushDeletesForeign);
    assert!(!has(&keys, "security/data/x") && has(&keys, &infra(RAW)));
    let (_, _, keys) = pushed(Fault::IndexAtRoot);
    assert!(has(&keys, INDEX) && !has(&keys, &infra(INDEX)));
    let (_, _, keys) = pushed(Fault::ManifestDeletedByPush);
    assert!(!has(&keys, "infra/.namespace.json"));
    assert!(matches!(pushed(Fault::FastPathAlways), (1, 0, _)));
    assert!(matches!(pushed(Fault::FastPathNever), (1, 2, _)));
    assert!(matches!(pushed(Fault::Pr1386), (1, 1, _)));
}

#[test]
fn fault_bug_534() {
    let world = World::new();
    world.write("infra/data/t/t/m/log/1/raw", "a");
    let mut sync = world.sync(Some("infra")).forgetting_the_namespace();
    assert_eq!(sync.push().expect("a push"), 1);
    assert!(world.bucket.keys().contains(&RAW.to_owned()));
}

#[test]
fn the_parts_of_the_index_can_become_what_counts() {
    let world = World::new();
    world
        .run(Some("infra"), "infra/data/t/t/m/log/1/raw", "a")
        .expect("a run");
    let meta = world
        .sync(Some("infra"))
        .migrate_index()
        .expect("a migration");
    assert_eq!((meta.parts.len(), meta.sequence), (1, Some(1)));
    world
        .run(Some("infra"), "infra/data/t/t/n/log/1/raw", "b")
        .expect("a run");
    let meta = world.bucket.text("infra/_index/_meta.json");
    assert!(meta.ends_with("\"commitSeq\":2}"), "{meta}");
    let other = World::on(Arc::clone(&world.bucket));
    assert_eq!(other.pull(Some("infra")), 2);
    assert_eq!(other.read("infra/data/t/t/n/log/1/raw"), "b");
}

#[test]
fn a_path_does_not_lead_out_of_the_cache() {
    let world = World::new();
    let index = r#"{"version":1,"lastPulled":"T","entries":{"../../x":{"key":"../../x","size":1,"lastModified":"T"}}}"#;
    world
        .bucket
        .put("infra/.datastore-index.json", index.as_bytes())
        .expect("an object");
    let problem = world.sync(Some("infra")).pull(None).expect_err("a refusal");
    assert!(
        problem.message.contains("Path traversal detected"),
        "{problem:?}"
    );
}

#[test]
fn a_namespace_has_one_owner() {
    let bucket = Memory::default();
    registry::register(&bucket, "infra", "one").expect("a claim");
    registry::register(&bucket, "infra", "one").expect("the same claim");
    let problem = registry::register(&bucket, "infra", "two").expect_err("taken");
    assert_eq!(
        problem.message,
        "Namespace \"infra\" is already registered by repo one"
    );
    assert_eq!(
        registry::owner(&bucket, "infra"),
        Ok(Some("one".to_owned()))
    );
    assert_eq!(registry::owner(&bucket, "none"), Ok(None));
    assert_eq!(registry::namespaces(&bucket), Ok(vec!["infra".to_owned()]));
    let claim = registry::claim(&bucket, "infra").expect("a manifest");
    assert_eq!(claim.repo_id.as_deref(), Some("one"));
    assert!(claim.registered_at.is_some());
    for (who, stays) in [("two", true), ("one", false)] {
        registry::release(&bucket, "infra", who).expect("a release");
        assert_eq!(!bucket.keys().is_empty(), stays);
    }
}

#[test]
fn a_lock_is_held_by_one() {
    let world = World::new();
    let bucket: Arc<dyn Bucket> = Arc::clone(&world.bucket) as Arc<dyn Bucket>;
    let lock = Lock::global(&bucket, Some("infra"), &world.session);
    let held = lock.acquire(&world.session.env).expect("the lock");
    assert_eq!(world.bucket.keys(), [".locks/infra.lock"]);
    let Err(problem) = lock.acquire(&world.session.env) else {
        panic!("a lock that is held is not taken");
    };
    assert!(
        problem
            .message
            .starts_with("Lock \".locks/infra.lock\" held by "),
        "{problem:?}"
    );
    let other = Lock::global(&bucket, Some("security"), &world.session);
    assert_eq!(
        other
            .acquire(&world.session.env)
            .expect("another")
            .release(),
        None
    );
    assert_eq!(held.release(), None);
    assert!(world.bucket.keys().is_empty());
    let shared = World::on(Arc::clone(&world.bucket)).with(Fault::LockKeyWithoutNamespace);
    let lock = Lock::global(&bucket, Some("infra"), &shared.session);
    assert_eq!(lock.key, ".datastore.lock");
}

#[test]
fn a_lock_that_was_taken_over_is_not_given_back() {
    let world = World::new();
    let bucket: Arc<dyn Bucket> = Arc::clone(&world.bucket) as Arc<dyn Bucket>;
    let lock = Lock::of_model(&bucket, Some("infra"), "t/t", "m", &world.session);
    let held = lock.acquire(&world.session.env).expect("the lock");
    let text = world
        .bucket
        .text(&lock.key)
        .replace("\"nonce\": \"", "\"nonce\": \"not-");
    world
        .bucket
        .put(&lock.key, text.as_bytes())
        .expect("an object");
    let said = held.release().expect("a message");
    assert!(said.contains("was taken over during hold"), "{said}");
    let nonce = lock.holder().expect("a holder").nonce;
    assert_eq!(lock.force_release("other"), Ok(false));
    assert_eq!(lock.force_release(&nonce), Ok(true));
    assert!(lock.holder().is_none() && Path::new(&lock.key).ends_with(".lock"));
}
