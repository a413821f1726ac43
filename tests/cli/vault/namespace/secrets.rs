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

/// Gives the repo a vault with two secrets, which say whose they are, and the time between the two.
fn keep_secrets(repo: &Repo<'_>) -> String {
    said(repo, &["create", "local_encryption", "v", "--audit-reads"]);
    let [token, user] = ["token", "user"].map(|key| format!("{key}-of-{}", repo.name()));
    said(repo, &["put", "v", "token", &token]);
    let between = now();
    said(repo, &["put", "v", "user", &user]);
    between
}

/// The time, as swamp writes it.
fn now() -> String {
    jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string()
}

/// The vault of a repo in a namespace is listed, described and annotated there, and one of its secrets
/// is deleted; that of a neighbour, which has its name and secrets of the same names, stays as it is,
/// though all is called from the neighbour's repo.
fn s106_vaults(t: &Trial) {
    let ds = t.store("ds");
    let [infra, security] = ["infra", "security"].map(|name| t.repo(name).on_as(&ds, name));
    let infra = infra.called_from(&security);
    keep_secrets(&infra);
    let between = keep_secrets(&security);
    t.checkpoint("both keep secrets");
    let json = infra.as_json();

    infra.nothing_changes(&ds, || {
        vault(&infra, &["list-keys", "v"]).snapshot_code(0);
        let of_type = ["get", "v", "--type", "local_encryption"];
        let mut got: Value = vault(&json, &of_type).snapshot_code(0).parsed();
        got.as_object_mut().map(|it| it.remove("storagePath"));
        let told = said(&infra, &["describe", "v", "--type", "local_encryption"]);
        assert_eq!(told, got);
        vault(&infra, &["describe", "v", "--type", "other"]).snapshot_code(1);
        vault(&infra, &["search", "V"]).snapshot_code(0);
        vault(&infra, &["inspect", "v", "token"]).snapshot_code(0);
        vault(&json, &["audit-trail", "--limit", "1"]).snapshot_code(0);
        vault(&infra, &["list-keys", "nosuch"]).snapshot_code(1);
        vault(&infra, &["inspect", "v", "nosuch"]).snapshot_code(1);
        vault(&infra, &["migrate", "v", "--to-type", "local_encryption"]).snapshot_code(1);
        vault(&infra, &["delete", "v", "user"]).snapshot_code(1);
    });

    let owned = ["put", "v", "token", "token of infra", "--yes"];
    vault(&infra, &[&owned[..], &["--label", "env=prod"]].concat()).snapshot_code(0);
    let noted = ["annotate", "v", "token", "--notes", "for builds"];
    vault(&infra, &[&noted[..], &["--label", "team=infra"]].concat()).snapshot_code(0);
    let url = [
        "annotate",
        "v",
        "token",
        "--url",
        "https://example.org/token",
    ];
    let more = [&url[..], &["--remove-label", "env"]].concat();
    vault(&json, &more).snapshot_code(0);
    vault(&infra, &["inspect", "v", "token"]).snapshot_code(0);
    vault(&json, &["inspect", "v", "token"]).snapshot_code(0);
    vault(&json, &["annotate", "v", "token", "--clear"]).snapshot_code(0);
    vault(&json, &["delete", "v", "user", "--yes"]).snapshot_code(0);
    vault(&infra, &["delete", "v", "user", "--yes"]).snapshot_code(1);
    vault(&infra, &["delete", "v", "user", "--force"]).snapshot_code(0);
    vault(&json, &["read-secret", "v", "user"]).snapshot_code(1);
    vault(&json, &["list-keys", "v"]).snapshot_code(0);
    let shown = vault(&infra, &["read-secret", "v", "token", "--yes"]).succeeds_quietly();
    assert_eq!(shown.stdout, "token of infra");
    // To inspect a secret is to read it, too.
    let reads = ["audit-trail", "--vault", "v", "--key", "token"];
    vault(&infra, &[&reads[..], &["--action", "get"]].concat()).snapshot_code(0);
    t.checkpoint("annotated, and one of them deleted");

    let until = now();
    let shown = vault(&security, &["read-secret", "v", "user", "--force"]).succeeds_quietly();
    assert_eq!(shown.stdout, "user-of-security");
    assert_eq!(
        said(&security, &["inspect", "v", "token"])["hasAnnotation"],
        false
    );
    let within = ["audit-trail", "--since", &between, "--until", &until];
    let within = said(&security, &within);
    assert_eq!(within["returnedCount"], 1);
    let entry = &within["entries"][0];
    assert_eq!([&entry["action"], &entry["secretKey"]], ["put", "user"]);
}
