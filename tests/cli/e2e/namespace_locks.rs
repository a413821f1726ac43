//! Phase F: locks. Scenario 37, and what was found on the way.

use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem_and_s3;
    s37_lock_status waits,
    s82_lock_of_a_neighbour on filesystem waits,
];

/// Where the lock of the namespace `infra` is.
const KEY: &str = ".locks/infra.lock";

/// What the lock of somebody says who took it at `time`.
fn lock(time: Timestamp, ttl_ms: u64) -> String {
    let lock = json!({
        "holder": "alice@elsewhere",
        "hostname": "elsewhere",
        // A process that there always is: swamp looks whether it lives, on whatever host.
        "pid": 1,
        "acquiredAt": format!("{time:.3}"),
        "ttlMs": ttl_ms,
        "nonce": "00000000-0000-4000-8000-000000000301",
    });
    format!("{lock:#}")
}

/// The lock of somebody who took it just now, and holds it for longer than any trial takes.
fn held_now() -> String {
    lock(Timestamp::now(), 600_000)
}

/// The repo, with commands that do not wait for a lock for long.
fn impatient<'t>(repo: &Repo<'t>) -> Repo<'t> {
    repo.as_json().with_env("SWAMP_LOCK_TIMEOUT_MS", "500")
}

/// What `lock status --json` says of the namespace's lock.
fn held(repo: &Repo<'_>) -> Value {
    let said: Value = repo.as_json().lock_status().snapshot().parsed();
    said["held"].clone()
}

/// The lock status is that of the own namespace, by a key of its own: not held, held, unreadable
/// or stale. Who holds it is waited for inside of the namespace, and not in another.
///
/// Not on GCS: `fake-gcs-server` excludes nobody, so that swamp's locks are void there.
///
/// Today the key is not shown, `--json` prints a document for each lock, what cannot be read
/// counts as no lock although it blocks, a run waits for twice the life of a lock, and on S3 to
/// have waited in vain is a crash.
fn s37_lock_status(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|namespace| t.team(&ds, namespace, "hello"));
    infra.lock_status().snapshot();
    assert_eq!(held(&infra), false);

    t.put_as(&ds, KEY, &held_now(), "taken by alice now, for ten minutes");
    t.checkpoint("infra is locked");
    let said = infra.lock_status().snapshot();
    assert_eq!(held(&infra), true);
    assert_eq!(held(&security), false);
    t.planned(
        said.is_done()
            && [KEY, "alice@elsewhere"]
                .iter()
                .all(|part| said.stdout.contains(part)),
        Deviation {
            id: "lock-status-hides-key",
            plan: "lock status shows the key of the namespace's lock",
            today: "it shows who holds it, and not what is held",
            severity: Severity::Wording,
        },
    );
    let waited = impatient(&infra).datastore_compact().snapshot();
    assert!(waited.stderr.contains("held by alice@elsewhere (pid 1)"));
    if t.backend().kind() == Kind::S3 {
        t.planned(
            waited.code == 75
                && !waited.stderr.contains("stack")
                && waited
                    .message()
                    .is_some_and(|message| message.contains(KEY)),
            Deviation {
                id: "lock-timeout-crashes",
                plan: "to have waited for a lock in vain is an error of its own, with exit code 75",
                today: "in a bucket it is a crash, with exit code 1 and a stack trace",
                severity: Severity::Crash,
            },
        );
    } else {
        assert_eq!(waited.code, 75);
    }
    impatient(&security).datastore_compact().succeeds();
    impatient(&security)
        .run_model("hello", "echo hi")
        .succeeds();

    if t.backend().kind() == Kind::Filesystem {
        of_a_run(t, &ds, &infra);
        of_a_model(t, &ds, &infra, &security);
        unreadable(t, &ds, &infra);
    }

    // Nobody renews this one: it is still shown, and does not keep anybody from anything.
    t.put_as(
        &ds,
        KEY,
        &lock(Timestamp::now(), 1),
        "taken by alice now, for a millisecond",
    );
    assert_eq!(held(&infra), true);
    infra.as_json().datastore_compact().succeeds();
    assert_eq!(held(&infra), false);
    t.checkpoint("a stale lock was taken away");
}

/// A run waits for who holds the lock of the namespace, too.
fn of_a_run(t: &Trial, ds: &Store, infra: &Repo<'_>) {
    // It must not be stale before the run gives up: its time has not yet begun.
    t.put_as(
        ds,
        KEY,
        &lock(Timestamp::now() + 1.hour(), 1500),
        "taken by alice in an hour, for 1500 ms",
    );
    let start = Instant::now();
    let ran = impatient(infra).run_model("hello", "echo hi").snapshot();
    let really = start.elapsed();
    assert_eq!(ran.code, 75);
    let waited = ran.stderr.split_once("timed out after ");
    let waited = waited.and_then(|(_, end)| end.split_once("ms")?.0.parse().ok());
    let waited: u64 = waited.unwrap_or_else(|| panic!("{}", ran.stderr));
    t.planned(
        // Not at all is not that long either.
        (500..2000).contains(&waited) && really >= Duration::from_millis(500),
        Deviation {
            id: "run-ignores-lock-timeout",
            plan: "a run waits as long as SWAMP_LOCK_TIMEOUT_MS says, as every command does",
            today: "it waits for twice the life of the lock, whatever that says",
            severity: Severity::WrongAnswer,
        },
    );
    t.take(ds, KEY);
}

/// While a model runs, its own lock is held, which commands that change the structure wait for.
fn of_a_model(t: &Trial, ds: &Store, infra: &Repo<'_>, security: &Repo<'_>) {
    let key = "infra/data/command/shell/00000000-0000-4000-8000-000000000001/.lock";
    t.put_as(ds, key, &held_now(), "taken by alice now, for ten minutes");
    infra.lock_status().snapshot();
    let said = infra.as_json().lock_status().snapshot();
    t.planned(
        said.code == 0 && said.document().is_some_and(|all| of_a_model_is_in(&all)),
        Deviation {
            id: "lock-status-concatenates-json",
            plan: "standard output of lock status --json is one JSON document",
            today: "it is one for every lock",
            severity: Severity::WrongAnswer,
        },
    );
    assert_eq!(held(security), false);
    impatient(infra).datastore_compact().snapshot_code(75);
    impatient(security).datastore_compact().succeeds_quietly();
    t.take(ds, key);
}

/// Whether the one document tells of the model's lock, which alice holds.
fn of_a_model_is_in(status: &Value) -> bool {
    let told = status.to_string();
    let id = "00000000-0000-4000-8000-000000000001";
    told.contains(id) && told.contains("alice@elsewhere") && told.contains("\"held\":true")
}

/// A lock that cannot be read is a lock: it blocks, status shows it, and it can be released.
fn unreadable(t: &Trial, ds: &Store, infra: &Repo<'_>) {
    t.put_as(ds, KEY, "{oops", "no JSON");
    impatient(infra).datastore_compact().snapshot_code(75);
    let held = held(infra);
    let released: Value = infra.as_json().lock_release().snapshot().parsed();
    let lock = ds.path().join(KEY);
    t.planned(
        held == true
            && released["released"] == true
            && !lock.exists()
            && impatient(infra)
                .datastore_compact()
                .succeeds_quietly()
                .is_done(),
        Deviation {
            id: "unreadable-lock-is-none",
            plan: "a lock that cannot be read is held, and lock release --force releases it",
            today: "both say that no lock is held, and every command waits for it in vain",
            severity: Severity::WrongAnswer,
        },
    );
}

/// Two namespaces and a solo repo share a datastore. While somebody holds the lock of one of them,
/// its own commands wait in vain, and the others collect and delete as ever.
fn s82_lock_of_a_neighbour(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|namespace| {
        let repo = t.team(&ds, namespace, "hello");
        repo.seed(&ds, namespace, "stock");
        repo
    });
    let solo = t.repo("solo").on(&ds);
    solo.add("hello");
    solo.seed(&ds, ".", "stock");
    t.checkpoint("stocked");
    let delete = |repo: &Repo<'_>, name| {
        let deleted = impatient(repo)
            .data_delete("hello", &[name])
            .succeeds_quietly();
        assert_eq!(deleted.parsed::<Value>()["versionsDeleted"], 1);
    };

    t.put_as(&ds, KEY, &held_now(), "taken by alice now, for ten minutes");
    impatient(&infra).data_gc(&[]).snapshot_code(75);
    assert_eq!(collected(&security), 3);
    delete(&solo, "kept");
    t.take(&ds, KEY);
    t.checkpoint("infra was locked");

    let of_solo = ".datastore.lock";
    t.put_as(
        &ds,
        of_solo,
        &held_now(),
        "taken by alice now, for ten minutes",
    );
    impatient(&solo).data_gc(&[]).snapshot_code(75);
    assert_eq!(collected(&infra), 3);
    delete(&security, "kept");
    t.take(&ds, of_solo);
    t.checkpoint("the solo repo was locked");
    assert_eq!(collected(&solo), 3);
}

/// How many versions `data gc` deletes.
fn collected(repo: &Repo<'_>) -> Value {
    let said: Value = impatient(repo).data_gc(&[]).succeeds_quietly().parsed();
    said["versionsDeleted"].clone()
}
