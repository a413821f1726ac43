//! The secrets of a repo in a namespace, and the commands that show and change them.

use serde_json::Value;
use swamp_uat::prelude::*;
use swamp_uat::scenario::ran::Ran;

/// The scenarios of this file.
pub const SCENARIOS: &[Scenario] = scenarios![
    Phase::F, on filesystem;
    s106_vaults,
];

/// `swamp vault <words>`
fn vault<'t>(repo: &Repo<'t>, words: &[&str]) -> Ran<'t> {
    repo.swamp(&[&["vault"], words].concat())
}

/// What `vault <words> --json` says.
fn said(repo: &Repo<'_>, words: &[&str]) -> Value {
    vault(&repo.as_json(), words).succeeds_quietly().parsed()
}

/// A repo in a namespace that keeps two secrets in its vault, which say whose they are.
fn with_secrets<'t>(t: &'t Trial, ds: &Store, namespace: &str) -> Repo<'t> {
    let repo = t.repo(namespace).on_as(ds, namespace);
    said(&repo, &["create", "local_encryption", "v"]);
    for key in ["token", "user"] {
        said(&repo, &["put", "v", key, &format!("{key}-of-{namespace}")]);
    }
    repo
}

/// The vault of a repo in a namespace is listed, described and annotated there, and one of its secrets
/// is deleted; that of a neighbour, which has its name and secrets of the same names, stays as it is.
fn s106_vaults(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| with_secrets(t, &ds, name));
    t.checkpoint("both keep secrets");
    let json = infra.as_json();

    infra.nothing_changes(&ds, || {
        vault(&infra, &["list-keys", "v"]).snapshot_code(0);
        vault(&json, &["list-keys", "v"]).snapshot_code(0);
        let mut got: Value = vault(&json, &["get", "v"]).snapshot_code(0).parsed();
        got.as_object_mut().map(|it| it.remove("storagePath"));
        let told = vault(&json, &["describe", "v"]).snapshot_code(0);
        assert_eq!(told.parsed::<Value>(), got);
        vault(&infra, &["search", "V"]).snapshot_code(0);
        vault(&infra, &["inspect", "v", "token"]).snapshot_code(0);
        vault(&infra, &["audit-trail", "--key", "user"]).snapshot_code(0);
        vault(&json, &["audit-trail", "--limit", "1"]).snapshot_code(0);
        let refused =
            |words: &[&str], why: &str| vault(&infra, words).fails(1).assert_error_says(why);
        refused(
            &["list-keys", "nosuch"],
            "Vault not found: 'nosuch'. Available vaults: v",
        );
        refused(
            &["inspect", "v", "nosuch"],
            "Secret 'nosuch' does not exist in vault 'v'",
        );
        vault(&infra, &["migrate", "v", "--to-type", "local_encryption"]).snapshot_code(1);
        refused(
            &["delete", "v", "user"],
            "use --yes (-y) to skip confirmation",
        );
    });

    let noted = ["annotate", "v", "token", "--notes", "for builds"];
    vault(&infra, &[&noted[..], &["--label", "team=infra"]].concat()).snapshot_code(0);
    let more = [
        "annotate",
        "v",
        "token",
        "--url",
        "https://example.org/token",
    ];
    vault(&json, &more).snapshot_code(0);
    vault(&infra, &["inspect", "v", "token"]).snapshot_code(0);
    vault(&json, &["inspect", "v", "token"]).snapshot_code(0);
    vault(&json, &["annotate", "v", "token", "--clear"]).snapshot_code(0);
    vault(&json, &["delete", "v", "user", "--yes"]).snapshot_code(0);
    let gone = vault(&infra, &["delete", "v", "user", "--yes"]).fails(1);
    gone.assert_error_says("Secret 'user' not found in vault 'v'");
    vault(&json, &["read-secret", "v", "user"]).snapshot_code(1);
    assert_eq!(
        said(&infra, &["list-keys", "v"])["secretKeys"],
        serde_json::json!(["token"])
    );
    vault(&infra, &["read-secret", "v", "token", "--yes"]).snapshot_code(0);
    t.checkpoint("annotated, and one of them deleted");

    assert_eq!(said(&security, &["list-keys", "v"])["count"], 2);
    assert_eq!(
        said(&security, &["read-secret", "v", "user"])["value"],
        "user-of-security"
    );
    assert_eq!(
        said(&security, &["inspect", "v", "token"])["hasAnnotation"],
        false
    );
    assert_eq!(said(&security, &["audit-trail"])["returnedCount"], 2);
}
