//! Phase D, beyond the plan: what was found wrong in buckets on the way, one scenario for each
//! symptom.

use serde_json::{Value, json};
use swamp_uat::prelude::*;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::D, on buckets;
    s71_owner_unknown_in_namespace_list,
    s72_second_push_takes_solo_data_away,
    s73_deleted_item_comes_back,
    s74_export_speaks_for_another_namespace,
    s75_lock_of_a_crashed_machine needs locks waits,
];

/// A repo named after its namespace with the model `hello`, which has run once.
fn writer<'t>(t: &'t Trial, ds: &Store, namespace: &str) -> Repo<'t> {
    let repo = t.team(ds, namespace, "hello");
    repo.as_json().run_model("hello", "echo one").succeeds();
    repo
}

/// The total of a `data list` or a `data query`.
fn total(said: &Output) -> Value {
    said.parsed::<Value>()["total"].clone()
}

/// `namespace list` tells whose a namespace is and since when, as the manifest in the bucket has
/// it. Today it does so on a filesystem datastore only: on a bucket both are empty.
fn s71_owner_unknown_in_namespace_list(t: &Trial) {
    let ds = t.store("ds");
    let infra = t.repo("infra").on_as(&ds, "infra");
    let manifest = ds.read_json("infra/.namespace.json");
    assert_eq!(manifest["repoId"], infra.id());
    let since = manifest["registeredAt"].as_str();
    assert!(since.is_some_and(|since| !since.is_empty()));
    t.checkpoint("registered");

    let told = infra.namespace_list().snapshot();
    assert_eq!(told.code, 0);
    let listed: Value = infra.as_json().namespace_list().snapshot().parsed();
    let entry = &listed["namespaces"][0];
    assert_eq!(entry["namespace"], "infra");
    t.planned(
        ["repoId", "registeredAt"].map(|field| &entry[field])
            == ["repoId", "registeredAt"].map(|field| &manifest[field])
            && told.is_done()
            && told.stdout.contains(&infra.id()),
        Deviation {
            id: "cloud-list-omits-owner",
            plan: "the list says which repo a namespace belongs to, and since when",
            today: "both are empty on a bucket, though the manifest in it says so",
            severity: Severity::WrongAnswer,
        },
    );
}

/// A solo repo has its data at the root of a bucket, and a namespaced repo pushes into the same
/// bucket, twice: the solo repo's objects stay where they are, to the byte, and a fresh machine
/// of it finds them. Today the second push moves them into the namespace.
fn s72_second_push_takes_solo_data_away(t: &Trial) {
    let ds = t.store("ds");
    // What is taken away from the root stays in the index there.
    ds.may_have_stale_parts();
    let solo = t.repo("solo").on(&ds);
    solo.add("world");
    solo.as_json().run_model("world", "echo solo").succeeds();
    let listed = solo.as_json().data_list("world").succeeds_quietly();
    listed.assert_lists(&["log 1", "result 1"]);
    let listed = listed.stdout;
    let of_solo = ds.files();
    assert!(of_solo.keys().any(|key| key.ends_with("/result/1/raw")));
    let infra = writer(t, &ds, "infra");
    t.checkpoint("both have written");

    let pushed = infra.sync(Sync::Push).snapshot();
    t.checkpoint("infra pushed again");
    let now = ds.files();
    let stays = of_solo
        .iter()
        .all(|(key, content)| now.get(key) == Some(content));
    let taken = of_solo
        .keys()
        .filter(|key| key.starts_with("data/"))
        .any(|key| now.contains_key(&format!("infra/{key}")));

    let fresh = solo.on_another_machine("fresh");
    fresh.as_json().sync(Sync::Pull).snapshot_code(0);
    let found = fresh.as_json().data_list("world").snapshot_rows(0).stdout;
    t.planned(
        stays
            && !taken
            && found == listed
            && pushed.is_done()
            && ds.is_consistent(&infra, "infra")
            && still_pushes(&infra, &ds),
        Deviation {
            id: "migrates-solo-repo-into-namespace",
            plan: "a push in a namespace leaves what a solo repo has at the root of the bucket",
            today: "it takes the root index for its own from before the namespace, copies the \
                    objects that it lists below the namespace and deletes the originals",
            severity: Severity::DataLoss,
        },
    );
    // Where it was written it still is: another run there would bring it back.
    assert_eq!(
        solo.as_json().data_list("world").succeeds_quietly().stdout,
        listed
    );
    t.checkpoint("pulled elsewhere");
}

/// Whether what `infra` writes arrives: who pushes nothing takes nothing away either.
fn still_pushes(infra: &Repo<'_>, ds: &Store) -> bool {
    infra.as_json().run_model("hello", "echo more").succeeds();
    let has = |end: &&str| ds.keys().iter().any(|key| key.ends_with(end));
    ["/result/2/raw", "/log/2/raw"].iter().all(has)
}

/// What is deleted on one machine of a namespace is gone on the other after its next pull, and no
/// push brings it back. Today a pull deletes nothing, and a push resurrects what was deleted.
fn s73_deleted_item_comes_back(t: &Trial) {
    let ds = t.store("ds");
    let infra = writer(t, &ds, "infra");
    let reader = infra.on_another_machine("reader");
    reader.as_json().sync(Sync::Pull).succeeds();
    assert_eq!(
        total(&reader.as_json().data_list("hello").succeeds_quietly()),
        2
    );
    t.checkpoint("on both machines");
    infra
        .as_json()
        .data_delete("hello", &["log", "--force"])
        .snapshot_code(0);
    let in_bucket = || ds.keys().iter().any(|key| key.contains("/log/"));
    assert!(!in_bucket());
    assert!(ds.keys().iter().any(|key| key.ends_with("/result/1/raw")));
    t.checkpoint("deleted on one");

    reader.as_json().sync(Sync::Pull).snapshot_code(0);
    let pulled = reader.as_json().data_list("hello").snapshot_rows(0);
    reader.as_json().sync(Sync::Push).snapshot_code(0);
    t.checkpoint("pulled and pushed on the other");
    t.planned(
        pulled.lists(&["result 1"]) && !in_bucket() && ds.is_consistent(&reader, "infra"),
        Deviation {
            id: "deletion-does-not-propagate",
            plan: "a pull removes what was deleted elsewhere, and a push does not bring it back",
            today: "the reader keeps it, and its push uploads it as if it were new",
            severity: Severity::WrongAnswer,
        },
    );
    ds.assert_consistent(&reader, "infra");
}

/// The catalog export of a namespace speaks for that namespace alone: a row in it that claims to
/// be the reader's own does not become one. Today it does.
fn s74_export_speaks_for_another_namespace(t: &Trial) {
    let ds = t.store("ds");
    let infra = writer(t, &ds, "infra");
    let exported = ds.read_json("infra/.catalog-export.json");
    let mut rows = exported.as_array().into_iter().flatten();
    let log = rows.find(|row| row["data_name"] == "log");
    let mut forged = log.expect("a row of the log").clone();
    forged["data_name"] = json!("forged");
    forged["id"] = json!("00000000-0000-4000-8000-0000000000f0");
    let export = json!([forged]).to_string();
    ds.put("security/.catalog-export.json", export.as_bytes());
    t.checkpoint("security exports a row of infra");

    infra.catalog_pull(&["security"]).snapshot_code(0);
    let own = infra.as_json().data_query(r#"ns == "infra""#);
    let own = own.in_no_order().snapshot_rows(0);
    let foreign = infra
        .as_json()
        .data_query(r#"ns == "security""#)
        .snapshot_rows(0);
    t.planned(
        own.finds(&["infra hello log 1", "infra hello result 1"])
            && foreign.finds(&["security hello forged 1"]),
        Deviation {
            id: "export-trusts-namespace",
            plan: "rows of a foreign export are of the namespace that it was pulled from",
            today: "they are of whatever namespace they claim, the reader's own too",
            severity: Severity::WrongAnswer,
        },
    );
    ds.assert_consistent(&infra, "infra");
}

/// How many milliseconds swamp says that it waited for the lock of `ghost@crashed`.
#[track_caller]
fn waited(error: &str) -> u64 {
    let said = "Lock \".locks/infra.lock\" held by ghost@crashed (pid 4242) — timed out after ";
    let waited = error.strip_prefix(said).and_then(|s| s.strip_suffix("ms"));
    waited
        .and_then(|waited| waited.parse().ok())
        .unwrap_or_else(|| panic!("{error}"))
}

/// A machine crashed and left the lock of the namespace behind. While the lock is fresh, a push
/// waits for it and gives up in time, and `lock status` says who holds it; `lock release --force`
/// removes it. One that outlived its time is taken over.
fn s75_lock_of_a_crashed_machine(t: &Trial) {
    let ds = t.store("ds");
    let infra = writer(t, &ds, "infra");
    let key = ".locks/infra.lock";
    let leave_lock = |ttl: u64| {
        let lock = json!({
            "holder": "ghost@crashed",
            "hostname": "crashed",
            "pid": 4242,
            "acquiredAt": jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string(),
            "ttlMs": ttl,
            "nonce": "00000000-0000-4000-8000-0000000000f1",
        });
        ds.put(key, lock.to_string().as_bytes());
    };
    let before = ds.files();
    t.checkpoint("pushed");
    leave_lock(30_000);
    let impatient = infra.with_env("SWAMP_LOCK_TIMEOUT_MS", "1500");
    let refused = impatient.as_json().sync(Sync::Push).snapshot();
    assert_eq!(refused.code, 1);
    let waited = waited(&refused.error());
    assert!((1500..20_000).contains(&waited), "{waited} ms");
    t.checkpoint("waited in vain");
    infra.lock_status().snapshot();
    let status: Value = infra.as_json().lock_status().snapshot().parsed();
    assert_eq!(status["held"], true);

    let elsewhere = infra.called_from(&t.directory("elsewhere"));
    elsewhere.lock_release().snapshot_code(0);
    assert_eq!(ds.files(), before);
    t.checkpoint("released by force");

    // Swamp goes by the age of the object, so this one is old a second after it was written.
    leave_lock(1000);
    infra.as_json().sync(Sync::Push).snapshot_code(0);
    assert!(!ds.keys().contains(key));
    t.checkpoint("taken over");
    ds.assert_consistent(&infra, "infra");
}
